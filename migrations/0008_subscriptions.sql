-- Subscriptions: what events tell of them, the versions they went through, and every movement of monthly recurring
-- revenue.

create table subscription_facts (
    tenant_id       uuid not null,
    stripe_event_id text not null,
    subscription_id text not null check (length(subscription_id) between 1 and 255),
    customer_id     text not null check (length(customer_id) between 1 and 255),
    open_terms      text[] not null default '{}',
    fact            jsonb not null,
    primary key (tenant_id, stripe_event_id),
    foreign key (tenant_id, stripe_event_id) references stripe_events (tenant_id, stripe_event_id)
);

create index subscription_facts_customer on subscription_facts (tenant_id, customer_id);
create index subscription_facts_open_terms on subscription_facts using gin (open_terms) where open_terms <> '{}';

comment on table  subscription_facts                 is 'What each event says of a subscription. Its versions and movements follow from all of them, in whatever order they came.';
comment on column subscription_facts.subscription_id is 'sub_…';
comment on column subscription_facts.customer_id     is 'cus_…: movements are counted per customer.';
comment on column subscription_facts.open_terms      is 'Prices whose tiers, and discounts, it names without saying what they come to.';
comment on column subscription_facts.fact            is 'The fact as the program reads it; made again from stripe_events at any time.';

create table pricing_terms (
    tenant_id       uuid not null,
    stripe_event_id text not null,
    name            text not null check (length(name) between 1 and 255),
    fact            jsonb not null,
    primary key (tenant_id, stripe_event_id),
    foreign key (tenant_id, stripe_event_id) references stripe_events (tenant_id, stripe_event_id)
);

create index pricing_terms_name on pricing_terms (tenant_id, name);

comment on table  pricing_terms      is 'What events tell of prices'' tiers and of discounts; of each the newest by Stripe''s time counts.';
comment on column pricing_terms.name is 'price_… or di_…';
comment on column pricing_terms.fact is 'What it comes to, as the program reads it.';

create table subscription_versions (
    tenant_id            uuid not null references tenants (id),
    subscription_id      text not null,
    ordinal              integer not null check (ordinal > 0),
    customer_id          text not null,
    effective_from       timestamptz not null check (isfinite(effective_from)),
    status               text not null,
    currency             text not null check (currency ~ '^[a-z]{3}$'),
    mrr_minor            bigint not null,
    trial_mrr_minor      bigint not null,
    past_due_mrr_minor   bigint not null,
    base_mrr_minor       bigint,
    base_trial_mrr_minor bigint,
    untold_parts         integer not null,
    is_collection_paused boolean not null,
    is_given_up          boolean not null,
    period_start         timestamptz,
    period_end           timestamptz,
    ends_at              timestamptz,
    cancel_reason        text,
    cancel_feedback      text,
    items                jsonb not null,
    stripe_event_id      text not null,
    digest               uuid not null,
    primary key (tenant_id, subscription_id, ordinal),
    foreign key (tenant_id, stripe_event_id) references stripe_events (tenant_id, stripe_event_id)
);

create index subscription_versions_customer on subscription_versions (tenant_id, customer_id);
create index subscription_versions_time on subscription_versions (tenant_id, effective_from);

