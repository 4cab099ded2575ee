//! Moments as an address names them.

use app::port::AskError;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Reads a moment; a day stands for its last microsecond, the finest the database keeps.
pub(super) fn moment(field: &'static str, text: &str, timezone: &TimeZone) -> Result<Timestamp, AskError> {
    let end_of = |day: Date| {
        let next = day.checked_add(1.day()).ok()?.to_zoned(timezone.clone()).ok()?;
        next.timestamp().checked_sub(1.microsecond()).ok()
    };
    let read = match text.parse::<Timestamp>() {
        Ok(moment) => Some(moment),
        Err(_) => text.parse::<Date>().ok().filter(|_| text.len() == "2026-01-31".len()).and_then(end_of),
    };
    read.ok_or_else(|| AskError::Invalid {
        field,
        message: format!("{field} is a day, as 2026-01-31, or a moment, as 2026-01-31T12:00:00Z"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_stands_for_its_end_where_the_workspace_is() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let read = |text| moment("known_at", text, &berlin).map(|moment| moment.to_string());
        assert_eq!(read("2026-01-31").unwrap(), "2026-01-31T22:59:59.999999Z");
        assert_eq!(read("2026-01-31T12:00:00Z").unwrap(), "2026-01-31T12:00:00Z");
        assert_eq!(read("2026-01-31T12:00:00+01:00").unwrap(), "2026-01-31T11:00:00Z");
        for wrong in ["", "yesterday", "2026-02-30", "2026-01-31T12:00", "-009999-01-01", "1769860800"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
