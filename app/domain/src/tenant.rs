//! Whose data it is, and how that tenant wants it reported.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

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
