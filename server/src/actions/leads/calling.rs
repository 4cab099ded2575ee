//! Carrying out what is done to leads, lead by lead.

use std::time::Duration;

use connectors::{Connector, Deed, Enrichment, EnrichmentJob, EnrichmentProgress, Failure, Outcome};
use domain::action::ActionKind;
use domain::action::leads::{LONGEST_SEARCH, LeadCounts, LeadState};
use domain::action::{State, Step};
use domain::connection::Tool;
use domain::ids::TenantId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::StoreError;
use store::action_leads::ActionLead;
use store::actions::StoredAction;
use tokio::time::Instant;

use super::choosing::wanted;
use super::finding::{answer, take_in};
use crate::actions::settling::look_in;
use crate::actions::{Actions, Known, step};
use crate::connections::SyncError;
use crate::jobs::Setback;
use crate::pipeline::Context;

/// For how long one attempt goes on with the next lead; what is left is the next attempt's.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long until a tool that works at something is asked again, at least.
const SHORTEST_WAIT: SignedDuration = SignedDuration::from_secs(5);

/// For how long it is looked whether a message went out that nobody knows of.
const LONGEST_LOOK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How often.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// What asking a tool about one lead came to.
enum Said {
    /// It is done: what the tool answered, the message's id, what it cost, and what was found.
    Done { answer: Value, reference: Option<String>, found: Option<Box<connectors::Enriched>> },
    /// The tool works at it.
    Waiting { reference: String, wait: Duration },
    /// It came to nothing.
    Failed { problem: String, answer: Option<Value> },
    /// It came to nothing, and so it would with everybody else.
    FailedForAll { problem: String },
    /// It was certainly not done, and may be tried again.
    NotDone(Failure),
    /// Nobody knows.
    Unknown { problem: String },
}

/// Whether to go on with the next lead.
enum Next {
    GoOn,
    TryLater(Setback),
}

impl Actions {
    /// Does one attempt at an action on leads; an error has it tried again later, unless it was the last.
    pub(in crate::actions) async fn perform_on_leads(
        &self,
        tenant: TenantId,
        action: StoredAction,
        is_last: bool,
    ) -> Result<(), Setback> {
        let in_words = |error: StoreError| Setback::of(error.to_string());
        let action = match action.state {
            State::Queued => match self.begin(tenant, &action).await.map_err(in_words)? {
                Some(begun) => begun,
                None => return Ok(()),
            },
            State::Calling | State::Unknown => action,
            State::Done | State::Failed | State::Undone | State::Cancelled | State::Overtaken => {
                return Ok(());
            }
        };
        let setback = self.go_through(tenant, &action).await.map_err(in_words)?;
        self.conclude(tenant, &action, setback, is_last).await
    }

    /// Notes that tools are about to be asked; `None` when that is no longer to be.
    async fn begin(
        &self,
        tenant: TenantId,
        action: &StoredAction,
    ) -> Result<Option<StoredAction>, StoreError> {
        let mut work = self.store.within(tenant).await?;
        let Some(held) = work.action(action.id).await? else { return Ok(None) };
        let begun = step(&mut work, &held, Step::Call, Known::default(), self.clock.now()).await?;
        work.commit().await?;
        Ok(begun)
    }

