//! Recurring revenue of several tenants together, in one currency.
//!
//! What moved is converted by the rate of its day, what stood at the end of a period by the rate of that day; the
//! difference is `fx`, so that the roll-forward adds up.

use jiff::ToSpan;

use super::report::{Cohort, DailyMovement, Moved, Opening};
use crate::exchange::RateBook;
use crate::money::{Currency, Money};
use crate::period::Bucket;

/// What one tenant adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What stood when the range began.
    pub opening: Opening,
    /// What moved, in order of the days.
    pub daily: Vec<DailyMovement>,
    /// What the customers who were there did.
    pub cohort: Cohort,
}

impl Part {
    /// The same in another currency, valued at the end of each of these periods; `None` when a rate is missing.
    #[must_use]
    pub fn converted(
        &self,
        from: Currency,
        to: Currency,
        rates: &RateBook,
        periods: &[Bucket],
    ) -> Option<Self> {
        let (Some(first), Some(last)) = (periods.first(), periods.last()) else { return Some(self.clone()) };
        if from == to {
            return Some(self.clone());
        }
        let convert = |minor: i64, day| {
            if minor == 0 { Some(0) } else { rates.convert(Money { minor, currency: from }, to, day) }
        };
        let before = first.period_start.saturating_sub(1.day());
        let opening = Opening { mrr: convert(self.opening.mrr, before)?, ..self.opening };
        let (mut stands, mut counts) = (self.opening.mrr, opening.mrr);
        let mut daily = Vec::new();
        for period in periods {
            let inside =
                |day: &&DailyMovement| period.period_start <= day.day && day.day <= period.period_end;
            for movement in self.daily.iter().filter(inside) {
                let moved = of_each(movement.moved, |minor| convert(minor, movement.day))?;
                stands += movement.moved.net();
                counts += moved.net();
                daily.push(DailyMovement { moved, ..*movement });
            }
            let fx = convert(stands, period.period_end)? - counts;
            counts += fx;
            daily.push(only_fx(period, fx));
        }
        let cohort = Cohort {
            lost: convert(self.cohort.lost, last.period_end)?,
            won: convert(self.cohort.won, last.period_end)?,
            ..self.cohort
        };
        Some(Self { opening, daily, cohort })
    }

    /// Adds another tenant's.
    pub fn add(&mut self, other: Self) {
        self.opening.mrr += other.opening.mrr;
        self.opening.customers += other.opening.customers;
        self.opening.payers += other.opening.payers;
        self.cohort.gone += other.cohort.gone;
        self.cohort.lost += other.cohort.lost;
        self.cohort.won += other.cohort.won;
        self.daily.extend(other.daily);
    }
}

fn only_fx(period: &Bucket, fx: i64) -> DailyMovement {
    DailyMovement {
        day: period.period_end,
        moved: Moved { fx, ..Moved::default() },
        comings: super::report::Comings::default(),
        payers: 0,
    }
}

fn of_each(moved: Moved, convert: impl Fn(i64) -> Option<i64>) -> Option<Moved> {
    Some(Moved {
        new: convert(moved.new)?,
        reactivation: convert(moved.reactivation)?,
        expansion: convert(moved.expansion)?,
        contraction: convert(moved.contraction)?,
        churn: convert(moved.churn)?,
        fx: convert(moved.fx)?,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::exchange::QuotedRate;
    use crate::mrr::report::Comings;

    fn rate(day: jiff::civil::Date, dollars: &str) -> QuotedRate {
        let rate = dollars.parse().unwrap();
        QuotedRate { day, base: Currency::EUR, quote: Currency::USD, rate, is_typed: false }
    }

    fn part() -> Part {
        let moved = Moved { new: 500, ..Moved::default() };
        Part {
            opening: Opening { mrr: 1_000, customers: 2, payers: 2 },
            daily: vec![DailyMovement {
                day: date(2026, 2, 10),
                moved,
                comings: Comings::default(),
                payers: 1,
            }],
            cohort: Cohort { gone: 0, lost: -100, won: 0 },
        }
    }

    #[test]
    fn the_rate_of_each_periods_end_values_what_stands_and_fx_makes_it_add_up() {
        let month = |from, to| Bucket { period_start: from, period_end: to, partial: false };
        let periods =
            [month(date(2026, 2, 1), date(2026, 2, 28)), month(date(2026, 3, 1), date(2026, 3, 31))];
        let rates = RateBook::of(vec![
            rate(date(2026, 1, 31), "1.00"),
            rate(date(2026, 2, 10), "1.10"),
            rate(date(2026, 2, 28), "1.20"),
            rate(date(2026, 3, 31), "1.30"),
        ]);
        let together = part().converted(Currency::EUR, Currency::USD, &rates, &periods).unwrap();
        assert_eq!(together.opening.mrr, 1_000);
        let net: Vec<(i64, i64)> = together.daily.iter().map(|day| (day.moved.new, day.moved.fx)).collect();
        assert_eq!(net, [(550, 0), (0, 1_800 - 1_550), (0, 1_950 - 1_800)]);
        assert_eq!(together.cohort.lost, -130);
        assert_eq!(part().converted(Currency::USD, Currency::USD, &rates, &periods), Some(part()));
    }

    #[test]
    fn without_a_rate_nothing_is_converted() {
        let day = date(2026, 2, 1);
        let period = [Bucket { period_start: day, period_end: day, partial: false }];
        assert_eq!(part().converted(Currency::EUR, Currency::USD, &RateBook::default(), &period), None);
    }
}
