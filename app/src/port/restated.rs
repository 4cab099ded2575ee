//! What the ledger says otherwise of days that had ended.

use domain::channel::ChannelSlug;
use domain::restated::{Cause, RestatedLine, RestatedSum};
use jiff::Timestamp;

use super::{Frame, PeriodQuestion};

/// Which restatements are asked for, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestatedQuestion {
    /// Of which days, and whose.
    pub period: PeriodQuestion,
    /// Only what was or is credited to this channel.
    pub channel: Option<String>,
    /// Only those of this cause.
    pub cause: Option<String>,
    /// Only what became known after this: a moment, or a day.
    pub since: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: Option<String>,
}

/// A page of restatements, what became known last first.
#[derive(Clone, Debug, PartialEq)]
pub struct RestatedPage {
    /// Whose, when, over which days.
    pub frame: Frame,
    /// The channel filter as understood.
    pub channel: Option<ChannelSlug>,
    /// The cause filter as understood.
    pub cause: Option<Cause>,
    /// The moment after which all of it became known.
    pub since: Option<Timestamp>,
    /// When this was so.
    pub as_of: Timestamp,
    /// The lines of this page.
    pub lines: Vec<RestatedLine>,
    /// What all that the filter finds come to, by cause and currency.
    pub sums: Vec<RestatedSum>,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

impl RestatedPage {
    /// By how much the figures moved in the tenant's currency, as far as rates are known.
    #[must_use]
    pub fn base_moved(&self) -> i64 {
        self.sums.iter().map(|sum| sum.base_moved).sum()
    }
}
