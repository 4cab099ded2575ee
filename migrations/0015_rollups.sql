-- Rollups: what reports add up, kept day by day in the same transaction as the ledger and the movements, so that a
-- report reads days and never rows. Each is a plain grouping of rows that count; the functions at the end make all of
-- them again, and tests and `rebuild --verify` hold them to it.

create table rollups (
    tenant_id uuid not null primary key references tenants (id),
    timezone  text not null,
    revision  bigint not null
);

comment on table  rollups           is 'How far a tenant''s rollups are. No row: nothing was ever rolled up.';
comment on column rollups.timezone  is 'Where the days of the rollups begin; follows the tenant''s timezone once they are made again.';
comment on column rollups.revision  is 'Grows with every change of what reports read.';

create table first_payments (
    tenant_id    uuid not null references tenants (id),
    customer     text not null,
    payment_name text not null,
    occurred_at  timestamptz not null,
    channel      text not null,
    primary key (tenant_id, customer)
);

create index first_payments_name on first_payments (tenant_id, payment_name);

comment on table  first_payments              is 'Each customer''s first-ever payment that counts, by Stripe''s time.';
comment on column first_payments.customer     is 'Stripe''s customer, else the e-mail, else the payment''s own name.';
comment on column first_payments.payment_name is 'As in revenue_events.';
comment on column first_payments.occurred_at  is 'Stripe''s time of the payment.';
comment on column first_payments.channel      is 'The channel credited with the payment, and so with the customer.';

create table new_customers_days (
    tenant_id uuid not null references tenants (id),
    day       date not null,
    channel   text not null,
    customers bigint not null,
    primary key (tenant_id, day, channel)
);

comment on table  new_customers_days           is 'How many customers paid for the first time.';
comment on column new_customers_days.day       is 'The day in the timezone of the rollups.';
comment on column new_customers_days.channel   is 'The channel credited with that payment.';
comment on column new_customers_days.customers is 'How many.';

create table revenue_days (
    tenant_id        uuid not null references tenants (id),
    day              date not null,
    channel          text not null,
    product_name     text,
    product_category text,
    payment_minor    bigint not null,
    payments         bigint not null,
    adjustment_minor bigint not null,
    refund_minor     bigint not null,
    dispute_minor    bigint not null,
    new_minor        bigint not null,
    recurring_minor  bigint not null,
    one_time_minor   bigint not null,
    row_count        bigint not null,
    constraint revenue_days_key unique nulls not distinct (tenant_id, day, channel, product_name, product_category)
);

comment on table  revenue_days                  is 'What moved on a day in a channel for a product, in the tenant''s currency, signed as in the ledger. Subscription rows and money without a rate are not in it.';
comment on column revenue_days.day              is 'The day in the timezone of the rollups.';
comment on column revenue_days.channel          is 'The channel credited, or unknown.';
comment on column revenue_days.product_name     is 'What was sold; null when the payment does not tell.';
comment on column revenue_days.product_category is 'Its category; null when not known.';
comment on column revenue_days.payment_minor    is 'Payments.';
comment on column revenue_days.payments         is 'How many.';
comment on column revenue_days.adjustment_minor is 'Corrections people made.';
comment on column revenue_days.refund_minor     is 'Refunds, and refunds that failed.';
comment on column revenue_days.dispute_minor    is 'Disputes, and disputes won.';
comment on column revenue_days.new_minor        is 'Of all these, what belongs to a customer''s first-ever payment where it is for a subscription.';
comment on column revenue_days.recurring_minor  is 'What belongs to other payments for subscriptions.';
comment on column revenue_days.one_time_minor   is 'The rest.';
comment on column revenue_days.row_count        is 'How many rows of the ledger it is the sum of.';

create table channel_days (
    tenant_id        uuid not null references tenants (id),
    day              date not null,
    channel          text not null,
    payment_minor    bigint not null,
    payments         bigint not null,
    adjustment_minor bigint not null,
    refund_minor     bigint not null,
    dispute_minor    bigint not null,
    new_minor        bigint not null,
    recurring_minor  bigint not null,
    one_time_minor   bigint not null,
    row_count        bigint not null,
    primary key (tenant_id, day, channel)
);

comment on table  channel_days                  is 'revenue_days without products: as many rows a day as there are channels, however much is sold.';
comment on column channel_days.day              is 'As in revenue_days, like all that follows.';

