//! What a tool found out about a lead, taken into what is known of it.

use connectors::Enriched;
use domain::action::ActionKind;
use domain::ids::LeadId;
use domain::importing::ImportKind;
use domain::lead::Stage;
use serde_json::{Value, json};
use store::StoreError;
use store::leads::Bringing;
use store::work::TenantWork;

use crate::pipeline::{Context, Record};

/// The longest text taken from a tool.
const LONGEST: usize = 300;

/// Fills in what is not known of a lead, and takes it out of the pool. What is known stays: a person may have corrected
/// it. Says what could not be taken.
pub(super) async fn take_in(
    context: &Context,
    work: &mut TenantWork,
    lead: LeadId,
    found: &Enriched,
) -> Result<Option<String>, StoreError> {
    let known = work.leads_to_act_on(&[lead], ActionKind::RetryEnrichment, &[]).await?.pop();
    let Some(known) = known else { return Ok(Some("the lead is gone".to_owned())) };
    let mut cells = vec![("external_id".to_owned(), known.external_id.clone())];
    let mut say = |name: &str, is_known: bool, value: Option<&String>| {
        let value = value.filter(|_| !is_known).map(|value| line(value));
        cells.extend(value.map(|value| (name.to_owned(), value)));
    };
    say("name", known.name.is_some(), found.name.as_ref());
    say("company", known.company.is_some(), found.company.as_ref());
    if known.stage == Stage::Pool {
        say("stage", false, Some(&Stage::Enriched.word().to_owned()));
        say("stage_at", false, Some(&context.now.to_string()));
    }
    let plain = Record::of_cells(cells);
    let email = found.email.as_deref().filter(|_| known.email.is_none());
    let Some(email) = email else { return take(context, work, plain).await };
    // What is else known of them is taken also when their e-mail cannot be.
    match take(context, work, plain.clone().with("email", email)).await? {
        None => Ok(None),
        Some(problem) => {
            Ok(take(context, work, plain).await?.or(Some(format!("{email} was not taken: {problem}"))))
        }
    }
}

async fn take(
    context: &Context,
    work: &mut TenantWork,
    record: Record,
) -> Result<Option<String>, StoreError> {
    let records = vec![Ok(record)];
    let taken = context.take(work, ImportKind::Leads, records, Bringing::at(context.now)).await?;
    Ok(taken.into_iter().find_map(|outcome| outcome.err()).map(|refusal| refusal.to_string()))
}

fn line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    plain.trim().to_owned()
}

/// What is kept of what was found.
const FOUND: [&str; 8] =
    ["email", "email_status", "phone", "name", "title", "company", "domain", "profile_url"];

/// What is kept of what was found, as people read it.
pub(super) fn answer(found: &Enriched) -> Value {
    let values = [
        &found.email,
        &found.email_status,
        &found.phone,
        &found.name,
        &found.title,
        &found.company,
        &found.domain,
        &found.profile_url,
    ];
    let said = FOUND.into_iter().zip(values);
    said.filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?)))).collect()
}

/// What was found of somebody, of an answer that was kept: names and values. Whatever else a tool answered is none of it.
pub(crate) fn found_of(answer: &Value) -> Vec<(String, String)> {
    let found = FOUND.into_iter().filter_map(|name| {
        let value = answer.get(name)?.as_str()?;
        Some((name.to_owned(), value.to_owned()))
    });
    found.collect()
}
