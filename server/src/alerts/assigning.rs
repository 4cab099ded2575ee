//! Who is to look after an alert.

use domain::access::{Permission, Viewer};
use domain::alert::{Change, State};
use domain::audit::Deed;
use store::alerts::StoredAlert;
use store::work::TenantWork;

use super::{Alerts, Handled, event_of, name_of, named};
use crate::accounts::{Refusal, Sender, about, deed, saying};

/// Who is to look after which alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssigningAsked {
    /// Which alert.
    pub id: String,
    /// The version that was seen; whatever stands without one.
    pub version: Option<i32>,
    /// A member, by e-mail address; nobody in particular without one.
    pub assignee: Option<String>,
}

impl Alerts {
    /// Has a member look after an alert, unless it changed since the version that was seen or is resolved.
    pub async fn assign(
        &self,
        viewer: &Viewer,
        asked: &AssigningAsked,
        sender: &Sender,
    ) -> Result<Handled, Refusal> {
        viewer.require(Permission::Act)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let before = named(&mut work, &asked.id).await?;
        let assignee = match asked.assignee.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            Some(email) => Some(member(&mut work, email).await?),
            None => None,
        };
        let is_stale = asked.version.is_some_and(|seen| seen != before.version);
        if is_stale || before.standing.state == State::Resolved {
            return Ok(Handled::Stale(before));
        }
        if before.assignee == assignee {
            return Ok(Handled::Done(before));
        }
        let now = self.clock.now();
        let change = if assignee.is_some() { Change::Assigned } else { Change::Unassigned };
        let after = StoredAlert { assignee, version: before.version + 1, ..before };
        work.alert_set(&after).await?;
        work.alert_event_insert(&event_of(&after, change, Some(name_of(&viewer.actor)), now)).await?;
        let line = about(deed(viewer.actor.clone(), Deed::AlertAssigned, sender), after.finding.key());
        let to = after.assignee.clone().unwrap_or_default();
        let line = saying(line, [("alert", after.finding.title.clone()), ("to", to)]);
        work.audit(&line, now).await?;
        work.commit().await?;
        Ok(Handled::Done(after))
    }
}

/// The e-mail address of a member who can sign in, as it is kept.
async fn member(work: &mut TenantWork, email: &str) -> Result<String, Refusal> {
    let members = work.members().await?;
    let found =
        members.into_iter().find(|member| !member.is_disabled && member.email.eq_ignore_ascii_case(email));
    let nobody = || Refusal::field("assignee", "no member of this workspace has this e-mail address");
    found.map(|member| member.email).ok_or_else(nobody)
}
