//! The tables of an answer as files: one each for channels, products and periods.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::money::Currency;
use domain::mrr::report::MrrReport;
use domain::ratio::Quotient;
use domain::revenue::{RevenueReport, Sums};
use serde::Serialize;
use serde_json::{Value, json};

use super::super::errors::ApiError;
use super::super::query::{Query, format_wanted};
use crate::csv::Csv;
use crate::desk::RecurringRevenue;

/// A table of revenue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// A line for each channel.
    Channels,
    /// A line for each product.
    Products,
    /// A line for each period.
    Periods,
}

const CHANNELS: (&str, Table) = ("by_channel", Table::Channels);
const PRODUCTS: (&str, Table) = ("by_product", Table::Products);
const PERIODS: (&str, Table) = ("by_period", Table::Periods);

impl Table {
    const fn word(self) -> &'static str {
        match self {
            Self::Channels => CHANNELS.0,
            Self::Products => PRODUCTS.0,
            Self::Periods => PERIODS.0,
        }
    }
}

/// The table of revenue that is wanted as a file; none when JSON is.
pub(super) fn of_revenue(query: &mut Query) -> Result<Option<Table>, ApiError> {
    wanted(query, &[CHANNELS, PRODUCTS, PERIODS], Table::Periods)
}

/// A table of recurring revenue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecurringTable {
    /// A line for each period.
    Periods,
    /// A line for each channel.
    Channels,
    /// A line for what lay behind movements.
    Reasons,
    /// A line for each subscription that is cancelled to end.
    ScheduledChurn,
}

/// The same of recurring revenue.
pub(super) fn of_recurring(query: &mut Query) -> Result<Option<RecurringTable>, ApiError> {
    let offered = [
        (PERIODS.0, RecurringTable::Periods),
        (CHANNELS.0, RecurringTable::Channels),
        ("reasons", RecurringTable::Reasons),
        ("scheduled_churn", RecurringTable::ScheduledChurn),
    ];
    wanted(query, &offered, RecurringTable::Periods)
}

