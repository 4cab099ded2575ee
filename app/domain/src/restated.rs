//! What figures of days that had ended say otherwise than they did: line by line, with what moved and why.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::channel::ChannelSlug;
use crate::ids::{EventId, LedgerRowId};
use crate::ledger::EntryKind;
use crate::money::{Currency, Money};
use crate::restatement::Trigger;

/// Why a day reads otherwise than it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Stripe told of it after the day had ended.
    Late,
    /// Reading the past from Stripe found it.
    Backfill,
    /// It is from before the workspace began.
    History,
    /// Another channel is credited.
    Attribution,
    /// Another exchange rate counts.
    Rate,
    /// More became known of the same money.
    Correction,
    /// A row counts no longer.
    TakenBack,
}

impl Cause {
    /// Every cause there is.
    pub const ALL: [Self; 7] = [
        Self::Late,
        Self::Backfill,
        Self::History,
        Self::Attribution,
        Self::Rate,
        Self::Correction,
        Self::TakenBack,
    ];

    /// The word in addresses and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Backfill => "backfill",
            Self::History => "history",
            Self::Attribution => "attribution",
            Self::Rate => "rate",
            Self::Correction => "correction",
            Self::TakenBack => "taken_back",
        }
    }

    /// Reads the word; `None` when it is none.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.word() == word)
    }
}

/// A row of the ledger as it was at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowThen {
    /// Its id.
    pub id: LedgerRowId,
    /// What kind of movement.
    pub kind: EntryKind,
    /// How much.
    pub money: Money,
    /// The same in the tenant's currency; `None` when no rate was known.
    pub base_amount_minor: Option<i64>,
    /// By how much it moved monthly recurring revenue.
    pub mrr_impact_minor: i64,
    /// Stripe's time of it.
    pub occurred_at: Timestamp,
    /// The channel credited.
    pub channel: ChannelSlug,
    /// What was sold.
    pub product_name: Option<String>,
    /// Its category.
    pub product_category: Option<String>,
    /// Whether it was for a subscription.
    pub is_recurring: bool,
    /// Who paid.
    pub customer_email: Option<String>,
    /// The event that told of it.
    pub event: EventId,
    /// When that event came.
    pub event_received_at: Timestamp,
    /// Whether it is of the days and the channel asked for.
    pub is_counted: bool,
}

/// One change of what the ledger says of days that had ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestatedLine {
    /// Its id.
    pub id: Uuid,
    /// When the ledger began to say so.
    pub known_at: Timestamp,
    /// Why.
    pub cause: Cause,
    /// What it said; `None` when it said nothing.
    pub before: Option<RowThen>,
    /// What it says since; `None` when it says nothing any more.
    pub after: Option<RowThen>,
    /// Why another channel is credited, in words, and what brought that about.
    pub credited: Option<(String, Trigger)>,
}

impl RestatedLine {
    /// By how much the figures asked for moved, by currency.
    #[must_use]
    pub fn moved(&self) -> Vec<Money> {
        let mut moved: BTreeMap<Currency, i64> = BTreeMap::new();
        for (row, sign) in self.counted() {
            *moved.entry(row.money.currency).or_default() += sign * row.money.minor;
        }
        moved.into_iter().map(|(currency, minor)| Money { minor, currency }).collect()
    }

    /// By how much they moved in the tenant's currency; what no rate converts moves nothing there.
    #[must_use]
    pub fn base_moved(&self) -> i64 {
        self.counted().map(|(row, sign)| sign * row.base_amount_minor.unwrap_or(0)).sum()
    }

    /// By how much monthly recurring revenue moved, by currency.
    #[must_use]
    pub fn mrr_moved(&self) -> Vec<Money> {
        let mut moved: BTreeMap<Currency, i64> = BTreeMap::new();
        for (row, sign) in self.counted() {
            *moved.entry(row.money.currency).or_default() += sign * row.mrr_impact_minor;
        }
        let moved = moved.into_iter().filter(|(_, minor)| *minor != 0);
        moved.map(|(currency, minor)| Money { minor, currency }).collect()
    }

    fn counted(&self) -> impl Iterator<Item = (&RowThen, i64)> {
        let sides = [(&self.after, 1), (&self.before, -1)];
        sides.into_iter().filter_map(|(row, sign)| Some((row.as_ref().filter(|row| row.is_counted)?, sign)))
    }

    /// The row it is about: as it is since, else as it was.
    #[must_use]
    pub const fn row(&self) -> Option<&RowThen> {
        match &self.after {
            Some(row) => Some(row),
            None => self.before.as_ref(),
        }
    }

    /// Why, in a sentence.
    #[must_use]
    pub fn says(&self, timezone: &TimeZone) -> String {
        match self.cause {
            Cause::Late => self.lateness(timezone),
            Cause::Backfill => {
                "Reading the past from Stripe found it; no event had told of it in time.".to_owned()
            }
            Cause::History => "It is from before the workspace began, and was read in later.".to_owned(),
            Cause::Attribution => match &self.credited {
                Some((why, _)) => format!("Another channel is credited: {why}."),
                None => "Another channel is credited.".to_owned(),
            },
            Cause::Rate => "Another exchange rate counts for its day.".to_owned(),
            Cause::Correction => {
                format!("More became known of the same money: {}.", self.differences(timezone))
            }
            Cause::TakenBack => "The row counts no longer: its money is part of another row.".to_owned(),
        }
    }

