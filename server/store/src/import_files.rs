//! Files as they were sent from a page: kept in pieces until they were read.

use domain::ids::{ImportFileId, ImportId};
use domain::importing::{FileState, ImportKind, RowProblem};
use jiff::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::imports::Counts;
use crate::work::TenantWork;

/// The largest piece.
pub const MOST_OF_A_PIECE: usize = 256 * 1024;

/// A file as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its id.
    pub id: ImportFileId,
    /// What its rows are.
    pub kind: ImportKind,
    /// What it is called.
    pub file_name: String,
    /// How many bytes it has.
    pub size: i64,
    /// How it is.
    pub state: FileState,
    /// What somebody said its columns are: a column and a field each.
    pub said: Vec<(String, String)>,
    /// What became of its rows the last time, without the problems.
    pub counts: Counts,
    /// Why it could not be read to its end.
    pub problem: Option<String>,
    /// What it became.
    pub import: Option<ImportId>,
    /// Who sent it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// When reading it was last heard of.
    pub told_at: Timestamp,
}

impl StoredFile {
    /// A file that begins to arrive.
    #[must_use]
    pub fn arriving(
        id: ImportFileId,
        kind: ImportKind,
        file_name: String,
        made_by: String,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            kind,
            file_name,
            size: 0,
            state: FileState::Arriving,
            said: Vec::new(),
            counts: Counts::default(),
            problem: None,
            import: None,
            made_by,
            made_at: now,
            told_at: now,
        }
    }
}

