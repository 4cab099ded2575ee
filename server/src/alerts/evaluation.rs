//! One look at a tenant: what needs somebody now, and what no longer does.

use std::collections::BTreeMap;

use app::port::AskError;
use domain::alert::{Change, Detector, Finding, Standing, detect};
use domain::ids::{AlertId, TenantId};
use jiff::Timestamp;
use store::StoreError;
use store::alerts::StoredAlert;
use store::work::TenantWork;

use super::{Alerts, event_of};
use crate::chance::new_id;
use crate::desk::{alert_facts, ours};

/// How closely a tenant is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At figures, which takes about as long for much as for little.
    Brief,
    /// Also at whether they are what every row comes to.
    Thorough,
}

/// What a look came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evaluated {
    /// How many conditions hold.
    pub found: usize,
    /// How many alerts were opened, or came back.
    pub opened: usize,
    /// How many are over.
    pub cleared: usize,
    /// How many changed in any way that is told of, these among them.
    pub changed: usize,
}

impl Evaluated {
    const fn count(&mut self, change: Change) {
        self.changed += 1;
        match change {
            Change::Opened | Change::Reopened => self.opened += 1,
            Change::Cleared => self.cleared += 1,
            Change::Worsened
            | Change::Eased
            | Change::Acknowledged
            | Change::Snoozed
            | Change::Resolved
            | Change::Assigned
            | Change::Unassigned => {}
        }
    }
}

impl Alerts {
    /// Looks at a tenant's figures; one look at a time. While they are known to differ from what every row comes to, each
    /// look is thorough, so that it is seen at once when they do no longer.
    pub async fn evaluate(&self, tenant: TenantId, look: Look) -> Result<Evaluated, AskError> {
        let mut work = self.store.within(tenant).await.map_err(ours)?;
        work.alerts_lock().await.map_err(ours)?;
        // Read after the lock, so that who waited for it sees what is newer.
        let now = self.clock.now();
        let standing = work.alerts_standing().await.map_err(ours)?;
        let is_broken = standing.iter().any(|alert| alert.finding.detector == Detector::MrrIdentity);
        let is_thorough = is_broken || look == Look::Thorough;
        let Some(facts) = alert_facts(&self.store, tenant, now, is_thorough).await? else {
            return Err(AskError::UnknownTenant);
        };
        let evaluated = keep(&mut work, standing, detect(&facts), now).await.map_err(ours)?;
        work.commit().await.map_err(ours)?;
        Ok(evaluated)
    }
}

/// Keeps what was found beside what stands.
async fn keep(
    work: &mut TenantWork,
    standing: Vec<StoredAlert>,
    findings: Vec<Finding>,
    now: Timestamp,
) -> Result<Evaluated, StoreError> {
    let mut evaluated = Evaluated { found: findings.len(), ..Evaluated::default() };
    let mut findings: BTreeMap<String, Finding> =
        findings.into_iter().map(|finding| (finding.key(), finding)).collect();
    for alert in standing {
        let (after, change) = match findings.remove(&alert.finding.key()) {
            Some(finding) => seen(alert, finding, now),
            None => cleared(alert, now),
        };
        work.alert_set(&after).await?;
        if let Some(change) = change {
            work.alert_event_insert(&event_of(&after, change, None, now)).await?;
            evaluated.count(change);
        }
    }
    for finding in findings.into_values() {
        let alert = opened(finding, now);
        work.alert_insert(&alert).await?;
        work.alert_event_insert(&event_of(&alert, Change::Opened, None, now)).await?;
        evaluated.count(Change::Opened);
    }
    Ok(evaluated)
}

fn opened(finding: Finding, now: Timestamp) -> StoredAlert {
    StoredAlert {
        id: AlertId(new_id()),
        standing: Standing::opened(finding.severity),
        finding,
        set_aside_about: None,
        assignee: None,
        opened_at: now,
        last_seen_at: now,
        version: 1,
    }
}

fn seen(alert: StoredAlert, finding: Finding, now: Timestamp) -> (StoredAlert, Option<Change>) {
    let is_aside = alert.standing.set_aside_at.is_some();
    // Of what was set aside before this was kept, nothing is news.
    let known = is_aside.then(|| alert.set_aside_about.unwrap_or_else(|| finding.about.clone()));
    let is_news = known.as_ref().is_some_and(|known| !finding.about.is_subset(known));
    let (standing, change) = alert.standing.seen(finding.severity, is_news, now);
    let version = alert.version + i32::from(change.is_some());
    let is_back = change == Some(Change::Reopened);
    let assignee = alert.assignee.filter(|_| !is_back);
    // What is over is news again when it comes back.
    let still = known.filter(|_| !is_back).map(|known| known.intersection(&finding.about).cloned().collect());
    let after = StoredAlert {
        standing,
        finding,
        set_aside_about: still,
        assignee,
        last_seen_at: now,
        version,
        ..alert
    };
    (after, change)
}

fn cleared(alert: StoredAlert, now: Timestamp) -> (StoredAlert, Option<Change>) {
    let (standing, change) = alert.standing.cleared(now);
    (StoredAlert { standing, version: alert.version + 1, ..alert }, Some(change))
}
