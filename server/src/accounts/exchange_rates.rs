//! What other currencies are worth to a tenant: brought in as a sheet, or typed.

use domain::access::{Actor, Permission, Viewer};
use domain::audit::Deed;
use domain::exchange::{QuotedRate, Rate, read_sheet};
use domain::ids::TenantId;
use domain::money::Currency;
use jiff::civil::Date;
use store::exchange_rates::{NewRateChange, RateSource};

use super::members::name_of;
use super::{Accounts, Refusal, Sender, deed, saying};
use crate::chance::new_id;

/// A rate as it is typed: one `base` is `rate` `quote`.
#[derive(Clone, Debug, Default)]
pub struct RateForm {
    /// The day, `2026-01-31`.
    pub day: String,
    /// ISO code of what one unit of is meant.
    pub base: String,
    /// ISO code of what it is told in.
    pub quote: String,
    /// How much.
    pub rate: String,
}

/// Rates that were brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// How many the sheet has.
    pub rates: usize,
    /// How many of them are new, or other than before.
    pub changed: usize,
    /// Columns that were left out, because we do not know their currency.
    pub unknown_currencies: Vec<String>,
}

impl Accounts {
    /// Brings in a sheet of the European Central Bank for the viewer's tenant, all of it or nothing.
    pub async fn import_rates(
        &self,
        viewer: &Viewer,
        sheet: &str,
        sender: &Sender,
    ) -> Result<Imported, Refusal> {
        viewer.require(Permission::EditSettings)?;
        self.put_sheet(viewer.actor.clone(), viewer.tenant, sheet, sender).await
    }

    /// The same for whoever may run commands.
    pub async fn provision_rates(&self, tenant: TenantId, sheet: &str) -> Result<Imported, Refusal> {
        self.put_sheet(Actor::CommandLine, tenant, sheet, &Sender::default()).await
    }

    async fn put_sheet(
        &self,
        actor: Actor,
        tenant: TenantId,
        text: &str,
        sender: &Sender,
    ) -> Result<Imported, Refusal> {
        let sheet = read_sheet(text).map_err(|why| Refusal::field("sheet", why.to_string()))?;
        let today = self.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        if let Some(future) = sheet.rates.iter().find(|rate| rate.day > today) {
            return Err(Refusal::field("sheet", format!("{} has not come yet", future.day)));
        }
        let changed = self.put_rates(actor, tenant, RateSource::CentralBank, &sheet.rates, sender).await?;
        let rates = sheet.rates.len();
        Ok(Imported { rates, changed, unknown_currencies: sheet.unknown_currencies })
    }

    /// Sets a rate of a day for the viewer's tenant; sheets do not replace it.
    pub async fn set_rate(&self, viewer: &Viewer, typed: &RateForm, sender: &Sender) -> Result<(), Refusal> {
        viewer.require(Permission::EditSettings)?;
        let today = self.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let rate = typed.read(today)?;
        self.put_rates(viewer.actor.clone(), viewer.tenant, RateSource::Manual, &[rate], sender).await?;
        Ok(())
    }

    async fn put_rates(
        &self,
        actor: Actor,
        tenant: TenantId,
        source: RateSource,
        rates: &[QuotedRate],
        sender: &Sender,
    ) -> Result<usize, Refusal> {
        let now = self.clock.now();
        let made_by = name_of(&actor);
        let mut work = self.store.within(tenant).await?;
        let change = NewRateChange { id: new_id(), source, rates, made_by: &made_by };
        let changed = work.rates_put(&change, now).await?;
        if changed == 0 {
            return Ok(0);
        }
        let details = match rates {
            [one] => format!("1 {} = {} {} on {}", one.base, one.rate, one.quote, one.day),
            _ => format!("{changed} rates of the European Central Bank"),
        };
        let line = saying(deed(actor, Deed::RatesChanged, sender), [("rates", details)]);
        work.audit(&line, now).await?;
        work.commit().await?;
        Ok(changed)
    }
}

impl RateForm {
    fn read(&self, today: Date) -> Result<QuotedRate, Refusal> {
        let day: Option<Date> =
            self.day.trim().parse().ok().filter(|day: &Date| day.to_string() == self.day.trim());
        let day = day.ok_or_else(|| Refusal::field("day", "days are written like 2026-01-31"))?;
        if day > today || day.year() < 1970 {
            return Err(Refusal::field("day", "choose a day from 1970 to today"));
        }
        let base = currency("base", &self.base)?;
        let quote = currency("quote", &self.quote)?;
        if base == quote {
            return Err(Refusal::field("quote", "choose another currency: one is always worth itself"));
        }
        let rate: Rate = self.rate.parse().map_err(|why| Refusal::field("rate", format!("{why}")))?;
        Ok(QuotedRate { day, base, quote, rate, is_typed: true })
    }
}

fn currency(field: &'static str, code: &str) -> Result<Currency, Refusal> {
    let code = code.trim().to_lowercase();
    code.parse().map_err(|_| Refusal::field(field, "this is no ISO 4217 code, like usd"))
}
