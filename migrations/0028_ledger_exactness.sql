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

-- Live money and test mode never mix: the first event that is booked decides, or the key that is connected.

alter table tenants add column livemode boolean;

comment on column tenants.livemode is 'Whether live money is kept, or test mode; null until the first event or key says. Events of the other mode are quarantined.';

grant update (livemode) on tenants to command_center_tenant;

update tenants t set livemode = coalesce(
    (select a.livemode from stripe_accounts a where a.tenant_id = t.id),
    (select bool_or(e.livemode) from stripe_events e where e.tenant_id = t.id and e.state = 'applied'));

-- A connected account's events belong to who connected it.

alter table stripe_accounts add column revoked_at timestamptz;

comment on column stripe_accounts.revoked_at is 'When Stripe told that the account was disconnected; null while it is connected. Its events from then on are quarantined.';

create index stripe_accounts_account on stripe_accounts (account_id);

grant update (revoked_at) on stripe_accounts to command_center_tenant;
grant select (tenant_id, account_id) on stripe_accounts to command_center_platform;
create policy accounts on stripe_accounts for select to command_center_platform using (true);

comment on column stripe_events.state is 'pending: not looked at yet; applied: in the ledger or tied to it; ignored: says nothing of money; quarantined: of an account nobody connected, or of the other mode; dead: could not be understood.';

-- What every column is.

