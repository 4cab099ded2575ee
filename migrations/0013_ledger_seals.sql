-- Each closed day of the ledger is sealed, and each seal holds the one before: whoever changes a row that was written
-- breaks the seal of its day and of every day after.

create table ledger_seals (
    tenant_id     uuid not null references tenants (id),
    day           date not null check (isfinite(day)),
    row_count     bigint not null check (row_count >= 0),
    supersessions bigint not null check (supersessions >= 0),
    digest        bytea not null check (length(digest) = 32),
    sealed_at     timestamptz not null,
    primary key (tenant_id, day)
);

comment on table  ledger_seals               is 'A chain of hashes over the ledger, one for each UTC day on which something was written.';
comment on column ledger_seals.day           is 'The UTC day on which the rows were written, not that of their money.';
comment on column ledger_seals.row_count     is 'How many rows of revenue_events were written on it.';
comment on column ledger_seals.supersessions is 'How many rows of revenue_event_supersessions were.';
comment on column ledger_seals.digest        is 'SHA-256 of the digest of the day before in the chain, every row''s and every supersession''s.';
comment on column ledger_seals.sealed_at     is 'When it was closed.';

create trigger ledger_seals_append_only before update or delete on ledger_seals
    for each row execute function refuse_rewriting_history();

-- What a day's writing comes to. The columns are named one by one, so that one added later breaks no seal.
create function ledger_digest(tenant uuid, from_time timestamptz, to_time timestamptz, before bytea)
    returns table (row_count bigint, supersessions bigint, digest bytea) language sql stable as $$
    with written as (
        select string_agg(sha256(convert_to(jsonb_build_array(id, seq, money_key, version, payment_name, event_type,
                amount_minor, currency, base_amount_minor, product_name, product_category, is_recurring,
                is_tie_presumed, lead_id, customer_email, attribution_channel, mrr_impact_minor, stripe_event_id,
                stripe_customer_id, stripe_subscription_id, stripe_invoice_id, stripe_charge_id,
                stripe_payment_intent_id, stripe_checkout_session_id, stripe_refund_id,
                extract(epoch from stripe_created_at), extract(epoch from created_at))::text, 'UTF8')), '' order by seq) as bytes,
            count(*) as rows
        from revenue_events r
        where r.tenant_id = tenant and r.created_at >= from_time and r.created_at < to_time
    ), replaced as (
        select string_agg(sha256(convert_to(jsonb_build_array(superseded_id, successor_id,
                extract(epoch from created_at))::text, 'UTF8')), '' order by superseded_id) as bytes, count(*) as rows
        from revenue_event_supersessions s
        where s.tenant_id = tenant and s.created_at >= from_time and s.created_at < to_time
    )
    select written.rows, replaced.rows,
        sha256(coalesce(before, '') || coalesce(written.bytes, '') || '\x00'::bytea || coalesce(replaced.bytes, ''))
    from written, replaced
$$;

comment on function ledger_digest(uuid, timestamptz, timestamptz, bytea) is 'What the ledger wrote within a time, as a hash that follows the one before.';

create index revenue_events_written on revenue_events (tenant_id, created_at);
create index revenue_event_supersessions_written on revenue_event_supersessions (tenant_id, created_at);

alter table ledger_seals enable row level security;

grant select, insert on ledger_seals to command_center_tenant;
create policy own_rows on ledger_seals to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
