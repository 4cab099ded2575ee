//! Leads as they are brought in.

use domain::ids::LeadId;
use domain::lead::{Stage, StageFact};
use serde_json::{Value, json};
use store::StoreError;
use store::lead_foresight::LeadsForeseen;
use store::leads::{Bringing, LeadPut, LeadTold, StoredLead};
use store::work::TenantWork;

use super::record::needed;
use super::{Context, Record, Taken, filled, sorted};
use crate::accounts::{Refusal, email};
use crate::chance::new_id;

/// What can be said of a lead.
pub(crate) const FIELDS: [&str; 11] = [
    "external_id",
    "email",
    "name",
    "company",
    "source",
    "owner",
    "stage",
    "stage_at",
    "value",
    "currency",
    "created_at",
];

/// Takes in what is said of leads.
pub(super) async fn take(
    context: &Context,
    work: &mut TenantWork,
    records: Vec<Result<Record, Refusal>>,
    bringing: Bringing,
) -> Result<Vec<Taken>, StoreError> {
    let (told, outcomes) = read_all(context, records);
    let put = work.leads_put(&told, bringing).await?;
    Ok(filled(outcomes, put.into_iter().map(taken)))
}

/// What would become of what is said of leads, after what was foreseen before; nothing is kept.
pub(super) async fn foresee(
    context: &Context,
    work: &mut TenantWork,
    records: Vec<Result<Record, Refusal>>,
    foreseen: &mut LeadsForeseen,
) -> Result<Vec<Taken>, StoreError> {
    let (told, outcomes) = read_all(context, records);
    let put = work.leads_foresee(&told, foreseen, context.now).await?;
    Ok(filled(outcomes, put.into_iter().map(taken)))
}

fn read_all(context: &Context, records: Vec<Result<Record, Refusal>>) -> (Vec<LeadTold>, Vec<Option<Taken>>) {
    let read = records.into_iter().map(|record| record.and_then(|record| read(context, &record)));
    let (readable, outcomes) = sorted(read.collect());
    (readable.into_iter().map(|(_, told)| told).collect(), outcomes)
}

fn taken(put: LeadPut) -> Taken {
    match put {
        LeadPut::Taken(put) => Ok(put),
        LeadPut::EmailTaken => Err(Refusal::Conflict("another lead has this e-mail".to_owned())),
    }
}

/// A lead without an id of its own goes by its e-mail.
pub(super) fn read(context: &Context, record: &Record) -> Result<LeadTold, Refusal> {
    let told_email = record.told_as("email", |text| email("email", text))?;
    let external_id = record.text("external_id", 200)?.or_else(|| told_email.value().cloned());
    let external_id = needed(external_id.filter(|id| id.chars().count() <= 200), "external_id")?;
    let (timezone, now) = (&context.tenant.timezone, context.now);
    let stage: Option<Stage> = record.word("stage")?;
    let stage_at = record.moment("stage_at", timezone, now)?;
    if stage.is_none() && stage_at.is_some() {
        return Err(Refusal::field("stage", "say which stage it came into at stage_at"));
    }
    let fact = stage.zip(stage_at).map(|(stage, entered_at)| StageFact { entered_at, stage });
    let value = record.told_money("value", context.tenant.currency)?;
    if value.value().is_some_and(|value| value.minor < 0) {
        return Err(Refusal::field("value", "a lead is worth nothing or more"));
    }
    Ok(LeadTold {
        email: told_email,
        name: record.told_text("name", 300)?,
        company: record.told_text("company", 300)?,
        source: record.text("source", 200)?,
        owner: record.told_text("owner", 300)?,
        value,
        facts: fact.into_iter().collect(),
        stage: stage.filter(|_| fact.is_none()),
        created_at: record.moment("created_at", timezone, now)?,
        ..LeadTold::of(LeadId(new_id()), external_id)
    })
}

/// How a lead stands, as programs see it.
pub(super) async fn shown(work: &mut TenantWork, external_id: &str) -> Result<Value, StoreError> {
    Ok(work.lead(external_id).await?.as_ref().map_or(Value::Null, as_json))
}

fn as_json(lead: &StoredLead) -> Value {
    json!({
        "id": lead.id,
        "external_id": lead.external_id,
        "email": lead.email,
        "name": lead.name,
        "company": lead.company,
        "source": lead.source,
        "channel": lead.channel,
        "owner": lead.owner,
        "stage": lead.stage,
        "stage_entered_at": lead.stage_entered_at,
        "last_activity_at": lead.last_activity_at,
        "value": lead.value.map(|value| value.minor),
        "currency": lead.value.map(|value| value.currency),
        "created_at": lead.created_at,
        "version": lead.version,
    })
}
