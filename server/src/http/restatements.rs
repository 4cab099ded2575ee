//! `GET /api/restatements`: what the ledger says otherwise of days that had ended, as JSON in pages or as one file.

use app::port::{AskError, Desk, RestatedPage, RestatedQuestion};
use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::access::{Permission, Viewer};
use domain::channel::ChannelSlug;
use domain::ids::{EventId, LedgerRowId, TenantId};
use domain::ledger::EntryKind;
use domain::money::{Currency, Money};
use domain::period::DateRange;
use domain::restated::{RestatedLine, RestatedSum, RowThen};
use domain::restatement::Trigger;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use uuid::Uuid;

use super::Services;
use super::callers::{Known, require};
use super::errors::ApiError;
use super::listing_file::{self, Listing, Page, ROWS_AT_ONCE, refuse_part};
use super::query::{Query, format_wanted};

/// The names of the columns of the file.
const COLUMNS: [&str; 19] = [
    "id",
    "known_at",
    "cause",
    "why",
    "occurred_at",
    "kind",
    "currency",
    "amount_before",
    "amount_after",
    "base_amount_before",
    "base_amount_after",
    "base_currency",
    "base_moved",
    "channel_before",
    "channel_after",
    "product_before",
    "product_after",
    "ledger_row_id",
    "stripe_event_id",
];

/// `GET /api/restatements`
pub(super) async fn show_restatements(
    State(services): State<Services>,
    known: Known,
    mut query: Query,
) -> Result<Response, ApiError> {
    let wants_file = format_wanted(&mut query)?;
    let question = RestatedQuestion {
        period: query.take_period(),
        channel: query.take_given("channel"),
        cause: query.take_given("cause"),
        since: query.take_given("since"),
        cursor: query.take_given("cursor"),
        limit: query.take_given("limit"),
    };
    query.finished()?;
    let (viewer, tenant) = known.look(&services, question.period.tenant_id.as_deref()).await?;
    require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
    if !wants_file {
        let page = services.desk.restated(&viewer, question).await?;
        return Ok(Json(Answer::of(tenant.timezone_name(), page)).into_response());
    }
    refuse_part("line", question.limit.as_ref(), question.cursor.as_ref())?;
    let noted = services.accounts.note_export(&viewer, "restatements", &known.sender).await;
    noted.map_err(super::callers::unavailable)?;
    let lines = Lines { services, viewer, question };
    Ok(listing_file::file("restatements.csv", &COLUMNS, lines).await?)
}

/// The lines of a file.
struct Lines {
    services: Services,
    viewer: Viewer,
    question: RestatedQuestion,
}

#[async_trait]
impl Listing for Lines {
    type Error = AskError;

    async fn page(&self, cursor: Option<String>) -> Result<Page, AskError> {
        let limit = Some(ROWS_AT_ONCE.to_owned());
        let question = RestatedQuestion { limit, cursor, ..self.question.clone() };
        let page = self.services.desk.restated(&self.viewer, question).await?;
        let (zone, base) = (&page.frame.tenant.timezone, page.frame.tenant.currency);
        let rows = page.lines.iter().map(|line| cells(line, zone, base).into()).collect();
        Ok(Page { rows, next: page.next })
    }
}

fn cells(line: &RestatedLine, timezone: &TimeZone, base: Currency) -> [String; 19] {
    let before = |read: fn(&RowThen) -> String| line.before.as_ref().map(read).unwrap_or_default();
    let after = |read: fn(&RowThen) -> String| line.after.as_ref().map(read).unwrap_or_default();
    let row = |read: fn(&RowThen) -> String| line.row().map(read).unwrap_or_default();
    let amount = |row: &RowThen| row.money.minor.to_string();
    let in_base = |row: &RowThen| row.base_amount_minor.map(|minor| minor.to_string()).unwrap_or_default();
    let channel = |row: &RowThen| row.channel.to_string();
    let product = |row: &RowThen| row.product_name.clone().unwrap_or_default();
    [
        line.id.to_string(),
        line.known_at.to_string(),
        line.cause.word().to_owned(),
        line.says(timezone),
        row(|row| row.occurred_at.to_string()),
        row(|row| row.kind.word().to_owned()),
        row(|row| row.money.currency.to_string()),
        before(amount),
        after(amount),
        before(in_base),
        after(in_base),
        base.to_string(),
        line.base_moved().to_string(),
        before(channel),
        after(channel),
        before(product),
        after(product),
        row(|row| row.id.to_string()),
        row(|row| row.event.to_string()),
    ]
}

