//! A tool of a tenant, what was read from it, and what it sent.

use domain::campaign::CampaignState;
use domain::channel::ChannelSlug;
use domain::connection::{ConnectionState, Tool};
use domain::ids::CampaignId;
use domain::lead::Stage;
use serde_json::json;
use store::Store;
use store::campaigns::Campaign;
use store::connections::StoredConnection;
use store::leads::Bringing;
use store::synced_objects::{SyncedKind, SyncedObject};
use store::syncs::{ListPlace, SyncCounts, SyncRejection};
use uuid::Uuid;

use super::{Side, hash, later, now};

pub const TOOL: Tool = Tool::HeyReach;

/// Connects a tool, reads it once, begins to read it again, and hears of something.
pub(super) async fn fill(store: &Store, side: &Side) {
    let mut work = store.within(side.id()).await.unwrap();
    work.connection_put(&connection(side)).await.unwrap();
    work.connection_put(&ended(side)).await.unwrap();
    work.sync_begin(side.old_sync, TOOL, &side.email, later(-60)).await.unwrap();
    let added = work.sync_add(side.old_sync, counts(), &[rejection(side)], later(-59)).await.unwrap();
    assert!(added);
    work.sync_end(side.old_sync, None, later(-58)).await.unwrap();
    work.sync_begin(side.sync, TOOL, &side.email, now()).await.unwrap();
    work.list_place_put(TOOL, &place(side)).await.unwrap();
    work.campaigns_put(&[campaign(side)], Bringing::at(now())).await.unwrap();
    for (kind, object) in objects(side) {
        work.synced_put(TOOL, kind, &[object], now()).await.unwrap();
    }
    assert!(
        work.delivery_keep(TOOL, &side.tenant.slug, &json!({ "of": side.tenant.slug }), now()).await.unwrap()
    );
    work.commit().await.unwrap();
}

pub fn connection(side: &Side) -> StoredConnection {
    StoredConnection {
        tool: TOOL,
        state: ConnectionState::Connected,
        api_base: None,
        capabilities: json!({ "pause": null }),
        problem: None,
        webhook_token_hash: Some(hash(&format!("{} token", side.tenant.slug)).to_vec()),
        connected_by: side.email.clone(),
        connected_at: now(),
        probed_at: now(),
    }
}

/// A tool that was connected once.
pub fn ended(side: &Side) -> StoredConnection {
    StoredConnection {
        tool: Tool::Apollo,
        state: ConnectionState::Disconnected,
        webhook_token_hash: None,
        ..connection(side)
    }
}

pub const fn counts() -> SyncCounts {
    SyncCounts { created: 3, changed: 2, same: 1, rejected: 1 }
}

pub fn rejection(side: &Side) -> SyncRejection {
    SyncRejection {
        object: "person".to_owned(),
        reference: Some(side.tenant.slug.clone()),
        reason: "it has no e-mail".to_owned(),
        raw: json!({ "name": side.tenant.slug }),
    }
}

pub fn place(side: &Side) -> ListPlace {
    ListPlace {
        list: "campaigns".to_owned(),
        place: Some(format!("after {}", side.tenant.slug)),
        since: None,
        walked: Some((side.old_sync, later(-58))),
    }
}

pub fn campaign(side: &Side) -> Campaign {
    Campaign {
        id: CampaignId(Uuid::new_v5(
            &Uuid::NAMESPACE_OID,
            format!("{} at a tool", side.tenant.slug).as_bytes(),
        )),
        connector: TOOL.word().to_owned(),
        external_id: format!("campaign of {}", side.tenant.slug),
        name: "Outreach".to_owned(),
        channel: ChannelSlug::unknown(),
        state: CampaignState::Active,
        started_at: None,
    }
}

pub fn objects(side: &Side) -> [(SyncedKind, SyncedObject); 3] {
    let object = |external_id: String| SyncedObject {
        external_id,
        lead: Some(side.lead),
        raw: json!({ "of": side.tenant.slug }),
        thread: None,
        stage: None,
        stage_at: None,
    };
    let person = object(format!("person of {}", side.tenant.slug));
    [
        (SyncedKind::Campaign, SyncedObject { lead: None, ..object(campaign(side).external_id) }),
        (SyncedKind::Person, SyncedObject { stage: Some(Stage::Contacted), ..person }),
        (
            SyncedKind::Touch,
            SyncedObject {
                thread: Some(json!({ "id": side.tenant.slug })),
                ..object(format!("touch of {}", side.tenant.slug))
            },
        ),
    ]
}
