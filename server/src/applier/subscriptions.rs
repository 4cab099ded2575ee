//! Subscriptions: the versions they went through, the movements of recurring revenue, and their rows in the ledger.
//!
//! What an event tells of a subscription is kept; then each customer it concerns is counted again from everything
//! known of all their subscriptions, and what differs from what stands is written.

use std::collections::{BTreeMap, BTreeSet};

use domain::attribution::Payer;
use domain::channel::ChannelList;
use domain::exchange::RateBook;
use domain::ids::{MrrMovementId, TenantId};
use domain::ledger::{EntryKind, MoneyKey, Movement, StripeLinks};
use domain::money::{Currency, Money};
use domain::mrr::{Counting, MovementKind, MrrMovement, Subscription, movements};
use domain::payment::distinct;
use domain::subscription::order::in_order;
use domain::subscription::terms::{Terms, TermsFact};
use domain::subscription::{SubscriptionFact, Version, history};
use domain::tenant::Tenant;
use jiff::Timestamp;
use jiff::civil::Date;
use store::StoreError;
use store::applying::Batch;
use store::subscriptions::{CurrentMovement, KeptVersion, NewMovement, RecountReason, VersionRow};
use uuid::Uuid;

use super::attribution::{Causes, attributions_of};
use super::rates::utc_day;
use super::{Applier, LedgerChanged, News, Settled, write_settled};

/// How many customers one transaction counts again.
const AT_ONCE: i64 = 200;

/// The customers whose subscriptions events concern: by what they tell of them, by the price of what they pay, and by
/// payments that may tell who they are.
pub(super) async fn touched_subscribers(batch: &mut Batch, news: &News) -> Result<Vec<String>, StoreError> {
    let mut customers: BTreeSet<String> =
        news.subscriptions.iter().map(|fact| fact.customer.clone()).collect();
    if !news.terms.is_empty() {
        let names: Vec<String> = news.terms.iter().map(|fact| fact.name.clone()).collect();
        customers.extend(batch.customers_with_open_terms(&names).await?);
    }
    let payers = news.payments.iter().filter(|fact| !fact.emails.is_empty());
    let payers: BTreeSet<String> = payers.filter_map(|fact| fact.customer.clone()).collect();
    let payers: Vec<String> = payers.difference(&customers).cloned().collect();
    if !payers.is_empty() {
        customers.extend(batch.subscribers_among(&payers).await?);
    }
    Ok(customers.into_iter().collect())
}

/// Keeps what events tell of subscriptions and prices, and by what a change finds them again.
pub(super) async fn keep_subscriptions(
    batch: &mut Batch,
    facts: &[SubscriptionFact],
    terms: &[TermsFact],
) -> Result<(), StoreError> {
    if !facts.is_empty() {
        batch.subscription_facts_insert(facts).await?;
        let clues = facts.iter().flat_map(|fact| {
            let payer = payer_of(&fact.customer, &fact.subscription, std::slice::from_ref(fact));
            payer.clues().into_iter().map(|clue| (clue, fact.event.clone())).collect::<Vec<_>>()
        });
        batch.clues_insert(&clues.collect::<Vec<_>>()).await?;
    }
    if !terms.is_empty() {
        batch.terms_insert(terms).await?;
    }
    Ok(())
}

/// Who pays for a subscription, as far as its own events say.
fn payer_of(customer: &str, subscription: &str, facts: &[SubscriptionFact]) -> Payer {
    Payer {
        emails: Vec::new(),
        customers: vec![customer.to_owned()],
        subscriptions: vec![subscription.to_owned()],
        hints: distinct(facts.iter().flat_map(|fact| fact.channel_hints.clone())),
        names: vec![subscription.to_owned()],
        paid_at: None,
    }
}

/// A customer, counted.
struct Counted {
    customer: String,
    facts: Vec<SubscriptionFact>,
    subscriptions: Vec<Subscription>,
    movements: Vec<MrrMovement>,
}

