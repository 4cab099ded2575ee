-- Tools that tenants reach people with: which are connected, what was read from them, and what they sent.

create table connections (
    tenant_id          uuid not null references tenants (id),
    tool               text not null check (tool in ('heyreach', 'plusvibe', 'instantly', 'apollo', 'fullenrich')),
    state              text not null check (state in ('connected', 'refused', 'disconnected')),
    api_base           text check (length(api_base) between 1 and 300),
    capabilities       jsonb not null default '{}' check (jsonb_typeof(capabilities) = 'object'),
    problem            text check (length(problem) between 1 and 1000),
    webhook_token_hash bytea check (length(webhook_token_hash) = 32),
    connected_by       text not null check (length(connected_by) between 1 and 400),
    connected_at       timestamptz not null,
    probed_at          timestamptz not null,
    primary key (tenant_id, tool)
);

comment on table  connections                    is 'Tools of a tenant. The credential of each is in tenant_secrets under the same word.';
comment on column connections.tool               is 'Which.';
comment on column connections.state              is 'connected; refused while the tool does not take the key; disconnected when somebody ended it.';
comment on column connections.api_base           is 'Where it is asked, when not at its own address.';
comment on column connections.capabilities       is 'What the key allows, each null, or why not.';
comment on column connections.problem            is 'Why it does not work.';
comment on column connections.webhook_token_hash is 'SHA-256 of the token the tool repeats with what it sends; null when it is to send nothing.';
comment on column connections.connected_by       is 'Who connected it, by the name they had then.';
comment on column connections.probed_at          is 'When the tool was last asked what the key allows.';

create table syncs (
    tenant_id  uuid not null,
    id         uuid not null,
    tool       text not null,
    state      text not null check (state in ('running', 'done', 'failed')),
    started_by text not null check (length(started_by) between 1 and 400),
    started_at timestamptz not null,
    heard_at   timestamptz not null,
    ended_at   timestamptz,
    came       bigint not null default 0,
    created    bigint not null default 0 check (created >= 0),
    changed    bigint not null default 0 check (changed >= 0),
    same       bigint not null default 0 check (same >= 0),
    rejected   bigint not null default 0 check (rejected >= 0),
    problem    text check (length(problem) between 1 and 1000),
    primary key (tenant_id, id),
    foreign key (tenant_id, tool) references connections (tenant_id, tool),
    constraint syncs_nothing_lost check (came = created + changed + same + rejected),
    constraint syncs_ended check ((state = 'running') = (ended_at is null)),
    constraint syncs_failed check ((state = 'failed') = (problem is not null))
);

create unique index syncs_running on syncs (tenant_id, tool) where state = 'running';
create index syncs_newest on syncs (tenant_id, tool, started_at desc);

comment on table  syncs            is 'Each time a tool was read from. What came is what was taken and what was rejected.';
comment on column syncs.tool       is 'The tool.';
comment on column syncs.state      is 'running, done or failed. One that was killed stays running until the next one goes on with it.';
comment on column syncs.started_by is 'Who had it read, by the name they had then.';
comment on column syncs.heard_at   is 'When it last came further.';
comment on column syncs.came       is 'How many campaigns, people and touches the tool gave.';
comment on column syncs.created    is 'How many of them were new.';
comment on column syncs.changed    is 'How many were other than before.';
comment on column syncs.same       is 'How many were known as they are.';
comment on column syncs.rejected   is 'How many could not be taken; each is in sync_rejections.';
comment on column syncs.problem    is 'Why it failed.';

create table sync_rejections (
    tenant_id uuid not null,
    sync_id   uuid not null,
    ordinal   bigint not null check (ordinal > 0),
    object    text not null check (object in ('campaign', 'person', 'touch', 'list')),
    reference text check (length(reference) between 1 and 300),
    reason    text not null check (length(reason) between 1 and 1000),
    raw       jsonb not null,
    primary key (tenant_id, sync_id, ordinal),
    foreign key (tenant_id, sync_id) references syncs (tenant_id, id)
);

comment on table  sync_rejections           is 'What a tool gave and could not be taken. Rows are only ever added.';
comment on column sync_rejections.ordinal   is 'Which of the sync''s, from 1.';
comment on column sync_rejections.object    is 'What it was to be; list when a whole list of a campaign could not be read.';
comment on column sync_rejections.reference is 'What the tool calls it, as far as that can be told.';
comment on column sync_rejections.reason    is 'What is wrong with it.';
comment on column sync_rejections.raw       is 'What the tool said.';

create trigger sync_rejections_append_only before update or delete on sync_rejections
    for each row execute function refuse_rewriting_history();

create table sync_cursors (
    tenant_id uuid not null,
    tool      text not null,
    list      text not null check (length(list) between 1 and 300),
    place     text check (length(place) <= 4000),
    since     text check (length(since) <= 4000),
    walked_by uuid,
    walked_at timestamptz,
    primary key (tenant_id, tool, list),
    foreign key (tenant_id, tool) references connections (tenant_id, tool),
    foreign key (tenant_id, walked_by) references syncs (tenant_id, id),
    constraint sync_cursors_walked check ((walked_by is null) = (walked_at is null))
);

