//! What was done, with what came of it.

use domain::access::{Permission, Viewer};
use domain::action::outcome::{Outcome, outcome, window};
use domain::action::{ActionKind, State};
use domain::channel::ChannelSlug;
use domain::ids::{ActionId, CampaignId};
use jiff::Timestamp;
use store::StoreError;
use store::action_leads::ActionLead;
use store::actions::{ActionEvent, ActionFilter, ActionPlace, StoredAction};
use store::work::TenantWork;

use super::Actions;
use crate::accounts::Refusal;

/// How many actions a page has.
const PAGE: usize = 100;

/// Which actions are asked for, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionsAsked {
    /// Only those of this kind.
    pub kind: Option<String>,
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those of campaigns of this channel.
    pub channel: Option<String>,
    /// Those after the page this was given out with.
    pub cursor: Option<String>,
}

/// An action with its life and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The action.
    pub action: StoredAction,
    /// Its life, the newest step first.
    pub events: Vec<ActionEvent>,
    /// What came of it; `None` until its days are over, and of what was not done.
    pub outcome: Option<Outcome>,
    /// When that is known, if it is to be.
    pub outcome_at: Option<Timestamp>,
    /// How far it is with each lead, when it is done to leads.
    pub leads: Vec<ActionLead>,
}

impl Actions {
    /// A page of a tenant's actions, the newest first, and where the next page begins.
    pub async fn actions(
        &self,
        viewer: &Viewer,
        asked: ActionsAsked,
    ) -> Result<(Vec<Told>, Option<String>), Refusal> {
        viewer.require(Permission::ReadFigures)?;
        let kind = asked.kind.as_deref().map(str::parse::<ActionKind>).transpose();
        let kind = kind.map_err(|wrong| Refusal::field("kind", wrong.to_string()))?;
        let state = asked.state.as_deref().map(str::parse::<State>).transpose();
        let state = state.map_err(|wrong| Refusal::field("state", wrong.to_string()))?;
        let filter = ActionFilter { kind, state, channel: asked.channel.map(ChannelSlug::stored) };
        let after = asked.cursor.as_deref().map(read_cursor).transpose()?;
        let mut work = self.store.within(viewer.tenant).await?;
        let one_more = i64::try_from(PAGE).map_or(i64::MAX, |page| page + 1);
        let mut actions = work.actions(&filter, after, one_more).await?;
        let has_more = actions.len() > PAGE;
        actions.truncate(PAGE);
        let next = actions.last().filter(|_| has_more).map(write_cursor);
        Ok((self.tell(&mut work, actions).await?, next))
    }

    /// One action.
    pub async fn action(&self, viewer: &Viewer, id: &str) -> Result<Told, Refusal> {
        viewer.require(Permission::ReadFigures)?;
        let id: ActionId = id.parse().map_err(|_| Refusal::NotFound)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let action = work.action(id).await?.ok_or(Refusal::NotFound)?;
        self.tell(&mut work, vec![action]).await?.pop().ok_or(Refusal::NotFound)
    }

    async fn tell(&self, work: &mut TenantWork, actions: Vec<StoredAction>) -> Result<Vec<Told>, StoreError> {
        let ids: Vec<ActionId> = actions.iter().map(|action| action.id).collect();
        let events = work.action_events(&ids).await?;
        let leads = work.action_leads(&ids).await?;
        let mut told = Vec::new();
        for action in actions {
            let campaign = action.preview.campaign().map(|preview| preview.campaign);
            let is_measured = action.state == State::Done && campaign.is_some();
            let outcome_at = action.ended_at.filter(|_| is_measured).map(|at| window(at).1);
            let outcome = match campaign.zip(outcome_at.filter(|until| *until <= self.clock.now())) {
                Some((campaign, _)) => Some(measured(work, &action, campaign).await?),
                None => None,
            };
            let leads = leads.iter().filter(|lead| lead.action == action.id).cloned().collect();
            let events = events.iter().filter(|event| event.action == action.id).cloned().collect();
            told.push(Told { action, events, outcome, outcome_at, leads });
        }
        Ok(told)
    }
}

/// A cursor is the place of the last one: when it was asked for, in microseconds, and its id.
fn write_cursor(action: &StoredAction) -> String {
    format!("{}.{}", action.asked_at.as_microsecond(), action.id)
}

fn read_cursor(text: &str) -> Result<ActionPlace, Refusal> {
    let place = text.split_once('.').and_then(|(moment, id)| {
        let asked_at = Timestamp::from_microsecond(moment.parse().ok()?).ok()?;
        Some(ActionPlace { asked_at, id: id.parse().ok()? })
    });
    place.ok_or_else(|| Refusal::field("cursor", "cursor is none we gave out"))
}

/// What a campaign did before and after something was done to it.
async fn measured(
    work: &mut TenantWork,
    action: &StoredAction,
    campaign: CampaignId,
) -> Result<Outcome, StoreError> {
    let done_at = action.ended_at.unwrap_or(action.asked_at);
    let (from, until) = window(done_at);
    let before = work.campaign_activity(campaign, from, done_at).await?;
    let after = work.campaign_activity(campaign, done_at, until).await?;
    Ok(outcome(action.kind, before, after))
}
