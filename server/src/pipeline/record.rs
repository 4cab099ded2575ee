//! What a program or a file says of one thing: fields by name, each read with what would be wrong with it.

use std::collections::BTreeMap;

use domain::amount::read_amount;
use domain::channel::{ChannelList, ChannelSlug};
use domain::lead::Told;
use domain::money::{Currency, MAX_AMOUNT_MINOR, Money};
use domain::period::parse_date;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::campaigns::BY_HAND;
use crate::accounts::{Refusal, plain_text};

/// How far a clock elsewhere may be ahead of ours.
const MOST_AHEAD: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// How amounts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Amounts {
    /// Whole minor units, as programs send them.
    Minor,
    /// Decimals, as people and files write them.
    Decimal,
}

/// What is said of one thing.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    fields: BTreeMap<String, Option<String>>,
    amounts: Amounts,
}

impl Record {
    /// What a program sends: null clears a field. A name that is not among these is refused.
    pub(crate) fn of_json(sent: Map<String, Value>, names: &[&str]) -> Result<Self, Refusal> {
        let mut fields = BTreeMap::new();
        for (name, value) in sent {
            let Some(known) = names.iter().find(|known| **known == name) else {
                let message = format!("there is no field {name:?} here; there are {}", names.join(", "));
                return Err(Refusal::Unreadable(message));
            };
            let text = match value {
                Value::Null => None,
                Value::String(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                    return Err(Refusal::Unreadable(format!("{known} is a text or a number")));
                }
            };
            fields.insert(name, text);
        }
        Ok(Self { fields, amounts: Amounts::Minor })
    }

    /// What a row of a file or a form says: an empty cell says nothing.
    pub(crate) fn of_cells(cells: impl IntoIterator<Item = (String, String)>) -> Self {
        let said = cells.into_iter().filter(|(_, text)| !text.trim().is_empty());
        Self { fields: said.map(|(name, text)| (name, Some(text))).collect(), amounts: Amounts::Decimal }
    }

    /// The same with a field that is said elsewhere.
    pub(crate) fn with(mut self, name: &str, text: &str) -> Self {
        self.fields.insert(name.to_owned(), Some(text.to_owned()));
        self
    }

    /// The same, saying that there is none of a field.
    pub(crate) fn without_any(mut self, name: &str) -> Self {
        self.fields.insert(name.to_owned(), None);
        self
    }

    fn told(&self, name: &str) -> Told<&str> {
        match self.fields.get(name) {
            None => Told::Nothing,
            Some(None) => Told::Cleared,
            Some(Some(text)) => Told::Is(text),
        }
    }

    fn said(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_deref()
    }