/// Counts customers again and writes what differs; says whether anything did.
pub(super) async fn count_customers(
    batch: &mut Batch,
    tenant: &Tenant,
    channels: &ChannelList,
    customers: &[String],
    causes: &Causes,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if customers.is_empty() {
        return Ok(false);
    }
    let facts = batch.subscription_facts_of(customers).await?;
    let terms = known_terms(batch, &facts).await?;
    let histories: Vec<(String, Vec<SubscriptionFact>, Vec<Subscription>)> = facts
        .into_iter()
        .map(|(customer, facts)| {
            let subscriptions = subscriptions_of(tenant, &facts, &terms);
            (customer, facts, subscriptions)
        })
        .collect();
    let rates =
        rates_for(batch, tenant, histories.iter().flat_map(|(.., subscriptions)| subscriptions)).await?;
    let counting = Counting {
        definition: tenant.definition,
        timezone: &tenant.timezone,
        base: tenant.currency,
        rates: &rates,
    };
    let counted: Vec<Counted> = histories
        .into_iter()
        .map(|(customer, facts, subscriptions)| {
            let movements = movements(&subscriptions, counting);
            Counted { customer, facts, subscriptions, movements }
        })
        .collect();
    let versions_changed = write_versions(batch, customers, &counted, counting).await?;
    let movements_changed = write_movements(batch, tenant, customers, &counted, now).await?;
    if versions_changed || movements_changed {
        batch.rollups_follow_customers(customers).await?;
    }
    let settled = settled_rows(batch, channels, &counted).await?;
    let rows_changed = write_settled(batch, tenant, &settled, causes, now).await?;
    Ok(movements_changed || rows_changed)
}

/// What is known of the prices and discounts that facts name without saying what they come to.
async fn known_terms(
    batch: &mut Batch,
    facts: &BTreeMap<String, Vec<SubscriptionFact>>,
) -> Result<Terms, StoreError> {
    let open: BTreeSet<String> =
        facts.values().flatten().flat_map(SubscriptionFact::open_terms).map(str::to_owned).collect();
    if open.is_empty() {
        return Ok(Terms::default());
    }
    Ok(Terms::of(batch.terms_named(&open.into_iter().collect::<Vec<_>>()).await?))
}

fn subscriptions_of(tenant: &Tenant, facts: &[SubscriptionFact], terms: &Terms) -> Vec<Subscription> {
    let mut by_id: BTreeMap<&str, Vec<SubscriptionFact>> = BTreeMap::new();
    for fact in facts {
        by_id.entry(&fact.subscription).or_default().push(fact.clone());
    }
    by_id
        .into_iter()
        .map(|(id, facts)| Subscription {
            id: id.to_owned(),
            versions: history(&facts, tenant.definition, terms),
        })
        .collect()
}

/// The rates that foreign subscriptions are converted by: of the days their paid periods began.
async fn rates_for(
    batch: &mut Batch,
    tenant: &Tenant,
    subscriptions: impl Iterator<Item = &Subscription> + Clone,
) -> Result<RateBook, StoreError> {
    let foreign = || {
        let versions = subscriptions.clone().flat_map(|subscription| &subscription.versions);
        versions.filter(|version| version.state.currency != tenant.currency)
    };
    let days = foreign().map(rate_day);
    let (Some(first), Some(last)) = (days.clone().min(), days.max()) else { return Ok(RateBook::default()) };
    let mut currencies: BTreeSet<Currency> = foreign().map(|version| version.state.currency).collect();
    currencies.insert(tenant.currency);
    let currencies: Vec<Currency> = currencies.into_iter().collect();
    Ok(RateBook::of(batch.rates_between(&currencies, first, last).await?))
}

fn rate_day(version: &Version) -> Date {
    utc_day(version.state.period_start.unwrap_or(version.from))
}

