//! What a tenant has had read from Stripe.

use domain::backfill::{RunState, Subject};
use store::Store;
use store::backfills::{Cursor, NewBackfill, NewLookup, StripeAccount};

use super::{Side, later, now};

/// Connects an account, begins to read it, and keeps an object of it.
pub(super) async fn fill(store: &Store, side: &Side) {
    let mut work = store.within(side.id()).await.unwrap();
    work.stripe_account_put(&account(side)).await.unwrap();
    let old = NewBackfill { id: side.old_backfill, ..backfill(side) };
    work.backfill_insert(&old, now()).await.unwrap();
    work.backfill_set_state(old.id, RunState::Done, None, now()).await.unwrap();
    work.backfill_insert(&backfill(side), now()).await.unwrap();
    let cursor = Cursor { found: 1, ..Cursor::at_the_beginning(Subject::Charges) };
    assert!(work.cursor_put(side.backfill, &cursor, now()).await.unwrap());
    work.lookups_keep(&[lookup(side)], now()).await.unwrap();
    work.commit().await.unwrap();
}

pub fn account(side: &Side) -> StripeAccount {
    StripeAccount {
        id: format!("acct_{}", side.tenant.slug),
        livemode: true,
        problem: None,
        checked_at: now(),
    }
}

pub fn backfill(side: &Side) -> NewBackfill {
    NewBackfill {
        id: side.backfill,
        asked: "1 day".to_owned(),
        from: later(-24 * 60),
        to: now(),
        started_by: side.email.clone(),
    }
}

/// Kept under the id of the event that waits, so that the world has no further events.
pub fn lookup(side: &Side) -> NewLookup {
    NewLookup {
        object: format!("ch_{}", side.tenant.slug),
        content_hash: "0123456789abcdef".to_owned(),
        states: 1,
        event: side.waiting.clone(),
        body: b"{}".to_vec(),
    }
}
