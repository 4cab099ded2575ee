//! What the pages of actions are answered.

use app::actions::{
    ActionEventLine, ActionLeadLine, ActionLine, ActionsPage, ActionsQuestion, ConfirmationPage,
    ConfirmationQuestion, LeadsConfirmationPage, LeadsConfirmationQuestion,
};
use app::port::AskError;
use domain::access::Viewer;
use domain::action::leads::LeadState;
use domain::action::{ActionKind, Preview, State};
use store::action_leads::ActionLead;
use store::actions::ActionFilter;

use super::unanswered;
use crate::accounts::Refusal;
use crate::actions::{ActionAsked, Actions, ActionsAsked, LeadsAsked, Shown, Told, found_of, seen_of};
use crate::chance::new_id;
use crate::desk::ours;

/// What was done.
pub(super) async fn answer(
    actions: &Actions,
    viewer: &Viewer,
    question: ActionsQuestion,
) -> Result<ActionsPage, AskError> {
    let ActionsQuestion { kind, state, channel, cursor, .. } = question;
    let asked = ActionsAsked { kind, state, channel, cursor };
    let (told, next) = actions.actions(viewer, asked).await.map_err(unanswered)?;
    let mut work = actions.store.within(viewer.tenant).await.map_err(ours)?;
    Ok(ActionsPage {
        tenant: work.tenant().await.map_err(ours)?,
        channels: actions.store.channels_of(viewer.tenant).await.map_err(ours)?,
        lines: told.into_iter().map(line).collect(),
        next,
    })
}

/// What an action would touch.
pub(super) async fn confirm(
    actions: &Actions,
    viewer: &Viewer,
    question: ConfirmationQuestion,
) -> Result<ConfirmationPage, AskError> {
    let asked = ActionAsked { kind: question.kind, campaign: question.campaign, version: None };
    let shown = actions.preview(viewer, &asked).await.map_err(unanswered)?;
    let mut work = actions.store.within(viewer.tenant).await.map_err(ours)?;
    let Preview::Campaign(preview) = shown.preview else { return Err(AskError::UnknownTenant) };
    Ok(ConfirmationPage {
        tenant: work.tenant().await.map_err(ours)?,
        channels: actions.store.channels_of(viewer.tenant).await.map_err(ours)?,
        preview,
        obstacle: shown.obstacle,
        key: new_id().to_string(),
    })
}

/// What leads are written when nobody was written to before.
const FIRST_TEXT: &str = "Hi {first_name|there},\n\nI wanted to come back to my last message. Is this still of interest to you?\n\nBest regards";

/// Whom an action on leads would touch.
pub(super) async fn confirm_leads(
    actions: &Actions,
    viewer: &Viewer,
    question: LeadsConfirmationQuestion,
) -> Result<LeadsConfirmationPage, AskError> {
    let LeadsConfirmationQuestion { kind, leads, text, tool, .. } = question;
    let text = match text {
        Some(text) => Some(text),
        None if kind == ActionKind::SendFollowUp.word() => Some(last_text(actions, viewer).await?),
        None => None,
    };
    let asked = LeadsAsked { kind, leads, text, tool, seen: None };
    let shown = match actions.preview_leads(viewer, &asked).await {
        // What was typed stays, beside what is wrong with it.
        Err(Refusal::Field { field: "text", message }) => {
            let preview = actions.leave_alone(viewer, &asked, &message).await.map_err(unanswered)?;
            Shown { preview: Preview::Leads(preview), obstacle: Some(message) }
        }
        shown => shown.map_err(unanswered)?,
    };
    let Preview::Leads(preview) = shown.preview else { return Err(AskError::UnknownTenant) };
    let tools = actions.tools_that_look_up(viewer.tenant).await.map_err(unanswered)?;
    let mut work = actions.store.within(viewer.tenant).await.map_err(ours)?;
    Ok(LeadsConfirmationPage {
        tenant: work.tenant().await.map_err(ours)?,
        seen: seen_of(&preview),
        preview,
        obstacle: shown.obstacle,
        tools,
        key: new_id().to_string(),
    })
}

/// What was written last.
async fn last_text(actions: &Actions, viewer: &Viewer) -> Result<String, AskError> {
    let filter = ActionFilter { kind: Some(ActionKind::SendFollowUp), ..ActionFilter::default() };
    let mut work = actions.store.within(viewer.tenant).await.map_err(ours)?;
    let last = work.actions(&filter, None, 1).await.map_err(ours)?.pop();
    let text = last.and_then(|last| last.preview.leads()?.text.clone());
    Ok(text.unwrap_or_else(|| FIRST_TEXT.to_owned()))
}

fn line(told: Told) -> ActionLine {
    let Told { action, events, outcome, outcome_at, leads } = told;
    let history = events.into_iter().map(|event| ActionEventLine {
        step: event.step,
        by: event.by,
        note: event.note,
        at: event.at,
    });
    let is_queued = |lead: &ActionLead| lead.state == LeadState::Queued;
    let is_reversible = action.kind.undone_by().is_some() && action.undo_of.is_none();
    let can_undo = match action.state {
        State::Queued => action.undo_of.is_none(),
        State::Calling => leads.iter().any(is_queued),
        State::Done => is_reversible,
        _ => false,
    };
    ActionLine {
        id: action.id,
        kind: action.kind,
        name: action.preview.name(),
        connector: connector(&action.preview),
        state: action.state,
        asked_by: action.asked_by,
        asked_at: action.asked_at,
        answer: action.answer.as_ref().map(|answer| format!("{answer:#}")),
        problem: action.problem,
        is_undo: action.undo_of.is_some(),
        can_undo,
        outcome,
        outcome_at,
        history: history.collect(),
        leads: with_leads(&action.preview, leads),
    }
}

/// The tool something is done at, when it is one.
fn connector(preview: &Preview) -> Option<String> {
    match preview {
        Preview::Campaign(campaign) => Some(campaign.connector.clone()),
        Preview::Leads(preview) => {
            let first = &preview.leads.first()?.tool;
            preview.leads.iter().all(|lead| lead.tool == *first).then(|| first.clone())
        }
    }
}

fn with_leads(preview: &Preview, leads: Vec<ActionLead>) -> Vec<ActionLeadLine> {
    let names = preview.leads().map(|preview| preview.leads.as_slice()).unwrap_or_default();
    let name = |id| names.iter().find(|lead| lead.lead == id).map(|lead| lead.name.clone());
    let line = |lead: ActionLead| ActionLeadLine {
        lead: lead.lead,
        name: name(lead.lead).unwrap_or_default(),
        state: lead.state,
        problem: lead.problem,
        message: lead.message,
        found: lead.answer.as_ref().map(found_of).unwrap_or_default(),
    };
    leads.into_iter().map(line).collect()
}
