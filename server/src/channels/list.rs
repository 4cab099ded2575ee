//! Channels added, changed and deleted.

use std::collections::BTreeMap;

use domain::access::{Permission, Viewer};
use domain::audit::Deed;
use domain::channel::{Channel, ChannelList, ChannelSlug};
use domain::restatement::Trigger;
use store::audit_log::NewAudit;
use store::channels::ChannelUse;
use store::work::TenantWork;

use super::{Channels, restand};
use crate::accounts::{Refusal, Sender, about, deed, plain_text, saying};

/// A tenant has no more channels than this.
const MOST_CHANNELS: usize = 60;

/// A channel as it is typed.
#[derive(Clone, Debug, Default)]
pub struct ChannelForm {
    /// Its short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Which of the palette's colours, from 1; 0 is that of all others together.
    pub color: String,
    /// Its place, from 1; nothing leaves it where it is, and puts a new one last.
    pub place: String,
    /// Whether it is no longer offered.
    pub is_hidden: bool,
    /// Which version was looked at.
    pub version: String,
}

impl Channels {
    /// Adds a channel. Sources and metadata that are its short name mean it from now on.
    pub async fn add(&self, viewer: &Viewer, typed: &ChannelForm, sender: &Sender) -> Result<(), Refusal> {
        viewer.require(Permission::EditSettings)?;
        let slug = new_slug(&typed.slug)?;
        let channel = Channel::new(slug.clone(), name(&typed.name)?, color(&typed.color)?);
        let place = place(&typed.place)?.unwrap_or(usize::MAX);
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        let list = work.channels().await?;
        if list.iter().count() >= MOST_CHANNELS {
            return Err(Refusal::Conflict(format!(
                "there are {MOST_CHANNELS} channels, which is all there can be"
            )));
        }
        if has_name(&list, &channel) {
            return Err(name_taken());
        }
        if !work.channel_insert(&channel, now).await? {
            return Err(Refusal::field("slug", "another channel has this short name"));
        }
        work.channels_order(&list.order_with(&slug, place)).await?;
        restand(&mut work, Trigger::Channel(slug)).await?;
        let details = [("color", channel.color.to_string())];
        let line = about(deed(viewer.actor.clone(), Deed::ChannelAdded, sender), channel.name);
        work.audit(&saying(line, details), now).await?;
        work.commit().await?;
        self.applier.wake();
        Ok(())
    }

    /// Changes a channel's name, colour and place, and whether it is hidden, unless somebody else changed it meanwhile.
    pub async fn change(&self, viewer: &Viewer, typed: &ChannelForm, sender: &Sender) -> Result<(), Refusal> {
        viewer.require(Permission::EditSettings)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let list = work.channels().await?;
        let before = seen(&list, &typed.slug, &typed.version)?;
        let after = Channel {
            name: name(&typed.name)?,
            color: color(&typed.color)?,
            is_hidden: typed.is_hidden,
            ..before.clone()
        };
        if has_name(&list, &after) {
            return Err(name_taken());
        }
        let place = place(&typed.place)?;
        let order = place.map(|place| list.order_with(&after.slug, place));
        let is_moved = order.as_ref().is_some_and(|order| !order.iter().eq(list.iter().map(|c| &c.slug)));
        let mut details = differences(before, &after);
        if is_moved {
            details.insert("place".to_owned(), typed.place.trim().to_owned());
        }
        if details.is_empty() {
            return Ok(());
        }
        if !work.channel_update(&after).await? {
            return Err(changed_meanwhile());
        }
        if let Some(order) = order {
            work.channels_order(&order).await?;
        }
        let line = about(deed(viewer.actor.clone(), Deed::ChannelChanged, sender), after.slug.to_string());
        work.audit(&NewAudit { details, ..line }, self.clock.now()).await?;
        work.commit().await?;
        self.applier.announce(viewer.tenant);
        Ok(())
    }

