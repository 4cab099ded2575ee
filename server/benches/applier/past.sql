-- Every row of what was booked :times more, ids made unlike by a number before them. The foreign keys hold by construction.
set session_replication_role = replica;
create temporary table copies as select n, n || 'c' as mark from generate_series(1, :times) n;

insert into stripe_events (tenant_id, stripe_event_id, body, received_at, state, event_type, reason, applied_at, attempts,
    took_us, api_version, livemode, stripe_created_at)
select tenant_id, 'evt_' || mark || substr(stripe_event_id, 5), '', received_at, state, event_type, reason, applied_at,
    attempts, took_us, api_version, livemode, stripe_created_at
from stripe_events, copies;

insert into payment_names
select tenant_id, overlay(name placing '_' || mark from position('_' in name) for 1),
    md5(mark || payment_id)::uuid from payment_names, copies;

insert into payment_facts
select tenant_id, 'evt_' || mark || substr(stripe_event_id, 5), md5(mark || payment_id)::uuid, fact,
    overlay(customer placing '_' || mark from 4 for 1), amount_minor, currency, seen_at
from payment_facts, copies;

insert into attribution_clues
select tenant_id, replace(clue, 'Life', mark || 'Life'), 'evt_' || mark || substr(stripe_event_id, 5)
from attribution_clues, copies;

insert into revenue_events (tenant_id, id, money_key, version, payment_name, event_type, amount_minor, currency,
    base_amount_minor, product_name, product_category, is_recurring, is_tie_presumed, lead_id, customer_email,
    attribution_channel, mrr_impact_minor, stripe_event_id, stripe_customer_id, stripe_subscription_id,
    stripe_invoice_id, stripe_charge_id, stripe_payment_intent_id, stripe_checkout_session_id, stripe_refund_id,
    stripe_created_at, created_at, mrr_movement_key)
select tenant_id, md5(mark || id)::uuid, mark || money_key, version, mark || payment_name, event_type, amount_minor,
    currency, base_amount_minor, product_name, product_category, is_recurring, is_tie_presumed, lead_id, customer_email,
    attribution_channel, mrr_impact_minor, 'evt_' || mark || substr(stripe_event_id, 5), stripe_customer_id,
    stripe_subscription_id, stripe_invoice_id, stripe_charge_id, stripe_payment_intent_id, stripe_checkout_session_id,
    stripe_refund_id, stripe_created_at, created_at, mrr_movement_key
from revenue_events, copies;

insert into revenue_event_supersessions
select tenant_id, md5(mark || superseded_id)::uuid, md5(mark || successor_id)::uuid, created_at
from revenue_event_supersessions, copies;

insert into attribution_evidence
select tenant_id, md5(mark || revenue_event_id)::uuid, rank, method, matched, channel, lead_id, confidence,
    lead_created_at, is_before_payment
from attribution_evidence, copies;

insert into subscription_facts
select tenant_id, 'evt_' || mark || substr(stripe_event_id, 5), mark || subscription_id, mark || customer_id, open_terms, fact
from subscription_facts, copies;

insert into subscription_versions
select tenant_id, mark || subscription_id, ordinal, mark || customer_id, effective_from, status, currency, mrr_minor,
    trial_mrr_minor, past_due_mrr_minor, base_mrr_minor, base_trial_mrr_minor, untold_parts, is_collection_paused,
    is_given_up, period_start, period_end, ends_at, cancel_reason, cancel_feedback, items,
    'evt_' || mark || substr(stripe_event_id, 5), digest
from subscription_versions, copies;

insert into mrr_movements (tenant_id, id, movement_key, version, customer_id, kind, detail, effective_at, currency,
    amount_minor, base_amount_minor, is_unconverted, cause_event_ids, feedback, definition, created_at, superseded_at)
select tenant_id, md5(mark || id)::uuid, mark || movement_key, version, mark || customer_id, kind, detail, effective_at,
    currency, amount_minor, base_amount_minor, is_unconverted, cause_event_ids, feedback, definition, created_at,
    superseded_at
from mrr_movements, copies;

vacuum analyze;
checkpoint;
select count(*) from revenue_events;
