-- Work that is done later, again when it failed, or on schedule.
--
-- The queue is graphile_worker's, in a schema of its own, whose tables it makes itself at the start. A third role owns
-- that schema and nothing else. What is queued names a tenant and one of its jobs, never what is in them: whoever works
-- a job off does so within its tenant, as the tenant's role.

do $$
declare
    worker  constant text := 'command_center_jobs';
    -- From 16 on, whoever makes a role may hand it on, but not become it.
    becomes text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
    -- Roles belong to the whole server: another database's migration may just have made it.
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
end $$;

create schema job_queue authorization command_center_jobs;
comment on schema job_queue is 'The queue of jobs, kept by graphile_worker. Not for reading: see the table jobs.';

-- What graphile_worker notes its own migrations in. It is made here because it makes it together with the schema, which
-- only who may make schemas can.
create table job_queue.migrations (
    id       int primary key,
    ts       timestamptz not null default now(),
    breaking boolean not null default false
);
comment on table job_queue.migrations is 'The migrations of graphile_worker that were applied.';
alter table job_queue.migrations owner to command_center_jobs;

create function job_queue.put_job(job uuid, delay interval, max_attempts integer) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tenant uuid := public.current_tenant();
begin
    if tenant is null then
        raise exception 'a job is put into the queue of the tenant a transaction names, and this one names none';
    end if;
    perform job_queue.add_job('tenant_job', json_build_object('tenant', tenant, 'job', job), run_at => now() + delay,
        max_attempts => max_attempts, job_key => tenant || ' ' || job);
end $$;
comment on function job_queue.put_job is 'Puts a job of this transaction''s tenant into the queue, in place of where it stood before.';

create function job_queue.take_job(job uuid) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    tenant uuid := public.current_tenant();
begin
    if tenant is not null then
        perform job_queue.remove_job(tenant || ' ' || job);
    end if;
end $$;
comment on function job_queue.take_job is 'Takes a job of this transaction''s tenant out of the queue; one that runs is not tried again.';

revoke all on function job_queue.put_job, job_queue.take_job from public;
grant execute on function job_queue.put_job, job_queue.take_job to command_center_tenant;
alter function job_queue.put_job owner to command_center_jobs;
alter function job_queue.take_job owner to command_center_jobs;
grant usage on schema job_queue to command_center_tenant;

create table jobs (
    tenant_id     uuid not null references tenants (id),
    id            uuid not null,
    kind          text not null check (kind in ('evaluate_alerts', 'sync_connection', 'perform_action')),
    subject       text not null check (length(subject) between 1 and 200),
    state         text not null check (state in ('waiting', 'running', 'done', 'failed')),
    attempts      integer not null default 0 check (attempts >= 0),
    next_run_at   timestamptz,
    started_at    timestamptz,
    ended_at      timestamptz,
    last_error    text check (length(last_error) between 1 and 2000),
    paused_at     timestamptz,
    paused_by     text check (length(paused_by) between 1 and 400),
    created_at    timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, kind, subject),
    constraint jobs_paused check ((paused_at is null) = (paused_by is null))
);

create index jobs_newest on jobs (tenant_id, (coalesce(started_at, created_at)) desc, id);

comment on table  jobs             is 'What is done later, again, or on schedule. One row a job, however often it runs; done ones are forgotten after a month.';
comment on column jobs.kind        is 'What is done.';
comment on column jobs.subject     is 'What with: an action, a connection. Of one kind and subject there is one job.';
comment on column jobs.state       is 'waiting for its time or its next attempt, running, done, or failed: given up until somebody or its schedule has it tried again.';
comment on column jobs.attempts    is 'How often it was tried since it was last done, or since somebody had it tried again.';
comment on column jobs.next_run_at is 'When it is tried next, as far as is known.';
comment on column jobs.started_at  is 'When it was last tried.';
comment on column jobs.ended_at    is 'When it was last done or given up.';
comment on column jobs.last_error  is 'Why the last attempt failed.';
comment on column jobs.paused_at   is 'Since when it is not to run; null when it may.';
comment on column jobs.paused_by   is 'Who paused it, by the name they had then.';
comment on column jobs.created_at  is 'When it was first put into the queue.';

alter table jobs enable row level security;

grant select, insert, update (state, attempts, next_run_at, started_at, ended_at, last_error, paused_at, paused_by), delete
    on jobs to command_center_tenant;
create policy own_rows on jobs to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
