//! Channels as a tenant keeps them, and rules by which others' words mean them: foreseen, saved, and taken back.

use crate::support::people::{Browser, location};
use crate::support::{Program, now};
use reqwest::header::ORIGIN;
use reqwest::{Method, Response};
use serde_json::{Value, json};

const PAGE: &str = "/portal/settings/channels";

/// A charge of so many minor units by somebody with an e-mail, and what its metadata says.
fn charge(id: &str, amount: i64, email: Option<&str>, metadata: &Value) -> Vec<u8> {
    let object = json!({
        "id": format!("ch_{id}"), "object": "charge", "amount": amount, "currency": "usd", "status": "succeeded",
        "paid": true, "captured": true, "payment_intent": format!("pi_{id}"), "customer": format!("cus_{id}"),
        "billing_details": { "email": email }, "metadata": metadata,
    });
    let body = json!({
        "id": format!("evt_{id}"), "object": "event", "type": "charge.succeeded", "livemode": false,
        "created": now().as_second() - 3_600, "data": { "object": object },
    });
    serde_json::to_vec(&body).unwrap()
}

/// A program in both of whose tenants a lead of a foreign source paid 10.00, and 7.00 came with metadata.
async fn paid() -> Program {
    let program = Program::start().await;
    for body in [
        charge("lead", 1_000, Some("ada@acme.example"), &json!({})),
        charge("meta", 700, None, &json!({ "campaign": "Spring sale", "utm_source": "Newsletter" })),
    ] {
        program.ledger.send(&body).await;
        program.ledger.send_to_them(&body).await;
    }
    for tenant in [&program.ledger.ours, &program.ledger.theirs] {
        program.ledger.lead(tenant, "ada@acme.example", "LI-Outbound").await;
    }
    program.ledger.apply().await;
    program
}

async fn net(program: &Program, channel: &str) -> i64 {
    program.ledger.apply().await;
    program.ledger.database.net_of_channel(program.ledger.ours.id, channel).await
}

fn rule<'a>(
    field: &'a str,
    key: &'a str,
    kind: &'a str,
    text: &'a str,
    channel: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![("field", field), ("key", key), ("kind", kind), ("text", text), ("channel", channel)]
}

async fn preview(browser: &Browser, rule: &[(&str, &str)]) -> String {
    let query: String = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(rule)
        .append_pair("step", "preview")
        .finish();
    browser.text(&format!("{PAGE}?{query}")).await
}

async fn save(browser: &mut Browser, version: &str, rule: &[(&str, &str)]) -> Response {
    let mut fields = vec![("form", "save_rule"), ("version", version)];
    fields.extend(rule);
    browser.post(PAGE, &fields).await
}

/// The ids of our rules, in their order.
async fn rules(program: &Program) -> Vec<String> {
    let tables = program.tables().await;
    let mut rules: Vec<(i64, String)> = tables
        .rows("channel_rules")
        .iter()
        .filter(|row| row["tenant_id"] == program.ledger.ours.id.to_string())
        .map(|row| (row["place"].as_i64().unwrap(), row["id"].as_str().unwrap().to_owned()))
        .collect();
    rules.sort();
    assert!((1..).zip(&rules).all(|(place, (stored, _))| place == *stored), "places are counted from 1");
    rules.into_iter().map(|(_, id)| id).collect()
}

