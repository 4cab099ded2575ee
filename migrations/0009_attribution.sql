-- Attribution with evidence: Stripe's customers, linked records, overrides, what is looked for by, and the log of
-- what reads differently since.

-- Leads are found by the company's domain too, and by ids that metadata names.

alter table leads add column email_domain text generated always as (substring(email from '@([^@]*)$')) stored;
comment on column leads.email_domain is 'What follows the @: leads of one company are shown as weak evidence, never credited.';
create index leads_company on leads (tenant_id, email_domain, source, created_at, id) where email_domain is not null;
grant update (email, company, source, stage, created_at) on leads to command_center_tenant;

alter table tenants add column attribution_order text not null default 'lead_first'
    check (attribution_order in ('lead_first', 'metadata_first'));
comment on column tenants.attribution_order is 'Where a channel is looked for first. lead_first: e-mails, linked records, metadata; metadata_first: metadata, e-mails, linked records.';
grant update (attribution_order) on tenants to command_center_tenant;

alter table attribution_evidence drop constraint attribution_evidence_method_check;
alter table attribution_evidence
    add constraint attribution_evidence_method_check check (method in ('override', 'lead_email', 'customer_email',
        'linked_record', 'lead_reference', 'metadata', 'company_domain')),
    add column confidence text check (confidence in ('stated', 'deterministic', 'linked', 'exact', 'named', 'weak')),
    add column lead_created_at timestamptz,
    add column is_before_payment boolean;
comment on table  attribution_evidence is 'Every channel a row could have been credited to, and why. Rank 1 was chosen; without one, nothing was, and what follows is only shown.';
comment on column attribution_evidence.method is 'How it was found: override (a person said so), lead_email, customer_email (of the Stripe customer), linked_record, lead_reference (metadata has a lead''s id), metadata (it names the channel), company_domain.';
comment on column attribution_evidence.matched is 'What matched: the e-mail, the record, key=value of Stripe''s metadata, the domain; for an override who said why.';
comment on column attribution_evidence.confidence is 'stated, deterministic, linked, exact, named, or weak, which is shown and never credited; null for rows older than this column.';
comment on column attribution_evidence.lead_created_at is 'When the lead came.';
comment on column attribution_evidence.is_before_payment is 'Whether that was before the payment.';

create table stripe_customers (
    tenant_id    uuid not null references tenants (id),
    customer_id  text not null check (length(customer_id) between 1 and 255),
    email        text check (length(email) between 1 and 320),
    email_domain text generated always as (substring(email from '@([^@]*)$')) stored,
    hints        jsonb not null default '[]',
    told_at      timestamptz,
    told_first   boolean,
    told_by      text,
    deleted_at   timestamptz,
    primary key (tenant_id, customer_id),
    foreign key (tenant_id, told_by) references stripe_events (tenant_id, stripe_event_id)
);

create index stripe_customers_email on stripe_customers (tenant_id, email) where email is not null;
create index stripe_customers_telling on stripe_customers (tenant_id, told_by);
create index stripe_customers_company on stripe_customers (tenant_id, email_domain) where email_domain is not null;

comment on table  stripe_customers              is 'Stripe''s customers as its newest event tells of them, whatever the order of arrival.';
comment on column stripe_customers.customer_id  is 'cus_…';
comment on column stripe_customers.email        is 'Trimmed and lower-cased.';
comment on column stripe_customers.email_domain is 'What follows the @.';
comment on column stripe_customers.hints        is 'Metadata that may name a lead or a channel.';
comment on column stripe_customers.told_at      is 'Stripe''s time of the event this is from; null when only a deletion is known.';
comment on column stripe_customers.told_first   is 'Whether that was the customer''s creation, which comes before all else of its second.';
comment on column stripe_customers.told_by      is 'That event.';
comment on column stripe_customers.deleted_at   is 'When the customer was deleted in Stripe; what was known stays.';

