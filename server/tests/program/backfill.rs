//! What is read from Stripe's lists ends in the ledger that its events would have made.

use crate::support::fake_stripe::{Account, Fault};
use crate::support::past::{
    AT, Past, account_with, all_stories, charge, refund, rows, sent, subscription, year,
};
use crate::support::{Ledger, now};
use domain::money::Currency;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use server::backfill::{Asked, By, Comparison, Silent};

async fn told(bodies: &[Vec<u8>]) -> Ledger {
    let ledger = Ledger::create().await;
    for body in bodies {
        ledger.send(body).await;
    }
    ledger.apply().await;
    ledger
}

async fn ledger_of(bodies: &[Vec<u8>]) -> Vec<Value> {
    rows(&told(bodies).await).await
}

/// What recurs now, and from how many customers.
async fn standing(ledger: &Ledger) -> (i64, i64, Vec<(Currency, i64)>) {
    let standing = ledger.standing(now()).await;
    (standing.mrr, standing.customers, standing.unconverted)
}

#[tokio::test]
async fn what_is_looked_up_makes_the_rows_that_its_events_make() {
    let bodies = all_stories();
    let past = Past::of(Account::after(&bodies)).await;
    let summary = past.read_all().await;
    // What a subscription was before it was looked up only its events tell.
    let of_money = |rows: Vec<Value>| -> Vec<Value> {
        rows.into_iter().filter(|row| row["amount_minor"] != 0).collect()
    };
    assert_eq!(of_money(past.rows().await), of_money(ledger_of(&bodies).await));
    assert_eq!(standing(&past.ledger).await, standing(&told(&bodies).await).await);
    assert!(past.ledger.sums(&past.ledger.theirs).await.is_empty());
    assert_eq!(summary.errors, 0);
    let Comparison::Made(lines) = &summary.comparison else { panic!("{:?}", summary.comparison) };
    let differences: Vec<_> =
        lines.iter().map(|line| (line.currency.code(), line.difference(), line.differing.len())).collect();
    assert_eq!(differences, [("jpy", 0, 0), ("kwd", 0, 0), ("usd", 0, 0)]);
}

#[tokio::test]
async fn events_of_the_same_objects_before_meanwhile_and_after_change_nothing() {
    let bodies = all_stories();
    let expected = ledger_of(&bodies).await;
    let mut dice = ChaCha8Rng::seed_from_u64(11);
    for round in 0..6 {
        let mut sent = bodies.clone();
        sent.shuffle(&mut dice);
        let (before, rest) = sent.split_at(sent.len() / 3);
        let (meanwhile, after) = rest.split_at(rest.len() / 2);
        let past = Past::of(Account::after(&bodies)).await;
        for body in before {
            past.ledger.send(body).await;
        }
        let sending = async {
            for body in meanwhile {
                past.ledger.send(body).await;
                past.ledger.apply().await;
            }
        };
        let (read, ()) = tokio::join!(past.read(), sending);
        read.unwrap();
        for body in after {
            past.ledger.send(body).await;
        }
        past.ledger.apply().await;
        assert_eq!(past.rows().await, expected, "round {round}");
    }
}

#[tokio::test]
async fn reading_again_stores_and_books_nothing() {
    let past = Past::of(Account::after(&all_stories())).await;
    past.read_all().await;
    let (events, history) =
        (past.events().await, past.ledger.database.ledger_history(past.ledger.ours.id).await);
    let summary = past.read_all().await;
    assert_eq!(past.events().await, events);
    assert_eq!(past.ledger.database.ledger_history(past.ledger.ours.id).await, history);
    let counts = summary.counts();
    assert_eq!((counts.processed, counts.already_there, counts.errors), (0, counts.total, 0));
    assert!(counts.total > 15, "{counts:?}");
}

#[tokio::test]
async fn what_events_told_already_is_read_and_its_rows_are_left_alone() {
    let bodies = all_stories();
    let past = Past::of(Account::after(&bodies)).await;
    for body in &bodies {
        past.ledger.send(body).await;
    }
    past.ledger.apply().await;
    let history = past.ledger.database.ledger_history(past.ledger.ours.id).await;
    let summary = past.read_all().await;
    assert_eq!(summary.counts().already_there, 0, "the objects themselves are looked up for the first time");
    assert_eq!(past.ledger.database.ledger_history(past.ledger.ours.id).await, history);
}

