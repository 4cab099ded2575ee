//! Alerts, and what happened to them.

use std::collections::BTreeSet;

use domain::alert::{Change, Detector, Finding, Operands, Severity, Standing, State};
use domain::ids::AlertId;
use jiff::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// An alert as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAlert {
    /// Its id.
    pub id: AlertId,
    /// What it says.
    pub finding: Finding,
    /// Where it stands; how much it matters is said here, too.
    pub standing: Standing,
    /// What it was about when somebody set it aside, of what it still is.
    pub set_aside_about: Option<BTreeSet<String>>,
    /// Who looks after it, by the name they had when that was said.
    pub assignee: Option<String>,
    /// When its condition was first found.
    pub opened_at: Timestamp,
    /// When its condition was last found.
    pub last_seen_at: Timestamp,
    /// Counts changes of its state and severity.
    pub version: i32,
}

/// Something that happened to an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertEvent {
    /// The alert.
    pub alert: AlertId,
    /// The version of it that this made.
    pub version: i32,
    /// What happened.
    pub change: Change,
    /// How much it mattered from then on.
    pub severity: Severity,
    /// Why it was there.
    pub why: String,
    /// Who did it; `None` when it happened by itself.
    pub actor_name: Option<String>,
    /// Until when it was snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// To whom it was assigned, by the name they had then.
    pub assignee: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// How Stripe's events come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventsCame {
    /// How many came, counted no further than asked.
    pub events: i64,
    /// When the newest came.
    pub last_at: Option<Timestamp>,
    /// How many wait for a person.
    pub dead_letters: i64,
}

struct AlertRow {
    id: Uuid,
    key: String,
    kind: String,
    severity: String,
    state: String,
    title: String,
    why: String,
    operands: Json<Operands>,
    about: Vec<String>,
    set_aside_about: Option<Vec<String>>,
    assignee: Option<String>,
    set_aside_at: Option<String>,
    snoozed_until: Option<jiff_sqlx::Timestamp>,
    opened_at: jiff_sqlx::Timestamp,
    last_seen_at: jiff_sqlx::Timestamp,
    resolved_at: Option<jiff_sqlx::Timestamp>,
    cleared_at: Option<jiff_sqlx::Timestamp>,
    version: i32,
}

impl AlertRow {
    fn read(self) -> Result<StoredAlert, StoreError> {
        let severity = severity(&self.severity)?;
        let detector: Detector =
            self.kind.parse().map_err(|_| StoreError::unreadable("a kind of alert", &self.kind))?;
        let state: State =
            self.state.parse().map_err(|_| StoreError::unreadable("a state of an alert", &self.state))?;
        let subject = self.key.split_once(':').map_or(self.key.as_str(), |(_, subject)| subject).to_owned();
        let standing = Standing {
            state,
            severity,
            set_aside_at: self.set_aside_at.as_deref().map(self::severity).transpose()?,
            snoozed_until: self.snoozed_until.map(Into::into),
            resolved_at: self.resolved_at.map(Into::into),
            cleared_at: self.cleared_at.map(Into::into),
        };
        Ok(StoredAlert {
            id: AlertId(self.id),
            finding: Finding {
                detector,
                subject,
                severity,
                title: self.title,
                why: self.why,
                operands: self.operands.0,
                about: self.about.into_iter().collect(),
            },
            standing,
            set_aside_about: self.set_aside_about.map(|about| about.into_iter().collect()),
            assignee: self.assignee,
            opened_at: self.opened_at.into(),
            last_seen_at: self.last_seen_at.into(),
            version: self.version,
        })
    }
}

fn severity(word: &str) -> Result<Severity, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a severity", word))
}

fn in_order(names: &BTreeSet<String>) -> Vec<String> {
    names.iter().cloned().collect()
}

