//! Figures that were counted and still hold.
//!
//! They are kept by the state of the data they were counted from, so that a change makes them be counted again, by
//! themselves and at once; and by the minute, since what waits gets older while nothing changes. Who asks for figures
//! that somebody is counting already waits for those.

use std::sync::Arc;

use app::port::AskError;
use domain::funnel::Mode;
use domain::ids::TenantId;
use domain::period::{DateRange, Granularity};
use jiff::Timestamp;
use quick_cache::sync::Cache;

use super::Period;
use super::overview::Figures;
use super::pipeline::PipelineFigures;

/// How many of each are kept; those nobody asked for lately go first.
const KEPT: usize = 512;

/// What figures of a pipeline depend on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PipelineState {
    tenant: TenantId,
    settings: i32,
    timezone: String,
    range: DateRange,
    mode: Mode,
    revision: i64,
    minute: i64,
}

/// What all figures depend on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    pipeline: PipelineState,
    granularity: Granularity,
    revision: i64,
}

/// Figures that still hold, of all tenants.
#[derive(Clone, Debug)]
pub struct Kept {
    pipeline: Arc<Cache<PipelineState, Arc<PipelineFigures>>>,
    figures: Arc<Cache<State, Arc<Figures>>>,
}

impl Default for Kept {
    fn default() -> Self {
        Self { pipeline: Arc::new(Cache::new(KEPT)), figures: Arc::new(Cache::new(KEPT)) }
    }
}

impl Kept {
    /// What leads, deals and costs say.
    pub(super) async fn pipeline(
        &self,
        period: &mut Period,
        mode: Mode,
    ) -> Result<Arc<PipelineFigures>, AskError> {
        let (range, before) = (period.asked.range, period.asked.range.previous(period.asked.today));
        let state = PipelineState::of(period, mode);
        let counting =
            async { PipelineFigures::of(&mut period.snapshot, range, before, mode).await.map(Arc::new) };
        self.pipeline.get_or_insert_async(&state, counting).await
    }

    /// What the ledger says beside it.
    pub(super) async fn figures(
        &self,
        period: &mut Period,
        mode: Mode,
        pipeline: &PipelineFigures,
    ) -> Result<Arc<Figures>, AskError> {
        let state = State {
            pipeline: PipelineState::of(period, mode),
            granularity: period.asked.granularity,
            revision: period.snapshot.revision(),
        };
        let counting = async { period.figures(pipeline).await.map(Arc::new) };
        self.figures.get_or_insert_async(&state, counting).await
    }
}

impl PipelineState {
    fn of(period: &Period, mode: Mode) -> Self {
        let (snapshot, tenant) = (&period.snapshot, period.snapshot.tenant());
        Self {
            tenant: tenant.id,
            settings: tenant.version,
            timezone: tenant.timezone_name().to_owned(),
            range: period.asked.range,
            mode,
            revision: snapshot.pipeline_revision(),
            minute: minute(snapshot.as_of()),
        }
    }
}

/// The minute of a moment: figures of what waits hold for as long.
pub(super) fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}
