//! Who comes in, and to which tenant.

use credentials::tokens::{ApiKeyText, Token};
use domain::access::{Caller, Person, Viewer};
use domain::audit::Deed;
use domain::ids::{TenantId, UserId};
use domain::tenant::Tenant;
use jiff::{SignedDuration, Timestamp};
use store::audit_log::NewAudit;
use store::{Store, StoreError};

use super::{Accounts, Sender, about, deed};
use crate::clock::Clock;

/// How exactly it is kept when somebody was last seen.
const SEEN_GRAIN: SignedDuration = SignedDuration::from_secs(60);

/// A browser nobody used for this long is signed out.
const IDLE: SignedDuration = SignedDuration::from_hours(24 * 14);

/// For how long a visit of the platform's counts as one.
const ONE_VISIT: SignedDuration = SignedDuration::from_hours(1);

/// How much of what somebody asked for in vain is written down.
const MAX_TARGET: usize = 400;

/// Says who comes in.
#[derive(Clone, Debug)]
pub struct Doorman {
    /// Who is known.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
}

impl Doorman {
    /// Whoever has this session; `None` when it is none, over, or its owner disabled.
    pub async fn by_session(&self, token: &str) -> Result<Option<Caller>, StoreError> {
        let Some(token) = Token::read(token) else { return Ok(None) };
        let now = self.clock.now();
        let found = self.store.session_by_hash(token.hash().as_bytes(), now).await?;
        let Some(signed_in) = found.filter(|found| now < found.last_seen_at + IDLE) else {
            return Ok(None);
        };
        if is_long_ago(Some(signed_in.last_seen_at), now) {
            self.store.session_touch(signed_in.person.session, now).await?;
        }
        let tenant = match signed_in.person.tenant {
            None => self.first_tenant(signed_in.person.user).await?,
            chosen => chosen,
        };
        Ok(Some(Caller::Person(Person { tenant, ..signed_in.person })))
    }

    /// What somebody looks at who has chosen nothing, or no longer belongs to what they chose.
    async fn first_tenant(&self, user: UserId) -> Result<Option<TenantId>, StoreError> {
        Ok(self.store.memberships_of(user).await?.first().map(|membership| membership.tenant))
    }

    /// Whoever has this API key.
    pub async fn by_key(&self, key: &str) -> Result<Option<Caller>, StoreError> {
        let Some(key) = ApiKeyText::read(key) else { return Ok(None) };
        let now = self.clock.now();
        let Some((holder, last_used)) = self.store.api_key_by_hash(key.hash().as_bytes()).await? else {
            return Ok(None);
        };
        if is_long_ago(last_used, now) {
            self.store.api_key_touch(holder.tenant, holder.key, now).await?;
        }
        Ok(Some(Caller::Key(holder)))
    }

    /// The viewer a caller is to a tenant, or to the one it looks at by itself; `None` when there is no such
    /// tenant or it is none of theirs, which are the same.
    pub async fn look(
        &self,
        caller: &Caller,
        tenant: Option<TenantId>,
        sender: &Sender,
    ) -> Result<Option<(Viewer, Tenant)>, StoreError> {
        let Some(id) = tenant.or_else(|| own_tenant(caller)) else { return Ok(None) };
        let role = match caller {
            Caller::Person(person) => self.store.membership_role(id, person.user).await?,
            Caller::Key(holder) => Some(holder.role),
        };
        let Some(viewer) = Viewer::of(caller, id, role) else { return Ok(None) };
        let Some(tenant) = self.store.tenant_by_id(id).await? else { return Ok(None) };
        if role.is_none() {
            self.note_visit(&viewer, sender).await?;
        }
        Ok(Some((viewer, tenant)))
    }

    /// A member of the platform who looks into a tenant leaves a line there.
    async fn note_visit(&self, viewer: &Viewer, sender: &Sender) -> Result<(), StoreError> {
        let line = deed(viewer.actor.clone(), Deed::PlatformVisited, sender);
        let since = self.clock.now() - ONE_VISIT;
        self.store.audit_platform_visits(&[viewer.tenant], &line, self.clock.now(), since).await
    }
}

/// The tenant a caller looks at without naming one.
fn own_tenant(caller: &Caller) -> Option<TenantId> {
    match caller {
        Caller::Person(person) => person.tenant,
        Caller::Key(holder) => Some(holder.tenant),
    }
}

fn is_long_ago(moment: Option<Timestamp>, now: Timestamp) -> bool {
    moment.is_none_or(|moment| now.duration_since(moment) >= SEEN_GRAIN)
}

impl Accounts {
    /// Writes down that somebody tried what they may not do. That this fails must not let them do it.
    pub async fn note_refused_access(&self, viewer: &Viewer, what: &str, sender: &Sender) {
        let line = about(deed(viewer.actor.clone(), Deed::AccessRefused, sender), what);
        if let Err(error) = self.write(viewer.tenant, &line).await {
            tracing::error!(%error, "a refused access could not be written down");
        }
    }

    /// Writes down that somebody asked for what is not there, or another tenant's: where they looked, or wherever
    /// they belong when they looked at what is none of theirs.
    pub async fn note_stray(&self, caller: &Caller, viewer: Option<&Viewer>, what: &str, sender: &Sender) {
        let what: String = what.chars().take(MAX_TARGET).collect();
        let line = about(deed(caller.actor(), Deed::AccessRefused, sender), what);
        let written = match (viewer, caller) {
            (Some(viewer), _) => self.write(viewer.tenant, &line).await,
            (None, Caller::Key(holder)) => self.write(holder.tenant, &line).await,
            (None, Caller::Person(person)) => self.write_everywhere(person.user, &line).await,
        };
        if let Err(error) = written {
            tracing::error!(%error, "a refused access could not be written down");
        }
    }

    async fn write_everywhere(&self, user: UserId, line: &NewAudit) -> Result<(), StoreError> {
        let mut work = self.store.platform().await?;
        work.audit_everywhere(user, line, self.clock.now()).await?;
        work.commit().await
    }

    /// Writes down that somebody took rows out as a file.
    pub async fn note_export(&self, viewer: &Viewer, what: &str, sender: &Sender) -> Result<(), StoreError> {
        self.write(viewer.tenant, &about(deed(viewer.actor.clone(), Deed::Exported, sender), what)).await
    }

    /// Writes down, once for a while, that somebody of the platform looked at tenants.
    pub async fn note_platform_visit(
        &self,
        caller: &Caller,
        tenants: &[TenantId],
        sender: &Sender,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let line = deed(caller.actor(), Deed::PlatformVisited, sender);
        self.store.audit_platform_visits(tenants, &line, now, now - ONE_VISIT).await
    }

    async fn write(&self, tenant: TenantId, line: &NewAudit) -> Result<(), StoreError> {
        let mut work = self.store.within(tenant).await?;
        work.audit(line, self.clock.now()).await?;
        work.commit().await
    }
}
