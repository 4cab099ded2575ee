-- The pipeline: how leads come along, what they were told, what may come of them, and what each channel costs.

alter table leads
    add column name             text check (length(name) between 1 and 300),
    add column owner            text check (length(owner) between 1 and 300),
    add column channel          text check (length(channel) between 1 and 63),
    add column value_minor      bigint check (value_minor between 0 and 999999999999),
    add column currency         text check (currency ~ '^[a-z]{3}$'),
    add column stage_entered_at timestamptz check (isfinite(stage_entered_at)),
    add column last_activity_at timestamptz check (isfinite(last_activity_at)),
    add column updated_at       timestamptz check (isfinite(updated_at)),
    add column import_id        uuid,
    add column version          integer not null default 1 check (version > 0),
    add constraint leads_value_has_a_currency check (num_nonnulls(value_minor, currency) <> 1);

update leads l set channel = coalesce((
        select c.slug from channels c where c.tenant_id = l.tenant_id and c.slug = lower(btrim(l.source))), 'unknown'),
    stage_entered_at = created_at, last_activity_at = created_at, updated_at = created_at;

alter table leads
    alter column channel set not null,
    alter column stage_entered_at set not null,
    alter column last_activity_at set not null,
    alter column updated_at set not null;

create index leads_stage on leads (tenant_id, stage, stage_entered_at, id);
create index leads_channel on leads (tenant_id, channel, created_at, id);
create index revenue_events_lead on revenue_events (tenant_id, lead_id) where lead_id is not null;
create index attribution_evidence_lead on attribution_evidence (tenant_id, lead_id) where lead_id is not null;
create index leads_import on leads (tenant_id, import_id) where import_id is not null;

comment on column leads.source           is 'Where the lead came from, as its origin calls it.';
comment on column leads.stage            is 'How far the lead has come: pool, enriched, contacted, replied, meeting, closed. The stage of its last stay.';
comment on column leads.name             is 'What the person is called.';
comment on column leads.owner            is 'Who of the tenant looks after it.';
comment on column leads.channel          is 'The tenant''s channel its source stands for, or unknown.';
comment on column leads.value_minor      is 'What it may be worth, in minor units of currency.';
comment on column leads.currency         is 'The currency of value_minor, as a lower-case ISO 4217 code.';
comment on column leads.stage_entered_at is 'When the lead entered its stage.';
comment on column leads.last_activity_at is 'The newest change of stage or touch.';
comment on column leads.updated_at       is 'When anything about it changed here.';
comment on column leads.import_id        is 'The file that brought it, when one did.';
comment on column leads.version          is 'Counts its changes.';

create table lead_stage_facts (
    tenant_id   uuid not null,
    lead_id     uuid not null,
    stage       text not null check (stage in ('pool', 'enriched', 'contacted', 'replied', 'meeting', 'closed')),
    entered_at  timestamptz not null check (isfinite(entered_at)),
    recorded_at timestamptz not null,
    primary key (tenant_id, lead_id, stage, entered_at),
    foreign key (tenant_id, lead_id) references leads (tenant_id, id)
);

comment on table  lead_stage_facts             is 'What was told of leads'' stages: that a lead is in a stage from a moment on. A set: neither order nor copies matter.';
comment on column lead_stage_facts.stage       is 'The stage.';
comment on column lead_stage_facts.entered_at  is 'From when on.';
comment on column lead_stage_facts.recorded_at is 'When we were told.';

create table lead_stays (
    tenant_id  uuid not null,
    lead_id    uuid not null,
    ordinal    integer not null check (ordinal > 0),
    stage      text not null check (stage in ('pool', 'enriched', 'contacted', 'replied', 'meeting', 'closed')),
    entered_at timestamptz not null,
    left_at    timestamptz check (left_at > entered_at),
    primary key (tenant_id, lead_id, ordinal),
    foreign key (tenant_id, lead_id) references leads (tenant_id, id)
);

create index lead_stays_stage on lead_stays (tenant_id, stage, entered_at);

comment on table  lead_stays            is 'Each lead''s stays in stages, made of lead_stage_facts and written anew whenever those of the lead change.';
comment on column lead_stays.ordinal    is 'Which of the lead''s stays, from 1.';
comment on column lead_stays.stage      is 'The stage; two stays that follow each other differ in it.';
comment on column lead_stays.entered_at is 'When the lead came into it.';
comment on column lead_stays.left_at    is 'When it went on; null for the last stay, which lasts.';

insert into lead_stage_facts (tenant_id, lead_id, stage, entered_at, recorded_at)
select tenant_id, id, stage, created_at, created_at from leads;

