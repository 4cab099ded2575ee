//! Golden cases of the specification that need the whole program: G13, G16, G18.

use crate::support::people::location;
use crate::support::{Ledger, Program, bodies_in};
use serde_json::{Value, json};

/// Noon of Friday, 2026-02-20.
const FRIDAY: i64 = 1_771_588_800;

fn charge(id: &str, amount: i64, currency: &str) -> Vec<u8> {
    let event = json!({
        "id": format!("evt_{id}"), "object": "event", "type": "charge.succeeded", "livemode": false, "created": FRIDAY,
        "data": { "object": {
            "id": format!("ch_{id}"), "object": "charge", "amount": amount, "currency": currency, "created": FRIDAY,
            "status": "succeeded", "metadata": { "gtm_channel": "heyreach" },
        }},
    });
    serde_json::to_vec(&event).unwrap()
}

/// G13: cost 1,000 SEK, value 5,000 SEK, base USD: ROAS is 5.0.
#[tokio::test]
async fn g13_value_and_cost_in_one_foreign_currency_have_their_ratio() {
    let program = Program::start().await;
    program.ledger.send(&charge("sek", 500_000, "sek")).await;
    let mut admin = program.browser(&program.people.admin).await;
    let rate =
        [("form", "set"), ("day", "2026-02-20"), ("base", "sek"), ("quote", "usd"), ("rate", "0.0937")];
    let done = admin.post("/portal/settings/exchange-rates", &rate).await;
    assert!(location(&done).contains("done="));
    let cost = [
        ("form", "add"),
        ("channel", "heyreach"),
        ("cost_type", "ad_spend"),
        ("amount", "1000"),
        ("currency", "SEK"),
        ("period_start", "2026-02-20"),
        ("period_end", "2026-02-20"),
    ];
    let done = admin.post("/portal/costs", &cost).await;
    assert!(done.status().is_redirection(), "{}", done.text().await.unwrap());
    program.ledger.apply().await;
    let answer = program.get_json("/api/analytics/unit-economics?from=2026-02-20&to=2026-02-20").await;
    let channels = answer["channel_roi"].as_array().unwrap();
    let channel = channels.iter().find(|line| line["channel"] == "heyreach").unwrap();
    assert_eq!(channel["roas"].as_f64(), Some(5.0), "{channel}");
}

/// G16: `invoice.paid` and a stale `invoice.updated` of one second, in both orders: the invoice is paid.
#[tokio::test]
async fn g16_a_stale_update_of_the_second_of_payment_changes_nothing() {
    let bodies = bodies_in("composed/2026-09-30.endive/a_subscription_life");
    let paid = bodies.into_iter().map(|(_, body)| body).find(|body| {
        let event: Value = serde_json::from_slice(body).unwrap();
        event["type"] == "invoice.paid"
    });
    let paid = paid.unwrap();
    let mut stale: Value = serde_json::from_slice(&paid).unwrap();
    stale["type"] = "invoice.updated".into();
    let invoice = &mut stale["data"]["object"];
    (invoice["status"], invoice["amount_paid"]) = ("open".into(), 0.into());
    for id in ["evt_0stale", "evt_zstale"] {
        stale["id"] = id.into();
        let stale = serde_json::to_vec(&stale).unwrap();
        for order in [[&paid, &stale], [&stale, &paid]] {
            let ledger = Ledger::create().await;
            for body in order {
                ledger.send(body).await;
                ledger.apply().await;
            }
            assert_eq!(ledger.sums(&ledger.ours).await["usd"].net, 4_900);
        }
    }
}

/// G18: the effect fails once after the event is kept, then is tried again: it counts exactly once.
#[tokio::test]
async fn g18_an_effect_that_fails_once_counts_once() {
    let ledger = Ledger::create().await;
    ledger.database.fail_writing_rows().await;
    ledger.send(&charge("once", 1_000, "usd")).await;
    ledger.apply().await;
    assert!(ledger.sums(&ledger.ours).await.is_empty());
    let (state, _) = ledger.database.event_state(ledger.ours.id, "evt_once").await.unwrap();
    assert_eq!(state, "pending", "it waits to be tried again");
    ledger.send(&charge("once", 1_000, "usd")).await;
    ledger.database.write_rows_again().await;
    ledger.apply().await;
    ledger.apply().await;
    assert_eq!(ledger.sums(&ledger.ours).await["usd"].net, 1_000);
    assert_eq!(ledger.database.ledger_history(ledger.ours.id).await.len(), 1);
}