#[tokio::test]
async fn an_object_that_returns_to_an_earlier_state_is_told_as_often_as_it_changed() {
    let past = Past::of(account_with(1)).await;
    for status in ["active", "paused", "active"] {
        past.stripe.with(|account| account.put(subscription(1, status)));
        past.read_all().await;
    }
    let told: Vec<String> =
        past.events().await.into_iter().filter(|id| id.starts_with("evt_backfill_sub_1_")).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[2], format!("{}_3", told[0]));
}

#[tokio::test]
async fn refunds_are_dated_by_themselves_also_when_they_failed_or_were_told_as_a_total() {
    let mut paid = charge(1);
    let first = sent(1, "charge.succeeded", AT, &paid);
    paid["amount_refunded"] = json!(300);
    let total = sent(2, "charge.refunded", AT + 1, &paid);
    let mut failed = refund(2, 1, 200);
    failed["status"] = json!("failed");
    let made = sent(3, "refund.created", AT + 2, &refund(2, 1, 200));
    let failing = sent(4, "refund.failed", AT + 500, &failed);
    failed["failure_balance_transaction"] = json!({ "id": "txn_f", "created": AT + 500 });
    let told = sent(5, "refund.created", AT + 1, &refund(1, 1, 300));

    let mut account = Account::default();
    [paid, refund(1, 1, 300), failed].into_iter().for_each(|object| account.put(object));
    account.settle();
    let past = Past::of(account).await;
    past.read_all().await;
    let expected = ledger_of(&[first.clone(), total.clone(), made.clone(), failing.clone(), told]).await;
    assert_eq!(past.rows().await, expected);
    assert_eq!(expected.len(), 4, "paid, given back, given back and failed: {expected:?}");

    // A total without the refund's own event is a step of it, until the refund is looked up.
    let bodies = [first, total, made, failing];
    for body in &bodies {
        past.ledger.send(body).await;
        past.ledger.apply().await;
        assert_eq!(past.rows().await, expected);
    }
    let past = Past::of(past.stripe.with(std::mem::take)).await;
    for body in &bodies {
        past.ledger.send(body).await;
    }
    past.ledger.apply().await;
    assert_ne!(past.rows().await, expected);
    past.read_all().await;
    assert_eq!(past.rows().await, expected);
}

#[tokio::test]
async fn a_dispute_that_was_won_is_dated_by_stripes_balance() {
    let movement = |category: &str, amount: i64, at: i64| json!({ "id": format!("txn_{category}"), "amount": amount, "created": at, "reporting_category": category });
    let dispute = |status: &str, movements: Vec<Value>| {
        json!({
            "id": "dp_1", "object": "dispute", "amount": 1_000, "currency": "usd", "created": AT + 50,
            "charge": "ch_1", "payment_intent": "pi_1", "status": status, "livemode": false,
            "balance_transactions": movements,
        })
    };
    let taken = movement("dispute", -1_000, AT + 50);
    let opened = dispute("needs_response", vec![taken.clone()]);
    let won = dispute("won", vec![taken, movement("dispute_reversal", 1_000, AT + 900)]);
    let bodies = [
        sent(1, "charge.succeeded", AT, &charge(1)),
        sent(2, "charge.dispute.created", AT + 51, &opened),
        sent(3, "charge.dispute.closed", AT + 900, &won),
    ];
    let past = Past::of(Account::after(&bodies)).await;
    past.read_all().await;
    assert_eq!(past.rows().await, ledger_of(&bodies).await);
    assert_eq!(past.rows().await.len(), 3);
}

#[tokio::test]
async fn every_line_of_an_invoice_is_read_however_many_there_are() {
    let lines: Vec<Value> = (1..=125)
        .map(|line| {
            let description = if line == 125 { "The grand one" } else { "A small one" };
            json!({ "id": format!("il_{line}"), "object": "line_item", "amount": line, "description": description })
        })
        .collect();
    let mut account = account_with(1);
    account.put(json!({
        "id": "in_1", "object": "invoice", "created": AT, "currency": "usd", "status": "paid", "amount_paid": 7_875,
        "livemode": false, "status_transitions": { "paid_at": AT + 5 }, "metadata": {},
        "lines": { "object": "list", "has_more": false, "data": lines },
    }));
    let past = Past::of(account).await;
    past.read_all().await;
    let row = past.rows().await.into_iter().find(|row| row["stripe_invoice_id"] == "in_1").unwrap();
    assert_eq!((&row["product_name"], &row["amount_minor"]), (&json!("The grand one"), &json!(7_875)));
    let bodies = past.ledger.database.event_bodies(past.ledger.ours.id, "evt_backfill_in_1_").await;
    let event: Value = serde_json::from_slice(&bodies[0]).unwrap();
    let kept = &event["data"]["object"]["lines"];
    assert_eq!((kept["data"].as_array().unwrap().len(), &kept["has_more"]), (125, &json!(false)));

    // An event carries ten of the lines, and takes nothing of it back.
    let mut cut = event["data"]["object"].clone();
    cut["lines"]["data"].as_array_mut().unwrap().truncate(10);
    past.ledger.send(&sent(1, "invoice.paid", AT + 6, &cut)).await;
    past.ledger.apply().await;
    let row = past.rows().await.into_iter().find(|row| row["stripe_invoice_id"] == "in_1").unwrap();
    assert_eq!(row["product_name"], "The grand one");
}

