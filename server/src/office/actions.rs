//! What the pages of actions are answered.

use app::actions::{
    ActionEventLine, ActionLine, ActionsPage, ActionsQuestion, CampaignLine, ConfirmationPage,
    ConfirmationQuestion,
};
use app::port::AskError;
use domain::access::Viewer;
use domain::action::{ActionKind, State};
use domain::channel::ChannelSlug;
use domain::connection::Tool;
use store::campaigns::Campaign;

use super::unanswered;
use crate::actions::{ActionAsked, Actions, ActionsAsked, Told};
use crate::chance::new_id;
use crate::desk::ours;

/// How many campaigns are listed at most.
const MOST: i64 = 100;

/// What can be done, and what was.
pub(super) async fn answer(
    actions: &Actions,
    viewer: &Viewer,
    question: ActionsQuestion,
) -> Result<ActionsPage, AskError> {
    let asked = ActionsAsked { kind: question.kind, state: question.state };
    let told = actions.actions(viewer, &asked).await.map_err(unanswered)?;
    let channel = question.channel.map(ChannelSlug::stored);
    let mut work = actions.store.within(viewer.tenant).await.map_err(ours)?;
    let campaigns = work.campaigns_listed(channel.as_ref(), MOST).await.map_err(ours)?;
    Ok(ActionsPage {
        tenant: work.tenant().await.map_err(ours)?,
        channels: actions.store.channels_of(viewer.tenant).await.map_err(ours)?,
        campaigns: campaigns.into_iter().map(campaign_line).collect(),
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

fn campaign_line(campaign: Campaign) -> CampaignLine {
    let can_be_asked = campaign.connector.parse::<Tool>().is_ok();
    CampaignLine {
        possible: ActionKind::possible_from(campaign.state).filter(|_| can_be_asked).collect(),
        id: campaign.id,
        name: campaign.name,
        connector: campaign.connector,
        channel: campaign.channel,
        state: campaign.state,
    }
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
