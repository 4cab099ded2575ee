//! Unit economics: what a new customer costs, what it is worth, and which channel earns more than it takes.
//!
//! Formulas, each as the field has them:
//! * CAC = spend ÷ new paying customers; blended over every channel, or of one.
//! * LTV = ARPA × gross margin ÷ monthly customer churn. The churn of a range is brought to a month by days, of which
//!   a month has 365 ÷ 12.
//! * Payback in months = CAC ÷ (ARPA of new customers × gross margin).
//! * ROI = (revenue × gross margin − spend) ÷ spend; ROAS = revenue ÷ ad spend.
//!
//! What cannot be told is none and says why. Nothing is ever divided by zero, and nothing is 0 for want of data.

mod best;
pub mod cohort;

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::channel::ChannelSlug;
use crate::mrr::report::MrrReport;
use crate::ratio::{Quotient, Ratio};
use crate::tenant::Economics;

pub use best::{BestChannel, Confidence};

/// What a channel took and brought over a range of days, in minor units of the tenant's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelFigures {
    /// The channel.
    pub channel: ChannelSlug,
    /// What it cost; a credit makes it less.
    pub spend: i64,
    /// The part of it that bought advertisements.
    pub ad_spend: i64,
    /// Its revenue, refunds and disputes taken off.
    pub revenue: i64,
    /// Customers credited to it who paid for the first time.
    pub new_customers: i64,
}

/// What recurs, as far as unit economics ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recurring {
    /// MRR at the end of the range.
    pub mrr: i64,
    /// Customers who pay it when the range ends.
    pub customers: i64,
    /// MRR of customers who came for the first time within the range.
    pub new_mrr: i64,
    /// How many of them there are.
    pub new_customers: i64,
    /// Customer churn over the range: those at its start who left ÷ those at its start.
    pub customer_churn: Option<Ratio>,
}

impl From<&MrrReport> for Recurring {
    fn from(report: &MrrReport) -> Self {
        Self {
            mrr: report.end,
            customers: report.customers.paying,
            new_mrr: report.movements.new,
            new_customers: report.customers.new,
            customer_churn: report.rates.customer_churn.map(|churn| churn.0),
        }
    }
}

/// Why a figure is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing was spent.
    NoSpend,
    /// Something was spent and nobody was won.
    UnproductiveSpend,
    /// Something was spent and no lead came.
    NoLeads,
    /// Nobody pays every month.
    NoRecurringCustomers,
    /// Nobody was there when the range began, so that nobody could leave.
    NoCustomersAtStart,
    /// Nobody left, so that nobody can say how long customers stay.
    NoChurn,
    /// Nobody who came pays every month.
    NoNewRecurringCustomers,
    /// Nothing of the revenue is left after its own cost.
    NoMargin,
    /// Too little was spent, or too few were won, to judge by.
    TooSmallToJudge,
    /// What was spent has not been earned back so far.
    NotEarnedBack,
    /// A figure is too large to be told.
    TooLarge,
}

impl Reason {
    /// Why, in words that follow a dash.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoSpend => "no costs are entered",
            Self::UnproductiveSpend => "money was spent and no new customer won",
            Self::NoLeads => "money was spent and no lead came",
            Self::NoRecurringCustomers => "nobody pays every month",
            Self::NoCustomersAtStart => "there was no customer when these days began",
            Self::NoChurn => "nobody left, so nobody knows how long customers stay",
            Self::NoNewRecurringCustomers => "no new customer pays every month",
            Self::NoMargin => "nothing of the revenue is left after its own cost",
            Self::TooSmallToJudge => "too little was spent, or too few customers won, to judge by",
            Self::NotEarnedBack => "what was spent has not been earned back so far",
            Self::TooLarge => "the figure is too large to be told",
        }
    }
}

/// A channel's verdict; never colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It earns at least the tenant's target, and soon enough.
    Profitable,
    /// It earns less than the target, or later, or too little is known.
    Watch,
    /// It takes more than it brings.
    Losing,
    /// Nothing was spent on it.
    NoSpend,
}

impl Verdict {
    /// The word on the screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Profitable => "Profitable",
            Self::Watch => "Watch",
            Self::Losing => "Losing",
            Self::NoSpend => "No spend",
        }
    }
}

/// The cost of winning a customer, whatever the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BlendedCac {
    /// Spend ÷ new customers, in minor units.
    pub value: Option<i64>,
    /// All that was spent.
    pub spend: i64,
    /// All who were won, those of no known channel among them.
    pub new_customers: i64,
    /// Why it is none.
    pub reason: Option<Reason>,
}