insert into lead_stays (tenant_id, lead_id, ordinal, stage, entered_at)
select tenant_id, id, 1, stage, created_at from leads;

create table imports (
    tenant_id   uuid not null references tenants (id),
    id          uuid not null,
    kind        text not null check (kind in ('leads', 'campaigns', 'deals', 'costs')),
    file_name   text not null check (length(file_name) between 1 and 300),
    mapping     jsonb not null,
    state       text not null check (state in ('running', 'done', 'failed', 'undone')),
    rows        bigint not null default 0 check (rows >= 0),
    created     bigint not null default 0 check (created >= 0),
    changed     bigint not null default 0 check (changed >= 0),
    refused     bigint not null default 0 check (refused >= 0),
    problems    jsonb not null default '[]',
    made_by     text not null,
    made_at     timestamptz not null,
    finished_at timestamptz,
    undone_by   text,
    undone_at   timestamptz,
    removed     bigint not null default 0 check (removed >= 0),
    primary key (tenant_id, id),
    constraint imports_undone check (num_nonnulls(undone_by, undone_at) <> 1)
);

create index imports_order on imports (tenant_id, made_at, id);

comment on table  imports             is 'Files that were brought in. What one created names it, so that it can be taken out again.';
comment on column imports.kind        is 'What its rows are.';
comment on column imports.file_name   is 'What the file was called.';
comment on column imports.mapping     is 'Which of its columns was read as what.';
comment on column imports.state       is 'running, done, failed in the middle (what was read until then stays), or undone.';
comment on column imports.rows        is 'How many rows were read.';
comment on column imports.created     is 'How many brought something new.';
comment on column imports.changed     is 'How many changed what was there.';
comment on column imports.refused     is 'How many were left out.';
comment on column imports.problems    is 'The first rows that were left out, and why.';
comment on column imports.made_by     is 'Who brought it.';
comment on column imports.finished_at is 'When it was read to its end.';
comment on column imports.undone_by   is 'Who took it out again.';
comment on column imports.removed     is 'How much of what it had created was taken out; the rest has been changed or used since.';

alter table leads add foreign key (tenant_id, import_id) references imports (tenant_id, id);

