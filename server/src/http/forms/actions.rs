//! The forms of who has things done at the tools.

use app::visit::Notice;

use super::posted::Posted;
use super::{Done, Poster};
use crate::accounts::Refusal;
use crate::actions::{ActionAsked, Asked, LeadsAsked, Shown, Undoing};

/// Where what was done is listed.
const ACTIONS: &str = "/portal/actions";

impl Poster<'_> {
    pub(super) async fn confirm_action(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let viewer = self.viewer()?;
        let asked = ActionAsked {
            kind: posted.take("kind"),
            campaign: posted.take("campaign"),
            version: posted.take("version").parse().ok(),
        };
        let key = posted.take("key");
        match self.services.actions.request(&viewer, &asked, &key, self.sender).await? {
            Asked::TakenOn(_) => {
                self.services.applier.announce(viewer.tenant);
                Ok(Done::SaidAt(ACTIONS, Notice::ActionTakenOn))
            }
            Asked::Stale(shown) => Err(stale(&shown)),
        }
    }

    pub(super) async fn confirm_leads_action(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let viewer = self.viewer()?;
        let asked = LeadsAsked {
            kind: posted.take("kind"),
            leads: posted.take("leads").split_whitespace().map(str::to_owned).collect(),
            text: Some(posted.take("text")).filter(|text| !text.is_empty()),
            tool: Some(posted.take("tool")).filter(|tool| !tool.is_empty()),
            seen: posted.take_sent("seen"),
        };
        let key = posted.take("key");
        match self.services.actions.request_leads(&viewer, &asked, &key, self.sender).await? {
            Asked::TakenOn(_) => {
                self.services.applier.announce(viewer.tenant);
                Ok(Done::SaidAt(ACTIONS, Notice::ActionTakenOn))
            }
            Asked::Stale(shown) => Err(stale(&shown)),
        }
    }

    pub(super) async fn undo_action(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (viewer, id) = (self.viewer()?, posted.take("action"));
        let done = match self.services.actions.undo(&viewer, &id, self.sender).await? {
            Undoing::CalledOff(_) => Notice::ActionCalledOff,
            Undoing::TakenOn(_) => Notice::ActionTakenOn,
            Undoing::Stale(shown) => return Err(stale(&shown)),
        };
        self.services.applier.announce(viewer.tenant);
        Ok(Done::Said(done))
    }

    pub(super) async fn check_action(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (viewer, id) = (self.viewer()?, posted.take("action"));
        self.services.actions.look_again(&viewer, &id, self.sender).await?;
        Ok(Done::Said(Notice::ActionTakenOn))
    }
}

fn stale(shown: &Shown) -> Refusal {
    let why = shown.obstacle.clone().unwrap_or_else(|| "this changed meanwhile: look at it again".to_owned());
    Refusal::Conflict(why)
}
