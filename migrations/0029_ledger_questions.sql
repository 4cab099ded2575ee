-- Which rows of the ledger a question asks for, written once for the page of rows, for their sum and for the sums by day.

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
    with_presumed_tie boolean
) returns setof revenue_events_current language sql stable as $$
    select r.* from revenue_events_current r
    where r.tenant_id = of_tenant and r.stripe_created_at >= since and r.stripe_created_at < until
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

comment on function ledger_rows(uuid, timestamptz, timestamptz, text, text[], text, text, text, text, boolean, boolean, boolean, text, boolean)
    is 'The rows that count now and that a question asks for; null asks for nothing. Rows of subscriptions only where their kind is named.';
