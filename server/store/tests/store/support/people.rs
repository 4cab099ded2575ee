//! The people of a tenant, and what they may.

use std::collections::BTreeMap;

use domain::access::{Actor, Permission, Role};
use domain::audit::Deed;
use domain::connection::SecretKind;
use domain::ids::{AuditId, UserId};
use jiff::SignedDuration;
use store::Store;
use store::api_keys::NewApiKey;
use store::audit_log::NewAudit;
use store::invitations::NewInvitation;
use store::sessions::NewSession;
use store::tenant_secrets::SealedSecret;
use store::users::NewUser;

use super::{Side, channel, later, now};

/// Makes the tenant, its owner, and one of everything that has to do with people.
pub(super) async fn fill(store: &Store, side: &Side) {
    let mut platform = store.platform().await.unwrap();
    assert!(platform.tenant_insert(&side.tenant, &[channel("outreach")], now()).await.unwrap());
    assert!(platform.user_insert(&new_user(side.user, &side.email), now()).await.unwrap());
    platform.membership_put(side.id(), side.user, Role::Owner, now()).await.unwrap();
    platform.session_insert(&session(side), now()).await.unwrap();
    platform.reset_insert(&side.reset_hash, side.user, now(), later(60)).await.unwrap();
    platform.commit().await.unwrap();
    store.attempt(&format!("account:{}", side.email), now(), SignedDuration::from_mins(1)).await.unwrap();

    let mut work = store.within(side.id()).await.unwrap();
    work.invitation_insert(&invitation(side), now()).await.unwrap();
    work.api_key_insert(&api_key(side), now()).await.unwrap();
    work.secret_put(SecretKind::StripeKey, &sealed(), &side.email, now()).await.unwrap();
    work.audit(&line_by(side, side.audit, Deed::SettingsChanged), now()).await.unwrap();
    work.commit().await.unwrap();
    let visit = line_by(side, AuditId(side.user.0), Deed::PlatformVisited);
    store.audit_platform_visits(&[side.id()], &visit, now(), later(-60)).await.unwrap();
}

pub fn new_user(id: UserId, email: &str) -> NewUser {
    NewUser {
        id,
        email: email.to_owned(),
        name: "Somebody".to_owned(),
        password_hash: "$argon2id$not-one".to_owned(),
        is_platform_admin: false,
    }
}

pub fn line_by(side: &Side, id: AuditId, deed: Deed) -> NewAudit {
    NewAudit {
        id,
        actor: Actor::Person { user: side.user, email: side.email.clone() },
        deed,
        target: Some(side.tenant.name.clone()),
        details: BTreeMap::from([("name".to_owned(), "from a to b".to_owned())]),
        address: Some("203.0.113.7".to_owned()),
    }
}

pub fn session(side: &Side) -> NewSession {
    NewSession {
        id: side.session,
        token_hash: side.session_hash,
        user: side.user,
        tenant: Some(side.id()),
        user_agent: Some("a browser".to_owned()),
        address: Some("203.0.113.7".to_owned()),
        expires_at: later(60),
    }
}

pub fn invitation(side: &Side) -> NewInvitation {
    NewInvitation {
        id: side.invitation,
        token_hash: side.invitation_hash,
        email: format!("new-at-{}@example.com", side.tenant.slug),
        role: Role::Operator,
        invited_by: side.email.clone(),
        expires_at: later(60),
    }
}

pub fn api_key(side: &Side) -> NewApiKey {
    NewApiKey {
        id: side.key,
        key_hash: side.key_hash,
        hint: "cck_1234".to_owned(),
        name: format!("reports of {}", side.tenant.slug),
        role: Role::Viewer,
        scopes: vec![Permission::ReadFigures],
        created_by: side.email.clone(),
    }
}

fn sealed() -> SealedSecret {
    SealedSecret { key_id: "0123abcd".to_owned(), bytes: vec![1, 2, 3] }
}
