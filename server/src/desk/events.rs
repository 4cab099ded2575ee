//! What became of Stripe's events.

use std::collections::BTreeMap;

use app::port::{AskError, EffectLine, EventDetail, EventLine, EventsPage, EventsQuestion};
use domain::access::{Permission, Viewer};
use domain::event_state::EventState;
use domain::ids::{EventId, TenantId};
use store::event_log::{EventEffect, EventFilter, LoggedEvent};

use super::ledger::id_filter;
use super::paging::{Paging, wrong_cursor};
use super::{LedgerDesk, ours};
use crate::stripe::{redaction, version};

impl LedgerDesk {
    /// A page of events.
    pub(super) async fn events_page(
        &self,
        viewer: &Viewer,
        question: EventsQuestion,
    ) -> Result<EventsPage, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let paging = Paging::read(question.limit.as_deref())?;
        let after = question.cursor.as_deref().map(read_cursor).transpose()?;
        let filter = event_filter(question)?;
        let tenant = viewer.tenant;
        let (events, intake, versions, view) = tokio::join!(
            self.store.events_page(tenant, &filter, after, paging.one_more()),
            self.store.intake_state(tenant),
            self.store.api_versions(tenant),
            self.tenant_view(tenant),
        );
        let (events, next) = paging.page(events.map_err(ours)?, |event| event.seq.to_string());
        Ok(EventsPage {
            next,
            lines: self.event_lines(tenant, events).await?,
            dead_letters: intake.map_err(ours)?.dead_letters,
            untried_versions: versions.map_err(ours)?.into_iter().filter_map(remarked).collect(),
            tenant: view?,
        })
    }

    /// One event, with its payload.
    pub(super) async fn event_detail(
        &self,
        viewer: &Viewer,
        id: &str,
    ) -> Result<Option<EventDetail>, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let Ok(id) = id.parse::<EventId>() else { return Ok(None) };
        let found = self.store.event_logged(viewer.tenant, &id).await.map_err(ours)?;
        let Some((event, body)) = found else { return Ok(None) };
        let version_remark = event.api_version.as_deref().and_then(version::remark_on);
        let mut lines = self.event_lines(viewer.tenant, vec![event]).await?;
        let tenant = self.tenant_view(viewer.tenant).await?;
        let payload = redaction::shown(&body);
        Ok(lines.pop().map(|line| EventDetail { tenant, line, payload, version_remark }))
    }

    async fn event_lines(
        &self,
        tenant: TenantId,
        events: Vec<LoggedEvent>,
    ) -> Result<Vec<EventLine>, AskError> {
        let ids: Vec<String> = events.iter().map(|event| event.id.to_string()).collect();
        let mut effects: BTreeMap<EventId, Vec<EffectLine>> = BTreeMap::new();
        for effect in self.store.event_effects(tenant, &ids).await.map_err(ours)? {
            effects.entry(effect.event.clone()).or_default().push(effect_line(effect));
        }
        Ok(events.into_iter().map(|event| line(event, &mut effects)).collect())
    }
}

fn line(event: LoggedEvent, effects: &mut BTreeMap<EventId, Vec<EffectLine>>) -> EventLine {
    EventLine {
        effects: effects.remove(&event.id).unwrap_or_default(),
        id: event.id,
        event_type: event.event_type,
        state: event.state,
        reason: event.reason,
        attempts: event.attempts,
        took_us: event.took_us,
        api_version: event.api_version,
        livemode: event.livemode,
        created_at: event.created_at,
        received_at: event.received_at,
        applied_at: event.applied_at,
        bytes: event.bytes,
    }
}

fn effect_line(effect: EventEffect) -> EffectLine {
    EffectLine {
        row: effect.row,
        kind: effect.kind,
        money: effect.money,
        occurred_at: effect.occurred_at,
        is_cause: effect.is_cause,
    }
}

fn remarked(version: String) -> Option<(String, &'static str)> {
    version::remark_on(&version).map(|remark| (version, remark))
}

fn event_filter(question: EventsQuestion) -> Result<EventFilter, AskError> {
    Ok(EventFilter {
        state: question.state.map(|text| state_filter(&text)).transpose()?,
        event_type: question.event_type.map(type_filter).transpose()?,
        id: question.id.map(|text| id_filter("id", text)).transpose()?,
    })
}

fn state_filter(text: &str) -> Result<EventState, AskError> {
    text.parse().map_err(|_| AskError::Invalid {
        field: "state",
        message: format!("state is one of {}", EventState::ALL.map(EventState::word).join(", ")),
    })
}

fn type_filter(text: String) -> Result<String, AskError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
    if plain && text.len() <= 100 {
        return Ok(text);
    }
    Err(AskError::Invalid {
        field: "type",
        message: "type is Stripe's, like invoice.paid, or how it begins".to_owned(),
    })
}

/// A cursor is the last event's place in the order of arrival.
fn read_cursor(text: &str) -> Result<i64, AskError> {
    text.parse().ok().filter(|place| *place > 0).ok_or_else(wrong_cursor)
}
