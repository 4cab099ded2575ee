-- What the ledger says otherwise of days that had ended, read from when its rows were written and superseded.

create index restatements_row on restatements (tenant_id, new_row_id);

create function restated_lines(
    of_tenant uuid,
    zone text,
    since timestamptz,
    until timestamptz,
    of_channel text,
    of_cause text,
    known_after timestamptz
) returns table (
    known_at timestamptz,
    line_id uuid,
    cause text,
    before_id uuid,
    after_id uuid,
    counts_before boolean,
    counts_after boolean
) language sql stable as $$
    with touched as (
        select r.* from revenue_events r
        where r.tenant_id = of_tenant and r.stripe_created_at >= since and r.stripe_created_at < until
          and (of_channel is null or r.attribution_channel = of_channel)
    ),
    gone as (
        select t.id as before_id, s.successor_id, s.created_at
        from touched t
        join revenue_event_supersessions s on s.tenant_id = of_tenant and s.superseded_id = t.id
    ),
    heirs as (
        select t.id from touched t union select g.successor_id from gone g where g.successor_id is not null
    ),
    -- Of the rows that one row took the place of as it was written, one is what it is compared with, of the same money
    -- where there is one; the others are taken back, each in a line of its own.
    pairs as (
        select distinct on (n.id) n.id as after_id, s.superseded_id as before_id
        from heirs h
        join revenue_events n on n.tenant_id = of_tenant and n.id = h.id
        join revenue_event_supersessions s on s.tenant_id = of_tenant and s.successor_id = n.id
            and s.created_at = n.created_at
        join revenue_events o on o.tenant_id = of_tenant and o.id = s.superseded_id
        order by n.id, o.money_key <> n.money_key, s.superseded_id
    ),
    lines as (
        select t.created_at as known_at, t.id as line_id, p.before_id, t.id as after_id
        from touched t left join pairs p on p.after_id = t.id
        union
        select g.created_at, coalesce(p.after_id, md5('taken back ' || g.before_id)::uuid), g.before_id, p.after_id
        from gone g left join pairs p on p.before_id = g.before_id and p.after_id = g.successor_id
    ),
    compared as (
        select l.*, b as old, a as new,
            (b.stripe_created_at at time zone zone)::date as old_day,
            (a.stripe_created_at at time zone zone)::date as new_day,
            (l.known_at at time zone zone)::date as known_day,
            b.id is not null and b.stripe_created_at >= since and b.stripe_created_at < until
                and (of_channel is null or b.attribution_channel = of_channel) as counts_before,
            a.id is not null and a.stripe_created_at >= since and a.stripe_created_at < until
                and (of_channel is null or a.attribution_channel = of_channel) as counts_after
        from lines l
        left join revenue_events b on b.tenant_id = of_tenant and b.id = l.before_id
        left join revenue_events a on a.tenant_id = of_tenant and a.id = l.after_id
        where known_after is null or l.known_at > known_after
    ),
    told as (
        select c.known_at, c.line_id, c.before_id, c.after_id, c.counts_before, c.counts_after, case
            when c.after_id is null then 'taken_back'
            when c.before_id is not null and (c.old).attribution_channel <> (c.new).attribution_channel then 'attribution'
            when c.before_id is not null and c.old_day = c.new_day
              and ((c.old).amount_minor, (c.old).currency, (c.old).event_type, (c.old).product_name,
                    (c.old).product_category, (c.old).is_recurring, (c.old).mrr_impact_minor)
                is not distinct from
                ((c.new).amount_minor, (c.new).currency, (c.new).event_type, (c.new).product_name,
                    (c.new).product_category, (c.new).is_recurring, (c.new).mrr_impact_minor)
              and (c.old).base_amount_minor is distinct from (c.new).base_amount_minor then 'rate'
            when c.before_id is not null then 'correction'
            when c.new_day < (select (t.created_at at time zone zone)::date from tenants t where t.id = of_tenant)
                then 'history'
            when (c.new).stripe_event_id like 'evt\_backfill\_%' then 'backfill'
            else 'late' end as cause
        from compared c
        -- Another channel is a line whatever the day; anything else, when the day had ended and a figure reads otherwise.
        where c.before_id is not null and c.after_id is not null
              and (c.old).attribution_channel <> (c.new).attribution_channel
          or (coalesce(c.known_day > c.old_day, false) or coalesce(c.known_day > c.new_day, false))
              and case when c.before_id is null then ((c.new).amount_minor, (c.new).mrr_impact_minor) <> (0, 0)
                  when c.after_id is null then ((c.old).amount_minor, (c.old).mrr_impact_minor) <> (0, 0)
                  else (c.old_day, (c.old).amount_minor, (c.old).currency, (c.old).base_amount_minor, (c.old).event_type,
                          (c.old).product_name, (c.old).product_category, (c.old).is_recurring, (c.old).mrr_impact_minor)
                      is distinct from
                      (c.new_day, (c.new).amount_minor, (c.new).currency, (c.new).base_amount_minor, (c.new).event_type,
                          (c.new).product_name, (c.new).product_category, (c.new).is_recurring, (c.new).mrr_impact_minor)
                  end
    )
    select t.known_at, t.line_id, t.cause, t.before_id, t.after_id, t.counts_before, t.counts_after
    from told t where of_cause is null or t.cause = of_cause
