//! Everything that follows from the raw events can be made again from them, and comes out the same.

use crate::support::tables::Tables;
use crate::support::{Ledger, bodies_in};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use server::applier::Rebuilt;

const STORIES: [&str; 4] = ["a_subscription_life", "b_oneoff_refunds", "c_trial_annual", "d_currencies"];

/// Both tenants with every story, applied in two parts with a lead between that comes late.
async fn told(seed: u64) -> Ledger {
    let ledger = Ledger::create().await;
    let mut bodies: Vec<Vec<u8>> = STORIES
        .iter()
        .flat_map(|story| bodies_in(&format!("composed/2025-03-31.basil/{story}")))
        .map(|(_, body)| body)
        .collect();
    bodies.extend(bodies_in("edge").into_iter().map(|(_, body)| body));
    bodies.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    for part in bodies.chunks(bodies.len() / 3) {
        for body in part {
            ledger.send(body).await;
            ledger.send_to_them(body).await;
        }
        ledger.apply().await;
        ledger.lead(&ledger.ours, "grace@example.org", "referral").await;
    }
    ledger.apply().await;
    ledger
}

async fn verify(ledger: &Ledger) -> Rebuilt {
    ledger.applier.rebuild(ledger.ours.id, false).await.unwrap()
}

#[tokio::test]
async fn what_is_made_again_is_what_stood_and_looking_changes_nothing() {
    let ledger = told(11).await;
    let before = Tables::of(&ledger.database.url).await;
    let rebuilt = verify(&ledger).await;
    assert_eq!((rebuilt.differences, &rebuilt.listed), (0, &Vec::new()));
    assert!(rebuilt.is_same() && rebuilt.events > 60, "{:?}", rebuilt.events_otherwise);
    assert_eq!(Tables::of(&ledger.database.url).await, before);
}

#[tokio::test]
async fn rebuilding_what_is_whole_writes_no_row_of_the_ledger() {
    let ledger = told(12).await;
    let history = ledger.database.ledger_history(ledger.ours.id).await;
    let (ours, theirs) = (
        ledger.database.movements_text(ledger.ours.id).await,
        ledger.database.movements_text(ledger.theirs.id).await,
    );
    assert!(ledger.applier.rebuild(ledger.ours.id, true).await.unwrap().is_same());
    assert_eq!(ledger.database.ledger_history(ledger.ours.id).await, history);
    assert_eq!(ledger.database.movements_text(ledger.ours.id).await, ours);
    assert_eq!(ledger.database.movements_text(ledger.theirs.id).await, theirs);
    assert!(verify(&ledger).await.is_same());
    for (_, body) in bodies_in("composed/2026-09-30.endive/b_oneoff_refunds") {
        ledger.send(&body).await;
    }
    ledger.apply().await;
    assert!(verify(&ledger).await.is_same(), "what comes afterwards finds its payments");
}

#[tokio::test]
async fn what_was_changed_in_silence_is_found_and_made_right_by_new_versions() {
    let ours = "tenant_id = (select id from tenants where is_default)";
    for (tampering, projection) in [
        (
            format!(
                "update revenue_events set amount_minor = 4901 where {ours} and amount_minor = 4900 and currency = 'usd'"
            ),
            "ledger",
        ),
        (
            format!("update mrr_movements set amount_minor = amount_minor + 7 where {ours} and kind = 'new'"),
            "movements",
        ),
        (
            format!("update subscription_versions set mrr_minor = 1 where {ours} and mrr_minor = 14700"),
            "versions",
        ),
        (format!("update stripe_customers set email = 'x@example.com' where {ours}"), "customers"),
        (format!("delete from attribution_evidence where {ours}"), "evidence"),
        (format!("delete from payment_facts where {ours}; delete from payment_names where {ours}"), ""),
    ] {
        let ledger = told(13).await;
        let right = ledger.database.ledger_text(ledger.ours.id).await;
        ledger.database.as_owner_past_triggers(&tampering).await;
        let found = verify(&ledger).await;
        let is_told = found.listed.iter().any(|found| found.projection == projection);
        let had_rows = !projection.is_empty() && projection != "customers";
        assert!(is_told || !had_rows, "{tampering}: {found:?}");
        assert_eq!(found.is_same(), found.differences == 0);
        ledger.applier.rebuild(ledger.ours.id, true).await.unwrap();
        assert!(verify(&ledger).await.is_same(), "{tampering}");
        assert_eq!(ledger.database.ledger_text(ledger.ours.id).await, right, "{tampering}");
    }
}
