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

-- Files a person brings in are kept until they were read, a few hours at most; links come in by files too.

alter table imports
    drop constraint imports_kind_check,
    add constraint imports_kind_check check (kind in ('leads', 'campaigns', 'deals', 'costs', 'links'));

alter table linked_records
    add column import_id uuid,
    add foreign key (tenant_id, import_id) references imports (tenant_id, id);
create index linked_records_import on linked_records (tenant_id, import_id) where import_id is not null;
comment on column linked_records.import_id is 'The file that brought it, if one did.';

create table import_files (
    tenant_id  uuid not null references tenants (id),
    id         uuid not null,
    kind       text not null check (kind in ('leads', 'campaigns', 'deals', 'costs', 'links')),
    file_name  text not null check (length(file_name) between 1 and 300),
    size_bytes bigint not null default 0 check (size_bytes >= 0),
    state      text not null check (state in ('arriving', 'waiting', 'checking', 'checked', 'importing', 'done', 'failed')),
    said       jsonb not null default '[]',
    rows       bigint not null default 0 check (rows >= 0),
    created    bigint not null default 0 check (created >= 0),
    changed    bigint not null default 0 check (changed >= 0),
    refused    bigint not null default 0 check (refused >= 0),
    problem    text check (length(problem) between 1 and 1000),
    import_id  uuid,
    made_by    text not null,
    made_at    timestamptz not null,
    told_at    timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, import_id) references imports (tenant_id, id)
);

create index import_files_age on import_files (tenant_id, made_at);

comment on table  import_files            is 'Files as they were sent from a page, until they were read.';
comment on column import_files.kind       is 'What its rows are.';
comment on column import_files.file_name  is 'What the file is called.';
comment on column import_files.state      is 'arriving, waiting for somebody to say what its columns are, checking and checked (nothing kept), importing, done, or failed.';
comment on column import_files.said       is 'What somebody said its columns are: pairs of column and field.';
comment on column import_files.rows       is 'How many rows were read the last time.';
comment on column import_files.created    is 'How many bring something new.';
comment on column import_files.changed    is 'How many change what is there.';
comment on column import_files.refused    is 'How many are left out.';
comment on column import_files.problem    is 'Why it could not be read to its end.';
comment on column import_files.import_id  is 'What it became.';
comment on column import_files.made_by    is 'Who sent it.';
comment on column import_files.told_at    is 'When reading it was last heard of.';

create table import_file_pieces (
    tenant_id uuid not null,
    file_id   uuid not null,
    ordinal   integer not null check (ordinal >= 0),
    piece     bytea not null check (octet_length(piece) between 1 and 262144),
    primary key (tenant_id, file_id, ordinal),
    foreign key (tenant_id, file_id) references import_files (tenant_id, id)
);

comment on table  import_file_pieces         is 'What such a file holds, in its order.';
comment on column import_file_pieces.ordinal is 'Its place, from 0.';

create table import_file_problems (
    tenant_id uuid not null,
    file_id   uuid not null,
    line      bigint not null check (line >= 0),
    field     text not null,
    message   text not null,
    primary key (tenant_id, file_id, line),
    foreign key (tenant_id, file_id) references import_files (tenant_id, id)
);

comment on table  import_file_problems         is 'Why rows of such a file are left out, all of them.';
comment on column import_file_problems.line    is 'The line of the file the row begins on, from 1.';
comment on column import_file_problems.field   is 'The field at fault.';
comment on column import_file_problems.message is 'What is wrong with it.';

alter table import_files enable row level security;
alter table import_file_pieces enable row level security;
alter table import_file_problems enable row level security;

grant select, insert, update (size_bytes, state, said, rows, created, changed, refused, problem, import_id, told_at), delete
    on import_files to command_center_tenant;
create policy own_rows on import_files to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, delete on import_file_pieces, import_file_problems to command_center_tenant;
create policy own_rows on import_file_pieces to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
create policy own_rows on import_file_problems to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

-- The queue of what no channel was found for.
create index revenue_events_unknown on revenue_events (tenant_id, stripe_created_at)
    where attribution_channel = 'unknown' and amount_minor <> 0;

-- What nothing stands for is kept as evidence from now on: payments are looked at again for it.

insert into attribution_changes (tenant_id, id, clue, kind, reference)
select distinct on (tenant_id) tenant_id, gen_random_uuid(), 'everything', 'program', '' from payment_facts;
