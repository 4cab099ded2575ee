//! What is cancelled to end: listed until it ends, and what recurs without it is committed.

use crate::exchange_rates::accounts_of;
use crate::support::Program;
use serde_json::{Value, json};

const DAYS: &str = "from=2026-10-01&to=2026-11-20&granularity=month";

/// A subscription, and when it is to end.
struct Sold {
    name: &'static str,
    currency: &'static str,
    amount: i64,
}

impl Sold {
    /// What Stripe tells of it at a moment; cancelled to end at another, or not.
    fn told(&self, at: &str, ends_at: Option<&str>) -> Vec<u8> {
        let second = |moment: &str| moment.parse::<jiff::Timestamp>().unwrap().as_second();
        let (name, begun) = (self.name, second("2026-10-05T12:00:00Z"));
        let kind = if second(at) == begun { "created" } else { "updated" };
        let details =
            ends_at.map(|_| json!({ "reason": "cancellation_requested", "feedback": "too_expensive" }));
        let body = json!({
            "id": format!("evt_{name}{}", second(at)), "object": "event", "created": second(at), "livemode": false,
            "type": format!("customer.subscription.{kind}"), "api_version": "2026-09-30.endive",
            "data": { "object": {
                "id": format!("sub_{name}"), "object": "subscription", "customer": format!("cus_{name}"),
                "status": "active", "currency": self.currency, "created": begun, "start_date": begun, "metadata": {},
                "cancel_at": ends_at.map(second), "cancel_at_period_end": false, "cancellation_details": details,
                "items": { "object": "list", "has_more": false, "data": [{
                    "id": format!("si_{name}"), "quantity": 1,
                    "current_period_start": begun, "current_period_end": second("2026-12-05T12:00:00Z"),
                    "price": { "id": format!("price_{name}"), "object": "price", "currency": self.currency,
                        "unit_amount": self.amount, "billing_scheme": "per_unit",
                        "recurring": { "interval": "month", "interval_count": 1, "usage_type": "licensed" } } }] },
            }},
        });
        serde_json::to_vec(&body).unwrap()
    }
}

const BEGUN: &str = "2026-10-05T12:00:00Z";
const STAYS: Sold = Sold { name: "stays", currency: "usd", amount: 1_000 };
const ENDS: Sold = Sold { name: "ends", currency: "usd", amount: 2_000 };
const ENDS_LATER: Sold = Sold { name: "later", currency: "eur", amount: 3_000 };
const NO_RATE: Sold = Sold { name: "norate", currency: "jpy", amount: 4_900 };
const STAYS_AFTER_ALL: Sold = Sold { name: "afterall", currency: "usd", amount: 700 };

async fn program() -> Program {
    let program = Program::start().await;
    accounts_of(&program.ledger)
        .provision_rates(program.ledger.ours.id, "Date,USD\n2026-10-05,1.10\n2026-10-09,1.10\n")
        .await
        .unwrap();
    for sold in [&STAYS, &ENDS, &ENDS_LATER, &NO_RATE, &STAYS_AFTER_ALL] {
        program.ledger.send(&sold.told(BEGUN, None)).await;
    }
    for body in [
        ENDS.told("2026-11-01T09:00:00Z", Some("2026-12-05T12:00:00Z")),
        // Told again, which does not make it known any later.
        ENDS.told("2026-11-03T09:00:00Z", Some("2026-12-05T12:00:00Z")),
        ENDS_LATER.told("2026-11-02T09:00:00Z", Some("2027-01-31T12:00:00Z")),
        NO_RATE.told("2026-11-02T10:00:00Z", Some("2026-12-31T12:00:00Z")),
        STAYS_AFTER_ALL.told("2026-11-02T11:00:00Z", Some("2026-12-05T12:00:00Z")),
        STAYS_AFTER_ALL.told("2026-11-04T11:00:00Z", None),
    ] {
        program.ledger.send(&body).await;
    }
    let theirs = Sold { name: "theirs", currency: "usd", amount: 9_900 };
    program.ledger.send_to_them(&theirs.told(BEGUN, None)).await;
    program.ledger.send_to_them(&theirs.told("2026-11-02T09:00:00Z", Some("2026-12-05T12:00:00Z"))).await;
    program.ledger.apply().await;
    program
}