    /// How late it was known, and whether Stripe or we were late.
    fn lateness(&self, timezone: &TimeZone) -> String {
        let Some(row) = &self.after else { return String::new() };
        let day = |at: Timestamp| at.to_zoned(timezone.clone()).date();
        let happened = day(row.occurred_at);
        if day(row.event_received_at) <= happened {
            return format!("Its event came in time, and was read {}.", later(happened, day(self.known_at)));
        }
        format!("Stripe told of it {}.", later(happened, day(row.event_received_at)))
    }

    /// What the row says otherwise, in words.
    fn differences(&self, timezone: &TimeZone) -> String {
        let (Some(old), Some(new)) = (&self.before, &self.after) else { return String::new() };
        let day = |row: &RowThen| row.occurred_at.to_zoned(timezone.clone()).date();
        let product = |row: &RowThen| (row.product_name.clone(), row.product_category.clone());
        let told: Vec<&str> = [
            ("its amount", old.money != new.money),
            ("what it is in the workspace's currency", old.base_amount_minor != new.base_amount_minor),
            ("its day", day(old) != day(new)),
            ("its kind", old.kind != new.kind),
            ("its product", product(old) != product(new)),
            ("whether it is for a subscription", old.is_recurring != new.is_recurring),
            ("what it moved of monthly recurring revenue", old.mrr_impact_minor != new.mrr_impact_minor),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect();
        told.join(", ")
    }
}

fn later(happened: Date, known: Date) -> String {
    let days = known.since(happened).map_or(0, |span| span.get_days());
    if days == 1 { "1 day later".to_owned() } else { format!("{days} days later") }
}

/// What lines of one cause and one currency come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestatedSum {
    /// Why.
    pub cause: Cause,
    /// The currency of the money.
    pub currency: Currency,
    /// How many lines.
    pub lines: i64,
    /// By how much the figures moved.
    pub moved: i64,
    /// The same in the tenant's currency, as far as rates are known.
    pub base_moved: i64,
    /// The part of `moved` that no rate converts.
    pub unconverted: i64,
    /// By how much monthly recurring revenue moved.
    pub mrr_moved: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(minor: i64, channel: &str) -> RowThen {
        RowThen {
            id: LedgerRowId(Uuid::nil()),
            kind: EntryKind::Payment,
            money: Money { minor, currency: Currency::EUR },
            base_amount_minor: Some(2 * minor),
            mrr_impact_minor: 0,
            occurred_at: "2026-02-20T23:30:00Z".parse().unwrap(),
            channel: ChannelSlug::stored(channel.to_owned()),
            product_name: None,
            product_category: None,
            is_recurring: false,
            customer_email: None,
            event: "evt_1".parse().unwrap(),
            event_received_at: "2026-02-23T08:00:00Z".parse().unwrap(),
            is_counted: true,
        }
    }

    fn line(cause: Cause, before: Option<RowThen>, after: Option<RowThen>) -> RestatedLine {
        let known_at = "2026-02-25T08:00:00Z".parse().unwrap();
        RestatedLine { id: Uuid::nil(), known_at, cause, before, after, credited: None }
    }

    #[test]
    fn what_moved_is_what_counts_since_less_what_counted() {
        let changed = line(Cause::Correction, Some(row(100, "a")), Some(row(130, "a")));
        assert_eq!(changed.moved(), [Money { minor: 30, currency: Currency::EUR }]);
        assert_eq!(changed.base_moved(), 60);
        let left = RowThen { is_counted: false, ..row(100, "b") };
        let left = line(Cause::Attribution, Some(row(100, "a")), Some(left));
        assert_eq!(
            left.moved(),
            [Money { minor: -100, currency: Currency::EUR }],
            "seen from its old channel"
        );
        let in_yen = RowThen {
            money: Money { minor: 7, currency: "jpy".parse().unwrap() },
            base_amount_minor: None,
            ..row(0, "a")
        };
        let exchanged = line(Cause::Correction, Some(row(100, "a")), Some(in_yen));
        assert_eq!(exchanged.moved().len(), 2, "two currencies make no one sum");
        assert_eq!(exchanged.base_moved(), -200);
    }

    #[test]
    fn lateness_is_counted_in_the_days_of_the_workspace() {
        let late = line(Cause::Late, None, Some(row(100, "a")));
        assert_eq!(late.says(&TimeZone::UTC), "Stripe told of it 3 days later.");
        assert_eq!(
            late.says(&TimeZone::get("Europe/Berlin").unwrap()),
            "Stripe told of it 2 days later.",
            "there it was the next day already"
        );
        let in_time = RowThen { event_received_at: "2026-02-20T23:31:00Z".parse().unwrap(), ..row(100, "a") };
        let late = line(Cause::Late, None, Some(in_time));
        assert_eq!(late.says(&TimeZone::UTC), "Its event came in time, and was read 5 days later.");
    }

    #[test]
    fn a_correction_names_what_was_corrected() {
        let before = RowThen { product_name: Some("Bootcamp".to_owned()), ..row(100, "a") };
        let changed = line(Cause::Correction, Some(before), Some(row(130, "a")));
        assert_eq!(
            changed.says(&TimeZone::UTC),
            "More became known of the same money: its amount, what it is in the workspace's currency, its product."
        );
    }

    #[test]
    fn every_cause_is_read_by_its_word() {
        for cause in Cause::ALL {
            assert_eq!(Cause::read(cause.word()), Some(cause));
        }
        assert_eq!(Cause::read("because"), None);
    }
}
