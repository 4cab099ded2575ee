-- Who may come in, and to what: people, their memberships, sessions, keys, and what they did.

alter table tenants
    add column tier                  text     not null default 'starter' check (tier ~ '^[a-z]{1,20}$'),
    add column gross_margin_permille smallint not null default 1000 check (gross_margin_permille between 0 and 1000),
    add column target_roas_percent   integer  not null default 200 check (target_roas_percent between 1 and 100000),
    add column minimum_spend_minor   bigint   not null default 50000 check (minimum_spend_minor between 0 and 999999999999),
    add column minimum_customers     integer  not null default 5 check (minimum_customers between 1 and 100000),
    add column maximum_payback_months integer not null default 12 check (maximum_payback_months between 1 and 120),
    add column stuck_after_days      integer  not null default 14 check (stuck_after_days between 1 and 365),
    add column version               integer  not null default 1;

comment on column tenants.tier                   is 'The plan the tenant is on.';
comment on column tenants.gross_margin_permille  is 'Gross margin in thousandths of revenue; ROI, LTV and payback are computed with it.';
comment on column tenants.target_roas_percent    is 'Return on ad spend, in percent, from which a channel counts as profitable.';
comment on column tenants.minimum_spend_minor    is 'Spend below which a channel is not judged, in minor units of the tenant''s currency.';
comment on column tenants.minimum_customers      is 'New customers below which a channel is not judged.';
comment on column tenants.maximum_payback_months is 'Months within which the cost of winning a customer should be earned back.';
comment on column tenants.stuck_after_days       is 'Days without movement after which a lead counts as stuck.';
comment on column tenants.version                is 'Counts changes of the settings, so that nobody overwrites what they have not seen.';

create table users (
    id                uuid primary key,
    email             text not null unique check (email = lower(btrim(email)) and length(email) between 3 and 320),
    name              text not null check (length(name) between 1 and 200),
    password_hash     text not null,
    is_platform_admin boolean not null default false,
    created_at        timestamptz not null,
    disabled_at       timestamptz
);

comment on table  users                   is 'People who sign in. They belong to tenants by membership.';
comment on column users.email             is 'Trimmed and lower-cased; what they sign in with.';
comment on column users.password_hash     is 'Argon2id, with its parameters and salt.';
comment on column users.is_platform_admin is 'Whether they see every tenant and the aggregate.';
comment on column users.disabled_at       is 'Since when they may no longer sign in.';

create table memberships (
    tenant_id  uuid not null references tenants (id),
    user_id    uuid not null references users (id),
    role       text not null check (role in ('viewer', 'operator', 'admin', 'owner')),
    created_at timestamptz not null,
    primary key (tenant_id, user_id)
);

create index memberships_user on memberships (user_id);

comment on table  memberships      is 'Who belongs to which tenant.';
comment on column memberships.role is 'viewer reads; operator also acts; admin also edits settings, members and keys; owner also names owners.';

create table sessions (
    id           uuid primary key,
    token_hash   bytea not null unique check (length(token_hash) = 32),
    user_id      uuid not null references users (id),
    tenant_id    uuid references tenants (id),
    created_at   timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at   timestamptz not null,
    ended_at     timestamptz,
    user_agent   text check (length(user_agent) <= 200),
    address      text check (length(address) <= 45)
);

create index sessions_user on sessions (user_id);

comment on table  sessions              is 'Browsers that are signed in.';
comment on column sessions.token_hash   is 'SHA-256 of the token in the browser''s cookie.';
comment on column sessions.tenant_id    is 'The tenant the browser looks at; null when the person belongs to none.';
comment on column sessions.last_seen_at is 'When it last asked for something, to the minute.';
comment on column sessions.ended_at     is 'When it was signed out or revoked.';

create table password_resets (
    token_hash bytea primary key check (length(token_hash) = 32),
    user_id    uuid not null references users (id),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);

create index password_resets_user on password_resets (user_id);

comment on table  password_resets            is 'Links to set a new password, each good once.';
comment on column password_resets.token_hash is 'SHA-256 of the token in the link.';

