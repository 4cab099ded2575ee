-- Customers are listed by their first payment, the newest first.

create index first_payments_order on first_payments (tenant_id, occurred_at, customer);
