//! Leads, deals and campaigns as programs tell them: once, in any order, and with good reasons when refused.

use domain::access::{Permission, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Program, now};

/// The program, and a key that may act.
struct Told {
    program: Program,
    key: String,
}

impl Told {
    async fn start() -> Self {
        let program = Program::start().await;
        let key = program.key(program.ledger.ours.id, Role::Operator, &[Permission::Act]).await;
        Self { program, key }
    }

    async fn tell(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        self.tell_under(None, method, path, body).await
    }

    async fn tell_under(&self, key: Option<&str>, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let mut request = self.program.client.request(method, format!("{}{path}", self.program.address));
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let response = request.bearer_auth(&self.key).json(body).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    async fn put_lead(&self, id: &str, body: &Value) -> (u16, Value) {
        self.tell(Method::PUT, &format!("/api/leads/{id}"), body).await
    }

    async fn rows(&self, table: &str) -> Vec<Value> {
        self.program.tables().await.rows(table).to_vec()
    }

    /// The lead's stays: stage, when it began, when it ended.
    async fn stays(&self) -> Vec<(String, String, Option<String>)> {
        let mut rows = self.rows("lead_stays").await;
        rows.sort_by_key(|row| row["ordinal"].as_i64());
        let text = |value: &Value| value.as_str().map(|text| text[..10].to_owned());
        rows.iter()
            .map(|row| {
                let stage = row["stage"].as_str().unwrap().to_owned();
                (stage, text(&row["entered_at"]).unwrap(), text(&row["left_at"]))
            })
            .collect()
    }
}

#[tokio::test]
async fn a_lead_is_told_once_changed_by_what_is_said_and_kept_by_what_is_not() {
    let told = Told::start().await;
    let lead = json!({ "email": " Ada@Example.com ", "name": "Ada", "source": "heyreach", "value": 50000 });
    let (status, answer) = told.put_lead("l-1", &lead).await;
    assert_eq!((status, &answer["email"]), (201, &json!("ada@example.com")), "{answer}");
    assert_eq!(
        (&answer["channel"], &answer["stage"], &answer["value"], &answer["currency"], &answer["version"]),
        (&json!("heyreach"), &json!("pool"), &json!(50_000), &json!("usd"), &json!(1))
    );
    assert_eq!(told.put_lead("l-1", &lead).await.1, answer, "the same again changes nothing");
    let (status, answer) = told.put_lead("l-1", &json!({ "name": null, "source": "carrier pigeon" })).await;
    assert_eq!((status, &answer["name"], &answer["email"]), (200, &Value::Null, &json!("ada@example.com")));
    assert_eq!((&answer["channel"], &answer["version"]), (&json!("unknown"), &json!(2)));
    assert!(
        told.rows("leads")
            .await
            .iter()
            .all(|row| row["tenant_id"] == told.program.ledger.ours.id.to_string())
    );
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_field() {
    let told = Told::start().await;
    for (body, field) in [
        (json!({ "email": "nobody" }), json!("email")),
        (json!({ "stage": "won" }), json!("stage")),
        (json!({ "stage_at": "2026-11-01" }), json!("stage")),
        (json!({ "stage": "replied", "stage_at": "2027-11-01T00:00:00Z" }), json!("stage_at")),
        (json!({ "stage": "replied", "stage_at": "soon" }), json!("stage_at")),
        (json!({ "value": 1.5 }), json!("value")),
        (json!({ "value": -1 }), json!("value")),
        (json!({ "value": 1, "currency": "xyz" }), json!("currency")),
        (json!({ "external_id": "l-2" }), json!("external_id")),
        (json!({ "shoe_size": 9 }), Value::Null),
        (json!({ "name": ["Ada"] }), Value::Null),
    ] {
        let (status, answer) = told.put_lead("l-1", &body).await;
        assert_eq!((status, &answer["error"]["field"]), (422, &field), "{body}: {answer}");
    }
    assert!(told.rows("leads").await.is_empty());
    let (status, _) = told.put_lead("l-1", &json!({ "email": "ada@example.com" })).await;
    assert_eq!(status, 201);
    let (status, answer) = told.put_lead("l-2", &json!({ "email": "ADA@example.com" })).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("conflict")), "the e-mail is another lead's");
}

