//! Who asks, and what they may: the one vocabulary of authorization.
//!
//! Whoever comes in is a [`Caller`]. For one tenant it becomes a [`Viewer`], whose [`Viewer::require`] every
//! use case asks before it does anything; pages, API, jobs and command line alike.
//! To add something that not everybody may do: a [`Permission`], and the lowest role that has it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{ApiKeyId, SessionId, TenantId, UserId};

/// What a member of a tenant is to it; each role has what the ones before it have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads every figure.
    Viewer,
    /// Also acts: pauses campaigns, retries, follows up.
    Operator,
    /// Also edits settings, costs, members, keys and connections.
    Admin,
    /// Also names and removes owners.
    Owner,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Operator, Self::Admin, Self::Owner];

    /// The word stored, sent and typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

/// A text that names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is viewer, operator, admin or owner")]
pub struct InvalidRole;

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        Self::ALL.into_iter().find(|role| role.word() == text).ok_or(InvalidRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See figures and the rows behind them.
    ReadFigures,
    /// Act on campaigns, leads and alerts.
    Act,
    /// See who did what.
    ReadAuditLog,
    /// Change the tenant's settings.
    EditSettings,
    /// Invite, remove and change members.
    ManageMembers,
    /// Make and revoke API keys.
    ManageApiKeys,
    /// Store and remove credentials of other services.
    ManageConnections,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 7] = [
        Self::ReadFigures,
        Self::Act,
        Self::ReadAuditLog,
        Self::EditSettings,
        Self::ManageMembers,
        Self::ManageApiKeys,
        Self::ManageConnections,
    ];

    /// The word stored, sent and typed; a scope of an API key.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReadFigures => "read_figures",
            Self::Act => "act",
            Self::ReadAuditLog => "read_audit_log",
            Self::EditSettings => "edit_settings",
            Self::ManageMembers => "manage_members",
            Self::ManageApiKeys => "manage_api_keys",
            Self::ManageConnections => "manage_connections",
        }
    }

    /// What it lets somebody do, in words.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::ReadFigures => "see figures",
            Self::Act => "act on campaigns and leads",
            Self::ReadAuditLog => "read the audit log",
            Self::EditSettings => "change settings",
            Self::ManageMembers => "manage members",
            Self::ManageApiKeys => "manage API keys",
            Self::ManageConnections => "manage connections",
        }
    }

    /// The least role that has it.
    #[must_use]
    pub const fn least_role(self) -> Role {
        match self {
            Self::ReadFigures => Role::Viewer,
            Self::Act => Role::Operator,
            Self::ReadAuditLog
            | Self::EditSettings
            | Self::ManageMembers
            | Self::ManageApiKeys
            | Self::ManageConnections => Role::Admin,
        }
    }

    /// Everything a role has.
    #[must_use]
    pub fn of(role: Role) -> Vec<Self> {
        Self::ALL.into_iter().filter(|permission| permission.least_role() <= role).collect()
    }
}

/// A text that names no permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is no scope")]
pub struct InvalidPermission;

impl FromStr for Permission {
    type Err = InvalidPermission;

    fn from_str(text: &str) -> Result<Self, InvalidPermission> {
        Self::ALL.into_iter().find(|permission| permission.word() == text).ok_or(InvalidPermission)
    }
}

/// A person in a signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Their e-mail.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Whether they see every tenant and the aggregate.
    pub is_platform_admin: bool,
    /// The browser's session.
    pub session: SessionId,
    /// The tenant the browser looks at, when it is one of theirs.
    pub tenant: Option<TenantId>,
}

/// A program with an API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    /// The key.
    pub key: ApiKeyId,
    /// Its name.
    pub name: String,
    /// The one tenant it is for.
    pub tenant: TenantId,
    /// What it may be at most.
    pub role: Role,
    /// Which of that role's permissions it has.
    pub scopes: Vec<Permission>,
}

/// Whoever comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person in a browser.
    Person(Person),
    /// A program with a key.
    Key(KeyHolder),
}

impl Caller {
    /// As whom what they do is recorded.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Person(person) => Actor::Person { user: person.user, email: person.email.clone() },
            Self::Key(holder) => Actor::Key { key: holder.key, name: holder.name.clone() },
        }
    }

    /// Whether they see every tenant and the aggregate.
    #[must_use]
    pub const fn is_platform_admin(&self) -> bool {
        matches!(self, Self::Person(Person { is_platform_admin: true, .. }))
    }
}

/// As whom something is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    Person {
        /// Who.
        user: UserId,
        /// Their e-mail, as it was then.
        email: String,
    },
    /// A program.
    Key {
        /// Its key.
        key: ApiKeyId,
        /// The key's name, as it was then.
        name: String,
    },
    /// Whoever may run commands on the machine.
    CommandLine,
}

