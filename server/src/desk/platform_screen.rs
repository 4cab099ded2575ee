//! The main screen over every tenant, for who runs the platform: in its currency, each tenant's days by its own
//! calendar, all read from one state of the data.
//!
//! Revenue is converted by the rates of its days, what recurs and what leads, deals and costs are worth by the rate of
//! the last day. A tenant without a rate adds its counts and none of its money; its currency is listed.

use std::collections::BTreeMap;

use app::port::{AlertLine, AskError, Frame, OverviewQuestion};
use domain::access::Caller;
use domain::channel::ChannelSlug;
use domain::exchange::RateBook;
use domain::funnel::Mode;
use domain::money::{Currency, Money};
use domain::mrr::report::report as mrr;
use domain::mrr::together::Part;
use domain::period::DateRange;
use domain::revenue::{Parts, RevenueReport, Scope, report};
use domain::tenant::Tenant;
use jiff::ToSpan;
use jiff::civil::Date;
use store::Snapshot;

use super::alerts::{self, SHOWN};
use super::kept::minute;
use super::overview::{Around, Before, CommandCenter, Figures, economics_of, funnel_mode, overview_of};
use super::pipeline::{PipelineFigures, PipelinePart};
use super::platform::{Contribution, OfAll, RecurringContribution, Seen, joined, recurring_together};
use super::{Asked, DataState, LedgerDesk, invalid, ours, tenant_view};
use crate::accounts::Sender;

/// What one tenant adds to the screen.
struct Added {
    tenant: Tenant,
    money: Contribution,
    money_before: Contribution,
    recurring: RecurringContribution,
    pipeline: PipelinePart,
    won: BTreeMap<ChannelSlug, i64>,
    won_before: i64,
    alerts: Vec<AlertLine>,
}

/// What all tenants add, in one currency.
#[derive(Default)]
struct Together {
    money: Vec<Contribution>,
    money_before: Vec<Contribution>,
    recurring: Vec<RecurringContribution>,
    pipeline: PipelinePart,
    won: BTreeMap<ChannelSlug, i64>,
    won_before: i64,
    alerts: Vec<AlertLine>,
    without_rates: Vec<Currency>,
}

impl LedgerDesk {
    /// The main screen of all tenants together.
    pub(crate) async fn aggregate_command_center(
        &self,
        caller: &Caller,
        sender: &Sender,
        question: OverviewQuestion,
    ) -> Result<CommandCenter, AskError> {
        let mode = funnel_mode(&question)?;
        let of_all = self.asked_of_all(caller, &question.period).await?;
        let OfAll { tenant, asked, .. } = &of_all;
        let before = asked.range.previous(asked.today);
        let (added, seen) = self.added(asked, before, mode).await?;
        self.note_looking(caller, seen.tenants.iter(), sender).await?;
        let days = DateRange { from: before.from.saturating_sub(1.day()), to: asked.range.to };
        let rates = self.platform_rates(tenant, seen.currencies(), days).await?;
        let together = Together::of(added, tenant.currency, &rates, asked.range.to.min(asked.today));
        let channels = self.store.channels_of(tenant.id).await.map_err(ours)?;
        let frame = Frame {
            tenant: tenant_view(tenant, &channels),
            today: asked.today,
            choice: asked.choice,
            range: asked.range,
        };
        let state = seen.state(&rates, asked.today);
        let around = Around { frame, alerts: Vec::new(), intake: self.intake(tenant).await? };
        of_all.screen(mode, &rates, together, around, &state)
    }

    async fn added(
        &self,
        asked: &Asked,
        before: DateRange,
        mode: Mode,
    ) -> Result<(Vec<Added>, Seen), AskError> {
        let (mut added, mut seen) = (Vec::new(), Seen::default());
        let mut last: Option<Snapshot> = None;
        for tenant in self.store.tenants_all().await.map_err(ours)? {
            let mut snapshot = self.snapshot_after(last, tenant.id).await?;
            seen.add(&snapshot);
            added.push(Added::of(&mut snapshot, asked, before, mode).await?);
            last = Some(snapshot);
        }
        Ok((added, seen))
    }
}