/// Which of these tables is wanted as a file, the usual one when none is named; none when JSON is.
pub(in crate::http) fn wanted<T: Copy>(
    query: &mut Query,
    offered: &[(&'static str, T)],
    usual: T,
) -> Result<Option<T>, ApiError> {
    let wants_file = format_wanted(query)?;
    let refused = |message: String| {
        ApiError::new(StatusCode::BAD_REQUEST, "invalid_parameter", message).in_field("table")
    };
    match (wants_file, query.take("table")) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(refused("table goes with format=csv".to_owned())),
        (true, None) => Ok(Some(usual)),
        (true, Some(asked)) => {
            let found = offered.iter().find(|(word, _)| *word == asked);
            found.map(|(_, table)| Some(*table)).ok_or_else(|| {
                let words: Vec<&str> = offered.iter().map(|(word, _)| *word).collect();
                refused(format!("table is {}", words.join(", ")))
            })
        }
    }
}

/// A table of revenue as a file.
pub(super) fn revenue_file(report: &RevenueReport, table: Table) -> impl IntoResponse {
    let named = |first: &[&str]| {
        let sums =
            ["currency", "total_revenue", "gross_revenue", "refunds", "disputes", "payments", "refund_rate"];
        Csv::new(&[first, &sums].concat())
    };
    let cells = |first: Vec<String>, sums: &Sums| {
        let Sums { total_revenue, gross_revenue, refunds, disputes, payments } = *sums;
        let numbers = [total_revenue, gross_revenue, refunds, disputes, payments];
        let currency = [report.currency.to_string()];
        let rate = sums.refund_rate().map(|rate| json!(Quotient(rate)).to_string()).unwrap_or_default();
        [first, currency.into(), numbers.map(|number| number.to_string()).into(), vec![rate]].concat()
    };
    let known = |name: &Option<String>| name.clone().unwrap_or_default();
    let csv = match table {
        Table::Channels => {
            let mut csv = named(&["channel"]);
            report
                .by_channel
                .iter()
                .for_each(|row| csv.row(&cells(vec![row.channel.to_string()], &row.sums)));
            csv
        }
        Table::Products => {
            let mut csv = named(&["product_name", "product_category"]);
            for row in &report.by_product {
                csv.row(&cells(vec![known(&row.product_name), known(&row.product_category)], &row.sums));
            }
            csv
        }
        Table::Periods => {
            let mut csv = named(&["period_start", "period_end", "partial"]);
            for row in &report.by_period {
                let bucket = row.bucket;
                let days = [bucket.period_start.to_string(), bucket.period_end.to_string()];
                csv.row(&cells([days.into(), vec![bucket.partial.to_string()]].concat(), &row.sums));
            }
            csv
        }
    };
    file(&format!("revenue-{}", table.word()), csv)
}

/// A table of recurring revenue as a file; without lines where nothing tells them.
pub(super) fn recurring_file(found: &RecurringRevenue, table: RecurringTable) -> Response {
    let (parts, currency) = (found.parts.as_ref(), found.report.currency);
    match table {
        RecurringTable::Periods => recurring_periods(&found.report).into_response(),
        RecurringTable::Channels => {
            let moved = ["start", "new", "reactivation", "expansion", "contraction", "churn", "fx", "end"];
            let lines = parts.map_or(&[][..], |parts| &parts.by_channel);
            file_of("mrr-by_channel", &[&["channel"][..], &moved].concat(), lines, currency).into_response()
        }
        RecurringTable::Reasons => {
            let columns = ["kind", "detail", "feedback", "amount", "movements"];
            let lines = parts.map_or(&[][..], |parts| &parts.reasons);
            file_of("mrr-reasons", &columns, lines, currency).into_response()
        }
        RecurringTable::ScheduledChurn => {
            let ends = ["subscription_id", "customer_id", "mrr", "charged", "charged_currency", "ends_at"];
            let told = ["known_since", "reason", "feedback"];
            let lines = parts.map_or(&[][..], |parts| &parts.scheduled_churn.ends);
            file_of("mrr-scheduled_churn", &[&ends[..], &told].concat(), lines, currency).into_response()
        }
    }
}

/// The periods of recurring revenue as a file.
fn recurring_periods(report: &MrrReport) -> impl IntoResponse + use<> {
    let mut csv = Csv::new(&[
        "period_start",
        "period_end",
        "partial",
        "currency",
        "start",
        "new",
        "reactivation",
        "expansion",
        "contraction",
        "churn",
        "fx",
        "end",
    ]);
    for row in &report.by_period {
        let (bucket, moved) = (row.bucket, row.movements);
        let days =
            [bucket.period_start.to_string(), bucket.period_end.to_string(), bucket.partial.to_string()];
        let numbers = [
            row.start,
            moved.new,
            moved.reactivation,
            moved.expansion,
            moved.contraction,
            moved.churn,
            moved.fx,
            row.end,
        ];
        let numbers = numbers.map(|number| number.to_string());
        csv.row(&[&days[..], &[report.currency.to_string()], &numbers].concat());
    }
    file(&format!("mrr-{}", Table::Periods.word()), csv)
}

/// A table of which each line is what an answer says of something, in these columns and a last one for the currency.
pub(in crate::http) fn file_of<Line: Serialize>(
    name: &str,
    columns: &[&str],
    lines: &[Line],
    currency: Currency,
) -> impl IntoResponse + use<Line> {
    let mut csv = Csv::new(&[columns, &["currency"]].concat());
    for line in lines {
        let told = serde_json::to_value(line).expect("an answer is JSON");
        let cells = columns.iter().map(|column| match told.get(column) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        });
        csv.row(&cells.chain([currency.to_string()]).collect::<Vec<_>>());
    }
    file(name, csv)
}

fn file(name: &str, csv: Csv) -> impl IntoResponse + use<> {
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, disposition)];
    (headers, csv.into_text())
}