/// Somebody looking at one tenant, and what they may do there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// As whom.
    pub actor: Actor,
    /// The tenant.
    pub tenant: TenantId,
    /// What they are to it.
    pub role: Role,
    permissions: Vec<Permission>,
}

/// What somebody may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this needs the permission to {}", .0.in_words())]
pub struct Forbidden(pub Permission);

impl Viewer {
    /// A caller who looks at a tenant; `role` is theirs there, and none for who is no member.
    #[must_use]
    pub fn of(caller: &Caller, tenant: TenantId, role: Option<Role>) -> Option<Self> {
        let (role, permissions) = match caller {
            Caller::Person(person) if person.is_platform_admin => (Role::Owner, Permission::of(Role::Owner)),
            Caller::Person(_) => role.map(|role| (role, Permission::of(role)))?,
            Caller::Key(holder) if holder.tenant == tenant => {
                let scopes = holder.scopes.iter().copied();
                (holder.role, scopes.filter(|scope| scope.least_role() <= holder.role).collect())
            }
            Caller::Key(_) => return None,
        };
        Some(Self { actor: caller.actor(), tenant, role, permissions })
    }

    /// Refuses what they may not do.
    pub fn require(&self, permission: Permission) -> Result<(), Forbidden> {
        if self.may(permission) { Ok(()) } else { Err(Forbidden(permission)) }
    }

    /// Whether they may do it.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Whether they may make somebody this, or change somebody who is: nobody hands on more than they have.
    #[must_use]
    pub fn may_hand_on(&self, role: Role) -> bool {
        role <= self.role && Permission::of(role).into_iter().all(|permission| self.may(permission))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const OURS: TenantId = TenantId(Uuid::from_u128(1));
    const THEIRS: TenantId = TenantId(Uuid::from_u128(2));

    fn person(is_platform_admin: bool) -> Caller {
        Caller::Person(Person {
            user: UserId(Uuid::from_u128(7)),
            email: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            is_platform_admin,
            session: SessionId(Uuid::from_u128(8)),
            tenant: Some(OURS),
        })
    }

    fn key(role: Role, scopes: &[Permission]) -> Caller {
        Caller::Key(KeyHolder {
            key: ApiKeyId(Uuid::from_u128(9)),
            name: "reports".to_owned(),
            tenant: OURS,
            role,
            scopes: scopes.to_vec(),
        })
    }

    #[test]
    fn each_role_has_what_the_ones_before_it_have_and_more_or_the_same() {
        for pair in Role::ALL.windows(2) {
            let (less, more) = (Permission::of(pair[0]), Permission::of(pair[1]));
            assert!(less.iter().all(|permission| more.contains(permission)), "{pair:?}");
        }
        assert_eq!(Permission::of(Role::Viewer), [Permission::ReadFigures]);
        assert_eq!(Permission::of(Role::Owner).len(), Permission::ALL.len());
    }

    #[test]
    fn who_is_no_member_is_no_viewer() {
        assert_eq!(Viewer::of(&person(false), THEIRS, None), None);
        let viewer = Viewer::of(&person(false), OURS, Some(Role::Viewer)).unwrap();
        assert!(viewer.require(Permission::ReadFigures).is_ok());
        assert_eq!(viewer.require(Permission::Act), Err(Forbidden(Permission::Act)));
    }

    #[test]
    fn a_platform_admin_sees_every_tenant() {
        let viewer = Viewer::of(&person(true), THEIRS, None).unwrap();
        assert!(Permission::ALL.into_iter().all(|permission| viewer.may(permission)));
    }

    #[test]
    fn a_key_opens_one_tenant_and_no_more_than_role_and_scopes_allow_together() {
        let narrow = key(Role::Viewer, &[Permission::ReadFigures, Permission::ManageMembers]);
        assert_eq!(Viewer::of(&narrow, THEIRS, Some(Role::Owner)), None);
        let viewer = Viewer::of(&narrow, OURS, None).unwrap();
        assert!(viewer.may(Permission::ReadFigures) && !viewer.may(Permission::ManageMembers));
    }

    #[test]
    fn nobody_hands_on_more_than_they_have() {
        let admin = Viewer::of(&person(false), OURS, Some(Role::Admin)).unwrap();
        assert!(admin.may_hand_on(Role::Admin) && !admin.may_hand_on(Role::Owner));
        let narrow = Viewer::of(&key(Role::Owner, &[Permission::ManageMembers]), OURS, None).unwrap();
        assert!(Role::ALL.into_iter().all(|role| !narrow.may_hand_on(role)));
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(Role::ALL.into_iter().all(|role| role.word().parse() == Ok(role)));
        assert!(Permission::ALL.into_iter().all(|permission| permission.word().parse() == Ok(permission)));
        assert_eq!("root".parse::<Role>(), Err(InvalidRole));
    }
}