/// Lines, and what all that the question finds come to.
#[derive(Serialize)]
struct Answer {
    tenant_id: TenantId,
    #[serde(flatten)]
    range: DateRange,
    timezone: String,
    currency: Currency,
    as_of: Timestamp,
    since: Option<Timestamp>,
    base_moved: i64,
    sums: Vec<Sum>,
    restatements: Vec<Line>,
    next_cursor: Option<String>,
}

impl Answer {
    fn of(timezone: &str, page: RestatedPage) -> Self {
        let zone = page.frame.tenant.timezone.clone();
        Self {
            base_moved: page.base_moved(),
            tenant_id: page.frame.tenant.id,
            range: page.frame.range,
            timezone: timezone.to_owned(),
            currency: page.frame.tenant.currency,
            as_of: page.as_of,
            since: page.since,
            sums: page.sums.into_iter().map(Sum::of).collect(),
            restatements: page.lines.into_iter().map(|line| Line::of(line, &zone)).collect(),
            next_cursor: page.next,
        }
    }
}

#[derive(Serialize)]
struct Sum {
    cause: &'static str,
    currency: Currency,
    lines: i64,
    moved: i64,
    base_moved: i64,
    unconverted: i64,
    mrr_moved: i64,
}

impl Sum {
    fn of(sum: RestatedSum) -> Self {
        let RestatedSum { cause, currency, lines, moved, base_moved, unconverted, mrr_moved } = sum;
        Self { cause: cause.word(), currency, lines, moved, base_moved, unconverted, mrr_moved }
    }
}

#[derive(Serialize)]
struct Line {
    id: Uuid,
    known_at: Timestamp,
    cause: &'static str,
    why: String,
    moved: Vec<Amount>,
    base_moved: i64,
    mrr_moved: Vec<Amount>,
    before: Option<Row>,
    after: Option<Row>,
    trigger: Option<Told>,
}

impl Line {
    fn of(line: RestatedLine, timezone: &TimeZone) -> Self {
        Self {
            id: line.id,
            known_at: line.known_at,
            cause: line.cause.word(),
            why: line.says(timezone),
            moved: line.moved().into_iter().map(Amount::of).collect(),
            base_moved: line.base_moved(),
            mrr_moved: line.mrr_moved().into_iter().map(Amount::of).collect(),
            before: line.before.map(Row::of),
            after: line.after.map(Row::of),
            trigger: line.credited.map(|(_, trigger)| Told::of(&trigger)),
        }
    }
}

#[derive(Serialize)]
struct Amount {
    currency: Currency,
    amount: i64,
}

impl Amount {
    const fn of(money: Money) -> Self {
        Self { currency: money.currency, amount: money.minor }
    }
}

/// What brought another channel about.
#[derive(Serialize)]
struct Told {
    kind: &'static str,
    id: String,
}

impl Told {
    fn of(trigger: &Trigger) -> Self {
        Self { kind: trigger.kind(), id: trigger.reference() }
    }
}

/// A row as it was; `counted` where it is of the days and the channel asked for.
#[derive(Serialize)]
struct Row {
    id: LedgerRowId,
    kind: EntryKind,
    amount: i64,
    currency: Currency,
    base_amount: Option<i64>,
    mrr_impact: i64,
    occurred_at: Timestamp,
    channel: ChannelSlug,
    product_name: Option<String>,
    product_category: Option<String>,
    customer_email: Option<String>,
    stripe_event_id: EventId,
    event_received_at: Timestamp,
    counted: bool,
}

impl Row {
    fn of(row: RowThen) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            amount: row.money.minor,
            currency: row.money.currency,
            base_amount: row.base_amount_minor,
            mrr_impact: row.mrr_impact_minor,
            occurred_at: row.occurred_at,
            channel: row.channel,
            product_name: row.product_name,
            product_category: row.product_category,
            customer_email: row.customer_email,
            stripe_event_id: row.event,
            event_received_at: row.event_received_at,
            counted: row.is_counted,
        }
    }
}