impl TenantWork {
    /// Waits until nobody else looks for what needs somebody in this tenant; held until the work is done.
    pub async fn alerts_lock(&mut self) -> Result<(), StoreError> {
        sqlx::query!(
            r#"select pg_advisory_xact_lock(hashtextextended('alerts ' || $1::text, 0))::text as done"#,
            self.tenant.0.to_string()
        )
        .fetch_one(self.connection())
        .await?;
        Ok(())
    }

    /// The alerts whose condition was there at the last look; held until the work is done.
    pub async fn alerts_standing(&mut self) -> Result<Vec<StoredAlert>, StoreError> {
        let rows = sqlx::query_as!(
            AlertRow,
            r#"select id, key, kind, severity, state, title, why, operands as "operands: Json<Operands>", about,
                set_aside_about, assignee,
                set_aside_at, snoozed_until as "snoozed_until: jiff_sqlx::Timestamp",
                opened_at as "opened_at: jiff_sqlx::Timestamp", last_seen_at as "last_seen_at: jiff_sqlx::Timestamp",
                resolved_at as "resolved_at: jiff_sqlx::Timestamp", cleared_at as "cleared_at: jiff_sqlx::Timestamp",
                version
            from alerts where tenant_id = $1 and cleared_at is null order by key for update"#,
            self.tenant.0,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(AlertRow::read).collect()
    }

    /// An alert; held until the work is done.
    pub async fn alert(&mut self, id: AlertId) -> Result<Option<StoredAlert>, StoreError> {
        let row = sqlx::query_as!(
            AlertRow,
            r#"select id, key, kind, severity, state, title, why, operands as "operands: Json<Operands>", about,
                set_aside_about, assignee,
                set_aside_at, snoozed_until as "snoozed_until: jiff_sqlx::Timestamp",
                opened_at as "opened_at: jiff_sqlx::Timestamp", last_seen_at as "last_seen_at: jiff_sqlx::Timestamp",
                resolved_at as "resolved_at: jiff_sqlx::Timestamp", cleared_at as "cleared_at: jiff_sqlx::Timestamp",
                version
            from alerts where tenant_id = $1 and id = $2 for update"#,
            self.tenant.0,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(AlertRow::read).transpose()
    }

    /// Alerts in any of these states: those that are not done with first, what matters most first, then the newest.
    pub async fn alerts_in(
        &mut self,
        states: &[State],
        at_most: i64,
    ) -> Result<Vec<StoredAlert>, StoreError> {
        let states: Vec<String> = states.iter().map(State::to_string).collect();
        let rows = sqlx::query_as!(
            AlertRow,
            r#"select id, key, kind, severity, state, title, why, operands as "operands: Json<Operands>", about,
                set_aside_about, assignee,
                set_aside_at, snoozed_until as "snoozed_until: jiff_sqlx::Timestamp",
                opened_at as "opened_at: jiff_sqlx::Timestamp", last_seen_at as "last_seen_at: jiff_sqlx::Timestamp",
                resolved_at as "resolved_at: jiff_sqlx::Timestamp", cleared_at as "cleared_at: jiff_sqlx::Timestamp",
                version
            from alerts where tenant_id = $1 and state = any($2)
            order by resolved_at desc nulls first,
                array_position(array['critical', 'warning', 'opportunity', 'info'], severity), opened_at desc, id
            limit $3"#,
            self.tenant.0,
            &states,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(AlertRow::read).collect()
    }

    /// How events come, counting no more of them than so many.
    pub async fn events_came(&mut self, at_most: i64) -> Result<EventsCame, StoreError> {
        let row = sqlx::query!(
            r#"select
                (select count(*) from (select 1 from stripe_events where tenant_id = $1 limit $2) as few) as "events!",
                (select received_at from stripe_events where tenant_id = $1 order by seq desc limit 1)
                    as "last_at: jiff_sqlx::Timestamp",
                (select count(*) from stripe_events where tenant_id = $1 and state = 'dead') as "dead_letters!""#,
            self.tenant.0,
            at_most,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(EventsCame {
            events: row.events,
            last_at: row.last_at.map(Into::into),
            dead_letters: row.dead_letters,
        })
    }

    /// How many alerts nobody has looked after.
    pub async fn alerts_open(&mut self) -> Result<i64, StoreError> {
        let open = sqlx::query_scalar!(
            r#"select count(*) as "open!" from alerts where tenant_id = $1 and state = 'open'"#,
            self.tenant.0,
        );
        Ok(open.fetch_one(self.connection()).await?)
    }

    /// Keeps an alert that was opened.
    pub async fn alert_insert(&mut self, alert: &StoredAlert) -> Result<(), StoreError> {
        let StoredAlert { finding, standing, .. } = alert;
        sqlx::query!(
            r#"insert into alerts (tenant_id, id, key, kind, severity, state, title, why, operands, opened_at, last_seen_at,
                about)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"#,
            self.tenant.0,
            alert.id.0,
            finding.key(),
            finding.detector.word(),
            standing.severity.word(),
            standing.state.word(),
            finding.title,
            finding.why,
            Json(&finding.operands) as _,
            instant(alert.opened_at) as _,
            instant(alert.last_seen_at) as _,
            &in_order(&finding.about),
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Makes a kept alert what is given, whatever it was.
    pub async fn alert_set(&mut self, alert: &StoredAlert) -> Result<(), StoreError> {
        let StoredAlert { finding, standing, .. } = alert;
        let set_aside_about = alert.set_aside_about.as_ref().map(in_order);
        sqlx::query!(
            r#"update alerts set severity = $3, state = $4, title = $5, why = $6, operands = $7, assignee = $8,
                set_aside_at = $9, snoozed_until = $10, last_seen_at = $11, resolved_at = $12, cleared_at = $13, version = $14,
                about = $15, set_aside_about = $16
            where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            alert.id.0,
            standing.severity.word(),
            standing.state.word(),
            finding.title,
            finding.why,
            Json(&finding.operands) as _,
            alert.assignee,
            standing.set_aside_at.map(Severity::word),
            standing.snoozed_until.map(instant) as _,
            instant(alert.last_seen_at) as _,
            standing.resolved_at.map(instant) as _,
            standing.cleared_at.map(instant) as _,
            alert.version,
            &in_order(&finding.about),
            set_aside_about.as_deref(),
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Adds to what happened to an alert.
    pub async fn alert_event_insert(&mut self, event: &AlertEvent) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into alert_events (tenant_id, alert_id, version, change, severity, why, actor_name, snoozed_until, at,
                assignee)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"#,
            self.tenant.0,
            event.alert.0,
            event.version,
            event.change.word(),
            event.severity.word(),
            event.why,
            event.actor_name,
            event.snoozed_until.map(instant) as _,
            instant(event.at) as _,
            event.assignee,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// What happened to these alerts, the newest first.
    pub async fn alert_events(&mut self, alerts: &[AlertId]) -> Result<Vec<AlertEvent>, StoreError> {
        let ids: Vec<Uuid> = alerts.iter().map(|alert| alert.0).collect();
        let rows = sqlx::query!(
            r#"select alert_id, version, change, severity, why, actor_name, snoozed_until as "snoozed_until: jiff_sqlx::Timestamp",
                at as "at: jiff_sqlx::Timestamp", assignee
            from alert_events where tenant_id = $1 and alert_id = any($2) order by version desc"#,
            self.tenant.0,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(AlertEvent {
                    alert: AlertId(row.alert_id),
                    version: row.version,
                    change: row
                        .change
                        .parse()
                        .map_err(|_| StoreError::unreadable("a change", &row.change))?,
                    severity: severity(&row.severity)?,
                    why: row.why,
                    actor_name: row.actor_name,
                    snoozed_until: row.snoozed_until.map(Into::into),
                    assignee: row.assignee,
                    at: row.at.into(),
                })
            })
            .collect()
    }
}
