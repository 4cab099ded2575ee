-- Whose data it is, how they report, and which channels they sell through.

create table tenants (
    id          uuid primary key,
    slug        text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    name        text not null check (length(name) between 1 and 200),
    currency    text not null default 'usd' check (currency ~ '^[a-z]{3}$'),
    timezone    text not null default 'UTC',
    week_start  text not null default 'monday' check (week_start in ('monday', 'sunday')),
    is_default  boolean not null default false,
    created_at  timestamptz not null
);

-- At most one tenant takes the events that name none.
create unique index tenants_default on tenants (is_default) where is_default;

comment on table  tenants            is 'One row per customer of this program; every other table''s rows belong to one of these.';
comment on column tenants.slug       is 'Short name in addresses and on the command line.';
comment on column tenants.currency   is 'ISO 4217 code, lower case: the currency reports add up in.';
comment on column tenants.timezone   is 'IANA name: where calendar days begin.';
comment on column tenants.week_start is 'The day weeks begin on: monday or sunday.';
comment on column tenants.is_default is 'Takes the Stripe events that name no tenant of their own.';

create table channels (
    tenant_id   uuid not null references tenants (id),
    slug        text not null check (slug ~ '^[a-z0-9][a-z0-9_-]{0,62}$' and slug <> 'unknown'),
    name        text not null check (length(name) between 1 and 200),
    color       smallint not null check (color between 1 and 8),
    created_at  timestamptz not null,
    primary key (tenant_id, slug)
);

comment on table  channels       is 'The channels a tenant sells through. Revenue of none of them is ''unknown'', which is not a row here.';
comment on column channels.slug  is 'Short name, as in leads.source and in Stripe metadata.';
comment on column channels.color is 'Which of the palette''s eight colours it wears on every screen.';

create table leads (
    tenant_id   uuid not null references tenants (id),
    id          uuid not null,
    external_id text not null check (length(external_id) between 1 and 200),
    email       text check (email = lower(btrim(email)) and length(email) between 1 and 320),
    company     text,
    source      text not null,
    stage       text not null check (stage in ('pool', 'enriched', 'contacted', 'replied', 'meeting', 'closed')),
    created_at  timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, external_id)
);

create unique index leads_email on leads (tenant_id, email) where email is not null;

comment on table  leads             is 'People who may buy. A payment is credited to the channel its payer came from as a lead.';
comment on column leads.external_id is 'The id the lead has where it came from.';
comment on column leads.email       is 'Trimmed and lower-cased; a +tag is kept, since it tells people apart.';
comment on column leads.source      is 'The channel the lead came from, as its origin calls it.';
comment on column leads.stage       is 'How far the lead has come: pool, enriched, contacted, replied, meeting, closed.';