#[tokio::test]
async fn stages_told_late_out_of_order_and_twice_come_to_the_same_stays() {
    let updates = [
        json!({ "stage": "pool", "stage_at": "2026-10-01T09:00:00Z" }),
        json!({ "stage": "contacted", "stage_at": "2026-10-05T09:00:00Z" }),
        json!({ "stage": "meeting", "stage_at": "2026-10-20T09:00:00Z" }),
        json!({ "stage": "replied", "stage_at": "2026-10-25T09:00:00Z" }),
    ];
    let expected = [
        ("pool", "2026-10-01", Some("2026-10-05")),
        ("contacted", "2026-10-05", Some("2026-10-20")),
        ("meeting", "2026-10-20", Some("2026-10-25")),
        ("replied", "2026-10-25", None),
    ];
    let expected =
        expected.map(|(stage, from, to)| (stage.to_owned(), from.to_owned(), to.map(str::to_owned)));
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let told = Told::start().await;
        for place in order.into_iter().chain(order) {
            assert!(told.put_lead("l-1", &updates[place]).await.0 < 300);
        }
        assert_eq!(told.stays().await, expected, "{order:?}");
        let lead = &told.rows("leads").await[0];
        assert_eq!((&lead["stage"], &lead["version"]), (&json!("replied"), &json!(4)));
        assert!(lead["stage_entered_at"].as_str().unwrap().starts_with("2026-10-25"));
    }
}

#[tokio::test]
async fn a_stage_told_after_the_lead_and_entered_before_it_is_the_leads_stage() {
    let told = Told::start().await;
    assert_eq!(told.put_lead("l-1", &json!({ "name": "Ada" })).await.1["stage"], "pool");
    let event =
        json!({ "id": "e-1", "kind": "stage", "stage": "contacted", "occurred_at": "2026-10-05T09:00:00Z" });
    assert_eq!(told.tell(Method::POST, "/api/leads/l-1/events", &event).await.0, 200);
    assert_eq!(told.stays().await, [("contacted".to_owned(), "2026-10-05".to_owned(), None)]);
    let (_, lead) = told.put_lead("l-1", &json!({ "created_at": "2026-10-01T09:00:00Z" })).await;
    assert_eq!((&lead["stage"], &lead["version"]), (&json!("contacted"), &json!(3)));
    let expected = [("pool", "2026-10-01", Some("2026-10-05")), ("contacted", "2026-10-05", None)];
    let expected =
        expected.map(|(stage, from, to)| (stage.to_owned(), from.to_owned(), to.map(str::to_owned)));
    assert_eq!(told.stays().await, expected);
}

