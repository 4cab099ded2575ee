-- The main screen's figures for ninety days, counted from every row.
begin isolation level repeatable read, read only;
select date_trunc('week', stripe_created_at at time zone 'UTC'), attribution_channel, event_type, sum(base_amount_minor),
    count(*)
from revenue_events_current
where tenant_id = :tenant and stripe_created_at >= date_trunc('day', now()) - interval '89 days'
  and event_type not like 'subscription_%' and base_amount_minor is not null
group by 1, 2, 3;
select product_name, product_category, event_type, sum(base_amount_minor), count(*)
from revenue_events_current
where tenant_id = :tenant and stripe_created_at >= date_trunc('day', now()) - interval '89 days'
  and event_type not like 'subscription_%' and base_amount_minor is not null
group by 1, 2, 3;
with firsts as (
    select distinct on (coalesce(stripe_customer_id, customer_email, payment_name)) payment_name
    from revenue_events_current where tenant_id = :tenant and event_type = 'payment'
    order by coalesce(stripe_customer_id, customer_email, payment_name), stripe_created_at, money_key
)
select case when not r.is_recurring then 'one_time' when f.payment_name is null then 'recurring' else 'new' end,
    sum(r.base_amount_minor)
from revenue_events_current r left join firsts f using (payment_name)
where r.tenant_id = :tenant and r.stripe_created_at >= date_trunc('day', now()) - interval '89 days'
  and r.event_type not like 'subscription_%' and r.base_amount_minor is not null
group by 1;
select currency, sum(amount_minor), count(*) from revenue_events_current
where tenant_id = :tenant and stripe_created_at >= date_trunc('day', now()) - interval '89 days'
  and event_type not like 'subscription_%' and base_amount_minor is null
group by 1;
with standing as (
    select distinct on (subscription_id) * from subscription_versions
    where tenant_id = :tenant and effective_from < now() order by subscription_id, ordinal desc
)
select sum(base_mrr_minor), sum(base_mrr_minor) filter (where ends_at is null), count(distinct customer_id),
    count(*) filter (where mrr_minor <> 0) from standing;
select (effective_at at time zone 'UTC')::date, kind, sum(base_amount_minor) from mrr_movements_current
where tenant_id = :tenant and effective_at >= date_trunc('day', now()) - interval '89 days' group by 1, 2;
select count(*), sum(before), sum(during) from (
    select customer_id,
        sum(base_amount_minor) filter (where effective_at < date_trunc('day', now()) - interval '89 days') as before,
        sum(base_amount_minor) filter (where effective_at >= date_trunc('day', now()) - interval '89 days') as during
    from mrr_movements_current where tenant_id = :tenant group by 1
) as customers;
-- Who is a customer since when, and through which channel: now and for the ninety days before.
with firsts as (
    select distinct on (coalesce(stripe_customer_id, customer_email, payment_name)) attribution_channel, stripe_created_at
    from revenue_events_current where tenant_id = :tenant and event_type = 'payment'
    order by coalesce(stripe_customer_id, customer_email, payment_name), stripe_created_at, money_key
)
select attribution_channel, count(*) filter (where stripe_created_at >= date_trunc('day', now()) - interval '89 days'),
    count(*) filter (where stripe_created_at < date_trunc('day', now()) - interval '89 days')
from firsts where stripe_created_at >= date_trunc('day', now()) - interval '179 days' group by 1;
select attribution_channel, event_type, sum(base_amount_minor), count(*) from revenue_events_current
where tenant_id = :tenant and stripe_created_at >= date_trunc('day', now()) - interval '179 days'
  and stripe_created_at < date_trunc('day', now()) - interval '89 days'
  and event_type not like 'subscription_%' and base_amount_minor is not null
group by 1, 2;
