-- What it took to apply each event, and the payments that could not be collected.

alter table stripe_events
    add column attempts          integer check (attempts > 0),
    add column took_us           bigint check (took_us >= 0),
    add column api_version       text check (length(api_version) <= 60),
    add column livemode          boolean,
    add column stripe_created_at timestamptz check (isfinite(stripe_created_at));

comment on column stripe_events.attempts          is 'How often it was looked at since this is counted; null before the first time.';
comment on column stripe_events.took_us           is 'How many microseconds the last time took: its equal share of the transaction it was applied in.';
comment on column stripe_events.api_version       is 'The version of Stripe''s API it is written in.';
comment on column stripe_events.livemode          is 'Whether it tells of live money; null when it does not say, or was last looked at before this was kept.';
comment on column stripe_events.stripe_created_at is 'Stripe''s time of it.';

grant update (attempts, took_us, api_version, livemode, stripe_created_at) on stripe_events to command_center_tenant;

create index revenue_event_supersessions_successor on revenue_event_supersessions (tenant_id, successor_id)
    where successor_id is not null;

-- A presumed tie is found from either side.
create index revenue_events_presumed_charge on revenue_events (tenant_id, stripe_charge_id) where is_tie_presumed;
create index revenue_events_presumed_intent on revenue_events (tenant_id, stripe_payment_intent_id) where is_tie_presumed;

create table dunning_facts (
    tenant_id          uuid not null,
    stripe_event_id    text not null,
    ended_subscription text check (length(ended_subscription) between 1 and 255),
    fact               jsonb not null,
    primary key (tenant_id, stripe_event_id),
    foreign key (tenant_id, stripe_event_id) references stripe_events (tenant_id, stripe_event_id)
);

create index dunning_facts_ends on dunning_facts (tenant_id, ended_subscription) where ended_subscription is not null;

comment on table  dunning_facts                    is 'What each event says of collecting a payment; which payment says payment_facts. The rows of dunning follow from them, in whatever order they came.';
comment on column dunning_facts.ended_subscription is 'The subscription that ended, when that is what it says.';
comment on column dunning_facts.fact               is 'The setback as the program reads it; made again from stripe_events at any time.';

create table dunning (
    tenant_id                uuid not null references tenants (id),
    name                     text not null check (length(name) between 1 and 255),
    stripe_invoice_id        text,
    stripe_payment_intent_id text,
    stripe_subscription_id   text,
    stripe_customer_id       text,
    customer_email           text,
    attempts                 bigint not null check (attempts > 0),
    next_attempt_at          timestamptz,
    amount_minor             bigint not null check (amount_minor > 0 and amount_minor <= 999999999999),
    currency                 text not null check (currency ~ '^[a-z]{3}$'),
    failure_code             text,
    failure_message          text,
    needs_action             boolean not null,
    first_failed_at          timestamptz not null,
    last_failed_at           timestamptz not null,
    last_event_id            text not null,
    state                    text not null check (state in ('open', 'recovered', 'lost')),
    closed_because           text check (closed_because in ('paid', 'voided', 'uncollectible', 'canceled', 'subscription_ended')),
    closed_at                timestamptz,
    closing_event_id         text,
    primary key (tenant_id, name),
    foreign key (tenant_id, last_event_id) references stripe_events (tenant_id, stripe_event_id),
    foreign key (tenant_id, closing_event_id) references stripe_events (tenant_id, stripe_event_id),
    constraint dunning_closed check ((state = 'open') = (closed_at is null) and (closed_at is null) = (closed_because is null)
        and (closed_at is null) = (closing_event_id is null))
);

create index dunning_newest on dunning (tenant_id, last_failed_at, name);
create index dunning_subscription on dunning (tenant_id, stripe_subscription_id) where stripe_subscription_id is not null;
create index dunning_likeness on dunning (tenant_id, stripe_customer_id, amount_minor, currency);

comment on table  dunning                  is 'Payments that failed at least once: one row for each invoice, or for a payment intent that belongs to none. Derived from dunning_facts and payment_facts, and written again when they grow.';
comment on column dunning.name             is 'in_… or pi_…';
comment on column dunning.attempts         is 'How often it was tried.';
comment on column dunning.next_attempt_at  is 'When Stripe tries again; null once it is closed.';
comment on column dunning.amount_minor     is 'What was to be paid when it last failed, in minor units of currency.';
comment on column dunning.failure_code     is 'Stripe''s word for the newest reason.';
comment on column dunning.failure_message  is 'The newest reason in Stripe''s words.';
comment on column dunning.needs_action     is 'Whether the payer has to do something first.';
comment on column dunning.last_event_id    is 'The newest event that tells of a failure.';
comment on column dunning.state            is 'open: at risk; recovered: paid after all; lost: voided, written off, cancelled, or its subscription ended.';
comment on column dunning.closing_event_id is 'The event that ended it.';

-- Since API version 2025-03-31 no event ties a failing intent to its invoice before it is paid.
create view failed_payments with (security_invoker = true) as
select d.tenant_id, d.name, d.stripe_invoice_id, d.stripe_payment_intent_id, d.stripe_subscription_id,
    d.stripe_customer_id, d.customer_email, d.attempts, d.next_attempt_at, d.amount_minor, d.currency,
    coalesce(d.failure_code, its_intent.failure_code) as failure_code,
    coalesce(d.failure_message, its_intent.failure_message) as failure_message,
    d.needs_action or coalesce(its_intent.needs_action, false) as needs_action,
    d.first_failed_at, d.last_failed_at, d.last_event_id, d.state, d.closed_because, d.closed_at, d.closing_event_id
from dunning d
left join lateral (
    select p.failure_code, p.failure_message, p.needs_action from dunning p
    where d.stripe_invoice_id is not null and p.stripe_invoice_id is null
      and p.tenant_id = d.tenant_id and p.stripe_customer_id = d.stripe_customer_id
      and p.amount_minor = d.amount_minor and p.currency = d.currency
      and p.first_failed_at between d.first_failed_at - interval '1 hour' and d.first_failed_at + interval '1 hour'
    order by p.last_failed_at desc, p.name limit 1
) its_intent on true
where d.stripe_invoice_id is not null or not exists (
    select from dunning i
    where i.tenant_id = d.tenant_id and i.stripe_invoice_id is not null and i.stripe_customer_id = d.stripe_customer_id
      and i.amount_minor = d.amount_minor and i.currency = d.currency
      and i.first_failed_at between d.first_failed_at - interval '1 hour' and d.first_failed_at + interval '1 hour'
);

comment on view failed_payments is 'The failed payments, each once: an intent that failed within the hour of an invoice of the same customer and amount is presumed to be that invoice''s own, and says why it failed.';

alter table dunning_facts enable row level security;
alter table dunning enable row level security;

grant select, insert on dunning_facts to command_center_tenant;
create policy own_rows on dunning_facts to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, delete on dunning to command_center_tenant;
create policy own_rows on dunning to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select on failed_payments to command_center_tenant;

-- What failed before this was kept is looked at again.
update stripe_events set state = 'pending', reason = null, applied_at = null
where event_type in ('invoice.payment_failed', 'invoice.payment_action_required', 'invoice.voided',
        'invoice.marked_uncollectible', 'payment_intent.payment_failed', 'payment_intent.canceled', 'charge.failed',
        'customer.subscription.deleted');