/// The cost of winning a customer by one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelCac {
    /// The channel.
    pub channel: ChannelSlug,
    /// Spend ÷ new customers, in minor units.
    pub cac: Option<i64>,
    /// What it cost.
    pub spend: i64,
    /// Whom it won.
    pub new_customers: i64,
    /// Why it is none.
    pub reason: Option<Reason>,
}

/// What a customer is worth before it leaves: a prediction. What it has paid is its lifetime revenue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LtvEstimate {
    /// ARPA × gross margin ÷ monthly churn, in minor units.
    pub value: Option<i64>,
    /// MRR ÷ paying customers, in minor units.
    pub arpa: Option<i64>,
    /// What is left of revenue after its own cost, of 1.
    pub gross_margin: Quotient,
    /// Customers who leave in a month ÷ customers.
    pub monthly_customer_churn: Option<Quotient>,
    /// Paying customers it is made of.
    pub customers: i64,
    /// Why it is none.
    pub reason: Option<Reason>,
}

/// How long a new customer takes to earn back what winning it cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Payback {
    /// CAC ÷ (ARPA of new customers × gross margin), to a tenth.
    pub months: Option<Quotient>,
    /// MRR of new customers ÷ new customers, in minor units.
    pub arpa_of_new: Option<i64>,
    /// Why it is none.
    pub reason: Option<Reason>,
}

/// What a channel returns on what it cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelRoi {
    /// The channel.
    pub channel: ChannelSlug,
    /// What it cost.
    pub spend: i64,
    /// The part of it that bought advertisements.
    pub ad_spend: i64,
    /// What it brought.
    pub revenue: i64,
    /// (Revenue × gross margin − spend) ÷ spend.
    pub roi: Option<Quotient>,
    /// (Revenue − spend) ÷ spend.
    pub revenue_roi: Option<Quotient>,
    /// Revenue ÷ ad spend.
    pub roas: Option<Quotient>,
    /// LTV ÷ the channel's CAC.
    pub ltv_cac: Option<Quotient>,
    /// Months until a customer of this channel has earned back its CAC.
    pub payback_months: Option<Quotient>,
    /// What to think of it.
    pub verdict: Verdict,
    /// Why ROI is none, or why it is not judged.
    pub reason: Option<Reason>,
}

/// Every figure of unit economics over a range of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitEconomics {
    /// What a new customer costs.
    pub blended_cac: BlendedCac,
    /// The same over the channels money was spent on alone: those that cost nothing cannot hide what the others cost.
    pub paid_cac: BlendedCac,
    /// The same by channel.
    pub cac_per_channel: Vec<ChannelCac>,
    /// What a customer is worth.
    pub ltv_estimate: LtvEstimate,
    /// When it has earned back what it cost.
    pub payback_period: Payback,
    /// Which channel returns what, the best first; those without spend last.
    pub channel_roi: Vec<ChannelRoi>,
    /// The channel to put more into, when there is enough to judge by.
    pub best_channel: Option<BestChannel>,
    /// Why there is none.
    pub best_channel_reason: Option<Reason>,
    /// What all channels together return on all that was spent.
    pub blended_roi: Option<Quotient>,
    /// Revenue ÷ all that was spent: the marketing efficiency ratio.
    pub mer: Option<Quotient>,
}

/// Computes unit economics of channels over so many days.
#[must_use]
pub fn unit_economics(
    channels: &[ChannelFigures],
    recurring: Recurring,
    economics: Economics,
    days: i32,
) -> UnitEconomics {
    let worth = Worth::of(recurring, economics, days);
    let (spend, revenue, new_customers) = totals(channels);
    let mut channel_roi: Vec<ChannelRoi> =
        channels.iter().map(|channel| worth.roi_of(channel, economics)).collect();
    channel_roi.sort_by(by_return);
    let best_channel = best::best_channel(&channel_roi, channels, economics);
    UnitEconomics {
        blended_cac: blended_cac(spend, new_customers),
        paid_cac: paid_cac(channels),
        cac_per_channel: channels.iter().map(cac_of).collect(),
        ltv_estimate: worth.ltv_estimate(recurring),
        payback_period: worth.payback(cac_exactly(spend, new_customers)),
        best_channel_reason: best_channel.is_none().then_some(match spend {
            ..=0 => Reason::NoSpend,
            _ => Reason::TooSmallToJudge,
        }),
        best_channel,
        channel_roi,
        blended_roi: worth.roi(spend, revenue).ok().map(Quotient),
        mer: positive(spend).and_then(|spend| Ratio::whole(revenue).over(spend)).map(Quotient),
    }
}