create table invitations (
    tenant_id   uuid not null references tenants (id),
    id          uuid not null,
    token_hash  bytea not null unique check (length(token_hash) = 32),
    email       text not null check (email = lower(btrim(email)) and length(email) between 3 and 320),
    role        text not null check (role in ('viewer', 'operator', 'admin', 'owner')),
    invited_by  text not null,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    accepted_at timestamptz,
    revoked_at  timestamptz,
    primary key (tenant_id, id)
);

comment on table  invitations            is 'People asked to join a tenant, each link good once.';
comment on column invitations.token_hash is 'SHA-256 of the token in the link.';
comment on column invitations.invited_by is 'Who asked, by name at the time.';

create table sign_in_attempts (
    key          text primary key check (length(key) <= 400),
    window_start timestamptz not null,
    attempts     integer not null
);

create index sign_in_attempts_age on sign_in_attempts (window_start);

comment on table  sign_in_attempts              is 'How often an account or a network was tried lately; kept here so that all processes count together.';
comment on column sign_in_attempts.key          is 'account:… or network:…';
comment on column sign_in_attempts.window_start is 'When counting began; counts of an old window start anew.';

create table api_keys (
    tenant_id    uuid not null references tenants (id),
    id           uuid not null,
    key_hash     bytea not null unique check (length(key_hash) = 32),
    hint         text not null check (length(hint) = 8),
    name         text not null check (length(name) between 1 and 200),
    role         text not null check (role in ('viewer', 'operator', 'admin', 'owner')),
    scopes       text[] not null,
    created_by   text not null,
    created_at   timestamptz not null,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    primary key (tenant_id, id)
);

comment on table  api_keys              is 'Keys programs come with. The key itself is shown once and not kept.';
comment on column api_keys.key_hash     is 'SHA-256 of the key.';
comment on column api_keys.hint         is 'Its first characters, to tell keys apart.';
comment on column api_keys.role         is 'What it may do at most, as a member of that role.';
comment on column api_keys.scopes       is 'Which of that role''s permissions it has.';
comment on column api_keys.last_used_at is 'To the minute.';

create table tenant_secrets (
    tenant_id  uuid not null references tenants (id),
    kind       text not null check (kind in ('stripe_webhook', 'stripe_key', 'heyreach', 'plusvibe', 'instantly', 'apollo', 'fullenrich', 'slack_webhook')),
    key_id     text not null check (key_id ~ '^[0-9a-f]{8}$'),
    sealed     bytea not null,
    updated_by text not null,
    updated_at timestamptz not null,
    primary key (tenant_id, kind)
);

comment on table  tenant_secrets        is 'Credentials of a tenant, sealed with SECRETS_KEY.';
comment on column tenant_secrets.key_id is 'Which key sealed it, so that keys can be replaced.';
comment on column tenant_secrets.sealed is 'XChaCha20-Poly1305: nonce and ciphertext; tenant and kind are authenticated with it.';

create table audit_log (
    tenant_id  uuid not null references tenants (id),
    id         uuid not null,
    seq        bigint generated always as identity,
    at         timestamptz not null,
    actor_kind text not null check (actor_kind in ('person', 'api_key', 'command_line')),
    actor_id   uuid,
    actor_name text not null check (length(actor_name) <= 400),
    deed       text not null check (deed ~ '^[a-z_]{1,60}$'),
    target     text check (length(target) <= 400),
    details    jsonb not null default '{}',
    address    text check (length(address) <= 45),
    primary key (tenant_id, id)
);

create index audit_log_time on audit_log (tenant_id, seq);
create index audit_log_visits on audit_log (tenant_id, actor_id, at) where deed = 'platform_visited';

comment on table  audit_log            is 'Who did or read what in a tenant. Append-only.';
comment on column audit_log.actor_name is 'E-mail, name of the key, or who ran the command; as it was then.';
comment on column audit_log.deed       is 'What was done, as a word: signed_in, member_invited, settings_changed…';
comment on column audit_log.target     is 'To whom or what.';
comment on column audit_log.details    is 'What changed, from and to; never a secret.';
comment on column audit_log.address    is 'The network address it came from.';

create trigger audit_log_append_only before update or delete on audit_log
    for each row execute function refuse_rewriting_history();