impl TenantWork {
    /// Adds a file that begins to arrive.
    pub async fn import_file_add(&mut self, file: &StoredFile) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into import_files (tenant_id, id, kind, file_name, state, made_by, made_at, told_at)
            values ($1, $2, $3, $4, $5, $6, $7, $7)"#,
            self.tenant.0,
            file.id.0,
            file.kind.word(),
            file.file_name,
            file.state.word(),
            file.made_by,
            instant(file.made_at) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Adds the next piece of a file.
    pub async fn import_file_piece_add(
        &mut self,
        file: ImportFileId,
        ordinal: i32,
        piece: &[u8],
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into import_file_pieces (tenant_id, file_id, ordinal, piece) values ($1, $2, $3, $4)"#,
            self.tenant.0,
            file.0,
            ordinal,
            piece,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Says that all of a file has arrived.
    pub async fn import_file_arrived(
        &mut self,
        file: ImportFileId,
        size: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update import_files set state = 'waiting', size_bytes = $3, told_at = $4 where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            file.0,
            size,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// A file.
    pub async fn import_file(&mut self, file: ImportFileId) -> Result<Option<StoredFile>, StoreError> {
        let row = sqlx::query!(
            r#"select kind, file_name, size_bytes, state, said as "said: Json<Vec<(String, String)>>", rows, created,
                changed, refused, problem, import_id, made_by, made_at as "made_at: jiff_sqlx::Timestamp",
                told_at as "told_at: jiff_sqlx::Timestamp"
            from import_files where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            file.0,
        )
        .fetch_optional(self.connection())
        .await?;
        let read = row.map(|row| {
            Ok::<_, StoreError>(StoredFile {
                id: file,
                kind: row.kind.parse().map_err(|_| StoreError::unreadable("a kind of import", row.kind))?,
                file_name: row.file_name,
                size: row.size_bytes,
                state: row
                    .state
                    .parse()
                    .map_err(|_| StoreError::unreadable("a state of a file", row.state))?,
                said: row.said.0,
                counts: Counts {
                    rows: row.rows,
                    created: row.created,
                    changed: row.changed,
                    refused: row.refused,
                    problems: Vec::new(),
                },
                problem: row.problem,
                import: row.import_id.map(ImportId),
                made_by: row.made_by,
                made_at: row.made_at.into(),
                told_at: row.told_at.into(),
            })
        });
        read.transpose()
    }

    /// A piece of a file; `None` behind the last.
    pub async fn import_file_piece(
        &mut self,
        file: ImportFileId,
        ordinal: i32,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let piece = sqlx::query_scalar!(
            r#"select piece from import_file_pieces where tenant_id = $1 and file_id = $2 and ordinal = $3"#,
            self.tenant.0,
            file.0,
            ordinal,
        );
        Ok(piece.fetch_optional(self.connection()).await?)
    }

    /// Begins to read a file; what the last reading told is forgotten. `false` when it is not in one of these states, and
    /// somebody who reads it was heard of since `stale`.
    pub async fn import_file_begin(
        &mut self,
        file: ImportFileId,
        (from, to): (&[FileState], FileState),
        said: &[(String, String)],
        (stale, now): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        let from: Vec<String> = from.iter().map(|state| state.word().to_owned()).collect();
        let begun = sqlx::query!(
            r#"update import_files set state = $4, said = $5, rows = 0, created = 0, changed = 0, refused = 0,
                problem = null, told_at = $7
            where tenant_id = $1 and id = $2
              and (state = any($3) or (state in ('checking', 'importing') and told_at < $6))"#,
            self.tenant.0,
            file.0,
            &from,
            to.word(),
            Json(said) as _,
            instant(stale) as _,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        if begun.rows_affected() == 0 {
            return Ok(false);
        }
        self.import_file_problems_forget(file).await?;
        Ok(true)
    }

    async fn import_file_problems_forget(&mut self, file: ImportFileId) -> Result<(), StoreError> {
        sqlx::query!(
            r#"delete from import_file_problems where tenant_id = $1 and file_id = $2"#,
            self.tenant.0,
            file.0
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Tells how far a file was read, and what was wrong with more of its rows.
    pub async fn import_file_tell(
        &mut self,
        file: ImportFileId,
        counts: &Counts,
        problems: &[RowProblem],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update import_files set rows = $3, created = $4, changed = $5, refused = $6, told_at = $7
            where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            file.0,
            counts.rows,
            counts.created,
            counts.changed,
            counts.refused,
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        let lines: Vec<i64> =
            problems.iter().map(|problem| i64::try_from(problem.line).unwrap_or(i64::MAX)).collect();
        let fields: Vec<String> = problems.iter().map(|problem| problem.field.clone()).collect();
        let messages: Vec<String> = problems.iter().map(|problem| problem.message.clone()).collect();
        sqlx::query!(
            r#"insert into import_file_problems (tenant_id, file_id, line, field, message)
            select $1, $2, t.* from unnest($3::bigint[], $4::text[], $5::text[]) as t on conflict do nothing"#,
            self.tenant.0,
            file.0,
            &lines,
            &fields,
            &messages,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Says how reading a file ended. One that was brought in is kept no longer, but for what is told of it.
    pub async fn import_file_end(
        &mut self,
        file: ImportFileId,
        state: FileState,
        (problem, import): (Option<&str>, Option<ImportId>),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update import_files set state = $3, problem = $4, import_id = $5, told_at = $6
            where tenant_id = $1 and id = $2"#,
            self.tenant.0,
            file.0,
            state.word(),
            problem,
            import.map(|import| import.0),
            instant(now) as _,
        )
        .execute(self.connection())
        .await?;
        if state == FileState::Done {
            sqlx::query!(
                r#"delete from import_file_pieces where tenant_id = $1 and file_id = $2"#,
                self.tenant.0,
                file.0
            )
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }

    /// What is wrong with a file's rows, behind a line.
    pub async fn import_file_problems(
        &mut self,
        file: ImportFileId,
        after: i64,
        at_most: i64,
    ) -> Result<Vec<RowProblem>, StoreError> {
        let rows = sqlx::query!(
            r#"select line, field, message from import_file_problems
            where tenant_id = $1 and file_id = $2 and line > $3 order by line limit $4"#,
            self.tenant.0,
            file.0,
            after,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        let read = rows.into_iter().map(|row| RowProblem {
            line: u64::try_from(row.line).unwrap_or_default(),
            field: row.field,
            message: row.message,
        });
        Ok(read.collect())
    }

    /// Forgets files that were sent before a moment, and all but the newest few.
    pub async fn import_files_forget(&mut self, before: Timestamp, kept: i64) -> Result<(), StoreError> {
        let old: Vec<Uuid> = sqlx::query_scalar!(
            r#"select id from import_files where tenant_id = $1 and (made_at < $2 or id in (
                select id from import_files where tenant_id = $1 order by made_at desc, id offset $3))"#,
            self.tenant.0,
            instant(before) as _,
            kept,
        )
        .fetch_all(self.connection())
        .await?;
        sqlx::query!(
            r#"delete from import_file_pieces where tenant_id = $1 and file_id = any($2)"#,
            self.tenant.0,
            &old
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            r#"delete from import_file_problems where tenant_id = $1 and file_id = any($2)"#,
            self.tenant.0,
            &old
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            r#"delete from import_files where tenant_id = $1 and id = any($2)"#,
            self.tenant.0,
            &old
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
