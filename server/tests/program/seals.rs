//! Each closed day of the ledger is sealed; a row that is changed behind the program's back breaks the chain.

use crate::support::{Ledger, bodies_in, now};
use jiff::{Timestamp, ToSpan};
use server::applier::Applier;
use server::clock::Clock;

async fn applied_at(ledger: &Ledger, moment: Timestamp) {
    Applier::new(ledger.store().clone(), Clock::Fixed(moment)).apply_all().await.unwrap();
}

async fn with_two_days() -> Ledger {
    let ledger = Ledger::create().await;
    for (hours, story) in [(0, "a_subscription_life"), (24, "b_oneoff_refunds")] {
        for (_, body) in bodies_in(&format!("composed/2025-03-31.basil/{story}")) {
            ledger.send(&body).await;
            ledger.send_to_them(&body).await;
        }
        applied_at(&ledger, now() + hours.hours()).await;
    }
    ledger
}

async fn check(ledger: &Ledger) -> store::seals::SealCheck {
    ledger.store().within(ledger.ours.id).await.unwrap().seals_check().await.unwrap()
}

#[tokio::test]
async fn days_that_are_over_are_sealed_and_hold_what_was_written() {
    let ledger = with_two_days().await;
    assert_eq!(check(&ledger).await.sealed, 1, "the second day is not over");
    applied_at(&ledger, now() + 48.hours()).await;
    applied_at(&ledger, now() + 72.hours()).await;
    let check = check(&ledger).await;
    assert_eq!((check.sealed, check.broken), (2, None));
}

#[tokio::test]
async fn a_day_is_not_closed_before_its_grace_is_over() {
    let ledger = with_two_days().await;
    let midnight: Timestamp = "2026-11-22T00:05:00Z".parse().unwrap();
    applied_at(&ledger, midnight).await;
    assert_eq!(check(&ledger).await.sealed, 1);
    applied_at(&ledger, midnight + 10.minutes()).await;
    assert_eq!(check(&ledger).await.sealed, 2);
}

#[tokio::test]
async fn a_row_changed_added_or_taken_away_in_silence_breaks_its_day() {
    let ours = "tenant_id = (select id from tenants where is_default)";
    let first_day = "2026-11-20";
    for tampering in [
        format!(
            "update revenue_events set amount_minor = amount_minor + 1 where {ours} and amount_minor = 4900"
        ),
        format!(
            "update revenue_events set attribution_channel = 'unknown' where {ours} and attribution_channel <> 'unknown'"
        ),
        format!(
            "delete from revenue_events where {ours} and id = (select id from revenue_events
            where {ours} and event_type = 'subscription_updated' limit 1)"
        ),
    ] {
        let ledger = with_two_days().await;
        applied_at(&ledger, now() + 48.hours()).await;
        assert_eq!(check(&ledger).await.broken, None);
        ledger.database.as_owner_past_triggers(&tampering).await;
        let broken = check(&ledger).await.broken.expect("the chain is broken");
        assert_eq!(broken.day.to_string(), first_day, "{tampering}");
        let theirs = ledger.store().within(ledger.theirs.id).await.unwrap().seals_check().await.unwrap();
        assert_eq!((theirs.sealed, theirs.broken), (2, None), "the other tenant's chain holds");
    }
}
