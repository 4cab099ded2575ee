-- The same from the rollups: what the endpoint reads, by one plain connection.
begin isolation level repeatable read, read only;
select (array(select generate_series(current_date - 91, current_date, interval '7 days')::date))[
        width_bucket(day, array(select generate_series(current_date - 91, current_date, interval '7 days')::date))], channel,
    sum(payment_minor), sum(payments), sum(adjustment_minor), sum(refund_minor), sum(dispute_minor), sum(new_minor),
    sum(recurring_minor), sum(one_time_minor), sum(row_count)
from channel_days where tenant_id = :tenant and day between current_date - 89 and current_date group by 1, 2;
select product_name, product_category, sum(payment_minor), sum(payments), sum(adjustment_minor), sum(refund_minor),
    sum(dispute_minor), sum(new_minor), sum(recurring_minor), sum(one_time_minor), sum(row_count)
from product_days where tenant_id = :tenant and day between current_date - 89 and current_date group by 1, 2;
select currency, sum(amount_minor), sum(row_count) from unconverted_days
where tenant_id = :tenant and day between current_date - 89 and current_date group by 1;
select sum(mrr_minor), sum(committed_minor), sum(past_due_minor), sum(trial_minor), sum(paused_minor), sum(customers),
    sum(subscriptions), sum(untold) from mrr_days where tenant_id = :tenant and day <= current_date;
select sum(new_minor + reactivation_minor + expansion_minor + contraction_minor + churn_minor + fx_minor),
    sum(joined + returned - churned), sum(payers)
from mrr_days where tenant_id = :tenant and day < current_date - 89;
select * from mrr_days where tenant_id = :tenant and day between current_date - 89 and current_date;
with spans as (
    select (array_agg(was_there order by day))[1] as was_there, sum(joined + returned - churned) as comings,
        sum(contraction_minor + churn_minor) as lost, sum(expansion_minor + reactivation_minor) as won
    from subscriber_days where tenant_id = :tenant and day between current_date - 89 and current_date group by customer_id
)
select count(*) filter (where comings < 0), sum(lost), sum(won) from spans where was_there;
select sum(mrr_minor) from mrr_days where tenant_id = :tenant and day <= current_date;
select channel, sum(customers) from new_customers_days
where tenant_id = :tenant and day between current_date - 89 and current_date group by 1;
select channel, sum(customers) from new_customers_days
where tenant_id = :tenant and day between current_date - 179 and current_date - 90 group by 1;
select channel, sum(payment_minor), sum(payments), sum(adjustment_minor), sum(refund_minor), sum(dispute_minor), sum(new_minor),
    sum(recurring_minor), sum(one_time_minor), sum(row_count)
from channel_days where tenant_id = :tenant and day between current_date - 179 and current_date - 90 group by 1;
-- Leads, deals and costs: how far the leads of these days came, how long stays last, who is stuck, what is open.
select channel, place, count(*), sum(value) from (
    select l.id, l.channel, l.value_minor as value,
        max(array_position(array['pool', 'enriched', 'contacted', 'replied', 'meeting', 'closed'], s.stage)) as place
    from leads l join lead_stays s on s.tenant_id = :tenant and s.lead_id = l.id
    where l.tenant_id = :tenant and l.created_at >= date_trunc('day', now()) - interval '89 days' group by l.id, l.channel, l.value_minor
) as furthest group by 1, 2;
select stage, hours, count(*) filter (where is_over), count(*) filter (where not is_over) from (
    select stage, left_at is not null as is_over, floor(extract(epoch from coalesce(left_at, now()) - entered_at) / 3600)::bigint as hours
    from lead_stays where tenant_id = :tenant and entered_at >= date_trunc('day', now()) - interval '89 days'
) as stays group by 1, 2;
select stage, hours, count(*) filter (where is_over), count(*) filter (where not is_over) from (
    select stage, left_at is not null as is_over, floor(extract(epoch from coalesce(left_at, now()) - entered_at) / 3600)::bigint as hours
    from lead_stays where tenant_id = :tenant and entered_at >= date_trunc('day', now()) - interval '364 days'
) as stays group by 1, 2;
select stage, count(*), count(*) filter (where stage_entered_at < now() - interval '14 days' and last_activity_at < now() - interval '14 days')
from leads where tenant_id = :tenant group by 1;
select probability_percent, sum(base_value_minor), count(*) from deals
where tenant_id = :tenant and opened_at < now() and (closed_at is null or closed_at >= now()) group by 1;
select probability_percent, sum(base_value_minor), count(*) from deals
where tenant_id = :tenant and opened_at < now() - interval '90 days' and (closed_at is null or closed_at >= now() - interval '90 days') group by 1;
select count(*) filter (where state = 'won'), count(*) filter (where state = 'lost'), sum(base_value_minor) filter (where state = 'won')
from deals where tenant_id = :tenant and closed_at >= date_trunc('day', now()) - interval '89 days';
select channel, cost_type, base_amount_minor, period_start, period_end from channel_costs
where tenant_id = :tenant and deleted_at is null and period_start <= current_date and period_end >= current_date - 89;
select channel, cost_type, base_amount_minor, period_start, period_end from channel_costs
where tenant_id = :tenant and deleted_at is null and period_start <= current_date - 90 and period_end >= current_date - 179;
select * from alerts where tenant_id = :tenant and state <> 'resolved' order by severity, opened_at limit 100;
commit;
