-- Actions that something newer overtook; alerts that are about several things, of which one more is news, and about
-- recurring revenue that is counted differently in different ways; who looks after alerts, and what is said about them.

alter table actions
    drop constraint actions_state_check,
    add constraint actions_state_check check (state in ('queued', 'calling', 'unknown', 'done', 'failed', 'undone', 'cancelled',
        'overtaken')),
    drop constraint actions_ended,
    add constraint actions_ended check ((ended_at is not null) = (state in ('done', 'failed', 'undone', 'cancelled', 'overtaken')));

alter table action_events
    drop constraint action_events_state_check,
    add constraint action_events_state_check check (state in ('queued', 'calling', 'unknown', 'done', 'failed', 'undone',
        'cancelled', 'overtaken')),
    drop constraint action_events_step_check,
    add constraint action_events_step_check check (step in ('request', 'call', 'put_back', 'confirm', 'refuse', 'silence', 'undo',
        'cancel', 'overtake'));

drop index actions_undone_once;
create unique index actions_undone_once on actions (tenant_id, undo_of)
    where undo_of is not null and state not in ('failed', 'cancelled', 'overtaken');

create index actions_unknown on actions (tenant_id, asked_at desc, id desc) where state = 'unknown';

comment on column actions.state    is 'queued; calling: sent to the tool; unknown: not answered, it is asked how things stand; done, failed, undone, cancelled before it was sent, or overtaken: not known, and something newer was done to the same thing.';
comment on column actions.ended_at is 'When it was done, given up, called off or overtaken.';

alter table alerts
    add column about           text[] not null default '{}',
    add column set_aside_about text[];

comment on column alerts.about           is 'What it is about one by one, where one more is news: the names of failed payments.';
comment on column alerts.set_aside_about is 'What it was about when somebody set it aside, of what it still is; it comes back when it is about something more.';

grant update (about, set_aside_about) on alerts to command_center_tenant;

alter table alerts
    drop constraint alerts_kind_check,
    add constraint alerts_kind_check check (kind in ('channel_losing', 'failed_payments', 'stuck_leads', 'unknown_share',
        'refund_spike', 'cac_drift', 'funnel_drop', 'dead_letters', 'webhook_silence', 'mrr_identity', 'room_to_grow'));

alter table alert_events
    drop constraint alert_events_change_check,
    add constraint alert_events_change_check check (change in ('opened', 'reopened', 'worsened', 'eased', 'acknowledged',
        'snoozed', 'resolved', 'assigned', 'unassigned', 'cleared')),
    add column assignee text check (length(assignee) between 1 and 400),
    add constraint alert_events_assigned check ((change = 'assigned') = (assignee is not null));

comment on column alert_events.assignee is 'To whom it was assigned, by the name they had then.';

create table alert_comments (
    tenant_id   uuid not null references tenants (id),
    id          uuid not null,
    seq         bigint generated always as identity,
    alert_id    uuid not null,
    body        text not null check (length(body) between 1 and 2000),
    author_name text not null check (length(author_name) between 1 and 400),
    at          timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, alert_id) references alerts (tenant_id, id)
);

create index alert_comments_alert on alert_comments (tenant_id, alert_id, seq);

comment on table  alert_comments             is 'What people say about alerts. Rows are only ever added.';
comment on column alert_comments.tenant_id   is 'Whose row it is.';
comment on column alert_comments.id          is 'Ours.';
comment on column alert_comments.seq         is 'Order of writing.';
comment on column alert_comments.alert_id    is 'The alert.';
comment on column alert_comments.body        is 'What was said, as plain text.';
comment on column alert_comments.author_name is 'Who said it, by the name they had then.';
comment on column alert_comments.at          is 'When it was said.';

create trigger alert_comments_append_only before update or delete on alert_comments
    for each row execute function refuse_rewriting_history();

alter table alert_comments enable row level security;

grant select, insert on alert_comments to command_center_tenant;
create policy own_rows on alert_comments to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

create index revenue_events_recurring on revenue_events (tenant_id) include (currency, mrr_impact_minor, id)
    where mrr_impact_minor <> 0;
