//! Seals: a chain of hashes over the ledger, one for each UTC day on which something was written.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::StoreError;
use crate::applying::Batch;
use crate::database::instant;
use crate::work::TenantWork;

/// A day whose seal does not fit what the ledger holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenSeal {
    /// The UTC day.
    pub day: Date,
    /// How many rows were sealed.
    pub sealed_rows: i64,
    /// How many there are now.
    pub rows: i64,
}

/// What became of looking at every seal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealCheck {
    /// How many days are sealed.
    pub sealed: usize,
    /// The first that does not fit; every later one follows from it.
    pub broken: Option<BrokenSeal>,
}

/// What a day's writing comes to.
struct DayDigest {
    rows: i64,
    supersessions: i64,
    digest: Vec<u8>,
}

impl Batch {
    /// Seals every day before this moment's on which something was written; returns how many.
    pub async fn seal_days(&mut self, now: Timestamp) -> Result<usize, StoreError> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let (mut day, mut before) = match self.work.last_seal().await? {
            Some((day, digest)) => (self.work.written_after(day).await?, Some(digest)),
            None => (self.work.first_written().await?, None),
        };
        let mut sealed = 0;
        while let Some(open) = day.filter(|day| *day < today) {
            let found = self.work.digest_of(open, before.as_deref()).await?;
            sqlx::query!(
                r#"insert into ledger_seals (tenant_id, day, row_count, supersessions, digest, sealed_at)
                values ($1, $2, $3, $4, $5, $6)"#,
                self.tenant.0,
                jiff_sqlx::Date::from(open) as _,
                found.rows,
                found.supersessions,
                &found.digest,
                instant(now) as _,
            )
            .execute(self.work.connection())
            .await?;
            (before, sealed) = (Some(found.digest), sealed + 1);
            day = self.work.written_after(open).await?;
        }
        Ok(sealed)
    }
}

impl TenantWork {
    /// Makes every seal again from what the ledger holds, and compares.
    pub async fn seals_check(&mut self) -> Result<SealCheck, StoreError> {
        let seals = sqlx::query!(
            r#"select day as "day: jiff_sqlx::Date", row_count, digest from ledger_seals where tenant_id = $1 order by day"#,
            self.tenant.0,
        )
        .fetch_all(self.connection())
        .await?;
        let mut check = SealCheck { sealed: seals.len(), broken: None };
        let mut before: Option<Vec<u8>> = None;
        for seal in seals {
            let found = self.digest_of(seal.day.into(), before.as_deref()).await?;
            if found.digest != seal.digest {
                check.broken =
                    Some(BrokenSeal { day: seal.day.into(), sealed_rows: seal.row_count, rows: found.rows });
                return Ok(check);
            }
            before = Some(seal.digest);
        }
        Ok(check)
    }

    async fn last_seal(&mut self) -> Result<Option<(Date, Vec<u8>)>, StoreError> {
        let row = sqlx::query!(
            r#"select day as "day: jiff_sqlx::Date", digest from ledger_seals
            where tenant_id = $1 order by day desc limit 1"#,
            self.tenant.0,
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row.map(|row| (row.day.into(), row.digest)))
    }

    async fn first_written(&mut self) -> Result<Option<Date>, StoreError> {
        self.written_from(Timestamp::UNIX_EPOCH).await
    }

    async fn written_after(&mut self, day: Date) -> Result<Option<Date>, StoreError> {
        self.written_from(start_of(day.saturating_add(1.day()))).await
    }

    /// The first UTC day from a moment on with something written. Supersessions come with rows or alone.
    async fn written_from(&mut self, moment: Timestamp) -> Result<Option<Date>, StoreError> {
        let row = sqlx::query!(
            r#"select least(
                (select min(created_at) from revenue_events where tenant_id = $1 and created_at >= $2),
                (select min(created_at) from revenue_event_supersessions where tenant_id = $1 and created_at >= $2)
            ) as "written_at: jiff_sqlx::Timestamp""#,
            self.tenant.0,
            instant(moment) as _,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(row.written_at.map(|at| Timestamp::from(at).to_zoned(TimeZone::UTC).date()))
    }

    async fn digest_of(&mut self, day: Date, before: Option<&[u8]>) -> Result<DayDigest, StoreError> {
        Ok(sqlx::query_as!(
            DayDigest,
            r#"select row_count as "rows!", supersessions as "supersessions!", digest as "digest!"
            from ledger_digest($1, $2, $3, $4)"#,
            self.tenant.0,
            instant(start_of(day)) as _,
            instant(start_of(day.saturating_add(1.day()))) as _,
            before,
        )
        .fetch_one(self.connection())
        .await?)
    }
}

fn start_of(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |start| start.timestamp())
}
