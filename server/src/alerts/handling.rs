//! What people do about alerts: acknowledge, snooze, resolve.

use domain::access::{Permission, Viewer};
use domain::alert::{Handling, State};
use domain::audit::Deed;
use jiff::{SignedDuration, Timestamp};
use store::alerts::StoredAlert;

use super::{Alerts, event_of, name_of, named};
use crate::accounts::{Refusal, Sender, about, deed, saying};

/// The longest an alert is snoozed.
const LONGEST_SNOOZE_DAYS: i64 = 90;

/// What somebody wants to do about an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlingAsked {
    /// Which alert.
    pub id: String,
    /// The version they saw; whatever stands without one.
    pub version: Option<i32>,
    /// What to do.
    pub verb: Verb,
}

/// What can be done about an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Look after it.
    Acknowledge,
    /// Not see it until a moment.
    Snooze(Until),
    /// Be done with it.
    Resolve,
}

/// Until when an alert is snoozed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// For so many days.
    Days(i64),
    /// Until this moment.
    Moment(Timestamp),
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It was done, or was so already.
    Done(StoredAlert),
    /// Something else happened to it meanwhile: this is how it stands.
    Stale(StoredAlert),
}

impl Alerts {
    /// Does something about an alert, unless it changed since the version that was seen.
    pub async fn handle(
        &self,
        viewer: &Viewer,
        asked: &HandlingAsked,
        sender: &Sender,
    ) -> Result<Handled, Refusal> {
        viewer.require(Permission::Act)?;
        let now = self.clock.now();
        let handling = asked.verb.at(now)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let before = named(&mut work, &asked.id).await?;
        if asked.version.is_some_and(|seen| seen != before.version) {
            return Ok(Handled::Stale(before));
        }
        let Some((standing, change)) = before.standing.handled(handling, now) else {
            return Ok(already(before, handling));
        };
        let name = name_of(&viewer.actor);
        let after = StoredAlert {
            standing,
            set_aside_about: Some(before.finding.about.clone()),
            assignee: if standing.state == State::Acknowledged {
                Some(name.clone())
            } else {
                before.assignee
            },
            version: before.version + 1,
            ..before
        };
        work.alert_set(&after).await?;
        work.alert_event_insert(&event_of(&after, change, Some(name), now)).await?;
        let line = about(deed(viewer.actor.clone(), deed_of(handling), sender), after.finding.key());
        work.audit(&saying(line, [("alert", after.finding.title.clone())]), now).await?;
        work.commit().await?;
        Ok(Handled::Done(after))
    }
}

/// What was asked for is so already; or somebody else was done with it first.
const fn already(alert: StoredAlert, handling: Handling) -> Handled {
    match (handling, alert.standing.state) {
        (Handling::Acknowledge, State::Acknowledged) | (Handling::Resolve, State::Resolved) => {
            Handled::Done(alert)
        }
        _ => Handled::Stale(alert),
    }
}

impl Verb {
    fn at(self, now: Timestamp) -> Result<Handling, Refusal> {
        let until = match self {
            Self::Acknowledge => return Ok(Handling::Acknowledge),
            Self::Resolve => return Ok(Handling::Resolve),
            Self::Snooze(Until::Days(days)) => {
                let wrong = || Refusal::field("days", format!("days are 1 to {LONGEST_SNOOZE_DAYS}"));
                let days = Some(days).filter(|days| (1..=LONGEST_SNOOZE_DAYS).contains(days));
                now + SignedDuration::from_hours(days.ok_or_else(wrong)? * 24)
            }
            Self::Snooze(Until::Moment(until)) => until,
        };
        let latest = now + SignedDuration::from_hours(LONGEST_SNOOZE_DAYS * 24);
        if until <= now || until > latest {
            let message = format!("until is a moment ahead, at most {LONGEST_SNOOZE_DAYS} days");
            return Err(Refusal::field("until", message));
        }
        Ok(Handling::Snooze(until))
    }
}

const fn deed_of(handling: Handling) -> Deed {
    match handling {
        Handling::Acknowledge => Deed::AlertAcknowledged,
        Handling::Snooze(_) => Deed::AlertSnoozed,
        Handling::Resolve => Deed::AlertResolved,
    }
}