/// What winning a customer costs, whatever the channel.
#[must_use]
pub fn blended_cac(spend: i64, new_customers: i64) -> BlendedCac {
    let (value, reason) = told(cac(spend, new_customers));
    BlendedCac { value, spend, new_customers, reason }
}

fn paid_cac(channels: &[ChannelFigures]) -> BlendedCac {
    let paid: Vec<ChannelFigures> = channels.iter().filter(|channel| channel.spend > 0).cloned().collect();
    let (spend, _, new_customers) = totals(&paid);
    blended_cac(spend, new_customers)
}

/// What a lead costs: spend ÷ leads.
pub fn cost_per_lead(spend: i64, leads: i64) -> Result<i64, Reason> {
    let spend = positive(spend).ok_or(Reason::NoSpend)?;
    let leads = positive(leads).ok_or(Reason::NoLeads)?;
    spend.over(leads).and_then(Ratio::rounded).ok_or(Reason::TooLarge)
}

fn totals(channels: &[ChannelFigures]) -> (i64, i64, i64) {
    channels.iter().fold((0, 0, 0), |(spend, revenue, customers): (i64, i64, i64), channel| {
        (
            spend.saturating_add(channel.spend),
            revenue.saturating_add(channel.revenue),
            customers.saturating_add(channel.new_customers),
        )
    })
}

/// The larger return first; what has none goes last, by revenue and then by name.
fn by_return(one: &ChannelRoi, other: &ChannelRoi) -> std::cmp::Ordering {
    let exact = |channel: &ChannelRoi| channel.roi.map(|roi| roi.0);
    match (exact(one), exact(other)) {
        (Some(one_roi), Some(other_roi)) => other_roi.cmp(&one_roi),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => other.revenue.cmp(&one.revenue),
    }
    .then_with(|| one.channel.cmp(&other.channel))
}

fn cac_of(channel: &ChannelFigures) -> ChannelCac {
    let (cac, reason) = told(cac(channel.spend, channel.new_customers));
    ChannelCac {
        channel: channel.channel.clone(),
        cac,
        spend: channel.spend,
        new_customers: channel.new_customers,
        reason,
    }
}

fn cac(spend: i64, new_customers: i64) -> Result<i64, Reason> {
    cac_exactly(spend, new_customers)?.rounded().ok_or(Reason::TooLarge)
}

fn cac_exactly(spend: i64, new_customers: i64) -> Result<Ratio, Reason> {
    let spend = positive(spend).ok_or(Reason::NoSpend)?;
    let customers = positive(new_customers).ok_or(Reason::UnproductiveSpend)?;
    spend.over(customers).ok_or(Reason::TooLarge)
}

/// A figure, or why there is none.
fn told<T>(figure: Result<T, Reason>) -> (Option<T>, Option<Reason>) {
    match figure {
        Ok(figure) => (Some(figure), None),
        Err(reason) => (None, Some(reason)),
    }
}

/// The number, when there is something to divide by.
fn positive(number: i64) -> Option<Ratio> {
    (number > 0).then(|| Ratio::whole(number))
}

/// What customers are worth, exactly.
#[derive(Clone, Copy)]
struct Worth {
    margin: Ratio,
    arpa: Result<Ratio, Reason>,
    arpa_of_new: Result<Ratio, Reason>,
    monthly_churn: Result<Ratio, Reason>,
    ltv: Result<Ratio, Reason>,
}

impl Worth {
    fn of(recurring: Recurring, economics: Economics, days: i32) -> Self {
        let margin = Ratio::of(economics.gross_margin_permille.into(), 1_000).unwrap_or(Ratio::ZERO);
        let per = |amount: i64, customers: i64, reason: Reason| {
            let customers = positive(customers).ok_or(reason)?;
            Ratio::whole(amount).over(customers).ok_or(Reason::TooLarge)
        };
        let arpa = per(recurring.mrr, recurring.customers, Reason::NoRecurringCustomers);
        let monthly_churn = monthly_churn(recurring, days);
        let ltv = arpa.and_then(|arpa| {
            let churn = monthly_churn?;
            if churn.is_zero() {
                return Err(Reason::NoChurn);
            }
            arpa.times(margin).and_then(|profit| profit.over(churn)).ok_or(Reason::TooLarge)
        });
        Self {
            margin,
            arpa,
            arpa_of_new: per(recurring.new_mrr, recurring.new_customers, Reason::NoNewRecurringCustomers),
            monthly_churn,
            ltv,
        }
    }

