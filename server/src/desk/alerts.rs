//! What needs somebody, as screens and API show it.

use app::port::{AlertCommentLine, AlertEventLine, AlertLine, AlertsPage, AlertsQuestion, AskError};
use domain::access::{Permission, Viewer};
use domain::alert::State;
use domain::ids::{AlertId, TenantId};
use store::StoreError;
use store::alert_comments::AlertComment;
use store::alerts::{AlertEvent, StoredAlert};
use store::work::TenantWork;

use super::{LedgerDesk, ours};

/// The states of what needs somebody now.
pub(super) const SHOWN: [State; 2] = [State::Open, State::Acknowledged];

/// The states of what is not done with.
const STANDING: [State; 3] = [State::Open, State::Acknowledged, State::Snoozed];

/// How many alerts are listed at most.
const MOST: i64 = 200;

impl LedgerDesk {
    /// The alerts of the viewer's tenant, with what happened to each.
    pub(super) async fn alerts_page(
        &self,
        viewer: &Viewer,
        question: AlertsQuestion,
    ) -> Result<AlertsPage, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let state: Option<State> =
            question.state.as_deref().map(str::parse).transpose().map_err(|_| AskError::Invalid {
                field: "state",
                message: "state is open, acknowledged, snoozed or resolved".to_owned(),
            })?;
        let tenant = self.tenant_view(viewer.tenant).await?;
        let mut work = self.store.within(viewer.tenant).await.map_err(ours)?;
        let mut lines = match state {
            Some(state) => lines_in(&mut work, &[state]).await?,
            None => lines_in(&mut work, &STANDING).await?,
        };
        tell_histories(&mut work, &mut lines).await.map_err(ours)?;
        tell_comments(&mut work, &mut lines).await.map_err(ours)?;
        let open = work.alerts_open().await.map_err(ours)?;
        let members =
            if viewer.may(Permission::Act) { assignable(&mut work).await.map_err(ours)? } else { Vec::new() };
        Ok(AlertsPage { tenant, state, open, lines, members, as_of: self.clock.now() })
    }

    /// How many alerts of a tenant nobody has looked after.
    pub async fn alerts_open(&self, tenant: TenantId) -> Result<i64, StoreError> {
        self.store.within(tenant).await?.alerts_open().await
    }
}

/// The alerts in any of these states, the worst first, without what happened to them.
pub(super) async fn lines_in(work: &mut TenantWork, states: &[State]) -> Result<Vec<AlertLine>, AskError> {
    let alerts = work.alerts_in(states, MOST).await.map_err(ours)?;
    Ok(alerts.into_iter().map(line).collect())
}

async fn tell_histories(work: &mut TenantWork, lines: &mut [AlertLine]) -> Result<(), StoreError> {
    let ids: Vec<AlertId> = lines.iter().map(|line| line.id).collect();
    for event in work.alert_events(&ids).await? {
        if let Some(line) = lines.iter_mut().find(|line| line.id == event.alert) {
            line.history.push(event_line(event));
        }
    }
    Ok(())
}

async fn tell_comments(work: &mut TenantWork, lines: &mut [AlertLine]) -> Result<(), StoreError> {
    let ids: Vec<AlertId> = lines.iter().map(|line| line.id).collect();
    for comment in work.alert_comments(&ids).await? {
        if let Some(line) = lines.iter_mut().find(|line| line.id == comment.alert) {
            line.comments.push(comment_line(comment));
        }
    }
    Ok(())
}

/// The members an alert can be assigned to: those who can sign in.
async fn assignable(work: &mut TenantWork) -> Result<Vec<String>, StoreError> {
    let members = work.members().await?.into_iter();
    Ok(members.filter(|member| !member.is_disabled).map(|member| member.email).collect())
}

/// An alert as it is shown.
pub(crate) fn line(alert: StoredAlert) -> AlertLine {
    AlertLine {
        id: alert.id,
        finding: alert.finding,
        state: alert.standing.state,
        assignee: alert.assignee,
        opened_at: alert.opened_at,
        last_seen_at: alert.last_seen_at,
        snoozed_until: alert.standing.snoozed_until,
        resolved_at: alert.standing.resolved_at,
        version: alert.version,
        history: Vec::new(),
        comments: Vec::new(),
    }
}

/// What was said about an alert, as it is shown.
pub(crate) fn comment_line(comment: AlertComment) -> AlertCommentLine {
    let AlertComment { id, body, author_name, at, .. } = comment;
    AlertCommentLine { id, by: author_name, text: body, at }
}

fn event_line(event: AlertEvent) -> AlertEventLine {
    AlertEventLine {
        change: event.change,
        severity: event.severity,
        why: event.why,
        by: event.actor_name,
        snoozed_until: event.snoozed_until,
        assignee: event.assignee,
        at: event.at,
    }
}
