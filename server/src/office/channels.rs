//! What the page of channels and rules is answered.

use std::collections::{BTreeMap, BTreeSet};

use app::channels::{
    ChannelSettings, ChannelUseLine, ChannelsQuestion, Draft, Foreseen, ForeseenMove, RuleWords,
};
use app::port::AskError;
use domain::access::Viewer;
use domain::channel::{ChannelList, ChannelSlug};
use domain::ids::RuleId;

use crate::accounts::Refusal;
use crate::channels::{self, Channels, RuleForm, is_in_use};
use crate::desk::ours;

/// The channels and rules of the viewer's tenant, and what the question is about.
pub(super) async fn answer(
    channels: &Channels,
    viewer: &Viewer,
    question: ChannelsQuestion,
) -> Result<ChannelSettings, AskError> {
    let mut work = channels.store.within(viewer.tenant).await.map_err(ours)?;
    let tenant = work.tenant().await.map_err(ours)?;
    let list = work.channels().await.map_err(ours)?;
    let uses = work.channel_uses().await.map_err(ours)?.into_iter().map(|used| ChannelUseLine {
        may_go: !is_in_use(&used),
        channel: used.channel,
        has_money: used.has_money,
        leads: used.leads,
    });
    let uses = uses.collect();
    let rules_version = work.rules_version().await.map_err(ours)?;
    drop(work);
    let edited = question.edit.and_then(|slug| {
        let channel = list.iter().find(|channel| channel.slug.as_str() == slug);
        channel.map(|channel| channel.slug.clone())
    });
    let draft = match question.step.as_deref() {
        Some("draft") => Some(Draft::Written(question.words)),
        Some("change") => written(&list, &question.words.rule),
        Some("preview") => Some(foreseen(channels, viewer, question.words).await?),
        Some("delete") => deletion(channels, viewer, &list, &question.words.rule).await?,
        _ => None,
    };
    Ok(ChannelSettings { tenant, list, uses, rules_version, edited, draft })
}

/// A rule that is there, to be changed; one that is gone is none.
fn written(list: &ChannelList, rule: &str) -> Option<Draft> {
    let (place, rule) = list.rules().find(rule.parse().ok()?)?;
    Some(Draft::Written(RuleWords::of(rule, place)))
}

async fn foreseen(channels: &Channels, viewer: &Viewer, words: RuleWords) -> Result<Draft, AskError> {
    match channels.foresee_rule(viewer, &form(&words)).await {
        Ok(foreseen) => Ok(Draft::Foreseen { words, foreseen: told(foreseen) }),
        Err(Refusal::Ours(error)) => Err(ours(error)),
        Err(Refusal::Field { field, message }) => Ok(Draft::Refused { words, field: Some(field), message }),
        Err(refusal) => Ok(Draft::Refused { words, field: None, message: refusal.to_string() }),
    }
}

async fn deletion(
    channels: &Channels,
    viewer: &Viewer,
    list: &ChannelList,
    id: &str,
) -> Result<Option<Draft>, AskError> {
    let rule = id.parse().ok().and_then(|id: RuleId| list.rules().find(id));
    let Some((_, rule)) = rule else { return Ok(None) };
    match channels.foresee_deletion(viewer, id).await {
        Ok(foreseen) => Ok(Some(Draft::Deletion { rule: rule.clone(), foreseen: told(foreseen) })),
        Err(Refusal::Ours(error)) => Err(ours(error)),
        // Somebody deleted it just now.
        Err(_) => Ok(None),
    }
}

fn form(words: &RuleWords) -> RuleForm {
    RuleForm {
        rule: words.rule.clone(),
        field: words.field.clone(),
        key: words.key.clone(),
        kind: words.kind.clone(),
        text: words.text.clone(),
        channel: words.channel.clone(),
        place: words.place.clone(),
    }
}

fn told(foreseen: channels::Foreseen) -> Foreseen {
    let channels::Foreseen { payments, leads } = foreseen;
    let pairs: BTreeSet<&(ChannelSlug, ChannelSlug)> =
        payments.recredited.keys().chain(leads.keys()).collect();
    let line = |pair: &(ChannelSlug, ChannelSlug)| {
        let recredited = payments.recredited.get(pair).copied().unwrap_or_default();
        ForeseenMove {
            from: pair.0.clone(),
            to: pair.1.clone(),
            payments: count(recredited.payments),
            base_minor: recredited.base_minor,
            unconverted: count(recredited.unconverted),
            leads: leads_of(&leads, pair),
        }
    };
    Foreseen {
        moves: pairs.into_iter().map(line).collect(),
        looked_at: count(payments.looked_at),
        is_whole: payments.is_whole,
    }
}

fn leads_of(leads: &BTreeMap<(ChannelSlug, ChannelSlug), i64>, pair: &(ChannelSlug, ChannelSlug)) -> i64 {
    leads.get(pair).copied().unwrap_or_default()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
