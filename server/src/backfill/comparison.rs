//! The ledger beside Stripe's balance: exact to the minor unit, with the objects that make the difference.
//!
//! Stripe's balance is told by its `reporting_category`, in the currency that was charged: what was settled in
//! another is read from the charge, refund or dispute behind the movement.

use std::collections::BTreeMap;
use std::fmt;

use domain::money::Currency;
use domain::tenant::Tenant;
use serde_json::{Map, Value, json};
use store::backfills::ComparedRow;

use super::lists::Window;
use super::{BackfillError, Backfills};
use crate::stripe::client::{Query, StripeClient, StripeError};

const PATH: &str = "/v1/balance_transactions";
const PAGE: i64 = 1_000;

/// The movements of a balance that are revenue, or take it back.
const CATEGORIES: [&str; 7] = [
    "charge",
    "charge_failure",
    "dispute",
    "dispute_reversal",
    "partial_capture_reversal",
    "refund",
    "refund_failure",
];

/// How many differing objects are named.
const MOST_NAMED: usize = 20;

/// The ledger beside Stripe's balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// What each currency came to.
    Made(Vec<Compared>),
    /// Why it was not made.
    Unmade(String),
}

/// One currency over the time of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Which.
    pub currency: Currency,
    /// The ledger's sum.
    pub ours: i64,
    /// The balance's sum.
    pub stripes: i64,
    /// The balance's sums by category.
    pub categories: BTreeMap<String, i64>,
    /// Objects of which the two say different things, when the sums differ: the id, ours and Stripe's.
    pub differing: Vec<(String, i64, i64)>,
}

impl Compared {
    /// By how much the ledger says more.
    #[must_use]
    pub const fn difference(&self) -> i64 {
        self.ours - self.stripes
    }
}

/// What both sides say of each object: ours, then Stripe's.
type Sides = BTreeMap<(Currency, String), (i64, i64)>;

/// Compares what the ledger holds of a time with what Stripe's balance does.
pub(super) async fn compare(
    backfills: &Backfills,
    tenant: &Tenant,
    client: &StripeClient,
    window: &Window,
) -> Result<Comparison, BackfillError> {
    let mut sides = Sides::new();
    let mut categories = BTreeMap::new();
    match stripes(client, window, &mut sides, &mut categories).await {
        Ok(()) => {}
        Err(error @ StripeError::Forbidden { .. }) => return Ok(Comparison::Unmade(error.to_string())),
        Err(error) => return Err(error.into()),
    }
    ours(backfills, tenant, window, &mut sides).await?;
    Ok(Comparison::Made(by_currency(&sides, categories)))
}