comment on column action_events.tenant_id is 'Whose row it is.';
comment on column action_events.at is 'When the step was taken.';
comment on column actions.tenant_id is 'Whose row it is.';
comment on column actions.id is 'Ours.';
comment on column alert_events.tenant_id is 'Whose row it is.';
comment on column alert_events.at is 'When it happened.';
comment on column alerts.tenant_id is 'Whose row it is.';
comment on column alerts.id is 'Ours.';
comment on column api_keys.tenant_id is 'Whose row it is.';
comment on column api_keys.id is 'Ours.';
comment on column api_keys.name is 'What people call it.';
comment on column api_keys.created_by is 'Who made it.';
comment on column api_keys.created_at is 'When it was made.';
comment on column api_keys.revoked_at is 'When it was taken back; null while it stands.';
comment on column attribution_changes.tenant_id is 'Whose row it is.';
comment on column attribution_changes.id is 'Ours.';
comment on column attribution_changes.seq is 'Order of writing.';
comment on column attribution_clues.tenant_id is 'Whose row it is.';
comment on column attribution_clues.stripe_event_id is 'The event of stripe_events that says so.';
comment on column attribution_evidence.tenant_id is 'Whose row it is.';
comment on column attribution_evidence.revenue_event_id is 'The row of the ledger.';
comment on column attribution_evidence.rank is '1 is the channel that was chosen; the others follow in order.';
comment on column attribution_evidence.channel is 'The channel that was found.';
comment on column attribution_evidence.lead_id is 'The lead it was found by, where there is one.';
comment on column attribution_overrides.tenant_id is 'Whose row it is.';
comment on column attribution_overrides.id is 'Ours.';
comment on column attribution_overrides.made_by is 'Who made it.';
comment on column attribution_overrides.made_at is 'When it was made.';
comment on column audit_log.tenant_id is 'Whose row it is.';
comment on column audit_log.id is 'Ours.';
comment on column audit_log.seq is 'Order of writing.';
comment on column audit_log.at is 'When it happened.';
comment on column audit_log.actor_kind is 'Who did it: a person, an API key, the command line.';
comment on column audit_log.actor_id is 'Which of them.';
comment on column backfill_cursors.tenant_id is 'Whose row it is.';
comment on column backfill_cursors.backfill_id is 'The run.';
comment on column backfill_cursors.state is 'Whether its list is still read, done or stopped.';
comment on column backfill_cursors.problem is 'Why it stopped; null when nothing is wrong.';
comment on column backfills.tenant_id is 'Whose row it is.';
comment on column backfills.id is 'Ours.';
comment on column backfills.seq is 'Order of writing.';
comment on column backfills.started_at is 'When it began.';
comment on column backfills.ended_at is 'When it ended; null while it goes on.';
comment on column campaigns.tenant_id is 'Whose row it is.';
comment on column campaigns.id is 'Ours.';
comment on column campaigns.name is 'What people call it.';
comment on column campaigns.created_at is 'When it was made.';
comment on column campaigns.updated_at is 'When it was last changed.';
comment on column channel_costs.tenant_id is 'Whose row it is.';
comment on column channel_costs.id is 'Ours.';
comment on column channel_costs.notes is 'What somebody noted.';
comment on column channel_costs.created_at is 'When it was made.';
comment on column channel_costs.updated_at is 'When it was last changed.';
comment on column channel_days.tenant_id is 'Whose row it is.';
comment on column channel_days.channel is 'The channel credited, or unknown.';
comment on column channel_days.payment_minor is 'Payments, in minor units of the tenant''s currency.';
comment on column channel_days.payments is 'How many payments came in.';
comment on column channel_days.adjustment_minor is 'What people corrected.';
comment on column channel_days.refund_minor is 'Refunds, and refunds that failed; signed as in the ledger.';
comment on column channel_days.dispute_minor is 'Disputes, and disputes won; signed as in the ledger.';
comment on column channel_days.new_minor is 'Of all these, what belongs to a customer''s first-ever payment where it is for a subscription.';
comment on column channel_days.recurring_minor is 'What belongs to other payments for subscriptions.';
comment on column channel_days.one_time_minor is 'The rest.';
comment on column channel_days.row_count is 'How many rows of the ledger it is made of.';
comment on column channel_rules.tenant_id is 'Whose row it is.';
comment on column channel_rules.id is 'Ours.';
comment on column channel_rules.made_at is 'When it was made.';
comment on column channels.tenant_id is 'Whose row it is.';
comment on column channels.name is 'What people call the channel.';
comment on column channels.created_at is 'When it was made.';
comment on column connections.tenant_id is 'Whose row it is.';
comment on column connections.connected_at is 'When its key was accepted.';
comment on column cost_templates.tenant_id is 'Whose row it is.';
comment on column cost_templates.id is 'Ours.';
comment on column cost_templates.cost_type is 'What kind of cost it makes.';
comment on column cost_templates.currency is 'ISO 4217 code, lower case.';
comment on column cost_templates.notes is 'What somebody noted.';
comment on column cost_templates.created_at is 'When it was made.';
comment on column cost_templates.updated_at is 'When it was last changed.';
comment on column deals.tenant_id is 'Whose row it is.';
comment on column deals.id is 'Ours.';
comment on column deals.name is 'What people call it.';
comment on column deals.opened_at is 'When it was opened.';
comment on column deals.updated_at is 'When it was last changed.';
comment on column dunning.tenant_id is 'Whose row it is.';
comment on column dunning.stripe_invoice_id is 'The invoice that is not paid, where there is one.';
comment on column dunning.stripe_payment_intent_id is 'The payment intent that failed.';
comment on column dunning.stripe_subscription_id is 'The subscription it is for.';
comment on column dunning.stripe_customer_id is 'Who owes it.';
comment on column dunning.customer_email is 'The payer, trimmed and lower-cased.';
comment on column dunning.currency is 'ISO 4217 code, lower case.';
comment on column dunning.first_failed_at is 'When the first attempt failed.';
comment on column dunning.last_failed_at is 'When the latest attempt failed.';
comment on column dunning.closed_because is 'Why it is over: paid, voided, written off, cancelled; null while it is open.';
comment on column dunning.closed_at is 'When it was over.';
comment on column dunning_facts.tenant_id is 'Whose row it is.';
comment on column dunning_facts.stripe_event_id is 'The event of stripe_events that says so.';
comment on column exchange_rate_changes.tenant_id is 'Whose row it is.';
comment on column exchange_rate_changes.id is 'Ours.';
comment on column exchange_rate_changes.seq is 'Order of writing.';
comment on column exchange_rate_changes.source is 'central_bank or manual, as in exchange_rates.';
comment on column exchange_rate_changes.made_at is 'When it was made.';
comment on column exchange_rates.tenant_id is 'Whose row it is.';
comment on column exchange_rates.day is 'The day the rate is of.';
comment on column first_payments.tenant_id is 'Whose row it is.';
comment on column import_file_pieces.tenant_id is 'Whose row it is.';
comment on column import_file_pieces.file_id is 'The file of import_files.';
comment on column import_file_pieces.piece is 'Its place in the file, from 0.';
comment on column import_file_problems.tenant_id is 'Whose row it is.';
comment on column import_file_problems.file_id is 'The file of import_files.';
comment on column import_files.tenant_id is 'Whose row it is.';
comment on column import_files.id is 'Ours.';
comment on column import_files.size_bytes is 'How large the whole file is.';
comment on column import_files.made_at is 'When it was made.';
comment on column imports.tenant_id is 'Whose row it is.';
comment on column imports.id is 'Ours.';
comment on column imports.made_at is 'When it was made.';
comment on column imports.undone_at is 'When it was undone; null while it stands.';
comment on column invitations.tenant_id is 'Whose row it is.';
comment on column invitations.id is 'Ours.';
comment on column invitations.email is 'Who is invited, trimmed and lower-cased.';
comment on column invitations.role is 'The role they will have.';
comment on column invitations.created_at is 'When it was made.';
comment on column invitations.expires_at is 'When it stops being good.';
comment on column invitations.accepted_at is 'When it was accepted.';
comment on column invitations.revoked_at is 'When it was taken back; null while it stands.';
comment on column jobs.tenant_id is 'Whose row it is.';
comment on column jobs.id is 'Ours.';
comment on column lead_stage_facts.tenant_id is 'Whose row it is.';
comment on column lead_stage_facts.lead_id is 'The lead it is about.';
comment on column lead_stays.tenant_id is 'Whose row it is.';
comment on column lead_stays.lead_id is 'The lead it is about.';
comment on column lead_touches.tenant_id is 'Whose row it is.';
comment on column lead_touches.id is 'Ours.';
comment on column lead_touches.lead_id is 'The lead it is about.';
comment on column lead_touches.note is 'What somebody noted.';
comment on column leads.tenant_id is 'Whose row it is.';
comment on column leads.id is 'Ours.';
comment on column leads.company is 'Where they work, as told.';
comment on column leads.created_at is 'When it was made.';
comment on column ledger_seals.tenant_id is 'Whose row it is.';
comment on column linked_records.tenant_id is 'Whose row it is.';
comment on column linked_records.made_at is 'When it was made.';
comment on column memberships.tenant_id is 'Whose row it is.';
comment on column memberships.user_id is 'The person it is about.';
comment on column memberships.created_at is 'When it was made.';
comment on column mrr_days.tenant_id is 'Whose row it is.';
comment on column mrr_days.new_minor is 'What customers began with who had never paid.';
comment on column mrr_days.reactivation_minor is 'What customers came back with.';
comment on column mrr_days.expansion_minor is 'By how much customers pay more.';
comment on column mrr_days.contraction_minor is 'By how much customers pay less; negative.';
comment on column mrr_days.churn_minor is 'What customers who left had paid; negative.';
comment on column mrr_days.fx_minor is 'What only exchange rates moved.';
comment on column mrr_days.joined is 'Customers who began.';
comment on column mrr_days.returned is 'Customers who came back.';
comment on column mrr_days.churned is 'Customers who left.';
comment on column mrr_days.payers is 'By how many those who pay more than nothing changed.';
comment on column mrr_days.mrr_minor is 'By how much recurring revenue by subscriptions changed.';
comment on column mrr_days.committed_minor is 'By how much the part that is not to end changed.';
comment on column mrr_days.past_due_minor is 'By how much the part changed that an overdue invoice puts at risk.';
comment on column mrr_days.trial_minor is 'By how much changed what trials will count.';
comment on column mrr_days.paused_minor is 'By how much the part changed whose collection is paused.';
comment on column mrr_days.customers is 'By how many customers changed.';
comment on column mrr_days.subscriptions is 'By how many subscriptions that count changed.';
comment on column mrr_days.untold is 'By how many subscriptions changed that have a part whose price nobody told.';
comment on column mrr_movements.tenant_id is 'Whose row it is.';
comment on column mrr_movements.id is 'Ours.';
comment on column mrr_movements.customer_id is 'Stripe''s customer, cus_….';
comment on column mrr_movements.currency is 'ISO 4217 code, lower case.';
comment on column mrr_recounts.tenant_id is 'Whose row it is.';
comment on column mrr_recounts.id is 'Ours.';
comment on column mrr_recounts.seq is 'Order of writing.';
comment on column new_customers_days.tenant_id is 'Whose row it is.';
comment on column password_resets.user_id is 'The person it is about.';
comment on column password_resets.created_at is 'When it was made.';
comment on column password_resets.expires_at is 'When it stops being good.';
comment on column password_resets.used_at is 'When it was used; null while it was not.';
comment on column payment_facts.tenant_id is 'Whose row it is.';
comment on column payment_facts.stripe_event_id is 'The event of stripe_events that says so.';
comment on column payment_facts.payment_id is 'The payment of payment_names.';
comment on column payment_facts.currency is 'ISO 4217 code, lower case.';
comment on column payment_names.tenant_id is 'Whose row it is.';
comment on column pricing_terms.tenant_id is 'Whose row it is.';
comment on column pricing_terms.stripe_event_id is 'The event of stripe_events that says so.';
comment on column product_days.tenant_id is 'Whose row it is.';
comment on column product_days.product_name is 'What was sold, as named at the time.';
comment on column product_days.product_category is 'Its category, when Stripe''s metadata told.';
comment on column product_days.payment_minor is 'Payments, in minor units of the tenant''s currency.';
comment on column product_days.payments is 'How many payments came in.';
comment on column product_days.adjustment_minor is 'What people corrected.';
comment on column product_days.refund_minor is 'Refunds, and refunds that failed; signed as in the ledger.';
comment on column product_days.dispute_minor is 'Disputes, and disputes won; signed as in the ledger.';
comment on column product_days.new_minor is 'Of all these, what belongs to a customer''s first-ever payment where it is for a subscription.';
comment on column product_days.recurring_minor is 'What belongs to other payments for subscriptions.';
comment on column product_days.one_time_minor is 'The rest.';
comment on column product_days.row_count is 'How many rows of the ledger it is made of.';
comment on column restatements.tenant_id is 'Whose row it is.';
comment on column restatements.id is 'Ours.';
comment on column restatements.seq is 'Order of writing.';
comment on column revenue_days.tenant_id is 'Whose row it is.';
comment on column revenue_event_supersessions.tenant_id is 'Whose row it is.';
comment on column revenue_event_supersessions.superseded_id is 'The row that no longer counts.';
comment on column revenue_event_supersessions.created_at is 'When it was made.';
comment on column revenue_events.tenant_id is 'Whose row it is.';
comment on column revenue_events.id is 'Ours; follows from money_key and version.';
comment on column revenue_events.stripe_customer_id is 'cus_…';
comment on column revenue_events.stripe_subscription_id is 'sub_…';
comment on column revenue_events.stripe_invoice_id is 'in_…';
comment on column revenue_events.stripe_charge_id is 'ch_…';
comment on column revenue_events.stripe_payment_intent_id is 'pi_…';
comment on column revenue_events.stripe_checkout_session_id is 'cs_…';
comment on column revenue_events.stripe_refund_id is 're_…';
comment on column rollups.tenant_id is 'Whose row it is.';
comment on column sessions.id is 'Ours.';
comment on column sessions.user_id is 'The person it is about.';
comment on column sessions.created_at is 'When it was made.';
comment on column sessions.expires_at is 'When it stops being good.';
comment on column sessions.user_agent is 'What the browser called itself.';
comment on column sessions.address is 'Where it came from.';
comment on column sign_in_attempts.attempts is 'How many there were since window_start.';
comment on column stripe_accounts.tenant_id is 'Whose row it is.';
comment on column stripe_customers.tenant_id is 'Whose row it is.';
comment on column stripe_events.tenant_id is 'Whose row it is.';
comment on column stripe_events.applied_at is 'When it was last looked at.';
comment on column stripe_lookups.tenant_id is 'Whose row it is.';
comment on column stripe_lookups.looked_up_at is 'When it was read from Stripe.';
comment on column subscriber_days.tenant_id is 'Whose row it is.';
comment on column subscription_facts.tenant_id is 'Whose row it is.';
comment on column subscription_facts.stripe_event_id is 'The event of stripe_events that says so.';
comment on column subscription_versions.tenant_id is 'Whose row it is.';
comment on column subscription_versions.subscription_id is 'sub_…';
comment on column subscription_versions.customer_id is 'Stripe''s customer, cus_….';
comment on column subscription_versions.currency is 'ISO 4217 code, lower case.';
comment on column sync_cursors.tenant_id is 'Whose row it is.';
comment on column sync_cursors.tool is 'Which tool: heyreach, plusvibe, instantly and the like.';
comment on column sync_rejections.tenant_id is 'Whose row it is.';
comment on column sync_rejections.sync_id is 'The sync that rejected it.';
comment on column synced_objects.tenant_id is 'Whose row it is.';
comment on column synced_objects.tool is 'Which tool: heyreach, plusvibe, instantly and the like.';
comment on column syncs.tenant_id is 'Whose row it is.';
comment on column syncs.id is 'Ours.';
comment on column syncs.started_at is 'When it began.';
comment on column syncs.ended_at is 'When it ended; null while it goes on.';
comment on column tenant_secrets.tenant_id is 'Whose row it is.';
comment on column tenant_secrets.kind is 'Which credential: stripe_key, stripe_webhook and the like.';
comment on column tenant_secrets.updated_by is 'Who changed it last.';
comment on column tenant_secrets.updated_at is 'When it was last changed.';
comment on column tenants.id is 'Ours; every row of theirs carries it as tenant_id.';
comment on column tenants.name is 'What people call the workspace.';
comment on column tenants.created_at is 'When it was made.';
comment on column told_before.tenant_id is 'Whose row it is.';
comment on column told_before.told_at is 'When it was told.';
comment on column unconverted_days.tenant_id is 'Whose row it is.';
comment on column users.id is 'Ours.';
comment on column users.name is 'What they are called.';
comment on column users.created_at is 'When it was made.';
comment on column webhook_deliveries.tenant_id is 'Whose row it is.';
comment on column webhook_deliveries.tool is 'Which tool: heyreach, plusvibe, instantly and the like.';
comment on column webhook_deliveries.received_at is 'When it came.';
