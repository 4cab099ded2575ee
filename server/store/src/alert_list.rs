//! Alerts as they are listed, page by page.

use domain::alert::{Detector, Operands, Severity, State};
use domain::channel::ChannelSlug;
use domain::ids::AlertId;
use jiff::Timestamp;
use sqlx::types::Json;

use crate::StoreError;
use crate::alerts::{AlertRow, StoredAlert};
use crate::database::instant;
use crate::work::TenantWork;

/// Which alerts are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Only in any of these states.
    pub states: Vec<State>,
    /// Only of this kind.
    pub detector: Option<Detector>,
    /// Only those that matter so much.
    pub severity: Option<Severity>,
    /// Only about this channel.
    pub channel: Option<ChannelSlug>,
}

impl AlertFilter {
    /// Everything in any of these states.
    #[must_use]
    pub fn of_states(states: &[State]) -> Self {
        Self { states: states.to_vec(), ..Self::default() }
    }

    /// What alerts about the channel are known by.
    fn keys(&self) -> Option<Vec<String>> {
        let channel = self.channel.as_ref()?.as_str();
        let about_channels = Detector::ALL.into_iter().filter(|detector| detector.is_about_a_channel());
        Some(about_channels.map(|detector| detector.key_about(channel)).collect())
    }
}

/// The place of an alert in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertPlace {
    /// When it was resolved; those that are not come first.
    pub resolved_at: Option<Timestamp>,
    /// How much it matters.
    pub severity: Severity,
    /// When its condition was first found.
    pub opened_at: Timestamp,
    /// Its id.
    pub id: AlertId,
}

impl AlertPlace {
    /// The place of an alert.
    #[must_use]
    pub const fn of(alert: &StoredAlert) -> Self {
        let standing = &alert.standing;
        Self {
            resolved_at: standing.resolved_at,
            severity: standing.severity,
            opened_at: alert.opened_at,
            id: alert.id,
        }
    }
}

impl TenantWork {
    /// A page of alerts after the place where the page before ended: those that are not done with first, what matters
    /// most first, then the newest.
    pub async fn alerts_page(
        &mut self,
        filter: &AlertFilter,
        after: Option<AlertPlace>,
        at_most: i64,
    ) -> Result<Vec<StoredAlert>, StoreError> {
        let states: Vec<String> = filter.states.iter().map(State::to_string).collect();
        let keys = filter.keys();
        let rows = sqlx::query_as!(
            AlertRow,
            r#"select id, key, kind, severity, state, title, why, operands as "operands: Json<Operands>", about,
                set_aside_about, assignee,
                set_aside_at, snoozed_until as "snoozed_until: jiff_sqlx::Timestamp",
                opened_at as "opened_at: jiff_sqlx::Timestamp", last_seen_at as "last_seen_at: jiff_sqlx::Timestamp",
                resolved_at as "resolved_at: jiff_sqlx::Timestamp", cleared_at as "cleared_at: jiff_sqlx::Timestamp",
                version
            from alerts
            cross join lateral (select coalesce(resolved_at, 'infinity') as done_at,
                array_position(array['info', 'opportunity', 'warning', 'critical'], severity) as weight) as o
            where tenant_id = $1 and state = any($2) and ($3::text is null or kind = $3)
              and ($4::text is null or severity = $4) and ($5::text[] is null or key = any($5))
              and ($6::uuid is null or (o.done_at, o.weight, opened_at, id) < (coalesce($7::timestamptz, 'infinity'),
                array_position(array['info', 'opportunity', 'warning', 'critical'], $8::text), $9::timestamptz, $6))
            order by o.done_at desc, o.weight desc, opened_at desc, id desc
            limit $10"#,
            self.tenant.0,
            &states,
            filter.detector.map(Detector::word),
            filter.severity.map(Severity::word),
            keys.as_deref(),
            after.map(|place| place.id.0),
            after.and_then(|place| place.resolved_at).map(instant) as _,
            after.map(|place| place.severity.word()),
            after.map(|place| instant(place.opened_at)) as _,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(AlertRow::read).collect()
    }
}
