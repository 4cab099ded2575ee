//! Carrying out what is done to leads, lead by lead.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::action::leads::{LONGEST_SEARCH, LeadCounts, LeadState};
use domain::action::{ActionKind, State, Step};
use domain::connection::Tool;
use domain::ids::TenantId;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::StoreError;
use store::action_leads::ActionLead;
use store::actions::StoredAction;
use store::work::TenantWork;
use tokio::time::Instant;

use super::finding::take_in;
use super::speaking::{Said, no_longer};
use crate::actions::settling::look_in;
use crate::actions::{Actions, Known, step};
use crate::jobs::Setback;
use crate::pipeline::Context;

/// For how long one attempt goes on with the next lead; what is left is the next attempt's. With what one tool has to
/// answer it is less than an attempt's time.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long until a tool that works at something is asked again, at least.
const SHORTEST_WAIT: SignedDuration = SignedDuration::from_secs(5);

/// For how long it is looked whether a message went out that nobody knows of.
const LONGEST_LOOK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How often.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Which tools are to be left alone for now, and why.
type Away = BTreeMap<Tool, Setback>;

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
        // What is found can be taken in before anything is asked for that costs something.
        let context = match action.kind {
            ActionKind::RetryEnrichment => {
                let context = self.connections.pipeline.context(tenant).await;
                Some(context.map_err(|refusal| Setback::of(refusal.to_string()))?)
            }
            _ => None,
        };
        let away = self.go_through(tenant, &action, context.as_ref()).await.map_err(in_words)?;
        self.conclude(tenant, &action, away, is_last).await.map_err(in_words)?
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

    /// Goes through the leads something is still to come of. A tool that is away holds up its own leads only.
    async fn go_through(
        &self,
        tenant: TenantId,
        action: &StoredAction,
        context: Option<&Context>,
    ) -> Result<Away, StoreError> {
        let began = Instant::now();
        let mut away = Away::new();
        let leads = self.store.within(tenant).await?.action_leads(&[action.id]).await?;
        for lead in leads {
            if began.elapsed() >= PATIENCE {
                break;
            }
            let now = self.clock.now();
            let said = match lead.state {
                LeadState::Calling => {
                    Some(Said::Unknown { problem: "the program ended while the tool was asked".to_owned() })
                }
                LeadState::Queued if !away.contains_key(&lead.tool) => self.ask(tenant, &lead).await?,
                LeadState::Waiting if lead.next_at.is_some_and(|at| at <= now) => {
                    Some(self.ask_again(tenant, &lead).await)
                }
                LeadState::Unknown if is_looked_for(&lead, now) => {
                    self.look_for_message(tenant, &lead).await?;
                    None
                }
                _ => None,
            };
            if let Some(said) = said {
                away.extend(self.keep_said(tenant, &lead, said, context).await?);
            }
        }
        Ok(away)
    }

    /// Asks the tool about a lead, unless something happened since that speaks against it; `None` when it is no longer to
    /// be asked.
    async fn ask(&self, tenant: TenantId, lead: &ActionLead) -> Result<Option<Said>, StoreError> {
        let known = self.store.within(tenant).await?.leads_to_act_on(&[lead.lead], lead.kind, &[]).await?;
        let Some(known) = known.into_iter().next() else {
            return Ok(Some(Said::failed("the lead is gone")));
        };
        if let Some(why) = no_longer(lead.kind, &known) {
            return Ok(Some(Said::failed(why)));
        }
        Ok(match self.set_out_for(tenant, lead).await? {
            Some(lead) => Some(self.ask_about(tenant, &lead, &known).await),
            None => None,
        })
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

    /// Writes down what the tool said of a lead, and takes in what it found. A tool that is to be left alone is named.
    async fn keep_said(
        &self,
        tenant: TenantId,
        lead: &ActionLead,
        said: Said,
        context: Option<&Context>,
    ) -> Result<Option<(Tool, Setback)>, StoreError> {
        let now = self.clock.now();
        let mut work = self.store.within(tenant).await?;
        let Some(mut held) = work.action_lead(lead.action, lead.lead).await? else { return Ok(None) };
        let mut away = None;
        held.next_at = None;
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
            Said::Waiting { reference, wait, problem } => wait_for(&mut held, reference, wait, problem, now),
            Said::Failed { problem, answer } => {
                held.state = LeadState::Failed;
                held.problem = Some(problem);
                held.answer = answer.or(held.answer);
            }
            Said::FailedForAll { problem } => {
                let (action, tool) = (held.action, Some(held.tool));
                work.action_leads_end_queued(action, tool, LeadState::Failed, Some(&problem), now).await?;
                held.state = LeadState::Failed;
                held.problem = Some(problem);
            }
            Said::NotDone(failure) => {
                held.problem = Some(failure.to_string());
                held.state = if is_called_off(&mut work, &held).await? {
                    LeadState::Cancelled
                } else {
                    away = Some((held.tool, Setback::by(&failure)));
                    LeadState::Queued
                };
            }
            Said::Unknown { problem } => {
                held.state = LeadState::Unknown;
                held.problem = Some(problem);
            }
        }
        held.ended_at = (!held.state.is_open()).then_some(now);
        work.action_lead_set(&held).await?;
        work.commit().await?;
        Ok(away)
    }

    /// A message that its tool tells of afterwards went out.
    async fn look_for_message(&self, tenant: TenantId, lead: &ActionLead) -> Result<(), StoreError> {
        let mut work = self.store.within(tenant).await?;
        if !work.is_told_as_sent(lead).await? {
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
        away: Away,
        is_last: bool,
    ) -> Result<Result<(), Setback>, StoreError> {
        let now = self.clock.now();
        let mut work = self.store.within(tenant).await?;
        let Some(held) = work.action(action.id).await? else { return Ok(Ok(())) };
        if is_last {
            for (tool, setback) in &away {
                let (state, why) = (LeadState::Failed, Some(setback.words()));
                work.action_leads_end_queued(action.id, Some(*tool), state, why, now).await?;
            }
        }
        let leads = work.action_leads(&[action.id]).await?;
        let is_in = |state| leads.iter().any(|lead| lead.state == state);
        if is_in(LeadState::Queued) && !away.is_empty() && !is_last {
            work.commit().await?;
            return Ok(Err(Setback::longest(away.into_values())));
        }
        let goes_on = if is_in(LeadState::Queued) || is_in(LeadState::Calling) {
            // There was no time for all of them.
            Some(SignedDuration::ZERO)
        } else if let Some(at) = leads.iter().filter_map(|lead| lead.next_at).min() {
            Some(at.duration_since(now).max(SHORTEST_WAIT))
        } else {
            leads.iter().any(|lead| is_looked_for(lead, now)).then_some(LOOK_EVERY)
        };
        if let Some(delay) = goes_on {
            look_in(&mut work, &held, delay, now).await?;
        }
        if !leads.iter().any(|lead| lead.state.is_open()) {
            settle(&mut work, held, &leads, now).await?;
        }
        work.commit().await?;
        Ok(Ok(()))
    }
}

