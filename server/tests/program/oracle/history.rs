//! Random histories of a tenant: rows that are written, superseded and restated, customers who come, go and return.

use std::collections::BTreeMap;

use domain::channel::ChannelSlug;
use domain::definition::Definition;
use domain::ids::{EventId, LedgerRowId, MrrMovementId};
use domain::ledger::{EntryKind, MoneyKey, Movement, Product, RowContent, StripeLinks};
use domain::money::{Currency, Money};
use domain::mrr::{MovementKind, MrrMovement};
use domain::subscription::history::State;
use domain::subscription::{Status, Version};
use domain::tenant::Tenant;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use store::Store;
use store::applying::{Batch, NewRow, Supersession};
use store::subscriptions::{NewMovement, VersionRow};
use uuid::Uuid;

use crate::support::now;

/// When everything begins.
pub(super) const FIRST_DAY: Date = date(2026, 1, 1);

const CHANNELS: [&str; 4] = ["heyreach", "organic", "referral", "unknown"];

/// A tenant, and what counts of it so far.
pub(super) struct History {
    tenant: Tenant,
    event: EventId,
    rows: Vec<(LedgerRowId, RowContent)>,
    written: u64,
    customers: BTreeMap<usize, Customer>,
}

/// A customer with subscriptions.
#[derive(Default)]
struct Customer {
    last: Option<Timestamp>,
    pays: BTreeMap<&'static str, i64>,
    has_paid: bool,
    versions: i32,
    last_version: Option<Timestamp>,
}

impl History {
    pub(super) async fn begin(store: &Store, tenant: &Tenant) -> Self {
        let event: EventId = "evt_random".parse().unwrap();
        store.stripe_event_keep(tenant.id, &event, b"{}", now()).await.unwrap();
        Self { tenant: tenant.clone(), event, rows: Vec::new(), written: 0, customers: BTreeMap::new() }
    }

    /// Some things happen, in one transaction.
    pub(super) async fn go_on(&mut self, store: &Store, dice: &mut ChaCha8Rng) {
        let mut batch = store.batch_begin(self.tenant.id).await.unwrap();
        let (mut rows, mut superseded) = (Vec::new(), Vec::new());
        for _ in 0..dice.random_range(1..7) {
            self.something_of_money(dice, &mut rows, &mut superseded);
        }
        batch.rows_insert(&rows, now()).await.unwrap();
        batch.supersessions_insert(&superseded, now()).await.unwrap();
        let written: Vec<_> = rows.iter().map(|row| row.id).collect();
        let gone: Vec<_> = superseded.iter().map(|row| row.superseded).collect();
        batch.rollups_follow_rows(&written, &gone).await.unwrap();
        self.rows.extend(rows.into_iter().map(|row| (row.id, row.content)));
        if dice.random_bool(0.7) {
            self.something_recurring(&mut batch, dice).await;
        }
        batch.commit().await.unwrap();
    }

    fn something_of_money(
        &mut self,
        dice: &mut ChaCha8Rng,
        rows: &mut Vec<NewRow>,
        superseded: &mut Vec<Supersession>,
    ) {
        self.written += 1;
        let old = (!self.rows.is_empty()).then(|| dice.random_range(0..self.rows.len()));
        match (dice.random_range(0..10), old) {
            (0..4, _) | (_, None) => {
                let name = format!("in_{}", self.written);
                let content = self.payment(&name, dice);
                rows.push(self.row(1, content));
            }
            (4 | 5, Some(place)) => {
                let content = self.beside(place, dice);
                rows.push(self.row(1, content));
            }
            (6, Some(place)) => {
                let (id, _) = self.rows.swap_remove(place);
                superseded.push(Supersession { superseded: id, successor: None });
            }
            (_, Some(place)) => {
                let (id, content) = self.rows.swap_remove(place);
                let content = self.restated(content, dice);
                let version = i32::try_from(self.written).unwrap() + 1;
                let row = self.row(version, content);
                superseded.push(Supersession { superseded: id, successor: Some(row.id) });
                rows.push(row);
            }
        }
    }

    fn row(&self, version: i32, content: RowContent) -> NewRow {
        let name = format!("row {}", self.written);
        let id = LedgerRowId(Uuid::new_v5(&self.tenant.id.0, name.as_bytes()));
        NewRow { id, version, content, candidates: Vec::new() }
    }