    /// Goes through the leads something is still to come of; the reason to try again later, if there is one.
    async fn go_through(
        &self,
        tenant: TenantId,
        action: &StoredAction,
    ) -> Result<Option<Setback>, StoreError> {
        let began = Instant::now();
        // What is found can be taken in before anything is asked for that costs something.
        let context = match action.kind {
            ActionKind::RetryEnrichment => match self.connections.pipeline.context(tenant).await {
                Ok(context) => Some(context),
                Err(refusal) => return Ok(Some(Setback::of(refusal.to_string()))),
            },
            _ => None,
        };
        let leads = self.store.within(tenant).await?.action_leads(&[action.id]).await?;
        for lead in leads {
            if began.elapsed() >= PATIENCE {
                break;
            }
            let now = self.clock.now();
            let next = match lead.state {
                LeadState::Calling => {
                    let problem = "the program ended while the tool was asked".to_owned();
                    self.keep_said(tenant, &lead, Said::Unknown { problem }, None).await?
                }
                LeadState::Queued => match self.set_out_for(tenant, &lead).await? {
                    Some(lead) => {
                        let said = self.ask(tenant, &lead).await?;
                        self.keep_said(tenant, &lead, said, context.as_ref()).await?
                    }
                    None => Next::GoOn,
                },
                LeadState::Waiting if lead.next_at.is_some_and(|at| at <= now) => {
                    let said = self.ask_again(tenant, &lead).await;
                    self.keep_said(tenant, &lead, said, context.as_ref()).await?
                }
                LeadState::Unknown if is_looked_at(&lead, now) => {
                    self.look_for_message(tenant, &lead).await?;
                    Next::GoOn
                }
                _ => Next::GoOn,
            };
            if let Next::TryLater(setback) = next {
                return Ok(Some(setback));
            }
        }
        Ok(None)
    }

    /// Notes that the tool is about to be asked about a lead; `None` when that is no longer to be.
    async fn set_out_for(
        &self,
        tenant: TenantId,
        lead: &ActionLead,
    ) -> Result<Option<ActionLead>, StoreError> {
        let mut work = self.store.within(tenant).await?;
        let held = work.action_lead(lead.action, lead.lead).await?;
        let Some(held) = held.filter(|held| held.state == LeadState::Queued) else { return Ok(None) };
        let now = Some(self.clock.now());
        let calling = ActionLead { state: LeadState::Calling, called_at: now, ..held };
        work.action_lead_set(&calling).await?;
        work.commit().await?;
        Ok(Some(calling))
    }

    /// Asks the tool, once.
    async fn ask(&self, tenant: TenantId, lead: &ActionLead) -> Result<Said, StoreError> {
        if lead.kind == ActionKind::SendFollowUp {
            return Ok(self.write_to(tenant, lead).await);
        }
        let known = self.store.within(tenant).await?.leads_to_act_on(&[lead.lead], lead.kind, &[]).await?;
        let Some(known) = known.into_iter().next() else {
            return Ok(Said::Failed { problem: "the lead is gone".to_owned(), answer: None });
        };
        let started = async {
            let tool = self.enrichment(tenant, lead.tool).await?;
            tool.start(&wanted(&known), None).await
        };
        Ok(started.await.map_or_else(failed, progressed))
    }

    async fn write_to(&self, tenant: TenantId, lead: &ActionLead) -> Said {
        let sent = async {
            let connector: Box<dyn Connector> = self.connector(tenant, lead.tool).await?;
            let thread = lead.thread.clone().unwrap_or_default();
            let thread = serde_json::from_value(thread).map_err(|_| Failure::Impossible {
                words: "the conversation cannot be named any more".to_owned(),
            })?;
            let text = lead.message.clone().unwrap_or_default();
            connector.act(&Deed::Reply { thread, text }).await
        };
        match sent.await {
            Ok(receipt) => Said::Done {
                answer: json!({ "status": receipt.status, "said": receipt.said }),
                reference: receipt.message,
                found: None,
            },
            Err(failure) => failed(failure),
        }
    }

    /// Asks the tool how far it is.
    async fn ask_again(&self, tenant: TenantId, lead: &ActionLead) -> Said {
        let job = EnrichmentJob(lead.reference.clone().unwrap_or_default());
        let polled = async { self.enrichment(tenant, lead.tool).await?.poll(&job).await };
        match polled.await {
            Ok(progress) => progressed(progress),
            // How far it is can be asked at any time.
            Err(failure) if failure.may_pass() => {
                Said::Waiting { reference: job.0, wait: failure.wait().max(Duration::from_secs(60)) }
            }
            Err(failure) => Said::Failed { problem: failure.to_string(), answer: None },
        }
    }

