//! The main screen: its figures are those of the ledger, of leads, deals and costs, and page and API say the same.

use std::collections::BTreeMap;

use domain::cost::CostType;
use domain::deal::DealState;
use domain::ids::{CostId, DealId, LeadId};
use domain::lead::{Stage, StageFact, Told};
use domain::money::{Currency, Money};
use domain::period::DateRange;
use domain::tenant::Tenant;
use jiff::Timestamp;
use jiff::civil::date;
use serde_json::{Value, json};
use server::database::{common_channels, tenant};
use store::channel_costs::Cost;
use store::deals::Deal;
use store::leads::{Bringing, LeadTold};
use uuid::Uuid;

use crate::exchange_rates::accounts_of;
use crate::support::{Program, bodies_in, now};

const QUARTER: &str = "from=2026-01-01&to=2026-03-31&granularity=month";

fn id(text: &str) -> Uuid {
    Uuid::new_v5(&Uuid::nil(), text.as_bytes())
}

fn at(day: &str) -> Timestamp {
    format!("{day}T12:00:00Z").parse().unwrap()
}

const fn dollars(minor: i64) -> Money {
    Money { minor, currency: Currency::USD }
}

fn cost(name: &str, channel: &str, cost_type: CostType, minor: i64, period: DateRange) -> Cost {
    Cost {
        id: CostId(id(name)),
        channel: domain::channel::ChannelSlug::stored(channel.to_owned()),
        cost_type,
        money: dollars(minor),
        base_minor: Some(minor),
        period,
        notes: None,
        template: None,
    }
}

fn deal(name: &str, percent: i16, minor: i64, opened: &str, closed: Option<(&str, DealState)>) -> Deal {
    Deal {
        id: DealId(id(name)),
        external_id: name.to_owned(),
        lead: None,
        name: name.to_owned(),
        state: closed.map_or(DealState::Open, |(_, state)| state),
        stage: "proposal".to_owned(),
        probability_percent: percent,
        value: dollars(minor),
        base_value_minor: Some(minor),
        opened_at: at(opened),
        closed_at: closed.map(|(day, _)| at(day)),
    }
}

/// Payments of three stories, leads of two channels, costs of one, and deals.
async fn program() -> Program {
    let program = Program::start().await;
    program.ledger.lead(&program.ledger.ours, "grace@example.org", "referral").await;
    for name in ["a_subscription_life", "b_oneoff_refunds", "d_currencies"] {
        for (_, body) in bodies_in(&format!("composed/2026-09-30.endive/{name}")) {
            program.ledger.send(&body).await;
        }
    }
    program.ledger.apply().await;
    for tenant in [program.ledger.ours.id, program.ledger.theirs.id] {
        let store = program.ledger.store();
        let leads: Vec<LeadTold> = (0..10).map(lead).collect();
        store.leads_put(tenant, &leads, Bringing::at(now())).await.unwrap();
    }
    let mut work = program.ledger.store().within(program.ledger.ours.id).await.unwrap();
    let january = DateRange { from: date(2026, 1, 1), to: date(2026, 1, 31) };
    let turn = DateRange { from: date(2025, 12, 17), to: date(2026, 1, 15) };
    let costs = [
        cost("ads", "referral", CostType::AdSpend, 60_000, january),
        cost("seat", "referral", CostType::Subscription, 3_000, turn),
        cost("agency", "heyreach", CostType::Agency, 99_000, january),
    ];
    work.costs_add(&costs, Bringing::at(now())).await.unwrap();
    let won = DealState::Won;
    let lost = DealState::Lost;
    let deals = [
        deal("open", 20, 500_000, "2026-02-01", None),
        deal("likely", 70, 100_000, "2026-03-01", None),
        deal("won", 100, 240_000, "2026-01-01", Some(("2026-01-31", won))),
        deal("lost", 0, 70_000, "2026-01-01", Some(("2026-02-10", lost))),
    ];
    work.deals_put(&deals, Bringing::at(now())).await.unwrap();
    work.commit().await.unwrap();
    program
}

