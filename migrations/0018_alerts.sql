-- What needs somebody, and what became of it.

create table alerts (
    tenant_id     uuid not null references tenants (id),
    id            uuid not null,
    key           text not null check (length(key) between 1 and 200),
    kind          text not null check (kind in ('channel_losing', 'failed_payments', 'stuck_leads', 'unknown_share', 'refund_spike',
        'cac_drift', 'funnel_drop', 'dead_letters', 'webhook_silence', 'room_to_grow')),
    severity      text not null check (severity in ('info', 'opportunity', 'warning', 'critical')),
    state         text not null check (state in ('open', 'acknowledged', 'snoozed', 'resolved')),
    title         text not null check (length(title) between 1 and 1000),
    why           text not null check (length(why) between 1 and 4000),
    operands      jsonb not null check (jsonb_typeof(operands) = 'object'),
    assignee      text check (length(assignee) between 1 and 400),
    set_aside_at  text check (set_aside_at in ('info', 'opportunity', 'warning', 'critical')),
    snoozed_until timestamptz,
    opened_at     timestamptz not null,
    last_seen_at  timestamptz not null,
    resolved_at   timestamptz,
    cleared_at    timestamptz,
    version       integer not null default 1 check (version > 0),
    primary key (tenant_id, id),
    constraint alerts_resolved check ((state = 'resolved') = (resolved_at is not null)),
    constraint alerts_snoozed check ((state = 'snoozed') = (snoozed_until is not null)),
    constraint alerts_cleared check (cleared_at is null or state = 'resolved')
);

create unique index alerts_standing on alerts (tenant_id, key) where cleared_at is null;
create index alerts_by_state on alerts (tenant_id, state, opened_at desc);

comment on table  alerts               is 'What needs somebody. One stands under a key from when its condition is found until it is gone; the next time opens another.';
comment on column alerts.key           is 'What it is known by from one look to the next: its kind and what it is about, such as channel_losing:meta_ads.';
comment on column alerts.kind          is 'What found it.';
comment on column alerts.severity      is 'How much it matters: critical, warning, opportunity or info.';
comment on column alerts.state         is 'open, acknowledged, snoozed or resolved.';
comment on column alerts.title         is 'What it is, in a few words.';
comment on column alerts.why           is 'Why, with the operands.';
comment on column alerts.operands      is 'The numbers it rests on, by name; a name says the unit.';
comment on column alerts.assignee      is 'Who looks after it, by the name they had when they acknowledged it.';
comment on column alerts.set_aside_at  is 'How much it mattered when somebody set it aside; it comes back when it gets worse than that.';
comment on column alerts.snoozed_until is 'Until when it is not shown.';
comment on column alerts.opened_at     is 'When its condition was first found.';
comment on column alerts.last_seen_at  is 'When its condition was last found.';
comment on column alerts.resolved_at   is 'When somebody was done with it, or its condition was gone.';
comment on column alerts.cleared_at    is 'When its condition was gone. Until then nothing else stands under its key, also when somebody resolved it.';
comment on column alerts.version       is 'Counts changes of its state and severity; numbers that change do not count.';

create table alert_events (
    tenant_id     uuid not null references tenants (id),
    alert_id      uuid not null,
    version       integer not null check (version > 0),
    change        text not null check (change in ('opened', 'reopened', 'worsened', 'eased', 'acknowledged', 'snoozed', 'resolved', 'cleared')),
    severity      text not null check (severity in ('info', 'opportunity', 'warning', 'critical')),
    why           text not null check (length(why) between 1 and 4000),
    actor_name    text check (length(actor_name) between 1 and 400),
    snoozed_until timestamptz,
    at            timestamptz not null,
    primary key (tenant_id, alert_id, version),
    foreign key (tenant_id, alert_id) references alerts (tenant_id, id)
);

comment on table  alert_events               is 'What happened to alerts. Rows are only ever added.';
comment on column alert_events.alert_id      is 'The alert.';
comment on column alert_events.version       is 'The version of the alert it made.';
comment on column alert_events.change        is 'What happened.';
comment on column alert_events.severity      is 'How much it mattered from then on.';
comment on column alert_events.why           is 'Why it was there, with the operands as they were.';
comment on column alert_events.actor_name    is 'Who did it, by the name they had then; null when it happened by itself.';
comment on column alert_events.snoozed_until is 'Until when it was snoozed.';

create trigger alert_events_append_only before update or delete on alert_events
    for each row execute function refuse_rewriting_history();

alter table alerts enable row level security;
alter table alert_events enable row level security;

grant select, insert, update (severity, state, title, why, operands, assignee, set_aside_at, snoozed_until, last_seen_at, resolved_at,
    cleared_at, version) on alerts to command_center_tenant;
create policy own_rows on alerts to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on alert_events to command_center_tenant;
create policy own_rows on alert_events to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
