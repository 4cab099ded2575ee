//! Deals as they are brought in.

use std::collections::BTreeMap;

use domain::deal::DealState;
use domain::ids::{DealId, LeadId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use store::StoreError;
use store::deals::Deal;
use store::leads::{Bringing, Put};
use store::work::TenantWork;

use super::record::needed;
use super::{Context, Record, Taken, filled, sorted};
use crate::accounts::{Refusal, plain_text};
use crate::chance::new_id;

/// What can be said of a deal.
pub(crate) const FIELDS: [&str; 10] = [
    "external_id",
    "lead",
    "name",
    "state",
    "stage",
    "probability",
    "value",
    "currency",
    "opened_at",
    "closed_at",
];

/// What is known already of the deals that something is said of.
struct Known {
    deals: BTreeMap<String, Deal>,
    leads: BTreeMap<String, LeadId>,
}

/// Takes in what is said of deals.
pub(super) async fn take(
    context: &Context,
    work: &mut TenantWork,
    records: Vec<Result<Record, Refusal>>,
    bringing: Bringing,
) -> Result<Vec<Taken>, StoreError> {
    let mut known = Known::of(work, &records).await?;
    let read = records.into_iter().map(|record| {
        let deal = read(context, &record?, &known)?;
        known.deals.insert(deal.external_id.clone(), deal.clone());
        Ok(deal)
    });
    let (readable, outcomes) = sorted(read.collect());
    let mut deals: Vec<Deal> = readable.into_iter().map(|(_, deal)| deal).collect();
    let amounts: Vec<_> = deals.iter().map(|deal| (deal.value, utc_day(deal.opened_at))).collect();
    let converted = context.in_own_currency(work, &amounts).await?;
    deals.iter_mut().zip(converted).for_each(|(deal, base)| deal.base_value_minor = base);
    let put = work.deals_put(&deals, bringing).await?;
    let outcome = |deal: &Deal| Ok(put.get(&deal.external_id).copied().unwrap_or(Put::Same));
    Ok(filled(outcomes, deals.iter().map(outcome)))
}

impl Known {
    async fn of(work: &mut TenantWork, records: &[Result<Record, Refusal>]) -> Result<Self, StoreError> {
        let said = |name| -> Vec<String> {
            let records = records.iter().filter_map(|record| record.as_ref().ok());
            records.filter_map(|record| record.trimmed(name)).collect()
        };
        let deals = work.deals_of(&said("external_id")).await?;
        Ok(Self { deals, leads: work.lead_ids(&said("lead")).await? })
    }
}

fn utc_day(moment: Timestamp) -> Date {
    moment.to_zoned(TimeZone::UTC).date()
}

fn read(context: &Context, record: &Record, known: &Known) -> Result<Deal, Refusal> {
    let external_id = needed(record.text("external_id", 200)?, "external_id")?;
    let before = known.deals.get(&external_id);
    let (timezone, now) = (&context.tenant.timezone, context.now);
    let state =
        record.word("state")?.or_else(|| before.map(|before| before.state)).unwrap_or(DealState::Open);
    let has_moved = before.is_some_and(|before| before.state != state);
    let otherwise = before.map_or(context.tenant.currency, |before| before.value.currency);
    let value =
        record.money("value", record.currency(otherwise)?)?.or_else(|| before.map(|before| before.value));
    let value = needed(value, "value")?;
    if value.minor < 0 {
        return Err(Refusal::field("value", "a deal is worth nothing or more"));
    }
    let lead = record.told_as("lead", |text| lead(text, known))?;
    let closed_at = record.moment("closed_at", timezone, now)?;
    let kept = before.filter(|_| !has_moved);
    Ok(Deal {
        id: before.map_or_else(|| DealId(new_id()), |before| before.id),
        lead: lead.over(before.and_then(|before| before.lead)),
        name: record
            .text("name", 300)?
            .or_else(|| before.map(|before| before.name.clone()))
            .unwrap_or_else(|| external_id.clone()),
        stage: record
            .text("stage", 100)?
            .or_else(|| before.map(|before| before.stage.clone()))
            .unwrap_or_else(|| state.word().to_owned()),
        probability_percent: probability(record)?
            .or_else(|| kept.map(|before| before.probability_percent))
            .unwrap_or_else(|| state.usual_probability_percent()),
        value,
        base_value_minor: None,
        opened_at: record
            .moment("opened_at", timezone, now)?
            .or_else(|| before.map(|before| before.opened_at))
            .unwrap_or(now),
        closed_at: closed(state, closed_at, kept.and_then(|before| before.closed_at), now)?,
        state,
        external_id,
    })
}

fn lead(text: &str, known: &Known) -> Result<LeadId, Refusal> {
    let text = plain_text("lead", text, 200)?;
    known.leads.get(&text).copied().ok_or_else(|| Refusal::field("lead", "there is no such lead"))
}

fn probability(record: &Record) -> Result<Option<i16>, Refusal> {
    let percent = record.number("probability", 0, 100)?;
    Ok(percent.and_then(|percent| i16::try_from(percent).ok()))
}

/// When it was won or lost; an open deal was neither.
fn closed(
    state: DealState,
    said: Option<Timestamp>,
    before: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refusal> {
    match (state, said) {
        (DealState::Open, Some(_)) => Err(Refusal::field("closed_at", "an open deal is not closed")),
        (DealState::Open, None) => Ok(None),
        (_, said) => Ok(said.or(before).or(Some(now))),
    }
}

/// How a deal stands, as programs see it.
pub(super) async fn shown(work: &mut TenantWork, external_id: &str) -> Result<Value, StoreError> {
    let found = work.deals_of(&[external_id.to_owned()]).await?;
    Ok(found.get(external_id).map_or(Value::Null, as_json))
}

fn as_json(deal: &Deal) -> Value {
    let absent = deal.base_value_minor.is_none().then_some("no exchange rate is known for its day");
    json!({
        "id": deal.id,
        "external_id": deal.external_id,
        "lead_id": deal.lead,
        "name": deal.name,
        "state": deal.state,
        "stage": deal.stage,
        "probability": deal.probability_percent,
        "value": deal.value.minor,
        "currency": deal.value.currency,
        "base_value": deal.base_value_minor,
        "absent": absent,
        "opened_at": deal.opened_at,
        "closed_at": deal.closed_at,
    })
}
