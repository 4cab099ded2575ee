//! What goes wrong with tools: leads that are not found, and a tool that is not read.

use std::collections::BTreeSet;

use super::detectors::{ALL, Facts, operands};
use super::words::{count, counted, per_mille, percent};
use super::{Detector, Finding, Severity};
use crate::connection::Tool;

/// How many leads have to have been looked up before it is told of, and which part of them in vain, in thousandths.
const LOOKED_UP: i64 = 10;
const IN_VAIN_FROM: i64 = 500;

/// How often a tool has to have failed to be read before it is told of; once may pass by itself.
const FAILED_READINGS: i64 = 2;

/// Leads that were looked up within the last week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookups {
    /// How many.
    pub leads: i64,
    /// Of how many of them nothing came.
    pub failed: i64,
    /// The reason most of those have in common.
    pub problem: Option<String>,
}

/// A tool whose newest readings failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadTool {
    /// Which.
    pub tool: Tool,
    /// How many of its readings failed, one after the other, the newest too.
    pub readings: i64,
    /// Why the newest did.
    pub problem: Option<String>,
    /// Whether it takes the key no more.
    pub is_refused: bool,
}

pub(super) fn enrichment_failing(facts: &Facts) -> Option<Finding> {
    let Lookups { leads, failed, problem } = &facts.lookups;
    if *leads < LOOKED_UP {
        return None;
    }
    let share = per_mille(*failed, *leads).filter(|share| *share >= IN_VAIN_FROM)?;
    let reason = problem
        .as_ref()
        .map_or(String::new(), |problem| format!(" Most often: {}.", problem.trim_end_matches('.')));
    Some(Finding {
        detector: Detector::EnrichmentFailing,
        subject: ALL.to_owned(),
        severity: Severity::Warning,
        title: format!("{} could not be enriched", counted(*failed, "lead")),
        why: format!(
            "{} of {} that were looked up within 7 days ({}) came to nothing.{reason}",
            count(*failed),
            count(*leads),
            percent(share)
        ),
        operands: operands([
            ("failed", *failed),
            ("leads", *leads),
            ("share_permille", share),
            ("threshold_permille", IN_VAIN_FROM),
        ]),
        about: BTreeSet::new(),
    })
}

pub(super) fn syncs_failing(facts: &Facts) -> Vec<Finding> {
    let is_told = |unread: &&UnreadTool| unread.is_refused || unread.readings >= FAILED_READINGS;
    facts.unread.iter().filter(is_told).map(unread).collect()
}

fn unread(unread: &UnreadTool) -> Finding {
    let name = unread.tool.name();
    let reason = unread
        .problem
        .as_ref()
        .map_or(String::new(), |problem| format!(" {name} said: {}.", problem.trim_end_matches('.')));
    let title = match unread.is_refused {
        true => format!("{name} does not take its key any more"),
        false => format!("{name} could not be read {} times in a row", count(unread.readings)),
    };
    Finding {
        detector: Detector::SyncFailing,
        subject: unread.tool.word().to_owned(),
        severity: if unread.is_refused { Severity::Critical } else { Severity::Warning },
        title,
        why: format!("Campaigns, leads and replies of it stand still until it is read again.{reason}"),
        operands: operands([("readings", unread.readings), ("threshold", FAILED_READINGS)]),
        about: BTreeSet::new(),
    }
}