    /// Deletes a channel that nothing is credited to and nothing names.
    pub async fn delete(
        &self,
        viewer: &Viewer,
        slug: &str,
        version: &str,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::EditSettings)?;
        let mut work = self.store.within(viewer.tenant).await?;
        // What is applied or brought in meanwhile could be credited to it.
        work.applying_hold().await?;
        work.leads_hold().await?;
        let list = work.channels().await?;
        let channel = seen(&list, slug, version)?;
        if let Some(why) = why_it_stays(&mut work, &channel.slug).await? {
            return Err(Refusal::Conflict(why.to_owned()));
        }
        if !work.channel_delete(&channel.slug, channel.version).await? {
            return Err(changed_meanwhile());
        }
        restand(&mut work, Trigger::Channel(channel.slug.clone())).await?;
        let line = about(deed(viewer.actor.clone(), Deed::ChannelDeleted, sender), channel.name.clone());
        work.audit(&line, self.clock.now()).await?;
        work.commit().await?;
        self.applier.wake();
        Ok(())
    }
}

async fn why_it_stays(work: &mut TenantWork, slug: &ChannelSlug) -> Result<Option<&'static str>, Refusal> {
    let uses = work.channel_uses().await?;
    Ok(uses.iter().find(|used| used.channel == *slug).and_then(in_use))
}

/// Whether a channel cannot be deleted.
#[must_use]
pub fn is_in_use(used: &ChannelUse) -> bool {
    in_use(used).is_some()
}

/// Why a channel cannot be deleted, if it cannot.
fn in_use(used: &ChannelUse) -> Option<&'static str> {
    if used.has_money {
        return Some("money is credited to it: hide it instead");
    }
    if used.leads > 0 {
        return Some("leads came by it: hide it instead");
    }
    used.is_named.then_some("a cost, a campaign, a rule or somebody's word names it: hide it instead")
}

/// The channel of a short name, as it was seen.
fn seen<'a>(list: &'a ChannelList, slug: &str, version: &str) -> Result<&'a Channel, Refusal> {
    let channel = list.iter().find(|channel| channel.slug.as_str() == slug).ok_or(Refusal::NotFound)?;
    let version: i32 = version.parse().map_err(|_| Refusal::field("version", "reload the page"))?;
    if channel.version == version { Ok(channel) } else { Err(changed_meanwhile()) }
}

fn changed_meanwhile() -> Refusal {
    Refusal::Conflict("somebody changed this channel meanwhile: reload the page to see it".to_owned())
}

fn new_slug(text: &str) -> Result<ChannelSlug, Refusal> {
    let message = "a short name is up to 63 lower-case letters, digits, _ and -, a letter or digit first";
    let slug = ChannelSlug::new(text.trim()).ok_or_else(|| Refusal::field("slug", message))?;
    if slug.as_str() == "all" {
        return Err(Refusal::field("slug", "this word means every channel"));
    }
    Ok(slug)
}

fn name(text: &str) -> Result<String, Refusal> {
    plain_text("name", text, 60)
}

fn color(text: &str) -> Result<u8, Refusal> {
    let color: Option<u8> = text.parse().ok().filter(|color| (0..=8).contains(color));
    color.ok_or_else(|| Refusal::field("color", "choose one of the colours"))
}

fn place(text: &str) -> Result<Option<usize>, Refusal> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let place: Option<usize> = text.trim().parse().ok().filter(|place| (1..=999).contains(place));
    place.map(Some).ok_or_else(|| Refusal::field("place", "places are counted from 1"))
}

/// Two channels of one name could not be told apart.
fn has_name(list: &ChannelList, channel: &Channel) -> bool {
    let folded = channel.name.to_lowercase();
    list.iter().any(|other| other.slug != channel.slug && other.name.to_lowercase() == folded)
        || folded == ChannelSlug::unknown().as_str()
}

fn name_taken() -> Refusal {
    Refusal::field("name", "another channel has this name")
}

fn differences(before: &Channel, after: &Channel) -> BTreeMap<String, String> {
    let all = [
        ("name", before.name.clone(), after.name.clone()),
        ("color", before.color.to_string(), after.color.to_string()),
        ("hidden", before.is_hidden.to_string(), after.is_hidden.to_string()),
    ];
    let other = all.into_iter().filter(|(_, from, to)| from != to);
    other.map(|(name, from, to)| (name.to_owned(), format!("{from} → {to}"))).collect()
}
