//! What needs somebody, as screens and API show it.

use std::str::FromStr;

use app::port::{AlertCommentLine, AlertEventLine, AlertLine, AlertsPage, AlertsQuestion, AskError};
use domain::access::{Permission, Viewer};
use domain::alert::{Detector, Severity, State};
use domain::channel::ChannelSlug;
use domain::ids::{AlertId, TenantId};
use jiff::Timestamp;
use store::StoreError;
use store::alert_comments::AlertComment;
use store::alert_list::{AlertFilter, AlertPlace};
use store::alerts::{AlertEvent, StoredAlert};
use store::work::TenantWork;

use super::paging::{Paging, wrong_cursor};
use super::{LedgerDesk, ours};

/// The states of what needs somebody now.
pub(super) const SHOWN: [State; 2] = [State::Open, State::Acknowledged];

/// The states of what is not done with.
const STANDING: [State; 3] = [State::Open, State::Acknowledged, State::Snoozed];

/// How many alerts the main screen lists at most.
const MOST: i64 = 200;

impl LedgerDesk {
    /// The alerts of the viewer's tenant, with what happened to each.
    pub(super) async fn alerts_page(
        &self,
        viewer: &Viewer,
        question: AlertsQuestion,
    ) -> Result<AlertsPage, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let state: Option<State> = word("state", question.state.as_deref(), &State::ALL.map(State::word))?;
        let filter = AlertFilter {
            states: state.map_or(STANDING.to_vec(), |state| vec![state]),
            detector: word("kind", question.kind.as_deref(), &Detector::ALL.map(Detector::word))?,
            severity: word("severity", question.severity.as_deref(), &Severity::ALL.map(Severity::word))?,
            channel: question.channel.map(ChannelSlug::stored),
        };
        let paging = Paging::read(question.limit.as_deref())?;
        let after = question.cursor.as_deref().map(read_cursor).transpose()?;
        let tenant = self.tenant_view(viewer.tenant).await?;
        let mut work = self.store.within(viewer.tenant).await.map_err(ours)?;
        let found = work.alerts_page(&filter, after, paging.one_more()).await.map_err(ours)?;
        let (found, next) = paging.page(found, |alert| write_cursor(AlertPlace::of(alert)));
        let mut lines: Vec<AlertLine> = found.into_iter().map(line).collect();
        tell_histories(&mut work, &mut lines).await.map_err(ours)?;
        tell_comments(&mut work, &mut lines).await.map_err(ours)?;
        let open = work.alerts_open().await.map_err(ours)?;
        let members =
            if viewer.may(Permission::Act) { assignable(&mut work).await.map_err(ours)? } else { Vec::new() };
        Ok(AlertsPage { tenant, state, open, lines, next, members, as_of: self.clock.now() })
    }

    /// How many alerts of a tenant nobody has looked after.
    pub async fn alerts_open(&self, tenant: TenantId) -> Result<i64, StoreError> {
        self.store.within(tenant).await?.alerts_open().await
    }
}

/// One of some words, when it is given.
fn word<T: FromStr>(field: &'static str, given: Option<&str>, words: &[&str]) -> Result<Option<T>, AskError> {
    let wrong = |_| AskError::Invalid { field, message: format!("{field} is one of {}", words.join(", ")) };
    given.map(str::parse).transpose().map_err(wrong)
}

/// A cursor is the place of the last one: when it was resolved and opened, in microseconds, how much it matters, its id.
fn write_cursor(place: AlertPlace) -> String {
    let resolved_at = place.resolved_at.map_or("-".to_owned(), |at| at.as_microsecond().to_string());
    format!("{resolved_at}.{}.{}.{}", place.severity, place.opened_at.as_microsecond(), place.id)
}

fn read_cursor(text: &str) -> Result<AlertPlace, AskError> {
    let moment = |text: &str| Timestamp::from_microsecond(text.parse().ok()?).ok();
    let read = || {
        let [resolved_at, severity, opened_at, id] = text.split('.').collect::<Vec<_>>().try_into().ok()?;
        let resolved_at = if resolved_at == "-" { None } else { Some(moment(resolved_at)?) };
        let (severity, opened_at) = (severity.parse().ok()?, moment(opened_at)?);
        Some(AlertPlace { resolved_at, severity, opened_at, id: id.parse().ok()? })
    };
    read().ok_or_else(wrong_cursor)
}

/// The alerts in any of these states, the worst first, without what happened to them.
pub(super) async fn lines_in(work: &mut TenantWork, states: &[State]) -> Result<Vec<AlertLine>, AskError> {
    let alerts = work.alerts_page(&AlertFilter::of_states(states), None, MOST).await.map_err(ours)?;
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
