//! An alert of a tenant, and what happened to it.

use domain::alert::{Change, Detector, Finding, Severity, Standing};
use domain::ids::AlertCommentId;
use store::Store;
use store::alert_comments::AlertComment;
use store::alerts::{AlertEvent, StoredAlert};
use uuid::Uuid;

use super::{Side, now};

/// Keeps an alert that was just opened.
pub(super) async fn fill(store: &Store, side: &Side) {
    let mut work = store.within(side.id()).await.unwrap();
    work.alert_insert(&alert(side)).await.unwrap();
    work.alert_event_insert(&opening(side)).await.unwrap();
    work.alert_comment_insert(&comment(side)).await.unwrap();
    work.commit().await.unwrap();
}

pub fn alert(side: &Side) -> StoredAlert {
    StoredAlert {
        id: side.alert,
        finding: Finding {
            detector: Detector::ChannelLosing,
            subject: "meta_ads".to_owned(),
            severity: Severity::Critical,
            title: "Meta ads is losing money".to_owned(),
            why: "Spent $21,100 for $17,303 of revenue.".to_owned(),
            operands: [("spend_minor".to_owned(), 2_110_000)].into(),
            about: ["one".to_owned(), "two".to_owned()].into(),
        },
        standing: Standing::opened(Severity::Critical),
        set_aside_about: None,
        assignee: None,
        opened_at: now(),
        last_seen_at: now(),
        version: 1,
    }
}

pub fn opening(side: &Side) -> AlertEvent {
    let StoredAlert { id, finding, version, .. } = alert(side);
    AlertEvent {
        alert: id,
        version,
        change: Change::Opened,
        severity: finding.severity,
        why: finding.why,
        actor_name: None,
        snoozed_until: None,
        assignee: None,
        at: now(),
    }
}

pub fn comment(side: &Side) -> AlertComment {
    AlertComment {
        id: AlertCommentId(Uuid::new_v5(&side.alert.0, b"comment")),
        alert: side.alert,
        body: "The new landing page is to blame.".to_owned(),
        author_name: side.email.clone(),
        at: now(),
    }
}
