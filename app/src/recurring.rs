//! What the page of recurring revenue is asked and answered.

use domain::money::Currency;
use domain::mrr::comparison::MrrComparison;
use domain::mrr::parts::{ChannelMovements, MovementReason};
use domain::mrr::report::MrrReport;
use domain::mrr::scheduled::ScheduledChurn;

use crate::port::{Frame, PeriodQuestion};

/// Which days of recurring revenue a page asks for, in the words of its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecurringQuestion {
    /// The days.
    pub period: PeriodQuestion,
    /// The days they are compared with, `previous` or `last_year`; the days before where nothing is said.
    pub compare: Option<String>,
}

/// Recurring revenue over some days, what it is made of, and how it compares with others.
#[derive(Clone, Debug)]
pub struct RecurringPage {
    /// Whose, when, over which days.
    pub frame: Frame,
    /// The roll-forward.
    pub report: MrrReport,
    /// What stands at its end.
    pub standing: RecurringStanding,
    /// Channel by channel.
    pub by_channel: Vec<ChannelMovements>,
    /// What lay behind each kind of movement.
    pub reasons: Vec<MovementReason>,
    /// What is cancelled to end at its end.
    pub scheduled_churn: ScheduledChurn,
    /// How it compares with other days.
    pub comparison: MrrComparison,
}

/// What stands beside recurring revenue at the end of a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecurringStanding {
    /// What is not to end.
    pub committed_mrr: i64,
    /// What trials will count.
    pub trial_mrr: i64,
    /// What an overdue invoice puts at risk.
    pub past_due_mrr: i64,
    /// What is paused.
    pub paused_mrr: i64,
    /// Subscriptions that count.
    pub subscriptions: i64,
    /// What has no rate, by currency.
    pub unconverted: Vec<(Currency, i64)>,
}