    /// A text as it stands there, trimmed.
    pub(crate) fn trimmed(&self, name: &str) -> Option<String> {
        self.said(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The tool and the id there of what it is about.
    pub(crate) fn reference(&self) -> Option<(String, String)> {
        let connector = self.trimmed("connector").map(|word| word.to_lowercase());
        Some((connector.unwrap_or_else(|| BY_HAND.to_owned()), self.reference_text()?))
    }

    /// The id of what it is about; a lead without one goes by its e-mail.
    pub(crate) fn reference_text(&self) -> Option<String> {
        self.trimmed("external_id").or_else(|| self.trimmed("email").map(|email| email.to_lowercase()))
    }

    /// A text, when one is said.
    pub(crate) fn text(&self, name: &'static str, at_most: usize) -> Result<Option<String>, Refusal> {
        self.said(name).map(|text| plain_text(name, text, at_most)).transpose()
    }

    /// A text, or that there is none.
    pub(crate) fn told_text(&self, name: &'static str, at_most: usize) -> Result<Told<String>, Refusal> {
        self.told_as(name, |text| plain_text(name, text, at_most))
    }

    /// A field read in some way, or that there is none.
    pub(crate) fn told_as<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Result<Told<T>, Refusal> {
        Ok(match self.told(name) {
            Told::Nothing => Told::Nothing,
            Told::Cleared => Told::Cleared,
            Told::Is(text) => Told::Is(read(text)?),
        })
    }

    /// One of several words.
    pub(crate) fn word<T: std::str::FromStr>(&self, name: &'static str) -> Result<Option<T>, Refusal>
    where
        T::Err: std::fmt::Display,
    {
        let read = |text: &str| text.trim().to_lowercase().parse::<T>();
        self.said(name).map(read).transpose().map_err(|error| Refusal::field(name, error.to_string()))
    }

    /// A moment that has come: RFC 3339, or a day, which begins where the tenant is.
    pub(crate) fn moment(
        &self,
        name: &'static str,
        timezone: &TimeZone,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Refusal> {
        let Some(text) = self.said(name) else { return Ok(None) };
        let moment = moment(text.trim(), timezone).ok_or_else(|| {
            Refusal::field(name, "a moment is written like 2026-01-31T14:00:00Z, or as a day like 2026-01-31")
        })?;
        if moment > now.saturating_add(MOST_AHEAD).unwrap_or(now) {
            return Err(Refusal::field(name, "this has not come yet"));
        }
        Ok(Some(moment))
    }

    /// A day.
    pub(crate) fn day(&self, name: &'static str) -> Result<Option<Date>, Refusal> {
        let read = |text: &str| parse_date(name, text.trim());
        self.said(name).map(read).transpose().map_err(|wrong| Refusal::field(name, wrong.message))
    }

    /// A whole number of a range.
    pub(crate) fn number(&self, name: &'static str, from: i64, to: i64) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.said(name) else { return Ok(None) };
        let number = text.trim().trim_end_matches('%').parse().ok();
        let number = number.filter(|number| (from..=to).contains(number));
        number
            .map(Some)
            .ok_or_else(|| Refusal::field(name, format!("this is a whole number from {from} to {to}")))
    }

    /// The currency; where none is said, this one.
    pub(crate) fn currency(&self, otherwise: Currency) -> Result<Currency, Refusal> {
        let Some(code) = self.said("currency") else { return Ok(otherwise) };
        let known = code.trim().parse();
        known.map_err(|_| Refusal::field("currency", "this is no ISO 4217 code, like usd"))
    }

    /// An amount in a currency.
    pub(crate) fn money(&self, name: &'static str, currency: Currency) -> Result<Option<Money>, Refusal> {
        let Some(text) = self.said(name) else { return Ok(None) };
        let too_large = || Refusal::field(name, "this is more than an amount may be");
        let minor = match self.amounts {
            Amounts::Minor => text.trim().parse().map_err(|_| {
                Refusal::field(name, "this is an amount in whole minor units, like 31000 for 310.00")
            }),
            Amounts::Decimal => {
                read_amount(text, currency).map_err(|wrong| Refusal::field(name, wrong.to_string()))
            }
        };
        let is_small = |minor: &i64| minor.unsigned_abs() <= MAX_AMOUNT_MINOR.unsigned_abs();
        let minor = Some(minor?).filter(is_small).ok_or_else(too_large)?;
        Ok(Some(Money { minor, currency }))
    }

    /// An amount, or that there is none.
    pub(crate) fn told_money(&self, name: &'static str, own: Currency) -> Result<Told<Money>, Refusal> {
        Ok(match self.told(name) {
            Told::Nothing => Told::Nothing,
            Told::Cleared => Told::Cleared,
            Told::Is(_) => self.money(name, self.currency(own)?)?.map_or(Told::Nothing, Told::Is),
        })
    }

    /// One of the tenant's channels, by short or full name, or `unknown`.
    pub(crate) fn channel(&self, channels: &ChannelList) -> Result<Option<ChannelSlug>, Refusal> {
        let Some(text) = self.said("channel") else { return Ok(None) };
        if text.trim().eq_ignore_ascii_case(ChannelSlug::unknown().as_str()) {
            return Ok(Some(ChannelSlug::unknown()));
        }
        let by_name = || channels.iter().find(|channel| channel.name.eq_ignore_ascii_case(text.trim()));
        let channel = channels.named(text).or_else(by_name);
        let slug = channel.map(|channel| channel.slug.clone());
        slug.map(Some).ok_or_else(|| Refusal::field("channel", "there is no such channel"))
    }
}

/// What is needed and was not said.
pub(crate) fn needed<T>(value: Option<T>, name: &'static str) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::field(name, "this is needed"))
}

fn moment(text: &str, timezone: &TimeZone) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    if let Ok(day) = parse_date("day", text) {
        return day.to_zoned(timezone.clone()).ok().map(|zoned| zoned.timestamp());
    }
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    civil.to_zoned(timezone.clone()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_where_the_tenant_is() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let read = |text| moment(text, &berlin).map(|moment| moment.to_string());
        assert_eq!(read("2026-01-31"), Some("2026-01-30T23:00:00Z".to_owned()));
        assert_eq!(read("2026-01-31T14:00:00Z"), Some("2026-01-31T14:00:00Z".to_owned()));
        assert_eq!(read("2026-01-31 14:00:00"), Some("2026-01-31T13:00:00Z".to_owned()));
        assert_eq!(read("yesterday"), None);
    }
}
