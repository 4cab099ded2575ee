//! Making the way to a tool.

use credentials::sealing::SecretText;
use domain::connection::Tool;
use hyper::header::{HeaderName, HeaderValue};

use crate::apollo::Apollo;
use crate::connector::Connector;
use crate::enrichment::Enrichment;
use crate::failure::Failure;
use crate::fullenrich::FullEnrich;
use crate::heyreach::HeyReach;
use crate::http::{ApiBase, Pace};
use crate::instantly::Instantly;
use crate::plusvibe::PlusVibe;

/// A way to a tool that has campaigns, at its own address unless another one is given.
pub fn connect(
    tool: Tool,
    base: Option<ApiBase>,
    key: &SecretText,
    pace: Pace,
) -> Result<Box<dyn Connector>, Failure> {
    Ok(match tool {
        Tool::HeyReach => Box::new(HeyReach::new(base, key, pace)?),
        Tool::PlusVibe => Box::new(PlusVibe::new(base, key, pace)?),
        Tool::Instantly => Box::new(Instantly::new(base, key, pace)?),
        Tool::Apollo | Tool::FullEnrich => {
            return Err(Failure::impossible(format!("{} has no campaigns", tool.name())));
        }
    })
}

/// A way to a tool that looks people up, at its own address unless another one is given.
pub fn enrich(
    tool: Tool,
    base: Option<ApiBase>,
    key: &SecretText,
    pace: Pace,
) -> Result<Box<dyn Enrichment>, Failure> {
    Ok(match tool {
        Tool::Apollo => Box::new(Apollo::new(base, key, pace)?),
        Tool::FullEnrich => Box::new(FullEnrich::new(base, key, pace)?),
        Tool::HeyReach | Tool::PlusVibe | Tool::Instantly => {
            return Err(Failure::impossible(format!("{} does not look people up", tool.name())));
        }
    })
}

/// The header a key travels in; no log shows it.
pub(crate) fn key_header(
    name: &'static str,
    prefix: &str,
    key: &SecretText,
) -> Result<(HeaderName, HeaderValue), Failure> {
    let value = HeaderValue::try_from(format!("{prefix}{}", key.reveal()));
    let mut value = value.map_err(|_| Failure::impossible("the stored key is no key"))?;
    value.set_sensitive(true);
    Ok((HeaderName::from_static(name), value))
}