#[tokio::test]
async fn a_batch_says_what_became_of_each_and_takes_the_good_ones() {
    let told = Told::start().await;
    let leads = json!({ "leads": [
        { "external_id": "a", "email": "a@x.example" },
        { "external_id": "b", "email": "a@x.example" },
        { "external_id": "a", "stage": "replied" },
        { "email": "c@x.example" },
        { "external_id": "d", "stage": "won" },
        { "name": "nobody" },
    ] });
    let (status, answer) = told.tell(Method::POST, "/api/leads/batch", &leads).await;
    assert_eq!(status, 200);
    let results = answer["results"].as_array().unwrap();
    let words: Vec<&str> = results.iter().map(|result| result["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["created", "refused", "updated", "created", "refused", "refused"], "{answer}");
    assert_eq!(results[1]["error"]["code"], "conflict");
    assert_eq!(
        (&results[4]["error"]["field"], &results[5]["error"]["field"]),
        (&json!("stage"), &json!("external_id"))
    );
    assert_eq!((&answer["created"], &answer["refused"]), (&json!(2), &json!(3)));
    assert_eq!(told.rows("leads").await.len(), 2);
    let too_many: Vec<Value> =
        (0..1_001).map(|number| json!({ "external_id": number.to_string() })).collect();
    for leads in [json!(too_many), json!([])] {
        let (status, answer) = told.tell(Method::POST, "/api/leads/batch", &json!({ "leads": leads })).await;
        assert_eq!((status, &answer["error"]["field"]), (422, &json!("leads")));
    }
}

#[tokio::test]
async fn what_is_told_again_under_a_key_is_answered_as_before_and_something_else_is_refused() {
    let told = Told::start().await;
    let first = json!({ "name": "Ada" });
    let put = async |key, body: &Value| told.tell_under(Some(key), Method::PUT, "/api/leads/l-1", body).await;
    let answer = put("k-1", &first).await;
    assert_eq!(answer.0, 201);
    assert_eq!(told.put_lead("l-1", &json!({ "name": "Grace" })).await.1["name"], "Grace");
    assert_eq!(put("k-1", &first).await, answer, "answered as before, and not done again");
    assert_eq!(told.rows("leads").await[0]["name"], "Grace");
    assert_eq!(put("k-1", &json!({ "name": "Eve" })).await.0, 409);
    assert_eq!(put("k-2", &json!({ "name": "Eve" })).await.0, 200);
    assert_eq!(put(&"k".repeat(256), &first).await.0, 422);
}

#[tokio::test]
async fn what_happened_with_a_lead_is_kept_once_under_its_id() {
    let told = Told::start().await;
    told.put_lead("l-1", &json!({ "stage": "pool", "stage_at": "2026-10-01" })).await;
    told.tell(Method::PUT, "/api/campaigns/c-1", &json!({ "name": "Founders", "channel": "heyreach" })).await;
    let path = "/api/leads/l-1/events";
    let sent =
        json!({ "id": "e-1", "kind": "sent", "occurred_at": "2026-10-02T08:00:00Z", "campaign": "c-1" });
    for (round, word) in ["created", "unchanged"].into_iter().enumerate() {
        let (status, answer) = told.tell(Method::POST, path, &sent).await;
        assert_eq!((status, &answer["results"][0]["status"]), (200, &json!(word)), "round {round}: {answer}");
    }
    let other = json!({ "id": "e-1", "kind": "opened", "occurred_at": "2026-10-02T08:00:00Z" });
    assert_eq!(told.tell(Method::POST, path, &other).await.0, 409);
    let several = json!({ "events": [
        { "id": "e-2", "kind": "stage", "stage": "replied", "occurred_at": "2026-10-09T08:00:00Z" },
        { "id": "e-3", "kind": "meeting", "occurred_at": "2026-10-12T08:00:00Z", "note": "went well" },
        { "id": "e-4", "kind": "telepathy", "occurred_at": "2026-10-12T08:00:00Z" },
        { "id": "e-5", "kind": "call", "occurred_at": "2026-10-12T08:00:00Z", "campaign": "none" },
        { "kind": "call", "occurred_at": "2026-10-12T08:00:00Z" },
        { "id": "e-1", "kind": "opened", "occurred_at": "2026-10-02T08:00:00Z" },
    ] });
    let (status, answer) = told.tell(Method::POST, path, &several).await;
    let results = answer["results"].as_array().unwrap();
    let words: Vec<&str> = results.iter().map(|result| result["status"].as_str().unwrap()).collect();
    assert_eq!(
        (status, words),
        (200, vec!["created", "created", "refused", "refused", "refused", "refused"])
    );
    let fields: Vec<&Value> = results[2..].iter().map(|result| &result["error"]["field"]).collect();
    assert_eq!(fields, [&json!("kind"), &json!("campaign"), &json!("id"), &Value::Null]);
    assert_eq!(told.rows("lead_touches").await.len(), 2);
    let lead = &told.rows("leads").await[0];
    assert_eq!(lead["stage"], "replied");
    assert!(lead["last_activity_at"].as_str().unwrap().starts_with("2026-10-12"), "a touch is activity");
    assert_eq!(told.tell(Method::POST, "/api/leads/nobody/events", &sent).await.0, 404);
}

#[tokio::test]
async fn a_deal_is_opened_moved_won_and_opened_again() {
    let told = Told::start().await;
    told.put_lead("l-1", &json!({})).await;
    let put = async |body: Value| told.tell(Method::PUT, "/api/deals/d-1", &body).await;
    let (status, deal) =
        put(json!({ "lead": "l-1", "name": "Team", "value": 500_000, "stage": "proposal" })).await;
    assert_eq!((status, &deal["state"], &deal["probability"]), (201, &json!("open"), &json!(50)), "{deal}");
    assert_eq!((&deal["base_value"], &deal["closed_at"]), (&json!(500_000), &Value::Null));
    let (status, deal) = put(json!({ "state": "won" })).await;
    assert_eq!((status, &deal["probability"], &deal["stage"]), (200, &json!(100), &json!("proposal")));
    assert!(deal["closed_at"].is_string());
    let (_, deal) =
        put(json!({ "state": "open", "currency": "eur", "value": 400_000, "probability": 80 })).await;
    assert_eq!((&deal["closed_at"], &deal["probability"]), (&Value::Null, &json!(80)));
    assert_eq!((&deal["base_value"], deal["absent"].is_string()), (&Value::Null, true), "no rate is known");
    for (body, field) in [
        (json!({ "lead": "nobody" }), "lead"),
        (json!({ "probability": 101 }), "probability"),
        (json!({ "closed_at": "2026-11-01" }), "closed_at"),
        (json!({ "value": -1 }), "value"),
    ] {
        let (status, answer) = put(body).await;
        assert_eq!((status, &answer["error"]["field"]), (422, &json!(field)), "{answer}");
    }
    let (status, answer) = told.tell(Method::PUT, "/api/deals/d-2", &json!({})).await;
    assert_eq!((status, &answer["error"]["field"]), (422, &json!("value")));
}

#[tokio::test]
async fn campaigns_of_two_tools_with_one_id_are_two() {
    let told = Told::start().await;
    for (tool, status) in [("heyreach", 201), ("plusvibe", 201), ("heyreach", 200)] {
        let body = json!({ "connector": tool, "name": "Founders", "state": "active" });
        let (found, answer) = told.tell(Method::PUT, "/api/campaigns/7", &body).await;
        assert_eq!((found, &answer["channel"]), (status, &json!(tool)), "{answer}");
    }
    assert_eq!(told.rows("campaigns").await.len(), 2);
    let (status, answer) = told.tell(Method::PUT, "/api/campaigns/7", &json!({ "state": "running" })).await;
    assert_eq!((status, &answer["error"]["field"]), (422, &json!("state")));
}

#[tokio::test]
async fn a_lead_that_is_told_late_takes_its_payments_along() {
    let told = Told::start().await;
    let ledger = &told.program.ledger;
    let charge = json!({
        "id": "ch_1", "object": "charge", "amount": 1_000, "currency": "usd", "status": "succeeded", "paid": true,
        "captured": true, "payment_intent": "pi_1", "billing_details": { "email": "buyer@x.example" },
    });
    let event = json!({
        "id": "evt_charge", "object": "event", "type": "charge.succeeded", "livemode": false,
        "created": now().as_second() - 3_600, "data": { "object": charge },
    });
    ledger.send(&serde_json::to_vec(&event).unwrap()).await;
    ledger.apply().await;
    for source in ["heyreach", "plusvibe"] {
        let lead = json!({ "email": "buyer@x.example", "source": source });
        assert!(told.put_lead("l-1", &lead).await.0 < 300);
        ledger.apply().await;
        assert_eq!(ledger.database.net_of_channel(ledger.ours.id, source).await, 1_000);
    }
}

#[tokio::test]
async fn campaigns_are_listed_with_what_each_did_and_only_those_that_are_asked_for() {
    let told = Told::start().await;
    for (id, name, state) in [("1", "Founders", "active"), ("2", "Old hands", "finished")] {
        let body = json!({ "connector": "heyreach", "name": name, "channel": "heyreach", "state": state });
        assert_eq!(told.tell(Method::PUT, &format!("/api/campaigns/{id}"), &body).await.0, 201);
    }
    for lead in ["l-1", "l-2", "l-3", "l-4"] {
        let stage = if lead == "l-1" { "closed" } else { "contacted" };
        let body = json!({ "email": format!("{lead}@example.com"), "stage": stage });
        assert_eq!(told.put_lead(lead, &body).await.0, 201);
    }
    let touches = [
        ("l-1", "sent"),
        ("l-1", "sent"),
        ("l-1", "replied"),
        ("l-2", "sent"),
        ("l-3", "sent"),
        ("l-4", "meeting"),
    ];
    for (number, (lead, kind)) in touches.into_iter().enumerate() {
        let touch = json!({ "id": format!("e-{number}"), "kind": kind, "occurred_at": "2026-10-02T08:00:00Z",
            "campaign": "1", "connector": "heyreach" });
        let (status, answer) = told.tell(Method::POST, &format!("/api/leads/{lead}/events"), &touch).await;
        assert_eq!(status, 200, "{answer}");
    }
    let page = told.program.admin.text("/portal/campaigns").await;
    let rows: Vec<&str> = page.split("<tr").filter(|row| row.contains("class=\"when\"")).collect();
    assert!(rows[0].contains("Founders") && rows[1].contains("Old hands"), "{page}");
    // Four messages; one of four leads answered, met and bought.
    for part in [">4</td>", "1 (25.0%)", "HeyReach", "/portal/actions/confirm?kind=pause_campaign"] {
        assert!(rows[0].contains(part), "{part}: {}", rows[0]);
    }
    assert!(rows[1].contains("None yet") && rows[1].contains("kind=resume_campaign"), "{}", rows[1]);
    let finished = told.program.admin.text("/portal/campaigns?state=finished&channel=heyreach").await;
    assert!(finished.contains("Old hands") && !finished.contains("Founders"), "{finished}");
    assert!(
        told.program
            .admin
            .text("/portal/campaigns?channel=meta_ads")
            .await
            .contains("No campaign is like that")
    );
    let them = told.program.browser(&told.program.people.their_admin).await;
    assert!(them.text("/portal/campaigns").await.contains("No campaign is known yet"));
    for wrong in ["state=lost", "cursor=1"] {
        assert_eq!(
            told.program.admin.get(&format!("/portal/campaigns?{wrong}")).await.status(),
            400,
            "{wrong}"
        );
    }
}
