//! The detectors. Each looks at one thing, says nothing where there is too little to judge by, and names its operands.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::mrr_identity::{self, MrrOfDays, MrrOfRows};
use super::tools::{self, Lookups, UnreadTool};
use super::words::{count, counted, money, per_mille, percent, thousandths};
use super::{Detector, Finding, Operands, Severity};
use crate::channel::{ChannelList, ChannelSlug};
use crate::economics::{BestChannel, BlendedCac, ChannelRoi, Confidence, Verdict};
use crate::lead::Stage;
use crate::money::Currency;
use crate::ratio::Ratio;
use crate::revenue::Sums;
use crate::tenant::Economics;
use crate::velocity::StageVelocity;

/// What is about no part of the tenant.
pub(super) const ALL: &str = "all";

/// From how many stuck leads on a stage is told of.
const STUCK_FROM: i64 = 5;

/// From which part of revenue without a channel on, in thousandths, and over how many payments.
const UNKNOWN_FROM: i64 = 200;
const UNKNOWN_PAYMENTS: i64 = 10;

/// Refunds are a spike when they are this part of gross revenue, in thousandths, twice the part they were before, and
/// payments were enough in both ranges; from the second part on they are critical.
const REFUNDS_FROM: i64 = 50;
const REFUNDS_CRITICAL: i64 = 200;
const REFUNDS_PAYMENTS: i64 = 20;

/// CAC has drifted when it is this much of what it was, in thousandths.
const CAC_FROM: i64 = 1_300;

/// A step has dropped when it is at most this much of what it was, in thousandths, and as many leads stood before it in
/// both ranges.
const STEP_AT_MOST: i64 = 700;
const STEP_LEADS: i64 = 50;

/// From which part of MRR at risk on failed payments are critical, in thousandths.
const RISK_CRITICAL: i64 = 50;

/// After how many days without an event it is silent.
const SILENT_DAYS: i64 = 3;

/// How many events have to have come before they are missed.
pub const MISSED_FROM: i64 = 20;

/// What detectors look at: a tenant's figures over some days, and over as many before.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What figures are judged by.
    pub economics: Economics,
    /// The currency of every amount.
    pub currency: Currency,
    /// When they were read.
    pub as_of: Timestamp,
    /// Over how many days.
    pub days: i32,
    /// The tenant's channels.
    pub channels: ChannelList,
    /// What each returns.
    pub returns: Vec<ChannelRoi>,
    /// The one to put more into.
    pub best: Option<BestChannel>,
    /// Payments that wait to be collected, by currency.
    pub failed: Vec<FailedSum>,
    /// What those payments are known by.
    pub failing: BTreeSet<String>,
    /// Monthly recurring revenue.
    pub mrr: i64,
    /// The part of it that is overdue.
    pub past_due_mrr: i64,
    /// Who stands in each stage, and who is stuck.
    pub stages: Vec<StageVelocity>,
    /// Revenue.
    pub revenue: Sums,
    /// Revenue no channel is known of.
    pub unknown: Sums,
    /// Revenue of the days before.
    pub revenue_before: Sums,
    /// What a customer cost.
    pub cac: BlendedCac,
    /// What one cost in the days before.
    pub cac_before: BlendedCac,
    /// How many leads entered each stage.
    pub entered: Vec<(Stage, i64)>,
    /// How many did in the days before.
    pub entered_before: Vec<(Stage, i64)>,
    /// How many of Stripe's events ever came, counted no further than [`MISSED_FROM`].
    pub events: i64,
    /// When the newest came.
    pub last_event_at: Option<Timestamp>,
    /// How many could not be understood.
    pub dead_letters: i64,
    /// Leads that were looked up.
    pub lookups: Lookups,
    /// Tools whose newest readings failed.
    pub unread: Vec<UnreadTool>,
    /// Recurring revenue as the rollup's days have it, all of them.
    pub mrr_of_days: MrrOfDays,
    /// The same from every row; `None` where they were not read this time.
    pub mrr_of_rows: Option<MrrOfRows>,
}

/// What failed payments of a currency come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedSum {
    /// Their currency.
    pub currency: Currency,
    /// Their amounts.
    pub amount: i64,
    /// How many.
    pub payments: i64,
}

/// Everything that needs somebody; no two findings have one key.
#[must_use]
pub fn detect(facts: &Facts) -> Vec<Finding> {
    let mut findings = channels_losing(facts);
    findings.extend(stuck_leads(facts));
    findings.extend(funnel_drops(facts));
    findings.extend(tools::syncs_failing(facts));
    let others = [
        failed_payments(facts),
        unknown_share(facts),
        refund_spike(facts),
        cac_drift(facts),
        tools::enrichment_failing(facts),
        dead_letters(facts),
        webhook_silence(facts),
        mrr_identity::broken(facts),
        room_to_grow(facts),
    ];
    findings.extend(others.into_iter().flatten());
    findings
}

