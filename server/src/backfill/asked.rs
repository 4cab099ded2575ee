//! What part of the past is asked for.

use domain::period::DateRange;
use domain::tenant::Tenant;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// Further back than Stripe goes.
pub const MOST_DAYS: i64 = 7_300;

/// A part of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// It in words.
    pub words: String,
    /// From here on.
    pub from: Timestamp,
    /// Up to here, exclusively; whole seconds, as Stripe counts.
    pub to: Timestamp,
}

/// Why it cannot be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWindow {
    /// Too many days, or none.
    #[error("ask for 1 to 7300 days")]
    Days,
    /// The days are the wrong way round.
    #[error("the first day comes after the last")]
    Backwards,
    /// It has not happened yet.
    #[error("these days are yet to come")]
    Future,
}

impl Asked {
    /// So many times 24 hours up to now.
    pub fn last_days(days: i64, now: Timestamp) -> Result<Self, InvalidWindow> {
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(InvalidWindow::Days);
        }
        let to = end_of_second(now);
        let words = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
        Ok(Self { words, from: to - SignedDuration::from_hours(24 * days), to })
    }

    /// From one day to another, both within, in the tenant's timezone.
    pub fn between(from: Date, to: Date, tenant: &Tenant, now: Timestamp) -> Result<Self, InvalidWindow> {
        let range = DateRange::new(from, to).map_err(|_| InvalidWindow::Backwards)?;
        let (start, end) = range.instants(&tenant.timezone);
        if start >= now {
            return Err(InvalidWindow::Future);
        }
        Ok(Self { words: format!("{from} to {to}"), from: start, to: end.min(end_of_second(now)) })
    }
}

fn end_of_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second() + 1).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::database::tenant;

    #[test]
    fn a_part_of_the_past_ends_now_at_the_latest() {
        let now: Timestamp = "2026-11-20T14:02:00.5Z".parse().unwrap();
        let year = Asked::last_days(365, now).unwrap();
        assert_eq!(
            (year.from.to_string(), year.to.to_string()),
            ("2025-11-20T14:02:01Z".to_owned(), "2026-11-20T14:02:01Z".to_owned())
        );
        for days in [0, -1, MOST_DAYS + 1] {
            assert_eq!(Asked::last_days(days, now), Err(InvalidWindow::Days));
        }
        let acme = tenant("acme", "Acme");
        let asked = Asked::between(date(2026, 11, 1), date(2026, 11, 20), &acme, now).unwrap();
        assert_eq!((asked.words.as_str(), asked.to), ("2026-11-01 to 2026-11-20", year.to));
        let refused = |from, to| Asked::between(from, to, &acme, now).unwrap_err();
        assert_eq!(refused(date(2026, 11, 2), date(2026, 11, 1)), InvalidWindow::Backwards);
        assert_eq!(refused(date(2026, 12, 1), date(2026, 12, 2)), InvalidWindow::Future);
    }
}
