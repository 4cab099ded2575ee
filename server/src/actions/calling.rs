//! Carrying an action out: the tool is asked once, what it answered is kept, and how things stand is read back.
//!
//! That the tool is being asked is committed before it is. Whoever finds an action so, after a program ended in between
//! or an answer was lost, asks the tool how the campaign stands, and asks for the deed again only when that says that it
//! was not done.

use connectors::{Connector, Deed, Failure, Outcome, Receipt};
use domain::action::{ActionKind, CampaignPreview, Preview, State, Step};
use domain::campaign::CampaignState;
use domain::connection::Tool;
use domain::ids::{ActionId, TenantId};
use serde_json::json;
use store::StoreError;
use store::actions::StoredAction;

use super::settling::{Newer, is_late, newer_than, overtake_older, queue_look, take_back};
use super::{Actions, Known, step};
use crate::jobs::Setback;

/// What is to be written down of an attempt, and why it is to be tried again.
struct Finding {
    step: Step,
    note: String,
    answer: Option<serde_json::Value>,
    /// How the tool says that the campaign stands.
    state: Option<CampaignState>,
    /// Why it is to be tried again.
    again: Option<Setback>,
}

impl Finding {
    fn new(step: Step, note: impl Into<String>) -> Self {
        let note = note.into();
        let is_over = matches!(step, Step::Confirm | Step::Refuse | Step::Overtake);
        let again = (!is_over).then(|| Setback::of(note.clone()));
        Self { step, note, answer: None, state: None, again }
    }

    /// What did not come about because of a failure; the tool may want to be left alone.
    fn because(step: Step, failure: &Failure) -> Self {
        let again = (step != Step::Refuse).then(|| Setback::by(failure));
        Self { again, ..Self::new(step, failure.to_string()) }
    }
}

impl Actions {
    /// Does one attempt at an action; an error has it tried again later, unless it was the last.
    pub async fn perform(&self, tenant: TenantId, subject: &str, is_last: bool) -> Result<(), Setback> {
        let id: ActionId = subject.parse().map_err(|_| Setback::of(format!("{subject} is no action")))?;
        let in_words = |error: StoreError| Setback::of(error.to_string());
        let Some(action) = self.find(tenant, id).await.map_err(in_words)? else { return Ok(()) };
        let campaign = match &action.preview {
            Preview::Campaign(campaign) => campaign.clone(),
            Preview::Leads(_) => return self.perform_on_leads(tenant, action, is_last).await,
        };
        let action = match action.state {
            State::Queued => action,
            State::Calling | State::Unknown => {
                let finding = self.look(tenant, &action, &campaign, is_last).await;
                let outcome =
                    self.note(tenant, &action, &campaign, finding, is_last).await.map_err(in_words)?;
                match outcome {
                    (Some(after), _) if after.state == State::Queued => after,
                    (_, outcome) => return outcome,
                }
            }
            State::Done | State::Failed | State::Undone | State::Cancelled | State::Overtaken => {
                return Ok(());
            }
        };
        if !self.set_out(tenant, &action).await.map_err(in_words)? {
            return Ok(());
        }
        let finding = self.call(tenant, action.kind, &campaign, is_last).await;
        self.note(tenant, &action, &campaign, finding, is_last).await.map_err(in_words)?.1
    }

    pub(super) async fn find(
        &self,
        tenant: TenantId,
        id: ActionId,
    ) -> Result<Option<StoredAction>, StoreError> {
        self.store.within(tenant).await?.action(id).await
    }

    /// Notes that the tool is about to be asked; `false` when that is no longer to be.
    async fn set_out(&self, tenant: TenantId, action: &StoredAction) -> Result<bool, StoreError> {
        let mut work = self.store.within(tenant).await?;
        let Some(held) = work.action(action.id).await?.filter(|held| held.version == action.version) else {
            return Ok(false);
        };
        let taken = step(&mut work, &held, Step::Call, Known::default(), self.clock.now()).await?;
        work.commit().await?;
        Ok(taken.is_some())
    }

    /// Asks the tool for it, once.
    async fn call(
        &self,
        tenant: TenantId,
        kind: ActionKind,
        campaign: &CampaignPreview,
        is_last: bool,
    ) -> Finding {
        let acted = async {
            let connector = self.connector_of(tenant, campaign).await?;
            connector.act(&deed_of(kind, &campaign.external_id)?).await
        };
        match acted.await {
            Ok(receipt) => answered(kind, &receipt, is_last),
            Err(failure) => failed(&failure, is_last),
        }
    }

    /// Asks the tool how things stand, after nobody heard what it made of being asked.
    async fn look(
        &self,
        tenant: TenantId,
        action: &StoredAction,
        campaign: &CampaignPreview,
        is_last: bool,
    ) -> Finding {
        let looked = async {
            let connector = self.connector_of(tenant, campaign).await?;
            connector.state_of(&campaign.external_id).await
        };
        match looked.await {
            Ok(state) => seen(action, state, is_last, is_late(action, self.clock.now())),
            Err(failure) => Finding::because(Step::Silence, &failure),
        }
    }