fn whole(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[tokio::test]
async fn recurring_revenue_less_what_is_to_end_is_committed() {
    let program = program().await;
    let mrr = program.get_json(&format!("/api/analytics/mrr?{DAYS}")).await;
    let churn = &mrr["scheduled_churn"];
    assert_eq!(whole(&mrr["end"]) - whole(&churn["total"]), whole(&mrr["committed_mrr"]), "{mrr:#}");
    assert_eq!((&churn["total"], &churn["subscriptions"]), (&json!(2_000 + 3_300), &json!(3)));
    assert_eq!(churn["unconverted"], json!([{ "currency": "jpy", "amount": 4_900 }]));
    assert_eq!(
        churn["by_month"],
        json!([
            { "month": "2026-12-01", "mrr": 2_000, "subscriptions": 2 },
            { "month": "2027-01-01", "mrr": 3_300, "subscriptions": 1 },
        ])
    );
    assert_eq!(
        churn["ends"][0],
        json!({
            "subscription_id": "sub_ends", "customer_id": "cus_ends", "mrr": 2_000, "charged": 2_000,
            "charged_currency": "usd", "ends_at": "2026-12-05T12:00:00Z", "known_since": "2026-11-01T09:00:00Z",
            "reason": "cancellation_requested", "feedback": "too_expensive",
        })
    );
    let ends: Vec<&str> =
        churn["ends"].as_array().unwrap().iter().map(|end| end["customer_id"].as_str().unwrap()).collect();
    assert_eq!(
        ends,
        ["cus_ends", "cus_norate", "cus_later"],
        "those that end first first, and none of theirs"
    );
    let path = format!("/api/analytics/mrr?{DAYS}&format=csv&table=scheduled_churn");
    let file = program.admin.text(&path).await;
    assert_eq!(file.lines().count(), 4, "{file}");
    assert!(file.contains("sub_norate,cus_norate,,4900,jpy,2026-12-31T12:00:00Z"), "{file}");
}

#[tokio::test]
async fn what_was_not_cancelled_yet_is_not_to_end() {
    let program = program().await;
    let ask = async |to: &str| program.get_json(&format!("/api/analytics/mrr?from=2026-10-01&to={to}")).await;
    let october = ask("2026-10-31").await;
    assert_eq!(october["scheduled_churn"]["total"], 0);
    assert_eq!(october["committed_mrr"], october["end"]);
    let meanwhile = ask("2026-11-03").await;
    assert_eq!(meanwhile["scheduled_churn"]["total"], 2_000 + 3_300 + 700, "one was taken back later");
    assert_eq!(
        whole(&meanwhile["end"]) - whole(&meanwhile["scheduled_churn"]["total"]),
        whole(&meanwhile["committed_mrr"])
    );
}

/// A payment of a customer by e-mail.
fn paid(customer: &str, email: &str) -> Vec<u8> {
    let created = BEGUN.parse::<jiff::Timestamp>().unwrap().as_second();
    let body = json!({
        "id": "evt_paid", "object": "event", "type": "charge.succeeded", "created": created, "livemode": false,
        "api_version": "2026-09-30.endive", "data": { "object": {
            "id": "ch_paid", "object": "charge", "amount": 100, "amount_captured": 100, "amount_refunded": 0,
            "captured": true, "created": created, "currency": "usd", "paid": true, "status": "succeeded",
            "customer": customer, "billing_details": { "email": email }, "metadata": {},
        }},
    });
    serde_json::to_vec(&body).unwrap()
}

#[tokio::test]
async fn the_page_lists_who_goes_when_and_why() {
    let program = program().await;
    program.ledger.send(&paid("cus_later", "ada@example.com")).await;
    program.ledger.apply().await;
    let page = program.admin.text("/portal/mrr?period=30d").await;
    for part in [
        "Cancelled to end",
        "3 subscriptions end.",
        "href=\"/portal/customers/cus_ends\"",
        "Too expensive",
        "no rate",
        "ada@example.com",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("cus_theirs") && !page.contains("cus_stays"));
}
