//! An action of a tenant, asked for and in the queue.

use domain::action::leads::LeadState;
use domain::action::outcome::Activity;
use domain::action::{ActionKind, CampaignPreview, Preview, State, Step};
use domain::campaign::CampaignState;
use domain::connection::Tool;
use store::Store;
use store::action_leads::ActionLead;
use store::actions::{ActionEvent, StoredAction};

use super::{Side, hash, now, pipeline};

/// Keeps an action that was just asked for.
pub(super) async fn fill(store: &Store, side: &Side) {
    let mut work = store.within(side.id()).await.unwrap();
    work.action_insert(&action(side)).await.unwrap();
    work.action_event_insert(&asked(side)).await.unwrap();
    work.action_leads_insert(&[looked_up(side)]).await.unwrap();
    work.commit().await.unwrap();
}

pub fn action(side: &Side) -> StoredAction {
    let campaign = pipeline::campaign(side);
    StoredAction {
        id: side.action,
        kind: ActionKind::PauseCampaign,
        preview: Preview::Campaign(CampaignPreview {
            kind: ActionKind::PauseCampaign,
            campaign: campaign.id,
            name: campaign.name,
            connector: campaign.connector,
            external_id: campaign.external_id,
            channel: campaign.channel,
            state: CampaignState::Active,
            is_from_tool: false,
            version: 1,
            people: 0,
            lately: Activity::default(),
            last: None,
        }),
        key: format!("asked by {}", side.tenant.slug),
        payload_hash: hash("what was asked for"),
        state: State::Queued,
        answer: None,
        problem: None,
        undo_of: None,
        asked_by: side.email.clone(),
        asked_at: now(),
        called_at: None,
        ended_at: None,
        version: 1,
    }
}

pub fn asked(side: &Side) -> ActionEvent {
    ActionEvent {
        action: side.action,
        version: 1,
        step: Step::Request,
        state: State::Queued,
        by: Some(side.email.clone()),
        note: None,
        at: now(),
    }
}

/// A lead the action is done to as well; what an action is done to is not the store's to say.
pub fn looked_up(side: &Side) -> ActionLead {
    ActionLead {
        action: side.action,
        lead: side.lead,
        ordinal: 1,
        kind: ActionKind::RetryEnrichment,
        tool: Tool::Apollo,
        message: None,
        thread: None,
        state: LeadState::Queued,
        reference: None,
        answer: None,
        problem: None,
        credits: None,
        asked_at: now(),
        called_at: None,
        next_at: None,
        ended_at: None,
    }
}