create table campaigns (
    tenant_id   uuid not null references tenants (id),
    id          uuid not null,
    external_id text not null check (length(external_id) between 1 and 200),
    connector   text not null default 'manual' check (connector ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    name        text not null check (length(name) between 1 and 300),
    channel     text not null check (length(channel) between 1 and 63),
    state       text not null check (state in ('draft', 'active', 'paused', 'finished', 'unknown')),
    started_at  timestamptz check (isfinite(started_at)),
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    import_id   uuid,
    version     integer not null default 1 check (version > 0),
    primary key (tenant_id, id),
    unique (tenant_id, connector, external_id),
    foreign key (tenant_id, import_id) references imports (tenant_id, id)
);

create index campaigns_channel on campaigns (tenant_id, channel, state);
create index campaigns_import on campaigns (tenant_id, import_id) where import_id is not null;

comment on table  campaigns             is 'Campaigns of the tools leads are reached with.';
comment on column campaigns.external_id is 'The id the campaign has in its tool.';
comment on column campaigns.connector   is 'The tool; manual when somebody told us by hand.';
comment on column campaigns.channel     is 'The tenant''s channel it works for, or unknown.';
comment on column campaigns.state       is 'draft, active, paused, finished, or unknown when the tool says something else.';
comment on column campaigns.started_at  is 'When it began to reach people.';
comment on column campaigns.import_id   is 'The file that brought it, when one did.';
comment on column campaigns.version     is 'Counts its changes.';

create table lead_touches (
    tenant_id   uuid not null,
    id          uuid not null,
    external_id text not null check (length(external_id) between 1 and 200),
    lead_id     uuid not null,
    kind        text not null check (kind in ('sent', 'opened', 'clicked', 'replied', 'bounced', 'call', 'meeting', 'note')),
    channel     text check (length(channel) between 1 and 63),
    campaign_id uuid,
    occurred_at timestamptz not null check (isfinite(occurred_at)),
    recorded_at timestamptz not null,
    note        text check (length(note) between 1 and 4000),
    primary key (tenant_id, id),
    unique (tenant_id, external_id),
    foreign key (tenant_id, lead_id) references leads (tenant_id, id),
    foreign key (tenant_id, campaign_id) references campaigns (tenant_id, id)
);

create index lead_touches_lead on lead_touches (tenant_id, lead_id, occurred_at);
create index lead_touches_kind on lead_touches (tenant_id, kind, occurred_at);
create index lead_touches_campaign on lead_touches (tenant_id, campaign_id, occurred_at) where campaign_id is not null;

comment on table  lead_touches             is 'What happened between the tenant and its leads.';
comment on column lead_touches.external_id is 'The id it has where it was seen; the same one is the same touch.';
comment on column lead_touches.kind        is 'sent, opened, clicked, replied, bounced, call, meeting or note.';
comment on column lead_touches.channel     is 'The tenant''s channel it went through, when that is known.';
comment on column lead_touches.campaign_id is 'The campaign it belongs to, when it belongs to one.';
comment on column lead_touches.occurred_at is 'When it happened.';
comment on column lead_touches.recorded_at is 'When we were told.';

create table deals (
    tenant_id           uuid not null references tenants (id),
    id                  uuid not null,
    external_id         text not null check (length(external_id) between 1 and 200),
    lead_id             uuid,
    name                text not null check (length(name) between 1 and 300),
    state               text not null check (state in ('open', 'won', 'lost')),
    stage               text not null check (length(stage) between 1 and 100),
    probability_percent smallint not null check (probability_percent between 0 and 100),
    value_minor         bigint not null check (value_minor between 0 and 999999999999),
    currency            text not null check (currency ~ '^[a-z]{3}$'),
    base_value_minor    bigint,
    opened_at           timestamptz not null check (isfinite(opened_at)),
    closed_at           timestamptz check (isfinite(closed_at)),
    updated_at          timestamptz not null,
    import_id           uuid,
    version             integer not null default 1 check (version > 0),
    primary key (tenant_id, id),
    unique (tenant_id, external_id),
    foreign key (tenant_id, lead_id) references leads (tenant_id, id),
    foreign key (tenant_id, import_id) references imports (tenant_id, id),
    constraint deals_closed check ((state = 'open') = (closed_at is null))
);

create index deals_state on deals (tenant_id, state, opened_at);
create index deals_lead on deals (tenant_id, lead_id) where lead_id is not null;
create index deals_import on deals (tenant_id, import_id) where import_id is not null;

comment on table  deals                     is 'What may come of leads, in money.';
comment on column deals.external_id         is 'The id the deal has where it is kept.';
comment on column deals.lead_id             is 'The lead it is with.';
comment on column deals.state               is 'open, won or lost.';
comment on column deals.stage               is 'How far it is, in the words of where it is kept.';
comment on column deals.probability_percent is 'How likely it is thought to be won.';
comment on column deals.value_minor         is 'What it is worth, in minor units of currency.';
comment on column deals.currency            is 'The lower-case ISO 4217 code.';
comment on column deals.base_value_minor    is 'The same in the tenant''s currency by the rate of opened_at''s UTC day; null when none is known.';
comment on column deals.closed_at           is 'When it was won or lost.';
comment on column deals.import_id           is 'The file that brought it, when one did.';
comment on column deals.version             is 'Counts its changes.';

create table cost_templates (
    tenant_id    uuid not null references tenants (id),
    id           uuid not null,
    channel      text not null check (length(channel) between 1 and 63),
    cost_type    text not null check (cost_type in ('subscription', 'usage', 'ad_spend', 'salary', 'agency', 'tool', 'commission')),
    amount_minor bigint not null check (amount_minor between -999999999999 and 999999999999),
    currency     text not null check (currency ~ '^[a-z]{3}$'),
    first_month  date not null check (extract(day from first_month) = 1),
    last_month   date check (extract(day from last_month) = 1 and last_month >= first_month),
    notes        text check (length(notes) between 1 and 2000),
    version      integer not null default 1 check (version > 0),
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    primary key (tenant_id, id)
);

comment on table  cost_templates              is 'Costs that come every month: each makes a row of channel_costs for every month that has begun.';
comment on column cost_templates.channel      is 'The channel they are for, or unknown.';
comment on column cost_templates.amount_minor is 'What a month costs, in minor units of currency; negative for a credit.';
comment on column cost_templates.first_month  is 'The first day of the first month.';
comment on column cost_templates.last_month   is 'The first day of the last month; null while it goes on.';
comment on column cost_templates.version      is 'Counts its changes.';

create table channel_costs (
    tenant_id         uuid not null references tenants (id),
    id                uuid not null,
    channel           text not null check (length(channel) between 1 and 63),
    cost_type         text not null check (cost_type in ('subscription', 'usage', 'ad_spend', 'salary', 'agency', 'tool', 'commission')),
    amount_minor      bigint not null check (amount_minor between -999999999999 and 999999999999),
    currency          text not null check (currency ~ '^[a-z]{3}$'),
    base_amount_minor bigint,
    period_start      date not null check (isfinite(period_start)),
    period_end        date not null check (isfinite(period_end)),
    notes             text check (length(notes) between 1 and 2000),
    template_id       uuid,
    import_id         uuid,
    version           integer not null default 1 check (version > 0),
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    deleted_at        timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, template_id) references cost_templates (tenant_id, id),
    foreign key (tenant_id, import_id) references imports (tenant_id, id),
    constraint channel_costs_period check (period_end >= period_start and period_end - period_start < 3660)
);