create table product_days (
    tenant_id        uuid not null references tenants (id),
    day              date not null,
    product_name     text,
    product_category text,
    payment_minor    bigint not null,
    payments         bigint not null,
    adjustment_minor bigint not null,
    refund_minor     bigint not null,
    dispute_minor    bigint not null,
    new_minor        bigint not null,
    recurring_minor  bigint not null,
    one_time_minor   bigint not null,
    row_count        bigint not null,
    constraint product_days_key unique nulls not distinct (tenant_id, day, product_name, product_category)
);

comment on table  product_days                  is 'revenue_days without channels.';
comment on column product_days.day              is 'As in revenue_days, like all that follows.';

create table unconverted_days (
    tenant_id    uuid not null references tenants (id),
    day          date not null,
    currency     text not null,
    amount_minor bigint not null,
    row_count    bigint not null,
    primary key (tenant_id, day, currency)
);

comment on table  unconverted_days              is 'Money that no rate is known for: in no sum of the tenant''s currency.';
comment on column unconverted_days.day          is 'The day in the timezone of the rollups.';
comment on column unconverted_days.currency     is 'ISO 4217 code, lower case.';
comment on column unconverted_days.amount_minor is 'The signed sum in that currency.';
comment on column unconverted_days.row_count    is 'How many rows of the ledger it is the sum of.';

create table subscriber_days (
    tenant_id          uuid not null references tenants (id),
    customer_id        text not null,
    day                date not null,
    new_minor          bigint not null,
    reactivation_minor bigint not null,
    expansion_minor    bigint not null,
    contraction_minor  bigint not null,
    churn_minor        bigint not null,
    fx_minor           bigint not null,
    joined             bigint not null,
    returned           bigint not null,
    churned            bigint not null,
    was_there          boolean not null,
    payers             bigint not null,
    mrr_minor          bigint not null,
    committed_minor    bigint not null,
    past_due_minor     bigint not null,
    trial_minor        bigint not null,
    paused_minor       bigint not null,
    customers          bigint not null,
    subscriptions      bigint not null,
    untold             bigint not null,
    primary key (tenant_id, customer_id, day)
);

create index subscriber_days_time on subscriber_days (tenant_id, day);

comment on table  subscriber_days                    is 'What a customer''s recurring revenue did on a day, in the tenant''s currency. Sum the differences up to a day for what stood at its end.';
comment on column subscriber_days.customer_id        is 'cus_…';
comment on column subscriber_days.day                is 'The day in the timezone of the rollups.';
comment on column subscriber_days.new_minor          is 'Movements of this kind, signed, as in mrr_movements.';
comment on column subscriber_days.reactivation_minor is 'Likewise.';
comment on column subscriber_days.expansion_minor    is 'Likewise.';
comment on column subscriber_days.contraction_minor  is 'Likewise.';
comment on column subscriber_days.churn_minor        is 'Likewise.';
comment on column subscriber_days.fx_minor           is 'Likewise.';
comment on column subscriber_days.joined             is 'How often they came for the first time.';
comment on column subscriber_days.returned           is 'How often they came back.';
comment on column subscriber_days.churned            is 'How often they left.';
comment on column subscriber_days.was_there          is 'Whether they had come and not left before that day.';
comment on column subscriber_days.payers             is 'Difference: 1 where their movements come to something again, -1 where they come to nothing.';
comment on column subscriber_days.mrr_minor          is 'Difference of what their subscriptions count, as this and all that follows.';
comment on column subscriber_days.committed_minor    is 'Of it what is not to end.';
comment on column subscriber_days.past_due_minor     is 'Of it what an overdue invoice puts at risk.';
comment on column subscriber_days.trial_minor        is 'What trials will count.';
comment on column subscriber_days.paused_minor       is 'Of it that whose collection is paused.';
comment on column subscriber_days.customers          is '1 where one of their subscriptions counts again, -1 where none does any more.';
comment on column subscriber_days.subscriptions      is 'Subscriptions that count.';
comment on column subscriber_days.untold             is 'Subscriptions with a part whose price nobody told.';

create table mrr_days (
    tenant_id          uuid not null references tenants (id),
    day                date not null,
    new_minor          bigint not null,
    reactivation_minor bigint not null,
    expansion_minor    bigint not null,
    contraction_minor  bigint not null,
    churn_minor        bigint not null,
    fx_minor           bigint not null,
    joined             bigint not null,
    returned           bigint not null,
    churned            bigint not null,
    payers             bigint not null,
    mrr_minor          bigint not null,
    committed_minor    bigint not null,
    past_due_minor     bigint not null,
    trial_minor        bigint not null,
    paused_minor       bigint not null,
    customers          bigint not null,
    subscriptions      bigint not null,
    untold             bigint not null,
    primary key (tenant_id, day)
);

