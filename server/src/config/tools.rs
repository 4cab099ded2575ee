//! Where the tools people are reached and looked up with are asked, and with which keys of the default tenant.

use clap::Args;
use connectors::{ApiBase, InvalidBase};
use credentials::sealing::SecretText;
use domain::connection::Tool;

use super::{InvalidSecret, InvalidVariable, secret_variable};
use crate::connections::ToolAccess;

/// Where tools are asked.
#[derive(Args, Clone, Debug, Default)]
pub struct ToolConfig {
    /// Where HeyReach is asked. Unset: HeyReach itself.
    #[arg(long, env, value_name = "URL", value_parser = api_base, global = true)]
    pub heyreach_api_base: Option<ApiBase>,

    /// Where PlusVibe is asked. Unset: PlusVibe itself.
    #[arg(long, env, value_name = "URL", value_parser = api_base, global = true)]
    pub plusvibe_api_base: Option<ApiBase>,

    /// Where Instantly is asked. Unset: Instantly itself.
    #[arg(long, env, value_name = "URL", value_parser = api_base, global = true)]
    pub instantly_api_base: Option<ApiBase>,

    /// Where Apollo is asked. Unset: Apollo itself.
    #[arg(long, env, value_name = "URL", value_parser = api_base, global = true)]
    pub apollo_api_base: Option<ApiBase>,

    /// Where FullEnrich is asked. Unset: FullEnrich itself.
    #[arg(long, env, value_name = "URL", value_parser = api_base, global = true)]
    pub fullenrich_api_base: Option<ApiBase>,

    /// What tools are asked with for the default tenant; each tenant stores its own otherwise.
    #[arg(skip)]
    pub keys: Vec<(Tool, SecretText)>,
}

impl ToolConfig {
    /// Every tool at its own address, with the keys tenants store.
    #[must_use]
    pub const fn plain() -> Self {
        Self {
            heyreach_api_base: None,
            plusvibe_api_base: None,
            instantly_api_base: None,
            apollo_api_base: None,
            fullenrich_api_base: None,
            keys: Vec::new(),
        }
    }

    /// Adds what only the environment says.
    pub(super) fn with_secrets(self) -> Result<Self, InvalidVariable> {
        let key = |text: &str| {
            let text = text.trim();
            let is_key = text.bytes().all(|byte| byte.is_ascii_graphic());
            is_key.then(|| text.to_owned().into()).ok_or(InvalidSecret("expected a key as the tool shows it"))
        };
        let mut keys = Vec::new();
        for tool in Tool::ALL {
            keys.extend(secret_variable(variable(tool), key)?.map(|key| (tool, key)));
        }
        Ok(Self { keys, ..self })
    }

    /// How tools are reached.
    #[must_use]
    pub fn access(&self) -> ToolAccess {
        let bases = [
            (Tool::HeyReach, &self.heyreach_api_base),
            (Tool::PlusVibe, &self.plusvibe_api_base),
            (Tool::Instantly, &self.instantly_api_base),
            (Tool::Apollo, &self.apollo_api_base),
            (Tool::FullEnrich, &self.fullenrich_api_base),
        ];
        let bases = bases.into_iter().filter_map(|(tool, base)| Some((tool, base.clone()?)));
        ToolAccess { bases: bases.collect(), keys: self.keys.iter().cloned().collect() }
    }
}

/// The variable a tool's key is in.
#[must_use]
pub const fn variable(tool: Tool) -> &'static str {
    match tool {
        Tool::HeyReach => "HEYREACH_API_KEY",
        Tool::PlusVibe => "PLUSVIBE_API_KEY",
        Tool::Instantly => "INSTANTLY_API_KEY",
        Tool::Apollo => "APOLLO_API_KEY",
        Tool::FullEnrich => "FULLENRICH_API_KEY",
    }
}

fn api_base(text: &str) -> Result<ApiBase, InvalidBase> {
    ApiBase::configured(text)
}
