//! Campaigns as they are brought in.

use std::collections::{BTreeMap, BTreeSet};

use domain::campaign::CampaignState;
use domain::channel::ChannelSlug;
use domain::ids::CampaignId;
use serde_json::{Value, json};
use store::StoreError;
use store::campaigns::Campaign;
use store::leads::{Bringing, Put};
use store::work::TenantWork;

use super::record::needed;
use super::{Context, Record, Taken, filled, sorted};
use crate::accounts::Refusal;
use crate::chance::new_id;

/// What can be said of a campaign.
pub(crate) const FIELDS: [&str; 6] = ["external_id", "connector", "name", "channel", "state", "started_at"];

/// The tool of a campaign of which no tool is said.
pub(crate) const BY_HAND: &str = "manual";

type Known = BTreeMap<(String, String), Campaign>;

/// Takes in what is said of campaigns.
pub(super) async fn take(
    context: &Context,
    work: &mut TenantWork,
    records: Vec<Result<Record, Refusal>>,
    bringing: Bringing,
) -> Result<Vec<Taken>, StoreError> {
    let mut known = known(work, &records).await?;
    let read = records.into_iter().map(|record| {
        let campaign = read(context, &record?, &known)?;
        known.insert(key(&campaign), campaign.clone());
        Ok(campaign)
    });
    let (readable, outcomes) = sorted(read.collect());
    let campaigns: Vec<Campaign> = readable.into_iter().map(|(_, campaign)| campaign).collect();
    let put = work.campaigns_put(&campaigns, bringing).await?;
    let outcome = |campaign: &Campaign| Ok(put.get(&key(campaign)).copied().unwrap_or(Put::Same));
    Ok(filled(outcomes, campaigns.iter().map(outcome)))
}

fn key(campaign: &Campaign) -> (String, String) {
    (campaign.connector.clone(), campaign.external_id.clone())
}

async fn known(work: &mut TenantWork, records: &[Result<Record, Refusal>]) -> Result<Known, StoreError> {
    let references: BTreeSet<(String, String)> =
        records.iter().filter_map(|record| record.as_ref().ok()?.reference()).collect();
    let connectors: BTreeSet<&String> = references.iter().map(|(connector, _)| connector).collect();
    let mut known = Known::new();
    for connector in connectors {
        let of_it = references.iter().filter(|(other, _)| other == connector);
        let ids: Vec<String> = of_it.map(|(_, id)| id.clone()).collect();
        let found = work.campaigns_of(connector, &ids).await?;
        known.extend(found.into_values().map(|campaign| (key(&campaign), campaign)));
    }
    Ok(known)
}

fn read(context: &Context, record: &Record, known: &Known) -> Result<Campaign, Refusal> {
    let external_id = needed(record.text("external_id", 200)?, "external_id")?;
    let connector = connector(record)?;
    let before = known.get(&(connector.clone(), external_id.clone()));
    let started_at = record.moment("started_at", &context.tenant.timezone, context.now)?;
    let name = record.text("name", 300)?.or_else(|| before.map(|before| before.name.clone()));
    let channel = record.channel(&context.channels)?;
    Ok(Campaign {
        id: before.map_or_else(|| CampaignId(new_id()), |before| before.id),
        name: name.unwrap_or_else(|| external_id.clone()),
        channel: channel
            .or_else(|| before.map(|before| before.channel.clone()))
            .or_else(|| context.channels.named(&connector).map(|channel| channel.slug.clone()))
            .unwrap_or_else(ChannelSlug::unknown),
        state: record
            .word("state")?
            .or_else(|| before.map(|before| before.state))
            .unwrap_or(CampaignState::Unknown),
        started_at: started_at.or_else(|| before.and_then(|before| before.started_at)),
        connector,
        external_id,
    })
}

fn connector(record: &Record) -> Result<String, Refusal> {
    let word = record.text("connector", 63)?.unwrap_or_else(|| BY_HAND.to_owned()).to_lowercase();
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_word = word.bytes().all(|byte| is_plain(byte) || b"_-".contains(&byte))
        && word.bytes().next().is_some_and(is_plain);
    let message = "a tool is up to 63 lower-case letters, digits, _ and -, a letter or digit first";
    if is_word { Ok(word) } else { Err(Refusal::field("connector", message)) }
}

/// How a campaign stands, as programs see it.
pub(super) async fn shown(
    work: &mut TenantWork,
    connector: &str,
    external_id: &str,
) -> Result<Value, StoreError> {
    let found = work.campaigns_of(connector, &[external_id.to_owned()]).await?;
    Ok(found.get(external_id).map_or(Value::Null, as_json))
}

fn as_json(campaign: &Campaign) -> Value {
    json!({
        "id": campaign.id,
        "connector": campaign.connector,
        "external_id": campaign.external_id,
        "name": campaign.name,
        "channel": campaign.channel,
        "state": campaign.state,
        "started_at": campaign.started_at,
    })
}