    fn payment(&self, name: &str, dice: &mut ChaCha8Rng) -> RowContent {
        let customer = dice.random_range(0..6);
        let money = money(dice.random_range(1..100_000), dice);
        let movement = Movement {
            key: MoneyKey::payment(name),
            payment: name.to_owned(),
            kind: EntryKind::Payment,
            money,
            occurred_at: moment(dice),
            cause: self.event.clone(),
            links: StripeLinks {
                customer: (customer < 3).then(|| format!("cus_{customer}")),
                ..StripeLinks::default()
            },
            product: product(dice),
            is_recurring: dice.random_bool(0.6),
            customer_email: (customer < 5).then(|| format!("{}@example.com", customer % 4)),
            is_tie_presumed: false,
            reason: None,
            mrr_impact_minor: 0,
            mrr_movement: None,
        };
        RowContent { base_amount_minor: base(money, dice), lead: None, channel: channel(dice), movement }
    }

    /// A refund, a dispute, one of their returns or a correction of a row's payment.
    fn beside(&self, place: usize, dice: &mut ChaCha8Rng) -> RowContent {
        let RowContent { movement, channel, .. } = self.rows[place].1.clone();
        let size = dice.random_range(1..50_000);
        let id = format!("re_{}", self.written);
        let (key, kind, minor) = match dice.random_range(0..5) {
            0 => (MoneyKey::refund(&id), EntryKind::Refund, -size),
            1 => (MoneyKey::refund_failed(&id), EntryKind::RefundFailed, size),
            2 => (MoneyKey::dispute(&id), EntryKind::Dispute, -size),
            3 => (MoneyKey::dispute_reversal(&id), EntryKind::DisputeReversal, size),
            _ => (MoneyKey::stored(format!("adjustment:{id}")), EntryKind::Adjustment, -size),
        };
        let money = Money { minor, ..movement.money };
        let occurred_at = moment(dice);
        let movement = Movement { key, kind, money, occurred_at, ..movement };
        RowContent { base_amount_minor: base(money, dice), lead: None, channel, movement }
    }

    /// The same money, of which something is known otherwise.
    fn restated(&self, mut content: RowContent, dice: &mut ChaCha8Rng) -> RowContent {
        let movement = &mut content.movement;
        match dice.random_range(0..6) {
            0 => content.channel = channel(dice),
            1 => movement.occurred_at = moment(dice),
            2 => movement.links.customer = Some(format!("cus_{}", dice.random_range(0..3))),
            3 => movement.product = product(dice),
            4 => content.base_amount_minor = base(movement.money, dice),
            // The payment is known by another name now, which what belongs to it follows later, or never.
            _ if movement.kind == EntryKind::Payment => {
                movement.payment = format!("in_{}", self.written);
                movement.key = MoneyKey::payment(&movement.payment);
            }
            _ => movement.is_recurring = !movement.is_recurring,
        }
        content
    }

    async fn something_recurring(&mut self, batch: &mut Batch, dice: &mut ChaCha8Rng) {
        let number = dice.random_range(0..5);
        let name = format!("cus_{number}");
        let customer = self.customers.entry(number).or_default();
        let at = later(customer.last.unwrap_or_else(|| moment(dice)), dice);
        if customer.last == Some(at) {
            return;
        }
        customer.last = Some(at);
        let movements = customer.movements(at, dice);
        let key = |movement: &MrrMovement| {
            format!("{name}:{}:{}:{}", movement.money.currency, at.as_second(), movement.kind)
        };
        let rows: Vec<NewMovement> = movements
            .into_iter()
            .map(|movement| NewMovement {
                id: MrrMovementId(Uuid::new_v5(&self.tenant.id.0, key(&movement).as_bytes())),
                key: key(&movement),
                version: 1,
                customer: name.clone(),
                definition: Definition::STRIPE.id,
                movement: MrrMovement { causes: vec![self.event.clone()], ..movement },
            })
            .collect();
        batch.movements_insert(&rows, now()).await.unwrap();
        let version = customer.version(number, &self.event, dice);
        if dice.random_bool(0.2) && version.ordinal > 1 {
            batch.versions_drop(&[(version.subscription.clone(), version.ordinal - 1)]).await.unwrap();
            let ordinal = version.ordinal - 1;
            customer.versions = ordinal;
            batch.versions_insert(&[VersionRow { ordinal, ..version }]).await.unwrap();
        } else {
            batch.versions_insert(&[version]).await.unwrap();
        }
        batch.rollups_follow_customers(&[name]).await.unwrap();
    }
}

