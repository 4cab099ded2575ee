//! Taking an action back: called off while the tool was not asked, done the other way round afterwards. And having one
//! looked at again whose outcome nobody knows.

use domain::access::{Permission, Viewer};
use domain::action::leads::LeadState;
use domain::action::{State, Step};
use domain::audit::Deed;
use domain::ids::ActionId;
use domain::job::JobKind;
use jiff::SignedDuration;
use store::actions::StoredAction;

use super::asking::{Asked, Order, Shown};
use super::settling::look_in;
use super::{Actions, Known, step};
use crate::accounts::{Refusal, Sender, about, deed, name_of, saying};
use crate::chance::new_id;

/// What became of taking an action back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undoing {
    /// The tool had not been asked: this is how the action stands.
    CalledOff(Box<StoredAction>),
    /// This action takes it back.
    TakenOn(Box<StoredAction>),
    /// It cannot be taken back as things are now.
    Stale(Box<Shown>),
}

impl Actions {
    /// Takes an action back. Asked for again it is answered with what is under way.
    pub async fn undo(&self, viewer: &Viewer, id: &str, sender: &Sender) -> Result<Undoing, Refusal> {
        viewer.require(Permission::Act)?;
        let id: ActionId = id.parse().map_err(|_| Refusal::NotFound)?;
        let now = self.clock.now();
        let known = self.find(viewer.tenant, id).await?.ok_or(Refusal::NotFound)?;
        let campaign = known.preview.campaign().map(|preview| preview.campaign);
        let mut work = self.store.within(viewer.tenant).await?;
        // Campaigns are held before actions, as everywhere.
        if let Some(campaign) = campaign {
            work.campaign(campaign).await?;
        }
        let action = work.action(id).await?.ok_or(Refusal::NotFound)?;
        if let Some(undoing) = work.action_undoing(id).await? {
            let undoing = work.action(undoing).await?.ok_or(Refusal::NotFound)?;
            return Ok(Undoing::TakenOn(Box::new(undoing)));
        }
        let undone = match action.state {
            State::Cancelled => Undoing::CalledOff(Box::new(action)),
            State::Calling if campaign.is_none() => {
                let called_off =
                    work.action_leads_end_queued(id, None, LeadState::Cancelled, None, now).await?;
                if called_off == 0 {
                    return Err(Refusal::Conflict("the tool was asked about everybody already".to_owned()));
                }
                let line = deed(viewer.actor.clone(), Deed::ActionCancelled, sender);
                let details = [
                    ("action", action.kind.to_string()),
                    ("id", id.to_string()),
                    ("leads", called_off.to_string()),
                ];
                work.audit(&saying(about(line, action.preview.name()), details), now).await?;
                Undoing::CalledOff(Box::new(action))
            }
            State::Queued => {
                let by = Known::by(name_of(&viewer.actor));
                let after =
                    step(&mut work, &action, Step::Cancel, by, now).await?.ok_or(Refusal::NotFound)?;
                work.action_leads_end_queued(id, None, LeadState::Cancelled, None, now).await?;
                let line = deed(viewer.actor.clone(), Deed::ActionCancelled, sender);
                let details = [("action", action.kind.to_string()), ("id", id.to_string())];
                work.audit(&saying(about(line, action.preview.name()), details), now).await?;
                Undoing::CalledOff(Box::new(after))
            }
            State::Done => {
                let Some((campaign, kind)) = campaign.zip(action.kind.undone_by()) else {
                    let message = "what was looked up or sent cannot be taken back".to_owned();
                    return Err(Refusal::Conflict(message));
                };
                let key = format!("undo-{}", new_id());
                let order = Order {
                    kind,
                    campaign,
                    version: None,
                    key: &key,
                    undo_of: Some(id),
                    // Taking an undo back is doing the same again.
                    is_limited: action.undo_of.is_some(),
                };
                match self.take_on(&mut work, viewer, &order, sender).await? {
                    Asked::TakenOn(action) => Undoing::TakenOn(action),
                    Asked::Stale(shown) => Undoing::Stale(shown),
                }
            }
            State::Calling | State::Unknown | State::Failed | State::Undone | State::Overtaken => {
                let message = format!("this action is {} and cannot be taken back", action.state);
                return Err(Refusal::Conflict(message));
            }
        };
        work.commit().await?;
        Ok(undone)
    }

    /// Has the tool asked once more how things stand, when that is not known.
    pub async fn look_again(
        &self,
        viewer: &Viewer,
        id: &str,
        sender: &Sender,
    ) -> Result<StoredAction, Refusal> {
        viewer.require(Permission::Act)?;
        let id: ActionId = id.parse().map_err(|_| Refusal::NotFound)?;
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        let action = work.action(id).await?.ok_or(Refusal::NotFound)?;
        if action.state != State::Unknown {
            return Err(Refusal::Conflict(format!(
                "this action is {}: there is nothing to find out",
                action.state
            )));
        }
        look_in(&mut work, &action, SignedDuration::ZERO, now).await?;
        let line = about(deed(viewer.actor.clone(), Deed::JobRetried, sender), JobKind::PerformAction.word());
        work.audit(&saying(line, [("subject", id.to_string())]), now).await?;
        work.commit().await?;
        Ok(action)
    }
}