create unique index channel_costs_template on channel_costs (tenant_id, template_id, period_start) where template_id is not null;
create index channel_costs_period on channel_costs (tenant_id, period_start, period_end) where deleted_at is null;
create index channel_costs_channel on channel_costs (tenant_id, channel, period_start);
create index channel_costs_import on channel_costs (tenant_id, import_id) where import_id is not null;

comment on table  channel_costs                   is 'What a channel cost, or gave back, over some days. It is spread over them evenly.';
comment on column channel_costs.channel           is 'The channel it is for, or unknown.';
comment on column channel_costs.cost_type         is 'subscription, usage, ad_spend, salary, agency, tool or commission.';
comment on column channel_costs.amount_minor      is 'What all the days cost together, in minor units of currency; negative for a credit.';
comment on column channel_costs.currency          is 'The lower-case ISO 4217 code.';
comment on column channel_costs.base_amount_minor is 'The same in the tenant''s currency by the rate of period_start; null when none is known.';
comment on column channel_costs.period_start      is 'The first day.';
comment on column channel_costs.period_end        is 'The last day.';
comment on column channel_costs.template_id       is 'What made it, when it comes every month.';
comment on column channel_costs.import_id         is 'The file that brought it, when one did.';
comment on column channel_costs.version           is 'Counts its changes.';
comment on column channel_costs.deleted_at        is 'When it was deleted; it stays, to be brought back, and counts nowhere.';

create table told_before (
    tenant_id    uuid not null references tenants (id),
    subject      text not null check (length(subject) between 1 and 300),
    key          text not null check (length(key) between 1 and 255),
    payload_hash bytea not null check (length(payload_hash) = 32),
    answer       text not null,
    told_at      timestamptz not null,
    primary key (tenant_id, subject, key)
);

comment on table  told_before              is 'What programs told us under a key of their own: told again it is answered as before, and changes nothing.';
comment on column told_before.subject      is 'What was told: events of leads, or the method and path of a request with an Idempotency-Key.';
comment on column told_before.key          is 'The event''s id, or the Idempotency-Key.';
comment on column told_before.payload_hash is 'SHA-256 of what was told, so that something else under the same key is refused.';
comment on column told_before.answer       is 'What was answered; empty for events.';

alter table lead_stage_facts enable row level security;
alter table lead_stays enable row level security;
alter table imports enable row level security;
alter table campaigns enable row level security;
alter table lead_touches enable row level security;
alter table deals enable row level security;
alter table cost_templates enable row level security;
alter table channel_costs enable row level security;
alter table told_before enable row level security;

grant update (name, owner, channel, value_minor, currency, stage_entered_at, last_activity_at, updated_at, version),
    delete on leads to command_center_tenant;

grant select, insert, delete on lead_stage_facts to command_center_tenant;
create policy own_rows on lead_stage_facts to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, delete on lead_stays to command_center_tenant;
create policy own_rows on lead_stays to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (state, rows, created, changed, refused, problems, finished_at, undone_by, undone_at, removed)
    on imports to command_center_tenant;
create policy own_rows on imports to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (name, channel, state, started_at, updated_at, version), delete on campaigns to command_center_tenant;
create policy own_rows on campaigns to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on lead_touches to command_center_tenant;
create policy own_rows on lead_touches to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (lead_id, name, state, stage, probability_percent, value_minor, currency, base_value_minor,
    opened_at, closed_at, updated_at, version), delete on deals to command_center_tenant;
create policy own_rows on deals to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (last_month, version, updated_at) on cost_templates to command_center_tenant;
create policy own_rows on cost_templates to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (channel, cost_type, amount_minor, currency, base_amount_minor, period_start, period_end,
    notes, version, updated_at, deleted_at) on channel_costs to command_center_tenant;
create policy own_rows on channel_costs to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on told_before to command_center_tenant;
create policy own_rows on told_before to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