/// A lead in the pool; every second is contacted after ten days, every fifth replied twenty days later.
fn lead(number: i64) -> LeadTold {
    let name = format!("lead-{number}");
    let fact = |stage, day: &str| StageFact { stage, entered_at: at(day) };
    let contacted = (number % 2 == 0).then(|| fact(Stage::Contacted, "2026-01-15"));
    let replied = (number % 5 == 0).then(|| fact(Stage::Replied, "2026-02-04"));
    LeadTold {
        email: Told::Is(format!("{name}@example.com")),
        source: Some(if number < 6 { "heyreach" } else { "referral" }.to_owned()),
        facts: [fact(Stage::Pool, "2026-01-05")].into_iter().chain(contacted).chain(replied).collect(),
        created_at: Some(at("2026-01-05")),
        value: Told::Is(dollars(10_000)),
        ..LeadTold::of(LeadId(id(&name)), name.clone())
    }
}

/// A page as it is read, without the marks between pieces of text.
async fn page(program: &Program, path: &str) -> String {
    let response = program.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.text().await.unwrap().replace("<!>", "")
}

async fn screen(program: &Program) -> Value {
    program.get_json(&format!("/api/analytics/command-center?{QUARTER}")).await
}

#[tokio::test]
async fn the_whole_screen_is_answered_as_the_contract_says() {
    let program = program().await;
    insta::assert_json_snapshot!(screen(&program).await);
}

#[tokio::test]
async fn costs_fall_into_the_days_they_are_for_and_make_cac_and_roi() {
    let program = program().await;
    let economics = screen(&program).await["unit_economics"].clone();
    let referral =
        economics["cac_per_channel"].as_array().unwrap().iter().find(|cac| cac["channel"] == "referral");
    // All of January's ads, and fifteen of the seat's thirty days.
    assert_eq!(referral.unwrap()["spend"], 61_500);
    assert_eq!(economics["blended_cac"]["spend"], 160_500);
    let roi = economics["channel_roi"].as_array().unwrap();
    let of = |channel: &str| roi.iter().find(|roi| roi["channel"] == channel).unwrap().clone();
    assert_eq!((&of("referral")["spend"], &of("referral")["ad_spend"]), (&json!(61_500), &json!(60_000)));
    assert_eq!(of("heyreach")["verdict"], "losing");
    assert_eq!(of("heyreach")["roi"], -1.0);
    let alone = program.get_json(&format!("/api/analytics/unit-economics?{QUARTER}")).await;
    for part in
        ["blended_cac", "cac_per_channel", "ltv_estimate", "payback_period", "channel_roi", "best_channel"]
    {
        assert_eq!(alone[part], economics[part], "{part}");
    }
}

#[tokio::test]
async fn every_step_of_the_funnel_lists_exactly_its_leads() {
    let program = program().await;
    let funnel = screen(&program).await["funnel"].clone();
    let counts: Vec<i64> =
        funnel["stages"].as_array().unwrap().iter().map(|step| step["count"].as_i64().unwrap()).collect();
    assert_eq!(counts, [10, 6, 6, 2, 0, 0], "{funnel}");
    for (stage, count) in
        [("pool", "10 leads"), ("contacted", "6 leads"), ("replied", "2 leads"), ("closed", "0 leads")]
    {
        let shown =
            page(&program, &format!("/portal/leads?from=2026-01-01&to=2026-03-31&reached={stage}")).await;
        assert!(shown.contains(count), "{stage}: {shown}");
    }
    let standing = page(&program, "/portal/leads?stage=contacted&at=2026-01-20").await;
    assert!(standing.contains("5 leads"), "{standing}");
}

#[tokio::test]
async fn kpis_page_and_screen_say_the_same() {
    let program = program().await;
    let whole = screen(&program).await;
    let kpis = program.get_json(&format!("/api/dashboard/kpis?{QUARTER}")).await;
    assert_eq!(kpis["totalRevenue"], whole["revenue"]["total_revenue"]);
    assert_eq!(kpis["mrr"], whole["mrr"]["end"]);
    assert_eq!(kpis["avgCac"], whole["unit_economics"]["blended_cac"]["value"]);
    assert_eq!(kpis["pipelineValue"], whole["pipeline"]["value"]);
    let revenue = program.get_json(&format!("/api/analytics/revenue?{QUARTER}")).await;
    for part in ["total_revenue", "by_channel", "by_product", "by_period", "mrr", "arr"] {
        assert_eq!(revenue[part], whole["revenue"][part], "{part}");
    }
    let shown = page(&program, &format!("/portal/explain?{QUARTER}&figure=blended_cac")).await;
    assert!(shown.contains("$1,605.00"), "{shown}");
}

