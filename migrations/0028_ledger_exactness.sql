-- What Stripe says of why money went back, and of invoices of which it sends only some lines.

alter table revenue_events
    add column reason             text,
    add column is_product_partial boolean not null default false;

comment on column revenue_events.reason             is 'Stripe''s word for why the money went back: of a refund or a dispute; null where it gives none.';
comment on column revenue_events.is_product_partial is 'Whether Stripe sent only some of the invoice''s lines, so that product_name may not be what most was paid for.';

create or replace view revenue_events_current with (security_invoker = true) as
select r.*
from revenue_events r
where not exists (
    select from revenue_event_supersessions s
    where s.tenant_id = r.tenant_id and s.superseded_id = r.id
);
