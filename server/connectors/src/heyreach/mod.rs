//! HeyReach, which reaches people on LinkedIn. Most of its reads are posted; lists go by offset in the body.

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

use self::reading::{campaign, id_of, person, state, touches_of};
pub(crate) use self::webhooks::HeyReachWebhooks;
use crate::capabilities::{Capabilities, Capability};
use crate::connect::key_header;
use crate::connector::Connector;
use crate::deeds::{Deed, Receipt};
use crate::failure::Failure;
use crate::http::{ApiBase, Ask, Hint, Http, Manners, Pace};
use crate::json;
use crate::model::{Campaign, Cursor, Next, Page, Person, Rejected, Statistics, Touch};
use crate::paging::{Offset, Place, Walked};

const BASE: &str = "https://api.heyreach.io/api/public";

/// The most a list gives at once.
const PAGE: usize = 100;

/// 300 requests a minute.
const MANNERS: Manners = Manners {
    distance: Duration::from_millis(205),
    scarce_distance: Duration::ZERO,
    hint: Hint::Header,
    words: &["errorMessage", "message", "detail"],
};

/// A way to a HeyReach workspace.
#[derive(Debug)]
pub(crate) struct HeyReach {
    http: Http,
}

/// A place in the list of conversations.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct ConversationPlace {
    offset: Offset,
    /// Conversations that rest since before this were read whole before.
    since: Option<Timestamp>,
    newest: Option<Timestamp>,
}

impl HeyReach {
    pub(crate) fn new(base: Option<ApiBase>, key: &SecretText, pace: Pace) -> Result<Self, Failure> {
        let base = base.unwrap_or_else(|| ApiBase::of_tool(BASE));
        Ok(Self { http: Http::new(base, key_header("x-api-key", "", key)?, MANNERS, pace)? })
    }

    /// A page of a list, with what was not seen before of it; or where to begin again, when the list changed.
    async fn page(
        &self,
        path: &str,
        body: Value,
        place: &Offset,
        id: &[&str],
    ) -> Result<Result<(Vec<Value>, Next), Offset>, Failure> {
        let mut body = body;
        if let Some(fields) = body.as_object_mut() {
            fields.insert("offset".to_owned(), place.from().into());
            fields.insert("limit".to_owned(), PAGE.into());
        }
        let said = self.http.json(&Ask::post(path).saying(body)).await?;
        let items = json::items(&said, &["items"])?;
        let ids: Vec<Option<String>> = items.iter().map(|item| json::text(item, id)).collect();
        let known = match place.walk(&ids) {
            Walked::Known(known) => known,
            Walked::Changed(again) => return Ok(Err(again)),
        };
        let total = json::whole(&said, &["totalCount"]).and_then(|total| total.try_into().ok());
        Ok(Ok((items.into_iter().skip(known).collect(), place.after(&ids, PAGE, total))))
    }

    /// The messages of a conversation; asked for one by one where the list shows only some.
    async fn whole(&self, conversation: Value, since: Option<Timestamp>) -> Result<Value, Failure> {
        let shown = conversation.get("messages").and_then(Value::as_array).map_or(0, Vec::len);
        let total =
            json::whole(&conversation, &["totalMessages"]).and_then(|total| usize::try_from(total).ok());
        let last = json::moment(&conversation, &["lastMessageAt"]);
        let rests = since.zip(last).is_some_and(|(since, last)| last < since);
        let (Some(id), Some(account)) = (id_of(&conversation), reading::account_of(&conversation)) else {
            return Ok(conversation);
        };
        if rests || total.unwrap_or(1) <= shown {
            return Ok(conversation);
        }
        let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let path = format!("/inbox/GetChatroom/{account}/{}", id.replace('+', "%20"));
        let room = self.http.json(&Ask::get(path)).await?;
        let mut whole = conversation;
        if let (Some(fields), Some(messages)) = (whole.as_object_mut(), room.get("messages")) {
            fields.insert("messages".to_owned(), messages.clone());
        }
        Ok(whole)
    }
}

#[async_trait]
impl Connector for HeyReach {
    fn tool(&self) -> Tool {
        Tool::HeyReach
    }

