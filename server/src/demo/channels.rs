//! Where the buyers of the story come from, and how the mix shifts over time.

use jiff::civil::{Date, date};

use super::calendar::{days_between, week_of};
use super::catalog::Offer;
use super::dice::Dice;

/// The slug of what nothing could be attributed to.
pub(super) const UNKNOWN: &str = "unknown";

/// A channel that brings leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    HeyReach,
    PlusVibe,
    MetaAds,
    Organic,
    Referral,
    LinkedIn,
}

/// Every channel of the story.
pub(super) const CHANNELS: [Channel; 6] = [
    Channel::HeyReach,
    Channel::PlusVibe,
    Channel::MetaAds,
    Channel::Organic,
    Channel::Referral,
    Channel::LinkedIn,
];

const HEYREACH_TAKES_OFF: Date = date(2025, 9, 1);
const META_WEAKENS: Date = date(2026, 9, 7);

/// Every channel the demo uses, as slug and display name.
pub fn demo_channels() -> Vec<(&'static str, &'static str)> {
    CHANNELS.iter().map(|channel| (channel.slug(), channel.name())).collect()
}

/// Draws the channel a buyer came through.
pub(super) fn channel_of_buyer(dice: &mut Dice, day: Date, offer: Offer) -> Channel {
    dice.weighted(&CHANNELS.map(|channel| (channel, channel.pull(day, offer))))
}

/// Draws the channel of somebody who will not buy.
pub(super) fn channel_of_bystander(dice: &mut Dice) -> Channel {
    dice.weighted(&CHANNELS.map(|channel| (channel, channel.reach())))
}

impl Channel {
    /// The slug kept on leads and in metadata.
    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::HeyReach => "heyreach",
            Self::PlusVibe => "plusvibe",
            Self::MetaAds => "meta_ads",
            Self::Organic => "organic",
            Self::Referral => "referral",
            Self::LinkedIn => "linkedin",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::HeyReach => "HeyReach",
            Self::PlusVibe => "PlusVibe",
            Self::MetaAds => "Meta ads",
            Self::Organic => "Organic",
            Self::Referral => "Referral",
            Self::LinkedIn => "LinkedIn",
        }
    }

    /// How strongly the channel brings buyers for an offer on a day.
    fn pull(self, day: Date, offer: Offer) -> i64 {
        match self {
            Self::HeyReach => 240 + heyreach_growth(day),
            Self::PlusVibe => 200,
            Self::MetaAds => meta_strength(day),
            Self::Organic => 140,
            Self::Referral if offer.is_high_value() => 150,
            Self::Referral => 25,
            Self::LinkedIn => 80,
        }
    }

    /// How many people the channel reaches who never buy.
    fn reach(self) -> i64 {
        match self {
            Self::HeyReach => 250,
            Self::PlusVibe => 240,
            Self::MetaAds => 300,
            Self::Organic => 110,
            Self::Referral => 20,
            Self::LinkedIn => 80,
        }
    }
}

/// Ten more a month, until the channel is full after a year and a half.
fn heyreach_growth(day: Date) -> i64 {
    (days_between(HEYREACH_TAKES_OFF, day) * 10 / 30).clamp(0, 180)
}

/// Up and down from week to week, and less than half of it once the audience is worn out.
fn meta_strength(day: Date) -> i64 {
    let mood = Dice::about(&format!("meta/{}", week_of(day))).between(110, 340);
    if day < META_WEAKENS { mood } else { mood * 45 / 100 }
}
