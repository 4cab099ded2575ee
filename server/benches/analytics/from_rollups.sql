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
