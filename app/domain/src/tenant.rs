//! Whose data it is, and how that tenant wants it reported.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::attribution::Order;
use crate::definition::Definition;
use crate::ids::TenantId;
use crate::money::Currency;
use crate::period::WeekStart;

/// A tenant as reports need it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its short name in addresses and on the command line.
    pub slug: String,
    /// Its name as people see it.
    pub name: String,
    /// The currency its reports add up in.
    pub currency: Currency,
    /// The timezone its calendar days begin in.
    pub timezone: TimeZone,
    /// The day its weeks begin on.
    pub week_start: WeekStart,
    /// What its figures are judged by.
    pub economics: Economics,
    /// The rules its monthly recurring revenue is counted by.
    pub definition: &'static Definition,
    /// In which order the channel of a payment is looked for.
    pub attribution_order: Order,
    /// Counts changes of the settings.
    pub version: i32,
}

/// What a tenant's figures are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Economics {
    /// Gross margin in thousandths of revenue.
    pub gross_margin_permille: i16,
    /// Return on ad spend, in percent, from which a channel counts as profitable.
    pub target_roas_percent: i32,
    /// Spend below which a channel is not judged, in minor units of the tenant's currency.
    pub minimum_spend_minor: i64,
    /// New customers below which a channel is not judged.
    pub minimum_customers: i32,
    /// Months within which the cost of winning a customer should be earned back.
    pub maximum_payback_months: i32,
    /// Days without movement after which a lead counts as stuck.
    pub stuck_after_days: i32,
}

impl Default for Economics {
    fn default() -> Self {
        Self {
            gross_margin_permille: 1_000,
            target_roas_percent: 200,
            minimum_spend_minor: 50_000,
            minimum_customers: 5,
            maximum_payback_months: 12,
            stuck_after_days: 14,
        }
    }
}

/// Whether a text may be a tenant's short name.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=40).contains(&text.len())
        && text.bytes().all(|byte| plain(byte) || byte == b'-')
        && text.bytes().next().is_some_and(plain)
}

impl Tenant {
    /// The calendar day `now` falls on for this tenant.
    #[must_use]
    pub fn date_of(&self, now: Timestamp) -> Date {
        now.to_zoned(self.timezone.clone()).date()
    }

    /// The IANA name of the tenant's timezone.
    #[must_use]
    pub fn timezone_name(&self) -> &str {
        self.timezone.iana_name().unwrap_or("UTC")
    }
}
