//! What no channel was found for waits in a queue, is credited by hand or by a rule, and every word can be taken back.

use crate::support::people::{Browser, location};
use crate::support::{Program, now};
use serde_json::{Value, json};

const QUEUE: &str = "/portal/unknown";
const CREDIT: &str = "/portal/credit";

/// A charge made so many hours ago.
fn charge(
    id: &str,
    hours: i64,
    amount: i64,
    customer: Option<&str>,
    email: &str,
    metadata: &Value,
) -> Vec<u8> {
    let object = json!({
        "id": format!("ch_{id}"), "object": "charge", "amount": amount, "currency": "usd", "status": "succeeded",
        "paid": true, "captured": true, "payment_intent": format!("pi_{id}"), "customer": customer,
        "billing_details": { "email": email }, "metadata": metadata,
    });
    let body = json!({
        "id": format!("evt_{id}"), "object": "event", "type": "charge.succeeded", "livemode": false,
        "created": now().as_second() - hours * 3_600, "data": { "object": object },
    });
    serde_json::to_vec(&body).unwrap()
}

/// A program in both of whose tenants three payments wait, two of them of one customer.
async fn waiting() -> Program {
    let program = Program::start().await;
    let origin = json!({ "utm_source": "Newsletter", "plan": "pro" });
    for body in [
        charge("old", 30, 1_000, Some("cus_1"), "ada@acme.example", &json!({})),
        charge("new", 5, 500, Some("cus_1"), "ada@acme.example", &origin),
        charge("lone", 9, 700, None, "bea@gmail.com", &json!({})),
    ] {
        program.ledger.send(&body).await;
        program.ledger.send_to_them(&body).await;
    }
    program.ledger.apply().await;
    program
}

async fn net(program: &Program, channel: &str) -> i64 {
    program.ledger.apply().await;
    program.ledger.database.net_of_channel(program.ledger.ours.id, channel).await
}

async fn operator(program: &Program) -> Browser {
    program.browser(&program.people.operator).await
}

/// What the page of the answer offers to take back.
fn undo(address: &str) -> String {
    address.split_once("undo=").unwrap().1.to_owned()
}

#[tokio::test]
async fn payments_without_a_channel_wait_by_customer_with_what_is_known_of_them() {
    let program = waiting().await;
    let page = program.admin.text(QUEUE).await.replace("<!>", "");
    assert!(page.contains("100.0% of gross revenue") && page.contains("$22.00 of 2 payers"), "{page}");
    let (ada, bea) = (page.find("ada@acme.example").unwrap(), page.find("bea@gmail.com").unwrap());
    assert!(ada < bea, "the newest first");
    assert!(page.contains("$15.00") && page.contains("2 payments"));
    assert!(page.contains("utm_source: newsletter") && page.contains("E-mail domain: acme.example"));
    assert!(
        !page.contains("gmail.com</bdi>") || !page.contains("E-mail domain: gmail.com"),
        "anybody may be there"
    );
    assert!(page.contains("step=draft&amp;field=utm_source&amp;kind=is&amp;text=newsletter"));
    let report = program.get_json("/api/analytics/revenue?from=2026-11-01&to=2026-11-20").await;
    assert_eq!(report["unknown_share"], 1.0);
    let none = program.get_json("/api/analytics/revenue?from=2026-01-01&to=2026-01-20").await;
    assert_eq!(
        (&none["unknown_share"], &none["absent"]["unknown_share"]),
        (&json!(null), &json!("nothing came in"))
    );
}

#[tokio::test]
async fn a_customer_is_credited_from_the_queue_and_that_is_undone() {
    let program = waiting().await;
    let mut operator = operator(&program).await;
    let form =
        [("form", "assign"), ("customer", "cus_1"), ("channel", "referral"), ("reason", "she told us")];
    let answer = operator.post(QUEUE, &form).await;
    let address = location(&answer).to_owned();
    assert!(address.starts_with(&format!("{QUEUE}?done=channel-assigned&undo=")), "{address}");
    assert_eq!((net(&program, "referral").await, net(&program, "unknown").await), (1_500, 700));
    let page = operator.text(&address).await;
    assert!(page.contains("Undo") && !page.contains("ada@acme.example"), "it waits no longer");

    let back = operator.post(QUEUE, &[("form", "take_back"), ("override", &undo(&address))]).await;
    assert_eq!(location(&back), format!("{QUEUE}?done=assignment-taken-back"));
    assert_eq!((net(&program, "referral").await, net(&program, "unknown").await), (0, 2_200));
    let deeds: Vec<Value> = program.audit_log().await.iter().map(|line| line["deed"].clone()).collect();
    assert_eq!(deeds, ["attribution_overridden", "override_taken_back"]);
    let nothing = [("form", "assign"), ("customer", "cus_1"), ("channel", "referral"), ("reason", " ")];
    let refused = operator.post(QUEUE, &nothing).await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("his is needed"));
}