    fn ltv_estimate(self, recurring: Recurring) -> LtvEstimate {
        let (value, reason) = told(self.ltv.and_then(|ltv| ltv.rounded().ok_or(Reason::TooLarge)));
        LtvEstimate {
            value,
            arpa: self.arpa.ok().and_then(Ratio::rounded),
            gross_margin: Quotient(self.margin),
            monthly_customer_churn: self.monthly_churn.ok().map(Quotient),
            customers: recurring.customers,
            reason,
        }
    }

    fn payback(self, cac: Result<Ratio, Reason>) -> Payback {
        let (months, reason) = told(self.payback_months(cac));
        Payback { months, arpa_of_new: self.arpa_of_new.ok().and_then(Ratio::rounded), reason }
    }

    fn payback_months(self, cac: Result<Ratio, Reason>) -> Result<Quotient, Reason> {
        let cac = cac?;
        let profit = self.arpa_of_new?.times(self.margin).ok_or(Reason::TooLarge)?;
        if profit.is_zero() || profit.is_negative() {
            return Err(Reason::NoMargin);
        }
        cac.over(profit).and_then(to_tenths).map(Quotient).ok_or(Reason::TooLarge)
    }

    fn roi_of(self, channel: &ChannelFigures, economics: Economics) -> ChannelRoi {
        let cac = cac_exactly(channel.spend, channel.new_customers);
        let payback_months = self.payback_months(cac).ok();
        let roi = self.roi(channel.spend, channel.revenue);
        let (verdict, verdict_reason) = judge(roi.ok(), payback_months, channel, economics);
        let (roi, reason) = told(roi.map(Quotient));
        ChannelRoi {
            channel: channel.channel.clone(),
            spend: channel.spend,
            ad_spend: channel.ad_spend,
            revenue: channel.revenue,
            roi,
            revenue_roi: return_on(channel.spend, Ratio::whole(channel.revenue)).ok().map(Quotient),
            roas: positive(channel.ad_spend)
                .and_then(|spend| Ratio::whole(channel.revenue).over(spend))
                .map(Quotient),
            ltv_cac: self.ltv.ok().zip(cac.ok()).and_then(|(ltv, cac)| ltv.over(cac)).map(Quotient),
            payback_months,
            verdict,
            reason: reason.or(verdict_reason),
        }
    }

    fn roi(self, spend: i64, revenue: i64) -> Result<Ratio, Reason> {
        let profit = Ratio::whole(revenue).times(self.margin).ok_or(Reason::TooLarge)?;
        return_on(spend, profit)
    }
}

fn return_on(spend: i64, brought: Ratio) -> Result<Ratio, Reason> {
    let spend = positive(spend).ok_or(Reason::NoSpend)?;
    brought.minus(spend).and_then(|gain| gain.over(spend)).ok_or(Reason::TooLarge)
}

/// The share of customers that leaves in a month.
fn monthly_churn(recurring: Recurring, days: i32) -> Result<Ratio, Reason> {
    let share = recurring.customer_churn.ok_or(Reason::NoCustomersAtStart)?;
    let months = Ratio::of(i128::from(days) * 12, 365).ok_or(Reason::NoCustomersAtStart)?;
    share.over(months).ok_or(Reason::TooLarge)
}

/// A channel loses when it brings less than it cost, and is profitable when it brings the tenant's target and earns
/// its customers back in time. Where too little is known, it is watched.
fn judge(
    roi: Option<Ratio>,
    payback_months: Option<Quotient>,
    channel: &ChannelFigures,
    economics: Economics,
) -> (Verdict, Option<Reason>) {
    let Some(roi) = roi else { return (Verdict::NoSpend, None) };
    if channel.spend < economics.minimum_spend_minor {
        return (Verdict::Watch, Some(Reason::TooSmallToJudge));
    }
    if roi.is_negative() {
        return (Verdict::Losing, None);
    }
    let returned = roi.plus(Ratio::whole(1));
    let target = Ratio::of(economics.target_roas_percent.into(), 100).unwrap_or(Ratio::ZERO);
    let reaches_target = returned.is_some_and(|returned| returned >= target);
    let longest = Ratio::whole(economics.maximum_payback_months.into());
    let in_time = payback_months.is_none_or(|months| months.0 <= longest);
    if channel.new_customers < economics.minimum_customers.into() {
        return (Verdict::Watch, Some(Reason::TooSmallToJudge));
    }
    (if reaches_target && in_time { Verdict::Profitable } else { Verdict::Watch }, None)
}

/// The nearest tenth.
fn to_tenths(ratio: Ratio) -> Option<Ratio> {
    Ratio::of(ratio.times(Ratio::whole(10))?.rounded()?.into(), 10)
}