#[tokio::test]
async fn velocity_and_pipeline_are_those_of_the_deals_and_stays() {
    let program = program().await;
    let whole = screen(&program).await;
    assert_eq!(whole["pipeline"], json!({"value": 600_000, "weighted_value": 170_000, "open_deals": 2}));
    // 2 open × 50 % won × 2,400.00 ÷ 30 days.
    assert_eq!(whole["velocity"]["per_day"], 8_000);
    let pool = &whole["velocity"]["stages"][0];
    assert_eq!((&pool["stage"], &pool["median_days"]), (&json!("pool"), &json!(10.0)));
    // Those still in the pool have been there, untouched, for longer than most.
    assert_eq!((&pool["open"], &pool["stuck"]), (&json!(4), &json!(4)));
    let shown = page(&program, "/portal/leads?stage=pool&stuck=yes").await;
    assert!(shown.contains("4 leads"), "{shown}");
}

#[tokio::test]
async fn a_lead_is_shown_with_what_happened_and_another_tenant_s_is_not_found() {
    let program = program().await;
    let ours = id("lead-0");
    let shown = page(&program, &format!("/portal/leads/{ours}")).await;
    for part in ["lead-0@example.com", "Became a lead", "Contacted", "Replied"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let unknown = program.admin.get(&format!("/portal/leads/{}", id("nobody"))).await;
    assert_eq!(unknown.status(), 404);
}

#[tokio::test]
async fn the_costs_a_spend_leads_to_add_up_to_it() {
    let program = program().await;
    for days in ["from=2026-01-01&to=2026-03-31", "from=2026-01-10&to=2026-01-20", "period=90d"] {
        let economics = program.get_json(&format!("/api/analytics/unit-economics?{days}")).await;
        let costs = program.get_json(&format!("/api/channel-costs?{days}")).await;
        assert_eq!(costs["sum_within"], economics["blended_cac"]["spend"], "{days}");
        for (channel, spend) in by_channel(&economics["cac_per_channel"], "spend") {
            let costs = program.get_json(&format!("/api/channel-costs?{days}&channel={channel}")).await;
            assert_eq!(costs["sum_within"], *spend, "{channel}, {days}");
        }
    }
    let all = program.get_json("/api/channel-costs").await;
    assert_eq!(all["sum_within"], Value::Null, "no days were asked for");
    // Ten days of January's 600.00, and ten of the seat's thirty.
    let shown = page(&program, "/portal/costs?channel=referral&from=2026-01-06&to=2026-01-15").await;
    assert!(shown.contains("$203.55 of it falls on"), "{shown}");
    assert_eq!(program.get("/portal/costs?period=forever").await.status(), 400);
}

/// What each element of a list says of a channel.
fn by_channel<'a>(list: &'a Value, field: &str) -> BTreeMap<&'a str, &'a Value> {
    let lines = list.as_array().unwrap().iter();
    lines.map(|line| (line["channel"].as_str().unwrap(), &line[field])).collect()
}

