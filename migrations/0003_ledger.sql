-- The ledger: one row for each time money moved. Append-only; finance reads it directly.

create table revenue_events (
    tenant_id                  uuid not null references tenants (id),
    id                         uuid not null,
    seq                        bigint generated always as identity,
    money_key                  text not null,
    version                    integer not null check (version > 0),
    payment_name               text not null,
    event_type                 text not null check (event_type in ('payment', 'refund', 'refund_failed', 'dispute',
                                   'dispute_reversal', 'subscription_created', 'subscription_updated',
                                   'subscription_cancelled', 'adjustment')),
    amount_minor               bigint not null check (abs(amount_minor) <= 999999999999),
    currency                   text not null check (currency ~ '^[a-z]{3}$'),
    base_amount_minor          bigint check (abs(base_amount_minor) <= 999999999999999),
    product_name               text,
    product_category           text,
    is_recurring               boolean not null,
    is_tie_presumed            boolean not null default false,
    lead_id                    uuid,
    customer_email             text,
    attribution_channel        text not null,
    mrr_impact_minor           bigint not null default 0,
    stripe_event_id            text not null,
    stripe_customer_id         text,
    stripe_subscription_id     text,
    stripe_invoice_id          text,
    stripe_charge_id           text,
    stripe_payment_intent_id   text,
    stripe_checkout_session_id text,
    stripe_refund_id           text,
    stripe_created_at          timestamptz not null check (isfinite(stripe_created_at)),
    created_at                 timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, money_key, version),
    foreign key (tenant_id, lead_id) references leads (tenant_id, id),
    foreign key (tenant_id, stripe_event_id) references stripe_events (tenant_id, stripe_event_id),
    constraint revenue_events_sign check (case event_type
        when 'payment' then amount_minor > 0
        when 'refund' then amount_minor < 0
        when 'refund_failed' then amount_minor > 0
        when 'dispute' then amount_minor < 0
        when 'dispute_reversal' then amount_minor > 0
        when 'adjustment' then true
        else amount_minor = 0 end)
);

create index revenue_events_time on revenue_events (tenant_id, stripe_created_at);
create index revenue_events_payment on revenue_events (tenant_id, payment_name);

comment on table  revenue_events                     is 'One row per money movement. Rows never change: what is learned later becomes a new version that supersedes the old. Sum amount_minor per currency over revenue_events_current for net revenue.';
comment on column revenue_events.seq                 is 'Order of writing.';
comment on column revenue_events.money_key           is 'The money''s own key: one payment, refund or dispute has one, whatever events told of it.';
comment on column revenue_events.version             is 'Counts what we learned about the same money.';
comment on column revenue_events.payment_name        is 'The payment it belongs to, by the name it had then: in_…, pi_…, ch_… or cs_….';
comment on column revenue_events.event_type          is 'What moved: payment, refund, refund_failed, dispute, dispute_reversal, subscription_*, adjustment.';
comment on column revenue_events.amount_minor        is 'Signed minor units of currency: what came in is positive, what went out negative, subscription events 0.';
comment on column revenue_events.currency            is 'ISO 4217 code, lower case.';
comment on column revenue_events.base_amount_minor   is 'The same in the tenant''s currency; null when no rate is known.';
comment on column revenue_events.product_name        is 'What was sold, as named at the time.';
comment on column revenue_events.product_category    is 'Its category, when Stripe''s metadata told.';
comment on column revenue_events.is_recurring        is 'Whether it is a payment for a subscription, from the invoice''s lines, never from the amount.';
comment on column revenue_events.is_tie_presumed     is 'Whether its invoice and its charge are taken to be one by customer, amount and time, because no event ties them.';
comment on column revenue_events.lead_id             is 'The lead who paid.';
comment on column revenue_events.customer_email      is 'The payer, trimmed and lower-cased.';
comment on column revenue_events.attribution_channel is 'The channel credited, or unknown; why is in attribution_evidence.';
comment on column revenue_events.mrr_impact_minor    is 'By how much it moved monthly recurring revenue.';
comment on column revenue_events.stripe_event_id     is 'The event that tells of this movement.';
comment on column revenue_events.stripe_created_at   is 'Stripe''s time of the movement; every report uses it.';
comment on column revenue_events.created_at          is 'When we wrote the row.';

create table revenue_event_supersessions (
    tenant_id     uuid not null,
    superseded_id uuid not null,
    successor_id  uuid,
    created_at    timestamptz not null,
    primary key (tenant_id, superseded_id),
    foreign key (tenant_id, superseded_id) references revenue_events (tenant_id, id),
    foreign key (tenant_id, successor_id) references revenue_events (tenant_id, id)
);

comment on table  revenue_event_supersessions              is 'Rows that no longer count, and what counts instead.';
comment on column revenue_event_supersessions.successor_id is 'The row that took its place; null when the money turned out to be part of another row.';

create view revenue_events_current with (security_invoker = true) as
select r.*
from revenue_events r
where not exists (
    select from revenue_event_supersessions s
    where s.tenant_id = r.tenant_id and s.superseded_id = r.id
);

comment on view revenue_events_current is 'The rows that count now.';

create table attribution_evidence (
    tenant_id        uuid not null,
    revenue_event_id uuid not null,
    rank             smallint not null check (rank > 0),
    method           text not null check (method in ('lead_email', 'metadata')),
    matched          text not null,
    channel          text not null,
    lead_id          uuid,
    primary key (tenant_id, revenue_event_id, rank),
    foreign key (tenant_id, revenue_event_id) references revenue_events (tenant_id, id),
    foreign key (tenant_id, lead_id) references leads (tenant_id, id)
);

comment on table  attribution_evidence         is 'Every channel a row could have been credited to, and why; rank 1 was chosen.';
comment on column attribution_evidence.method  is 'How it was found: lead_email or metadata.';
comment on column attribution_evidence.matched is 'What matched: the e-mail, or key=value of Stripe''s metadata.';

-- Raw facts and ledger rows are history: the database itself refuses to rewrite it.
create function refuse_rewriting_history() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger revenue_events_append_only before update or delete on revenue_events
    for each row execute function refuse_rewriting_history();
create trigger revenue_event_supersessions_append_only before update or delete on revenue_event_supersessions
    for each row execute function refuse_rewriting_history();
create trigger attribution_evidence_append_only before update or delete on attribution_evidence
    for each row execute function refuse_rewriting_history();
