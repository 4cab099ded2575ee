//! Apollo, which looks people up: at once as a rule, and later for what takes longer.

use std::time::Duration;

use async_trait::async_trait;
use credentials::sealing::SecretText;
use domain::connection::Tool;
use serde_json::Value;

use crate::capabilities::{Capabilities, Capability};
use crate::connect::key_header;
use crate::enrichment::{Enriched, Enrichment, EnrichmentJob, EnrichmentProgress, Wanted};
use crate::failure::Failure;
use crate::http::{ApiBase, Ask, Hint, Http, Manners, Pace};
use crate::json;

const BASE: &str = "https://api.apollo.io/api/v1";

/// Fifty requests a minute are the least a plan has.
const MANNERS: Manners = Manners {
    distance: Duration::from_millis(1_250),
    scarce_distance: Duration::ZERO,
    hint: Hint::HeaderOr("retry_after_seconds"),
    words: &["error_code", "error_message", "message", "error"],
};

/// When to ask again for what takes longer, where Apollo does not say.
const LATER: Duration = Duration::from_secs(60);

/// What stands where an e-mail would, had somebody paid for it.
const NOT_UNLOCKED: &str = "email_not_unlocked@";

/// A way to an Apollo account.
#[derive(Debug)]
pub(crate) struct Apollo {
    http: Http,
}

impl Apollo {
    pub(crate) fn new(base: Option<ApiBase>, key: &SecretText, pace: Pace) -> Result<Self, Failure> {
        let base = base.unwrap_or_else(|| ApiBase::of_tool(BASE));
        Ok(Self { http: Http::new(base, key_header("x-api-key", "", key)?, MANNERS, pace)? })
    }
}

#[async_trait]
impl Enrichment for Apollo {
    fn tool(&self) -> Tool {
        Tool::Apollo
    }

    async fn probe(&self) -> Result<Capabilities, Failure> {
        let usage = self.http.read(&Ask::post("/usage_stats/api_usage_stats")).await;
        Capabilities::all([Capability::Enrich]).tried(Capability::Enrich, usage)
    }

    /// The telephone takes longer, and is only looked for where Apollo can call back.
    async fn start(&self, wanted: &Wanted, call_back: Option<&str>) -> Result<EnrichmentProgress, Failure> {
        let ask = asking_for(wanted)?
            .with_some("reveal_phone_number", call_back.map(|_| true))
            .with_some("webhook_url", call_back);
        let said = self.http.once(&ask).await?.json()?;
        Ok(progress(said))
    }

    async fn poll(&self, job: &EnrichmentJob) -> Result<EnrichmentProgress, Failure> {
        if !job.0.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            return Err(Failure::impossible("this is no question of Apollo's"));
        }
        match self.http.json(&Ask::get(format!("/webhook_result/{}", job.0))).await {
            Ok(said) => Ok(progress(said)),
            Err(Failure::Refused { status: 404, words }) if words.contains("result_pending") => {
                Ok(EnrichmentProgress::Pending { job: job.clone(), wait: LATER })
            }
            Err(failure) => Err(failure),
        }
    }

    fn is_signed(&self, _headers: &[(String, String)], _body: &[u8]) -> Option<bool> {
        None
    }

    fn called_back(&self, body: &[u8]) -> Result<(EnrichmentJob, EnrichmentProgress), Failure> {
        let said: Value = serde_json::from_slice(body).map_err(|_| Failure::unreadable("it is no JSON"))?;
        let job =
            json::text(&said, &["request_id"]).ok_or_else(|| Failure::unreadable("it names no question"))?;
        Ok((EnrichmentJob(job), progress(said)))
    }
}

fn asking_for(wanted: &Wanted) -> Result<Ask, Failure> {
    if let Some(lacks) = wanted.lacks_for(Tool::Apollo) {
        return Err(Failure::impossible(lacks));
    }
    let ask = Ask::post("/people/match")
        .with_some("linkedin_url", wanted.profile_url.as_ref())
        .with_some("email", wanted.email.as_ref())
        .with_some("first_name", wanted.first_name.as_ref())
        .with_some("last_name", wanted.last_name.as_ref());
    Ok(ask
        .with_some("organization_name", wanted.company.as_ref())
        .with_some("domain", wanted.domain.as_ref()))
}

/// Nobody, or somebody of whom nothing is said, is nobody found.
fn progress(said: Value) -> EnrichmentProgress {
    let person = json::field(&said, "person").or_else(|| said.get("people").and_then(|people| people.get(0)));
    let found = person.and_then(|person| found(person, &said));
    found.map_or(EnrichmentProgress::NotFound { raw: said }, |found| {
        EnrichmentProgress::Found(Box::new(found))
    })
}

fn found(person: &Value, said: &Value) -> Option<Enriched> {
    json::text(person, &["id"])?;
    Some(Enriched {
        email: json::email(person, &["email"]).filter(|email| !email.starts_with(NOT_UNLOCKED)),
        email_status: json::text(person, &["email_status"]),
        phone: person
            .get("phone_numbers")
            .and_then(|numbers| json::text(numbers.get(0)?, &["sanitized_number", "raw_number"])),
        name: json::name(person, &["name"], &["first_name"], &["last_name"]),
        title: json::text(person, &["title"]),
        company: json::text(person, &["organization.name"]),
        domain: json::text(person, &["organization.primary_domain"]),
        profile_url: json::text(person, &["linkedin_url"]),
        credits: json::whole(said, &["credits_consumed"]),
        raw: said.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_e_mail_nobody_paid_for_is_none_and_nobody_is_not_found() {
        let said =
            json!({ "person": { "id": "p", "email": "email_not_unlocked@domain.com", "name": "Ada" } });
        let EnrichmentProgress::Found(found) = progress(said) else { panic!() };
        assert_eq!((found.email, found.name.as_deref()), (None, Some("Ada")));
        for nobody in [json!({ "person": null }), json!({ "person": { "first_name": "Ada" } }), json!({})] {
            assert!(matches!(progress(nobody), EnrichmentProgress::NotFound { .. }));
        }
    }
}
