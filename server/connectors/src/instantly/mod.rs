//! Instantly, which reaches people by e-mail. Lists go by an opaque place and end with an empty page.

mod deeds;
mod reading;
mod webhooks;

use std::time::Duration;

use async_trait::async_trait;
use credentials::sealing::SecretText;
use domain::campaign::CampaignState;
use domain::connection::Tool;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use self::webhooks::InstantlyWebhooks;
use crate::capabilities::{Capabilities, Capability};
use crate::connect::key_header;
use crate::connector::Connector;
use crate::deeds::{Deed, Receipt};
use crate::failure::Failure;
use crate::http::{ApiBase, Ask, Hint, Http, Manners, Pace};
use crate::json;
use crate::model::{Campaign, Cursor, Next, Page, Person, Statistics, Touch};
use crate::paging::Place;

const BASE: &str = "https://api.instantly.ai/api/v2";

/// The most a list gives at once.
const PAGE: usize = 100;

/// A hundred requests a second; twenty a minute for e-mails.
const MANNERS: Manners = Manners {
    distance: Duration::from_millis(12),
    scarce_distance: Duration::from_millis(3_100),
    hint: Hint::Header,
    words: &["message", "error"],
};

/// A way to an Instantly workspace.
#[derive(Debug)]
pub(crate) struct Instantly {
    http: Http,
}

/// A place in the list of e-mails, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct EmailPlace {
    after: Option<String>,
    since: Option<Timestamp>,
    newest: Option<Timestamp>,
}

impl Instantly {
    pub(crate) fn new(base: Option<ApiBase>, key: &SecretText, pace: Pace) -> Result<Self, Failure> {
        let base = base.unwrap_or_else(|| ApiBase::of_tool(BASE));
        Ok(Self { http: Http::new(base, key_header("authorization", "Bearer ", key)?, MANNERS, pace)? })
    }

    /// A page, and the place behind it unless it is the last.
    async fn page(&self, ask: &Ask) -> Result<(Vec<Value>, Option<String>), Failure> {
        let said = self.http.json(ask).await?;
        refuse_errors(&said)?;
        let items = json::items(&said, &["items"])?;
        let next = json::text(&said, &["next_starting_after"]).filter(|_| !items.is_empty());
        Ok((items, next))
    }
}

/// Instantly says some refusals with a success.
fn refuse_errors(said: &Value) -> Result<(), Failure> {
    let status = json::whole(said, &["statusCode"]).and_then(|status| u16::try_from(status).ok());
    match status.filter(|status| *status >= 400 && said.get("error").is_some()) {
        None => Ok(()),
        Some(status) => {
            let words = json::text(said, MANNERS.words).unwrap_or_else(|| "it gave no reason".to_owned());
            Err(Failure::Refused { status, words })
        }
    }
}

fn goes_on(next: Option<String>, after: Option<&Cursor>) -> Next {
    match next.filter(|next| after.is_none_or(|after| after.as_str() != next)) {
        Some(next) => Next::More(Cursor::stored(next)),
        None => Next::Done { since: None },
    }
}

#[async_trait]
impl Connector for Instantly {
    fn tool(&self) -> Tool {
        Tool::Instantly
    }

    /// Keys have scopes. Which ones, only trying shows, and what changes something is not tried.
    async fn probe(&self) -> Result<Capabilities, Failure> {
        self.http.read(&Ask::get("/workspaces/current")).await?;
        let campaigns = self.http.read(&Ask::get("/campaigns").with("limit", 1)).await;
        let people = self.http.read(&Ask::post("/leads/list").saying(json!({ "limit": 1 }))).await;
        let emails = self.http.read(&Ask::get("/emails").with("limit", 1).scarce()).await;
        let figures = self.http.read(&Ask::get("/campaigns/analytics/overview")).await;
        Capabilities::all(Capability::OF_CONNECTORS)
            .tried(Capability::ReadCampaigns, campaigns)?
            .tried(Capability::ReadPeople, people)?
            .tried(Capability::ReadTouches, emails)?
            .tried(Capability::ReadStatistics, figures)
    }

    async fn campaigns(&self, after: Option<&Cursor>) -> Result<Page<Campaign>, Failure> {
        let ask =
            Ask::get("/campaigns").with("limit", PAGE).with_some("starting_after", after.map(Cursor::as_str));
        let (items, next) = self.page(&ask).await?;
        let (campaigns, rejected) = json::sorted(&items, &["id", "name"], reading::campaign);
        Ok(Page { items: campaigns, rejected, next: goes_on(next, after) })
    }

    async fn state_of(&self, campaign: &str) -> Result<CampaignState, Failure> {
        let said = self.http.json(&Ask::get(format!("/campaigns/{}", path_part(campaign)?))).await?;
        refuse_errors(&said)?;
        Ok(reading::state(json::whole(&said, &["status"])))
    }

    async fn people(&self, campaign: &str, after: Option<&Cursor>) -> Result<Page<Person>, Failure> {
        let mut body = json!({ "campaign": campaign, "limit": PAGE });
        if let (Some(after), Some(fields)) = (after, body.as_object_mut()) {
            fields.insert("starting_after".to_owned(), after.as_str().into());
        }
        let (items, next) = self.page(&Ask::post("/leads/list").saying(body)).await?;
        let (people, rejected) = json::sorted(&items, &["id", "email"], reading::person);
        Ok(Page { items: people, rejected, next: goes_on(next, after) })
    }

    async fn touches(&self, campaign: Option<&str>, after: Option<&Cursor>) -> Result<Page<Touch>, Failure> {
        let mut place = EmailPlace::read(after)?;
        let ask = Ask::get("/emails")
            .with("limit", PAGE)
            .with("sort_order", "asc")
            .with_some("campaign_id", campaign)
            .with_some("min_timestamp_created", place.since)
            .with_some("starting_after", place.after.as_ref())
            .scarce();
        let (items, next) = self.page(&ask).await?;
        let made = |email: &Value| json::moment(email, &["timestamp_created", "timestamp_email"]);
        place.newest = items.iter().filter_map(made).max().max(place.newest);
        let next = next.filter(|next| place.after.as_ref() != Some(next));
        let came: Vec<Value> = items.into_iter().filter(|email| !reading::is_scheduled(email)).collect();
        let (touches, rejected) = json::sorted(&came, &["id"], reading::touch);
        Ok(Page { items: touches, rejected, next: place.next(next) })
    }

    async fn statistics(&self, campaign: &str, from: Date, to: Date) -> Result<Statistics, Failure> {
        let ask = Ask::get("/campaigns/analytics").with("id", campaign);
        let said = self.http.json(&ask.with("start_date", from).with("end_date", to)).await?;
        refuse_errors(&said)?;
        Ok(reading::statistics(said))
    }

    async fn act(&self, deed: &Deed) -> Result<Receipt, Failure> {
        self.carry_out(deed).await
    }
}

impl Place for EmailPlace {}

impl EmailPlace {
    fn next(self, after: Option<String>) -> Next {
        match after {
            Some(after) => Next::More(Self { after: Some(after), ..self }.cursor()),
            None => {
                let since = self.newest.max(self.since);
                Next::Done { since: Some(Self { since, ..Self::default() }.cursor()) }
            }
        }
    }
}

/// An id as a part of an address.
fn path_part(id: &str) -> Result<&str, Failure> {
    let is_plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_plain { Ok(id) } else { Err(Failure::impossible(format!("{id:?} is no id of Instantly's"))) }
}