comment on table  subscription_versions                      is 'What a subscription was from a moment on, until its next version, by the tenant''s definition of MRR.';
comment on column subscription_versions.ordinal              is 'Which version of the subscription, from 1, in order of time.';
comment on column subscription_versions.effective_from       is 'Since when, by Stripe''s time.';
comment on column subscription_versions.status               is 'Stripe''s word: trialing, active, past_due, canceled…; other for one we do not know.';
comment on column subscription_versions.mrr_minor            is 'What it counts a month, in minor units of currency.';
comment on column subscription_versions.trial_mrr_minor      is 'What it will count when its trial ends.';
comment on column subscription_versions.past_due_mrr_minor   is 'The part of mrr_minor that an overdue invoice puts at risk.';
comment on column subscription_versions.base_mrr_minor       is 'mrr_minor in the tenant''s currency, by the rate of the day the paid period began; null when none is known.';
comment on column subscription_versions.base_trial_mrr_minor is 'trial_mrr_minor likewise.';
comment on column subscription_versions.untold_parts         is 'Items and discounts whose price no event told; they count nothing until one does.';
comment on column subscription_versions.is_collection_paused is 'Whether its invoices are not collected.';
comment on column subscription_versions.is_given_up          is 'Whether the definition counts it as gone though Stripe does not yet.';
comment on column subscription_versions.period_start         is 'When the period it is paid for began.';
comment on column subscription_versions.period_end           is 'When that period ends.';
comment on column subscription_versions.ends_at              is 'When it is to end, if it is cancelled.';
comment on column subscription_versions.cancel_reason        is 'Why it was cancelled, in Stripe''s word.';
comment on column subscription_versions.cancel_feedback      is 'What the customer said, in Stripe''s word.';
comment on column subscription_versions.items                is 'What it is for: price, product, quantity and what each comes to a month.';
comment on column subscription_versions.stripe_event_id      is 'The event that told.';
comment on column subscription_versions.digest               is 'Tells at a glance whether a version says the same.';

create table mrr_movements (
    tenant_id         uuid not null references tenants (id),
    id                uuid not null,
    seq               bigint generated always as identity,
    movement_key      text not null,
    version           integer not null check (version > 0),
    customer_id       text not null,
    kind              text not null check (kind in ('new', 'reactivation', 'expansion', 'contraction', 'churn', 'fx')),
    detail            text check (detail in ('trial_converted', 'paused', 'resumed', 'to_free', 'discount_ended',
                          'voluntary', 'involuntary')),
    effective_at      timestamptz not null check (isfinite(effective_at)),
    currency          text not null check (currency ~ '^[a-z]{3}$'),
    amount_minor      bigint not null,
    base_amount_minor bigint not null,
    is_unconverted    boolean not null,
    cause_event_ids   text[] not null,
    feedback          text,
    definition        text not null,
    created_at        timestamptz not null,
    superseded_at     timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, movement_key, version),
    constraint mrr_movements_sign check (case
        when kind = 'fx' then amount_minor = 0
        when kind in ('new', 'reactivation', 'expansion') then amount_minor > 0
        else amount_minor < 0 end)
);

create unique index mrr_movements_one_counts on mrr_movements (tenant_id, movement_key) where superseded_at is null;
create index mrr_movements_time on mrr_movements (tenant_id, effective_at) where superseded_at is null;
create index mrr_movements_customer on mrr_movements (tenant_id, customer_id) where superseded_at is null;

comment on table  mrr_movements                   is 'Every change of what a customer pays a month. MRR at any moment is the sum of what came before. Rows never change but for being superseded.';
comment on column mrr_movements.seq               is 'Order of writing.';
comment on column mrr_movements.movement_key      is 'Customer, currency, second and kind.';
comment on column mrr_movements.version           is 'Counts what we learned about the same movement.';
comment on column mrr_movements.kind              is 'new, reactivation, expansion, contraction, churn; fx where only the exchange rate differs.';
comment on column mrr_movements.detail            is 'What lies behind it, where the kind does not say.';
comment on column mrr_movements.effective_at      is 'When, by Stripe''s time.';
comment on column mrr_movements.amount_minor      is 'By how much, signed, in minor units of currency; 0 for fx.';
comment on column mrr_movements.base_amount_minor is 'By how much, signed, in the tenant''s currency.';
comment on column mrr_movements.is_unconverted    is 'Whether no rate was known for one side of it, which then counts nothing in the tenant''s currency.';
comment on column mrr_movements.cause_event_ids   is 'The events that caused it.';
comment on column mrr_movements.feedback          is 'What the customer said when leaving, in Stripe''s word.';
comment on column mrr_movements.definition        is 'The rules it is counted by.';
comment on column mrr_movements.created_at        is 'When we wrote it.';
comment on column mrr_movements.superseded_at     is 'When we learned better; null for what counts.';

