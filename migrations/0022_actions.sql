-- What somebody had done at a tool, and what became of it.

create table actions (
    tenant_id       uuid not null references tenants (id),
    id              uuid not null,
    kind            text not null check (kind in ('launch_campaign', 'pause_campaign', 'resume_campaign', 'retry_enrichment',
        'send_follow_up', 'assign_channel', 'webhook')),
    campaign_id     uuid,
    idempotency_key text not null check (length(idempotency_key) between 1 and 200),
    payload_hash    bytea not null check (length(payload_hash) = 32),
    state           text not null check (state in ('queued', 'calling', 'unknown', 'done', 'failed', 'undone', 'cancelled')),
    preview         jsonb not null check (jsonb_typeof(preview) = 'object'),
    answer          jsonb check (jsonb_typeof(answer) = 'object'),
    problem         text check (length(problem) between 1 and 2000),
    undo_of         uuid,
    asked_by        text not null check (length(asked_by) between 1 and 400),
    asked_at        timestamptz not null,
    called_at       timestamptz,
    ended_at        timestamptz,
    version         integer not null default 1 check (version > 0),
    primary key (tenant_id, id),
    unique (tenant_id, idempotency_key),
    foreign key (tenant_id, campaign_id) references campaigns (tenant_id, id),
    foreign key (tenant_id, undo_of) references actions (tenant_id, id),
    constraint actions_about check ((campaign_id is not null) = (kind in ('launch_campaign', 'pause_campaign', 'resume_campaign'))),
    constraint actions_ended check ((ended_at is not null) = (state in ('done', 'failed', 'undone', 'cancelled')))
);

-- Two of one campaign at once cannot be: the second is told how it stands.
create unique index actions_under_way on actions (tenant_id, campaign_id) where state in ('queued', 'calling');
create index actions_newest on actions (tenant_id, asked_at desc, id);
create index actions_campaign on actions (tenant_id, campaign_id, asked_at) where campaign_id is not null;
create unique index actions_undone_once on actions (tenant_id, undo_of) where undo_of is not null and state not in ('failed', 'cancelled');

comment on table  actions                 is 'What somebody had done at a tool: asked for once, called for once, with what the tool answered.';
comment on column actions.kind            is 'What is done.';
comment on column actions.campaign_id     is 'The campaign it is done to, when it is done to one.';
comment on column actions.idempotency_key is 'What who asked calls it; the same again is the same action.';
comment on column actions.payload_hash    is 'SHA-256 of what was asked for under that key.';
comment on column actions.state           is 'queued; calling: sent to the tool; unknown: not answered, it is asked how things stand; done, failed, undone, or cancelled before it was sent.';
comment on column actions.preview         is 'What was shown before it was asked for: whom it touches, and how things stood.';
comment on column actions.answer          is 'What the tool answered, without secrets.';
comment on column actions.problem         is 'Why it is not done, or not known.';
comment on column actions.undo_of         is 'The action it takes back.';
comment on column actions.asked_by        is 'Who asked for it, by the name they had then.';
comment on column actions.asked_at        is 'When.';
comment on column actions.called_at       is 'When the tool was last asked for it.';
comment on column actions.ended_at        is 'When it was done, given up or called off.';
comment on column actions.version         is 'Counts the steps of its life.';

create table action_events (
    tenant_id uuid not null references tenants (id),
    action_id uuid not null,
    version   integer not null check (version > 0),
    step      text not null check (step in ('request', 'call', 'put_back', 'confirm', 'refuse', 'silence', 'undo', 'cancel')),
    state     text not null check (state in ('queued', 'calling', 'unknown', 'done', 'failed', 'undone', 'cancelled')),
    by        text check (length(by) between 1 and 400),
    note      text check (length(note) between 1 and 2000),
    at        timestamptz not null,
    primary key (tenant_id, action_id, version),
    foreign key (tenant_id, action_id) references actions (tenant_id, id)
);

comment on table  action_events           is 'The life of actions, step by step. Rows are only ever added.';
comment on column action_events.action_id is 'The action.';
comment on column action_events.version   is 'The version of the action it made.';
comment on column action_events.step      is 'What happened.';
comment on column action_events.state     is 'Where the action was then.';
comment on column action_events.by        is 'Who did it, by the name they had then; null when the program did.';
comment on column action_events.note      is 'What there is to know of it, such as what the tool said.';

create trigger action_events_append_only before update or delete on action_events
    for each row execute function refuse_rewriting_history();

alter table actions enable row level security;
alter table action_events enable row level security;

grant select, insert, update (state, answer, problem, called_at, ended_at, version) on actions to command_center_tenant;
create policy own_rows on actions to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on action_events to command_center_tenant;
create policy own_rows on action_events to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