/// Keeps versions: of each subscription those from the first that differs on; says whether any did.
async fn write_versions(
    batch: &mut Batch,
    customers: &[String],
    counted: &[Counted],
    counting: Counting<'_>,
) -> Result<bool, StoreError> {
    let mut kept: BTreeMap<String, Vec<KeptVersion>> = BTreeMap::new();
    for version in batch.versions_of(customers).await? {
        kept.entry(version.subscription.clone()).or_default().push(version);
    }
    let (mut stale, mut fresh) = (Vec::new(), Vec::new());
    for Counted { customer, subscriptions, .. } in counted {
        for subscription in subscriptions {
            let rows = version_rows(customer, subscription, counting);
            let old = kept.remove(&subscription.id).unwrap_or_default();
            let same = rows.iter().zip(&old).take_while(|(row, old)| row.digest() == old.digest).count();
            stale.extend(old.get(same).map(|first| (first.subscription.clone(), first.ordinal)));
            fresh.extend(rows.into_iter().skip(same));
        }
    }
    if !stale.is_empty() {
        batch.versions_drop(&stale).await?;
    }
    if !fresh.is_empty() {
        batch.versions_insert(&fresh).await?;
    }
    Ok(!stale.is_empty() || !fresh.is_empty())
}

fn version_rows(customer: &str, subscription: &Subscription, counting: Counting<'_>) -> Vec<VersionRow> {
    let in_base = |version: &Version, minor: i64| {
        let money = Money { minor, currency: version.state.currency };
        if minor == 0 { Some(0) } else { counting.rates.convert(money, counting.base, rate_day(version)) }
    };
    (1..)
        .zip(&subscription.versions)
        .map(|(ordinal, version)| VersionRow {
            subscription: subscription.id.clone(),
            customer: customer.to_owned(),
            ordinal,
            base_mrr: in_base(version, version.state.mrr),
            base_trial_mrr: in_base(version, version.state.trial_mrr),
            version: version.clone(),
        })
        .collect()
}

/// Supersedes the movements that no longer hold and appends the new; says whether there were any.
async fn write_movements(
    batch: &mut Batch,
    tenant: &Tenant,
    customers: &[String],
    counted: &[Counted],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let current = batch.movements_of(customers).await?;
    let mut current: BTreeMap<String, CurrentMovement> =
        current.into_iter().map(|movement| (movement.key.clone(), movement)).collect();
    let mut fresh = Vec::new();
    for Counted { customer, movements, .. } in counted {
        for movement in movements {
            let key = movement_key(customer, movement);
            let stands = current.get(&key).is_some_and(|stored| {
                stored.movement == *movement && stored.definition == tenant.definition.id
            });
            if stands {
                current.remove(&key);
            } else {
                fresh.push((key, customer.clone(), movement.clone()));
            }
        }
    }
    let superseded: Vec<MrrMovementId> = current.values().map(|movement| movement.id).collect();
    let changed = !superseded.is_empty() || !fresh.is_empty();
    if !superseded.is_empty() {
        batch.movements_supersede(&superseded, now).await?;
    }
    if !fresh.is_empty() {
        let rows = numbered(batch, tenant, fresh).await?;
        batch.movements_insert(&rows, now).await?;
    }
    Ok(changed)
}

/// Gives movements their versions and ids.
async fn numbered(
    batch: &mut Batch,
    tenant: &Tenant,
    fresh: Vec<(String, String, MrrMovement)>,
) -> Result<Vec<NewMovement>, StoreError> {
    let keys: Vec<String> = fresh.iter().map(|(key, ..)| key.clone()).collect();
    let newest = batch.movement_versions(&keys).await?;
    Ok(fresh
        .into_iter()
        .map(|(key, customer, movement)| {
            let version = newest.get(&key).copied().unwrap_or(0) + 1;
            let id = MrrMovementId(Uuid::new_v5(&tenant.id.0, format!("mrr {key}#{version}").as_bytes()));
            NewMovement { id, key, version, customer, definition: tenant.definition.id, movement }
        })
        .collect())
}

