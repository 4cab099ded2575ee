-- Looking up at Stripe what its events no longer tell: which account, how far, and what is known of each object.

create table stripe_accounts (
    tenant_id  uuid primary key references tenants (id),
    account_id text not null check (account_id ~ '^acct_[A-Za-z0-9_]{1,60}$'),
    livemode   boolean not null,
    problem    text check (length(problem) between 1 and 1000),
    checked_at timestamptz not null
);

comment on table  stripe_accounts            is 'The one Stripe account a tenant''s key belongs to. Keys of another account or mode are refused.';
comment on column stripe_accounts.account_id is 'Stripe''s id of the account, acct_….';
comment on column stripe_accounts.livemode   is 'Whether real money moves there.';
comment on column stripe_accounts.problem    is 'Why the key does not work any more; null while it does.';
comment on column stripe_accounts.checked_at is 'When that was last found out.';

create table backfills (
    tenant_id  uuid not null references tenants (id),
    id         uuid not null,
    seq        bigint generated always as identity,
    asked      text not null check (length(asked) between 1 and 60),
    from_at    timestamptz not null,
    to_at      timestamptz not null,
    state      text not null check (state in ('running', 'paused', 'failed', 'done')),
    problem    text check (length(problem) between 1 and 1000),
    comparison text check (length(comparison) <= 4000),
    started_by text not null,
    started_at timestamptz not null,
    heard_at   timestamptz not null,
    ended_at   timestamptz,
    primary key (tenant_id, id),
    constraint backfills_a_window check (from_at < to_at),
    constraint backfills_say_why check (state <> 'failed' or problem is not null)
);

create index backfills_newest on backfills (tenant_id, seq);
-- There is one unfinished run to go on with, and whoever restarts the program finds it.
create unique index backfills_running on backfills (tenant_id) where state = 'running';

comment on table  backfills            is 'Each time a tenant''s past was read from Stripe.';
comment on column backfills.asked      is 'What was asked for, in words: 365 days, or 2026-01-01 to 2026-03-31. An unfinished run is gone on with when the same is asked.';
comment on column backfills.from_at    is 'Objects made from here on are read.';
comment on column backfills.to_at      is 'Up to here, exclusively: what is newer comes by webhook.';
comment on column backfills.state      is 'running: being read, or waiting for a program to go on; paused: somebody stopped it; failed: see problem; done: everything is stored.';
comment on column backfills.problem    is 'Why it failed.';
comment on column backfills.comparison is 'How the ledger compared with Stripe''s balance in the end, a line per currency.';
comment on column backfills.started_by is 'Who started it.';
comment on column backfills.heard_at   is 'When it last came further.';

create table backfill_cursors (
    tenant_id      uuid not null,
    backfill_id    uuid not null,
    object         text not null check (object ~ '^[a-z_]{1,40}$'),
    starting_after text check (length(starting_after) between 1 and 255),
    seen_down_to   timestamptz,
    before_at      timestamptz,
    pages          bigint not null default 0 check (pages >= 0),
    found          bigint not null default 0 check (found >= 0),
    stored         bigint not null default 0 check (stored >= 0),
    restarts       integer not null default 0 check (restarts >= 0),
    state          text not null check (state in ('running', 'failed', 'done')),
    problem        text check (length(problem) between 1 and 1000),
    primary key (tenant_id, backfill_id, object),
    foreign key (tenant_id, backfill_id) references backfills (tenant_id, id)
);

comment on table  backfill_cursors                is 'How far a run has come with each list of Stripe''s. Written in the transaction that stores the page.';
comment on column backfill_cursors.object         is 'Which list: charges, invoices, subscriptions…';
comment on column backfill_cursors.starting_after is 'The last object of the newest page; null before the first page, and after that object was deleted.';
comment on column backfill_cursors.seen_down_to   is 'When the oldest object seen so far was made; lists come newest first.';
comment on column backfill_cursors.before_at      is 'Only what was made until here is asked for: where the list was begun anew when starting_after was gone.';
comment on column backfill_cursors.pages          is 'How many pages were read.';
comment on column backfill_cursors.found          is 'How many different objects they held.';
comment on column backfill_cursors.stored         is 'How many of them were new, or other than when last looked up.';
comment on column backfill_cursors.restarts       is 'How often the list was begun anew.';

create table stripe_lookups (
    tenant_id    uuid not null references tenants (id),
    object_id    text not null check (length(object_id) between 1 and 255),
    content_hash text not null check (content_hash ~ '^[0-9a-f]{16}$'),
    states       integer not null check (states > 0),
    looked_up_at timestamptz not null,
    primary key (tenant_id, object_id)
);

comment on table  stripe_lookups              is 'What each object was like when it was last looked up, so that looking again stores nothing unless it changed.';
comment on column stripe_lookups.object_id    is 'Stripe''s id of the object.';
comment on column stripe_lookups.content_hash is 'The first half of SHA-256 over its content, without the addresses that change at every look.';
comment on column stripe_lookups.states       is 'In how many states it was seen; numbers the events when an object returns to an earlier one.';

alter table stripe_accounts enable row level security;
alter table backfills enable row level security;
alter table backfill_cursors enable row level security;
alter table stripe_lookups enable row level security;

grant select, insert, update (problem, checked_at) on stripe_accounts to command_center_tenant;
create policy own_rows on stripe_accounts to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (state, problem, comparison, heard_at, ended_at) on backfills to command_center_tenant;
create policy own_rows on backfills to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (starting_after, seen_down_to, before_at, pages, found, stored, restarts, state, problem)
    on backfill_cursors to command_center_tenant;
create policy own_rows on backfill_cursors to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (content_hash, states, looked_up_at) on stripe_lookups to command_center_tenant;
create policy own_rows on stripe_lookups to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

-- Which tenants have a run to go on with.
grant select (tenant_id, state) on backfills to command_center_platform;
create policy waiting on backfills for select to command_center_platform using (state = 'running');