#[tokio::test]
async fn none_of_1500_subscriptions_is_left_out_ended_ones_neither() {
    let mut account = Account::default();
    for number in (1..=1_500).rev() {
        account.put(subscription(number, if number % 3 == 0 { "canceled" } else { "active" }));
    }
    let many: Vec<Value> = (1..=25).map(|item| json!({ "id": format!("si_{item}") })).collect();
    let mut large = subscription(7, "active");
    large["items"]["data"] = json!(many);
    account.put(large);
    let past = Past::of(account).await;
    past.read_all().await;
    assert_eq!(past.events().await.len(), 1_500);
    let bodies = past.ledger.database.event_bodies(past.ledger.ours.id, "evt_backfill_sub_7_").await;
    let event: Value = serde_json::from_slice(&bodies[0]).unwrap();
    assert_eq!(event["data"]["object"]["items"]["data"].as_array().unwrap().len(), 25);
    assert_eq!(event["command_center"], json!({ "looked_up": true }));
    let asked = past.stripe.take_asked();
    assert!(asked.iter().any(|target| target.starts_with("/v1/subscriptions?status=all")));
    assert!(!asked.iter().any(|target| target.contains("/v1/events")), "events are gone after 30 days");
}

#[tokio::test]
async fn more_than_ten_thousand_objects_are_all_read_and_none_twice() {
    let mut account = Account::default();
    let products = (1..=10_050).map(|number| {
        json!({ "id": format!("prod_{number}"), "object": "product", "created": AT - number, "livemode": false })
    });
    account.lists.insert("/v1/products", products.collect());
    let past = Past::of(account).await;
    let counts = past.read_all().await.counts();
    assert_eq!((counts.processed, counts.total, past.events().await.len()), (10_050, 10_050, 10_050));
    assert!(past.stripe.take_asked().iter().all(|target| !target.contains("limit=1000")));
}

#[tokio::test]
async fn the_days_asked_for_are_read_to_the_second() {
    let asked = Asked::last_days(30, now()).unwrap();
    let mut account = Account::default();
    for (id, at) in [
        ("ch_before", asked.from.as_second() - 1),
        ("ch_first", asked.from.as_second()),
        ("ch_last", asked.to.as_second() - 1),
        ("ch_after", asked.to.as_second()),
    ] {
        let mut charge = charge(1);
        (charge["id"], charge["payment_intent"], charge["created"]) = (json!(id), Value::Null, json!(at));
        account.put(charge);
    }
    let mut lasting = subscription(1, "active");
    lasting["created"] = json!(asked.from.as_second() - 90_000_000);
    account.put(lasting);
    let past = Past::of(account).await;
    past.backfills.run(&past.ledger.ours, &asked, &By::command_line(), &Silent).await.unwrap();
    let events = past.events().await.join(" ");
    assert!(events.contains("ch_first") && events.contains("ch_last"), "{events}");
    assert!(!events.contains("ch_before") && !events.contains("ch_after"), "{events}");
    assert!(events.contains("sub_1"), "what lasts is read however old: {events}");
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_says_what_would_change() {
    let mut account = Account::after(&all_stories());
    let past = Past::of(std::mem::take(&mut account)).await;
    let bodies = all_stories();
    // A charge that is known already, and one of which the ledger says something else.
    past.ledger.send(&bodies[1]).await;
    let mut wrong = charge(1);
    wrong["amount_captured"] = json!(900);
    past.ledger.send(&sent(1, "charge.succeeded", AT, &wrong)).await;
    past.ledger.apply().await;
    past.stripe.with(|account| account.put(charge(1)));
    let before = past.tables().await;
    let preview = past.backfills.preview(&past.ledger.ours, &year(), &Silent).await.unwrap();
    assert_eq!(past.tables().await.differing(&before), [""; 0]);
    assert_eq!((preview.rows.conflict, preview.objects.errors), (1, 0));
    let text = preview.to_string();
    assert!(text.contains("Nothing was written") && text.contains("correct 1"), "{text}");

    let sums_before = past.ledger.sums(&past.ledger.ours).await;
    past.stripe.with(Account::settle);
    past.read_all().await;
    let sums = past.ledger.sums(&past.ledger.ours).await;
    for (currency, sum) in &preview.sums {
        let was = sums_before.get(currency.code()).copied().unwrap_or_default();
        assert_eq!(sums[currency.code()].net - was.net, *sum, "{currency}");
    }
    let again = past.backfills.preview(&past.ledger.ours, &year(), &Silent).await.unwrap();
    assert_eq!((again.objects.new, again.objects.changed, again.rows.new, again.rows.conflict), (0, 0, 0, 0));
}

#[tokio::test]
async fn a_difference_from_stripes_balance_is_exact_and_names_its_objects() {
    let mut account = account_with(3);
    account.remove("/v1/balance_transactions", "txn_charge_ch_2");
    let past = Past::of(account).await;
    let summary = past.read_all().await;
    let Comparison::Made(lines) = &summary.comparison else { panic!() };
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].ours, lines[0].stripes, lines[0].difference()), (3_000, 2_000, 1_000));
    assert_eq!(lines[0].differing, [("ch_2".to_owned(), 1_000, 0)]);
    let text = summary.to_string();
    assert!(
        text.contains("USD: ours $30.00, Stripe's balance $20.00 (charge $20.00), difference $10.00"),
        "{text}"
    );
    assert!(text.contains("ch_2: ours $10.00, Stripe's $0.00"), "{text}");
    assert_eq!(summary.to_json()["comparison"][0]["difference"], 1_000);
}

