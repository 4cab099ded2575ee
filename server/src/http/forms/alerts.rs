//! The forms of who looks after alerts.

use app::visit::Notice;
use domain::access::Viewer;

use super::posted::Posted;
use super::{Done, Poster};
use crate::accounts::Refusal;
use crate::alerts::{AssigningAsked, Handled, HandlingAsked, Until, Verb};

impl Poster<'_> {
    pub(super) async fn acknowledge(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        self.handle(posted, Verb::Acknowledge, Notice::AlertAcknowledged).await
    }

    pub(super) async fn snooze(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        // What is no number is refused as what is out of range is: after who asks has been looked at.
        let days = posted.take("days").parse().unwrap_or_default();
        self.handle(posted, Verb::Snooze(Until::Days(days)), Notice::AlertSnoozed).await
    }

    pub(super) async fn resolve(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        self.handle(posted, Verb::Resolve, Notice::AlertResolved).await
    }

    pub(super) async fn assign_alert(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let viewer = self.viewer()?;
        let version = posted.take("version").parse().ok();
        let assignee = Some(posted.take("assignee"));
        let asked = AssigningAsked { id: posted.take("alert"), version, assignee };
        let handled = self.services.alerts.assign(&viewer, &asked, self.sender).await?;
        self.handled(&viewer, handled, Notice::AlertAssigned)
    }

    pub(super) async fn comment_on_alert(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let viewer = self.viewer()?;
        let (alert, text) = (posted.take("alert"), posted.take("text"));
        self.services.alerts.comment(&viewer, &alert, &text, self.sender).await?;
        self.services.applier.announce(viewer.tenant);
        Ok(Done::Said(Notice::AlertCommented))
    }

    async fn handle(&self, posted: &mut Posted, verb: Verb, done: Notice) -> Result<Done, Refusal> {
        let viewer = self.viewer()?;
        let version = posted.take("version").parse().ok();
        let asked = HandlingAsked { id: posted.take("alert"), version, verb };
        let handled = self.services.alerts.handle(&viewer, &asked, self.sender).await?;
        self.handled(&viewer, handled, done)
    }

    fn handled(&self, viewer: &Viewer, handled: Handled, done: Notice) -> Result<Done, Refusal> {
        match handled {
            Handled::Done(_) => {
                self.services.applier.announce(viewer.tenant);
                Ok(Done::Said(done))
            }
            Handled::Stale(alert) => Err(Refusal::Conflict(format!(
                "this alert changed meanwhile and is {} now: look at it again",
                alert.standing.state
            ))),
        }
    }
}
