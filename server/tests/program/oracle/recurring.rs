//! Recurring revenue, counted movement by movement and version by version.

use std::collections::{BTreeMap, BTreeSet};

use domain::tenant::Tenant;
use serde_json::{Value, json};

use super::{day_of, number, text};

/// What a customer did, seen from a range of days.
#[derive(Default)]
struct Customer {
    before: i64,
    after: i64,
    was_there: bool,
    is_there: bool,
    lost: i64,
    won: i64,
}

/// Holds an answer to the movements and versions that count.
pub(super) fn assert_is_counted(
    answer: &Value,
    movements: &[Value],
    versions: &[Value],
    tenant: &Tenant,
    told: &str,
) {
    let (from, to) = (text(&answer["from"]), text(&answer["to"]));
    let movements: Vec<(String, &Value)> =
        movements.iter().map(|movement| (day_of(&movement["effective_at"], tenant), movement)).collect();
    let net = |is: &dyn Fn(&str) -> bool| -> i64 {
        let counted = movements.iter().filter(|(day, _)| is(day));
        counted.map(|(_, movement)| number(&movement["base_amount_minor"])).sum()
    };
    assert_eq!(number(&answer["start"]), net(&|day| day < from), "{told}");
    assert_eq!(number(&answer["end"]), net(&|day| day <= to), "{told}");
    assert_moves(&answer["movements"], &movements, from, to, told);
    let mut before = number(&answer["start"]);
    for period in answer["by_period"].as_array().unwrap() {
        assert_eq!(number(&period["start"]), before, "{told}");
        let (start, end) = (text(&period["period_start"]), text(&period["period_end"]));
        assert_moves(period, &movements, start, end, told);
        before = number(&period["end"]);
        assert_eq!(before, net(&|day| day <= end), "{told}");
    }
    let customers = customers(&movements, from, to);
    assert_rates(answer, &customers, told);
    assert_standing(answer, versions, tenant, told);
    assert_parts(answer, told);
}

/// Holds channels and reasons to the whole they are parts of.
fn assert_parts(answer: &Value, told: &str) {
    let channels = answer["by_channel"].as_array().unwrap();
    let sum = |field: &str| -> i64 { channels.iter().map(|channel| number(&channel[field])).sum() };
    for field in ["start", "end"] {
        assert_eq!(sum(field), number(&answer[field]), "{field} of all channels; {told}");
    }
    let reasons = answer["reasons"].as_array().unwrap();
    for kind in ["new", "reactivation", "expansion", "contraction", "churn", "fx"] {
        assert_eq!(sum(kind), number(&answer["movements"][kind]), "{kind} of all channels; {told}");
        let of_kind = reasons.iter().filter(|reason| reason["kind"] == kind);
        let behind: i64 = of_kind.map(|reason| number(&reason["amount"])).sum();
        assert_eq!(behind, number(&answer["movements"][kind]), "{kind} for all reasons; {told}");
    }
    for field in ["start", "new", "reactivated", "churned", "end"] {
        let sum: i64 = channels.iter().map(|channel| number(&channel["customers"][field])).sum();
        assert_eq!(sum, number(&answer["customers"][field]), "customers {field} of all channels; {told}");
    }
}

fn assert_moves(answer: &Value, movements: &[(String, &Value)], from: &str, to: &str, told: &str) {
    for kind in ["new", "reactivation", "expansion", "contraction", "churn", "fx"] {
        let inside = movements.iter().filter(|(day, _)| from <= day.as_str() && day.as_str() <= to);
        let of_kind = inside.filter(|(_, movement)| movement["kind"] == kind);
        let sum: i64 = of_kind.map(|(_, movement)| number(&movement["base_amount_minor"])).sum();
        let sign = if matches!(kind, "contraction" | "churn") { -1 } else { 1 };
        assert_eq!(number(&answer[kind]), sign * sum, "{kind} of {from} to {to}; {told}");
    }
}

fn customers(movements: &[(String, &Value)], from: &str, to: &str) -> Vec<Customer> {
    let mut by_customer: BTreeMap<&str, Vec<&(String, &Value)>> = BTreeMap::new();
    for told in movements {
        by_customer.entry(text(&told.1["customer_id"])).or_default().push(told);
    }
    by_customer.values().map(|moves| customer(moves, from, to)).collect()
}

