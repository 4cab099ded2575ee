//! A tenant's channels and the rules by which others' words mean them.
//!
//! Whatever changes what a word means lets leads stand for their channels again and has every payment looked at again,
//! in the same transaction as the change ([`restand`]); the applier writes what reads differently into the log.

mod list;
mod rules;

use domain::channel::ChannelSlug;
use domain::restatement::Trigger;
use store::work::TenantWork;
use store::{Store, StoreError};

use crate::applier::Applier;
use crate::clock::Clock;

pub use list::{ChannelForm, is_in_use};
pub use rules::{Foreseen, RuleForm};

/// What channels and their rules are kept with.
#[derive(Clone, Debug)]
pub struct Channels {
    /// Where they are kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// Who knows what rules would change, and changes it.
    pub applier: Applier,
}

/// Lets every lead stand for its channel, and has every payment looked at again.
async fn restand(work: &mut TenantWork, trigger: Trigger) -> Result<(), StoreError> {
    work.leads_hold().await?;
    // Read while nobody else changes leads, so that whoever comes next sees the same.
    let channels = work.channels().await?;
    let sources = work.lead_sources().await?.into_iter();
    let stands_for: Vec<(String, ChannelSlug)> = sources
        .map(|known| (channels.of_source(&known.source), known))
        .filter(|(channel, known)| *channel != known.channel)
        .map(|(channel, known)| (known.source, channel))
        .collect();
    work.lead_sources_stand_for(&stands_for).await?;
    work.attribution_look_again(trigger).await
}
