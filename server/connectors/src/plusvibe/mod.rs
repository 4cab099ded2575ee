//! PlusVibe, which reaches people by e-mail. Every call names the workspace the key belongs to.

mod deeds;
mod reading;
mod webhooks;

use std::time::Duration;

use async_trait::async_trait;
use credentials::sealing::SecretText;
use domain::campaign::CampaignState;
use domain::connection::Tool;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::OnceCell;

pub(crate) use self::webhooks::PlusVibeWebhooks;
use crate::capabilities::{Capabilities, Capability};
use crate::connect::key_header;
use crate::connector::Connector;
use crate::deeds::{Deed, Receipt};
use crate::failure::Failure;
use crate::http::{ApiBase, Ask, Hint, Http, Manners, Pace};
use crate::json;
use crate::model::{Campaign, Cursor, Next, Page, Person, Statistics, Touch};
use crate::paging::{Offset, Place, Walked};

const BASE: &str = "https://api.plusvibe.ai/api/v1";

/// What is asked for at once.
const PAGE: usize = 100;

/// Five requests a second; nothing is known of how it says "later".
const MANNERS: Manners = Manners {
    distance: Duration::from_millis(210),
    scarce_distance: Duration::ZERO,
    hint: Hint::Header,
    words: &["message", "error", "msg"],
};

/// A way to a PlusVibe workspace.
#[derive(Debug)]
pub(crate) struct PlusVibe {
    http: Http,
    /// The workspace, when the stored key says which.
    told: Option<String>,
    workspace: OnceCell<String>,
}

/// A place in the list of leads, which goes by pages.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct PagePlace {
    page: usize,
    /// The last lead of the page before.
    last: Option<String>,
    restarts: u8,
}

/// How often a list is begun anew before what has changed is left to the next time.
const MOST_RESTARTS: u8 = 3;

impl PlusVibe {
    /// The stored key is the key, or `WORKSPACE:KEY` where the key reaches several workspaces.
    pub(crate) fn new(base: Option<ApiBase>, key: &SecretText, pace: Pace) -> Result<Self, Failure> {
        let (told, key) = match key.reveal().split_once(':') {
            Some((workspace, key)) => (Some(workspace.trim().to_owned()), key.trim().to_owned().into()),
            None => (None, key.clone()),
        };
        let base = base.unwrap_or_else(|| ApiBase::of_tool(BASE));
        let http = Http::new(base, key_header("x-api-key", "", &key)?, MANNERS, pace)?;
        Ok(Self { http, told, workspace: OnceCell::new() })
    }

    /// The workspace the key belongs to.
    async fn workspace(&self) -> Result<&str, Failure> {
        let found = self.workspace.get_or_try_init(|| async {
            let said = self.http.json(&Ask::get("/authenticate")).await?;
            let mut all = json::items(&said, &["workspaces"])?;
            if let Some(told) = &self.told {
                all.retain(|workspace| json::text(workspace, &["_id", "id"]).as_ref() == Some(told));
            }
            match all.as_slice() {
                [one] => json::text(one, &["_id", "id"])
                    .ok_or_else(|| Failure::unreadable("a workspace has no id")),
                [] => Err(Failure::impossible("the key belongs to no such workspace")),
                _ => {
                    Err(Failure::impossible("the key reaches several workspaces: store it as WORKSPACE:KEY"))
                }
            }
        });
        found.await.map(String::as_str)
    }

    async fn get(&self, path: &str) -> Result<Ask, Failure> {
        Ok(Ask::get(path).with("workspace_id", self.workspace().await?))
    }

    async fn list(&self, ask: &Ask) -> Result<Vec<Value>, Failure> {
        let said = self.http.json(ask).await?;
        refuse_errors(&said)?;
        json::items(&said, &["data", "campaigns", "leads"])
    }

    /// Whether the page before still ends with the lead it ended with; a list of one lead to the page shows it.
    async fn is_as_before(&self, campaign: &str, place: &PagePlace) -> Result<bool, Failure> {
        let Some(last) = place.last.as_ref().filter(|_| place.restarts < MOST_RESTARTS) else {
            return Ok(true);
        };
        let ask = self.get("/lead/workspace-leads").await?;
        let ask = ask.with("campaign_id", campaign).with("page", (place.page - 1) * PAGE).with("limit", 1);
        let there = self.list(&ask).await?;
        Ok(there.first().and_then(reading::lead_id).as_ref() == Some(last))
    }
}

/// PlusVibe says some refusals with a success.
fn refuse_errors(said: &Value) -> Result<(), Failure> {
    if json::text(said, &["status"]).is_some_and(|status| status.eq_ignore_ascii_case("error")) {
        let words = json::text(said, MANNERS.words).unwrap_or_else(|| "it gave no reason".to_owned());
        return Err(Failure::Refused { status: 200, words });
    }
    Ok(())
}

