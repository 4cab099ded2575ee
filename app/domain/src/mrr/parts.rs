//! What recurring revenue over a range of days is made of: its channels, and what lay behind its movements.

use serde::Serialize;

use super::report::{Comings, Moved, Movements, Opening};
use super::{MovementDetail, MovementKind};
use crate::channel::ChannelSlug;

/// What the customers of one channel did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPart {
    /// The channel their first payment is credited to.
    pub channel: ChannelSlug,
    /// What stood when the range began.
    pub opening: Opening,
    /// What moved.
    pub moved: Moved,
    /// How often customers came and went.
    pub comings: Comings,
}

/// One channel's roll-forward; those of all channels add up to the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelMovements {
    /// The channel their first payment is credited to; `unknown` also for who has not paid yet.
    pub channel: ChannelSlug,
    /// What recurred a month before the range.
    pub start: i64,
    /// What moved.
    #[serde(flatten)]
    pub movements: Movements,
    /// What recurs a month after it.
    pub end: i64,
    /// How many customers that is.
    pub customers: ChannelCustomers,
}

/// How many customers of a channel there are, and how that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelCustomers {
    /// When the range began.
    pub start: i64,
    /// Came for the first time.
    pub new: i64,
    /// Came back.
    pub reactivated: i64,
    /// Left.
    pub churned: i64,
    /// When it ended: `start + new + reactivated − churned`.
    pub end: i64,
}

impl From<ChannelPart> for ChannelMovements {
    fn from(ChannelPart { channel, opening, moved, comings }: ChannelPart) -> Self {
        let Comings { new, reactivated, churned } = comings;
        let start = opening.customers;
        Self {
            channel,
            start: opening.mrr,
            movements: moved.into(),
            end: opening.mrr + moved.net(),
            customers: ChannelCustomers {
                start,
                new,
                reactivated,
                churned,
                end: start + new + reactivated - churned,
            },
        }
    }
}

/// Channels as they are listed: the largest first, what no channel is known for last, and none that nothing is known of.
#[must_use]
pub fn by_channel(parts: Vec<ChannelPart>) -> Vec<ChannelMovements> {
    let idle = (Moved::default(), Comings::default(), Opening::default());
    let is_idle = |part: &ChannelPart| (part.moved, part.comings, part.opening) == idle;
    let moving = parts.into_iter().filter(|part| !is_idle(part));
    let mut channels: Vec<ChannelMovements> = moving.map(ChannelMovements::from).collect();
    channels
        .sort_by_key(|part| (part.channel.is_unknown(), std::cmp::Reverse(part.end), part.channel.clone()));
    channels
}

/// What lay behind movements of one kind; those of a kind add up to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MovementReason {
    /// What kind of movement.
    pub kind: MovementKind,
    /// What lay behind it, where that is known.
    pub detail: Option<MovementDetail>,
    /// What customers said when they left, in Stripe's words.
    pub feedback: Option<String>,
    /// How much; what is lost is positive too.
    pub amount: i64,
    /// How many movements.
    pub movements: i64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_part() -> impl Strategy<Value = ChannelPart> {
        (0usize..4, proptest::array::uniform6(-1_000i64..1_000), proptest::array::uniform4(0i64..5)).prop_map(
            |(channel, amounts, counts)| ChannelPart {
                channel: ChannelSlug::stored(
                    ["heyreach", "organic", "referral", "unknown"][channel].to_owned(),
                ),
                opening: Opening { mrr: amounts[0], customers: counts[0], payers: counts[0] },
                moved: Moved {
                    new: amounts[1],
                    expansion: amounts[2],
                    churn: amounts[3],
                    contraction: amounts[4],
                    fx: amounts[5],
                    reactivation: 0,
                },
                comings: Comings { new: counts[1], reactivated: counts[2], churned: counts[3] },
            },
        )
    }

    proptest! {
        #[test]
        fn each_channel_s_movements_lead_from_its_start_to_its_end(
            parts in proptest::collection::vec(any_part(), 0..6),
        ) {
            let net: i64 = parts.iter().map(|part| part.opening.mrr + part.moved.net()).sum();
            let channels = by_channel(parts);
            for channel in &channels {
                let Movements { new, reactivation, expansion, contraction, churn, fx } = channel.movements;
                let end = channel.start + new + reactivation + expansion - contraction - churn + fx;
                prop_assert_eq!(channel.end, end);
                let ChannelCustomers { start, new, reactivated, churned, end } = channel.customers;
                prop_assert_eq!(end, start + new + reactivated - churned);
            }
            prop_assert_eq!(channels.iter().map(|channel| channel.end).sum::<i64>(), net);
            let unknown = channels.iter().position(|channel| channel.channel.is_unknown());
            prop_assert!(unknown.is_none_or(|place| channels[place..].iter().all(|part| part.channel.is_unknown())));
        }
    }
}
