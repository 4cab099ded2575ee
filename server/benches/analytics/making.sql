-- A ledger of :rows rows for :tenant. Everything follows from the row's number, so every run makes the same.

set session_replication_role = replica;

insert into stripe_events (tenant_id, stripe_event_id, body, received_at, state)
values (:'tenant', 'evt_bench', '{}', now(), 'applied');

insert into revenue_events (tenant_id, id, money_key, version, payment_name, event_type, amount_minor, currency,
    base_amount_minor, product_name, product_category, is_recurring, customer_email, attribution_channel,
    stripe_event_id, stripe_customer_id, stripe_created_at, created_at)
select :'tenant', gen_random_uuid(), kind || ':' || n, 1, 'in_' || case kind when 'payment' then n else n - 1 end, kind,
    sign * amount, 'usd', sign * amount, 'Product ' || n % 5, 'category ' || n % 2, n % 10 < 7, null,
    'channel_' || n * 7919 % 20, 'evt_bench', 'cus_' || n * 104729 % greatest(:rows / 20, 1),
    date_trunc('day', now()) - make_interval(secs => 60.0 * 60 * 24 * 1095 * n / :rows), now()
from (
    select n, case when n % 25 = 0 then 'refund' when n % 101 = 0 then 'dispute' else 'payment' end as kind,
        case when n % 25 = 0 or n % 101 = 0 then -1 else 1 end as sign, 1000 + n * 31 % 9000 as amount
    from generate_series(1::bigint, :rows) as n
) as numbered;

insert into mrr_movements (tenant_id, id, movement_key, version, customer_id, kind, effective_at, currency, amount_minor,
    base_amount_minor, is_unconverted, cause_event_ids, definition, created_at)
select :'tenant', gen_random_uuid(), 'key ' || n, 1, 'cus_' || n / 4,
    (array['new', 'expansion', 'contraction', 'churn'])[n % 4 + 1],
    date_trunc('day', now()) - make_interval(secs => 60.0 * 60 * 24 * (1095.0 * (n / 4 + 1) * 4 / (:rows / 50 + 8) - n % 4 * 20)),
    'usd', (array[4900, 2000, -1000, -5900])[n % 4 + 1], (array[4900, 2000, -1000, -5900])[n % 4 + 1], false,
    array['evt_bench'], 'stripe@1', now()
from generate_series(0::bigint, :rows / 50) as n;

insert into subscription_versions (tenant_id, subscription_id, ordinal, customer_id, effective_from, status, currency,
    mrr_minor, trial_mrr_minor, past_due_mrr_minor, base_mrr_minor, base_trial_mrr_minor, untold_parts,
    is_collection_paused, is_given_up, items, stripe_event_id, digest)
select tenant_id, 'sub_' || customer_id, row_number() over (partition by customer_id order by effective_at), customer_id,
    effective_at, case kind when 'churn' then 'canceled' else 'active' end, 'usd',
    sum(amount_minor) over (partition by customer_id order by effective_at), 0, 0,
    sum(amount_minor) over (partition by customer_id order by effective_at), 0, 0, false, false, '[]', 'evt_bench',
    gen_random_uuid()
from mrr_movements where tenant_id = :'tenant';

-- The pipeline beside it: twelve thousand leads, six hundred deals, a cost of each channel every month.

insert into leads (tenant_id, id, external_id, email, source, channel, stage, created_at, stage_entered_at, last_activity_at,
    updated_at, value_minor, currency)
select :'tenant', md5(:'tenant' || n)::uuid, 'lead-' || n, 'lead-' || n || '@bench.test', 'channel_' || n % 20,
    'channel_' || n % 20, (array['pool', 'enriched', 'contacted', 'replied', 'meeting', 'closed'])[reached],
    came, came + make_interval(hours => (reached - 1) * (20 + n % 50)),
    came + make_interval(hours => (reached - 1) * (20 + n % 50)), now(), 100000 + n * 37 % 900000, 'usd'
from (
    select n, now() - make_interval(hours => n * 26280 / 12000 + 1) as came,
        case when n % 3 = 0 then 1 when n % 3 = 1 then 2 + n % 2 else 3 + n % 4 end as reached
    from generate_series(1, 12000) as n
) as numbered;

insert into lead_stays (tenant_id, lead_id, ordinal, stage, entered_at, left_at)
select tenant_id, id, place, (array['pool', 'enriched', 'contacted', 'replied', 'meeting', 'closed'])[place],
    created_at + (stage_entered_at - created_at) * ((place - 1.0) / greatest(reached - 1, 1)),
    case when place < reached then created_at + (stage_entered_at - created_at) * (place::numeric / greatest(reached - 1, 1)) end
from (
    select *, array_position(array['pool', 'enriched', 'contacted', 'replied', 'meeting', 'closed'], stage) as reached
    from leads where tenant_id = :'tenant'
) as l, generate_series(1, l.reached) as place;

insert into deals (tenant_id, id, external_id, name, state, stage, probability_percent, value_minor, currency,
    base_value_minor, opened_at, closed_at, updated_at)
select :'tenant', gen_random_uuid(), 'deal-' || n, 'Deal ' || n, (array['open', 'won', 'lost'])[n % 3 + 1], 'proposal',
    case n % 3 when 0 then 20 + n % 7 * 10 when 1 then 100 else 0 end, 100000 + n * 911 % 900000, 'usd',
    100000 + n * 911 % 900000, now() - make_interval(days => n * 1095 / 600 + 1),
    case when n % 3 > 0 then now() - make_interval(hours => n * 26280 / 600) end, now()
from generate_series(1, 600) as n;

insert into channel_costs (tenant_id, id, channel, cost_type, amount_minor, currency, base_amount_minor, period_start,
    period_end, created_at, updated_at)
select :'tenant', gen_random_uuid(), 'channel_' || channel, (array['ad_spend', 'subscription', 'salary'])[channel % 3 + 1],
    50000 + channel * 7000, 'usd', 50000 + channel * 7000, (month)::date, (month + interval '1 month - 1 day')::date,
    now(), now()
from generate_series(0, 19) as channel,
    generate_series(date_trunc('month', now() - interval '3 years'), now(), interval '1 month') as month;

select make_rollups(:'tenant', 'UTC');

vacuum analyze;