#[async_trait]
impl Connector for PlusVibe {
    fn tool(&self) -> Tool {
        Tool::PlusVibe
    }

    /// A key of PlusVibe allows everything in its workspaces or nothing.
    async fn probe(&self) -> Result<Capabilities, Failure> {
        let campaigns = self.get("/campaign/list-all").await?.with("skip", 0).with("limit", 1);
        let campaigns = self.list(&campaigns).await;
        let inbox = self.get("/unibox/emails").await?.with("email_type", "received");
        let inbox = self.list(&inbox).await;
        Capabilities::all(Capability::OF_CONNECTORS)
            .tried(Capability::ReadCampaigns, campaigns)?
            .tried(Capability::ReadTouches, inbox)
    }

    async fn campaigns(&self, after: Option<&Cursor>) -> Result<Page<Campaign>, Failure> {
        let place = Offset::read(after)?;
        let ask = self.get("/campaign/list-all").await?.with("skip", place.from()).with("limit", PAGE);
        let items = self.list(&ask).await?;
        let ids: Vec<Option<String>> = items.iter().map(|item| json::text(item, &["id", "_id"])).collect();
        let known = match place.walk(&ids) {
            Walked::Known(known) => known,
            Walked::Changed(again) => {
                let next = Next::More(again.cursor());
                return Ok(Page { items: Vec::new(), rejected: Vec::new(), next });
            }
        };
        let new = items.get(known..).unwrap_or_default();
        let (campaigns, rejected) = json::sorted(new, &["id", "_id", "camp_name"], reading::campaign);
        Ok(Page { items: campaigns, rejected, next: place.after(&ids, PAGE, None) })
    }

    async fn state_of(&self, campaign: &str) -> Result<CampaignState, Failure> {
        let ask = self.get("/campaign/get/status").await?.with("campaign_id", campaign);
        let said = self.http.json(&ask).await?;
        refuse_errors(&said)?;
        Ok(reading::state(json::text(&said, &["status"]).as_deref()))
    }

    async fn people(&self, campaign: &str, after: Option<&Cursor>) -> Result<Page<Person>, Failure> {
        let place = PagePlace::read(after)?;
        if !self.is_as_before(campaign, &place).await? {
            let again = PagePlace { restarts: place.restarts + 1, ..PagePlace::default() };
            return Ok(Page { items: Vec::new(), rejected: Vec::new(), next: Next::More(again.cursor()) });
        }
        let ask = self.get("/lead/workspace-leads").await?;
        let ask = ask.with("campaign_id", campaign).with("page", place.page).with("limit", PAGE);
        let items = self.list(&ask).await?;
        let next = if items.len() < PAGE {
            Next::Done { since: None }
        } else {
            let last = items.last().and_then(reading::lead_id);
            Next::More(PagePlace { page: place.page + 1, last, restarts: place.restarts }.cursor())
        };
        let (people, rejected) = json::sorted(&items, &["_id", "id"], reading::person);
        Ok(Page { items: people, rejected, next })
    }

    async fn touches(&self, campaign: Option<&str>, after: Option<&Cursor>) -> Result<Page<Touch>, Failure> {
        let ask =
            self.get("/unibox/emails").await?.with("email_type", "all").with_some("campaign_id", campaign);
        let said = self.http.json(&ask.with_some("page_trail", after.map(Cursor::as_str))).await?;
        refuse_errors(&said)?;
        let items = json::items(&said, &["data"])?;
        let trail = json::text(&said, &["page_trail"])
            .filter(|trail| after.is_none_or(|after| after.as_str() != trail));
        let next = match trail.filter(|_| !items.is_empty()) {
            Some(trail) => Next::More(Cursor::stored(trail)),
            None => Next::Done { since: None },
        };
        let (touches, rejected) = json::sorted(&items, &["id", "_id"], reading::touch);
        Ok(Page { items: touches, rejected, next })
    }

    async fn statistics(&self, campaign: &str, from: Date, to: Date) -> Result<Statistics, Failure> {
        let ask = self.get("/analytics/campaign/stats").await?.with("campaign_id", campaign);
        let said = self.http.json(&ask.with("start_date", from).with("end_date", to)).await?;
        refuse_errors(&said)?;
        Ok(reading::statistics(said))
    }

    async fn act(&self, deed: &Deed) -> Result<Receipt, Failure> {
        self.carry_out(deed).await
    }
}

impl Default for PagePlace {
    fn default() -> Self {
        Self { page: 1, last: None, restarts: 0 }
    }
}

impl Place for PagePlace {
    fn is_possible(&self) -> bool {
        self.page > 0
    }
}