fn customer(moves: &[&(String, &Value)], from: &str, to: &str) -> Customer {
    let mut customer = Customer::default();
    let times = |until: &dyn Fn(&str) -> bool, kinds: &[&str]| {
        let of_kind = moves.iter().filter(|(day, told)| until(day) && kinds.contains(&text(&told["kind"])));
        of_kind.map(|(_, told)| text(&told["effective_at"])).collect::<BTreeSet<_>>().len()
    };
    let there =
        |until: &dyn Fn(&str) -> bool| times(until, &["new", "reactivation"]) > times(until, &["churn"]);
    customer.was_there = there(&|day| day < from);
    customer.is_there = there(&|day| day <= to);
    for (day, told) in moves.iter().filter(|(day, _)| day.as_str() <= to) {
        let amount = number(&told["base_amount_minor"]);
        customer.after += amount;
        if day.as_str() < from {
            customer.before += amount;
        } else if matches!(text(&told["kind"]), "contraction" | "churn") {
            customer.lost -= amount;
        } else if matches!(text(&told["kind"]), "expansion" | "reactivation") {
            customer.won += amount;
        }
    }
    customer
}

fn assert_rates(answer: &Value, customers: &[Customer], told: &str) {
    let count = |is: fn(&&Customer) -> bool| i64::try_from(customers.iter().filter(is).count()).unwrap();
    let there = count(|customer| customer.was_there);
    let counts = &answer["customers"];
    assert_eq!(number(&counts["start"]), there, "{told}");
    assert_eq!(number(&counts["end"]), count(|customer| customer.is_there), "{told}");
    let start: i64 = customers.iter().map(|customer| customer.before).sum();
    let end: i64 = customers.iter().map(|customer| customer.after).sum();
    let cohort = || customers.iter().filter(|customer| customer.was_there);
    let lost: i64 = cohort().map(|customer| customer.lost).sum();
    let won: i64 = cohort().map(|customer| customer.won).sum();
    let rates = &answer["rates"];
    let gone = count(|customer| customer.was_there && !customer.is_there);
    assert_ratio(&rates["customer_churn"], gone, there, told);
    assert_ratio(&rates["grr"], start - lost, start, told);
    assert_ratio(&rates["nrr"], start - lost + won, start, told);
    let payers = count(|customer| customer.after != 0);
    match payers {
        0 => assert!(rates["arpa"].is_null() && answer["absent"]["arpa"].is_string(), "{told}"),
        payers => assert!((number(&rates["arpa"]) * payers - end).abs() * 2 <= payers, "arpa; {told}"),
    }
}

/// A ratio is shown with six decimals.
fn assert_ratio(shown: &Value, above: i64, below: i64, told: &str) {
    if below <= 0 {
        assert!(shown.is_null(), "{shown} of {above} and {below}; {told}");
        return;
    }
    let millionths: i64 = format!("{:.6}", shown.as_f64().unwrap()).replace('.', "").parse().unwrap();
    let exact = i128::from(above) * 1_000_000;
    let off = (i128::from(millionths) * i128::from(below) - exact).abs();
    assert!(off * 2 <= i128::from(below), "{shown} of {above} and {below}; {told}");
}

fn assert_standing(answer: &Value, versions: &[Value], tenant: &Tenant, told: &str) {
    let to = text(&answer["to"]);
    let mut last: BTreeMap<&str, &Value> = BTreeMap::new();
    for version in versions.iter().filter(|version| day_of(&version["effective_from"], tenant).as_str() <= to)
    {
        last.insert(text(&version["subscription_id"]), version);
    }
    let sum = |name: &str, is: &dyn Fn(&Value) -> bool| -> i64 {
        last.values().filter(|version| is(version)).map(|version| version[name].as_i64().unwrap_or(0)).sum()
    };
    let counts = |version: &Value| number(&version["mrr_minor"]) != 0;
    let expected = json!({
        "committed_mrr": sum("base_mrr_minor", &|version| version["ends_at"].is_null()),
        "past_due_mrr": sum("base_mrr_minor", &|version| number(&version["past_due_mrr_minor"]) != 0),
        "trial_mrr": sum("base_trial_mrr_minor", &|_| true),
        "paused_mrr": sum("base_mrr_minor", &|version| version["is_collection_paused"] == true),
        "subscriptions": last.values().filter(|version| counts(version)).count(),
        "untold_subscriptions": last.values().filter(|version| {
            number(&version["untold_parts"]) > 0
                && matches!(text(&version["status"]), "active" | "past_due" | "trialing")
        }).count(),
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&answer[name], value, "{name}; {told}");
    }
    let mut unconverted: BTreeMap<&str, i64> = BTreeMap::new();
    for version in last.values().filter(|version| version["base_mrr_minor"].is_null() && counts(version)) {
        *unconverted.entry(text(&version["currency"])).or_default() += number(&version["mrr_minor"]);
    }
    let unconverted: Vec<Value> = unconverted
        .into_iter()
        .map(|(currency, amount)| json!({ "currency": currency, "amount": amount }))
        .collect();
    assert_eq!(answer["unconverted"], Value::from(unconverted), "{told}");
}