comment on table  mrr_days     is 'subscriber_days of all customers together.';
comment on column mrr_days.day is 'As in subscriber_days, like all that follows.';

-- What rollups are looked up by.

create index revenue_events_customer on revenue_events
    (tenant_id, coalesce(stripe_customer_id, customer_email, payment_name), stripe_created_at)
    where event_type = 'payment';
create index subscription_versions_unconverted on subscription_versions (tenant_id, effective_from)
    where base_mrr_minor is null and mrr_minor <> 0;

-- Who may.

alter table rollups enable row level security;
alter table first_payments enable row level security;
alter table new_customers_days enable row level security;
alter table revenue_days enable row level security;
alter table channel_days enable row level security;
alter table product_days enable row level security;
alter table unconverted_days enable row level security;
alter table subscriber_days enable row level security;
alter table mrr_days enable row level security;

grant select, insert, update on rollups to command_center_tenant;
grant select, insert, update, delete on first_payments, new_customers_days, revenue_days, channel_days, product_days,
    unconverted_days, subscriber_days, mrr_days to command_center_tenant;

create policy own_rows on rollups to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
create policy own_rows on first_payments to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
create policy own_rows on new_customers_days to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
create policy own_rows on revenue_days to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
create policy own_rows on channel_days to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
create policy own_rows on product_days to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
create policy own_rows on unconverted_days to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
create policy own_rows on subscriber_days to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
create policy own_rows on mrr_days to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

-- The groupings, each computed from rows.

create function counted_first_payments(of_tenant uuid) returns setof first_payments language sql stable
begin atomic
    select distinct on (coalesce(r.stripe_customer_id, r.customer_email, r.payment_name))
        r.tenant_id, coalesce(r.stripe_customer_id, r.customer_email, r.payment_name), r.payment_name,
        r.stripe_created_at, r.attribution_channel
    from revenue_events_current r
    where r.tenant_id = of_tenant and r.event_type = 'payment'
    order by coalesce(r.stripe_customer_id, r.customer_email, r.payment_name), r.stripe_created_at, r.money_key;
end;

comment on function counted_first_payments is 'Each customer''s first payment, from the ledger''s rows.';

create function counted_new_customers_days(of_tenant uuid, zone text) returns setof new_customers_days language sql stable
begin atomic
    select f.tenant_id, (f.occurred_at at time zone zone)::date, f.channel, count(*)
    from first_payments f where f.tenant_id = of_tenant
    group by 1, 2, 3;
end;

comment on function counted_new_customers_days is 'New customers, from first_payments.';

create function counted_revenue_days(of_tenant uuid, zone text) returns setof revenue_days language sql stable
begin atomic
    select of_tenant, (r.stripe_created_at at time zone zone)::date, r.attribution_channel, r.product_name, r.product_category,
        coalesce(sum(r.base_amount_minor) filter (where r.event_type = 'payment'), 0)::bigint,
        count(*) filter (where r.event_type = 'payment'),
        coalesce(sum(r.base_amount_minor) filter (where r.event_type = 'adjustment'), 0)::bigint,
        coalesce(sum(r.base_amount_minor) filter (where r.event_type in ('refund', 'refund_failed')), 0)::bigint,
        coalesce(sum(r.base_amount_minor) filter (where r.event_type in ('dispute', 'dispute_reversal')), 0)::bigint,
        coalesce(sum(r.base_amount_minor) filter (where r.is_recurring and f.payment_name is not null), 0)::bigint,
        coalesce(sum(r.base_amount_minor) filter (where r.is_recurring and f.payment_name is null), 0)::bigint,
        coalesce(sum(r.base_amount_minor) filter (where not r.is_recurring), 0)::bigint,
        count(*)
    from revenue_events_current r
    left join (select distinct payment_name from first_payments where tenant_id = of_tenant) f using (payment_name)
    where r.tenant_id = of_tenant and r.base_amount_minor is not null and r.event_type not like 'subscription_%'
    group by 2, 3, 4, 5;
end;

comment on function counted_revenue_days is 'Revenue by day, channel and product, from the ledger''s rows and first_payments.';

create function counted_unconverted_days(of_tenant uuid, zone text) returns setof unconverted_days language sql stable
begin atomic
    select of_tenant, (r.stripe_created_at at time zone zone)::date, r.currency, sum(r.amount_minor)::bigint, count(*)
    from revenue_events_current r
    where r.tenant_id = of_tenant and r.base_amount_minor is null and r.event_type not like 'subscription_%'
    group by 2, 3;
end;

comment on function counted_unconverted_days is 'Money without a rate by day, from the ledger''s rows.';

