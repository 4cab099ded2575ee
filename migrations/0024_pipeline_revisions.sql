-- Which state the pipeline is in: a number that is another one after every change of leads, deals or costs, so that
-- figures made from them are made again only then.
--
-- The number changes when a transaction ends, not while it works: whoever writes leads then waits for nobody else who
-- does, but for the moment of their commit.

create table pipeline_revisions (
    tenant_id uuid primary key references tenants (id),
    revision  bigint not null check (revision > 0)
);

comment on table pipeline_revisions is 'Which state a tenant''s leads, deals and costs are in; no row: nothing was ever written.';
comment on column pipeline_revisions.tenant_id is 'Whose they are.';
comment on column pipeline_revisions.revision is 'Another number after every change of them.';

create table pipeline_changes (
    tenant_id uuid not null references tenants (id),
    id        uuid not null,
    primary key (tenant_id, id)
);

comment on table pipeline_changes is 'The transaction that changed a pipeline last; others are seen by themselves alone.';
comment on column pipeline_changes.tenant_id is 'Whose pipeline.';
comment on column pipeline_changes.id is 'Which transaction: whatever it changes, it notes once.';

alter table pipeline_revisions enable row level security;
alter table pipeline_changes enable row level security;

grant select on pipeline_revisions to command_center_tenant;
create policy own_rows on pipeline_revisions to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select on pipeline_changes to command_center_tenant;
create policy own_rows on pipeline_changes to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

create function pipeline_changed() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    noted uuid := nullif(current_setting('command_center.pipeline_change', true), '');
begin
    if noted is null then
        noted := gen_random_uuid();
        perform set_config('command_center.pipeline_change', noted::text, true);
    end if;
    insert into pipeline_changes select distinct tenant_id, noted from changed on conflict do nothing;
    return null;
end
$$;

comment on function pipeline_changed() is 'Notes that this transaction changes a pipeline.';

create function pipeline_revision_follows() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into pipeline_revisions as r values (new.tenant_id, 1)
    on conflict (tenant_id) do update set revision = r.revision + 1;
    delete from pipeline_changes where tenant_id = new.tenant_id and id <> new.id;
    return null;
end
$$;

comment on function pipeline_revision_follows() is 'Counts a transaction that changed a pipeline, as it ends.';

revoke execute on function pipeline_changed(), pipeline_revision_follows() from public;

create constraint trigger pipeline_revision after insert on pipeline_changes
    deferrable initially deferred for each row execute function pipeline_revision_follows();

create trigger pipeline_gains after insert on leads referencing new table as changed
    for each statement execute function pipeline_changed();
create trigger pipeline_alters after update on leads referencing new table as changed
    for each statement execute function pipeline_changed();
create trigger pipeline_loses after delete on leads referencing old table as changed
    for each statement execute function pipeline_changed();
create trigger pipeline_gains after insert on lead_stays referencing new table as changed
    for each statement execute function pipeline_changed();
create trigger pipeline_alters after update on lead_stays referencing new table as changed
    for each statement execute function pipeline_changed();
create trigger pipeline_loses after delete on lead_stays referencing old table as changed
    for each statement execute function pipeline_changed();
create trigger pipeline_gains after insert on deals referencing new table as changed
    for each statement execute function pipeline_changed();
create trigger pipeline_alters after update on deals referencing new table as changed
    for each statement execute function pipeline_changed();
create trigger pipeline_loses after delete on deals referencing old table as changed
    for each statement execute function pipeline_changed();
create trigger pipeline_gains after insert on channel_costs referencing new table as changed
    for each statement execute function pipeline_changed();
create trigger pipeline_alters after update on channel_costs referencing new table as changed
    for each statement execute function pipeline_changed();
create trigger pipeline_loses after delete on channel_costs referencing old table as changed
    for each statement execute function pipeline_changed();
