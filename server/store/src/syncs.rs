//! Reading tools: each time, what came of it, and how far each list was read.
//!
//! What a page came to and the cursor behind it are written in one transaction, so that a program that is killed goes on
//! with the page it had not finished.

#![expect(clippy::as_conversions, reason = "sqlx reads a cast of an argument as the type it has in SQL")]

use domain::alert::UnreadTool;
use domain::connection::{SyncState, Tool};
use domain::ids::SyncId;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::StoreError;
use crate::connections::tool;
use crate::database::instant;
use crate::work::TenantWork;

/// A time a tool was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sync {
    /// Its id.
    pub id: SyncId,
    /// The tool.
    pub tool: Tool,
    /// How it stands.
    pub state: SyncState,
    /// Who had it read.
    pub started_by: String,
    /// When.
    pub started_at: Timestamp,
    /// When it last came further.
    pub heard_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What it came to.
    pub counts: SyncCounts,
    /// Why it failed.
    pub problem: Option<String>,
}

/// What came of what came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncCounts {
    /// New.
    pub created: i64,
    /// Other than before.
    pub changed: i64,
    /// Known as it is.
    pub same: i64,
    /// Not taken.
    pub rejected: i64,
}

impl SyncCounts {
    /// How much came.
    #[must_use]
    pub const fn came(&self) -> i64 {
        self.created + self.changed + self.same + self.rejected
    }
}

/// Something that came and could not be taken.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncRejection {
    /// What it was to be: `campaign`, `person`, `touch` or `list`.
    pub object: String,
    /// What the tool calls it.
    pub reference: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// What the tool said.
    pub raw: Value,
}

/// How far a list was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPlace {
    /// Which.
    pub list: String,
    /// Where to go on, while it is being read.
    pub place: Option<String>,
    /// Where to begin the next time.
    pub since: Option<String>,
    /// The sync that last read it to its end, and when.
    pub walked: Option<(SyncId, Timestamp)>,
}

struct SyncRow {
    id: Uuid,
    tool: String,
    state: String,
    started_by: String,
    started_at: jiff_sqlx::Timestamp,
    heard_at: jiff_sqlx::Timestamp,
    ended_at: Option<jiff_sqlx::Timestamp>,
    created: i64,
    changed: i64,
    same: i64,
    rejected: i64,
    problem: Option<String>,
}

impl SyncRow {
    fn read(self) -> Result<Sync, StoreError> {
        let state = self.state.parse();
        Ok(Sync {
            id: SyncId(self.id),
            tool: tool(&self.tool)?,
            state: state.map_err(|_| StoreError::unreadable("a state of a sync", self.state))?,
            started_by: self.started_by,
            started_at: self.started_at.into(),
            heard_at: self.heard_at.into(),
            ended_at: self.ended_at.map(Into::into),
            counts: SyncCounts {
                created: self.created,
                changed: self.changed,
                same: self.same,
                rejected: self.rejected,
            },
            problem: self.problem,
        })
    }
}

