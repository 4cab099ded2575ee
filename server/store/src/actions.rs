//! Actions: what somebody had done at a tool, step by step, and the campaigns they are done to.

use domain::action::outcome::Activity;
use domain::action::{ActionKind, Preview, State, Step};
use domain::channel::ChannelSlug;
use domain::ids::{ActionId, CampaignId};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// An action as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAction {
    /// Its id.
    pub id: ActionId,
    /// What is done.
    pub kind: ActionKind,
    /// What it is done to, as it was shown before it was asked for.
    pub preview: Preview,
    /// What who asked calls it.
    pub key: String,
    /// SHA-256 of what was asked for under that key.
    pub payload_hash: [u8; 32],
    /// Where it is.
    pub state: State,
    /// What the tool answered.
    pub answer: Option<Value>,
    /// Why it is not done, or not known.
    pub problem: Option<String>,
    /// The action it takes back.
    pub undo_of: Option<ActionId>,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// When the tool was last asked for it.
    pub called_at: Option<Timestamp>,
    /// When it was done, given up or called off.
    pub ended_at: Option<Timestamp>,
    /// Counts the steps of its life.
    pub version: i32,
}

/// A step of an action's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionEvent {
    /// The action.
    pub action: ActionId,
    /// The version of it that this made.
    pub version: i32,
    /// What happened.
    pub step: Step,
    /// Where the action was then.
    pub state: State,
    /// Who did it; `None` when the program did.
    pub by: Option<String>,
    /// What there is to know of it.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Which actions are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionFilter {
    /// Only of this kind.
    pub kind: Option<ActionKind>,
    /// Only in this state.
    pub state: Option<State>,
    /// Only of campaigns of this channel.
    pub channel: Option<ChannelSlug>,
}

/// The place of an action in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionPlace {
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Its id.
    pub id: ActionId,
}

struct ActionRow {
    id: Uuid,
    kind: String,
    preview: Json<Preview>,
    idempotency_key: String,
    payload_hash: Vec<u8>,
    state: String,
    answer: Option<Value>,
    problem: Option<String>,
    undo_of: Option<Uuid>,
    asked_by: String,
    asked_at: jiff_sqlx::Timestamp,
    called_at: Option<jiff_sqlx::Timestamp>,
    ended_at: Option<jiff_sqlx::Timestamp>,
    version: i32,
}

impl ActionRow {
    fn read(self) -> Result<StoredAction, StoreError> {
        let payload_hash = self.payload_hash.try_into();
        Ok(StoredAction {
            id: ActionId(self.id),
            kind: self.kind.parse().map_err(|_| StoreError::unreadable("a kind of action", &self.kind))?,
            preview: self.preview.0,
            key: self.idempotency_key,
            payload_hash: payload_hash.map_err(|_| StoreError::unreadable("a hash", self.id))?,
            state: state(&self.state)?,
            answer: self.answer,
            problem: self.problem,
            undo_of: self.undo_of.map(ActionId),
            asked_by: self.asked_by,
            asked_at: self.asked_at.into(),
            called_at: self.called_at.map(Into::into),
            ended_at: self.ended_at.map(Into::into),
            version: self.version,
        })
    }
}

fn state(word: &str) -> Result<State, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a state of an action", word))
}