    async fn enrichment(&self, tenant: TenantId, tool: Tool) -> Result<Box<dyn Enrichment>, Failure> {
        self.connections.enrichment(tenant, tool).await.map_err(|error| match error {
            SyncError::Tool(failure) => failure,
            SyncError::Store(_) | SyncError::Refused(_) => Failure::Unreachable { words: error.to_string() },
            _ => Failure::Impossible { words: error.to_string() },
        })
    }

    /// Writes down what the tool said of a lead, and takes in what it found.
    async fn keep_said(
        &self,
        tenant: TenantId,
        lead: &ActionLead,
        said: Said,
        context: Option<&Context>,
    ) -> Result<Next, StoreError> {
        let now = self.clock.now();
        let mut work = self.store.within(tenant).await?;
        let Some(mut held) = work.action_lead(lead.action, lead.lead).await? else { return Ok(Next::GoOn) };
        held.next_at = None;
        let mut next = Next::GoOn;
        match said {
            Said::Done { answer, reference, found } => {
                held.state = LeadState::Done;
                held.answer = Some(answer);
                held.reference = reference.or(held.reference);
                held.problem = None;
                if let Some((found, context)) = found.zip(context) {
                    held.credits = found.credits.filter(|credits| *credits >= 0);
                    let context = Context { now, ..context.clone() };
                    held.problem = take_in(&context, &mut work, held.lead, &found).await?;
                }
            }
            Said::Waiting { reference, wait } => {
                let wait = SignedDuration::try_from(wait).unwrap_or(SHORTEST_WAIT).max(SHORTEST_WAIT);
                held.reference = Some(reference);
                if now.duration_since(held.called_at.unwrap_or(now)) >= LONGEST_SEARCH {
                    held.state = LeadState::Failed;
                    held.problem = Some("the tool did not come to an end within a day".to_owned());
                } else {
                    held.state = LeadState::Waiting;
                    held.next_at = Some(now.saturating_add(wait).unwrap_or(now));
                }
            }
            Said::Failed { problem, answer } => {
                held.state = LeadState::Failed;
                held.problem = Some(problem);
                held.answer = answer.or(held.answer);
            }
            Said::FailedForAll { problem } => {
                work.action_leads_end_queued(held.action, LeadState::Failed, Some(&problem), now).await?;
                held.state = LeadState::Failed;
                held.problem = Some(problem);
            }
            Said::NotDone(failure) => {
                held.state = LeadState::Queued;
                held.problem = Some(failure.to_string());
                next = Next::TryLater(Setback::by(&failure));
            }
            Said::Unknown { problem } => {
                held.state = LeadState::Unknown;
                held.problem = Some(problem);
            }
        }
        held.ended_at = (!held.state.is_open()).then_some(now);
        work.action_lead_set(&held).await?;
        work.commit().await?;
        Ok(next)
    }

    /// A message that a tool tells of afterwards went out.
    async fn look_for_message(&self, tenant: TenantId, lead: &ActionLead) -> Result<(), StoreError> {
        let mut work = self.store.within(tenant).await?;
        let since = lead.called_at.unwrap_or(lead.asked_at);
        if !work.was_written_to(lead.lead, since).await? {
            return Ok(());
        }
        let Some(held) = work.action_lead(lead.action, lead.lead).await? else { return Ok(()) };
        let problem = Some("the tool did not answer, and told of the message afterwards".to_owned());
        work.action_lead_set(&ActionLead { state: LeadState::Done, problem, ..held }).await?;
        work.commit().await
    }