impl Customer {
    /// They come, pay more or less, leave or return; in two currencies at once when the dice say so.
    fn movements(&mut self, at: Timestamp, dice: &mut ChaCha8Rng) -> Vec<MrrMovement> {
        let paid: i64 = self.pays.values().sum();
        let leaves = paid != 0 && dice.random_bool(0.3);
        let currencies: &[&'static str] = if dice.random_bool(0.3) { &["usd", "eur"] } else { &["usd"] };
        let mut moved = Vec::new();
        if leaves {
            for (currency, was) in std::mem::take(&mut self.pays) {
                moved.push(movement(MovementKind::Churn, currency, -was, at));
            }
        } else {
            for currency in currencies {
                let was = self.pays.get(currency).copied().unwrap_or(0);
                let is = dice.random_range(1..10_000);
                let kind = match is - was {
                    0 => continue,
                    _ if paid == 0 && !self.has_paid => MovementKind::New,
                    _ if paid == 0 => MovementKind::Reactivation,
                    1.. => MovementKind::Expansion,
                    _ => MovementKind::Contraction,
                };
                moved.push(movement(kind, currency, is - was, at));
                self.pays.insert(currency, is);
            }
            self.has_paid = true;
        }
        moved
    }

    fn version(&mut self, number: usize, cause: &EventId, dice: &mut ChaCha8Rng) -> VersionRow {
        let from = later(self.last_version.unwrap_or_else(|| moment(dice)), dice);
        self.last_version = Some(from);
        self.versions += 1;
        let mrr = if dice.random_bool(0.7) { dice.random_range(1..10_000) } else { 0 };
        let state = State {
            status: [Status::Active, Status::PastDue, Status::Trialing, Status::Canceled]
                [dice.random_range(0..4)],
            currency: "eur".parse().unwrap(),
            mrr,
            trial_mrr: dice.random_range(0..500),
            past_due_mrr: if dice.random_bool(0.3) { mrr } else { 0 },
            untold_parts: dice.random_range(0..2),
            is_collection_paused: dice.random_bool(0.2),
            is_given_up: false,
            period_start: None,
            period_end: None,
            ends_at: dice.random_bool(0.3).then(now),
            cancel_reason: None,
            cancel_feedback: None,
            items: Vec::new(),
        };
        let base = if mrr == 0 { Some(0) } else { dice.random_bool(0.8).then_some(mrr * 2) };
        VersionRow {
            subscription: format!("sub_{number}"),
            customer: format!("cus_{number}"),
            ordinal: self.versions,
            base_trial_mrr: base.map(|_| state.trial_mrr),
            base_mrr: base,
            version: Version { from, cause: cause.clone(), state },
        }
    }
}

fn movement(kind: MovementKind, currency: &str, minor: i64, at: Timestamp) -> MrrMovement {
    MrrMovement {
        kind,
        detail: None,
        at,
        money: Money { minor, currency: currency.parse().unwrap() },
        base_minor: if currency == "usd" { minor } else { minor * 2 },
        is_unconverted: false,
        causes: Vec::new(),
        feedback: None,
    }
}

/// Any second of ten months, and often one beside a midnight somewhere.
fn moment(dice: &mut ChaCha8Rng) -> Timestamp {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let hours = SignedDuration::from_mins(30 * dice.random_range(0..14_000));
    start + hours + SignedDuration::from_millis([-1, 0, 1, 700_000][dice.random_range(0..4)])
}

fn later(moment: Timestamp, dice: &mut ChaCha8Rng) -> Timestamp {
    (moment + SignedDuration::from_mins(dice.random_range(1..60 * 24 * 20))).min(now())
}

fn money(minor: i64, dice: &mut ChaCha8Rng) -> Money {
    let currency = ["usd", "usd", "eur", "jpy"][dice.random_range(0..4)];
    Money { minor, currency: currency.parse::<Currency>().unwrap() }
}

fn base(money: Money, dice: &mut ChaCha8Rng) -> Option<i64> {
    (money.currency == Currency::USD || dice.random_bool(0.7)).then_some(money.minor)
}

fn channel(dice: &mut ChaCha8Rng) -> ChannelSlug {
    ChannelSlug::stored(CHANNELS[dice.random_range(0..CHANNELS.len())].to_owned())
}

fn product(dice: &mut ChaCha8Rng) -> Option<Product> {
    let category = dice.random_bool(0.5).then(|| "subscription".to_owned());
    let name = [Some("Pro"), Some("Bootcamp"), Some(""), None][dice.random_range(0..4)]?;
    Some(Product { name: name.to_owned(), category, is_partial: false })
}