impl TenantWork {
    /// The action somebody asked for under a key. Whoever else asks under it waits until the work is done.
    pub async fn action_by_key(&mut self, key: &str) -> Result<Option<StoredAction>, StoreError> {
        sqlx::query!(
            r#"select pg_advisory_xact_lock(hashtextextended('action ' || $1::text || ' ' || $2::text, 0))::text as done"#,
            self.tenant.to_string(),
            key,
        )
        .fetch_one(self.connection())
        .await?;
        let row = sqlx::query_as!(
            ActionRow,
            r#"select id, kind, preview as "preview: Json<Preview>", idempotency_key, payload_hash, state, answer, problem,
                undo_of, asked_by, asked_at as "asked_at: jiff_sqlx::Timestamp",
                called_at as "called_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp", version
            from actions where tenant_id = $1 and idempotency_key = $2"#,
            self.tenant.0,
            key,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(ActionRow::read).transpose()
    }

    /// Keeps a new action.
    pub async fn action_insert(&mut self, action: &StoredAction) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into actions (tenant_id, id, kind, campaign_id, idempotency_key, payload_hash, state, preview,
                undo_of, asked_by, asked_at, version)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"#,
            self.tenant.0,
            action.id.0,
            action.kind.word(),
            action.preview.campaign().map(|preview| preview.campaign.0),
            action.key,
            &action.payload_hash,
            action.state.word(),
            Json(&action.preview) as _,
            action.undo_of.map(|undone| undone.0),
            action.asked_by,
            instant(action.asked_at) as _,
            action.version,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Keeps where an action is now.
    pub async fn action_set(&mut self, action: &StoredAction) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update actions set state = $3, answer = $4, problem = left($5, 2000), called_at = $6, ended_at = $7,
                version = $8
            where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            action.id.0,
            action.state.word(),
            action.answer,
            action.problem,
            action.called_at.map(instant) as _,
            action.ended_at.map(instant) as _,
            action.version,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Writes a step of an action's life down.
    pub async fn action_event_insert(&mut self, event: &ActionEvent) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into action_events (tenant_id, action_id, version, step, state, by, note, at)
            values ($1, $2, $3, $4, $5, $6, left($7, 2000), $8)"#,
            self.tenant.0,
            event.action.0,
            event.version,
            event.step.word(),
            event.state.word(),
            event.by,
            event.note,
            instant(event.at) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// An action; held until the work is done.
    pub async fn action(&mut self, id: ActionId) -> Result<Option<StoredAction>, StoreError> {
        let row = sqlx::query_as!(
            ActionRow,
            r#"select id, kind, preview as "preview: Json<Preview>", idempotency_key, payload_hash, state, answer, problem,
                undo_of, asked_by, asked_at as "asked_at: jiff_sqlx::Timestamp",
                called_at as "called_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp", version
            from actions where tenant_id = $1 and id = $2 for update"#,
            self.tenant.0,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(ActionRow::read).transpose()
    }

    /// The newest actions, of some kind or state only.
    pub async fn actions(
        &mut self,
        filter: &ActionFilter,
        after: Option<ActionPlace>,
        at_most: i64,
    ) -> Result<Vec<StoredAction>, StoreError> {
        let rows = sqlx::query_as!(
            ActionRow,
            r#"select id, kind, preview as "preview: Json<Preview>", idempotency_key, payload_hash, state, answer, problem,
                undo_of, asked_by, asked_at as "asked_at: jiff_sqlx::Timestamp",
                called_at as "called_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp", version
            from actions
            where tenant_id = $1 and ($2::text is null or kind = $2) and ($3::text is null or state = $3)
              and ($4::text is null or preview ->> 'channel' = $4)
              and ($5::timestamptz is null or (asked_at, id) < ($5, $6))
            order by asked_at desc, id desc limit $7"#,
            self.tenant.0,
            filter.kind.map(ActionKind::word),
            filter.state.map(State::word),
            filter.channel.as_ref().map(ChannelSlug::as_str),
            after.map(|place| instant(place.asked_at)) as _,
            after.map(|place| place.id.0),
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ActionRow::read).collect()
    }

    /// The newest action that is under way or was done to a campaign.
    pub async fn action_last_of(&mut self, campaign: CampaignId) -> Result<Option<StoredAction>, StoreError> {
        let row = sqlx::query_as!(
            ActionRow,
            r#"select id, kind, preview as "preview: Json<Preview>", idempotency_key, payload_hash, state, answer, problem,
                undo_of, asked_by, asked_at as "asked_at: jiff_sqlx::Timestamp",
                called_at as "called_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp", version
            from actions where tenant_id = $1 and campaign_id = $2 and state not in ('failed', 'cancelled')
            order by asked_at desc, id desc limit 1"#,
            self.tenant.0,
            campaign.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(ActionRow::read).transpose()
    }

    /// What was asked for after an action, of the same thing, but for what was certainly not done; the newest first.
    pub async fn actions_after(&mut self, action: &StoredAction) -> Result<Vec<StoredAction>, StoreError> {
        let campaign = action.preview.campaign().map(|preview| preview.campaign.0);
        let rows = sqlx::query_as!(
            ActionRow,
            r#"select id, kind, preview as "preview: Json<Preview>", idempotency_key, payload_hash, state, answer, problem,
                undo_of, asked_by, asked_at as "asked_at: jiff_sqlx::Timestamp",
                called_at as "called_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp", version
            from actions
            where tenant_id = $1 and campaign_id = $2 and (asked_at, id) > ($3, $4) and state not in ('failed', 'cancelled')
            order by asked_at desc, id desc"#,
            self.tenant.0,
            campaign,
            instant(action.asked_at) as _,
            action.id.0,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ActionRow::read).collect()
    }

    /// The actions nobody knows the outcome of, at one tool or of one campaign only; the newest first.
    pub async fn actions_unknown(
        &mut self,
        connector: Option<&str>,
        campaign: Option<CampaignId>,
    ) -> Result<Vec<StoredAction>, StoreError> {
        let rows = sqlx::query_as!(
            ActionRow,
            r#"select id, kind, preview as "preview: Json<Preview>", idempotency_key, payload_hash, state, answer, problem,
                undo_of, asked_by, asked_at as "asked_at: jiff_sqlx::Timestamp",
                called_at as "called_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp", version
            from actions
            where tenant_id = $1 and state = 'unknown' and ($2::text is null or preview ->> 'connector' = $2)
                and ($3::uuid is null or campaign_id = $3)
            order by asked_at desc, id desc"#,
            self.tenant.0,
            connector,
            campaign.map(|campaign| campaign.0),
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ActionRow::read).collect()
    }

    /// What took an action back, or is about to.
    pub async fn action_undoing(&mut self, action: ActionId) -> Result<Option<ActionId>, StoreError> {
        let found = sqlx::query_scalar!(
            r#"select id from actions where tenant_id = $1 and undo_of = $2
                and state not in ('failed', 'cancelled', 'overtaken')"#,
            self.tenant.0,
            action.0,
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(found.map(ActionId))
    }

    /// The lives of these actions, the newest step first.
    pub async fn action_events(&mut self, ids: &[ActionId]) -> Result<Vec<ActionEvent>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query!(
            r#"select action_id, version, step, state, by, note, at as "at: jiff_sqlx::Timestamp"
            from action_events where tenant_id = $1 and action_id = any($2) order by action_id, version desc"#,
            self.tenant.0,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(ActionEvent {
                    action: ActionId(row.action_id),
                    version: row.version,
                    step: row.step.parse().map_err(|_| StoreError::unreadable("a step", &row.step))?,
                    state: state(&row.state)?,
                    by: row.by,
                    note: row.note,
                    at: row.at.into(),
                })
            })
            .collect()
    }

    /// How many actions somebody asked for since a moment, and how many were of this campaign, if it is of one, whoever
    /// asked.
    pub async fn actions_asked(
        &mut self,
        by: &str,
        campaign: Option<CampaignId>,
        since: Timestamp,
    ) -> Result<(i64, i64), StoreError> {
        let row = sqlx::query!(
            r#"select count(*) filter (where asked_by = $2) as "by_them!",
                count(*) filter (where campaign_id = $3) as "of_this!"
            from actions where tenant_id = $1 and asked_at > $4"#,
            self.tenant.0,
            by,
            campaign.map(|campaign| campaign.0),
            instant(since) as _,
        )
        .fetch_one(self.connection())
        .await?;
        Ok((row.by_them, row.of_this))
    }

    /// What a campaign sent and was answered from one moment to another.
    pub async fn campaign_activity(
        &mut self,
        campaign: CampaignId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Activity, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) filter (where kind = 'sent') as "sent!", count(*) filter (where kind = 'replied') as "replied!"
            from lead_touches
            where tenant_id = $1 and campaign_id = $2 and occurred_at > $3 and occurred_at <= $4"#,
            self.tenant.0,
            campaign.0,
            instant(from) as _,
            instant(until) as _,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(Activity { sent: row.sent, replied: row.replied })
    }

    /// How many people a campaign has written to since a moment who have not answered it.
    pub async fn campaign_in_flight(
        &mut self,
        campaign: CampaignId,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        let people = sqlx::query_scalar!(
            r#"select count(*) as "people!" from (
                select lead_id from lead_touches
                where tenant_id = $1 and campaign_id = $2 and occurred_at > $3
                group by lead_id having bool_or(kind = 'sent') and not bool_or(kind in ('replied', 'bounced'))) as f"#,
            self.tenant.0,
            campaign.0,
            instant(since) as _,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(people)
    }
}
