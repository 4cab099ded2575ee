//! What would become of a file's rows: worked out the way they are taken in, and not kept.
//!
//! Rows depend on rows before them, however far apart they are. Leads are worked out without writing, since whoever
//! writes leads has everybody else wait; the others are written in one transaction that is not committed.

use domain::importing::ImportKind;
use store::lead_foresight::{LeadsForeseen, NamesSaid};
use store::leads::Bringing;
use store::work::TenantWork;
use store::{Store, StoreError};

use super::cost_files::RowsSaid;
use super::import::FileRows;
use super::{Context, ImportError, Pipeline, Record, Taken, leads};
use crate::accounts::Refusal;

/// A file that is only looked at.
pub(super) enum Foresight {
    Leads(Store, LeadsForeseen),
    Others(ImportKind, TenantWork),
}

impl Foresight {
    pub(super) async fn begin(
        pipeline: &Pipeline,
        context: &Context,
        kind: ImportKind,
        rows: &FileRows<'_>,
    ) -> Result<Self, ImportError> {
        let store = &pipeline.store;
        Ok(match kind {
            ImportKind::Leads => {
                Self::Leads(store.clone(), LeadsForeseen::of(names_said(context, rows).await?))
            }
            kind => Self::Others(kind, store.within(context.tenant.id).await?),
        })
    }

    /// What would become of rows after those before.
    pub(super) async fn take(
        &mut self,
        context: &Context,
        records: Vec<Result<Record, Refusal>>,
        costs_said: &mut RowsSaid,
    ) -> Result<Vec<Taken>, StoreError> {
        match self {
            Self::Leads(store, foreseen) => {
                let mut work = store.within(context.tenant.id).await?;
                leads::foresee(context, &mut work, records, foreseen).await
            }
            Self::Others(kind, work) => {
                let bringing = Bringing::at(context.now);
                context.take_rows(work, *kind, records, bringing, costs_said).await
            }
        }
    }
}

/// The ids and e-mails that rows of leads name.
async fn names_said(context: &Context, rows: &FileRows<'_>) -> Result<NamesSaid, ImportError> {
    let mut names = NamesSaid::default();
    rows.each(|records| {
        let told = records.into_iter().flatten().filter_map(|record| leads::read(context, &record).ok());
        told.for_each(|told| names.hear(&told));
    })
    .await?;
    Ok(names)
}
