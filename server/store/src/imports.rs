//! Files that were brought in, and taking out again what one created.

use std::collections::BTreeMap;

use domain::attribution::Clue;
use domain::ids::ImportId;
use domain::importing::{ImportKind, ImportState, RowProblem};
use domain::restatement::Trigger;
use jiff::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::work::TenantWork;

/// A file that is brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewImport {
    /// Its id.
    pub id: ImportId,
    /// What its rows are.
    pub kind: ImportKind,
    /// What the file is called.
    pub file_name: String,
    /// Which of its columns is read as which field.
    pub mapping: BTreeMap<String, String>,
    /// Who brings it.
    pub made_by: String,
}

/// What became of a file's rows so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many were read.
    pub rows: i64,
    /// How many brought something new.
    pub created: i64,
    /// How many changed what was there.
    pub changed: i64,
    /// How many were left out.
    pub refused: i64,
    /// The first of those, and why.
    pub problems: Vec<RowProblem>,
}

/// A file as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImport {
    /// Its id.
    pub id: ImportId,
    /// What its rows are.
    pub kind: ImportKind,
    /// What the file was called.
    pub file_name: String,
    /// How it is.
    pub state: ImportState,
    /// What became of its rows.
    pub counts: Counts,
    /// Who brought it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Who took it out again.
    pub undone_by: Option<String>,
    /// How much of what it had created was taken out then.
    pub removed: i64,
}

struct ImportRow {
    id: Uuid,
    kind: String,
    file_name: String,
    state: String,
    rows: i64,
    created: i64,
    changed: i64,
    refused: i64,
    problems: Json<Vec<RowProblem>>,
    made_by: String,
    made_at: jiff_sqlx::Timestamp,
    undone_by: Option<String>,
    removed: i64,
}

impl ImportRow {
    fn read(self) -> Result<StoredImport, StoreError> {
        Ok(StoredImport {
            id: ImportId(self.id),
            kind: self.kind.parse().map_err(|_| StoreError::unreadable("a kind of import", self.kind))?,
            file_name: self.file_name,
            state: self
                .state
                .parse()
                .map_err(|_| StoreError::unreadable("a state of an import", self.state))?,
            counts: Counts {
                rows: self.rows,
                created: self.created,
                changed: self.changed,
                refused: self.refused,
                problems: self.problems.0,
            },
            made_by: self.made_by,
            made_at: self.made_at.into(),
            undone_by: self.undone_by,
            removed: self.removed,
        })
    }
}

