//! The rows behind a figure, with how each came to be.

use std::collections::BTreeMap;

use app::port::{AskError, EarlierVersion, LedgerLine, LedgerPage, LedgerQuestion, SourceLine};
use domain::attribution::Candidate;
use domain::channel::ChannelSlug;
use domain::ids::LedgerRowId;
use domain::ledger::{EntryKind, Lacking};
use domain::money::Currency;
use domain::period::DateRange;
use domain::revenue::Class;
use domain::revision::{Version, changes};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::Snapshot;
use store::ledger::{Place, RowFilter, ShownRow};
use store::row_stories::{EarlierRow, SourceEvent};
use uuid::Uuid;

use super::moments::moment;
use super::paging::{Paging, wrong_cursor};
use super::{Period, ours};

/// The one thing that is looked at again so far.
pub(crate) const PRESUMED_TIE: &str = "presumed_tie";

/// The longest id Stripe documents.
const MAX_ID_CHARS: usize = 255;

impl Period {
    /// A page of rows.
    pub(crate) async fn ledger_page(mut self, question: LedgerQuestion) -> Result<LedgerPage, AskError> {
        let period = &mut self;
        let paging = Paging::read(question.limit.as_deref())?;
        let after = question.cursor.as_deref().map(read_cursor).transpose()?;
        let filter = row_filter(period.asked.range, &period.snapshot.tenant().timezone, question)?;
        let totals = period.snapshot.row_totals(&filter).await.map_err(ours)?;
        let rows = period.snapshot.rows_page(&filter, after, paging.one_more()).await.map_err(ours)?;
        let (rows, next) = paging.page(rows, write_cursor);
        Ok(LedgerPage {
            next,
            frame: period.frame().await?,
            as_of: period.snapshot.as_of(),
            channel: filter.channel,
            kinds: filter.kinds,
            product: filter.product,
            category: filter.category,
            class: filter.class,
            currency: filter.currency,
            without: filter.without,
            stripe_id: filter.stripe_id,
            is_for_review: filter.is_tie_presumed,
            known_at: filter.known_at,
            lines: lines(&mut period.snapshot, rows).await?,
            rows_in_all: totals.rows,
            sum: totals.sum,
            unconverted: totals.unconverted,
        })
    }
}

pub(super) async fn lines(snapshot: &mut Snapshot, rows: Vec<ShownRow>) -> Result<Vec<LedgerLine>, AskError> {
    let ids: Vec<LedgerRowId> = rows.iter().map(|row| row.id).collect();
    let evidence = snapshot.row_evidence(&ids).await.map_err(ours)?;
    let sources = snapshot.row_sources(&ids).await.map_err(ours)?;
    let before = snapshot.rows_before(&ids).await.map_err(ours)?;
    let mut stories = Stories {
        candidates: by_row(evidence, |(row, candidate)| (row, candidate)),
        sources: by_row(sources, |source| (source.row, source)),
        before: by_row(before, |earlier| (earlier.row, earlier)),
    };
    rows.into_iter().map(|row| stories.tell(row)).collect()
}

/// What is known of rows beside what they say.
struct Stories {
    candidates: BTreeMap<LedgerRowId, Vec<Candidate>>,
    sources: BTreeMap<LedgerRowId, Vec<SourceEvent>>,
    before: BTreeMap<LedgerRowId, Vec<EarlierRow>>,
}

impl Stories {
    fn tell(&mut self, row: ShownRow) -> Result<LedgerLine, AskError> {
        let before = self.before.remove(&row.id).unwrap_or_default();
        let sources = self.sources.remove(&row.id).unwrap_or_default();
        Ok(LedgerLine {
            candidates: self.candidates.remove(&row.id).unwrap_or_default(),
            sources: sources.into_iter().map(source).collect(),
            before: earlier_versions(&row, &before)?,
            id: row.id,
            version: row.version,
            kind: row.kind,
            money: row.money,
            base_amount_minor: row.base_amount_minor,
            occurred_at: row.occurred_at,
            written_at: row.written_at,
            product_name: row.product_name,
            product_category: row.product_category,
            is_recurring: row.is_recurring,
            is_tie_presumed: row.is_tie_presumed,
            customer_email: row.customer_email,
            lead: row.lead,
            mrr_impact_minor: row.mrr_impact_minor,
            channel: row.channel,
            links: row.links,
            cause: row.cause,
            livemode: row.livemode,
            reason: row.reason,
            is_product_partial: row.is_product_partial,
        })
    }
}

fn by_row<T, U>(found: Vec<T>, read: impl Fn(T) -> (LedgerRowId, U)) -> BTreeMap<LedgerRowId, Vec<U>> {
    let mut rows: BTreeMap<LedgerRowId, Vec<U>> = BTreeMap::new();
    for (row, told) in found.into_iter().map(read) {
        rows.entry(row).or_default().push(told);
    }
    rows
}

fn source(event: SourceEvent) -> SourceLine {
    SourceLine { event: event.event, event_type: event.event_type, received_at: event.received_at }
}