#[tokio::test]
async fn a_rule_about_a_leads_source_is_foreseen_saved_written_down_and_taken_back() {
    let program = paid().await;
    let mut admin = program.admin.clone();
    assert_eq!((net(&program, "unknown").await, net(&program, "linkedin").await), (1_700, 0));
    let outbound = rule("source", "", "is", " li-OUTBOUND ", "linkedin");

    let before = program.tables().await;
    let page = preview(&admin, &outbound).await;
    assert!(page.contains("What this rule would change") && page.contains("All 2 payments were looked at."));
    assert!(page.contains("$10.00") && !page.contains("$7.00"), "only the lead's payment");
    assert_eq!(program.tables().await.differing(&before), [""; 0], "looking changes nothing");

    let saved = save(&mut admin, "1", &outbound).await;
    assert_eq!(location(&saved), format!("{PAGE}?done=rule-saved"));
    assert_eq!((net(&program, "unknown").await, net(&program, "linkedin").await), (700, 1_000));
    let tables = program.tables().await;
    let [ours, theirs] = [&program.ledger.ours, &program.ledger.theirs].map(|tenant| {
        let leads = tables.rows("leads").iter();
        let mut of_tenant = leads.filter(|lead| lead["tenant_id"] == tenant.id.to_string());
        of_tenant.next().unwrap()["channel"].clone()
    });
    assert_eq!((ours, theirs), (json!("linkedin"), json!("unknown")), "a rule is its tenant's");
    let [line] = tables.rows("restatements") else { panic!("{:?}", tables.rows("restatements")) };
    assert_eq!((&line["value_from"], &line["value_to"]), (&json!("unknown"), &json!("linkedin")));
    let [id] = &rules(&program).await[..] else { panic!("one rule") };
    assert_eq!((&line["cause_kind"], &line["cause_ref"]), (&json!("rule"), &json!(id)));
    let theirs = program.ledger.theirs.id;
    assert_eq!(program.ledger.database.net_of_channel(theirs, "unknown").await, 1_700);

    let page = admin.text(&format!("{PAGE}?step=delete&rule={id}")).await;
    assert!(page.contains("What deleting this rule would change") && page.contains("$10.00"));
    let deleted = admin.post(PAGE, &[("form", "delete_rule"), ("rule", id), ("version", "2")]).await;
    assert_eq!(location(&deleted), format!("{PAGE}?done=rule-deleted"));
    assert_eq!((net(&program, "unknown").await, net(&program, "linkedin").await), (1_700, 0));
    assert_eq!(program.tables().await.rows("restatements").len(), 2);
    let log = program.audit_log().await;
    let said: Vec<(&str, &str)> =
        log.iter().map(|line| (line["deed"].as_str().unwrap(), line["target"].as_str().unwrap())).collect();
    let words = "Lead source is li-outbound → linkedin";
    assert_eq!(said, [("channel_rule_saved", words), ("channel_rule_deleted", words)]);
}

#[tokio::test]
async fn metadata_and_the_domain_of_an_email_mean_channels_by_rules_of_which_the_first_counts() {
    let program = paid().await;
    let mut admin = program.admin.clone();
    let spring = rule("metadata", "campaign", "starts_with", "spring", "meta_ads");
    assert_eq!(save(&mut admin, "1", &spring).await.status(), 303);
    assert_eq!(net(&program, "meta_ads").await, 700);
    let mut newsletter = rule("utm_source", "", "contains", "news", "organic");
    assert!(
        preview(&admin, &newsletter).await.contains("Nothing would read differently."),
        "it would be the last"
    );
    newsletter.push(("place", "1"));
    assert!(preview(&admin, &newsletter).await.contains("Meta ads"));
    assert_eq!(save(&mut admin, "2", &newsletter).await.status(), 303);
    assert_eq!((net(&program, "meta_ads").await, net(&program, "organic").await), (0, 700));

    let domain = rule("email_domain", "", "is", "@Acme.example", "referral");
    assert_eq!(save(&mut admin, "3", &domain).await.status(), 303);
    assert_eq!(net(&program, "referral").await, 1_000, "nothing else found a channel");
    let outbound = rule("source", "", "contains", "outbound", "linkedin");
    assert_eq!(save(&mut admin, "4", &outbound).await.status(), 303);
    assert_eq!((net(&program, "referral").await, net(&program, "linkedin").await), (0, 1_000), "it is weak");

    let ids = rules(&program).await;
    let mut moved = spring.clone();
    moved.extend([("rule", ids[1].as_str()), ("place", "1")]);
    assert_eq!(save(&mut admin, "5", &moved).await.status(), 303);
    assert_eq!((net(&program, "meta_ads").await, net(&program, "organic").await), (700, 0));
    assert_eq!(rules(&program).await[0], ids[1]);
}

#[tokio::test]
async fn who_comes_after_a_rule_is_recognised_by_it_whatever_door_they_come_by() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();
    assert_eq!(
        save(&mut admin, "1", &rule("source", "", "starts_with", "li-", "linkedin")).await.status(),
        303
    );
    let lead = json!({ "email": "bea@acme.example", "source": "LI-Outbound" });
    let put = admin.request(Method::PUT, "/api/leads/l1").header(ORIGIN, &program.address).json(&lead);
    let answer: Value = put.send().await.unwrap().json().await.unwrap();
    assert!(answer.to_string().contains("\"channel\":\"linkedin\""), "{answer}");
    program.ledger.send(&charge("bea", 500, Some("bea@acme.example"), &json!({}))).await;
    assert_eq!(net(&program, "linkedin").await, 500);
    let lead = json!({ "source": "elsewhere" });
    let put = admin.request(Method::PUT, "/api/leads/l1").header(ORIGIN, &program.address).json(&lead);
    assert_eq!(put.send().await.unwrap().status(), 200);
    assert_eq!((net(&program, "linkedin").await, net(&program, "unknown").await), (0, 500));
}

