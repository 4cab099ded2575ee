-- What Stripe told us, byte for byte. Everything else can be made again from here.

create table stripe_events (
    tenant_id       uuid not null references tenants (id),
    stripe_event_id text not null check (stripe_event_id ~ '^evt_[A-Za-z0-9_]{1,250}$'),
    seq             bigint generated always as identity,
    body            bytea not null,
    received_at     timestamptz not null,
    state           text not null default 'pending' check (state in ('pending', 'applied', 'ignored', 'quarantined', 'dead')),
    event_type      text,
    reason          text,
    applied_at      timestamptz,
    primary key (tenant_id, stripe_event_id)
);

alter table stripe_events alter column body set compression lz4;

-- What waits to be applied is short; the index stays short with it.
create index stripe_events_pending on stripe_events (tenant_id, seq) where state = 'pending';
create index stripe_events_arrival on stripe_events (tenant_id, seq);
create index stripe_events_dead on stripe_events (tenant_id, seq) where state = 'dead';

comment on table  stripe_events                 is 'Every event, kept as received. Unique per tenant: two tenants may both be sent one event.';
comment on column stripe_events.stripe_event_id is 'Stripe''s id of the event.';
comment on column stripe_events.seq             is 'Order of arrival.';
comment on column stripe_events.body            is 'The raw body whose signature was verified.';
comment on column stripe_events.received_at     is 'When it was made durable.';
comment on column stripe_events.state           is 'pending: not looked at yet; applied: in the ledger or tied to it; ignored: says nothing of money; quarantined: belongs to an account nobody connected; dead: could not be understood.';
comment on column stripe_events.event_type      is 'Stripe''s type, once looked at.';
comment on column stripe_events.reason          is 'Why it is ignored, quarantined or dead.';

create table payment_names (
    tenant_id   uuid not null references tenants (id),
    name        text not null check (length(name) between 1 and 255),
    payment_id  uuid not null,
    primary key (tenant_id, name)
);

create index payment_names_payment on payment_names (tenant_id, payment_id);

comment on table  payment_names            is 'Which payment each Stripe object belongs to: an invoice, its payment intent and charge, its checkout session.';
comment on column payment_names.name       is 'in_…, pi_…, ch_… or cs_…';
comment on column payment_names.payment_id is 'Ours; two payments become one when an event ties their names together.';

create table payment_facts (
    tenant_id       uuid not null,
    stripe_event_id text not null,
    payment_id      uuid not null,
    fact            jsonb not null,
    customer        text,
    amount_minor    bigint,
    currency        text,
    seen_at         timestamptz,
    primary key (tenant_id, stripe_event_id),
    foreign key (tenant_id, stripe_event_id) references stripe_events (tenant_id, stripe_event_id)
);

create index payment_facts_payment on payment_facts (tenant_id, payment_id);
create index payment_facts_sighting on payment_facts (tenant_id, customer, amount_minor, currency, seen_at)
    where customer is not null;

comment on table  payment_facts      is 'What each event says of its payment. A payment''s ledger rows follow from all its facts, in whatever order they came.';
comment on column payment_facts.fact is 'The fact as the program reads it; made again from stripe_events at any time.';
comment on column payment_facts.customer     is 'Who paid, where the fact saw money move; with amount and time it finds invoice and charge that no event ties.';
comment on column payment_facts.amount_minor is 'How much it saw, in minor units of currency.';
comment on column payment_facts.seen_at      is 'When that was.';