create function counted_subscriber_days(of_tenant uuid, of_customers text[], zone text) returns setof subscriber_days
language sql stable
begin atomic
    with moved as (
        select m.customer_id, (m.effective_at at time zone zone)::date as day,
            coalesce(sum(m.base_amount_minor) filter (where m.kind = 'new'), 0)::bigint as new_minor,
            coalesce(sum(m.base_amount_minor) filter (where m.kind = 'reactivation'), 0)::bigint as reactivation_minor,
            coalesce(sum(m.base_amount_minor) filter (where m.kind = 'expansion'), 0)::bigint as expansion_minor,
            coalesce(sum(m.base_amount_minor) filter (where m.kind = 'contraction'), 0)::bigint as contraction_minor,
            coalesce(sum(m.base_amount_minor) filter (where m.kind = 'churn'), 0)::bigint as churn_minor,
            coalesce(sum(m.base_amount_minor) filter (where m.kind = 'fx'), 0)::bigint as fx_minor,
            -- A customer of two currencies comes and goes once.
            count(distinct m.effective_at) filter (where m.kind = 'new') as joined,
            count(distinct m.effective_at) filter (where m.kind = 'reactivation') as returned,
            count(distinct m.effective_at) filter (where m.kind = 'churn') as churned,
            sum(m.base_amount_minor)::bigint as net
        from mrr_movements_current m
        where m.tenant_id = of_tenant and (of_customers is null or m.customer_id = any(of_customers))
        group by 1, 2
    ), stood as (
        select distinct on (v.subscription_id, day) v.subscription_id, v.customer_id,
            (v.effective_from at time zone zone)::date as day,
            coalesce(v.base_mrr_minor, 0) as mrr,
            case when v.ends_at is null then coalesce(v.base_mrr_minor, 0) else 0 end as committed,
            case when v.past_due_mrr_minor <> 0 then coalesce(v.base_mrr_minor, 0) else 0 end as past_due,
            coalesce(v.base_trial_mrr_minor, 0) as trial,
            case when v.is_collection_paused then coalesce(v.base_mrr_minor, 0) else 0 end as paused,
            (v.mrr_minor <> 0)::int as counts,
            (v.untold_parts > 0 and v.status in ('active', 'past_due', 'trialing'))::int as untold
        from subscription_versions v
        where v.tenant_id = of_tenant and (of_customers is null or v.customer_id = any(of_customers))
        order by v.subscription_id, day, v.ordinal desc
    ), stepped as (
        select customer_id, day,
            mrr - lag(mrr, 1, 0::bigint) over step as mrr,
            committed - lag(committed, 1, 0::bigint) over step as committed,
            past_due - lag(past_due, 1, 0::bigint) over step as past_due,
            trial - lag(trial, 1, 0::bigint) over step as trial,
            paused - lag(paused, 1, 0::bigint) over step as paused,
            counts - lag(counts, 1, 0) over step as counts,
            untold - lag(untold, 1, 0) over step as untold
        from stood window step as (partition by subscription_id order by day)
    ), told as (
        select customer_id, day, new_minor, reactivation_minor, expansion_minor, contraction_minor, churn_minor, fx_minor,
            joined, returned, churned, net, 0::bigint as mrr, 0::bigint as committed, 0::bigint as past_due,
            0::bigint as trial, 0::bigint as paused, 0 as counts, 0 as untold
        from moved
        union all
        select customer_id, day, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, mrr, committed, past_due, trial, paused, counts, untold
        from stepped
    ), days as (
        select customer_id, day, sum(new_minor)::bigint as new_minor, sum(reactivation_minor)::bigint as reactivation_minor,
            sum(expansion_minor)::bigint as expansion_minor, sum(contraction_minor)::bigint as contraction_minor,
            sum(churn_minor)::bigint as churn_minor, sum(fx_minor)::bigint as fx_minor,
            sum(joined)::bigint as joined, sum(returned)::bigint as returned, sum(churned)::bigint as churned,
            sum(net)::bigint as net, sum(mrr)::bigint as mrr, sum(committed)::bigint as committed,
            sum(past_due)::bigint as past_due, sum(trial)::bigint as trial, sum(paused)::bigint as paused,
            sum(counts)::bigint as counts, sum(untold)::bigint as untold
        from told group by customer_id, day
    ), run as (
        select d.*, sum(net) over so_far as net_after, sum(joined + returned - churned) over so_far as there_after,
            sum(counts) over so_far as counts_after
        from days d window so_far as (partition by customer_id order by day)
    )
    select of_tenant, customer_id, day, new_minor, reactivation_minor, expansion_minor, contraction_minor, churn_minor,
        fx_minor, joined, returned, churned, there_after - (joined + returned - churned) > 0,
        ((net_after <> 0)::int - (net_after - net <> 0)::int)::bigint,
        mrr, committed, past_due, trial, paused,
        ((counts_after > 0)::int - (counts_after - counts > 0)::int)::bigint,
        counts, untold
    from run
    where (new_minor, reactivation_minor, expansion_minor, contraction_minor, churn_minor, fx_minor, joined, returned, churned,
        mrr, committed, past_due, trial, paused, counts, untold) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