pub(super) fn operands<const N: usize>(named: [(&str, i64); N]) -> Operands {
    named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The tenant's verdict on a channel says that it loses only where enough was spent to judge by.
fn channels_losing(facts: &Facts) -> Vec<Finding> {
    facts
        .returns
        .iter()
        .filter(|roi| roi.verdict == Verdict::Losing)
        .filter_map(|roi| losing(facts, roi))
        .collect()
}

fn losing(facts: &Facts, channel: &ChannelRoi) -> Option<Finding> {
    let roi = thousandths(channel.roi?.0)?;
    let margin = i64::from(facts.economics.gross_margin_permille);
    let at_margin = match margin {
        1_000 => String::new(),
        margin => format!(" at a gross margin of {}", percent(margin)),
    };
    Some(Finding {
        detector: Detector::ChannelLosing,
        subject: channel.channel.to_string(),
        severity: Severity::Critical,
        title: format!("{} is losing money", facts.channels.name_of(&channel.channel)),
        why: format!(
            "Spent {} for {} of revenue{at_margin} in {} days: ROI {}.",
            money(channel.spend, facts.currency),
            money(channel.revenue, facts.currency),
            facts.days,
            percent(roi)
        ),
        operands: operands([
            ("spend_minor", channel.spend),
            ("revenue_minor", channel.revenue),
            ("gross_margin_permille", margin),
            ("roi_permille", roi),
            ("minimum_spend_minor", facts.economics.minimum_spend_minor),
            ("days", facts.days.into()),
        ]),
        about: BTreeSet::new(),
    })
}

fn failed_payments(facts: &Facts) -> Option<Finding> {
    let payments = facts.failed.iter().fold(0i64, |sum, failed| sum.saturating_add(failed.payments));
    if payments <= 0 {
        return None;
    }
    let at_risk = facts.past_due_mrr;
    // What is overdue may be counted beside MRR, so that the whole is both.
    let share = per_mille(at_risk, facts.mrr.max(at_risk)).unwrap_or_default();
    let amounts: Vec<String> =
        facts.failed.iter().map(|failed| money(failed.amount, failed.currency)).collect();
    let own = facts.failed.iter().find(|failed| failed.currency == facts.currency);
    let risk = if at_risk > 0 {
        format!(", {} of MRR at risk", money(at_risk, facts.currency))
    } else {
        String::new()
    };
    Some(Finding {
        detector: Detector::FailedPayments,
        subject: ALL.to_owned(),
        severity: if share >= RISK_CRITICAL { Severity::Critical } else { Severity::Warning },
        title: format!("{} failed{risk}", counted(payments, "payment")),
        why: format!(
            "{} could not be collected yet; {} of {} MRR is past due ({}).",
            amounts.join(" and "),
            money(at_risk, facts.currency),
            money(facts.mrr, facts.currency),
            percent(share)
        ),
        operands: operands([
            ("payments", payments),
            ("amount_minor", own.map_or(0, |own| own.amount)),
            ("past_due_mrr_minor", at_risk),
            ("mrr_minor", facts.mrr),
            ("share_permille", share),
        ]),
        about: facts.failing.clone(),
    })
}

fn stuck_leads(facts: &Facts) -> Vec<Finding> {
    facts
        .stages
        .iter()
        .filter(|stage| stage.stuck >= STUCK_FROM)
        .map(|stage| stuck_in(facts, stage))
        .collect()
}

fn stuck_in(facts: &Facts, stage: &StageVelocity) -> Finding {
    let floor = i64::from(facts.economics.stuck_after_days);
    let usual = stage.p75_days.and_then(|days| days.0.rounded_up());
    let name = stage.stage.in_words();
    let after = match usual {
        Some(days) => format!("three quarters move on within {}", counted(days, "day")),
        None => "too few have moved on to tell how long it takes".to_owned(),
    };
    Finding {
        detector: Detector::StuckLeads,
        subject: stage.stage.to_string(),
        severity: Severity::Warning,
        title: format!("{} stuck in {name}", counted(stage.stuck, "lead")),
        why: format!(
            "Of {} in {name}, {} had nothing happen for {}; {after}.",
            count(stage.open),
            count(stage.stuck),
            counted(floor, "day")
        ),
        operands: operands([
            ("stuck", stage.stuck),
            ("leads", stage.open),
            ("stuck_after_days", floor),
            ("p75_days", usual.unwrap_or(floor)),
        ]),
        about: BTreeSet::new(),
    }
}

fn unknown_share(facts: &Facts) -> Option<Finding> {
    let (unknown, all) = (facts.unknown.gross_revenue, facts.revenue.gross_revenue);
    if facts.revenue.payments < UNKNOWN_PAYMENTS || all <= 0 {
        return None;
    }
    let share = per_mille(unknown, all).filter(|share| *share >= UNKNOWN_FROM)?;
    Some(Finding {
        detector: Detector::UnknownShare,
        subject: ALL.to_owned(),
        severity: Severity::Warning,
        title: format!("{} of revenue has no channel", percent(share)),
        why: format!(
            "{} of {} that came in over {} days is credited to no channel; at most {} should be.",
            money(unknown, facts.currency),
            money(all, facts.currency),
            facts.days,
            percent(UNKNOWN_FROM)
        ),
        operands: operands([
            ("unknown_minor", unknown),
            ("gross_revenue_minor", all),
            ("share_permille", share),
            ("threshold_permille", UNKNOWN_FROM),
            ("payments", facts.revenue.payments),
            ("days", facts.days.into()),
        ]),
        about: BTreeSet::new(),
    })
}

fn refund_spike(facts: &Facts) -> Option<Finding> {
    let (now, before) = (facts.revenue, facts.revenue_before);
    if now.payments < REFUNDS_PAYMENTS || before.payments < REFUNDS_PAYMENTS {
        return None;
    }
    let share = per_mille(now.refunds, now.gross_revenue).filter(|share| *share >= REFUNDS_FROM)?;
    let share_before = per_mille(before.refunds, before.gross_revenue)?;
    if share < share_before.saturating_mul(2) {
        return None;
    }
    Some(Finding {
        detector: Detector::RefundSpike,
        subject: ALL.to_owned(),
        severity: if share >= REFUNDS_CRITICAL { Severity::Critical } else { Severity::Warning },
        title: format!("Refunds are {} of revenue", percent(share)),
        why: format!(
            "{} of {} was refunded in {} days; in the {} before it was {} of {} ({}).",
            money(now.refunds, facts.currency),
            money(now.gross_revenue, facts.currency),
            facts.days,
            facts.days,
            money(before.refunds, facts.currency),
            money(before.gross_revenue, facts.currency),
            percent(share_before)
        ),
        operands: operands([
            ("refunds_minor", now.refunds),
            ("gross_revenue_minor", now.gross_revenue),
            ("share_permille", share),
            ("refunds_before_minor", before.refunds),
            ("gross_revenue_before_minor", before.gross_revenue),
            ("share_before_permille", share_before),
            ("days", facts.days.into()),
        ]),
        about: BTreeSet::new(),
    })
}

fn cac_drift(facts: &Facts) -> Option<Finding> {
    let is_known = |cac: &BlendedCac| {
        cac.spend >= facts.economics.minimum_spend_minor
            && cac.new_customers >= i64::from(facts.economics.minimum_customers)
    };
    let (now, before) = (facts.cac.value?, facts.cac_before.value?);
    if !is_known(&facts.cac) || !is_known(&facts.cac_before) {
        return None;
    }
    let share = per_mille(now, before).filter(|share| *share >= CAC_FROM)?;
    let made_of = |cac: &BlendedCac| {
        format!("{} for {}", money(cac.spend, facts.currency), counted(cac.new_customers, "customer"))
    };
    Some(Finding {
        detector: Detector::CacDrift,
        subject: ALL.to_owned(),
        severity: Severity::Warning,
        title: format!("A new customer costs {} more", percent(share.saturating_sub(1_000))),
        why: format!(
            "CAC is {} ({}) over {} days; in the {} before it was {} ({}).",
            money(now, facts.currency),
            made_of(&facts.cac),
            facts.days,
            facts.days,
            money(before, facts.currency),
            made_of(&facts.cac_before)
        ),
        operands: operands([
            ("cac_minor", now),
            ("spend_minor", facts.cac.spend),
            ("new_customers", facts.cac.new_customers),
            ("cac_before_minor", before),
            ("spend_before_minor", facts.cac_before.spend),
            ("new_customers_before", facts.cac_before.new_customers),
            ("days", facts.days.into()),
        ]),
        about: BTreeSet::new(),
    })
}

/// Steps are compared by who entered a stage within the days, whenever they came, so that leads that are new and had no
/// time yet do not look like ones that went no further.
fn funnel_drops(facts: &Facts) -> Vec<Finding> {
    let steps = Stage::ALL.into_iter().zip(Stage::ALL.into_iter().skip(1));
    steps.filter_map(|(from, to)| step_drop(facts, from, to)).collect()
}

fn step_drop(facts: &Facts, from: Stage, to: Stage) -> Option<Finding> {
    let of = |entered: &[(Stage, i64)], wanted: Stage| {
        entered.iter().find(|(stage, _)| *stage == wanted).map_or(0, |(_, leads)| *leads)
    };
    let (base, took) = (of(&facts.entered, from), of(&facts.entered, to));
    let (base_before, took_before) = (of(&facts.entered_before, from), of(&facts.entered_before, to));
    if base < STEP_LEADS || base_before < STEP_LEADS {
        return None;
    }
    let (rate, rate_before) = (per_mille(took, base)?, per_mille(took_before, base_before)?);
    let has_dropped = rate.saturating_mul(1_000) <= rate_before.saturating_mul(STEP_AT_MOST);
    if !has_dropped || !is_beyond_chance(base, took, base_before, took_before) {
        return None;
    }
    let (from_name, to_name) = (from.in_words(), to.in_words());
    Some(Finding {
        detector: Detector::FunnelDrop,
        subject: to.word().to_owned(),
        severity: Severity::Warning,
        title: format!("{from_name} → {to_name} dropped to {}", percent(rate)),
        why: format!(
            "{} entered {to_name} for {} that entered {from_name} in {} days; in the {} before it was {} for {} ({}).",
            count(took),
            count(base),
            facts.days,
            facts.days,
            count(took_before),
            count(base_before),
            percent(rate_before)
        ),
        operands: operands([
            ("entered", took),
            ("entered_stage_before", base),
            ("rate_permille", rate),
            ("entered_earlier", took_before),
            ("entered_stage_before_earlier", base_before),
            ("rate_earlier_permille", rate_before),
            ("days", facts.days.into()),
        ]),
        about: BTreeSet::new(),
    })
}

/// Whether fewer took a step than chance would explain: short of what was expected by more than two of its roots.
fn is_beyond_chance(base: i64, took: i64, base_before: i64, took_before: i64) -> bool {
    let expected = Ratio::whole(base)
        .times(Ratio::whole(took_before))
        .and_then(|product| product.over(Ratio::whole(base_before)));
    let Some(expected) = expected else { return false };
    let Some(short) = expected.minus(Ratio::whole(took)) else { return false };
    if short.is_negative() {
        return false;
    }
    short.times(short).zip(expected.times(Ratio::whole(4))).is_some_and(|(squared, limit)| squared > limit)
}

fn dead_letters(facts: &Facts) -> Option<Finding> {
    let waiting = facts.dead_letters;
    (waiting > 0).then(|| Finding {
        detector: Detector::DeadLetters,
        subject: ALL.to_owned(),
        severity: Severity::Warning,
        title: format!("{} of Stripe's could not be understood", counted(waiting, "event")),
        why: "Nothing is lost, but until somebody has looked at what is wrong it is in no figure.".to_owned(),
        operands: operands([("dead_letters", waiting)]),
        about: BTreeSet::new(),
    })
}

fn webhook_silence(facts: &Facts) -> Option<Finding> {
    let hours = facts.as_of.duration_since(facts.last_event_at?).as_hours();
    let days = hours / 24;
    if facts.events < MISSED_FROM || days < SILENT_DAYS {
        return None;
    }
    Some(Finding {
        detector: Detector::WebhookSilence,
        subject: ALL.to_owned(),
        severity: Severity::Critical,
        title: format!("No event from Stripe for {}", counted(days, "day")),
        why: format!(
            "Events used to come, and {} without one is told of. Figures stand still until they come again.",
            counted(SILENT_DAYS, "day")
        ),
        operands: operands([("days", days), ("threshold_days", SILENT_DAYS)]),
        about: BTreeSet::new(),
    })
}

fn room_to_grow(facts: &Facts) -> Option<Finding> {
    let best = facts.best.as_ref().filter(|best| best.confidence >= Confidence::Medium)?;
    let roi = thousandths(best.roi.0)?;
    let next = best.runner_up.as_ref().zip(best.runner_up_roi.and_then(|roi| thousandths(roi.0)));
    let beside = next.as_ref().map_or(String::new(), |(channel, roi)| {
        format!("; {}, the next, returns {}", facts.channels.name_of(channel), percent(*roi))
    });
    let spend = spend_of(facts, &best.channel);
    Some(Finding {
        detector: Detector::RoomToGrow,
        subject: best.channel.to_string(),
        severity: Severity::Opportunity,
        title: format!("{} has room to grow", facts.channels.name_of(&best.channel)),
        why: format!(
            "ROI {} on {} spent in {} days{beside}. Confidence is {}.",
            percent(roi),
            money(spend, facts.currency),
            facts.days,
            best.confidence.word()
        ),
        operands: operands([
            ("roi_permille", roi),
            ("spend_minor", spend),
            ("runner_up_roi_permille", next.map_or(0, |(_, roi)| roi)),
            ("days", facts.days.into()),
        ]),
        about: BTreeSet::new(),
    })
}

fn spend_of(facts: &Facts, channel: &ChannelSlug) -> i64 {
    facts.returns.iter().find(|roi| roi.channel == *channel).map_or(0, |roi| roi.spend)
}
