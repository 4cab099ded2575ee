-- A lead's stays are made of what was told of it and of what tools show, each kept for itself: what is told late could not
-- be told apart from what had been concluded before, so the same news came to other stays in another order.

alter table lead_stage_facts
    add column source text not null default 'told' check (source in ('told', 'tool')),
    drop constraint lead_stage_facts_pkey,
    add primary key (tenant_id, lead_id, source, stage, entered_at);

comment on column lead_stage_facts.source is 'told by a person, a program or a file; or tool, when a tool says how far somebody has come.';

-- What had been concluded from touches, and that whoever comes is in the pool, are concluded anew.
delete from lead_stage_facts f using lead_touches t
where t.tenant_id = f.tenant_id and t.lead_id = f.lead_id and t.occurred_at = f.entered_at
    and f.stage = case t.kind when 'sent' then 'contacted' when 'replied' then 'replied' when 'meeting' then 'meeting' end
    and split_part(t.external_id, ':', 1) in ('heyreach', 'plusvibe', 'instantly', 'apollo', 'fullenrich');

delete from lead_stage_facts f using leads l
where l.tenant_id = f.tenant_id and l.id = f.lead_id and f.stage = 'pool' and f.entered_at = l.created_at;

-- A row of a file says the same cost whenever the file is brought in.

alter table channel_costs add column row_hash bytea check (length(row_hash) = 32);

comment on column channel_costs.row_hash is 'SHA-256 of what the row of a file said that brought it, and of which of several rows that say the same; null when none did, or the file was taken out again.';

update channel_costs c set row_hash = sha256(convert_to(concat_ws('|', c.channel, c.cost_type, c.amount_minor, c.currency,
    to_char(c.period_start, 'YYYY-MM-DD'), to_char(c.period_end, 'YYYY-MM-DD'), r.ordinal, coalesce(c.notes, '')), 'UTF8'))
from (select tenant_id, id, row_number() over (partition by tenant_id, channel, cost_type, amount_minor, currency, period_start,
        period_end, notes order by created_at, id) as ordinal
    from channel_costs where import_id is not null and version = 1) as r
where r.tenant_id = c.tenant_id and r.id = c.id;

create unique index channel_costs_row on channel_costs (tenant_id, row_hash) where row_hash is not null;

grant update (row_hash) on channel_costs to command_center_tenant;
