//! What people and programs say of where revenue came from, through the door they use.

use crate::support::people::Browser;
use crate::support::{Program, now};
use domain::access::{Permission, Role};
use reqwest::header::{CONTENT_TYPE, ORIGIN};
use reqwest::{Method, Response};
use serde_json::{Value, json};

const OVERRIDES: &str = "/api/attribution/overrides";

fn event(id: &str, kind: &str, object: &Value) -> Vec<u8> {
    let body = json!({
        "id": format!("evt_{id}"), "object": "event", "type": kind, "livemode": false,
        "created": now().as_second() - 3_600, "data": { "object": object },
    });
    serde_json::to_vec(&body).unwrap()
}

fn charge() -> Vec<u8> {
    let object = json!({
        "id": "ch_1", "object": "charge", "amount": 1_000, "currency": "usd", "status": "succeeded", "paid": true,
        "captured": true, "payment_intent": "pi_1", "customer": "cus_1", "billing_details": {},
    });
    event("charge", "charge.succeeded", &object)
}

fn refund() -> Vec<u8> {
    let object = json!({
        "id": "re_1", "object": "refund", "amount": 400, "currency": "usd", "status": "succeeded",
        "charge": "ch_1", "payment_intent": "pi_1",
    });
    event("refund", "refund.created", &object)
}

/// A program with a refunded payment in both tenants.
async fn paid() -> Program {
    let program = Program::start().await;
    for body in [charge(), refund()] {
        program.ledger.send(&body).await;
        program.ledger.send_to_them(&body).await;
    }
    program.ledger.apply().await;
    program
}

async fn send(program: &Program, who: &Browser, method: Method, path: &str, body: &Value) -> Response {
    who.request(method, path).header(ORIGIN, &program.address).json(body).send().await.unwrap()
}