#[tokio::test]
async fn a_channel_s_revenue_and_return_are_the_same_wherever_they_are_told() {
    let program = program().await;
    let whole = screen(&program).await;
    let revenue = program.get_json(&format!("/api/analytics/revenue?{QUARTER}")).await;
    let economics = program.get_json(&format!("/api/analytics/unit-economics?{QUARTER}")).await;
    let kpis = program.get_json(&format!("/api/dashboard/kpis?{QUARTER}")).await;
    let earned = by_channel(&revenue["by_channel"], "total_revenue");
    let channels = by_channel(&whole["channels"], "revenue");
    assert!(channels.len() > 1 && earned.len() > 1, "{whole:#}");
    for (channel, told) in &channels {
        assert_eq!(*told, earned.get(channel).copied().unwrap_or(&json!(0)), "{channel}");
    }
    assert!(earned.keys().all(|channel| channels.contains_key(channel)));
    let returns = by_channel(&economics["channel_roi"], "roi");
    assert!(returns.values().any(|roi| roi.is_number()), "{economics:#}");
    assert_eq!(by_channel(&kpis["channelRoi"], "roi"), returns);
    for (channel, told) in by_channel(&whole["channels"], "roi") {
        assert_eq!(told, returns.get(channel).copied().unwrap_or(&Value::Null), "{channel}");
    }
    for (channel, absent) in by_channel(&whole["channels"], "absent") {
        let line =
            whole["channels"].as_array().unwrap().iter().find(|line| line["channel"] == channel).unwrap();
        for field in ["cac", "roi", "trend"] {
            assert_eq!(line[field].is_null(), absent[field].is_string(), "{field} of {channel}: {line}");
        }
    }
    assert_eq!(kpis["bestChannel"].is_null(), kpis["absent"]["bestChannel"].is_string());
}

#[tokio::test]
async fn wrong_questions_are_refused_with_the_field_at_fault() {
    let program = Program::start().await;
    for (path, field) in [
        ("/api/analytics/command-center?funnel=all", "funnel"),
        ("/api/analytics/unit-economics?from=2026-02-30&to=2026-03-01", "from"),
        ("/api/dashboard/kpis?granularity=WEEK", "granularity"),
    ] {
        let response = program.get(path).await;
        assert_eq!(response.status(), 400, "{path}");
        let error: Value = response.json().await.unwrap();
        assert_eq!(error["error"]["field"], field, "{path}");
    }
    for page in ["stage=lost", "reached=x", "stuck=maybe", "at=yesterday", "cursor=1", "limit=0"] {
        let response = program.admin.get(&format!("/portal/leads?{page}")).await;
        assert_eq!(response.status(), if page.starts_with("limit") { 200 } else { 400 }, "{page}");
    }
}

#[tokio::test]
async fn a_tenant_with_nothing_is_told_why_there_is_nothing() {
    let program = Program::start().await;
    let whole = screen(&program).await;
    let economics = &whole["unit_economics"];
    assert_eq!(
        economics["blended_cac"],
        json!({"value": null, "spend": 0, "new_customers": 0, "reason": "no_spend"})
    );
    assert_eq!(economics["best_channel"], Value::Null);
    assert_eq!(economics["best_channel_reason"], "no_spend");
    assert_eq!(whole["velocity"]["reason"], "nothing_decided");
}

/// One figure for each thing the screen is made of.
async fn told(program: &Program) -> [Value; 5] {
    let whole = screen(program).await;
    [
        whole["revenue"]["total_revenue"].clone(),
        whole["funnel"]["stages"][0]["count"].clone(),
        whole["pipeline"]["value"].clone(),
        whole["unit_economics"]["blended_cac"]["spend"].clone(),
        whole["velocity"]["stages"][0]["open"].clone(),
    ]
}