create table linked_records (
    tenant_id   uuid not null references tenants (id),
    kind        text not null check (kind ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    record_id   text not null check (length(record_id) between 1 and 200),
    customer_id text not null check (length(customer_id) between 1 and 255),
    lead_ref    text check (length(lead_ref) between 1 and 200),
    email       text check (email = lower(btrim(email)) and length(email) between 1 and 320),
    channel     text check (length(channel) between 1 and 63),
    made_by     text not null,
    made_at     timestamptz not null,
    primary key (tenant_id, kind, record_id),
    constraint linked_records_lead_to_something check (num_nonnulls(lead_ref, email, channel) > 0)
);

create index linked_records_customer on linked_records (tenant_id, customer_id);
create index linked_records_lead on linked_records (tenant_id, lead_ref) where lead_ref is not null;
create index linked_records_email on linked_records (tenant_id, email) where email is not null;

comment on table  linked_records             is 'Which record of the tenant''s, such as a bootcamp student, a Stripe customer is, and which lead or channel it came from.';
comment on column linked_records.kind        is 'What the record is, in the tenant''s words: bootcamp_student, deal.';
comment on column linked_records.record_id   is 'Its id where it is kept.';
comment on column linked_records.customer_id is 'cus_…';
comment on column linked_records.lead_ref    is 'The lead''s id where it came from, or ours; the lead may come later.';
comment on column linked_records.email       is 'The lead''s e-mail.';
comment on column linked_records.channel     is 'The channel itself; counts before the lead''s source.';
comment on column linked_records.made_by     is 'Who brought it.';

create table attribution_overrides (
    tenant_id    uuid not null references tenants (id),
    id           uuid not null,
    payment_name text check (length(payment_name) between 1 and 255),
    customer_id  text check (length(customer_id) between 1 and 255),
    channel      text not null check (length(channel) between 1 and 63),
    reason       text not null check (length(reason) between 1 and 500),
    made_by      text not null,
    made_at      timestamptz not null,
    ended_by     text,
    ended_at     timestamptz,
    primary key (tenant_id, id),
    constraint attribution_overrides_one_target check (num_nonnulls(payment_name, customer_id) = 1),
    constraint attribution_overrides_ended check (num_nonnulls(ended_by, ended_at) <> 1)
);

create unique index attribution_overrides_payment on attribution_overrides (tenant_id, payment_name) where ended_at is null;
create unique index attribution_overrides_customer on attribution_overrides (tenant_id, customer_id) where ended_at is null;

comment on table  attribution_overrides              is 'What a person said a payment, or everything of a customer, is to be credited to. Wins over whatever is found.';
comment on column attribution_overrides.payment_name is 'A name of the payment: in_…, pi_…, ch_… or cs_….';
comment on column attribution_overrides.customer_id  is 'cus_…';
comment on column attribution_overrides.channel      is 'The channel, or unknown.';
comment on column attribution_overrides.reason       is 'Why, in their words.';
comment on column attribution_overrides.ended_by     is 'Who took it back, or said something else.';
comment on column attribution_overrides.ended_at     is 'When; null while it counts.';

create table attribution_clues (
    tenant_id       uuid not null,
    clue            text not null,
    stripe_event_id text not null,
    primary key (tenant_id, clue, stripe_event_id),
    foreign key (tenant_id, stripe_event_id) references stripe_events (tenant_id, stripe_event_id)
);

comment on table  attribution_clues      is 'By what a lead, a link or a customer finds the events it matters to.';
comment on column attribution_clues.clue is 'email:…, domain:…, customer:cus_…, subscription:sub_… or lead:….';

create table attribution_changes (
    tenant_id     uuid not null references tenants (id),
    id            uuid not null,
    seq           bigint generated always as identity,
    clue          text not null,
    kind          text not null check (kind in ('lead', 'link', 'customer', 'override', 'event', 'order', 'program')),
    reference     text not null,
    settled_up_to uuid not null default '00000000-0000-0000-0000-000000000000',
    primary key (tenant_id, id)
);

create index attribution_changes_order on attribution_changes (tenant_id, seq);

comment on table  attribution_changes               is 'Changes whose payments wait to be looked at again; a row is gone once they were.';
comment on column attribution_changes.clue          is 'What is looked for: as in attribution_clues, payment:… for a payment''s name, or everything.';
comment on column attribution_changes.kind          is 'What changed.';
comment on column attribution_changes.reference     is 'Which one.';
comment on column attribution_changes.settled_up_to is 'Up to which payment that was done already.';

create table restatements (
    tenant_id    uuid not null references tenants (id),
    id           uuid not null,
    seq          bigint generated always as identity,
    subject      text not null check (subject in ('attribution', 'mrr', 'amount', 'category')),
    old_row_id   uuid,
    new_row_id   uuid,
    effective_at timestamptz not null check (isfinite(effective_at)),
    value_from   text,
    value_to     text,
    cause        text not null,
    cause_kind   text not null,
    cause_ref    text not null,
    at           timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, old_row_id) references revenue_events (tenant_id, id),
    foreign key (tenant_id, new_row_id) references revenue_events (tenant_id, id)
);