async fn post(program: &Program, path: &str, body: Value) -> (u16, Value) {
    let operator = program.browser(&program.people.operator).await;
    let response = send(program, &operator, Method::POST, path, &body).await;
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn take_back(program: &Program, id: &str) -> u16 {
    let operator = program.browser(&program.people.operator).await;
    let path = format!("{OVERRIDES}/{id}");
    send(program, &operator, Method::DELETE, &path, &json!(null)).await.status().as_u16()
}

/// The id of the row that counts for some money of a tenant's.
async fn row(program: &Program, theirs: bool, kind: &str) -> String {
    let tenant = if theirs { program.ledger.theirs.id } else { program.ledger.ours.id };
    let tables = program.tables().await;
    let replaced: Vec<&Value> =
        tables.rows("revenue_event_supersessions").iter().map(|row| &row["superseded_id"]).collect();
    let mut rows = tables.rows("revenue_events").iter().filter(|row| {
        row["tenant_id"] == tenant.to_string() && row["event_type"] == kind && !replaced.contains(&&row["id"])
    });
    rows.next().unwrap()["id"].as_str().unwrap().to_owned()
}

async fn net(program: &Program, channel: &str) -> i64 {
    program.ledger.apply().await;
    program.ledger.database.net_of_channel(program.ledger.ours.id, channel).await
}

#[tokio::test]
async fn a_channel_is_set_by_hand_for_a_payment_and_its_refund_and_taken_back() {
    let program = paid().await;
    let refunded = row(&program, false, "refund").await;
    let asked = json!({ "row_id": refunded, "channel": " Referral ", "reason": "she told us" });
    let (status, said) = post(&program, OVERRIDES, asked.clone()).await;
    assert_eq!(status, 201, "{said}");
    assert_eq!((&said["channel"], &said["payment"]), (&json!("referral"), &json!("pi_1")));
    assert_eq!(said["made_by"], "operator@ours.example");
    assert_eq!(net(&program, "referral").await, 600);

    let (status, again) = post(&program, OVERRIDES, asked).await;
    assert_eq!((status, &again["id"]), (200, &said["id"]), "said twice is said once");

    let paid = row(&program, false, "payment").await;
    let other = json!({ "row_id": paid, "channel": "unknown", "reason": "nobody knows" });
    let (status, other) = post(&program, OVERRIDES, other).await;
    assert_eq!(status, 201);
    assert_eq!(net(&program, "referral").await, 0, "the newest word counts");
    assert_eq!(take_back(&program, said["id"].as_str().unwrap()).await, 404, "its place was taken");

    program.ledger.lead(&program.ledger.ours, "one@acme.example", "heyreach").await;
    let link = json!({
        "customer_id": "cus_1", "kind": "bootcamp_student", "record_id": "7", "email": " One@Acme.example",
    });
    assert_eq!(post(&program, "/api/links", link).await.0, 201);
    assert_eq!(net(&program, "heyreach").await, 0, "what a person said is not overwritten");
    assert_eq!(take_back(&program, other["id"].as_str().unwrap()).await, 204);
    assert_eq!(net(&program, "heyreach").await, 600);
    assert_eq!(take_back(&program, other["id"].as_str().unwrap()).await, 404);

    let log = program.audit_log().await;
    let deeds: Vec<&str> = log.iter().map(|line| line["deed"].as_str().unwrap()).collect();
    let expected = [
        "attribution_overridden",
        "attribution_overridden",
        "access_refused",
        "record_linked",
        "override_taken_back",
        "access_refused",
    ];
    assert_eq!(deeds, expected);
    assert_eq!(log[0]["target"], "payment pi_1");
    assert_eq!(log[0]["details"]["before"], "what was found");
    assert_eq!(log[1]["details"]["before"], "referral");
}

#[tokio::test]
async fn a_channel_is_set_by_hand_for_everything_a_customer_pays() {
    let program = paid().await;
    let asked = json!({ "customer_id": "cus_1", "channel": "linkedin", "reason": "their form said so" });
    let (status, said) = post(&program, OVERRIDES, asked).await;
    assert_eq!((status, &said["customer_id"], &said["payment"]), (201, &json!("cus_1"), &Value::Null));
    assert_eq!(net(&program, "linkedin").await, 600);
    let theirs = program.ledger.database.net_of_channel(program.ledger.theirs.id, "linkedin").await;
    assert_eq!(theirs, 0, "theirs has a customer of that name too");
}

#[tokio::test]
async fn what_cannot_be_set_by_hand_is_refused_and_says_why() {
    let program = paid().await;
    let ours = row(&program, false, "payment").await;
    let theirs = row(&program, true, "payment").await;
    let before = program.tables().await;
    for (asked, status, field) in [
        (json!({ "row_id": theirs, "channel": "referral", "reason": "x" }), 404, Value::Null),
        (json!({ "row_id": "no id", "channel": "referral", "reason": "x" }), 404, Value::Null),
        (json!({ "customer_id": "cus_nobody", "channel": "referral", "reason": "x" }), 404, Value::Null),
        (
            json!({ "customer_id": "' or 1=1", "channel": "referral", "reason": "x" }),
            422,
            json!("customer_id"),
        ),
        (json!({ "row_id": ours, "channel": "pigeon", "reason": "x" }), 422, json!("channel")),
        (json!({ "row_id": ours, "channel": "referral", "reason": "  " }), 422, json!("reason")),
        (json!({ "row_id": ours, "channel": "referral", "reason": "x".repeat(501) }), 422, json!("reason")),
        (json!({ "channel": "referral", "reason": "x" }), 422, json!("row_id")),
        (
            json!({ "row_id": ours, "customer_id": "cus_1", "channel": "referral", "reason": "x" }),
            422,
            json!("row_id"),
        ),
        (json!({ "row_id": ours, "channel": "referral", "reason": "x", "more": 1 }), 400, Value::Null),
        (json!([]), 400, Value::Null),
    ] {
        let (found, answer) = post(&program, OVERRIDES, asked.clone()).await;
        assert_eq!((found, &answer["error"]["field"]), (status, &field), "{asked}: {answer}");
    }
    let plain = program.admin.request(Method::POST, OVERRIDES).header(ORIGIN, &program.address);
    let plain = plain.header(CONTENT_TYPE, "text/plain").body("{}").send().await.unwrap();
    assert_eq!(plain.status(), 415);
    assert_eq!(take_back(&program, "no id").await, 404);
    assert_eq!(program.tables().await.differing(&before), ["audit_log", "sessions"]);
}

#[tokio::test]
async fn another_tenant_neither_takes_back_nor_links_anything_of_ours() {
    let program = paid().await;
    let paid = row(&program, false, "payment").await;
    let asked = json!({ "row_id": paid, "channel": "referral", "reason": "she told us" });
    let (_, said) = post(&program, OVERRIDES, asked.clone()).await;
    let path = format!("{OVERRIDES}/{}", said["id"].as_str().unwrap());
    let them = program.browser(&program.people.their_admin).await;
    let link = json!({ "customer_id": "cus_1", "kind": "deal", "record_id": "7", "channel": "linkedin" });
    let ours = program.ledger.ours.id;
    for named in [String::new(), format!("?tenant_id={ours}")] {
        let status = async |method, path: &str, body: &Value| {
            send(&program, &them, method, &format!("{path}{named}"), body).await.status()
        };
        assert_eq!(status(Method::DELETE, &path, &json!(null)).await, 404, "{named}");
        assert_eq!(status(Method::POST, OVERRIDES, &asked).await, 404, "{named}");
        let linked = status(Method::POST, "/api/links", &link).await;
        assert_eq!(linked, if named.is_empty() { 201 } else { 404 }, "a link of their own, or none");
    }
    assert_eq!(net(&program, "referral").await, 600);
    assert_eq!(net(&program, "linkedin").await, 0);
    let theirs = program.ledger.database.net_of_channel(program.ledger.theirs.id, "linkedin").await;
    assert_eq!(theirs, 600);
}

#[tokio::test]
async fn a_link_is_made_once_and_a_record_is_one_customer() {
    let program = paid().await;
    let key = program.key(program.ledger.ours.id, Role::Operator, &[Permission::Act]).await;
    let link = async |body: Value| {
        let request = program.client.post(format!("{}/api/links", program.address)).bearer_auth(&key);
        let response = request.json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let student = json!({
        "customer_id": "cus_1", "kind": "bootcamp_student", "record_id": "7", "lead_id": "l-1", "email": null,
        "channel": null,
    });
    assert_eq!(link(student.clone()).await, (201, student.clone()));
    assert_eq!(link(student.clone()).await, (200, student.clone()));
    let other = |field: &str, value: &str| {
        let mut other = student.clone();
        other[field] = json!(value);
        other
    };
    for (field, value) in [("customer_id", "cus_2"), ("lead_id", "l-2"), ("channel", "referral")] {
        let (status, answer) = link(other(field, value)).await;
        assert_eq!((status, &answer["error"]["code"]), (409, &json!("conflict")), "{field}");
    }
    assert_eq!(link(other("record_id", "8")).await.0, 201);
    for (field, value) in
        [("customer_id", "sub_1"), ("kind", "Bootcamp student"), ("record_id", " "), ("channel", "pigeon")]
    {
        let (status, answer) = link(other(field, value)).await;
        assert_eq!((status, &answer["error"]["field"]), (422, &json!(field)), "{answer}");
    }
    let nowhere = json!({ "customer_id": "cus_1", "kind": "deal", "record_id": "7" });
    assert_eq!(link(nowhere).await.0, 422);

    let lead = store::leads::LeadTold {
        source: Some("plusvibe".to_owned()),
        ..store::leads::LeadTold::of(domain::ids::LeadId(uuid::Uuid::from_u128(1)), "l-1".to_owned())
    };
    let at = store::leads::Bringing::at(now());
    program.ledger.store().leads_put(program.ledger.ours.id, &[lead], at).await.unwrap();
    assert_eq!(net(&program, "plusvibe").await, 600);
    let lines = program.audit_log().await;
    assert_eq!(lines.iter().filter(|line| line["deed"] == "record_linked").count(), 2);
}

#[tokio::test]
async fn the_order_of_looking_is_a_setting_and_counts_for_what_was_paid_already() {
    let program = Program::start().await;
    let mut object: Value = serde_json::from_slice(&charge()).unwrap();
    let object = &mut object["data"]["object"];
    object["metadata"] = json!({ "gtm_channel": "linkedin" });
    object["billing_details"] = json!({ "email": "one@acme.example" });
    program.ledger.send(&event("charge", "charge.succeeded", object)).await;
    program.ledger.lead(&program.ledger.ours, "one@acme.example", "heyreach").await;
    assert_eq!(net(&program, "heyreach").await, 1_000);

    let mut admin = program.browser(&program.people.admin).await;
    let page = admin.text("/portal/settings/tenant").await;
    assert!(page.contains("name=\"attribution_order\""), "the page offers it");
    let form = [
        ("form", "settings"),
        ("version", "1"),
        ("name", "My company"),
        ("currency", "usd"),
        ("timezone", "UTC"),
        ("week_start", "monday"),
        ("gross_margin", "100"),
        ("target_roas", "2"),
        ("minimum_spend", "500"),
        ("minimum_customers", "5"),
        ("maximum_payback_months", "12"),
        ("stuck_after_days", "14"),
        ("attribution_order", "newest_first"),
    ];
    assert_eq!(admin.post("/portal/settings/tenant", &form).await.status(), 422);
    let mut form = form;
    form[12].1 = "metadata_first";
    assert_eq!(admin.post("/portal/settings/tenant", &form).await.status(), 303);
    assert_eq!(net(&program, "linkedin").await, 1_000);
    let log = program.audit_log().await;
    assert_eq!(log.last().unwrap()["details"]["attribution_order"], "lead_first → metadata_first");
}