fn movement_key(customer: &str, movement: &MrrMovement) -> String {
    format!("{customer}:{}:{}:{}", movement.money.currency, movement.at.as_second(), movement.kind)
}

/// The ledger rows of customers' subscriptions, each credited to its channel.
async fn settled_rows(
    batch: &mut Batch,
    channels: &ChannelList,
    counted: &[Counted],
) -> Result<Vec<Settled>, StoreError> {
    let customers: Vec<String> = counted.iter().map(|counted| counted.customer.clone()).collect();
    let emails = batch.emails_paid_with(&customers).await?;
    let known = batch.customers_known(&customers).await?;
    let mut payers = Vec::new();
    let mut rows = Vec::new();
    for counted in counted {
        let paid_with = emails.get(&counted.customer).cloned().unwrap_or_default();
        let of_customer = known.get(&counted.customer).and_then(|customer| customer.email.clone());
        let email = paid_with.first().cloned().or(of_customer);
        for subscription in &counted.subscriptions {
            let own = counted.facts.iter().filter(|fact| fact.subscription == subscription.id);
            let own: Vec<SubscriptionFact> =
                in_order(&own.cloned().collect::<Vec<_>>()).into_iter().cloned().collect();
            payers.push(Payer {
                emails: paid_with.clone(),
                paid_at: subscription.versions.first().map(|version| version.from),
                ..payer_of(&counted.customer, &subscription.id, &own)
            });
            let named = |row: Movement| Movement { customer_email: email.clone(), ..row };
            rows.push(ledger_rows(counted, subscription).into_iter().map(named).collect::<Vec<_>>());
        }
    }
    let attributions = attributions_of(batch, channels, &payers).await?;
    let settled = payers.into_iter().zip(rows).zip(attributions);
    Ok(settled
        .map(|((payer, movements), attribution)| Settled {
            movements,
            attribution,
            names: payer.names.iter().cloned().collect(),
            payer,
            is_new: false,
        })
        .collect())
}

/// The rows of a subscription: where it begins, ends, or changes its status or what it counts.
fn ledger_rows(counted: &Counted, subscription: &Subscription) -> Vec<Movement> {
    let mut rows = Vec::new();
    let mut in_second: BTreeMap<i64, usize> = BTreeMap::new();
    let mut before: Option<&Version> = None;
    for version in &subscription.versions {
        let is_telling = before.is_none_or(|before| {
            before.state.status != version.state.status || before.state.mrr != version.state.mrr
        });
        if is_telling {
            for (currency, impact) in impacts(before, version) {
                let count = in_second.entry(version.from.as_second()).or_default();
                let key = MoneyKey::subscription(&subscription.id, version.from, *count);
                *count += 1;
                let row =
                    ledger_row(counted, subscription, version, before, Money { minor: impact, currency });
                rows.push(Movement { key, ..row });
            }
        }
        before = Some(version);
    }
    rows
}

/// By how much a version moves what its subscription counts, in each currency it did or does.
fn impacts(before: Option<&Version>, version: &Version) -> Vec<(Currency, i64)> {
    let (currency, mrr) = (version.state.currency, version.state.mrr);
    match before.map(|before| (before.state.currency, before.state.mrr)) {
        Some((old, was)) if old != currency => vec![(old, -was), (currency, mrr)],
        Some((_, was)) => vec![(currency, mrr - was)],
        None => vec![(currency, mrr)],
    }
}

