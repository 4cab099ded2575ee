//! Asking for an action: what it would touch is shown first, then it is taken on, once for each key.

use std::time::Duration;

use domain::access::{Permission, Viewer};
use domain::action::limits::allow;
use domain::action::outcome::DAYS;
use domain::action::{ActionKind, CampaignPreview, Earlier, Preview, State, Step};
use domain::audit::Deed;
use domain::campaign::CampaignState;
use domain::connection::Tool;
use domain::ids::{ActionId, CampaignId, JobId, TenantId};
use domain::job::JobKind;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::actions::{ActionEvent, StoredAction};
use store::campaigns::StoredCampaign;
use store::jobs::NewJob;
use store::work::TenantWork;

use super::Actions;
use crate::accounts::{Refusal, Sender, about, deed, name_of, saying};
use crate::chance::new_id;

/// How long a page waits for a tool to say how a campaign stands; what we knew is shown otherwise.
const PATIENCE: Duration = Duration::from_secs(4);

/// The day limits are about.
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionAsked {
    /// What is to be done.
    pub kind: String,
    /// To which campaign.
    pub campaign: String,
    /// The version of it that was seen; whatever stands without one.
    pub version: Option<i32>,
}

/// What an action would touch, and what stands in its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it would touch.
    pub preview: Preview,
    /// Why it cannot be done as things are.
    pub obstacle: Option<String>,
}

/// What became of asking for an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is taken on, or was under the same key.
    TakenOn(Box<StoredAction>),
    /// It cannot be done as things are now.
    Stale(Box<Shown>),
}

/// What is taken on, and under which key.
pub(super) struct Order<'a> {
    pub(super) kind: ActionKind,
    pub(super) campaign: CampaignId,
    pub(super) version: Option<i32>,
    pub(super) key: &'a str,
    pub(super) undo_of: Option<ActionId>,
    /// Whether it counts against what somebody may ask for on one day; taking back what was done must always be possible.
    pub(super) is_limited: bool,
}

impl Order<'_> {
    /// What tells one thing asked for from another.
    fn hash(&self) -> [u8; 32] {
        let said = json!({ "kind": self.kind, "campaign": self.campaign, "undo_of": self.undo_of });
        Sha256::digest(said.to_string().as_bytes()).into()
    }
}

impl Actions {
    /// What an action would touch, from how things are now.
    pub async fn preview(&self, viewer: &Viewer, asked: &ActionAsked) -> Result<Shown, Refusal> {
        viewer.require(Permission::Act)?;
        let (kind, id) = asked.read()?;
        let known = self.store.within(viewer.tenant).await?.campaign(id).await?.ok_or(Refusal::NotFound)?;
        let told = self.ask_state(viewer.tenant, &known).await;
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        if let Some(state) = told {
            work.campaign_set_state(id, state, now).await?;
        }
        let campaign = work.campaign(id).await?.ok_or(Refusal::NotFound)?;
        let (preview, obstacle) = show(&mut work, kind, &campaign, now).await?;
        work.commit().await?;
        let preview = CampaignPreview { is_from_tool: told.is_some(), ..preview };
        Ok(Shown { preview: Preview::Campaign(preview), obstacle })
    }

    /// How a tool says that a campaign stands.
    async fn ask_state(&self, tenant: TenantId, known: &StoredCampaign) -> Option<CampaignState> {
        let tool: Tool = known.campaign.connector.parse().ok()?;
        let asking = async {
            let connector = self.connector(tenant, tool).await?;
            connector.state_of(&known.campaign.external_id).await
        };
        match tokio::time::timeout(PATIENCE, asking).await {
            Ok(Ok(state)) => Some(state),
            Ok(Err(error)) => {
                tracing::warn!(%error, %tenant, tool = tool.word(), "a tool does not say how a campaign stands");
                None
            }
            Err(_) => None,
        }
    }

    /// Takes an action on. The same key again is answered with what it came to.
    pub async fn request(
        &self,
        viewer: &Viewer,
        asked: &ActionAsked,
        key: &str,
        sender: &Sender,
    ) -> Result<Asked, Refusal> {
        viewer.require(Permission::Act)?;
        let (kind, campaign) = asked.read()?;
        let order = Order {
            kind,
            campaign,
            version: asked.version,
            key: read_key(key)?,
            undo_of: None,
            is_limited: true,
        };
        let mut work = self.store.within(viewer.tenant).await?;
        let taken = self.take_on(&mut work, viewer, &order, sender).await?;
        work.commit().await?;
        Ok(taken)
    }

    /// Takes an order on within a transaction: action, history, audit line and job, or none of them.
    pub(super) async fn take_on(
        &self,
        work: &mut TenantWork,
        viewer: &Viewer,
        order: &Order<'_>,
        sender: &Sender,
    ) -> Result<Asked, Refusal> {
        let hash = order.hash();
        if let Some(before) = taken_on_before(work, order.key, hash).await? {
            return Ok(Asked::TakenOn(Box::new(before)));
        }
        let now = self.clock.now();
        let campaign = work.campaign(order.campaign).await?.ok_or(Refusal::NotFound)?;
        let (preview, obstacle) = show(work, order.kind, &campaign, now).await?;
        let is_stale = order.version.is_some_and(|seen| seen != campaign.version);
        let preview = Preview::Campaign(preview);
        if is_stale || obstacle.is_some() {
            return Ok(Asked::Stale(Box::new(Shown { preview, obstacle })));
        }
        let name = name_of(&viewer.actor);
        if order.is_limited {
            let since = now.saturating_sub(DAY).unwrap_or(now);
            let (by_them, of_this) = work.actions_asked(&name, Some(order.campaign), since).await?;
            allow(viewer.role, by_them, of_this).map_err(|reached| Refusal::Conflict(reached.to_string()))?;
        }
        let new = NewAction {
            kind: order.kind,
            preview,
            key: order.key,
            hash,
            undo_of: order.undo_of,
            delay: SignedDuration::ZERO,
        };
        Ok(Asked::TakenOn(Box::new(self.keep(work, viewer, new, sender).await?)))
    }

