//! The subscription of a tenant, and what it counts.

use domain::definition::{Definition, Interval};
use domain::ids::MrrMovementId;
use domain::money::{Currency, Money};
use domain::mrr::{MovementKind, MrrMovement};
use domain::ratio::Ratio;
use domain::subscription::order::Trail;
use domain::subscription::pricing::{Item, Pricing};
use domain::subscription::terms::{Terms, TermsFact, Tier, ToldTerms};
use domain::subscription::{Occasion, Snapshot, Status, SubscriptionFact, history};
use store::Store;
use store::subscriptions::{NewMovement, RecountReason, VersionRow};

use super::{Side, later, now};

/// A subscription with a version and its movement, the tiers of its price, a recount that is done and one that waits.
pub(super) async fn fill(store: &Store, side: &Side) {
    let mut batch = store.batch_begin(side.id()).await.unwrap();
    batch.subscription_facts_insert(&[fact(side)]).await.unwrap();
    batch.terms_insert(&[terms(side)]).await.unwrap();
    batch.versions_insert(&[version(side)]).await.unwrap();
    batch.movements_insert(&[movement(side)], now()).await.unwrap();
    batch.rollups_follow_customers(&[side.customer()]).await.unwrap();
    batch.recount_ask(side.old_recount, RecountReason::Rates, now()).await.unwrap();
    batch.recounted(&[side.old_recount], now()).await.unwrap();
    batch.recount_ask(side.recount, RecountReason::Definition, now()).await.unwrap();
    batch.commit().await.unwrap();
}

pub fn fact(side: &Side) -> SubscriptionFact {
    let item = Item {
        id: None,
        price: Some(side.price.clone()),
        product: None,
        quantity: 2,
        pricing: Pricing::Graduated(None),
        interval: Interval::Month,
        interval_count: 1,
        inclusive_tax: Ratio::ZERO,
        discounts: Vec::new(),
    };
    SubscriptionFact {
        event: side.event.clone(),
        occurred_at: now(),
        occasion: Occasion::Begun,
        subscription: side.subscription(),
        customer: side.customer(),
        snapshot: Snapshot {
            status: Status::Active,
            currency: Currency::USD,
            items: vec![item],
            has_more_items: false,
            discounts: Vec::new(),
            started_at: Some(now()),
            trial_ends_at: None,
            period_start: Some(now()),
            period_end: None,
            canceled_at: None,
            ends_at: Some(later(60 * 24 * 9)),
            ended_at: None,
            is_collection_paused: false,
            cancel_reason: None,
            cancel_feedback: None,
        },
        trail: Trail::default(),
        channel_hints: Vec::new(),
    }
}

pub fn terms(side: &Side) -> TermsFact {
    let tier = Tier { up_to: None, unit: Ratio::whole(1_000), flat: Ratio::ZERO };
    TermsFact {
        event: side.event.clone(),
        occurred_at: now(),
        name: side.price.clone(),
        told: ToldTerms::Tiers(vec![tier]),
    }
}

pub fn version(side: &Side) -> VersionRow {
    let versions = history(&[fact(side)], &Definition::STRIPE, &Terms::of(vec![terms(side)]));
    VersionRow {
        subscription: side.subscription(),
        customer: side.customer(),
        ordinal: 1,
        version: versions[0].clone(),
        base_mrr: Some(2_000),
        base_trial_mrr: Some(0),
    }
}

pub fn movement(side: &Side) -> NewMovement {
    NewMovement {
        id: MrrMovementId(side.movement),
        key: format!("{}:usd:0:new", side.customer()),
        version: 1,
        customer: side.customer(),
        definition: Definition::STRIPE.id,
        movement: MrrMovement {
            kind: MovementKind::New,
            detail: None,
            at: now(),
            money: Money { minor: 2_000, currency: Currency::USD },
            base_minor: 2_000,
            is_unconverted: false,
            causes: vec![side.event.clone()],
            feedback: None,
        },
    }
}