#[tokio::test]
async fn a_payment_without_a_customer_is_credited_by_its_row_and_a_rule_clears_the_queue() {
    let program = waiting().await;
    let mut admin = program.admin.clone();
    let page = admin.text(QUEUE).await;
    let at = page.find("name=\"row\" value=\"").unwrap() + 18;
    let row = page[at..at + 36].to_owned();
    let form = [("form", "assign"), ("row", &row), ("channel", "organic"), ("reason", "no idea")];
    assert_eq!(admin.post(QUEUE, &form).await.status(), 303);
    assert_eq!((net(&program, "organic").await, net(&program, "unknown").await), (700, 1_500));
    let rule = [
        ("form", "save_rule"),
        ("version", "1"),
        ("field", "email_domain"),
        ("kind", "is"),
        ("text", "acme.example"),
        ("channel", "linkedin"),
    ];
    assert_eq!(admin.post("/portal/settings/channels", &rule).await.status(), 303);
    assert_eq!((net(&program, "linkedin").await, net(&program, "unknown").await), (1_500, 0));
    assert!(admin.text(QUEUE).await.contains("Nothing is unknown"));
}

#[tokio::test]
async fn the_queue_is_read_page_by_page_and_none_is_left_out() {
    let program = Program::start().await;
    for number in 0..130 {
        let customer = format!("cus_{number}");
        let hours = 1 + number % 7;
        program
            .ledger
            .send(&charge(&format!("n{number}"), hours, 100, Some(&customer), "", &json!({})))
            .await;
    }
    program.ledger.apply().await;
    let (mut address, mut seen) = (QUEUE.to_owned(), Vec::new());
    for _ in 0..2 {
        let page = program.admin.text(&address).await;
        let payers =
            page.split("name=\"customer\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        seen.extend(payers.map(str::to_owned));
        let next = page.split("cursor=").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        address = format!("{QUEUE}?cursor={}", next.unwrap_or_default());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 130);
    assert_eq!(program.get(&format!("{QUEUE}?cursor=nonsense")).await.status(), 400);
}

#[tokio::test]
async fn a_payment_is_credited_and_its_customer_linked_on_the_page_of_the_row_and_both_are_taken_back() {
    let program = waiting().await;
    let mut operator = operator(&program).await;
    program.ledger.lead(&program.ledger.ours, "bea@gmail.com", "heyreach").await;
    let rows = operator.text("/portal/revenue?from=2026-11-01&to=2026-11-20").await;
    let at = rows.find("/portal/credit?row=").unwrap();
    let of_row = rows[at..].split('"').next().unwrap().to_owned();
    let row = of_row.split_once("row=").unwrap().1.to_owned();
    let form = [("form", "assign"), ("row", &row), ("channel", "organic"), ("reason", "a hunch")];
    let answer = operator.post(&of_row, &form).await;
    let address = location(&answer).to_owned();
    assert!(address.contains(&format!("row={row}&done=channel-assigned")), "{address}");
    assert_eq!(
        net(&program, "organic").await,
        500,
        "the newest of the two, and nothing else of the customer"
    );
    let page = operator.text(&of_row).await;
    assert!(
        page.contains("a hunch") && page.contains("operator@ours.example"),
        "an older version leads there too"
    );
    let back = [("form", "take_back"), ("override", &undo(&address))];
    assert_eq!(operator.post(&of_row, &back).await.status(), 303);
    assert_eq!(net(&program, "organic").await, 0);

    let of_customer = format!("{CREDIT}?customer=cus_1");
    assert!(operator.text("/portal/customers/cus_1").await.contains(&of_customer));
    let link = [
        ("form", "link"),
        ("customer", "cus_1"),
        ("kind", "bootcamp_student"),
        ("record_id", "7"),
        ("lead_id", ""),
        ("email", " Bea@gmail.com"),
        ("channel", ""),
    ];
    assert_eq!(
        location(&operator.post(&of_customer, &link).await),
        format!("{of_customer}&done=record-linked")
    );
    assert_eq!(net(&program, "heyreach").await, 700 + 1_500);
    assert!(operator.text(&of_customer).await.contains("bootcamp_student 7"));
    let unlink = [("form", "unlink"), ("kind", "bootcamp_student"), ("record_id", "7")];
    assert_eq!(
        location(&operator.post(&of_customer, &unlink).await),
        format!("{of_customer}&done=record-unlinked")
    );
    assert_eq!(net(&program, "heyreach").await, 700);
    assert_eq!(operator.post(&of_customer, &unlink).await.status(), 404);
    let log = program.audit_log().await;
    assert_eq!(log.iter().filter(|line| line["deed"] == "record_unlinked").count(), 1);
}

#[tokio::test]
async fn another_tenant_neither_sees_nor_credits_what_waits() {
    let program = waiting().await;
    let mut them = program.browser(&program.people.their_admin).await;
    let marked = charge("zq7", 1, 900, Some("cus_zq7"), "zq7@acme.example", &json!({}));
    program.ledger.send(&marked).await;
    program.ledger.apply().await;
    assert!(!them.text(QUEUE).await.contains("zq7"));
    assert_eq!(them.get(&format!("{CREDIT}?customer=cus_zq7")).await.status(), 404);
    let form = [("form", "assign"), ("customer", "cus_zq7"), ("channel", "organic"), ("reason", "mine")];
    assert_eq!(them.post(QUEUE, &form).await.status(), 404);
    assert_eq!(net(&program, "organic").await, 0);
}