fn ledger_row(
    counted: &Counted,
    subscription: &Subscription,
    version: &Version,
    before: Option<&Version>,
    impact: Money,
) -> Movement {
    let kind = if version.state.status.is_final() {
        EntryKind::SubscriptionCancelled
    } else if before.is_none() {
        EntryKind::SubscriptionCreated
    } else {
        EntryKind::SubscriptionUpdated
    };
    Movement {
        key: MoneyKey::subscription(&subscription.id, version.from, 0),
        payment: subscription.id.clone(),
        kind,
        money: Money { minor: 0, ..impact },
        occurred_at: version.from,
        cause: version.cause.clone(),
        links: StripeLinks {
            customer: Some(counted.customer.clone()),
            subscription: Some(subscription.id.clone()),
            ..StripeLinks::default()
        },
        product: main_product(version),
        is_recurring: true,
        customer_email: None,
        is_tie_presumed: false,
        reason: None,
        mrr_impact_minor: impact.minor,
        mrr_movement: if impact.minor == 0 {
            None
        } else {
            linked_movement(counted, version, impact.currency)
        },
    }
}

/// The movement a version is part of, which may be dated by a later change of the same day.
fn linked_movement(counted: &Counted, version: &Version, currency: Currency) -> Option<String> {
    let linked = counted.movements.iter().find(|movement| {
        movement.kind != MovementKind::Fx
            && movement.money.currency == currency
            && movement.at >= version.from
            && movement.causes.contains(&version.cause)
    });
    linked.map(|movement| movement_key(&counted.customer, movement))
}

/// What counts most of what is sold.
fn main_product(version: &Version) -> Option<domain::ledger::Product> {
    let most = version.state.items.iter().max_by_key(|item| item.monthly)?;
    most.product.clone()
}

impl Applier {
    /// Counts some customers of every tenant again whose rates, rules or days changed; returns for how many tenants.
    pub(super) async fn count_again(&self) -> Result<usize, StoreError> {
        let mut busy = 0;
        for id in self.store.tenants_with_recounts().await? {
            match self.count_some_again(id).await {
                Ok(did) => busy += usize::from(did),
                Err(error) => {
                    tracing::error!(%error, tenant = %id, "recurring revenue could not be counted again")
                }
            }
        }
        Ok(busy)
    }

    async fn count_some_again(&self, id: TenantId) -> Result<bool, StoreError> {
        let Some(mut batch) = self.begin(id).await? else { return Ok(false) };
        // The rules it is counted by are read after the lock, so that they are those the last one wrote.
        let Some(tenant) = self.store.tenant_by_id(id).await? else { return Ok(false) };
        let Some(waiting) = batch.recount_waiting().await? else { return Ok(false) };
        let channels = batch.channels().await?;
        let customers = batch.subscribers_after(&waiting.counted_up_to, AT_ONCE).await?;
        let changed = match customers.last() {
            Some(last) => {
                batch.recounted_up_to(&waiting.ids, last).await?;
                count_customers(
                    &mut batch,
                    &tenant,
                    &channels,
                    &customers,
                    &Causes::default(),
                    self.clock.now(),
                )
                .await?
            }
            None => {
                batch.recounted(&waiting.ids, self.clock.now()).await?;
                roll_up_by_days_of(&mut batch, &tenant).await?
            }
        };
        batch.commit().await?;
        if changed {
            let _ = self.changes.send(LedgerChanged(id));
        }
        Ok(true)
    }
}

/// Makes the rollups again where the tenant's days begin elsewhere than when they were made; says whether they do.
async fn roll_up_by_days_of(batch: &mut Batch, tenant: &Tenant) -> Result<bool, StoreError> {
    let is_other = batch.rollups_are_of_another_timezone(tenant).await?;
    if is_other {
        batch.rollups_make(tenant).await?;
    }
    Ok(is_other)
}

/// New rates count subscriptions again, once for each time they were settled.
pub(super) async fn ask_after_rates(
    batch: &mut Batch,
    changes: &[Uuid],
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(first) = changes.first() else { return Ok(()) };
    batch.recount_ask(Uuid::new_v5(first, b"recount"), RecountReason::Rates, now).await
}