impl TenantWork {
    /// Begins to bring a file in.
    pub async fn import_begin(&mut self, import: &NewImport, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into imports (tenant_id, id, kind, file_name, mapping, state, made_by, made_at)
            values ($1, $2, $3, $4, $5, 'running', $6, $7)"#,
            self.tenant.0,
            import.id.0,
            import.kind.word(),
            import.file_name,
            Json(&import.mapping) as _,
            import.made_by,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Writes down what became of the file's rows so far, and how the file is now.
    pub async fn import_set(
        &mut self,
        id: ImportId,
        counts: &Counts,
        state: ImportState,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update imports set state = $3, rows = $4, created = $5, changed = $6, refused = $7, problems = $8,
                finished_at = case when $3 <> 'running' then $9::timestamptz end
            where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            id.0,
            state.word(),
            counts.rows,
            counts.created,
            counts.changed,
            counts.refused,
            Json(&counts.problems) as _,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// A file; held until the work is done.
    pub async fn import(&mut self, id: ImportId) -> Result<Option<StoredImport>, StoreError> {
        let row = sqlx::query_as!(
            ImportRow,
            r#"select id, kind, file_name, state, rows, created, changed, refused,
                problems as "problems: Json<Vec<RowProblem>>", made_by,
                made_at as "made_at: jiff_sqlx::Timestamp", undone_by, removed
            from imports where tenant_id = $1 and id = $2 for update"#,
            self.tenant.0,
            id.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(ImportRow::read).transpose()
    }

    /// The newest files.
    pub async fn imports(&mut self, at_most: i64) -> Result<Vec<StoredImport>, StoreError> {
        let rows = sqlx::query_as!(
            ImportRow,
            r#"select id, kind, file_name, state, rows, created, changed, refused,
                problems as "problems: Json<Vec<RowProblem>>", made_by,
                made_at as "made_at: jiff_sqlx::Timestamp", undone_by, removed
            from imports where tenant_id = $1 order by made_at desc, id desc limit $2"#,
            self.tenant.0,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ImportRow::read).collect()
    }

    /// Takes out what a file created and nobody changed or used since; returns how much that was.
    pub async fn import_undo(
        &mut self,
        id: ImportId,
        kind: ImportKind,
        undone_by: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let removed = match kind {
            ImportKind::Leads => self.imported_leads_remove(id).await?,
            ImportKind::Campaigns => self.imported_campaigns_remove(id).await?,
            ImportKind::Deals => self.imported_deals_remove(id).await?,
            ImportKind::Costs => self.imported_costs_remove(id, now).await?,
            ImportKind::Links => self.imported_links_remove(id).await?,
        };
        let removed = i64::try_from(removed).unwrap_or(i64::MAX);
        sqlx::query!(
            r#"update imports set state = 'undone', undone_by = $3, undone_at = $4, removed = $5
            where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            id.0,
            undone_by,
            instant(now) as _,
            removed,
        )
        .execute(self.connection())
        .await?;
        Ok(removed)
    }

    /// Leads stay that were changed, that something happened with, or that the ledger or a deal names.
    async fn imported_leads_remove(&mut self, id: ImportId) -> Result<u64, StoreError> {
        self.leads_hold().await?;
        let leads = sqlx::query_scalar!(
            r#"select id from leads l where tenant_id = $1 and import_id = $2 and version = 1
              and not exists (select from lead_touches t where t.tenant_id = $1 and t.lead_id = l.id)
              and not exists (select from deals d where d.tenant_id = $1 and d.lead_id = l.id)
              and not exists (select from action_leads a where a.tenant_id = $1 and a.lead_id = l.id)
              and not exists (select from revenue_events r where r.tenant_id = $1 and r.lead_id = l.id)
              and not exists (select from attribution_evidence e where e.tenant_id = $1 and e.lead_id = l.id)"#,
            self.tenant.0,
            id.0,
        )
        .fetch_all(self.connection())
        .await?;
        sqlx::query!(
            r#"delete from lead_stage_facts where tenant_id = $1 and lead_id = any($2)"#,
            self.tenant.0,
            &leads
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            r#"delete from lead_stays where tenant_id = $1 and lead_id = any($2)"#,
            self.tenant.0,
            &leads
        )
        .execute(self.connection())
        .await?;
        let removed =
            sqlx::query!(r#"delete from leads where tenant_id = $1 and id = any($2)"#, self.tenant.0, &leads)
                .execute(self.connection())
                .await?;
        Ok(removed.rows_affected())
    }

    async fn imported_campaigns_remove(&mut self, id: ImportId) -> Result<u64, StoreError> {
        let removed = sqlx::query!(
            r#"delete from campaigns c where tenant_id = $1 and import_id = $2 and version = 1
              and not exists (select from lead_touches t where t.tenant_id = $1 and t.campaign_id = c.id)
              and not exists (select from actions a where a.tenant_id = $1 and a.campaign_id = c.id)"#,
            self.tenant.0,
            id.0,
        )
        .execute(self.connection())
        .await?;
        Ok(removed.rows_affected())
    }

    async fn imported_deals_remove(&mut self, id: ImportId) -> Result<u64, StoreError> {
        let removed = sqlx::query!(
            r#"delete from deals where tenant_id = $1 and import_id = $2 and version = 1"#,
            self.tenant.0,
            id.0,
        )
        .execute(self.connection())
        .await?;
        Ok(removed.rows_affected())
    }

    /// What is found without the links counts again.
    async fn imported_links_remove(&mut self, id: ImportId) -> Result<u64, StoreError> {
        let removed = sqlx::query!(
            r#"delete from linked_records where tenant_id = $1 and import_id = $2
            returning kind, record_id, customer_id"#,
            self.tenant.0,
            id.0,
        )
        .fetch_all(self.connection())
        .await?;
        let count = removed.len();
        let changes: Vec<(Clue, Trigger)> = removed
            .into_iter()
            .map(|link| {
                let trigger = Trigger::Link(format!("{}/{}", link.kind, link.record_id));
                (Clue::Customer(link.customer_id), trigger)
            })
            .collect();
        self.changes_insert(&changes).await?;
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    /// What was taken out may be brought in again.
    async fn imported_costs_remove(&mut self, id: ImportId, now: Timestamp) -> Result<u64, StoreError> {
        let removed = sqlx::query!(
            r#"update channel_costs set deleted_at = $3, updated_at = $3, row_hash = null, version = version + 1
            where tenant_id = $1 and import_id = $2 and version = 1 and deleted_at is null"#,
            self.tenant.0,
            id.0,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(removed.rows_affected())
    }
}
