-- Files a person sends from a page are kept until they were read, a day at most; links come in by files too.

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