    /// Keeps a new action with its first step and its audit line, and puts its job into the queue.
    pub(super) async fn keep(
        &self,
        work: &mut TenantWork,
        viewer: &Viewer,
        new: NewAction<'_>,
        sender: &Sender,
    ) -> Result<StoredAction, Refusal> {
        let now = self.clock.now();
        let action = StoredAction {
            id: ActionId(new_id()),
            kind: new.kind,
            preview: new.preview,
            key: new.key.to_owned(),
            payload_hash: new.hash,
            state: State::Queued,
            answer: None,
            problem: None,
            undo_of: new.undo_of,
            asked_by: name_of(&viewer.actor),
            asked_at: now,
            called_at: None,
            ended_at: None,
            version: 1,
        };
        work.action_insert(&action).await?;
        let event = ActionEvent {
            action: action.id,
            version: action.version,
            step: Step::Request,
            state: action.state,
            by: Some(action.asked_by.clone()),
            note: None,
            at: now,
        };
        work.action_event_insert(&event).await?;
        let job =
            NewJob { id: job_of(action.id), kind: JobKind::PerformAction, subject: action.id.to_string() };
        work.job_insert(&job, now).await?;
        work.job_queue(job.id, job.kind, new.delay, now).await?;
        let line = about(deed(viewer.actor.clone(), Deed::ActionRequested, sender), action.preview.name());
        let details = [("action", action.kind.to_string()), ("id", action.id.to_string())];
        work.audit(&saying(line, details), now).await?;
        Ok(action)
    }
}

/// An action that is taken on.
pub(super) struct NewAction<'a> {
    pub(super) kind: ActionKind,
    pub(super) preview: Preview,
    pub(super) key: &'a str,
    /// What tells what was asked for from anything else.
    pub(super) hash: [u8; 32],
    pub(super) undo_of: Option<ActionId>,
    /// How long its job waits.
    pub(super) delay: SignedDuration,
}

/// What was taken on under a key before; something else under it is refused.
pub(super) async fn taken_on_before(
    work: &mut TenantWork,
    key: &str,
    hash: [u8; 32],
) -> Result<Option<StoredAction>, Refusal> {
    let before = work.action_by_key(key).await?;
    match before {
        Some(before) if before.payload_hash != hash => {
            Err(Refusal::Conflict("this key was used for something else".to_owned()))
        }
        before => Ok(before),
    }
}

/// The job that carries an action out.
pub(super) const fn job_of(action: ActionId) -> JobId {
    JobId(action.0)
}

/// What an action would touch, as we know it within a transaction, and what stands in its way.
async fn show(
    work: &mut TenantWork,
    kind: ActionKind,
    held: &StoredCampaign,
    now: Timestamp,
) -> Result<(CampaignPreview, Option<String>), Refusal> {
    let campaign = &held.campaign;
    let since = now.saturating_sub(SignedDuration::from_hours(24 * DAYS)).unwrap_or(now);
    let last = work.action_last_of(campaign.id).await?;
    let preview = CampaignPreview {
        kind,
        campaign: campaign.id,
        name: campaign.name.clone(),
        connector: campaign.connector.clone(),
        external_id: campaign.external_id.clone(),
        channel: campaign.channel.clone(),
        state: campaign.state,
        is_from_tool: false,
        version: held.version,
        people: work.campaign_in_flight(campaign.id, since).await?,
        lately: work.campaign_activity(campaign.id, since, now).await?,
        last: last.as_ref().map(|last| Earlier {
            kind: last.kind,
            by: last.asked_by.clone(),
            at: last.asked_at,
        }),
    };
    let obstacle = obstacle(&preview, last.as_ref());
    Ok((preview, obstacle))
}

/// Why an action cannot be done as things are.
fn obstacle(preview: &CampaignPreview, last: Option<&StoredAction>) -> Option<String> {
    if preview.connector.parse::<Tool>().is_err() {
        return Some(
            "this campaign belongs to no connected tool: it can only be acted on where it is".to_owned(),
        );
    }
    if let Some(last) = last.filter(|last| last.state.is_under_way()) {
        let what = last.kind.name().to_lowercase();
        return Some(format!("{} has asked to {what} already, and that is under way", last.asked_by));
    }
    let is_possible = preview.kind.is_possible_from(preview.state);
    (!is_possible).then(|| format!("this campaign is {} now", preview.state.word()))
}

impl ActionAsked {
    fn read(&self) -> Result<(ActionKind, CampaignId), Refusal> {
        let kind: ActionKind = self
            .kind
            .parse()
            .map_err(|wrong: domain::action::InvalidActionKind| Refusal::field("kind", wrong.to_string()))?;
        if kind.is_of_leads() {
            return Err(Refusal::field("kind", "this is done to leads, and not to a campaign"));
        }
        let campaign = self.campaign.parse().map_err(|_| Refusal::NotFound)?;
        Ok((kind, campaign))
    }
}

/// A key somebody made up for what they ask.
pub(super) fn read_key(text: &str) -> Result<&str, Refusal> {
    let is_key = (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    let wrong =
        || Refusal::field("idempotency_key", "a key is up to 200 letters, digits and signs without spaces");
    is_key.then_some(text).ok_or_else(wrong)
}
