//! `GET /api/ledger`: the rows behind any figure, as JSON in pages or as one file.

use app::port::{AskError, Desk, EarlierVersion, LedgerPage, LedgerQuestion, SourceLine};
use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use domain::access::{Permission, Viewer};
use domain::attribution::Candidate;
use domain::channel::ChannelSlug;
use domain::ids::{EventId, LeadId, LedgerRowId, TenantId};
use domain::ledger::{EntryKind, StripeLinks};
use domain::money::Currency;
use domain::period::DateRange;
use domain::revenue::{Scope, Unconverted};
use domain::revision::Change;
use jiff::Timestamp;
use serde::Serialize;

use super::Services;
use super::analytics::unchanged::Tag;
use super::callers::{Known, Subject, require};
use super::errors::ApiError;
use super::listing_file::{self, Listing, Page, ROWS_AT_ONCE, refuse_part};
use super::query::{Query, format_wanted};
use crate::desk::{LedgerOfAll, RowOfAll};

/// The names of the columns of the file.
const COLUMNS: [&str; 31] = [
    "id",
    "kind",
    "occurred_at",
    "amount_minor",
    "currency",
    "base_amount_minor",
    "base_currency",
    "channel",
    "customer_email",
    "product_name",
    "product_category",
    "is_recurring",
    "is_tie_presumed",
    "lead_id",
    "stripe_customer_id",
    "stripe_subscription_id",
    "stripe_invoice_id",
    "stripe_charge_id",
    "stripe_payment_intent_id",
    "stripe_checkout_session_id",
    "stripe_refund_id",
    "stripe_event_id",
    "livemode",
    "mrr_impact_minor",
    "attribution",
    "events",
    "version",
    "created_at",
    "reason",
    "is_product_partial",
    "tenant_id",
];

/// `GET /api/ledger`
pub(super) async fn show_ledger(
    State(services): State<Services>,
    known: Known,
    headers: HeaderMap,
    uri: Uri,
    mut query: Query,
) -> Result<Response, ApiError> {
    let wants_file = format_wanted(&mut query)?;
    let question = question(&mut query);
    query.finished()?;
    if wants_file {
        refuse_part("row", question.limit.as_ref(), question.cursor.as_ref())?;
    }
    let (viewer, tenant) = match known.subject(&services, question.period.tenant_id.as_deref()).await? {
        Subject::Tenant(viewer, tenant) => (viewer, tenant),
        Subject::All if wants_file => return file(services, Reader::All(known), question).await,
        Subject::All => {
            let found = services.desk.aggregate_ledger(&known.caller, &known.sender, question).await?;
            let tag = Tag::of(&found.state, &uri);
            return Ok(tag.answer(&headers, || Json(Answer::of_all(found))));
        }
    };
    require(&services, &viewer, Permission::ReadFigures, &known.sender).await?;
    if wants_file {
        let noted = services.accounts.note_export(&viewer, "ledger", &known.sender).await;
        noted.map_err(super::callers::unavailable)?;
        return file(services, Reader::Tenant(viewer), question).await;
    }
    let period = services.desk.period(tenant.id, &question.period).await?;
    let tag = Tag::of(&period.pipeline_state(), &uri);
    if tag.is_had(&headers) {
        return Ok(tag.not_modified());
    }
    let page = period.ledger_page(question).await?;
    Ok(tag.on(Json(Answer::of(tenant.timezone_name(), page))))
}

fn question(query: &mut Query) -> LedgerQuestion {
    LedgerQuestion {
        period: query.take_period(),
        channel: query.take_given("channel"),
        kind: query.take_given("kind"),
        product: query.take_given("product"),
        category: query.take_given("category"),
        class: query.take_given("class"),
        currency: query.take_given("currency"),
        without: query.take_given("without"),
        stripe_id: query.take_given("stripe_id"),
        review: query.take_given("review"),
        known_at: query.take_given("known_at"),
        cursor: query.take_given("cursor"),
        limit: query.take_given("limit"),
    }
}

/// Who reads a file.
enum Reader {
    /// Somebody of a tenant, its own.
    Tenant(Viewer),
    /// Who runs the platform, everybody's.
    All(Known),
}

/// The rows of a file.
struct Rows {
    services: Services,
    reader: Reader,
    question: LedgerQuestion,
}

