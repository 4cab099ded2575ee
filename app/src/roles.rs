//! What roles are called and what each may do, in words.

use domain::access::Role;

/// What a role is called: `Viewer`.
#[must_use]
pub const fn name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Operator => "Operator",
        Role::Admin => "Admin",
        Role::Owner => "Owner",
    }
}

/// A role within a sentence: `a viewer`.
#[must_use]
pub const fn with_article(role: Role) -> &'static str {
    match role {
        Role::Viewer => "a viewer",
        Role::Operator => "an operator",
        Role::Admin => "an admin",
        Role::Owner => "an owner",
    }
}

/// What a role may do beyond the ones before it.
#[must_use]
pub const fn may(role: Role) -> &'static str {
    match role {
        Role::Viewer => "reads every figure",
        Role::Operator => "also acts on campaigns and leads",
        Role::Admin => "also edits settings, members, keys and connections",
        Role::Owner => "also names and removes owners",
    }
}

/// Roles to choose from, each with what it may do.
#[must_use]
pub fn explained(roles: &[Role]) -> Vec<(String, String)> {
    roles.iter().map(|role| (role.word().to_owned(), format!("{}: {}", name(*role), may(*role)))).collect()
}

/// Roles to choose from, by name only.
#[must_use]
pub fn named(roles: &[Role]) -> Vec<(String, String)> {
    roles.iter().map(|role| (role.word().to_owned(), name(*role).to_owned())).collect()
}