impl OfAll {
    /// The screen, made of what all tenants add.
    fn screen(
        &self,
        mode: Mode,
        rates: &RateBook,
        together: Together,
        around: Around,
        state: &DataState,
    ) -> Result<CommandCenter, AskError> {
        let Self { tenant, now, asked } = self;
        let (now, range, granularity) = (*now, asked.range, asked.granularity);
        let (daily, unconverted) = joined(together.money, tenant.currency, rates);
        let revenue =
            report(tenant, range, granularity, now, &Parts::of(&daily), unconverted).map_err(invalid)?;
        let revenue = RevenueReport { tenant_id: Scope::All, ..revenue };
        let (recurring, standing) =
            recurring_together(together.recurring, tenant.currency, rates, &asked.begun());
        let Part { opening, daily, cohort } = recurring;
        let recurring = mrr(tenant, range, granularity, now, opening, &daily, cohort).map_err(invalid)?;
        let pipeline = PipelineFigures::made_of(together.pipeline, mode);
        let (daily_before, _) = joined(together.money_before, tenant.currency, rates);
        let before = Before::made_of(&Parts::of(&daily_before), &pipeline.spent_before, together.won_before);
        let days = range.elapsed(asked.today).days();
        let economics =
            economics_of(&together.won, &revenue, &recurring, &pipeline.spent, (tenant.economics, days));
        let state = format!("{state} {} {:?}", minute(now), together.alerts);
        let previous_range = range.previous(asked.today);
        let figures = Figures { revenue, recurring, standing, previous_range, before, economics };
        Ok(CommandCenter {
            overview: overview_of(&figures, &pipeline, Around { alerts: together.alerts, ..around }),
            tenant: tenant.clone(),
            standing: figures.standing,
            without_rates: together.without_rates,
            state: DataState(state),
        })
    }
}

impl Added {
    async fn of(
        snapshot: &mut Snapshot,
        asked: &Asked,
        before: DateRange,
        mode: Mode,
    ) -> Result<Self, AskError> {
        let range = asked.range;
        let tenant = snapshot.tenant().clone();
        Ok(Self {
            tenant,
            money: Contribution::of(snapshot, range).await?,
            money_before: Contribution::of(snapshot, before).await?,
            recurring: RecurringContribution::of(snapshot, range, asked.today).await?,
            pipeline: PipelinePart::of(snapshot, range, before, mode).await?,
            won: snapshot.new_customers(range).await.map_err(ours)?,
            won_before: snapshot.new_customers(before).await.map_err(ours)?.values().sum(),
            alerts: alerts::lines_in(snapshot.work(), &SHOWN).await?,
        })
    }
}

impl Together {
    fn of(parts: Vec<Added>, to: Currency, rates: &RateBook, day: Date) -> Self {
        let mut together = Self::default();
        for added in parts {
            let from = added.tenant.currency;
            let convert = |minor: i64| match minor {
                0 => Some(0),
                minor => rates.convert(Money { minor, currency: from }, to, day),
            };
            match added.pipeline.clone().converted(convert) {
                Some(pipeline) => {
                    together.pipeline.add(pipeline);
                    together.won_before += added.won_before;
                    for (channel, customers) in added.won {
                        *together.won.entry(channel).or_default() += customers;
                    }
                }
                None => {
                    together.pipeline.add(added.pipeline.without_money());
                    together.without_rates.push(from);
                }
            }
            together.money.push(added.money);
            together.money_before.push(added.money_before);
            together.recurring.push(added.recurring);
            together.alerts.extend(added.alerts);
        }
        together.without_rates.sort_unstable_by_key(Currency::to_string);
        together.without_rates.dedup();
        together.alerts.sort_by_key(|alert| (alert.finding.severity, alert.opened_at));
        together
    }
}
