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
