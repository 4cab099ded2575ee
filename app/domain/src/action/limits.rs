//! How many actions are too many: a mistake of a program or a person is stopped before it has touched everything.

use super::leads::MOST_A_DAY;
use crate::access::Role;

/// How many actions somebody may ask for on one day.
#[must_use]
pub const fn most_a_day(role: Role) -> i64 {
    match role {
        Role::Viewer => 0,
        Role::Operator => 50,
        Role::Admin | Role::Owner => 200,
    }
}

/// How often one campaign may be acted on in a day: who pauses and resumes all the time wants something else.
pub const MOST_A_DAY_OF_ONE: i64 = 10;

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reached {
    /// Somebody's own.
    #[error("you have asked for {0} actions within a day, which is as many as your role may")]
    OfRole(i64),
    /// A campaign's.
    #[error(
        "this campaign was acted on {MOST_A_DAY_OF_ONE} times within a day: look at it in its tool first"
    )]
    OfOne,
    /// A tenant's, of leads.
    #[error("{MOST_A_DAY} leads within a day are the most, and {0} were asked for already")]
    OfLeads(i64),
}

/// Whether somebody may ask for one more, after so many they and so many of this campaign within a day.
pub const fn allow(role: Role, by_them: i64, of_this: i64) -> Result<(), Reached> {
    let most = most_a_day(role);
    if by_them >= most {
        return Err(Reached::OfRole(most));
    }
    if of_this >= MOST_A_DAY_OF_ONE {
        return Err(Reached::OfOne);
    }
    Ok(())
}

/// Whether somebody may ask for so many leads more, after so many actions of theirs and so many leads of anybody's within
/// a day.
pub const fn allow_leads(role: Role, by_them: i64, asked_before: i64, more: i64) -> Result<(), Reached> {
    let most = most_a_day(role);
    if by_them >= most {
        return Err(Reached::OfRole(most));
    }
    if asked_before + more > MOST_A_DAY {
        return Err(Reached::OfLeads(asked_before));
    }
    Ok(())
}