$$;

comment on function restated_lines(uuid, text, timestamptz, timestamptz, text, text, timestamptz)
    is 'What was written, replaced or taken back in the ledger of days that had ended, and every change of channel; with which of both rows the days and the channel asked for count.';

-- The rows of the ledger as they were known at a moment.

drop function ledger_rows(uuid, timestamptz, timestamptz, text, text[], text, text, text, text, boolean, boolean, boolean, text, boolean);

create function ledger_rows(
    of_tenant uuid,
    since timestamptz,
    until timestamptz,
    of_channel text,
    of_kinds text[],
    of_product text,
    of_category text,
    of_class text,
    of_currency text,
    without_product boolean,
    without_category boolean,
    without_rate boolean,
    of_stripe_id text,
    with_presumed_tie boolean,
    known_at timestamptz
) returns setof revenue_events_current language sql stable as $$
    select r.* from revenue_events r
    where r.tenant_id = of_tenant and r.stripe_created_at >= since and r.stripe_created_at < until
      and (known_at is null or r.created_at <= known_at)
      and not exists (
        select from revenue_event_supersessions s
        where s.tenant_id = r.tenant_id and s.superseded_id = r.id
          and (known_at is null or s.created_at <= known_at))
      and (of_channel is null or r.attribution_channel = of_channel)
      and (of_kinds is null or r.event_type = any(of_kinds))
      and (of_kinds is not null or r.event_type not like 'subscription_%')
      and (of_product is null or r.product_name = of_product)
      and (of_category is null or r.product_category = of_category)
      and (of_class is null or of_class = case
            when not r.is_recurring then 'one_time'
            when exists (select from first_payments f where f.tenant_id = of_tenant and f.payment_name = r.payment_name)
                then 'new'
            else 'recurring' end)
      and (of_currency is null or r.currency = of_currency)
      and (not without_product or r.product_name is null)
      and (not without_category or r.product_category is null)
      and (not without_rate or r.base_amount_minor is null)
      and (of_stripe_id is null
        or of_stripe_id in (r.stripe_event_id, r.stripe_customer_id, r.stripe_subscription_id, r.stripe_invoice_id,
            r.stripe_charge_id, r.stripe_payment_intent_id, r.stripe_checkout_session_id, r.stripe_refund_id)
        or array[r.payment_name, r.stripe_charge_id, r.stripe_payment_intent_id] && (
            select array_agg(beside.name) from payment_names beside
            where beside.tenant_id = of_tenant and beside.payment_id in (
                select n.payment_id from payment_names n where n.tenant_id = of_tenant and n.name = of_stripe_id
                union select f.payment_id from payment_facts f
                where f.tenant_id = of_tenant and f.stripe_event_id = of_stripe_id)))
      and (not with_presumed_tie or r.is_tie_presumed)
$$;

comment on function ledger_rows(uuid, timestamptz, timestamptz, text, text[], text, text, text, text, boolean, boolean, boolean, text, boolean, timestamptz)
    is 'The rows that counted at a moment, now where none is named, and that a question asks for; null asks for nothing. Rows of subscriptions only where their kind is named.';

-- What is cancelled to end.

create index subscription_versions_to_end on subscription_versions (tenant_id, effective_from)
    where ends_at is not null and mrr_minor <> 0;

create function scheduled_ends(of_tenant uuid, until timestamptz) returns setof subscription_versions
language sql stable as $$
    select v.* from subscription_versions v
    where v.tenant_id = of_tenant and v.effective_from < until and v.ends_at is not null and v.mrr_minor <> 0
      and not exists (
        select from subscription_versions later
        where later.tenant_id = v.tenant_id and later.subscription_id = v.subscription_id
          and later.ordinal > v.ordinal and later.effective_from < until)
$$;

comment on function scheduled_ends(uuid, timestamptz)
    is 'The versions of subscriptions that stood just before a moment, counted, and were cancelled to end.';