#[async_trait]
impl Listing for Rows {
    type Error = AskError;

    async fn page(&self, cursor: Option<String>) -> Result<Page, AskError> {
        let limit = Some(ROWS_AT_ONCE.to_owned());
        let question = LedgerQuestion { limit, cursor, ..self.question.clone() };
        let (rows, next): (Vec<RowOfAll>, _) = match &self.reader {
            Reader::Tenant(viewer) => {
                let page = self.services.desk.ledger(viewer, question).await?;
                let (tenant, currency) = (page.frame.tenant.id, page.frame.tenant.currency);
                let rows = page.lines.into_iter().map(|line| RowOfAll { tenant, currency, line });
                (rows.collect(), page.next)
            }
            Reader::All(known) => {
                let desk = &self.services.desk;
                let found = desk.aggregate_ledger(&known.caller, &known.sender, question).await?;
                (found.rows, found.next)
            }
        };
        Ok(Page { rows: rows.iter().map(|row| cells(row).into()).collect(), next })
    }
}

/// Every row of the filter.
async fn file(services: Services, reader: Reader, question: LedgerQuestion) -> Result<Response, ApiError> {
    let rows = Rows { services, reader, question };
    Ok(listing_file::file("ledger.csv", &COLUMNS, rows).await?)
}

fn cells(RowOfAll { tenant, currency, line }: &RowOfAll) -> [String; 31] {
    let known = |value: &Option<String>| value.clone().unwrap_or_default();
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let links = &line.links;
    [
        line.id.to_string(),
        line.kind.word().to_owned(),
        line.occurred_at.to_string(),
        line.money.minor.to_string(),
        line.money.currency.to_string(),
        number(line.base_amount_minor),
        currency.to_string(),
        line.channel.to_string(),
        known(&line.customer_email),
        known(&line.product_name),
        known(&line.product_category),
        line.is_recurring.to_string(),
        line.is_tie_presumed.to_string(),
        line.lead.map(|lead| lead.to_string()).unwrap_or_default(),
        known(&links.customer),
        known(&links.subscription),
        known(&links.invoice),
        known(&links.charge),
        known(&links.payment_intent),
        known(&links.checkout_session),
        known(&links.refund),
        line.cause.to_string(),
        line.livemode.map(|is_live| is_live.to_string()).unwrap_or_default(),
        line.mrr_impact_minor.to_string(),
        joined(line.candidates.iter().map(candidate_in_words)),
        joined(line.sources.iter().map(|source| source.event.to_string())),
        line.version.to_string(),
        line.written_at.to_string(),
        known(&line.reason),
        line.is_product_partial.to_string(),
        tenant.to_string(),
    ]
}

fn candidate_in_words(candidate: &Candidate) -> String {
    format!("{} by {}: {}", candidate.channel, candidate.method.word(), candidate.matched)
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("; ")
}

/// Rows, and what all that the question finds come to.
#[derive(Serialize)]
struct Answer {
    tenant_id: Scope,
    #[serde(flatten)]
    range: DateRange,
    timezone: String,
    currency: Currency,
    as_of: Timestamp,
    known_at: Option<Timestamp>,
    sum: i64,
    row_count: i64,
    unconverted: Vec<Unconverted>,
    rows: Vec<Row>,
    next_cursor: Option<String>,
}

impl Answer {
    fn of(timezone: &str, page: LedgerPage) -> Self {
        let (tenant, currency) = (page.frame.tenant.id, page.frame.tenant.currency);
        let rows = page.lines.into_iter().map(|line| Row::of(RowOfAll { tenant, currency, line }));
        Self {
            tenant_id: Scope::Tenant(tenant),
            range: page.frame.range,
            timezone: timezone.to_owned(),
            currency,
            as_of: page.as_of,
            known_at: page.known_at,
            sum: page.sum,
            row_count: page.rows_in_all,
            unconverted: page.unconverted,
            rows: rows.collect(),
            next_cursor: page.next,
        }
    }