#[tokio::test]
async fn a_rule_that_cannot_be_says_why_and_nobody_saves_over_rules_they_have_not_seen() {
    let program = Program::start().await;
    let mut admin = program.admin.clone();
    assert_eq!(save(&mut admin, "1", &rule("source", "", "is", "a", "linkedin")).await.status(), 303);
    for (wrong, says) in [
        (rule("source", "", "is", "A", "organic"), "nother rule looks for this already"),
        (rule("source", "", "is", "  ", "organic"), "his is needed"),
        (rule("source", "campaign", "is", "b", "organic"), "nly Stripe metadata has a key"),
        (rule("metadata", "", "is", "b", "organic"), "his is needed"),
        (rule("source", "", "is", "b", "unknown"), "hoose a channel"),
        (rule("source", "", "like", "b", "organic"), "hoose how it compares"),
        (rule("weather", "", "is", "b", "organic"), "hoose what it looks at"),
    ] {
        assert!(preview(&admin, &wrong).await.contains(says), "{wrong:?}");
        let refused = save(&mut admin, "2", &wrong).await;
        assert_eq!(refused.status(), 422, "{wrong:?}");
        assert!(refused.text().await.unwrap().contains(says), "{wrong:?}");
    }
    let stale = save(&mut admin, "1", &rule("source", "", "is", "b", "organic")).await;
    assert_eq!(stale.status(), 409);
    assert!(stale.text().await.unwrap().contains("omebody changed the rules meanwhile"));
    assert_eq!(rules(&program).await.len(), 1);
}

/// A channel of ours as it is stored.
async fn channel(program: &Program, slug: &str) -> Option<Value> {
    let tables = program.tables().await;
    let ours = program.ledger.ours.id.to_string();
    let mut found =
        tables.rows("channels").iter().filter(|row| row["tenant_id"] == ours && row["slug"] == slug);
    found.next().cloned()
}

#[tokio::test]
async fn a_channel_is_added_named_coloured_moved_and_hidden_and_is_credited_at_once() {
    let program = paid().await;
    let mut admin = program.admin.clone();
    program.ledger.lead(&program.ledger.ours, "ada@acme.example", "podcast").await;
    assert_eq!(net(&program, "unknown").await, 1_700);
    let new = [("form", "add"), ("slug", "podcast"), ("name", "Podcast"), ("color", "7"), ("place", "1")];
    assert_eq!(location(&admin.post(PAGE, &new).await), format!("{PAGE}?done=channel-added"));
    assert_eq!(net(&program, "podcast").await, 1_000, "its short name means it");
    let tables = program.tables().await;
    assert_eq!(tables.rows("restatements")[0]["cause_kind"], "channel");
    let stored = channel(&program, "podcast").await.unwrap();
    assert_eq!((&stored["place"], &stored["color"], &stored["version"]), (&json!(1), &json!(7), &json!(1)));

    let changes = [
        ("form", "change"),
        ("slug", "podcast"),
        ("version", "1"),
        ("name", "Pod & Søn"),
        ("color", "0"),
        ("place", "99"),
        ("hidden", "yes"),
    ];
    assert_eq!(location(&admin.post(PAGE, &changes).await), format!("{PAGE}?done=channel-saved"));
    assert_eq!(admin.post(PAGE, &changes).await.status(), 409, "it is another version now");
    let stored = channel(&program, "podcast").await.unwrap();
    assert_eq!((&stored["is_hidden"], &stored["version"]), (&json!(true), &json!(2)));
    assert!(stored["place"].as_i64() > channel(&program, "heyreach").await.unwrap()["place"].as_i64());
    let report = program.get_json("/api/analytics/revenue?from=2026-11-01&to=2026-11-20").await;
    assert!(report["by_channel"].to_string().contains("\"podcast\""), "the API calls it as before: {report}");
    let page = admin.text("/portal/revenue?from=2026-11-01&to=2026-11-20").await;
    assert!(page.contains("Pod &amp; Søn") && page.contains("ch-other"), "pages call it by its name");
    let costs = admin.text("/portal/costs").await;
    assert!(
        costs.split("name=\"repeats\"").next().unwrap().matches("value=\"podcast\"").count() == 1,
        "only to filter by"
    );

    let log = program.audit_log().await;
    assert_eq!(log[1]["deed"], "channel_changed");
    let details = json!({
        "name": "Podcast → Pod & Søn", "color": "7 → 0", "hidden": "false → true", "place": "99",
    });
    assert_eq!(log[1]["details"], details);
}

