//! A tenant's settings.

use std::collections::BTreeMap;

use domain::access::{Permission, Viewer};
use domain::attribution::InvalidOrder;
use domain::audit::Deed;
use domain::definition::Definition;
use domain::money::Currency;
use domain::period::WeekStart;
use domain::restatement::Trigger;
use domain::tenant::{Economics, Tenant};
use jiff::tz::TimeZone;
use store::audit_log::NewAudit;
use store::subscriptions::RecountReason;

use super::refusal::plain_text;
use super::{Accounts, Refusal, Sender, deed};
use crate::chance::new_id;

/// The settings as they are typed.
#[derive(Clone, Debug, Default)]
pub struct SettingsForm {
    /// Which version was looked at.
    pub version: String,
    /// The name.
    pub name: String,
    /// The currency, as an ISO code.
    pub currency: String,
    /// The timezone, as an IANA name.
    pub timezone: String,
    /// `monday` or `sunday`.
    pub week_start: String,
    /// Gross margin in percent.
    pub gross_margin: String,
    /// Return on ad spend as a ratio.
    pub target_roas: String,
    /// In major units of the currency.
    pub minimum_spend: String,
    /// A number.
    pub minimum_customers: String,
    /// A number.
    pub maximum_payback_months: String,
    /// A number.
    pub stuck_after_days: String,
    /// The rules MRR is counted by, like `stripe@1`; nothing leaves them as they are.
    pub definition: String,
    /// `lead_first` or `metadata_first`; stays as it is when it is not given.
    pub attribution_order: String,
}

impl Accounts {
    /// Saves the settings of the viewer's tenant, unless somebody else has changed them meanwhile.
    pub async fn save_settings(
        &self,
        viewer: &Viewer,
        typed: &SettingsForm,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::EditSettings)?;
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        let before = work.tenant().await?;
        let after = typed.read(&before)?;
        let expected: i32 =
            typed.version.parse().map_err(|_| Refusal::field("version", "reload the page"))?;
        if expected != before.version || !work.tenant_update(&after, expected).await? {
            let message = "somebody changed the settings meanwhile: reload the page to see them";
            return Err(Refusal::Conflict(message.to_owned()));
        }
        if before.attribution_order != after.attribution_order {
            work.attribution_look_again(Trigger::Order).await?;
        }
        let details = differences(&before, &after);
        if !details.is_empty() {
            let line = NewAudit { details, ..deed(viewer.actor.clone(), Deed::SettingsChanged, sender) };
            work.audit(&line, now).await?;
        }
        if let Some(reason) = recount_reason(&before, &after) {
            work.recount_ask(new_id(), reason, now).await?;
        }
        Ok(work.commit().await?)
    }
}

/// Why recurring revenue is counted again after a change.
fn recount_reason(before: &Tenant, after: &Tenant) -> Option<RecountReason> {
    if before.definition != after.definition {
        return Some(RecountReason::Definition);
    }
    (before.timezone_name() != after.timezone_name()).then_some(RecountReason::Timezone)
}

impl SettingsForm {
    fn read(&self, before: &Tenant) -> Result<Tenant, Refusal> {
        let currency = self.currency()?;
        if currency != before.currency {
            // Ledger rows hold their amount in the currency of their time.
            let message = "the base currency cannot be changed once it is chosen";
            return Err(Refusal::field("currency", message));
        }
        Ok(Tenant {
            name: plain_text("name", &self.name, 200)?,
            currency,
            timezone: timezone(&self.timezone)?,
            week_start: match self.week_start.as_str() {
                "monday" => WeekStart::Monday,
                "sunday" => WeekStart::Sunday,
                _ => return Err(Refusal::field("week_start", "weeks begin on monday or sunday")),
            },
            economics: self.economics(currency)?,
            definition: self.definition(before)?,
            attribution_order: match self.attribution_order.as_str() {
                "" => before.attribution_order,
                word => word
                    .parse()
                    .map_err(|why: InvalidOrder| Refusal::field("attribution_order", format!("{why}")))?,
            },
            ..before.clone()
        })
    }

