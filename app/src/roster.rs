//! The tenant's channels as screens show them: one name and one colour each, everywhere.

use std::collections::HashMap;

use domain::channel::{Channel, ChannelSlug};

use crate::charts::ChannelColor;
use crate::format;
use crate::port::TenantView;

/// The names and colours of a tenant's channels.
#[derive(Clone, Debug)]
pub struct Roster(HashMap<ChannelSlug, Channel>);

impl Roster {
    /// The channels of a tenant.
    #[must_use]
    pub fn of(tenant: &TenantView) -> Self {
        Self(tenant.channels.iter().map(|channel| (channel.slug.clone(), channel.clone())).collect())
    }

    /// The name of a channel, safe beside other text.
    #[must_use]
    pub fn name(&self, slug: &ChannelSlug) -> String {
        match self.0.get(slug) {
            Some(channel) => format::name(&channel.name),
            None if slug.is_unknown() => "Unknown".to_owned(),
            None => format::name(slug.as_str()),
        }
    }

    /// The colour of a channel; those beyond the eighth share one.
    #[must_use]
    pub fn color(&self, slug: &ChannelSlug) -> ChannelColor {
        if slug.is_unknown() {
            return ChannelColor::Unknown;
        }
        self.0.get(slug).map_or(ChannelColor::Other, |channel| ChannelColor::numbered(channel.color))
    }
}

/// The class that paints something in a channel's colour: `ch-1`, `ch-other`, `ch-unknown`.
#[must_use]
pub fn color_class(color: ChannelColor) -> &'static str {
    color.css_variable().trim_start_matches("--")
}
