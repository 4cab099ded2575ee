//! What the page of costs is asked and answered.

use domain::channel::{ChannelList, ChannelSlug};
use domain::cost::CostType;
use domain::ids::{CostId, CostTemplateId};
use domain::money::Money;
use domain::period::DateRange;
use domain::tenant::Tenant;
use jiff::civil::Date;

/// Which costs a page asks for, in the words of its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CostsQuestion {
    /// Another tenant than the viewer's own.
    pub tenant_id: Option<String>,
    /// Only of this channel.
    pub channel: Option<String>,
    /// Only of this type.
    pub cost_type: Option<String>,
    /// Only those of a named period, where no days are named.
    pub period: Option<String>,
    /// Only those that end on this day or later.
    pub from: Option<String>,
    /// Only those that begin on this day or earlier.
    pub to: Option<String>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// The one that is to be edited.
    pub edit: Option<String>,
    /// The one that was deleted just now, which can be brought back.
    pub deleted: Option<String>,
}

/// What channels cost, as a page shows it.
#[derive(Clone, Debug)]
pub struct Costs {
    /// Whose.
    pub tenant: Tenant,
    /// The tenant's channels.
    pub channels: ChannelList,
    /// The costs, the newest period first.
    pub lines: Vec<CostLine>,
    /// How many the filter finds in all.
    pub rows_in_all: i64,
    /// What they come to in the tenant's currency.
    pub sum: i64,
    /// The days that were asked for, and how much of it falls on these.
    pub within: Option<(DateRange, i64)>,
    /// For how many no rate is known.
    pub without_rate: i64,
    /// Costs that come every month, or did.
    pub monthly: Vec<MonthlyLine>,
    /// The one that is to be edited.
    pub edited: Option<CostLine>,
    /// The one that was deleted just now.
    pub deleted: Option<CostLine>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// A cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostLine {
    /// Which.
    pub id: CostId,
    /// The channel's short name.
    pub channel: ChannelSlug,
    /// What it was spent on.
    pub cost_type: CostType,
    /// How much.
    pub money: Money,
    /// The same in the tenant's currency.
    pub base_minor: Option<i64>,
    /// How much of that falls on the days that were asked for.
    pub within: Option<i64>,
    /// The days it is spread over.
    pub period: DateRange,
    /// What somebody wrote down of it.
    pub notes: Option<String>,
    /// Whether it comes every month.
    pub is_monthly: bool,
    /// Whether others of its channel and type fall on days of it.
    pub is_overlapping: bool,
    /// Counts its changes.
    pub version: i32,
}

/// A cost that comes every month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthlyLine {
    /// Which.
    pub id: CostTemplateId,
    /// The channel's short name.
    pub channel: ChannelSlug,
    /// What it is spent on.
    pub cost_type: CostType,
    /// What a month costs.
    pub money: Money,
    /// The first month.
    pub first_month: Date,
    /// The last month, when it ended.
    pub last_month: Option<Date>,
}