/// What stood before, each with what its successor says otherwise.
fn earlier_versions(row: &ShownRow, before: &[EarlierRow]) -> Result<Vec<EarlierVersion>, AskError> {
    let now = said(row);
    let successor = |earlier: &EarlierRow| {
        before.iter().find(|other| Some(other.id) == earlier.successor).map_or(&now, |other| &other.said)
    };
    before
        .iter()
        .map(|earlier| {
            let cause = earlier
                .said
                .cause
                .parse()
                .map_err(|_| AskError::Ours { reference: earlier.id.to_string() })?;
            Ok(EarlierVersion {
                id: earlier.id,
                version: earlier.version,
                money: earlier.said.money,
                base_amount_minor: earlier.said.base_amount_minor,
                cause,
                written_at: earlier.written_at,
                superseded_at: earlier.superseded_at,
                successor: earlier.successor,
                changes: changes(&earlier.said, successor(earlier)),
            })
        })
        .collect()
}

fn said(row: &ShownRow) -> Version {
    Version {
        key: row.key.clone(),
        money: row.money,
        base_amount_minor: row.base_amount_minor,
        occurred_at: row.occurred_at,
        product_name: row.product_name.clone(),
        product_category: row.product_category.clone(),
        customer_email: row.customer_email.clone(),
        channel: row.channel.clone(),
        links: row.links.clone(),
        is_recurring: row.is_recurring,
        is_tie_presumed: row.is_tie_presumed,
        reason: row.reason.clone(),
        cause: row.cause.to_string(),
    }
}

pub(super) fn row_filter(
    range: DateRange,
    timezone: &TimeZone,
    question: LedgerQuestion,
) -> Result<RowFilter, AskError> {
    if question.known_at.is_some() && question.class.is_some() {
        let message = "class goes without known_at: whose first payment it is, is told as it is known now";
        return Err(AskError::Invalid { field: "class", message: message.to_owned() });
    }
    Ok(RowFilter {
        range,
        channel: question.channel.map(|text| channel_filter(&text)).transpose()?,
        kinds: question.kind.map_or_else(|| Ok(Vec::new()), |text| kind_filter(&text))?,
        product: question.product,
        category: question.category,
        class: question.class.map(|text| class_filter(&text)).transpose()?,
        currency: question.currency.map(|text| currency_filter(&text)).transpose()?,
        without: question.without.map_or_else(|| Ok(Lacking::default()), |text| lacking_filter(&text))?,
        stripe_id: question.stripe_id.map(|text| id_filter("stripe_id", text)).transpose()?,
        is_tie_presumed: question.review.map_or(Ok(false), |text| review_filter(&text))?,
        known_at: question.known_at.map(|text| moment("known_at", &text, timezone)).transpose()?,
    })
}

pub(super) fn channel_filter(text: &str) -> Result<ChannelSlug, AskError> {
    let plain =
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte));
    if plain && (1..=63).contains(&text.len()) {
        return Ok(ChannelSlug::stored(text.to_owned()));
    }
    Err(AskError::Invalid { field: "channel", message: "channel is a channel's short name".to_owned() })
}

/// Kinds are given as words with commas between.
fn kind_filter(text: &str) -> Result<Vec<EntryKind>, AskError> {
    text.split(',').map(str::parse).collect::<Result<_, _>>().map_err(|_| AskError::Invalid {
        field: "kind",
        message: format!("kind is one or more of {}", EntryKind::ALL.map(EntryKind::word).join(", ")),
    })
}

fn class_filter(text: &str) -> Result<Class, AskError> {
    Class::ALL.into_iter().find(|class| class.word() == text).ok_or_else(|| AskError::Invalid {
        field: "class",
        message: format!("class is {}", Class::ALL.map(Class::word).join(", ")),
    })
}

fn currency_filter(text: &str) -> Result<Currency, AskError> {
    text.parse().map_err(|_| AskError::Invalid {
        field: "currency",
        message: "currency is three letters, as usd".to_owned(),
    })
}

fn lacking_filter(text: &str) -> Result<Lacking, AskError> {
    text.parse().map_err(|_| AskError::Invalid {
        field: "without",
        message: "without is one or more of product, category, rate".to_owned(),
    })
}

/// An id of Stripe's, or a piece of one.
pub(super) fn id_filter(field: &'static str, text: String) -> Result<String, AskError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if plain && (1..=MAX_ID_CHARS).contains(&text.len()) {
        return Ok(text);
    }
    Err(AskError::Invalid {
        field,
        message: "an id of Stripe's is letters, digits and underscores".to_owned(),
    })
}

fn review_filter(text: &str) -> Result<bool, AskError> {
    if text == PRESUMED_TIE {
        return Ok(true);
    }
    Err(AskError::Invalid { field: "review", message: format!("review is {PRESUMED_TIE}") })
}

/// A cursor is the place of the last row: its time in microseconds, as the database keeps it, and its id.
pub(super) fn write_cursor(row: &ShownRow) -> String {
    format!("{}-{}", row.occurred_at.as_microsecond(), row.id.0.simple())
}

pub(super) fn read_cursor(text: &str) -> Result<Place, AskError> {
    let place = text.rsplit_once('-').and_then(|(moment, id)| {
        let occurred_at = Timestamp::from_microsecond(moment.parse().ok()?).ok()?;
        Some(Place { occurred_at, id: LedgerRowId(Uuid::parse_str(id).ok()?) })
    });
    place.ok_or_else(wrong_cursor)
}