    async fn connector_of(
        &self,
        tenant: TenantId,
        campaign: &CampaignPreview,
    ) -> Result<Box<dyn Connector>, Failure> {
        let tool: Tool = campaign.connector.parse().map_err(|_| Failure::Impossible {
            words: format!("{} is no tool that can be asked", campaign.connector),
        })?;
        self.connector(tenant, tool).await
    }

    /// Writes down what an attempt came to, and how the campaign stands. What something newer overtook is not put back,
    /// whatever was found; and what nobody knows after the last attempt is looked at again in an hour.
    async fn note(
        &self,
        tenant: TenantId,
        known: &StoredAction,
        campaign: &CampaignPreview,
        finding: Finding,
        is_last: bool,
    ) -> Result<(Option<StoredAction>, Result<(), Setback>), StoreError> {
        let now = self.clock.now();
        let mut work = self.store.within(tenant).await?;
        // Campaigns are held before actions, as everywhere.
        work.campaign(campaign.campaign).await?;
        let Some(mut action) = work.action(known.id).await? else { return Ok((None, Ok(()))) };
        let finding = beside_newer(&newer_than(&mut work, &action).await?, finding);
        action.answer = finding.answer.or(action.answer);
        let after = step(&mut work, &action, finding.step, Known::note(&finding.note), now).await?;
        if let Some(state) = finding.state {
            work.campaign_set_state(campaign.campaign, state, now).await?;
        }
        let is_put_off = match after.as_ref() {
            Some(done) if done.state == State::Done => {
                take_back(&mut work, done, now).await?;
                overtake_older(&mut work, done, now).await?;
                false
            }
            Some(unknown) if unknown.state == State::Unknown && (is_last || is_late(unknown, now)) => {
                queue_look(&mut work, unknown, now).await?
            }
            _ => false,
        };
        work.commit().await?;
        let setback = finding.again.filter(|_| !is_put_off);
        Ok((after, setback.map_or(Ok(()), Err)))
    }
}

fn deed_of(kind: ActionKind, campaign: &str) -> Result<Deed, Failure> {
    let campaign = campaign.to_owned();
    match kind {
        ActionKind::PauseCampaign => Ok(Deed::Pause { campaign }),
        ActionKind::LaunchCampaign | ActionKind::ResumeCampaign => Ok(Deed::Resume { campaign }),
        ActionKind::RetryEnrichment | ActionKind::SendFollowUp => {
            Err(Failure::Impossible { words: format!("{kind} is not done to campaigns") })
        }
    }
}

/// The tool took it. Whether it is so says how the campaign stands then.
fn answered(kind: ActionKind, receipt: &Receipt, is_last: bool) -> Finding {
    let wanted = kind.leads_to();
    let answer = Some(json!({ "status": receipt.status, "said": receipt.said, "state": receipt.state }));
    let finding = match receipt.state {
        Some(state) if Some(state) == wanted => Finding::new(Step::Confirm, String::new()),
        Some(state) if is_last => Finding::new(Step::Refuse, still(state)),
        Some(state) => Finding::new(Step::Silence, still(state)),
        None => Finding::new(Step::Silence, "the tool took it and does not say how the campaign stands"),
    };
    Finding { answer, state: receipt.state, ..finding }
}

/// The tool did not take it, or nobody knows.
fn failed(failure: &Failure, is_last: bool) -> Finding {
    let step = match failure.outcome() {
        Outcome::Unknown => Step::Silence,
        Outcome::NotDone if failure.may_pass() && !is_last => Step::PutBack,
        Outcome::NotDone => Step::Refuse,
    };
    Finding::because(step, failure)
}

/// How the campaign stands, after nobody heard of what was asked for. What the tool took once is not asked for again, and
/// neither is what was asked for long ago: somebody may have changed their mind since.
fn seen(action: &StoredAction, state: CampaignState, is_last: bool, is_late: bool) -> Finding {
    let was_taken = action.answer.is_some();
    let finding = if Some(state) == action.kind.leads_to() {
        Finding::new(Step::Confirm, "found so when the tool was asked how the campaign stands")
    } else if is_late || (was_taken && is_last) {
        Finding::new(Step::Refuse, still(state))
    } else if was_taken {
        Finding::new(Step::Silence, still(state))
    } else {
        Finding::new(Step::PutBack, still(state))
    };
    Finding { state: Some(state), ..finding }
}

/// What a finding comes to beside what was asked for later: that decides, once it is known what became of it.
fn beside_newer(newer: &Newer, found: Finding) -> Finding {
    let (step, note) = match newer {
        Newer::Nothing => return found,
        Newer::Open => (Step::Silence, "something newer was asked for, and is waited for".to_owned()),
        Newer::Done(newer) => (Step::Overtake, newer.clone()),
    };
    Finding { state: found.state, ..Finding::new(step, note) }
}

fn still(state: CampaignState) -> String {
    format!("the tool says that the campaign is {}", state.word())
}
