//! Rows of the ledgers of all tenants, for who runs the platform: listed together, newest first, each with the
//! amount in its own tenant's currency; their sum is in the platform's, by the rates of their days, as in reports.

use app::port::{AskError, LedgerLine, LedgerQuestion};
use domain::access::Caller;
use domain::ids::TenantId;
use domain::money::Currency;
use domain::period::DateRange;
use domain::revenue::{Parts, Unconverted};
use domain::tenant::Tenant;
use jiff::Timestamp;
use store::Snapshot;
use store::ledger::{Place, RowFilter, ShownRow};

use super::ledger::{lines, read_cursor, row_filter, write_cursor};
use super::paging::Paging;
use super::platform::{Contribution, OfAll, Seen, joined};
use super::{DataState, LedgerDesk, ours};
use crate::accounts::Sender;

/// A row, and whose it is.
pub(crate) struct RowOfAll {
    /// Whose.
    pub(crate) tenant: TenantId,
    /// What the row is converted to.
    pub(crate) currency: Currency,
    /// The row.
    pub(crate) line: LedgerLine,
}

/// A page of rows of all tenants.
pub(crate) struct LedgerOfAll {
    /// The calendar and currency of the answer.
    pub(crate) tenant: Tenant,
    /// Which days.
    pub(crate) range: DateRange,
    /// When this was so.
    pub(crate) as_of: Timestamp,
    /// The moment the rows were known at, where it is not now.
    pub(crate) known_at: Option<Timestamp>,
    /// The rows of this page.
    pub(crate) rows: Vec<RowOfAll>,
    /// How many rows the filter finds in all.
    pub(crate) rows_in_all: i64,
    /// Their sum in the platform's currency.
    pub(crate) sum: i64,
    /// What no rate could convert, by currency.
    pub(crate) unconverted: Vec<Unconverted>,
    /// The cursor of the next page.
    pub(crate) next: Option<String>,
    /// What the answer depends on.
    pub(crate) state: DataState,
}

/// What one tenant's ledger adds.
struct Added {
    tenant: Tenant,
    found: Vec<ShownRow>,
    total: Contribution,
    rows_in_all: i64,
}

impl LedgerDesk {
    /// A page of rows of all tenants.
    pub(crate) async fn aggregate_ledger(
        &self,
        caller: &Caller,
        sender: &Sender,
        question: LedgerQuestion,
    ) -> Result<LedgerOfAll, AskError> {
        let OfAll { tenant, now, asked } = self.asked_of_all(caller, &question.period).await?;
        let paging = Paging::read(question.limit.as_deref())?;
        let after = question.cursor.as_deref().map(read_cursor).transpose()?;
        let filter = row_filter(asked.range, &tenant.timezone, question)?;
        let (added, seen) = self.added_rows(&filter, after, paging).await?;
        self.note_looking(caller, seen.tenants.iter(), sender).await?;
        let rates = self.platform_rates(&tenant, seen.currencies(), asked.range).await?;
        let state = seen.state(&rates, asked.today);
        let rows_in_all = added.iter().map(|added| added.rows_in_all).sum();
        let (mut found, mut totals) = (Vec::new(), Vec::new());
        for added in added {
            found.extend(added.found.into_iter().map(|row| (added.tenant.clone(), row)));
            totals.push(added.total);
        }
        let (daily, unconverted) = joined(totals, tenant.currency, &rates);
        found.sort_by_key(|(_, row)| std::cmp::Reverse((row.occurred_at, row.id)));
        let (found, next) = paging.page(found, |(_, row)| write_cursor(row));
        Ok(LedgerOfAll {
            range: asked.range,
            as_of: now,
            known_at: filter.known_at,
            rows: self.told(found).await?,
            rows_in_all,
            sum: Parts::of(&daily).total().net(),
            unconverted,
            next,
            state,
            tenant,
        })
    }

    async fn added_rows(
        &self,
        filter: &RowFilter,
        after: Option<Place>,
        paging: Paging,
    ) -> Result<(Vec<Added>, Seen), AskError> {
        let (mut added, mut seen) = (Vec::new(), Seen::default());
        let mut last: Option<Snapshot> = None;
        for tenant in self.store.tenants_all().await.map_err(ours)? {
            let mut snapshot = self.snapshot_after(last, tenant.id).await?;
            seen.add(&snapshot);
            added.push(Added::of(&mut snapshot, filter, after, paging).await?);
            last = Some(snapshot);
        }
        Ok((added, seen))
    }

    /// The rows of a page with how each came to be; those of one tenant are asked for together.
    async fn told(&self, found: Vec<(Tenant, ShownRow)>) -> Result<Vec<RowOfAll>, AskError> {
        let order: Vec<_> = found.iter().map(|(_, row)| row.id).collect();
        let mut tenants: Vec<(Tenant, Vec<ShownRow>)> = Vec::new();
        for (tenant, row) in found {
            match tenants.iter_mut().find(|(known, _)| known.id == tenant.id) {
                Some((_, rows)) => rows.push(row),
                None => tenants.push((tenant, vec![row])),
            }
        }
        let mut told = Vec::new();
        for (tenant, rows) in tenants {
            let mut snapshot = self.snapshot(tenant.id).await?;
            let (id, currency) = (tenant.id, tenant.currency);
            let rows = lines(&mut snapshot, rows).await?;
            told.extend(rows.into_iter().map(|line| RowOfAll { tenant: id, currency, line }));
        }
        told.sort_by_key(|row| order.iter().position(|id| *id == row.line.id));
        Ok(told)
    }
}

impl Added {
    async fn of(
        snapshot: &mut Snapshot,
        filter: &RowFilter,
        after: Option<Place>,
        paging: Paging,
    ) -> Result<Self, AskError> {
        let totals = snapshot.row_totals(filter).await.map_err(ours)?;
        let daily = snapshot.rows_by_day(filter).await.map_err(ours)?;
        let tenant = snapshot.tenant().clone();
        Ok(Self {
            found: snapshot.rows_page(filter, after, paging.one_more()).await.map_err(ours)?,
            rows_in_all: totals.rows,
            total: Contribution { tenant: tenant.clone(), daily, unconverted: totals.unconverted },
            tenant,
        })
    }
}
