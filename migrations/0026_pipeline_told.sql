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
