-- Channels as a tenant keeps them, and the rules by which others' words mean them.

alter table channels
    add column place     integer not null default 0,
    add column is_hidden boolean not null default false,
    add column version   integer not null default 1,
    drop constraint channels_color_check,
    add constraint channels_color_check check (color between 0 and 8);

update channels c set place = o.place
from (select tenant_id, slug, row_number() over (partition by tenant_id order by slug) as place from channels) o
where (o.tenant_id, o.slug) = (c.tenant_id, c.slug);

comment on column channels.slug      is 'Short name, as in leads.source, in Stripe metadata and in the API; it stays.';
comment on column channels.color     is 'Which of the palette''s eight colours it wears on every screen; 0 is that of all others together.';
comment on column channels.place     is 'Where it stands among the others, the lowest first.';
comment on column channels.is_hidden is 'Whether it is no longer offered; what it has is shown as before.';
comment on column channels.version   is 'Counts its changes; one that saw an older version is refused.';

grant insert, update (name, color, place, is_hidden, version), delete on channels to command_center_tenant;

alter table tenants add column channel_rules_version integer not null default 1;
comment on column tenants.channel_rules_version is 'Counts the changes of the rules of channels; one that saw an older version is refused.';
grant update (channel_rules_version) on tenants to command_center_tenant;

create table channel_rules (
    tenant_id uuid not null references tenants (id),
    id        uuid not null,
    place     integer not null check (place > 0),
    field     text not null check (field in ('source', 'utm_source', 'utm_medium', 'utm_campaign', 'referrer_host',
        'click_id', 'metadata', 'email_domain')),
    key       text check (length(key) between 1 and 40),
    kind      text not null check (kind in ('is', 'starts_with', 'contains')),
    text      text not null check (length(text) between 1 and 200),
    channel   text not null,
    made_by   text not null,
    made_at   timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, channel) references channels (tenant_id, slug),
    constraint channel_rules_place unique (tenant_id, place) deferrable initially deferred,
    constraint channel_rules_key check ((field = 'metadata') = (key is not null))
);

create index channel_rules_channel on channel_rules (tenant_id, channel);

comment on table  channel_rules         is 'Which channel stands for what is told of where somebody came from. Of those that match, the first counts.';
comment on column channel_rules.place   is 'Its place in the order, from 1.';
comment on column channel_rules.field   is 'What it looks at: a lead''s source, utm_source, utm_medium, utm_campaign, the referrer''s host, which click id there is, an entry of Stripe''s metadata, or the domain of the payer''s e-mail.';
comment on column channel_rules.key     is 'The key, of metadata.';
comment on column channel_rules.kind    is 'How it compares: is, starts_with, contains.';
comment on column channel_rules.text    is 'What it compares with, trimmed and its case folded.';
comment on column channel_rules.channel is 'The channel that stands for it.';
comment on column channel_rules.made_by is 'Who made it.';

alter table channel_rules enable row level security;
grant select, insert, update (place, field, key, kind, text, channel), delete on channel_rules to command_center_tenant;
create policy own_rows on channel_rules to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

create index leads_source on leads (tenant_id, source);

alter table attribution_changes
    drop constraint attribution_changes_kind_check,
    add constraint attribution_changes_kind_check check (kind in ('lead', 'link', 'customer', 'override', 'event', 'order',
        'rule', 'channel', 'program'));
comment on column restatements.cause_kind is 'What brought it about: lead, link, customer, override, event, order, rule, channel, program.';

alter table attribution_evidence
    drop constraint attribution_evidence_method_check,
    add constraint attribution_evidence_method_check check (method in ('override', 'lead_email', 'customer_email',
        'linked_record', 'lead_reference', 'metadata', 'domain_rule', 'company_domain'));
comment on column attribution_evidence.method is 'How it was found: override (a person said so), lead_email, customer_email (of the Stripe customer), linked_record, lead_reference (metadata has a lead''s id), metadata (it names the channel, or a rule says which; of channel unknown: nothing stands for it yet), domain_rule (a rule names the domain of the payer''s e-mail), company_domain.';
comment on column attribution_evidence.confidence is 'stated, deterministic, linked, exact, named, or weak, which is credited only where a rule says so and nothing better was found; null for rows older than this column.';

-- What a person linked can be taken back.
grant delete on linked_records to command_center_tenant;

-- The queue of what no channel was found for.
create index revenue_events_unknown on revenue_events (tenant_id, stripe_created_at)
    where attribution_channel = 'unknown' and amount_minor <> 0;

-- What nothing stands for is kept as evidence from now on: payments are looked at again for it.

insert into attribution_changes (tenant_id, id, clue, kind, reference)
select distinct on (tenant_id) tenant_id, gen_random_uuid(), 'everything', 'program', '' from payment_facts;
