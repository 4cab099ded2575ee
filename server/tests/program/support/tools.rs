//! Tools that stand on this machine, and the program connected to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use connectors::ApiBase;
use connectors::fakes::{Account, Fake, KEY};
use credentials::sealing::SecretsKeys;
use domain::connection::Tool;
use domain::tenant::Tenant;
use serde_json::Value;
use server::accounts::StoredFor;
use server::application::accounts;
use server::clock::Clock;
use server::config::{ServeConfig, ToolConfig};
use server::connections::Connections;
use server::pipeline::Pipeline;

use super::binary::SECRETS_KEY;
use super::tables::Tables;
use super::{Ledger, config, now};

/// The tools with campaigns.
pub const READ: [Tool; 3] = [Tool::HeyReach, Tool::PlusVibe, Tool::Instantly];

/// Tools with these accounts.
pub struct Tools {
    pub fakes: BTreeMap<Tool, Fake>,
}

impl Tools {
    /// Opens an account like this at each tool.
    pub async fn open(account: impl Fn() -> Account) -> Self {
        let mut fakes = BTreeMap::new();
        for tool in READ {
            fakes.insert(tool, Fake::open(tool, account()).await.unwrap());
        }
        Self { fakes }
    }

    pub fn with<T>(&self, tool: Tool, change: impl FnOnce(&mut Account) -> T) -> T {
        self.fakes[&tool].with(change)
    }

    /// What the program is told so that it asks these.
    pub fn config(&self) -> ServeConfig {
        let base = |tool| Some(ApiBase::configured(&self.fakes[&tool].address).unwrap());
        let tools = ToolConfig {
            heyreach_api_base: base(Tool::HeyReach),
            plusvibe_api_base: base(Tool::PlusVibe),
            instantly_api_base: base(Tool::Instantly),
            ..ToolConfig::plain()
        };
        let keys = Arc::new(SecretsKeys::parse(SECRETS_KEY).unwrap());
        ServeConfig { tools, secrets_keys: Some(keys), ..config() }
    }

    /// The same as variables of the environment.
    pub fn variables(&self) -> Vec<(&'static str, &str)> {
        let names = [
            (Tool::HeyReach, "HEYREACH_API_BASE"),
            (Tool::PlusVibe, "PLUSVIBE_API_BASE"),
            (Tool::Instantly, "INSTANTLY_API_BASE"),
        ];
        names.map(|(tool, name)| (name, self.fakes[&tool].address.as_str())).to_vec()
    }
}

/// Two tenants, and the tools.
pub struct Outreach {
    pub ledger: Ledger,
    pub tools: Tools,
    pub connections: Connections,
}

impl Outreach {
    /// Our tenant has the keys of the tools.
    pub async fn create(account: impl Fn() -> Account) -> Self {
        let (ledger, tools) = (Ledger::create().await, Tools::open(account).await);
        let config = tools.config();
        let (store, clock) = (ledger.store().clone(), Clock::Fixed(now()));
        let connections = Connections {
            accounts: accounts(&config, store.clone(), clock),
            pipeline: Pipeline { store, clock },
            access: config.tools.access(),
        };
        let outreach = Self { ledger, tools, connections };
        for tool in READ {
            outreach.store_key(&outreach.ledger.ours, tool).await;
        }
        outreach
    }

    pub async fn store_key(&self, tenant: &Tenant, tool: Tool) {
        let kind = tool.secret();
        let stored = StoredFor { tenant: tenant.id, kind };
        self.connections.accounts.provision_secret(stored, KEY).await.unwrap();
    }

    pub async fn tables(&self) -> Tables {
        Tables::of(&self.ledger.database.url).await
    }
}

/// The rows of a table, without what differs from run to run.
pub fn told(tables: &Tables, table: &str) -> Vec<Value> {
    const DIFFERENT: [&str; 9] = [
        "id",
        "lead_id",
        "campaign_id",
        "recorded_at",
        "updated_at",
        "created_at_here",
        "version",
        "seen_at",
        "changed_at",
    ];
    let mut rows: Vec<Value> = tables.rows(table).to_vec();
    for row in &mut rows {
        row.as_object_mut().unwrap().retain(|name, _| !DIFFERENT.contains(&name.as_str()));
    }
    rows.sort_by_key(Value::to_string);
    rows
}