comment on table  sync_cursors           is 'How far each list of a tool was read. Written with the page it is behind, in one transaction.';
comment on column sync_cursors.list      is 'campaigns, touches, or one of these with a campaign: people:ID, touches:ID.';
comment on column sync_cursors.place     is 'Where to go on, while it is being read.';
comment on column sync_cursors.since     is 'Where to begin the next time, where the tool allows.';
comment on column sync_cursors.walked_by is 'The sync that last read it to its end.';
comment on column sync_cursors.walked_at is 'When that was.';

create table synced_objects (
    tenant_id   uuid not null,
    tool        text not null,
    object      text not null check (object in ('campaign', 'person', 'touch')),
    external_id text not null check (length(external_id) between 1 and 300),
    lead_id     uuid,
    raw         jsonb not null,
    thread      jsonb check (jsonb_typeof(thread) = 'object'),
    stage       text check (stage in ('contacted', 'replied', 'meeting')),
    stage_at    timestamptz check (isfinite(stage_at)),
    seen_at     timestamptz not null,
    changed_at  timestamptz not null,
    primary key (tenant_id, tool, object, external_id),
    foreign key (tenant_id, tool) references connections (tenant_id, tool),
    foreign key (tenant_id, lead_id) references leads (tenant_id, id) on delete cascade,
    constraint synced_objects_stage check (stage_at is null or stage is not null),
    constraint synced_objects_concern_a_lead check ((object = 'campaign') = (lead_id is null))
);

create index synced_objects_lead on synced_objects (tenant_id, lead_id, object) where lead_id is not null;

comment on table  synced_objects             is 'What tools gave, as they said it, beside what was read of it; and which lead each of their people is.';
comment on column synced_objects.object      is 'campaign, person or touch.';
comment on column synced_objects.external_id is 'By what the tool tells it from others: an id, an e-mail, or the address of a profile.';
comment on column synced_objects.lead_id     is 'The lead it is, or that it happened with.';
comment on column synced_objects.raw         is 'What the tool said last.';
comment on column synced_objects.thread      is 'Where an answer to it goes.';
comment on column synced_objects.stage       is 'How far the tool says that somebody has come.';
comment on column synced_objects.stage_at    is 'When they came so far, when the tool says.';
comment on column synced_objects.seen_at     is 'When it was first given.';
comment on column synced_objects.changed_at  is 'When the tool last said something else of it.';

create table webhook_deliveries (
    tenant_id   uuid not null,
    tool        text not null,
    key         text not null check (length(key) between 1 and 200),
    body        jsonb not null,
    received_at timestamptz not null,
    state       text not null check (state in ('pending', 'applied', 'nothing', 'rejected')),
    reason      text check (length(reason) between 1 and 1000),
    read_at     timestamptz,
    primary key (tenant_id, tool, key),
    foreign key (tenant_id, tool) references connections (tenant_id, tool),
    constraint webhook_deliveries_read check ((state = 'pending') = (read_at is null)),
    constraint webhook_deliveries_explained check ((state in ('nothing', 'rejected')) = (reason is not null))
);

create index webhook_deliveries_pending on webhook_deliveries (tenant_id, tool, received_at) where state = 'pending';

comment on table  webhook_deliveries             is 'What tools sent of their own accord, each once, kept before anything is made of it.';
comment on column webhook_deliveries.key         is 'The same for every copy of a delivery.';
comment on column webhook_deliveries.body        is 'What was sent.';
comment on column webhook_deliveries.state       is 'pending; applied; nothing when it tells nothing that is counted; rejected when it could not be read.';
comment on column webhook_deliveries.reason      is 'Why nothing was made of it.';
comment on column webhook_deliveries.read_at     is 'When something was made of it.';

alter table connections enable row level security;
alter table syncs enable row level security;
alter table sync_rejections enable row level security;
alter table sync_cursors enable row level security;
alter table synced_objects enable row level security;
alter table webhook_deliveries enable row level security;

grant select, insert, update (state, api_base, capabilities, problem, webhook_token_hash, connected_by, connected_at, probed_at)
    on connections to command_center_tenant;
create policy own_rows on connections to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select (tenant_id, tool, state) on connections to command_center_platform;
create policy connected on connections for select to command_center_platform using (state = 'connected');

grant select, insert, update (state, heard_at, ended_at, came, created, changed, same, rejected, problem) on syncs to command_center_tenant;
create policy own_rows on syncs to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on sync_rejections to command_center_tenant;
create policy own_rows on sync_rejections to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (place, since, walked_by, walked_at) on sync_cursors to command_center_tenant;
create policy own_rows on sync_cursors to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (lead_id, raw, thread, stage, stage_at, changed_at) on synced_objects to command_center_tenant;
create policy own_rows on synced_objects to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (state, reason, read_at) on webhook_deliveries to command_center_tenant;
create policy own_rows on webhook_deliveries to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