#[tokio::test]
async fn money_settled_in_another_currency_is_compared_as_it_was_charged() {
    let mut paid = charge(1);
    paid["currency"] = json!("eur");
    let mut account = Account::default();
    account.put(paid.clone());
    account.settle();
    account.put(json!({
        "id": "txn_charge_ch_1", "object": "balance_transaction", "created": AT - 60, "amount": 1_085, "fee": 30,
        "net": 1_055, "currency": "usd", "reporting_category": "charge", "source": paid,
    }));
    let summary = Past::of(account).await.read_all().await;
    let Comparison::Made(lines) = &summary.comparison else { panic!() };
    let told: Vec<_> = lines.iter().map(|line| (line.currency.code(), line.ours, line.stripes)).collect();
    assert_eq!(told, [("eur", 1_000, 1_000)]);
}

#[tokio::test]
async fn a_key_that_may_not_read_the_balance_compares_nothing_and_says_why() {
    let mut account = account_with(1);
    account.forbidden.push("/v1/balance_transactions");
    let summary = Past::of(account).await.read_all().await;
    assert!(summary.to_string().contains("rak_balance_transactions_read"), "{summary}");
}

#[tokio::test]
async fn what_is_repeated_or_made_while_a_list_is_read_counts_once() {
    let past = Past::of(account_with(250)).await;
    past.stripe.with(|account| {
        account.fault("/v1/charges", 1, Fault::Repeats);
        let made = |account: &mut Account| {
            let mut fresh = charge(0);
            fresh["id"] = json!("ch_fresh");
            account.put(fresh);
        };
        account.fault("/v1/charges", 2, Fault::After(Box::new(made)));
    });
    let summary = past.read_all().await;
    assert_eq!(summary.counts().total, 250);
    assert_eq!(past.rows().await.len(), 250);
    let summary = past.read_all().await;
    assert_eq!(
        (summary.counts().total, summary.counts().processed),
        (251, 1),
        "the next run finds the new one"
    );
}

#[tokio::test]
async fn an_object_that_is_gone_begins_its_list_anew_without_a_gap() {
    let past = Past::of(account_with(450)).await;
    past.stripe.with(|account| {
        for (page, gone) in [(1, "ch_100"), (3, "ch_200")] {
            let delete = move |account: &mut Account| account.remove("/v1/charges", gone);
            account.fault("/v1/charges", page, Fault::After(Box::new(delete)));
        }
    });
    past.read_all().await;
    assert_eq!(past.rows().await.len(), 450, "what was seen before it was gone stays");
    let charges = past
        .tables()
        .await
        .rows("backfill_cursors")
        .iter()
        .find(|row| row["object"] == "charges")
        .unwrap()
        .clone();
    assert_eq!((&charges["restarts"], &charges["state"]), (&json!(2), &json!("done")));
}
