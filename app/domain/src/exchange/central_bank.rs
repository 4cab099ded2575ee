//! The sheet the European Central Bank publishes: a line a day, a column a currency, each told per euro.

use jiff::civil::Date;
use jiff::fmt::strtime;

use super::{QuotedRate, Rate};
use crate::money::Currency;

/// A sheet that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its rates.
    pub rates: Vec<QuotedRate>,
    /// Columns of currencies there are no more, or that we do not know.
    pub unknown_currencies: Vec<String>,
}

/// Why a sheet cannot be read; nothing of it is taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableSheet {
    /// The first line is not `Date,USD,…`.
    #[error("the first line should begin with Date and name currencies: Date,USD,JPY,…")]
    Heading,
    /// A line does not begin with a day.
    #[error("line {line}: {text:?} is no day like 2026-01-31")]
    Day {
        /// Which line, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// A cell is no rate.
    #[error("line {line}, {currency}: {text:?} is no rate")]
    Cell {
        /// Which line, from 1.
        line: usize,
        /// In which column.
        currency: String,
        /// What stands there.
        text: String,
    },
    /// A line has more cells than the heading.
    #[error("line {line} has more cells than the heading: decimals are written with a point")]
    Surplus {
        /// Which line, from 1.
        line: usize,
    },
    /// There is no rate in it.
    #[error("there is no rate in it")]
    Empty,
}

/// Reads a sheet, all or nothing. `N/A` and nothing mean that there is no rate.
pub fn read_sheet(text: &str) -> Result<Sheet, UnreadableSheet> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let (_, heading) = lines.next().ok_or(UnreadableSheet::Heading)?;
    let mut names = heading.split(',').map(str::trim);
    if !names.next().is_some_and(|first| first.eq_ignore_ascii_case("date")) {
        return Err(UnreadableSheet::Heading);
    }
    let names: Vec<&str> = names.collect();
    let read = |name: &&str| name.parse().ok().filter(|currency| *currency != Currency::EUR);
    let columns: Vec<Option<Currency>> = names.iter().map(read).collect();
    let mut sheet = Sheet::default();
    let unknown = names.iter().zip(&columns).filter(|(name, known)| known.is_none() && !name.is_empty());
    sheet.unknown_currencies.extend(unknown.map(|(name, _)| shortened(name)));
    for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        read_line(line, index + 1, &columns, &mut sheet.rates)?;
    }
    if sheet.rates.is_empty() { Err(UnreadableSheet::Empty) } else { Ok(sheet) }
}

fn read_line(
    line: &str,
    number: usize,
    columns: &[Option<Currency>],
    rates: &mut Vec<QuotedRate>,
) -> Result<(), UnreadableSheet> {
    let mut cells = line.split(',').map(str::trim);
    let first = cells.next().unwrap_or_default();
    let wrong_day = || UnreadableSheet::Day { line: number, text: shortened(first) };
    let day = day(first).ok_or_else(wrong_day)?;
    let mut columns = columns.iter();
    for cell in cells {
        let Some(column) = columns.next() else {
            // A decimal comma makes two cells of one rate, and both would look like rates.
            return if cell.is_empty() { Ok(()) } else { Err(UnreadableSheet::Surplus { line: number }) };
        };
        let Some(quote) = *column else { continue };
        if cell.is_empty() || cell.eq_ignore_ascii_case("n/a") {
            continue;
        }
        let rate: Rate = cell.parse().map_err(|_| UnreadableSheet::Cell {
            line: number,
            currency: quote.to_string(),
            text: shortened(cell),
        })?;
        rates.push(QuotedRate { day, base: Currency::EUR, quote, rate, is_typed: false });
    }
    Ok(())
}

/// The history writes `2026-11-20`, the sheet of the day `20 November 2026`.
fn day(text: &str) -> Option<Date> {
    let day: Option<Date> = text.parse().ok().filter(|day: &Date| day.to_string() == text);
    let day = day.or_else(|| strtime::parse("%d %B %Y", text).ok()?.to_date().ok());
    day.filter(|day| (1970..=2999).contains(&day.year()))
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_history_and_the_sheet_of_the_day_are_read() {
        let history = "Date,USD,JPY,SIT,\n2026-11-20,1.0812,163.07,N/A,\n2026-11-19,1.0799,N/A,239.64,\n";
        let sheet = read_sheet(history).unwrap();
        assert_eq!(sheet.rates.len(), 3);
        assert_eq!(sheet.unknown_currencies, ["SIT"]);
        assert_eq!(sheet.rates[0].day, date(2026, 11, 20));
        assert_eq!(sheet.rates[0].rate.to_string(), "1.0812");

        let of_the_day = "Date, USD, JPY, \r\n20 November 2026, 1.0812, 163.07, \r\n";
        assert_eq!(read_sheet(of_the_day).unwrap().rates, sheet.rates[..2]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_nothing_is_taken() {
        for (text, line) in [
            ("", "first line"),
            ("Datum,USD\n2026-11-20,1", "first line"),
            ("Date,USD\n2026-02-30,1.08", "line 2"),
            ("Date,USD\n2026-11-20,1.08\n20261119,1.07", "line 3"),
            ("Date,USD\n2026-11-20,-1", "line 2, usd"),
            ("Date,USD\n2026-11-20,=1+1", "line 2, usd"),
            ("Date,USD\n2026-11-20,N/A", "no rate in it"),
            ("Date,USD\n2026-11-20,1,08", "line 2 has more cells"),
            ("Date,EUR\n2026-11-20,1", "no rate in it"),
        ] {
            let why = read_sheet(text).unwrap_err().to_string();
            assert!(why.contains(line), "{text:?}: {why}");
        }
    }
}
