//! Where a figure comes from: addresses of the rows whose sum it is.

use std::collections::BTreeMap;

use app::address::{Address, COSTS_FILE, DISPUTES, GROSS, LEDGER_FILE, PAYMENTS, REFUNDS};
use domain::channel::ChannelSlug;
use domain::economics::UnitEconomics;
use domain::metrics::Endpoint;
use domain::period::DateRange;
use domain::revenue::{Class, RevenueReport, Scope};
use serde::Serialize;

/// The rows behind each figure of a revenue report; lists are in the report's order.
#[derive(Serialize)]
pub(super) struct RevenueLinks {
    total_revenue: String,
    gross_revenue: String,
    refunds: String,
    disputes: String,
    /// Counts the rows.
    payments: String,
    new_vs_recurring: BTreeMap<&'static str, String>,
    by_channel: Vec<String>,
    by_product: Vec<String>,
    by_period: Vec<String>,
    unconverted: Vec<String>,
}

impl RevenueLinks {
    pub(super) fn of(report: &RevenueReport) -> Self {
        let rows = rows_of(report.tenant_id, report.range);
        let of_kinds = |kinds| rows.clone().of_kinds(kinds).to_string();
        let of_class = |class: Class| (class.word(), rows.clone().with("class", class.word()).to_string());
        let channels = report.by_channel.iter();
        let periods = report
            .by_period
            .iter()
            .map(|period| DateRange { from: period.bucket.period_start, to: period.bucket.period_end });
        let unconverted = report.unconverted.iter().map(|apart| {
            let apart = rows.clone().with("currency", apart.currency.to_string());
            apart.with("without", "rate").to_string()
        });
        Self {
            total_revenue: rows.to_string(),
            gross_revenue: of_kinds(GROSS),
            refunds: of_kinds(REFUNDS),
            disputes: of_kinds(DISPUTES),
            payments: of_kinds(PAYMENTS),
            new_vs_recurring: Class::ALL.map(of_class).into_iter().collect(),
            by_channel: channels.map(|earned| rows.clone().in_channel(&earned.channel).to_string()).collect(),
            by_product: report
                .by_product
                .iter()
                .map(|sold| rows.clone().of_product(sold).to_string())
                .collect(),
            by_period: periods.map(|days| rows_of(report.tenant_id, days).to_string()).collect(),
            unconverted: unconverted.collect(),
        }
    }
}

/// The rows and costs behind unit economics.
#[derive(Serialize)]
pub(super) struct EconomicsLinks {
    /// Its `sum_within` is the spend; costs are listed per workspace only.
    spend: Option<String>,
    spend_per_channel: BTreeMap<ChannelSlug, String>,
    revenue_per_channel: BTreeMap<ChannelSlug, String>,
}

impl EconomicsLinks {
    pub(super) fn of(scope: Scope, range: DateRange, economics: &UnitEconomics) -> Self {
        let (costs, rows) = (about(COSTS_FILE, scope, range), rows_of(scope, range));
        let per_channel = |address: &Address| {
            let channels = economics.channel_roi.iter().map(|roi| &roi.channel);
            channels
                .map(|channel| (channel.clone(), address.clone().in_channel(channel).to_string()))
                .collect()
        };
        let spend_per_channel = match scope {
            Scope::Tenant(_) => per_channel(&costs),
            Scope::All => BTreeMap::new(),
        };
        Self {
            spend_per_channel,
            revenue_per_channel: per_channel(&rows),
            spend: matches!(scope, Scope::Tenant(_)).then(|| costs.to_string()),
        }
    }
}

/// All rows of some days.
pub(super) fn rows_of(scope: Scope, range: DateRange) -> Address {
    about(LEDGER_FILE, scope, range)
}

/// What is won and spent for it over some days, with its operands.
pub(super) fn economics_of(scope: Scope, range: DateRange) -> Address {
    about(Endpoint::UnitEconomics.path(), scope, range)
}

fn about(path: &'static str, scope: Scope, range: DateRange) -> Address {
    let tenant_id = match scope {
        Scope::Tenant(id) => id.to_string(),
        Scope::All => "all".to_owned(),
    };
    Address::new(path).with("tenant_id", tenant_id).between(range)
}