    fn of_all(found: LedgerOfAll) -> Self {
        Self {
            tenant_id: Scope::All,
            range: found.range,
            timezone: found.tenant.timezone_name().to_owned(),
            currency: found.tenant.currency,
            as_of: found.as_of,
            known_at: found.known_at,
            sum: found.sum,
            row_count: found.rows_in_all,
            unconverted: found.unconverted,
            rows: found.rows.into_iter().map(Row::of).collect(),
            next_cursor: found.next,
        }
    }
}

/// A row of the ledger. Why `base_amount` is null stands in `absent`.
#[derive(Serialize)]
struct Row {
    id: LedgerRowId,
    tenant_id: TenantId,
    version: i32,
    kind: EntryKind,
    amount: i64,
    currency: Currency,
    base_amount: Option<i64>,
    base_currency: Currency,
    absent: Option<&'static str>,
    occurred_at: Timestamp,
    created_at: Timestamp,
    product_name: Option<String>,
    product_category: Option<String>,
    is_product_partial: bool,
    is_recurring: bool,
    is_tie_presumed: bool,
    customer_email: Option<String>,
    lead_id: Option<LeadId>,
    mrr_impact: i64,
    channel: ChannelSlug,
    attribution: Vec<Evidence>,
    livemode: Option<bool>,
    reason: Option<String>,
    stripe: StripeIds,
    events: Vec<Source>,
    earlier_versions: Vec<Earlier>,
}

impl Row {
    fn of(RowOfAll { tenant, currency, line }: RowOfAll) -> Self {
        // Rank 1 was chosen; where nothing was, what was found begins behind it.
        let is_chosen = line.candidates.first().is_some_and(Candidate::is_creditable);
        let first_rank = if is_chosen { 1 } else { 2 };
        Self {
            id: line.id,
            tenant_id: tenant,
            base_currency: currency,
            version: line.version,
            kind: line.kind,
            amount: line.money.minor,
            currency: line.money.currency,
            base_amount: line.base_amount_minor,
            absent: line.base_amount_minor.is_none().then_some("no exchange rate is known for its day"),
            occurred_at: line.occurred_at,
            created_at: line.written_at,
            product_name: line.product_name,
            product_category: line.product_category,
            is_product_partial: line.is_product_partial,
            is_recurring: line.is_recurring,
            is_tie_presumed: line.is_tie_presumed,
            customer_email: line.customer_email,
            lead_id: line.lead,
            mrr_impact: line.mrr_impact_minor,
            channel: line.channel,
            attribution: line.candidates.into_iter().zip(first_rank..).map(Evidence::of).collect(),
            livemode: line.livemode,
            reason: line.reason,
            stripe: StripeIds { event: line.cause, links: line.links },
            events: line.sources.into_iter().map(Source::of).collect(),
            earlier_versions: line.before.into_iter().map(Earlier::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct StripeIds {
    event: EventId,
    #[serde(flatten)]
    links: StripeLinks,
}

#[derive(Serialize)]
struct Evidence {
    rank: i32,
    method: &'static str,
    matched: String,
    channel: ChannelSlug,
    lead_id: Option<LeadId>,
}

impl Evidence {
    fn of((candidate, rank): (Candidate, i32)) -> Self {
        let method = candidate.method.word();
        Self { rank, method, matched: candidate.matched, channel: candidate.channel, lead_id: candidate.lead }
    }
}

#[derive(Serialize)]
struct Source {
    id: EventId,
    r#type: Option<String>,
    received_at: Timestamp,
}

impl Source {
    fn of(source: SourceLine) -> Self {
        Self { id: source.event, r#type: source.event_type, received_at: source.received_at }
    }
}

#[derive(Serialize)]
struct Earlier {
    id: LedgerRowId,
    version: i32,
    amount: i64,
    currency: Currency,
    base_amount: Option<i64>,
    event: EventId,
    created_at: Timestamp,
    superseded_at: Option<Timestamp>,
    superseded_by: Option<LedgerRowId>,
    changed: Vec<Change>,
}

impl Earlier {
    fn of(earlier: EarlierVersion) -> Self {
        Self {
            id: earlier.id,
            version: earlier.version,
            amount: earlier.money.minor,
            currency: earlier.money.currency,
            base_amount: earlier.base_amount_minor,
            event: earlier.cause,
            created_at: earlier.written_at,
            superseded_at: earlier.superseded_at,
            superseded_by: earlier.successor,
            changed: earlier.changes,
        }
    }
}