create view mrr_movements_current with (security_invoker = true) as
select m.* from mrr_movements m where m.superseded_at is null;

comment on view mrr_movements_current is 'The movements that count now.';

-- A movement may be superseded once, and nothing else of it changes.
create function refuse_rewriting_movements() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and (old.superseded_at is null or old.superseded_at = new.superseded_at)
       and to_jsonb(old) - 'superseded_at' = to_jsonb(new) - 'superseded_at' then
        return new;
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger mrr_movements_append_only before update or delete on mrr_movements
    for each row execute function refuse_rewriting_movements();

alter table revenue_events add column mrr_movement_key text;

comment on column revenue_events.mrr_impact_minor is 'By how much it moved monthly recurring revenue, in minor units of currency; 0 for money.';
comment on column revenue_events.mrr_movement_key is 'The movement of mrr_movements_current it is part of.';

create or replace view revenue_events_current with (security_invoker = true) as
select r.*
from revenue_events r
where not exists (
    select from revenue_event_supersessions s
    where s.tenant_id = r.tenant_id and s.superseded_id = r.id
);

-- By which rules a tenant counts, and what is to be counted again.

alter table tenants add column mrr_definition text not null default 'stripe@1'
    check (mrr_definition ~ '^[a-z]+@[0-9]+$');

comment on column tenants.mrr_definition is 'The rules monthly recurring revenue is counted by: a preset and its version.';

create table mrr_recounts (
    tenant_id     uuid not null references tenants (id),
    id            uuid not null,
    seq           bigint generated always as identity,
    reason        text not null check (reason in ('rates', 'definition', 'timezone', 'attribution')),
    asked_at      timestamptz not null,
    counted_up_to text not null default '',
    counted_at    timestamptz,
    primary key (tenant_id, id)
);

create index mrr_recounts_waiting on mrr_recounts (tenant_id) where counted_at is null;

comment on table  mrr_recounts               is 'Each time movements had to be counted again. Until one is done, some customers may still stand as they were before.';
comment on column mrr_recounts.reason        is 'What changed: rates, the definition, the timezone, the order of attribution.';
comment on column mrr_recounts.asked_at      is 'When it changed.';
comment on column mrr_recounts.counted_up_to is 'Up to which customer they are counted again.';
comment on column mrr_recounts.counted_at    is 'When all of them were.';

-- Subscriptions were kept and set aside until they could be counted; they are looked at again.
update stripe_events set state = 'pending', reason = null, applied_at = null
where state = 'ignored' and (event_type like 'customer.subscription.%' or event_type like 'customer.discount.%'
    or event_type in ('price.created', 'price.updated'));

alter table subscription_facts enable row level security;
alter table pricing_terms enable row level security;
alter table subscription_versions enable row level security;
alter table mrr_movements enable row level security;
alter table mrr_recounts enable row level security;

grant select, insert on subscription_facts to command_center_tenant;
create policy own_rows on subscription_facts to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on pricing_terms to command_center_tenant;
create policy own_rows on pricing_terms to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, delete on subscription_versions to command_center_tenant;
create policy own_rows on subscription_versions to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (superseded_at) on mrr_movements to command_center_tenant;
create policy own_rows on mrr_movements to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select on mrr_movements_current to command_center_tenant;

grant select, insert, update (counted_up_to, counted_at) on mrr_recounts to command_center_tenant;
create policy own_rows on mrr_recounts to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant update (mrr_definition) on tenants to command_center_tenant;

-- Which tenants have something to count again.
grant select (tenant_id, counted_at) on mrr_recounts to command_center_platform;
create policy waiting on mrr_recounts for select to command_center_platform using (counted_at is null);
