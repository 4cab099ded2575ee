//! Which channel to put more into.

use serde::Serialize;

use super::{ChannelFigures, ChannelRoi};
use crate::channel::ChannelSlug;
use crate::ratio::Quotient;
use crate::tenant::Economics;

/// From how many new customers on a figure is trusted somewhat, and from how many it is trusted.
const MEDIUM_FROM: i64 = 20;
const HIGH_FROM: i64 = 100;

/// The channel that returns most on what it cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BestChannel {
    /// The channel.
    pub channel: ChannelSlug,
    /// Its return.
    pub roi: Quotient,
    /// The next best, when there is one to judge.
    pub runner_up: Option<ChannelSlug>,
    /// Its return.
    pub runner_up_roi: Option<Quotient>,
    /// How much to trust it, by how many customers the two were won.
    pub confidence: Confidence,
}

/// How much a comparison is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Under twenty customers.
    Low,
    /// Under a hundred.
    Medium,
    /// A hundred and more.
    High,
}

impl Confidence {
    /// The word on the screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    const fn of(customers: i64) -> Self {
        match customers {
            HIGH_FROM.. => Self::High,
            MEDIUM_FROM.. => Self::Medium,
            _ => Self::Low,
        }
    }
}

/// The first of the channels, which are in the order of their return, that has spent and won enough to be judged, and
/// does not lose.
pub(super) fn best_channel(
    by_return: &[ChannelRoi],
    figures: &[ChannelFigures],
    economics: Economics,
) -> Option<BestChannel> {
    let customers_of = |channel: &ChannelSlug| {
        figures.iter().find(|figures| figures.channel == *channel).map_or(0, |figures| figures.new_customers)
    };
    let is_known = |roi: &&ChannelRoi| {
        roi.spend >= economics.minimum_spend_minor
            && customers_of(&roi.channel) >= i64::from(economics.minimum_customers)
    };
    let mut judged = by_return.iter().filter(is_known).filter_map(|channel| Some((channel, channel.roi?)));
    let (best, roi) = judged.next().filter(|(_, roi)| !roi.0.is_negative())?;
    let runner_up = judged.next();
    let fewest = runner_up.map_or_else(
        || customers_of(&best.channel),
        |(next, _)| customers_of(&next.channel).min(customers_of(&best.channel)),
    );
    Some(BestChannel {
        channel: best.channel.clone(),
        roi,
        runner_up: runner_up.map(|(next, _)| next.channel.clone()),
        runner_up_roi: runner_up.map(|(_, roi)| roi),
        confidence: Confidence::of(fewest),
    })
}