create index restatements_order on restatements (tenant_id, seq);

comment on table  restatements              is 'What reads differently than it did, and why. Append-only.';
comment on column restatements.subject      is 'What about it: attribution (the channel), mrr, amount or category.';
comment on column restatements.old_row_id   is 'The row of the ledger that counted.';
comment on column restatements.new_row_id   is 'The row that counts in its place.';
comment on column restatements.effective_at is 'Stripe''s time of the money: the periods that read differently.';
comment on column restatements.value_from   is 'What it said.';
comment on column restatements.value_to     is 'What it says.';
comment on column restatements.cause        is 'Why, in words.';
comment on column restatements.cause_kind   is 'What brought it about: lead, link, customer, override, event, order, program.';
comment on column restatements.cause_ref    is 'Which one.';
comment on column restatements.at           is 'When we learned of it.';

create trigger restatements_append_only before update or delete on restatements
    for each row execute function refuse_rewriting_history();

alter table stripe_customers enable row level security;
alter table linked_records enable row level security;
alter table attribution_overrides enable row level security;
alter table attribution_clues enable row level security;
alter table attribution_changes enable row level security;
alter table restatements enable row level security;

grant select, insert, update (email, hints, told_at, told_first, told_by, deleted_at) on stripe_customers to command_center_tenant;
create policy own_rows on stripe_customers to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on linked_records to command_center_tenant;
create policy own_rows on linked_records to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (ended_by, ended_at) on attribution_overrides to command_center_tenant;
create policy own_rows on attribution_overrides to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on attribution_clues to command_center_tenant;
create policy own_rows on attribution_clues to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert, update (settled_up_to), delete on attribution_changes to command_center_tenant;
create policy own_rows on attribution_changes to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

grant select, insert on restatements to command_center_tenant;
create policy own_rows on restatements to command_center_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());

-- Which tenants have changes waiting; never what they are about.
grant select (tenant_id) on attribution_changes to command_center_platform;
create policy waiting on attribution_changes for select to command_center_platform using (true);

-- What is known already gets its clues, and is looked at again; customers that were set aside are read.

insert into attribution_clues (tenant_id, clue, stripe_event_id)
select f.tenant_id, 'email:' || e.email, f.stripe_event_id
from payment_facts f, jsonb_array_elements_text(f.fact -> 'emails') as e (email)
union
select f.tenant_id, 'domain:' || substring(e.email from '@([^@]*)$'), f.stripe_event_id
from payment_facts f, jsonb_array_elements_text(f.fact -> 'emails') as e (email)
where substring(e.email from '@([^@]*)$') is not null
union
select tenant_id, 'customer:' || (fact ->> 'customer'), stripe_event_id
from payment_facts where fact ->> 'customer' is not null
union
select tenant_id, 'subscription:' || (fact ->> 'subscription'), stripe_event_id
from payment_facts where fact ->> 'subscription' is not null;

insert into attribution_changes (tenant_id, id, clue, kind, reference)
select distinct on (tenant_id) tenant_id, gen_random_uuid(), 'everything', 'program', '' from payment_facts;

update stripe_events set state = 'pending', reason = null, applied_at = null
where state = 'ignored' and event_type in ('customer.created', 'customer.updated', 'customer.deleted');