#[tokio::test]
async fn a_channel_with_money_stays_and_one_without_anything_can_go() {
    let program = paid().await;
    let mut admin = program.admin.clone();
    assert_eq!(
        save(&mut admin, "1", &rule("source", "", "is", "li-outbound", "linkedin")).await.status(),
        303
    );
    program.ledger.apply().await;
    let id = rules(&program).await.remove(0);
    admin.post(PAGE, &[("form", "delete_rule"), ("rule", &id), ("version", "2")]).await;
    assert_eq!(net(&program, "linkedin").await, 0);
    let refused = admin.post(PAGE, &[("form", "delete"), ("slug", "linkedin"), ("version", "1")]).await;
    assert_eq!(refused.status(), 409);
    assert!(
        refused.text().await.unwrap().contains("oney is credited to it"),
        "it was, and the ledger still tells"
    );
    let gone = admin.post(PAGE, &[("form", "delete"), ("slug", "organic"), ("version", "1")]).await;
    assert_eq!(location(&gone), format!("{PAGE}?done=channel-deleted"));
    assert_eq!(channel(&program, "organic").await, None);
    for (fields, says) in [
        ([("slug", "linkedin"), ("name", "Another")], "nother channel has this short name"),
        ([("slug", "another"), ("name", "linkedIN")], "nother channel has this name"),
        ([("slug", "Bad Name"), ("name", "Bad")], "short name is up to 63"),
        ([("slug", "unknown"), ("name", "Rest")], "short name is up to 63"),
    ] {
        let form = [("form", "add"), ("color", "1"), fields[0], fields[1]];
        let refused = admin.post(PAGE, &form).await;
        assert_eq!(refused.status(), 422, "{fields:?}");
        assert!(refused.text().await.unwrap().contains(says), "{fields:?}");
    }
}

#[tokio::test]
async fn another_tenants_channels_and_rules_are_neither_seen_nor_changed() {
    let program = paid().await;
    let mut admin = program.admin.clone();
    assert_eq!(
        save(&mut admin, "1", &rule("source", "", "is", "zq7-source", "linkedin")).await.status(),
        303
    );
    let rename =
        [("form", "change"), ("slug", "organic"), ("version", "1"), ("name", "zq7-name"), ("color", "1")];
    assert_eq!(admin.post(PAGE, &rename).await.status(), 303);
    program.ledger.apply().await;
    let id = rules(&program).await.remove(0);
    let mut them = program.browser(&program.people.their_admin).await;
    assert!(!them.text(PAGE).await.contains("zq7"));
    assert!(!them.text(&format!("{PAGE}?step=delete&rule={id}")).await.contains("zq7"));
    let before = program.tables().await.without(&crate::support::tables::SEEN_AND_WRITTEN_DOWN);
    for version in ["1", "2"] {
        let deletion = [("form", "delete_rule"), ("rule", id.as_str()), ("version", version)];
        assert_eq!(them.post(PAGE, &deletion).await.status(), 404);
        let mut changed = rule("source", "", "is", "b", "organic");
        changed.push(("rule", &id));
        assert_ne!(save(&mut them, version, &changed).await.status(), 303);
    }
    let after = program.tables().await.without(&crate::support::tables::SEEN_AND_WRITTEN_DOWN);
    assert_eq!(after.differing(&before), [""; 0]);
}

#[tokio::test]
async fn what_rules_credited_is_what_a_rebuild_makes_again() {
    let program = paid().await;
    let mut admin = program.admin.clone();
    let rules = [
        rule("source", "", "starts_with", "li-", "linkedin"),
        rule("metadata", "campaign", "contains", "spring", "meta_ads"),
        rule("email_domain", "", "is", "acme.example", "referral"),
    ];
    for (version, rule) in ["1", "2", "3"].into_iter().zip(&rules) {
        assert_eq!(save(&mut admin, version, rule).await.status(), 303);
    }
    assert_eq!((net(&program, "linkedin").await, net(&program, "meta_ads").await), (1_000, 700));
    let rebuilt = program.ledger.applier.rebuild(program.ledger.ours.id, false).await.unwrap();
    assert_eq!((rebuilt.differences, rebuilt.listed), (0, Vec::new()));
}
