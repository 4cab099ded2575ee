//! A program whose tenant has a tool connected: one of the fakes, which says what it was asked.

use std::time::Duration;

use connectors::ApiBase;
use connectors::fakes::{Account, Fake, KEY};
use credentials::sealing::SecretsKeys;
use domain::access::{Permission, Role};
use domain::campaign::CampaignState;
use domain::channel::ChannelSlug;
use domain::connection::Tool;
use domain::ids::{ActionId, CampaignId, TenantId};
use reqwest::Method;
use serde_json::{Value, json};
use server::config::{ServeConfig, ToolConfig};
use store::Store;
use store::campaigns::Campaign;
use store::leads::Bringing;
use uuid::Uuid;

use super::binary::SECRETS_KEY;
use super::people::Browser;
use super::{Program, config, now};

/// A program, its tenant's tool, and a key that may act.
pub struct Outreach {
    pub program: Program,
    pub fake: Fake,
    pub key: String,
    pub tool: Tool,
}

/// A campaign of a tool's as we know it; the number is the one it has there.
pub fn campaign(tool: Tool, number: u32, state: CampaignState) -> Campaign {
    let external_id = match tool {
        Tool::HeyReach => number.to_string(),
        _ => format!("{number:024x}"),
    };
    Campaign {
        id: campaign_id(tool, number),
        connector: tool.word().to_owned(),
        external_id,
        name: format!("Campaign {number}"),
        channel: ChannelSlug::stored(tool.word().to_owned()),
        state,
        started_at: None,
    }
}

pub fn campaign_id(tool: Tool, number: u32) -> CampaignId {
    CampaignId(Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{} {number}", tool.word()).as_bytes()))
}

/// Brings campaigns in, as a sync would.
pub async fn know(store: &Store, tenant: TenantId, campaigns: &[Campaign]) {
    let mut work = store.within(tenant).await.unwrap();
    work.campaigns_put(campaigns, Bringing::at(now())).await.unwrap();
    work.commit().await.unwrap();
}

/// Where the program looks for tools: at these fakes, and the others nowhere.
pub fn bases(fakes: &[(Tool, &Fake)]) -> ToolConfig {
    let at = |tool| {
        let found = fakes.iter().find(|(known, _)| *known == tool);
        let address = found.map_or("http://127.0.0.1:1", |(_, fake)| fake.address.as_str());
        Some(ApiBase::configured(address).unwrap())
    };
    ToolConfig {
        heyreach_api_base: at(Tool::HeyReach),
        plusvibe_api_base: at(Tool::PlusVibe),
        instantly_api_base: at(Tool::Instantly),
        apollo_api_base: at(Tool::Apollo),
        fullenrich_api_base: at(Tool::FullEnrich),
        keys: Vec::new(),
    }
}

impl Outreach {
    /// Two campaigns with three people each: both reach people.
    pub async fn of(tool: Tool) -> Self {
        let fake = Fake::open(tool, Account::filled(2, 3)).await.unwrap();
        let bases = bases(&[(tool, &fake)]);
        Self::at(tool, fake, bases).await
    }

    /// The same where the program finds other tools, too.
    pub async fn at(tool: Tool, fake: Fake, tools: ToolConfig) -> Self {
        let sealing = SecretsKeys::parse(SECRETS_KEY).unwrap();
        let config = ServeConfig { secrets_keys: Some(sealing.into()), tools, ..config() };
        let program = Program::start_as(config).await;
        connect(&mut program.admin.clone(), tool).await;
        let ours = program.ledger.ours.id;
        let known = [1, 2].map(|number| campaign(tool, number, CampaignState::Active));
        know(program.ledger.store(), ours, &known).await;
        let scopes = [Permission::Act, Permission::ReadFigures];
        let key = program.key(ours, Role::Operator, &scopes).await;
        Self { program, fake, key, tool }
    }

    /// Asks the API.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<Value>,
    ) -> (u16, Value) {
        let request = self.program.client.request(method, format!("{}{path}", self.program.address));
        let mut request = request.bearer_auth(&self.key);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Asks for something to be done to a campaign.
    pub async fn act(&self, kind: &str, number: u32, key: &str) -> (u16, Value) {
        let body = json!({ "kind": kind, "target": { "campaign_id": campaign_id(self.tool, number) } });
        self.ask(Method::POST, "/api/actions", Some(key), Some(body)).await
    }

    pub async fn preview(&self, kind: &str, number: u32) -> (u16, Value) {
        let target = json!({ "campaign_id": campaign_id(self.tool, number) });
        let body = json!({ "kind": kind, "target": target, "dry_run": true });
        self.ask(Method::POST, "/api/actions", None, Some(body)).await
    }

    pub async fn action(&self, id: &Value) -> Value {
        let path = format!("/api/actions/{}", id.as_str().unwrap());
        let (status, action) = self.ask(Method::GET, &path, None, None).await;
        assert_eq!(status, 200, "{action}");
        action
    }

    /// Waits until an action is in a state.
    pub async fn until(&self, id: &Value, state: &str) -> Value {
        // Asking the API all the time would be asking too often.
        let action: ActionId = id.as_str().unwrap().parse().unwrap();
        for _ in 0..600 {
            let mut work = self.program.ledger.store().within(self.program.ledger.ours.id).await.unwrap();
            let found = work.action(action).await.unwrap();
            drop(work);
            if found.is_some_and(|found| found.state.word() == state) {
                return self.action(id).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it is not {state} after thirty seconds: {:#}", self.action(id).await)
    }

    /// How often the tool was asked for something whose path ends like this.
    pub fn asked(&self, end: &str) -> usize {
        asked(&self.fake, end)
    }

    /// How a campaign stands at the tool.
    pub fn stands(&self, number: u32) -> CampaignState {
        self.fake.with(|account| {
            let found = account.campaigns.iter().find(|campaign| campaign.number == number);
            found.expect("the campaign is there").state
        })
    }

    /// How a campaign stands as we know it.
    pub async fn known(&self, number: u32) -> CampaignState {
        let mut work = self.program.ledger.store().within(self.program.ledger.ours.id).await.unwrap();
        work.campaign(campaign_id(self.tool, number)).await.unwrap().unwrap().campaign.state
    }
}

/// How often a fake was asked for something whose path ends like this.
pub fn asked(fake: &Fake, end: &str) -> usize {
    fake.with(|account| account.asked.iter().filter(|line| line.ends_with(end)).count())
}

/// Stores the key of a tool.
pub async fn connect(admin: &mut Browser, tool: Tool) {
    let fields = [("form", "connect"), ("tool", tool.word()), ("value", KEY), ("base", "")];
    assert_eq!(admin.post("/portal/settings/connections", &fields).await.status(), 303);
}
