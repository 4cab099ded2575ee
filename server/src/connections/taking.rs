//! A page of a tool's list, taken into the pipeline the way programs' own sayings are taken.

use std::collections::{BTreeMap, BTreeSet};

use connectors::{Campaign, Person, Rejected, Touch};
use domain::connection::Tool;
use domain::ids::{LeadId, TouchId};
use domain::importing::ImportKind;
use sha2::{Digest as _, Sha256};
use store::StoreError;
use store::leads::{Bringing, Put};
use store::synced_objects::{SyncedKind, SyncedObject};
use store::syncs::{SyncCounts, SyncRejection};
use store::work::TenantWork;

use super::people::People;
use crate::chance::new_id;
use crate::pipeline::{Context, Record};

/// The longest id a touch is kept under.
const LONGEST_ID: usize = 200;

/// The longest name a tool's objects are known by.
pub(super) const LONGEST_NAME: usize = 300;

/// How far a tool's clock may be ahead of ours.
const MOST_AHEAD: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// What came, and what came unreadable.
pub(super) enum Came {
    Campaigns(Vec<Campaign>, Vec<Rejected>),
    People(Vec<Person>, Vec<Rejected>),
    Touches(Vec<Touch>, Vec<Rejected>),
}

/// What came of what came.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) counts: SyncCounts,
    pub(super) rejections: Vec<SyncRejection>,
}

impl Came {
    /// Takes it in, one after the other; each has an outcome of its own.
    pub(super) async fn take(
        &self,
        context: &Context,
        work: &mut TenantWork,
        tool: Tool,
    ) -> Result<Taken, StoreError> {
        let (mut taken, object, unread) = match self {
            Self::Campaigns(campaigns, unread) => {
                (take_campaigns(context, work, tool, campaigns).await?, SyncedKind::Campaign, unread)
            }
            Self::People(people, unread) => {
                (take_people(context, work, tool, people).await?, SyncedKind::Person, unread)
            }
            Self::Touches(touches, unread) => {
                (take_touches(context, work, tool, touches).await?, SyncedKind::Touch, unread)
            }
        };
        for rejected in unread {
            taken.reject(object, rejected.clone());
        }
        Ok(taken)
    }
}

impl Taken {
    fn count(&mut self, put: Put) {
        match put {
            Put::New => self.counts.created += 1,
            Put::Changed => self.counts.changed += 1,
            Put::Same => self.counts.same += 1,
        }
    }

    pub(super) fn reject(&mut self, object: SyncedKind, rejected: Rejected) {
        self.counts.rejected += 1;
        self.rejections.push(SyncRejection {
            object: object.word().to_owned(),
            reference: rejected.reference,
            reason: rejected.reason,
            raw: rejected.raw,
        });
    }
}

async fn take_campaigns(
    context: &Context,
    work: &mut TenantWork,
    tool: Tool,
    campaigns: &[Campaign],
) -> Result<Taken, StoreError> {
    let records = campaigns.iter().map(|campaign| {
        let started_at = campaign.started_at.filter(|at| *at <= context.now);
        Ok(Record::of_cells([
            ("external_id".to_owned(), campaign.id.clone()),
            ("connector".to_owned(), tool.word().to_owned()),
            ("name".to_owned(), line(&campaign.name, 300)),
            ("state".to_owned(), campaign.state.word().to_owned()),
            ("started_at".to_owned(), started_at.map(|at| at.to_string()).unwrap_or_default()),
        ]))
    });
    let bringing = Bringing::at(context.now);
    let outcomes = context.take(work, ImportKind::Campaigns, records.collect(), bringing).await?;
    let (mut taken, mut kept) = (Taken::default(), BTreeMap::new());
    for (campaign, outcome) in campaigns.iter().zip(outcomes) {
        match outcome {
            Ok(put) => {
                taken.count(put);
                let object = SyncedObject { raw: campaign.raw.clone(), ..named(campaign.id.clone()) };
                kept.insert(campaign.id.clone(), object);
            }
            Err(refusal) => taken.reject(
                SyncedKind::Campaign,
                Rejected {
                    reference: Some(campaign.id.clone()),
                    reason: refusal.to_string(),
                    raw: campaign.raw.clone(),
                },
            ),
        }
    }
    let kept: Vec<SyncedObject> = kept.into_values().collect();
    work.synced_put(tool, SyncedKind::Campaign, &kept, context.now).await?;
    Ok(taken)
}

async fn take_people(
    context: &Context,
    work: &mut TenantWork,
    tool: Tool,
    people: &[Person],
) -> Result<Taken, StoreError> {
    let mut book = People::of(work, tool, people).await?;
    let mut taken = Taken::default();
    for (person, outcome) in people.iter().zip(book.take(context, work, people).await?) {
        match outcome {
            Ok(put) => taken.count(put),
            Err(reason) => taken.reject(SyncedKind::Person, unfit(person, reason)),
        }
    }
    Ok(taken)
}

