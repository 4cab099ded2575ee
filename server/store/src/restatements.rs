//! The log of what reads differently than it did, and why.

use domain::ids::{LedgerRowId, TenantId};
use domain::restatement::{Restatement, Subject, Trigger};
use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;
use crate::applying::Batch;
use crate::database::instant;
use crate::work::TenantWork;

/// A line of the log as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRestatement {
    /// Its place in the log.
    pub seq: i64,
    /// When we learned of it.
    pub at: Timestamp,
    /// What it says.
    pub said: Restatement,
}

impl Batch {
    /// Appends lines to the log.
    pub async fn restatements_insert(
        &mut self,
        lines: &[Restatement],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if lines.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = lines.iter().map(|line| id_of(self.tenant, line)).collect();
        let subjects: Vec<String> = lines.iter().map(|line| line.subject.word().to_owned()).collect();
        let old_rows: Vec<Uuid> = lines.iter().map(|line| line.old_row.0).collect();
        let new_rows: Vec<Uuid> = lines.iter().map(|line| line.new_row.0).collect();
        let effective: Vec<jiff_sqlx::Timestamp> =
            lines.iter().map(|line| line.effective_at.into()).collect();
        let from: Vec<String> = lines.iter().map(|line| line.from.clone()).collect();
        let to: Vec<String> = lines.iter().map(|line| line.to.clone()).collect();
        let causes: Vec<String> = lines.iter().map(|line| line.cause.clone()).collect();
        let kinds: Vec<String> = lines.iter().map(|line| line.trigger.kind().to_owned()).collect();
        let references: Vec<String> = lines.iter().map(|line| line.trigger.reference()).collect();
        sqlx::query!(
            r#"insert into restatements (tenant_id, id, subject, old_row_id, new_row_id, effective_at, value_from,
                value_to, cause, cause_kind, cause_ref, at)
            select $1, t.*, $12 from unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::timestamptz[],
                $7::text[], $8::text[], $9::text[], $10::text[], $11::text[]) as t"#,
            self.tenant.0,
            &ids,
            &subjects,
            &old_rows,
            &new_rows,
            &effective as _,
            &from,
            &to,
            &causes,
            &kinds,
            &references,
            instant(now) as _,
        )
        .execute(self.work.connection())
        .await?;
        Ok(())
    }
}

impl TenantWork {
    /// Lines of the log, newest first, before a place in it.
    pub async fn restatements_page(
        &mut self,
        before: Option<i64>,
        at_most: i64,
    ) -> Result<Vec<StoredRestatement>, StoreError> {
        let rows = sqlx::query_as!(
            RestatementRow,
            r#"select seq, at as "at: jiff_sqlx::Timestamp", subject, old_row_id as "old_row_id!",
                new_row_id as "new_row_id!", effective_at as "effective_at: jiff_sqlx::Timestamp",
                value_from as "value_from!", value_to as "value_to!", cause, cause_kind, cause_ref
            from restatements
            where tenant_id = $1 and subject = 'attribution' and ($2::bigint is null or seq < $2)
            order by seq desc limit $3"#,
            self.tenant.0,
            before,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(RestatementRow::read).collect()
    }
}

struct RestatementRow {
    seq: i64,
    at: jiff_sqlx::Timestamp,
    subject: String,
    old_row_id: Uuid,
    new_row_id: Uuid,
    effective_at: jiff_sqlx::Timestamp,
    value_from: String,
    value_to: String,
    cause: String,
    cause_kind: String,
    cause_ref: String,
}

impl RestatementRow {
    fn read(self) -> Result<StoredRestatement, StoreError> {
        let subject = Some(Subject::Attribution).filter(|subject| subject.word() == self.subject);
        let trigger = Trigger::stored(&self.cause_kind, self.cause_ref);
        Ok(StoredRestatement {
            seq: self.seq,
            at: self.at.into(),
            said: Restatement {
                subject: subject.ok_or_else(|| StoreError::unreadable("what was restated", self.subject))?,
                old_row: LedgerRowId(self.old_row_id),
                new_row: LedgerRowId(self.new_row_id),
                effective_at: self.effective_at.into(),
                from: self.value_from,
                to: self.value_to,
                cause: self.cause,
                trigger: trigger
                    .ok_or_else(|| StoreError::unreadable("what caused a restatement", self.cause_kind))?,
            },
        })
    }
}

/// A line's id follows from the rows it is about: it cannot be there twice.
fn id_of(tenant: TenantId, line: &Restatement) -> Uuid {
    let name = format!("restatement of {} {} {}", line.subject.word(), line.old_row, line.new_row);
    Uuid::new_v5(&tenant.0, name.as_bytes())
}