impl TenantWork {
    /// The tools in use whose newest reading failed, and those that take their key no more.
    pub async fn tools_unread(&mut self) -> Result<Vec<UnreadTool>, StoreError> {
        let rows = sqlx::query!(
            r#"select c.tool, c.state = 'refused' as "is_refused!", coalesce(newest.problem, c.problem) as problem,
                (select count(*) from syncs s where s.tenant_id = $1 and s.tool = c.tool and s.state = 'failed'
                    and s.started_at > coalesce((select max(d.started_at) from syncs d
                        where d.tenant_id = $1 and d.tool = c.tool and d.state = 'done'), '-infinity')) as "readings!"
            from connections c
            left join lateral (select s.state, s.problem from syncs s
                where s.tenant_id = $1 and s.tool = c.tool and s.state <> 'running'
                order by s.started_at desc limit 1) newest on true
            where c.tenant_id = $1 and c.state <> 'disconnected' and (c.state = 'refused' or newest.state = 'failed')
            order by c.tool"#,
            self.tenant.0,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let tool = row.tool.parse().map_err(|_| StoreError::unreadable("a tool", &row.tool))?;
                let (readings, problem) = (row.readings, row.problem);
                Ok(UnreadTool { tool, readings, problem, is_refused: row.is_refused })
            })
            .collect()
    }

    /// Begins to read a tool.
    pub async fn sync_begin(
        &mut self,
        id: SyncId,
        tool: Tool,
        by: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into syncs (tenant_id, id, tool, state, started_by, started_at, heard_at)
            values ($1, $2, $3, 'running', left($4, 400), $5, $5)"#,
            self.tenant.0,
            id.0,
            tool.word(),
            by,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The times a tool was read, or all of them when none is named, the newest first.
    pub async fn syncs(&mut self, tool: Option<Tool>, at_most: i64) -> Result<Vec<Sync>, StoreError> {
        let rows = sqlx::query_as!(
            SyncRow,
            r#"select id, tool, state, started_by, started_at as "started_at: jiff_sqlx::Timestamp",
                heard_at as "heard_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp",
                created, changed, same, rejected, problem
            from syncs where tenant_id = $1 and ($2::text is null or tool = $2)
            order by started_at desc, id desc limit $3"#,
            self.tenant.0,
            tool.map(Tool::word) as Option<&str>,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(SyncRow::read).collect()
    }

    /// Writes down what more came, and what of it could not be taken. `false` when the sync is not running any more:
    /// then nothing is written.
    pub async fn sync_add(
        &mut self,
        id: SyncId,
        counts: SyncCounts,
        rejections: &[SyncRejection],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let before = sqlx::query_scalar!(
            r#"update syncs set came = came + $3, created = created + $4, changed = changed + $5, same = same + $6,
                rejected = rejected + $7, heard_at = $8
            where tenant_id = $1 and id = $2 and state = 'running' returning rejected - $7 as "before!""#,
            self.tenant.0,
            id.0,
            counts.came(),
            counts.created,
            counts.changed,
            counts.same,
            counts.rejected,
            instant(now) as _,
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(before) = before else { return Ok(false) };
        let objects: Vec<&str> = rejections.iter().map(|rejection| rejection.object.as_str()).collect();
        let references: Vec<Option<&str>> =
            rejections.iter().map(|rejection| rejection.reference.as_deref()).collect();
        let reasons: Vec<&str> = rejections.iter().map(|rejection| rejection.reason.as_str()).collect();
        let raws: Vec<Value> = rejections.iter().map(|rejection| rejection.raw.clone()).collect();
        sqlx::query!(
            r#"insert into sync_rejections (tenant_id, sync_id, ordinal, object, reference, reason, raw)
            select $1, $2, $3 + place, object, nullif(left(reference, 300), ''), left(reason, 1000), raw
            from unnest($4::text[], $5::text[], $6::text[], $7::jsonb[]) with ordinality
                as t (object, reference, reason, raw, place)"#,
            self.tenant.0,
            id.0,
            before,
            &objects as &[&str],
            &references as &[Option<&str>],
            &reasons as &[&str],
            &raws,
        )
        .execute(self.connection())
        .await?;
        Ok(true)
    }

    /// Ends a sync, well unless there is a problem.
    pub async fn sync_end(
        &mut self,
        id: SyncId,
        problem: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let state = if problem.is_some() { SyncState::Failed } else { SyncState::Done };
        sqlx::query!(
            r#"update syncs set state = $3, problem = left($4, 1000), heard_at = $5, ended_at = $5
            where tenant_id = $1 and id = $2 and state = 'running'"#,
            self.tenant.0,
            id.0,
            state.word(),
            problem,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// What a sync could not take, in the order it came.
    pub async fn sync_rejections(
        &mut self,
        id: SyncId,
        at_most: i64,
    ) -> Result<Vec<SyncRejection>, StoreError> {
        let rows = sqlx::query_as!(
            SyncRejection,
            r#"select object, reference, reason, raw from sync_rejections where tenant_id = $1 and sync_id = $2
            order by ordinal limit $3"#,
            self.tenant.0,
            id.0,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows)
    }

    /// How far a list of a tool was read.
    pub async fn list_place(&mut self, tool: Tool, list: &str) -> Result<Option<ListPlace>, StoreError> {
        let row = sqlx::query!(
            r#"select list, place, since, walked_by, walked_at as "walked_at: jiff_sqlx::Timestamp"
            from sync_cursors where tenant_id = $1 and tool = $2 and list = $3"#,
            self.tenant.0,
            tool.word(),
            list,
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row.map(|row| ListPlace {
            list: row.list,
            place: row.place,
            since: row.since,
            walked: row.walked_by.zip(row.walked_at).map(|(by, at)| (SyncId(by), at.into())),
        }))
    }

    /// Writes down how far a list of a tool was read.
    pub async fn list_place_put(&mut self, tool: Tool, place: &ListPlace) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into sync_cursors (tenant_id, tool, list, place, since, walked_by, walked_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (tenant_id, tool, list) do update set place = excluded.place, since = excluded.since,
                walked_by = excluded.walked_by, walked_at = excluded.walked_at"#,
            self.tenant.0,
            tool.word(),
            place.list,
            place.place,
            place.since,
            place.walked.map(|(by, _)| by.0),
            place.walked.map(|(_, at)| instant(at)) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