    fn definition(&self, before: &Tenant) -> Result<&'static Definition, Refusal> {
        match self.definition.trim() {
            "" => Ok(before.definition),
            id => id.parse().map_err(|_| Refusal::field("mrr_definition", "there is no such definition")),
        }
    }

    fn currency(&self) -> Result<Currency, Refusal> {
        let code = self.currency.trim().to_lowercase();
        code.parse().map_err(|_| Refusal::field("currency", "this is no ISO 4217 code, like usd"))
    }

    fn economics(&self, currency: Currency) -> Result<Economics, Refusal> {
        let whole = |field, text: &str, from: i64, to: i64| {
            let value = decimal(field, text, 0)?;
            within(field, value, from, to, |value| value.to_string())
        };
        let small =
            |field, value: i64| i32::try_from(value).map_err(|_| Refusal::field(field, "this is too large"));
        let margin = decimal("gross_margin", &self.gross_margin, 1)?;
        let margin = within("gross_margin", margin, 0, 1_000, |value| format!("{} %", value / 10))?;
        let roas = decimal("target_roas", &self.target_roas, 2)?;
        let roas =
            within("target_roas", roas, 1, 100_000, |value| format!("{}.{:02}", value / 100, value % 100))?;
        let exponent = u32::from(currency.exponent());
        let spend = decimal("minimum_spend", &self.minimum_spend, exponent)?;
        let spend = within("minimum_spend", spend, 0, 999_999_999_999, |value| {
            (value / 10i64.pow(exponent)).to_string()
        })?;
        let customers = whole("minimum_customers", &self.minimum_customers, 1, 100_000)?;
        let payback = whole("maximum_payback_months", &self.maximum_payback_months, 1, 120)?;
        let stuck = whole("stuck_after_days", &self.stuck_after_days, 1, 365)?;
        Ok(Economics {
            gross_margin_permille: i16::try_from(margin)
                .map_err(|_| Refusal::field("gross_margin", "this is too large"))?,
            target_roas_percent: small("target_roas", roas)?,
            minimum_spend_minor: spend,
            minimum_customers: small("minimum_customers", customers)?,
            maximum_payback_months: small("maximum_payback_months", payback)?,
            stuck_after_days: small("stuck_after_days", stuck)?,
        })
    }
}

fn timezone(text: &str) -> Result<TimeZone, Refusal> {
    let wrong = || Refusal::field("timezone", "this is no timezone, like Europe/Berlin");
    let zone = TimeZone::get(text.trim()).map_err(|_| wrong())?;
    if zone.iana_name().is_some() { Ok(zone) } else { Err(wrong()) }
}

/// A plain decimal number in units of its last place; more places than that are refused, not rounded.
fn decimal(field: &'static str, text: &str, places: u32) -> Result<i64, Refusal> {
    let wrong = || Refusal::field(field, "this is no plain number, like 12.5");
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return Err(wrong());
    }
    let fraction = fraction.trim_end_matches('0');
    let places = usize::try_from(places).map_err(|_| wrong())?;
    if fraction.len() > places {
        return Err(Refusal::field(field, format!("use at most {places} decimal places")));
    }
    format!("{whole}{fraction:0<places$}").parse().map_err(|_| Refusal::field(field, "this is too large"))
}

fn within(
    field: &'static str,
    value: i64,
    from: i64,
    to: i64,
    shown: impl Fn(i64) -> String,
) -> Result<i64, Refusal> {
    if (from..=to).contains(&value) {
        return Ok(value);
    }
    Err(Refusal::field(field, format!("this is between {} and {}", shown(from), shown(to))))
}

/// What differs, by name, from and to.
fn differences(before: &Tenant, after: &Tenant) -> BTreeMap<String, String> {
    let lines = |tenant: &Tenant| {
        let Economics {
            gross_margin_permille,
            target_roas_percent,
            minimum_spend_minor,
            minimum_customers,
            maximum_payback_months,
            stuck_after_days,
        } = tenant.economics;
        [
            ("name", tenant.name.clone()),
            ("timezone", tenant.timezone_name().to_owned()),
            ("week_start", format!("{:?}", tenant.week_start).to_lowercase()),
            ("gross_margin_permille", gross_margin_permille.to_string()),
            ("target_roas_percent", target_roas_percent.to_string()),
            ("minimum_spend_minor", minimum_spend_minor.to_string()),
            ("minimum_customers", minimum_customers.to_string()),
            ("maximum_payback_months", maximum_payback_months.to_string()),
            ("stuck_after_days", stuck_after_days.to_string()),
            ("mrr_definition", tenant.definition.id.to_owned()),
            ("attribution_order", tenant.attribution_order.word().to_owned()),
        ]
    };
    lines(before)
        .into_iter()
        .zip(lines(after))
        .filter(|(old, new)| old != new)
        .map(|((name, old), (_, new))| (name.to_owned(), format!("{old} → {new}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_read_exactly_or_refused() {
        for (text, places, value) in
            [("82.5", 1, 825), ("100", 1, 1_000), (" 2.00 ", 2, 200), ("2.0000", 2, 200), ("0", 2, 0)]
        {
            assert_eq!(decimal("f", text, places).unwrap(), value, "{text}");
        }
        for text in
            ["", ".", ".5", "-1", "1e3", "NaN", "Infinity", "12,50", "1.005", "١", "99999999999999999999"]
        {
            assert!(decimal("f", text, 2).is_err(), "{text}");
        }
    }

    #[test]
    fn a_timezone_is_one_the_world_knows() {
        assert!(timezone("Europe/Berlin").is_ok() && timezone("UTC").is_ok());
        assert!(timezone("Mars/Phobos").is_err() && timezone("").is_err());
    }
}
