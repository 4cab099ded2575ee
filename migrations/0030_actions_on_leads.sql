-- What is done to leads: looking them up, and writing to them once more.

create table action_leads (
    tenant_id  uuid not null references tenants (id),
    action_id  uuid not null,
    lead_id    uuid not null,
    ordinal    integer not null check (ordinal > 0),
    kind       text not null check (kind in ('retry_enrichment', 'send_follow_up')),
    tool       text not null check (tool in ('heyreach', 'plusvibe', 'instantly', 'apollo', 'fullenrich')),
    message    text check (length(message) between 1 and 8000),
    thread     jsonb check (jsonb_typeof(thread) = 'object'),
    state      text not null check (state in ('queued', 'calling', 'waiting', 'unknown', 'done', 'failed', 'cancelled')),
    reference  text check (length(reference) between 1 and 300),
    answer     jsonb check (jsonb_typeof(answer) = 'object'),
    problem    text check (length(problem) between 1 and 2000),
    credits    bigint check (credits >= 0),
    asked_at   timestamptz not null,
    called_at  timestamptz,
    next_at    timestamptz,
    ended_at   timestamptz,
    primary key (tenant_id, action_id, lead_id),
    foreign key (tenant_id, action_id) references actions (tenant_id, id),
    foreign key (tenant_id, lead_id) references leads (tenant_id, id),
    constraint action_leads_message check ((kind = 'send_follow_up') = (message is not null and thread is not null)),
    constraint action_leads_waiting check ((state = 'waiting') = (next_at is not null)),
    constraint action_leads_ended check ((state in ('unknown', 'done', 'failed', 'cancelled')) = (ended_at is not null))
);

-- The same is not done to a lead twice at once, whoever asks.
create unique index action_leads_under_way on action_leads (tenant_id, lead_id, kind) where state in ('queued', 'calling', 'waiting');
create index action_leads_newest on action_leads (tenant_id, kind, lead_id, asked_at desc);
create index action_leads_of_lead on action_leads (tenant_id, lead_id, asked_at desc);
create index action_leads_asked on action_leads (tenant_id, kind, asked_at);

comment on table  action_leads           is 'What an action does to each lead, and what became of it.';
comment on column action_leads.tenant_id is 'Whose row it is.';
comment on column action_leads.action_id is 'The action.';
comment on column action_leads.lead_id   is 'The lead.';
comment on column action_leads.ordinal   is 'Which of the action''s leads, from 1.';
comment on column action_leads.kind      is 'What is done; that of the action.';
comment on column action_leads.tool      is 'The tool that is asked.';
comment on column action_leads.message   is 'What the lead is written.';
comment on column action_leads.thread    is 'The conversation it is written in, as the tool names it.';
comment on column action_leads.state     is 'queued; calling: the tool is being asked; waiting: the tool works at it; unknown: it did not answer; done, failed, or cancelled before it was asked.';
comment on column action_leads.reference is 'What the tool calls the question, or the message that was sent.';
comment on column action_leads.answer    is 'What the tool answered, without secrets.';
comment on column action_leads.problem   is 'Why it came to nothing, or is not known.';
comment on column action_leads.credits   is 'What it cost, in the tool''s credits, when the tool says.';
comment on column action_leads.asked_at  is 'When somebody asked for it.';
comment on column action_leads.called_at is 'When the tool was last asked.';
comment on column action_leads.next_at   is 'When the tool is to be asked again how far it is.';
comment on column action_leads.ended_at  is 'When it was over.';

alter table action_leads enable row level security;

grant select, insert, update (state, reference, answer, problem, credits, called_at, next_at, ended_at) on action_leads
    to command_center_tenant;
create policy own_rows on action_leads to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

create index syncs_ended on syncs (tenant_id, tool, started_at desc) where state <> 'running';

alter table alerts
    drop constraint alerts_kind_check,
    add constraint alerts_kind_check check (kind in ('channel_losing', 'failed_payments', 'stuck_leads', 'unknown_share',
        'refund_spike', 'cac_drift', 'funnel_drop', 'enrichment_failing', 'sync_failing', 'dead_letters', 'webhook_silence',
        'mrr_identity', 'room_to_grow'));