    /// Says what all of it came to, or has it gone on with.
    async fn conclude(
        &self,
        tenant: TenantId,
        action: &StoredAction,
        setback: Option<Setback>,
        is_last: bool,
    ) -> Result<(), Setback> {
        let in_words = |error: StoreError| Setback::of(error.to_string());
        let now = self.clock.now();
        let mut work = self.store.within(tenant).await.map_err(in_words)?;
        let Some(held) = work.action(action.id).await.map_err(in_words)? else { return Ok(()) };
        if let Some(setback) = &setback
            && is_last
        {
            let why = setback.words();
            work.action_leads_end_queued(action.id, LeadState::Failed, Some(why), now)
                .await
                .map_err(in_words)?;
        }
        let leads = work.action_leads(&[action.id]).await.map_err(in_words)?;
        let counts = LeadCounts::of(leads.iter().map(|lead| lead.state));
        let is_queued = leads.iter().any(|lead| lead.state == LeadState::Queued);
        let asked_again = leads.iter().filter_map(|lead| lead.next_at).min();
        if is_queued {
            return match setback {
                Some(setback) => Err(setback),
                // There was no time for all of them.
                None => {
                    look_in(&mut work, &held, SignedDuration::ZERO, now).await.map_err(in_words)?;
                    work.commit().await.map_err(in_words)
                }
            };
        }
        if let Some(at) = asked_again {
            let delay = at.duration_since(now).max(SHORTEST_WAIT);
            look_in(&mut work, &held, delay, now).await.map_err(in_words)?;
            return work.commit().await.map_err(in_words);
        }
        let note = Known::note(counts.in_words());
        let is_open = leads.iter().any(|lead| lead.state == LeadState::Unknown && is_looked_at(lead, now));
        let taken = if is_open {
            look_in(&mut work, &held, LOOK_EVERY, now).await.map_err(in_words)?;
            match held.state {
                State::Unknown => None,
                _ => Some(Step::Silence),
            }
        } else if counts.done > 0 {
            Some(Step::Confirm)
        } else {
            Some(Step::Refuse)
        };
        if let Some(taken) = taken {
            let answered = StoredAction { answer: Some(json!(counts)), ..held };
            step(&mut work, &answered, taken, note, now).await.map_err(in_words)?;
        }
        work.commit().await.map_err(in_words)
    }
}

/// Whether it is still looked for a message nobody knows of; whoever was looked up is told of by nobody.
fn is_looked_at(lead: &ActionLead, now: Timestamp) -> bool {
    let since = lead.called_at.unwrap_or(lead.asked_at);
    lead.kind == ActionKind::SendFollowUp && now.duration_since(since) < LONGEST_LOOK
}

fn progressed(progress: EnrichmentProgress) -> Said {
    match progress {
        EnrichmentProgress::Pending { job, wait } => Said::Waiting { reference: job.0, wait },
        EnrichmentProgress::Found(found) => {
            Said::Done { answer: answer(&found), reference: None, found: Some(found) }
        }
        EnrichmentProgress::NotFound { raw } => {
            Said::Failed { problem: "nothing was found".to_owned(), answer: said(raw) }
        }
        EnrichmentProgress::OutOfCredits { .. } => {
            Said::FailedForAll { problem: "there are no credits left".to_owned() }
        }
        EnrichmentProgress::Cancelled { raw } => {
            Said::Failed { problem: "it was called off at the tool".to_owned(), answer: said(raw) }
        }
    }
}

fn said(raw: Value) -> Option<Value> {
    raw.is_object().then_some(raw)
}

/// Why the tool did not do it, and what that means for this lead and the others.
fn failed(failure: Failure) -> Said {
    match failure.outcome() {
        Outcome::Unknown => Said::Unknown { problem: format!("{failure}; asked again it may be done twice") },
        Outcome::NotDone if failure.may_pass() => Said::NotDone(failure),
        Outcome::NotDone if failure.is_about_the_key() => Said::FailedForAll { problem: failure.to_string() },
        Outcome::NotDone => Said::Failed { problem: failure.to_string(), answer: None },
    }
}
