-- What other currencies are worth, day by day, so that foreign money adds up in the tenant's own.

create table exchange_rates (
    tenant_id uuid not null references tenants (id),
    base      text not null check (base ~ '^[a-z]{3}$'),
    quote     text not null check (quote ~ '^[a-z]{3}$'),
    day       date not null check (isfinite(day)),
    rate      numeric(22, 10) not null check (rate > 0 and rate < 1000000000000),
    source    text not null check (source in ('central_bank', 'manual')),
    primary key (tenant_id, base, quote, day),
    constraint exchange_rates_two_currencies check (base <> quote)
);

comment on table  exchange_rates        is 'Exchange rates by day. Money is converted by the rate of its UTC day, or the newest of the week before.';
comment on column exchange_rates.base   is 'What one unit of is meant, as a lower-case ISO 4217 code.';
comment on column exchange_rates.quote  is 'What it is told in.';
comment on column exchange_rates.rate   is 'How much of quote one unit of base is.';
comment on column exchange_rates.source is 'central_bank: from a sheet of the European Central Bank; manual: typed by a person, which a sheet does not replace.';

create table exchange_rate_changes (
    tenant_id  uuid not null references tenants (id),
    id         uuid not null,
    seq        bigint generated always as identity,
    source     text not null check (source in ('central_bank', 'manual')),
    rates      integer not null check (rates > 0),
    first_day  date not null,
    last_day   date not null,
    made_by    text not null,
    made_at    timestamptz not null,
    settled_up_to text not null default '',
    settled_at timestamptz,
    primary key (tenant_id, id)
);

create index exchange_rate_changes_unsettled on exchange_rate_changes (tenant_id) where settled_at is null;

comment on table  exchange_rate_changes            is 'Each time rates were brought in. Until one is settled, rows of its days may still stand as they were before.';
comment on column exchange_rate_changes.rates      is 'How many rates it brought.';
comment on column exchange_rate_changes.first_day  is 'The oldest of their days.';
comment on column exchange_rate_changes.last_day   is 'The newest.';
comment on column exchange_rate_changes.made_by    is 'Who brought them.';
comment on column exchange_rate_changes.settled_up_to is 'Up to which payment, by name, the ledger is converted already.';
comment on column exchange_rate_changes.settled_at is 'When the ledger had been converted with them.';

alter table exchange_rates enable row level security;
alter table exchange_rate_changes enable row level security;

grant select, insert, update (rate, source) on exchange_rates to command_center_tenant;
create policy own_rows on exchange_rates to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (settled_up_to, settled_at) on exchange_rate_changes to command_center_tenant;
create policy own_rows on exchange_rate_changes to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

-- Which tenants have rates waiting to be settled.
grant select (tenant_id, settled_at) on exchange_rate_changes to command_center_platform;
create policy waiting on exchange_rate_changes for select to command_center_platform using (settled_at is null);