end;

comment on function counted_subscriber_days is 'What customers'' recurring revenue did day by day, from movements and versions; null for every customer.';

create function counted_mrr_days(of_tenant uuid) returns setof mrr_days language sql stable
begin atomic
    select of_tenant, day, sum(new_minor)::bigint, sum(reactivation_minor)::bigint, sum(expansion_minor)::bigint,
        sum(contraction_minor)::bigint, sum(churn_minor)::bigint, sum(fx_minor)::bigint, sum(joined)::bigint,
        sum(returned)::bigint, sum(churned)::bigint, sum(payers)::bigint, sum(mrr_minor)::bigint,
        sum(committed_minor)::bigint, sum(past_due_minor)::bigint, sum(trial_minor)::bigint, sum(paused_minor)::bigint,
        sum(customers)::bigint, sum(subscriptions)::bigint, sum(untold)::bigint
    from subscriber_days where tenant_id = of_tenant group by day;
end;

comment on function counted_mrr_days is 'Recurring revenue day by day, from subscriber_days.';

create function counted_channel_days(of_tenant uuid) returns setof channel_days language sql stable
begin atomic
    select of_tenant, day, channel, sum(payment_minor)::bigint, sum(payments)::bigint, sum(adjustment_minor)::bigint,
        sum(refund_minor)::bigint, sum(dispute_minor)::bigint, sum(new_minor)::bigint, sum(recurring_minor)::bigint,
        sum(one_time_minor)::bigint, sum(row_count)::bigint
    from revenue_days where tenant_id = of_tenant group by day, channel;
end;

comment on function counted_channel_days is 'Revenue by day and channel, from revenue_days.';

create function counted_product_days(of_tenant uuid) returns setof product_days language sql stable
begin atomic
    select of_tenant, day, product_name, product_category, sum(payment_minor)::bigint, sum(payments)::bigint,
        sum(adjustment_minor)::bigint, sum(refund_minor)::bigint, sum(dispute_minor)::bigint, sum(new_minor)::bigint,
        sum(recurring_minor)::bigint, sum(one_time_minor)::bigint, sum(row_count)::bigint
    from revenue_days where tenant_id = of_tenant group by day, product_name, product_category;
end;

comment on function counted_product_days is 'Revenue by day and product, from revenue_days.';

-- All rows of a tenant are read at once; what was just filled has no statistics, which would suggest reading them one by
-- one. They are written in order of the days, so that neighbouring days are read together.
create function make_rollups(of_tenant uuid, zone text) returns void language plpgsql set enable_nestloop = off as $$
begin
    insert into rollups (tenant_id, timezone, revision) values (of_tenant, zone, 1)
    on conflict (tenant_id) do update set timezone = excluded.timezone, revision = rollups.revision + 1;
    delete from first_payments where tenant_id = of_tenant;
    insert into first_payments select * from counted_first_payments(of_tenant);
    delete from new_customers_days where tenant_id = of_tenant;
    insert into new_customers_days select * from counted_new_customers_days(of_tenant, zone);
    delete from revenue_days where tenant_id = of_tenant;
    insert into revenue_days select * from counted_revenue_days(of_tenant, zone) order by day;
    delete from channel_days where tenant_id = of_tenant;
    insert into channel_days select * from counted_channel_days(of_tenant) order by day;
    delete from product_days where tenant_id = of_tenant;
    insert into product_days select * from counted_product_days(of_tenant) order by day;
    delete from unconverted_days where tenant_id = of_tenant;
    insert into unconverted_days select * from counted_unconverted_days(of_tenant, zone);
    delete from subscriber_days where tenant_id = of_tenant;
    insert into subscriber_days select * from counted_subscriber_days(of_tenant, null, zone) order by day;
    delete from mrr_days where tenant_id = of_tenant;
    insert into mrr_days select * from counted_mrr_days(of_tenant);
end $$;

comment on function make_rollups is 'Makes a tenant''s rollups again, by days of this timezone.';

-- What is there already.
select make_rollups(id, timezone) from tenants;
