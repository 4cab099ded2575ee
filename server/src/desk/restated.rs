//! What the ledger says otherwise of days that had ended.

use app::port::{AskError, RestatedPage, RestatedQuestion};
use domain::restated::{Cause, RestatedLine};
use jiff::Timestamp;
use store::restated::{RestatedFilter, RestatedPlace};
use uuid::Uuid;

use super::ledger::channel_filter;
use super::moments::moment;
use super::paging::{Paging, wrong_cursor};
use super::{Period, ours};

impl Period {
    /// A page of restatements, and what all of them come to.
    pub(crate) async fn restated_page(
        mut self,
        question: RestatedQuestion,
    ) -> Result<RestatedPage, AskError> {
        let paging = Paging::read(question.limit.as_deref())?;
        let after = question.cursor.as_deref().map(read_cursor).transpose()?;
        let zone = self.snapshot.tenant().timezone.clone();
        let filter = RestatedFilter {
            range: self.asked.range,
            channel: question.channel.map(|text| channel_filter(&text)).transpose()?,
            cause: question.cause.map(|text| cause_filter(&text)).transpose()?,
            since: question.since.map(|text| moment("since", &text, &zone)).transpose()?,
        };
        let sums = self.snapshot.restated_sums(&filter).await.map_err(ours)?;
        let lines = self.snapshot.restated_page(&filter, after, paging.one_more()).await.map_err(ours)?;
        let (lines, next) = paging.page(lines, write_cursor);
        Ok(RestatedPage {
            frame: self.frame().await?,
            as_of: self.snapshot.as_of(),
            channel: filter.channel,
            cause: filter.cause,
            since: filter.since,
            lines,
            sums,
            next,
        })
    }
}

fn cause_filter(text: &str) -> Result<Cause, AskError> {
    Cause::read(text).ok_or_else(|| AskError::Invalid {
        field: "cause",
        message: format!("cause is one of {}", Cause::ALL.map(Cause::word).join(", ")),
    })
}

/// A cursor is the place of the last line: when it became known, in microseconds, and its id.
fn write_cursor(line: &RestatedLine) -> String {
    format!("{}-{}", line.known_at.as_microsecond(), line.id.simple())
}

fn read_cursor(text: &str) -> Result<RestatedPlace, AskError> {
    let place = text.rsplit_once('-').and_then(|(known, id)| {
        let known_at = Timestamp::from_microsecond(known.parse().ok()?).ok()?;
        Some(RestatedPlace { known_at, id: Uuid::parse_str(id).ok()? })
    });
    place.ok_or_else(wrong_cursor)
}