    /// A key of HeyReach allows everything or nothing.
    async fn probe(&self) -> Result<Capabilities, Failure> {
        self.http.read(&Ask::get("/auth/CheckApiKey")).await?;
        let few = json!({ "offset": 0, "limit": 1 });
        let campaigns = self.http.read(&Ask::post("/campaign/GetAll").saying(few)).await;
        let few = json!({ "offset": 0, "limit": 1, "filters": {} });
        let inbox = self.http.read(&Ask::post("/inbox/GetConversationsV2").saying(few)).await;
        Capabilities::all(Capability::OF_CONNECTORS)
            .tried(Capability::ReadCampaigns, campaigns)?
            .tried(Capability::ReadTouches, inbox)
    }

    async fn campaigns(&self, after: Option<&Cursor>) -> Result<Page<Campaign>, Failure> {
        let place = Offset::read(after)?;
        match self.page("/campaign/GetAll", json!({}), &place, &["id"]).await? {
            Err(again) => Ok(nothing_yet(again.cursor())),
            Ok((items, next)) => Ok(read(&items, next, campaign)),
        }
    }

    async fn state_of(&self, campaign: &str) -> Result<CampaignState, Failure> {
        let id = reading::number(campaign)?;
        let said = self.http.json(&Ask::get("/campaign/GetById").with("campaignId", id)).await?;
        Ok(state(json::text(&said, &["status"]).as_deref()))
    }

    async fn people(&self, campaign: &str, after: Option<&Cursor>) -> Result<Page<Person>, Failure> {
        let place = Offset::read(after)?;
        let body = json!({ "campaignId": reading::number(campaign)? });
        match self.page("/campaign/GetLeadsFromCampaign", body, &place, reading::LEAD_ID).await? {
            Err(again) => Ok(nothing_yet(again.cursor())),
            Ok((items, next)) => Ok(read(&items, next, person)),
        }
    }

    fn tells_touches_by_campaign(&self) -> bool {
        true
    }

    async fn touches(&self, campaign: Option<&str>, after: Option<&Cursor>) -> Result<Page<Touch>, Failure> {
        let mut place = ConversationPlace::read(after)?;
        let campaigns: Vec<i64> = campaign.map(reading::number).transpose()?.into_iter().collect();
        let body = json!({ "filters": { "campaignIds": campaigns } });
        let page = self.page("/inbox/GetConversationsV2", body, &place.offset, &["id"]).await?;
        let (conversations, next) = match page {
            Err(again) => return Ok(nothing_yet(ConversationPlace { offset: again, ..place }.cursor())),
            Ok(page) => page,
        };
        let (mut items, mut rejected) = (Vec::new(), Vec::new());
        for conversation in conversations {
            place.newest = place.newest.max(json::moment(&conversation, &["lastMessageAt"]));
            let conversation = self.whole(conversation, place.since).await?;
            let (touches, unread) = touches_of(&conversation, campaign);
            items.extend(touches);
            rejected.extend(unread);
        }
        Ok(Page { items, rejected, next: place.next(next)? })
    }

    async fn statistics(&self, campaign: &str, from: Date, to: Date) -> Result<Statistics, Failure> {
        let body = json!({
            "startDate": format!("{from}T00:00:00.000Z"), "endDate": format!("{to}T23:59:59.999Z"),
            "accountIds": [], "campaignIds": [reading::number(campaign)?],
        });
        let said = self.http.json(&Ask::post("/stats/GetOverallStats").saying(body)).await?;
        Ok(reading::statistics(said))
    }

    async fn act(&self, deed: &Deed) -> Result<Receipt, Failure> {
        self.carry_out(deed).await
    }
}

impl Place for ConversationPlace {}

impl ConversationPlace {
    fn next(self, next: Next) -> Result<Next, Failure> {
        Ok(match next {
            Next::More(cursor) => Next::More(Self { offset: Offset::read(Some(&cursor))?, ..self }.cursor()),
            Next::Done { .. } => {
                let since = self.newest.max(self.since);
                Next::Done { since: Some(Self { since, ..Self::default() }.cursor()) }
            }
        })
    }
}

/// A page of a list that changed meanwhile: it is begun again.
fn nothing_yet<T>(again: Cursor) -> Page<T> {
    Page { items: Vec::new(), rejected: Vec::new(), next: Next::More(again) }
}

fn read<T>(items: &[Value], next: Next, one: impl Fn(&Value) -> Result<T, String>) -> Page<T> {
    let (items, rejected): (Vec<T>, Vec<Rejected>) = json::sorted(items, &["id", "name"], one);
    Page { items, rejected, next }
}
