-- The second wall: two roles that own nothing. Whatever a query forgets, the database does not show another
-- tenant's rows. The program works as one of these; the owner of the schema only migrates.
--
-- command_center_tenant    works for one tenant at a time, named in command_center.tenant for each transaction
-- command_center_platform  knows people, sessions and tenants, and no tenant's figures

do $$
declare
    worker  text;
    -- From 16 on, whoever makes a role may hand it on, but not become it.
    becomes text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
    foreach worker in array array['command_center_tenant', 'command_center_platform'] loop
        -- Roles belong to the whole server: another database's migration may just have made them.
        begin
            if not exists (select from pg_roles where rolname = worker) then
                execute format('create role %I nologin nosuperuser nobypassrls nocreatedb nocreaterole', worker);
            end if;
        exception when duplicate_object or unique_violation then
            null;
        end;
        -- Whoever migrates also serves.
        if not pg_has_role(current_user, worker, becomes) then
            execute format('grant %I to %I', worker, current_user);
        end if;
    end loop;
end $$;

revoke create on schema public from public;
grant usage on schema public to command_center_tenant, command_center_platform;
grant select on _sqlx_migrations to command_center_platform;

create function current_tenant() returns uuid language sql stable parallel safe
    return nullif(current_setting('command_center.tenant', true), '')::uuid;

comment on function current_tenant() is 'The tenant this transaction works for; null, and so no tenant''s row, when none was named.';

alter table tenants enable row level security;
alter table channels enable row level security;
alter table leads enable row level security;
alter table stripe_events enable row level security;
alter table payment_names enable row level security;
alter table payment_facts enable row level security;
alter table revenue_events enable row level security;
alter table revenue_event_supersessions enable row level security;
alter table attribution_evidence enable row level security;
alter table users enable row level security;
alter table memberships enable row level security;
alter table sessions enable row level security;
alter table password_resets enable row level security;
alter table invitations enable row level security;
alter table sign_in_attempts enable row level security;
alter table api_keys enable row level security;
alter table tenant_secrets enable row level security;
alter table audit_log enable row level security;

-- A tenant's own.

grant select, update (name, currency, timezone, week_start, gross_margin_permille, target_roas_percent,
    minimum_spend_minor, minimum_customers, maximum_payback_months, stuck_after_days, version)
    on tenants to command_center_tenant;
create policy own_row on tenants to command_center_tenant
    using (id = current_tenant()) with check (id = current_tenant());

grant select on channels to command_center_tenant;
create policy own_rows on channels to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on leads to command_center_tenant;
create policy own_rows on leads to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (state, event_type, reason, applied_at) on stripe_events to command_center_tenant;
create policy own_rows on stripe_events to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (payment_id) on payment_names to command_center_tenant;
create policy own_rows on payment_names to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (payment_id) on payment_facts to command_center_tenant;
create policy own_rows on payment_facts to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on revenue_events to command_center_tenant;
create policy own_rows on revenue_events to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on revenue_event_supersessions to command_center_tenant;
create policy own_rows on revenue_event_supersessions to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on attribution_evidence to command_center_tenant;
create policy own_rows on attribution_evidence to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select on revenue_events_current to command_center_tenant;

grant select, update (role), delete on memberships to command_center_tenant;
create policy own_rows on memberships to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select (tenant_id, id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at), insert,
    update (revoked_at) on invitations to command_center_tenant;
create policy own_rows on invitations to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select (tenant_id, id, hint, name, role, scopes, created_by, created_at, last_used_at, revoked_at), insert,
    update (revoked_at) on api_keys to command_center_tenant;
create policy own_rows on api_keys to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (key_id, sealed, updated_by, updated_at), delete on tenant_secrets to command_center_tenant;
create policy own_rows on tenant_secrets to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on audit_log to command_center_tenant;
create policy own_rows on audit_log to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

-- A tenant sees who its members are, and nothing else of them.
grant select (id, email, name, disabled_at) on users to command_center_tenant;
create policy members on users for select to command_center_tenant
    using (exists (select from memberships m where m.tenant_id = current_tenant() and m.user_id = users.id));

-- People, sessions and which tenants there are.

grant select, insert on tenants to command_center_platform;
create policy every_row on tenants to command_center_platform using (true) with check (true);

grant insert on channels to command_center_platform;
create policy new_rows on channels for insert to command_center_platform with check (true);

grant select, insert, update (name, password_hash, is_platform_admin, disabled_at) on users to command_center_platform;
create policy every_row on users to command_center_platform using (true) with check (true);

grant select, insert, update (role) on memberships to command_center_platform;
create policy every_row on memberships to command_center_platform using (true) with check (true);

grant select, insert, update (tenant_id, last_seen_at, ended_at) on sessions to command_center_platform;
create policy every_row on sessions to command_center_platform using (true) with check (true);

grant select, insert, update (used_at), delete on password_resets to command_center_platform;
create policy every_row on password_resets to command_center_platform using (true) with check (true);

grant select, insert, update (window_start, attempts), delete on sign_in_attempts to command_center_platform;
create policy every_row on sign_in_attempts to command_center_platform using (true) with check (true);

grant select, update (accepted_at) on invitations to command_center_platform;
create policy every_row on invitations to command_center_platform using (true) with check (true);

grant select, update (last_used_at) on api_keys to command_center_platform;
create policy every_row on api_keys to command_center_platform using (true) with check (true);

grant insert on audit_log to command_center_platform;
grant select (tenant_id, at, actor_id, deed) on audit_log to command_center_platform;
create policy new_rows on audit_log for insert to command_center_platform with check (true);
create policy visits on audit_log for select to command_center_platform using (deed = 'platform_visited');

-- Which tenants have work waiting; never what it says.
grant select (tenant_id, state) on stripe_events to command_center_platform;
create policy waiting on stripe_events for select to command_center_platform using (state = 'pending');