fn unfit(person: &Person, reason: String) -> Rejected {
    Rejected { reference: Some(person.key.clone()), reason, raw: person.raw.clone() }
}

/// Whom something happened with becomes known by that.
pub(super) async fn take_touches(
    context: &Context,
    work: &mut TenantWork,
    tool: Tool,
    touches: &[Touch],
) -> Result<Taken, StoreError> {
    // Campaigns are held before leads, as everywhere.
    let campaigns = campaigns_of(work, tool, touches).await?;
    let strangers = strangers(touches);
    let mut book = People::of(work, tool, &strangers).await?;
    book.meet(context, work, &strangers).await?;
    let ids: Vec<String> = touches.iter().map(|touch| touch.id.clone()).collect();
    let known = work.synced_of(tool, SyncedKind::Touch, &ids).await?;
    let mut taken = Taken::default();
    let (mut new, mut kept, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for touch in touches {
        let lead = match check(touch, &book, context) {
            Ok(lead) => lead,
            Err(reason) => {
                let reference = Some(touch.id.clone());
                taken.reject(SyncedKind::Touch, Rejected { reference, reason, raw: touch.raw.clone() });
                continue;
            }
        };
        if known.contains_key(&touch.id) || !seen.insert(&touch.id) {
            taken.count(Put::Same);
            continue;
        }
        taken.count(Put::New);
        let campaign = touch.campaign.as_ref().and_then(|campaign| campaigns.get(campaign));
        new.push(store::lead_touches::Touch {
            id: TouchId(new_id()),
            external_id: kept_under(tool, &touch.id),
            lead,
            kind: touch.kind,
            channel: campaign.map(|campaign| campaign.channel.to_string()),
            campaign: campaign.map(|campaign| campaign.id),
            occurred_at: touch.occurred_at,
            note: touch.text.as_deref().map(|text| lines(text, 4_000)).filter(|text| !text.is_empty()),
        });
        kept.push(SyncedObject {
            lead: Some(lead),
            raw: touch.raw.clone(),
            thread: touch.thread.as_ref().and_then(|thread| serde_json::to_value(thread).ok()),
            ..named(touch.id.clone())
        });
    }
    work.touches_add(&new, context.now).await?;
    work.synced_put(tool, SyncedKind::Touch, &kept, context.now).await?;
    let leads: BTreeSet<LeadId> = new.iter().map(|touch| touch.lead).collect();
    work.leads_advance(&leads.into_iter().collect::<Vec<_>>(), context.now).await?;
    Ok(taken)
}

/// With whom it was, if it can be taken.
fn check(touch: &Touch, book: &People, context: &Context) -> Result<LeadId, String> {
    if touch.occurred_at > context.now.saturating_add(MOST_AHEAD).unwrap_or(context.now) {
        return Err("this has not come yet".to_owned());
    }
    if touch.id.chars().count() > LONGEST_NAME {
        return Err("its id is too long".to_owned());
    }
    book.lead(&touch.person.key)
}

/// The people of touches, each once, since the first that is told of them.
fn strangers(touches: &[Touch]) -> Vec<Person> {
    let mut people: BTreeMap<&str, Person> = BTreeMap::new();
    for touch in touches {
        let since = Some(touch.occurred_at);
        let person =
            people.entry(&touch.person.key).or_insert_with(|| Person { since, ..touch.person.clone() });
        person.since = person.since.min(since);
    }
    people.into_values().collect()
}

async fn campaigns_of(
    work: &mut TenantWork,
    tool: Tool,
    touches: &[Touch],
) -> Result<BTreeMap<String, store::campaigns::Campaign>, StoreError> {
    let ids: BTreeSet<&String> = touches.iter().filter_map(|touch| touch.campaign.as_ref()).collect();
    work.campaigns_of(tool.word(), &ids.into_iter().cloned().collect::<Vec<_>>()).await
}

/// The id a touch is kept under; what is too long for one stands for itself by its hash.
fn kept_under(tool: Tool, id: &str) -> String {
    let whole = format!("{}:{id}", tool.word());
    if whole.chars().count() <= LONGEST_ID {
        return whole;
    }
    format!("{}:{}", tool.word(), hex::encode(Sha256::digest(id.as_bytes())))
}

/// Something of which only the name is known.
pub(super) const fn named(external_id: String) -> SyncedObject {
    SyncedObject {
        external_id,
        lead: None,
        raw: serde_json::Value::Null,
        thread: None,
        stage: None,
        stage_at: None,
    }
}

/// A text as one line, no longer than this.
pub(super) fn line(text: &str, at_most: usize) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(at_most).collect();
    plain.trim().to_owned()
}

/// A text of several lines, no longer than this.
fn lines(text: &str, at_most: usize) -> String {
    let plain: String =
        text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).take(at_most).collect();
    plain.trim().to_owned()
}
