//! Revenue, counted row by row.

use std::collections::BTreeMap;

use domain::tenant::Tenant;
use serde_json::{Value, json};

use super::{day_of, number, text};

/// Gross, refunds, disputes and payments of some rows, as the contract defines them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    gross: i64,
    refunds: i64,
    disputes: i64,
    payments: i64,
}

impl Counted {
    fn take(&mut self, row: &Value) {
        let amount = number(&row["base_amount_minor"]);
        match text(&row["event_type"]) {
            "payment" => {
                self.gross += amount;
                self.payments += 1;
            }
            "adjustment" => self.gross += amount,
            "refund" | "refund_failed" => self.refunds -= amount,
            "dispute" | "dispute_reversal" => self.disputes -= amount,
            other => panic!("{other} moves no money"),
        }
    }

    fn told(answer: &Value) -> Self {
        let counted = Self {
            gross: number(&answer["gross_revenue"]),
            refunds: number(&answer["refunds"]),
            disputes: number(&answer["disputes"]),
            payments: number(answer.get("payments").unwrap_or(&json!(0))),
        };
        assert_eq!(number(&answer["total_revenue"]), counted.total());
        counted
    }

    const fn total(self) -> i64 {
        self.gross - self.refunds - self.disputes
    }
}

/// Holds an answer to the rows of the ledger that count.
pub(super) fn assert_is_counted(answer: &Value, rows: &[Value], tenant: &Tenant, told: &str) {
    let rows: Vec<&Value> =
        rows.iter().filter(|row| !text(&row["event_type"]).starts_with("subscription_")).collect();
    let (from, to) = (text(&answer["from"]), text(&answer["to"]));
    let inside = |row: &&&Value| {
        let day = day_of(&row["stripe_created_at"], tenant);
        from <= day.as_str() && day.as_str() <= to
    };
    let known: Vec<&Value> =
        rows.iter().filter(inside).filter(|row| !row["base_amount_minor"].is_null()).copied().collect();
    let sum_of = |rows: &mut dyn Iterator<Item = &&Value>| {
        let mut counted = Counted::default();
        rows.for_each(|row| counted.take(row));
        counted
    };
    assert_eq!(Counted::told(answer), sum_of(&mut known.iter()), "all of it; {told}");
    for (part, names) in
        [("by_channel", &["attribution_channel"][..]), ("by_product", &["product_name", "product_category"])]
    {
        assert_eq!(groups_told(answer, part, names), groups_counted(&known, names), "{part}; {told}");
    }
    for period in answer["by_period"].as_array().unwrap() {
        let (start, end) = (text(&period["period_start"]), text(&period["period_end"]));
        let within = |row: &&&Value| {
            let day = day_of(&row["stripe_created_at"], tenant);
            start <= day.as_str() && day.as_str() <= end
        };
        let counted = sum_of(&mut known.iter().filter(within));
        assert_eq!(Counted::told(period), counted, "{start} to {end}; {told}");
        let channels: i64 = period["by_channel"].as_object().unwrap().values().map(number).sum();
        assert_eq!(channels, counted.total(), "channels of {start}; {told}");
    }
    assert_periods_leave_no_gap(answer, told);
    assert_eq!(answer["new_vs_recurring"], classes(&rows, &known), "{told}");
    assert_eq!(answer["unconverted"], unconverted(rows.iter().filter(inside)), "{told}");
}

fn groups_counted(rows: &[&Value], names: &[&str]) -> BTreeMap<String, Counted> {
    let mut groups: BTreeMap<String, Counted> = BTreeMap::new();
    for row in rows {
        let key: Vec<&Value> = names.iter().map(|name| &row[*name]).collect();
        groups.entry(format!("{key:?}")).or_default().take(row);
    }
    groups
}