/// Notes that the tool works at it, unless it has for too long.
fn wait_for(
    held: &mut ActionLead,
    reference: String,
    wait: Duration,
    problem: Option<String>,
    now: Timestamp,
) {
    let wait = SignedDuration::try_from(wait).unwrap_or(SHORTEST_WAIT).max(SHORTEST_WAIT);
    held.reference = Some(reference);
    held.problem = problem;
    if now.duration_since(held.called_at.unwrap_or(now)) >= LONGEST_SEARCH {
        held.state = LeadState::Failed;
        held.problem = Some("the tool did not come to an end within a day".to_owned());
    } else {
        held.state = LeadState::Waiting;
        held.next_at = Some(now.saturating_add(wait).unwrap_or(now));
    }
}

/// Whether somebody called the action off while the tool was asked: then it is not asked again.
async fn is_called_off(work: &mut TenantWork, lead: &ActionLead) -> Result<bool, StoreError> {
    let leads = work.action_leads(&[lead.action]).await?;
    Ok(leads.iter().any(|other| other.state == LeadState::Cancelled))
}

/// Says what an action came to of which nothing is to come any more, but for messages nobody knows of.
async fn settle(
    work: &mut TenantWork,
    held: StoredAction,
    leads: &[ActionLead],
    now: Timestamp,
) -> Result<(), StoreError> {
    let counts = LeadCounts::of(leads.iter().map(|lead| lead.state));
    let is_open = leads.iter().any(|lead| is_looked_for(lead, now));
    let is_unknown = is_open || (counts.done == 0 && counts.unknown > 0);
    let note = || Known::note(counts.in_words());
    let answered = StoredAction { answer: Some(json!(counts)), ..held };
    if is_unknown {
        if answered.state != State::Unknown {
            step(work, &answered, Step::Silence, note(), now).await?;
        }
    } else if counts.done > 0 {
        step(work, &answered, Step::Confirm, note(), now).await?;
    } else if counts.failed > 0 {
        step(work, &answered, Step::Refuse, note(), now).await?;
    } else if let Some(back) = step(work, &answered, Step::PutBack, note(), now).await? {
        // Everybody was called off.
        step(work, &back, Step::Cancel, Known::default(), now).await?;
    }
    Ok(())
}

/// Whether it is still looked for a message nobody knows of; of who was looked up nobody tells.
fn is_looked_for(lead: &ActionLead, now: Timestamp) -> bool {
    let since = lead.called_at.unwrap_or(lead.asked_at);
    lead.state == LeadState::Unknown
        && lead.kind == ActionKind::SendFollowUp
        && now.duration_since(since) < LONGEST_LOOK
}
