//! What happened with a lead: touches, and stages it came into.

use domain::access::{Permission, Viewer};
use domain::ids::{CampaignId, LeadId, TouchId};
use domain::lead::{Stage, StageFact, TouchKind};
use serde_json::{Map, Value, json};
use store::StoreError;
use store::lead_touches::Touch;
use store::leads::{Bringing, LeadTold, Put, StoredLead};
use store::told_before::Telling;
use store::work::TenantWork;

use super::campaigns::BY_HAND;
use super::once::{Answer, error, hash, status};
use super::record::needed;
use super::{Context, Pipeline, Record, Taken};
use crate::accounts::Refusal;
use crate::chance::new_id;

/// What can be said of something that happened.
const FIELDS: [&str; 8] = ["id", "kind", "stage", "occurred_at", "channel", "campaign", "connector", "note"];

/// Under what the ids of events are kept.
const SUBJECT: &str = "events of leads";

/// What became of something that happened.
#[derive(Debug)]
pub struct EventOutcome {
    /// The id it was told under.
    pub id: Option<String>,
    /// What became of it.
    pub taken: Taken,
}

/// Something that happened, read.
enum Event {
    Came(StageFact),
    Touched(Box<Touch>),
}

impl Pipeline {
    /// Takes in what happened with a lead: each event once under its id; another one under the same id is refused.
    pub(crate) async fn put_events(
        &self,
        viewer: &Viewer,
        lead: &str,
        sent: Vec<Map<String, Value>>,
    ) -> Result<Vec<EventOutcome>, Refusal> {
        viewer.require(Permission::Act)?;
        let context = self.context(viewer.tenant).await?;
        let mut work = self.store.within(viewer.tenant).await?;
        let lead = work.lead(lead).await?.ok_or(Refusal::NotFound)?;
        let ids: Vec<String> = sent.iter().filter_map(id_of).collect();
        let mut told = work.told_before(SUBJECT, &ids).await?;
        let mut outcomes = Vec::new();
        let (mut touches, mut facts, mut tellings) = (Vec::new(), Vec::new(), Vec::new());
        for event in sent {
            let id = id_of(&event);
            let payload_hash = hash(format!("{} {}", lead.id, Value::Object(event.clone())).as_bytes());
            let taken = match id.as_ref().and_then(|id| told.get(id)) {
                Some(telling) if telling.payload_hash == payload_hash => Ok(Put::Same),
                Some(_) => Err(Refusal::Conflict("something else was told under this id before".to_owned())),
                None => match read(&context, &mut work, &lead, event).await? {
                    Ok(Event::Came(fact)) => {
                        facts.push(fact);
                        Ok(Put::New)
                    }
                    Ok(Event::Touched(touch)) => {
                        touches.push(*touch);
                        Ok(Put::New)
                    }
                    Err(refusal) => Err(refusal),
                },
            };
            if let (Ok(Put::New), Some(id)) = (&taken, &id) {
                let telling = Telling { key: id.clone(), payload_hash, answer: String::new() };
                told.insert(id.clone(), telling.clone());
                tellings.push(telling);
            }
            outcomes.push(EventOutcome { id, taken });
        }
        work.touches_add(&touches, context.now).await?;
        if !facts.is_empty() {
            let told = LeadTold { facts, ..LeadTold::of(lead.id, lead.external_id.clone()) };
            work.leads_put(&[told], Bringing::at(context.now)).await?;
        }
        work.told_keep(SUBJECT, &tellings, context.now).await?;
        work.commit().await?;
        Ok(outcomes)
    }
}

/// What is answered to events.
pub(crate) fn answer_to_events(outcomes: &[EventOutcome]) -> Answer {
    let results: Vec<Value> = outcomes
        .iter()
        .map(|outcome| {
            json!({ "id": outcome.id, "status": status(&outcome.taken), "error": error(&outcome.taken) })
        })
        .collect();
    Answer { status: 200, body: json!({ "results": results }) }
}

fn id_of(event: &Map<String, Value>) -> Option<String> {
    event.get("id")?.as_str().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned)
}

async fn read(
    context: &Context,
    work: &mut TenantWork,
    lead: &StoredLead,
    sent: Map<String, Value>,
) -> Result<Result<Event, Refusal>, StoreError> {
    let record = match Record::of_json(sent, &FIELDS) {
        Ok(record) => record,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let campaign = match record.trimmed("campaign") {
        None => None,
        Some(named) => {
            let tool = record.trimmed("connector").unwrap_or_else(|| BY_HAND.to_owned());
            let mut found = work.campaigns_of(&tool, std::slice::from_ref(&named)).await?;
            match found.remove(&named) {
                Some(campaign) => Some(campaign.id),
                None => return Ok(Err(Refusal::field("campaign", "there is no such campaign"))),
            }
        }
    };
    Ok(event(context, lead.id, &record, campaign))
}

fn event(
    context: &Context,
    lead: LeadId,
    record: &Record,
    campaign: Option<CampaignId>,
) -> Result<Event, Refusal> {
    let id = needed(record.text("id", 200)?, "id")?;
    let occurred_at = record.moment("occurred_at", &context.tenant.timezone, context.now)?;
    let occurred_at = needed(occurred_at, "occurred_at")?;
    let kind = needed(record.trimmed("kind"), "kind")?;
    let stage: Option<Stage> = record.word("stage")?;
    if kind == "stage" {
        let stage = needed(stage, "stage")?;
        return Ok(Event::Came(StageFact { entered_at: occurred_at, stage }));
    }
    if stage.is_some() {
        return Err(Refusal::field("stage", "a stage is told with the kind stage"));
    }
    let kind: TouchKind = kind.parse().map_err(|wrong: domain::lead::InvalidTouchKind| {
        Refusal::field("kind", format!("{wrong}; or it is stage"))
    })?;
    Ok(Event::Touched(Box::new(Touch {
        id: TouchId(new_id()),
        external_id: id,
        lead,
        kind,
        channel: record.channel(&context.channels)?.map(|channel| channel.to_string()),
        campaign,
        occurred_at,
        note: record.text("note", 4_000)?,
    })))
}
