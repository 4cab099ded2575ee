-- What each event pays for, without need.

-- A bounded repetition is as many states of an automaton: that took longer than all else of a row. The same rule in words
-- that are quick to check; it is checked again whenever a row is updated.
alter table stripe_events
    drop constraint stripe_events_stripe_event_id_check,
    add constraint stripe_events_stripe_event_id_check
        check (length(stripe_event_id) between 5 and 254 and stripe_event_id ~ '^evt_[A-Za-z0-9_]+$');

-- A clue only leads to an event's facts, which are held to their event themselves.
alter table attribution_clues drop constraint attribution_clues_tenant_id_stripe_event_id_fkey;

-- What a checkout said of a subscription, without reading everything that was ever paid for it.
create index payment_facts_sessions on payment_facts (tenant_id, (fact ->> 'subscription'))
    where fact -> 'names' ->> 'checkout_session' is not null;