#[tokio::test]
async fn figures_that_are_kept_follow_every_change_at_once() {
    let program = program().await;
    let tenant = program.ledger.ours.id;
    let before = told(&program).await;
    assert_eq!(told(&program).await, before, "nothing changed");
    let store = program.ledger.store();

    store.leads_put(tenant, &[lead(11)], Bringing::at(now())).await.unwrap();
    let a_lead_more = told(&program).await;
    assert_eq!(
        [&a_lead_more[1], &a_lead_more[4]],
        [&json!(before[1].as_i64().unwrap() + 1), &json!(before[4].as_i64().unwrap() + 1)]
    );
    let moved_on = LeadTold {
        facts: vec![StageFact { stage: Stage::Meeting, entered_at: at("2026-02-01") }],
        ..lead(11)
    };
    store.leads_put(tenant, &[moved_on], Bringing::at(now())).await.unwrap();
    assert_eq!(told(&program).await[4], before[4], "it is in the pool no more");

    let mut work = store.within(tenant).await.unwrap();
    work.deals_put(&[deal("another", 50, 1_000, "2026-03-01", None)], Bringing::at(now())).await.unwrap();
    let march = DateRange { from: date(2026, 3, 1), to: date(2026, 3, 31) };
    let added = cost("more", "referral", CostType::Tool, 700, march);
    work.costs_add(std::slice::from_ref(&added), Bringing::at(now())).await.unwrap();
    assert_eq!(told(&program).await[2..4], before[2..4], "not before it is committed");
    work.commit().await.unwrap();
    let spent = told(&program).await;
    assert_eq!(spent[2], before[2].as_i64().unwrap() + 1_000);
    assert_eq!(spent[3], before[3].as_i64().unwrap() + 700);

    let event =
        serde_json::from_slice::<Value>(&bodies_in("composed/2026-09-30.endive/b_oneoff_refunds")[0].1);
    let mut event = serde_json::to_string(&event.unwrap()).unwrap();
    for (name, other) in [("evt_", "evt_9"), ("ch_", "ch_9"), ("pi_", "pi_9"), ("cs_", "cs_9")] {
        event = event.replace(name, other);
    }
    program.ledger.send(event.as_bytes()).await;
    program.ledger.apply().await;
    assert_ne!(told(&program).await[0], before[0]);
    let theirs = program.browser(&program.people.their_admin).await;
    let theirs: Value =
        theirs.get(&format!("/api/analytics/command-center?{QUARTER}")).await.json().await.unwrap();
    assert_eq!(theirs["pipeline"]["value"], 0, "nobody sees what is kept for another");
}