fn groups_told(answer: &Value, part: &str, names: &[&str]) -> BTreeMap<String, Counted> {
    let groups = answer[part].as_array().unwrap().iter().map(|group| {
        let in_answer = |name: &&str| &group[if *name == "attribution_channel" { "channel" } else { *name }];
        let key: Vec<&Value> = names.iter().map(in_answer).collect();
        (format!("{key:?}"), Counted::told(group))
    });
    groups.collect()
}

fn assert_periods_leave_no_gap(answer: &Value, told: &str) {
    let periods = answer["by_period"].as_array().unwrap();
    assert_eq!(periods.first().unwrap()["period_start"], answer["from"], "{told}");
    assert_eq!(periods.last().unwrap()["period_end"], answer["to"], "{told}");
    for pair in periods.windows(2) {
        let end: jiff::civil::Date = text(&pair[0]["period_end"]).parse().unwrap();
        assert_eq!(end.tomorrow().unwrap().to_string(), text(&pair[1]["period_start"]), "{told}");
    }
}

/// Holds the customers who were won to the first payment of each.
pub(super) fn assert_won(answer: &Value, rows: &[Value], tenant: &Tenant, told: &str) {
    let (from, to) = (text(&answer["from"]), text(&answer["to"]));
    let first = first_payments(rows.iter());
    let mut won: BTreeMap<&str, i64> = BTreeMap::new();
    for row in first.into_values() {
        let day = day_of(&row["stripe_created_at"], tenant);
        if from <= day.as_str() && day.as_str() <= to {
            *won.entry(text(&row["attribution_channel"])).or_default() += 1;
        }
    }
    assert_eq!(number(&answer["blended_cac"]["new_customers"]), won.values().sum::<i64>(), "{told}");
    let channels = answer["cac_per_channel"].as_array().unwrap().iter();
    let counted: BTreeMap<&str, i64> = channels
        .map(|cac| (text(&cac["channel"]), number(&cac["new_customers"])))
        .filter(|(_, customers)| *customers > 0)
        .collect();
    assert_eq!(counted, won, "{told}");
}

/// The first payment of each customer.
fn first_payments<'a>(rows: impl Iterator<Item = &'a Value>) -> BTreeMap<&'a str, &'a Value> {
    let at = |row: &'a Value| -> (jiff::Timestamp, &'a str, &'a str) {
        let moment = text(&row["stripe_created_at"]).parse().unwrap();
        (moment, text(&row["money_key"]), text(&row["payment_name"]))
    };
    let mut first: BTreeMap<&str, &Value> = BTreeMap::new();
    for row in rows.filter(|row| row["event_type"] == "payment") {
        let names = ["stripe_customer_id", "customer_email", "payment_name"];
        let customer = names.iter().find_map(|name| row[*name].as_str()).unwrap();
        let earliest = first.entry(customer).or_insert(row);
        if at(row) < at(earliest) {
            *earliest = row;
        }
    }
    first
}

/// The customer's first payment makes what belongs to it new, where it recurs.
fn classes(all: &[&Value], known: &[&Value]) -> Value {
    let first = first_payments(all.iter().copied());
    let (mut new, mut recurring, mut one_time) = (0, 0, 0);
    for row in known {
        let amount = number(&row["base_amount_minor"]);
        let is_first = first.values().any(|first| first["payment_name"] == row["payment_name"]);
        match (row["is_recurring"].as_bool().unwrap(), is_first) {
            (true, true) => new += amount,
            (true, false) => recurring += amount,
            (false, _) => one_time += amount,
        }
    }
    json!({ "new": new, "recurring": recurring, "one_time": one_time })
}

fn unconverted<'a>(rows: impl Iterator<Item = &'a &'a Value>) -> Value {
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in rows.filter(|row| row["base_amount_minor"].is_null()) {
        let sum = sums.entry(text(&row["currency"])).or_default();
        *sum = (sum.0 + number(&row["amount_minor"]), sum.1 + 1);
    }
    sums.into_iter()
        .map(|(currency, (amount, rows))| json!({ "currency": currency, "amount": amount, "rows": rows }))
        .collect()
}