async fn ours(
    backfills: &Backfills,
    tenant: &Tenant,
    window: &Window,
    sides: &mut Sides,
) -> Result<(), BackfillError> {
    let mut work = backfills.accounts.store.within(tenant.id).await?;
    let mut after = String::new();
    loop {
        let rows = work.compared_rows(window.from, window.to, &after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.key.clone();
        for row in rows {
            sides.entry((row.currency, object_of(&row))).or_default().0 += row.amount_minor;
        }
    }
}

/// The object of Stripe's balance a row is about.
fn object_of(row: &ComparedRow) -> String {
    let dispute = row.key.strip_prefix("dispute:").or_else(|| row.key.strip_prefix("dispute_reversal:"));
    if let Some(dispute) = dispute {
        return dispute.to_owned();
    }
    row.refund.clone().or_else(|| row.charge.clone()).unwrap_or_else(|| row.key.clone())
}

async fn stripes(
    client: &StripeClient,
    window: &Window,
    sides: &mut Sides,
    categories: &mut BTreeMap<(Currency, String), i64>,
) -> Result<(), StripeError> {
    let mut after = None;
    loop {
        let mut answer = client.get(PATH, &query(window, after.as_deref())).await?;
        let garbage = || StripeError::Garbage { path: PATH.to_owned() };
        let Some(Value::Array(movements)) = answer.remove("data") else { return Err(garbage()) };
        for movement in movements.iter().filter_map(Value::as_object) {
            if let Some(told) = Told::of(movement) {
                sides.entry((told.currency, told.object)).or_default().1 += told.amount;
                *categories.entry((told.currency, told.category)).or_default() += told.amount;
            }
        }
        let last = movements.last().and_then(|last| last.get("id")?.as_str().map(str::to_owned));
        if answer.get("has_more") != Some(&Value::Bool(true)) {
            return Ok(());
        }
        if last.is_none() || last == after {
            return Err(garbage());
        }
        after = last;
    }
}

fn query(window: &Window, after: Option<&str>) -> Query {
    let mut query = vec![
        ("limit".to_owned(), "100".to_owned()),
        ("expand[]".to_owned(), "data.source".to_owned()),
        ("created[gte]".to_owned(), window.from.as_second().to_string()),
        ("created[lt]".to_owned(), window.to.as_second().to_string()),
    ];
    query.extend(after.map(|after| ("starting_after".to_owned(), after.to_owned())));
    query
}

/// A movement of the balance that is revenue.
struct Told {
    currency: Currency,
    object: String,
    category: String,
    amount: i64,
}

impl Told {
    fn of(movement: &Map<String, Value>) -> Option<Self> {
        let category = movement.get("reporting_category")?.as_str()?;
        if !CATEGORIES.contains(&category) {
            return None;
        }
        let settled = currency_of(movement)?;
        let amount = movement.get("amount")?.as_i64()?;
        let source = movement.get("source");
        let object = match source {
            Some(Value::String(id)) => id.clone(),
            Some(Value::Object(source)) => source.get("id")?.as_str()?.to_owned(),
            _ => movement.get("id")?.as_str()?.to_owned(),
        };
        let (currency, amount) = source
            .and_then(Value::as_object)
            .and_then(|source| charged(source, settled, amount))
            .unwrap_or((settled, amount));
        Some(Self { currency, object, category: category.to_owned(), amount })
    }
}

/// What a movement was in the currency that was charged, where it was settled in another.
fn charged(source: &Map<String, Value>, settled: Currency, amount: i64) -> Option<(Currency, i64)> {
    let currency = currency_of(source).filter(|currency| *currency != settled)?;
    let told = ["amount_captured", "amount"].iter().find_map(|field| source.get(*field)?.as_i64())?;
    Some((currency, told.abs() * amount.signum()))
}

fn currency_of(object: &Map<String, Value>) -> Option<Currency> {
    object.get("currency")?.as_str()?.parse().ok()
}

fn by_currency(sides: &Sides, categories: BTreeMap<(Currency, String), i64>) -> Vec<Compared> {
    let mut compared: BTreeMap<Currency, Compared> = BTreeMap::new();
    let entry = |currency| Compared {
        currency,
        ours: 0,
        stripes: 0,
        categories: BTreeMap::new(),
        differing: Vec::new(),
    };
    for ((currency, object), (ours, stripes)) in sides {
        let line = compared.entry(*currency).or_insert_with(|| entry(*currency));
        line.ours += ours;
        line.stripes += stripes;
        if ours != stripes {
            line.differing.push((object.clone(), *ours, *stripes));
        }
    }
    for ((currency, category), amount) in categories {
        compared.entry(currency).or_insert_with(|| entry(currency)).categories.insert(category, amount);
    }
    let mut compared: Vec<Compared> = compared.into_values().collect();
    for line in &mut compared {
        // Rows may be split otherwise than the balance is, and still be the same money.
        if line.difference() == 0 {
            line.differing.clear();
        }
    }
    compared
}

impl Comparison {
    /// It as programs read it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let lines = match self {
            Self::Unmade(why) => return json!({ "not_made": why }),
            Self::Made(lines) => lines,
        };
        let line = |line: &Compared| {
            let differing = line.differing.iter();
            json!({
                "currency": line.currency.to_string(),
                "ours": line.ours,
                "stripes": line.stripes,
                "difference": line.difference(),
                "categories": line.categories,
                "differing": differing
                    .map(|(id, ours, stripes)| json!({ "id": id, "ours": ours, "stripes": stripes }))
                    .collect::<Vec<_>>(),
            })
        };
        lines.iter().map(line).collect()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = match self {
            Self::Unmade(why) => return writeln!(f, "Not compared with Stripe's balance: {why}"),
            Self::Made(lines) => lines,
        };
        lines.iter().try_for_each(|line| line.fmt(f))
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let money = |minor| app::format::money(minor, self.currency);
        let categories: Vec<String> = self
            .categories
            .iter()
            .map(|(category, amount)| format!("{category} {}", money(*amount)))
            .collect();
        writeln!(
            f,
            "{}: ours {}, Stripe's balance {} ({}), difference {}",
            self.currency.to_string().to_uppercase(),
            money(self.ours),
            money(self.stripes),
            categories.join(", "),
            money(self.difference()),
        )?;
        for (object, ours, stripes) in self.differing.iter().take(MOST_NAMED) {
            writeln!(
                f,
                "  {}: ours {}, Stripe's {}",
                app::format::name(object),
                money(*ours),
                money(*stripes)
            )?;
        }
        match self.differing.len().saturating_sub(MOST_NAMED) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more"),
        }
    }
}