#[tokio::test]
async fn each_table_of_the_screen_is_a_file() {
    let program = program().await;
    let file = async |path: &str| {
        let answer = program.get(&format!("/api/analytics/{path}&{QUARTER}&format=csv")).await;
        assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8", "{path}");
        answer.text().await.unwrap()
    };
    let mut files = String::new();
    for table in ["channels", "funnel", "velocity", "costs"] {
        files.push_str(&format!("{table}\n{}\n", file(&format!("command-center?table={table}")).await));
    }
    files.push_str(&format!("unit economics\n{}", file("unit-economics?table=channels").await));
    insta::assert_snapshot!(files.replace("\r\n", "\n"));
    let refused = program.get("/api/analytics/command-center?format=csv&table=by_period").await;
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn the_aggregate_is_what_all_workspaces_come_to_in_one_currency() {
    let program = program().await;
    let (store, euros) = (program.ledger.store(), "eur".parse::<Currency>().unwrap());
    let berlin = Tenant { currency: euros, ..tenant("berlin", "Berlin") };
    assert!(store.tenant_insert(&berlin, &common_channels(), now()).await.unwrap());
    store.leads_put(berlin.id, &[lead(0)], Bringing::at(now())).await.unwrap();
    let mut work = store.within(berlin.id).await.unwrap();
    let march = DateRange { from: date(2026, 3, 1), to: date(2026, 3, 31) };
    work.costs_add(&[cost("berlin", "referral", CostType::Tool, 1_000, march)], Bringing::at(now()))
        .await
        .unwrap();
    work.deals_put(&[deal("berlin", 50, 10_000, "2026-03-01", None)], Bringing::at(now())).await.unwrap();
    work.commit().await.unwrap();
    let platform = program.browser(&program.people.platform).await;
    let path = format!("/api/analytics/command-center?tenant_id=all&{QUARTER}");
    let one = screen(&program).await;
    let told = |screen: &Value| {
        (
            screen["unit_economics"]["blended_cac"]["spend"].as_i64().unwrap(),
            screen["pipeline"]["value"].as_i64().unwrap(),
            screen["funnel"]["stages"][0]["count"].as_i64().unwrap(),
        )
    };
    let (spent, worth, came) = told(&one);

    let before: Value = platform.get(&path).await.json().await.unwrap();
    assert_eq!((&before["tenant_id"], &before["currency"]), (&json!("all"), &json!("usd")));
    assert_eq!(before["without_rates"], json!(["eur"]));
    assert_eq!(told(&before), (spent, worth, 2 * came + 1), "of euros nothing is told, but leads are leads");

    let accounts = accounts_of(&program.ledger);
    accounts.provision_rates(program.ledger.ours.id, "Date,USD\n2026-03-31,2.00\n").await.unwrap();
    let after: Value = platform.get(&path).await.json().await.unwrap();
    assert_eq!(after["without_rates"], json!([]));
    assert_eq!(told(&after), (spent + 2_000, worth + 20_000, 2 * came + 1));
    let revenue: Value =
        platform.get(&format!("/api/analytics/revenue?tenant_id=all&{QUARTER}")).await.json().await.unwrap();
    for part in ["total_revenue", "by_channel", "by_product", "by_period"] {
        assert_eq!(revenue[part], after["revenue"][part], "{part}");
    }
    let mrr: Value =
        platform.get(&format!("/api/analytics/mrr?tenant_id=all&{QUARTER}")).await.json().await.unwrap();
    for part in ["start", "end", "movements", "customers", "rates"] {
        assert_eq!(mrr[part], after["mrr"][part], "{part}");
    }
    let alone = platform.get(&format!("/api/analytics/unit-economics?tenant_id=all&{QUARTER}")).await;
    let alone: Value = alone.json().await.unwrap();
    for part in ["blended_cac", "cac_per_channel", "channel_roi", "ltv_estimate"] {
        assert_eq!(alone[part], after["unit_economics"][part], "{part}");
    }
    let kpis = platform.get(&format!("/api/dashboard/kpis?tenant_id=all&{QUARTER}")).await;
    assert_eq!(kpis.json::<Value>().await.unwrap()["pipelineValue"], worth + 20_000);
    for asker in [&program.admin, &program.browser(&program.people.their_admin).await] {
        assert_eq!(asker.get(&path).await.status(), 404, "only who runs the platform sees all");
    }
}

/// A payment of a customer of ours, and nothing else.
fn paid(number: i64, amount: i64, day: &str) -> Vec<u8> {
    let created = at(day).as_second();
    let body = json!({
        "id": format!("evt_cohort{number}"), "object": "event", "type": "charge.succeeded", "livemode": false,
        "created": created, "api_version": "2026-09-30.endive",
        "data": { "object": {
            "id": format!("ch_cohort{number}"), "object": "charge", "amount": amount, "amount_captured": amount,
            "amount_refunded": 0, "currency": "usd", "created": created, "status": "succeeded", "paid": true,
            "captured": true, "payment_intent": format!("pi_cohort{number}"), "customer": "cus_cohort",
        }},
    });
    serde_json::to_vec(&body).unwrap()
}

#[tokio::test]
async fn a_cohort_is_paid_back_in_the_month_its_customers_have_paid_what_they_cost() {
    let program = Program::start().await;
    for (number, day) in [(1, "2026-08-05"), (2, "2026-09-15"), (3, "2026-10-20")] {
        program.ledger.send(&paid(number, 1_000, day)).await;
    }
    program.ledger.apply().await;
    let august = DateRange { from: date(2026, 8, 1), to: date(2026, 8, 31) };
    let path = "/api/analytics/unit-economics?from=2026-08-01&to=2026-08-31";
    let told = async || program.get_json(path).await["cohort_payback"].clone();
    assert_eq!(told().await["reason"], "no_spend");
    for (minor, months, reason) in [
        (1_000, json!(1), Value::Null),
        (500, json!(2), Value::Null),
        (9_000, Value::Null, json!("not_earned_back")),
    ] {
        let mut work = program.ledger.store().within(program.ledger.ours.id).await.unwrap();
        let added = cost(&format!("of {minor}"), "referral", CostType::Tool, minor, august);
        work.costs_add(&[added], Bringing::at(now())).await.unwrap();
        work.commit().await.unwrap();
        let cohort = told().await;
        assert_eq!((&cohort["months"], &cohort["reason"]), (&months, &reason), "{cohort}");
        assert_eq!((&cohort["earned"], &cohort["customers"]), (&json!(3_000), &json!(1)));
    }
    let theirs = program.browser(&program.people.their_admin).await;
    let theirs: Value = theirs.get(path).await.json().await.unwrap();
    assert_eq!(theirs["cohort_payback"]["earned"], 0);
}
