//! What the pages of actions are answered.

use app::actions::{
    ActionEventLine, ActionLine, ActionsPage, ActionsQuestion, ConfirmationPage, ConfirmationQuestion,
};
use app::port::AskError;
use domain::access::Viewer;
use domain::action::State;

use super::unanswered;
use crate::actions::{ActionAsked, Actions, ActionsAsked, Told};
use crate::chance::new_id;
use crate::desk::ours;

/// What was done.
pub(super) async fn answer(
    actions: &Actions,
    viewer: &Viewer,
    question: ActionsQuestion,
) -> Result<ActionsPage, AskError> {
    let asked = ActionsAsked { kind: question.kind, state: question.state };
    let told = actions.actions(viewer, &asked).await.map_err(unanswered)?;
    let mut work = actions.store.within(viewer.tenant).await.map_err(ours)?;
    Ok(ActionsPage {
        tenant: work.tenant().await.map_err(ours)?,
        channels: actions.store.channels_of(viewer.tenant).await.map_err(ours)?,
        lines: told.into_iter().map(line).collect(),
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
    Ok(ConfirmationPage {
        tenant: work.tenant().await.map_err(ours)?,
        channels: actions.store.channels_of(viewer.tenant).await.map_err(ours)?,
        preview: shown.preview,
        obstacle: shown.obstacle,
        key: new_id().to_string(),
    })
}

fn line(told: Told) -> ActionLine {
    let Told { action, events, outcome, outcome_at } = told;
    let history = events.into_iter().map(|event| ActionEventLine {
        step: event.step,
        by: event.by,
        note: event.note,
        at: event.at,
    });
    ActionLine {
        id: action.id,
        kind: action.kind,
        name: action.preview.name,
        connector: action.preview.connector,
        state: action.state,
        asked_by: action.asked_by,
        asked_at: action.asked_at,
        answer: action.answer.as_ref().map(|answer| format!("{answer:#}")),
        problem: action.problem,
        is_undo: action.undo_of.is_some(),
        can_undo: matches!(action.state, State::Queued | State::Done) && action.undo_of.is_none(),
        outcome,
        outcome_at,
        history: history.collect(),
    }
}
