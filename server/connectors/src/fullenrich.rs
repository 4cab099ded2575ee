//! FullEnrich, which looks people up in many places one after the other, and calls back.

use std::time::Duration;

use async_trait::async_trait;
use credentials::sealing::SecretText;
use domain::connection::Tool;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::capabilities::{Capabilities, Capability};
use crate::connect::key_header;
use crate::enrichment::{Enriched, Enrichment, EnrichmentJob, EnrichmentProgress, Wanted};
use crate::failure::Failure;
use crate::http::{ApiBase, Ask, Hint, Http, Manners, Pace};
use crate::json;

const BASE: &str = "https://app.fullenrich.com/api/v2";

/// Sixty requests a minute; it does not say "later" in any other way than by refusing.
const MANNERS: Manners = Manners {
    distance: Duration::from_millis(1_050),
    scarce_distance: Duration::ZERO,
    hint: Hint::Header,
    words: &["message", "code"],
};

/// It does not want to be asked more often.
const LATER: Duration = Duration::from_secs(300);

/// The header its signature stands in.
const SIGNATURE: &str = "x-signature-sha1";

/// A way to a FullEnrich workspace.
#[derive(Debug)]
pub(crate) struct FullEnrich {
    http: Http,
    key: SecretText,
}

impl FullEnrich {
    pub(crate) fn new(base: Option<ApiBase>, key: &SecretText, pace: Pace) -> Result<Self, Failure> {
        let base = base.unwrap_or_else(|| ApiBase::of_tool(BASE));
        let http = Http::new(base, key_header("authorization", "Bearer ", key)?, MANNERS, pace)?;
        Ok(Self { http, key: key.clone() })
    }
}

#[async_trait]
impl Enrichment for FullEnrich {
    fn tool(&self) -> Tool {
        Tool::FullEnrich
    }

    async fn probe(&self) -> Result<Capabilities, Failure> {
        self.http.read(&Ask::get("/account/keys/verify")).await?;
        let credits = self.http.json(&Ask::get("/account/credits")).await?;
        let all = Capabilities::all([Capability::Enrich]);
        let is_empty = json::whole(&credits, &["balance"]).is_some_and(|balance| balance <= 0);
        Ok(if is_empty { all.without(Capability::Enrich, "there are no credits left") } else { all })
    }

    async fn start(&self, wanted: &Wanted, call_back: Option<&str>) -> Result<EnrichmentProgress, Failure> {
        let mut body = json!({ "name": wanted.reference, "data": [asking_for(wanted)?] });
        if let (Some(call_back), Some(fields)) = (call_back, body.as_object_mut()) {
            fields.insert("webhook_url".to_owned(), call_back.into());
        }
        let said = self.http.once(&Ask::post("/contact/enrich/bulk").saying(body)).await?.json()?;
        let job = json::text(&said, &["enrichment_id", "id"])
            .ok_or_else(|| Failure::unreadable("it names no question"))?;
        Ok(EnrichmentProgress::Pending { job: EnrichmentJob(job), wait: LATER })
    }

    /// While it works a refusal (400) says "not ready".
    async fn poll(&self, job: &EnrichmentJob) -> Result<EnrichmentProgress, Failure> {
        if job.0.is_empty() || !job.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(Failure::impossible("this is no question of FullEnrich's"));
        }
        match self.http.json(&Ask::get(format!("/contact/enrich/bulk/{}", job.0))).await {
            Ok(said) => Ok(progress(job, said)),
            Err(Failure::Refused { status: 400, .. }) => {
                Ok(EnrichmentProgress::Pending { job: job.clone(), wait: LATER })
            }
            Err(Failure::Refused { status: 402, words }) => {
                Ok(EnrichmentProgress::OutOfCredits { raw: words.into() })
            }
            Err(failure) => Err(failure),
        }
    }

    fn is_signed(&self, headers: &[(String, String)], body: &[u8]) -> Option<bool> {
        let given = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(SIGNATURE));
        let given = given.and_then(|(_, value)| hex::decode(value.trim()).ok());
        let mut mac = Hmac::<Sha1>::new_from_slice(self.key.reveal().as_bytes())
            .expect("a key of any length is one of an HMAC");
        mac.update(body);
        Some(given.is_some_and(|given| mac.verify_slice(&given).is_ok()))
    }

    fn called_back(&self, body: &[u8]) -> Result<(EnrichmentJob, EnrichmentProgress), Failure> {
        let said: Value = serde_json::from_slice(body).map_err(|_| Failure::unreadable("it is no JSON"))?;
        let job = json::text(&said, &["id", "enrichment_id"]);
        let job = EnrichmentJob(job.ok_or_else(|| Failure::unreadable("it names no question"))?);
        let progress = progress(&job, said);
        Ok((job, progress))
    }
}

fn asking_for(wanted: &Wanted) -> Result<Value, Failure> {
    if let Some(lacks) = wanted.lacks_for(Tool::FullEnrich) {
        return Err(Failure::impossible(lacks));
    }
    let told = [
        ("first_name", &wanted.first_name),
        ("last_name", &wanted.last_name),
        ("domain", &wanted.domain),
        ("company_name", &wanted.company),
        ("linkedin_url", &wanted.profile_url),
    ];
    let reference: String = wanted.reference.chars().take(100).collect();
    let mut contact = json!({
        "enrich_fields": ["contact.work_emails", "contact.phones"], "custom": { "reference": reference },
    });
    if let Some(fields) = contact.as_object_mut() {
        fields.extend(
            told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into()))),
        );
    }
    Ok(contact)
}

fn progress(job: &EnrichmentJob, said: Value) -> EnrichmentProgress {
    match json::text(&said, &["status"]).unwrap_or_default().to_uppercase().as_str() {
        "FINISHED" => match found(&said) {
            Some(found) => EnrichmentProgress::Found(Box::new(found)),
            None => EnrichmentProgress::NotFound { raw: said },
        },
        "CREDITS_INSUFFICIENT" => EnrichmentProgress::OutOfCredits { raw: said },
        "CANCELED" => EnrichmentProgress::Cancelled { raw: said },
        _ => EnrichmentProgress::Pending { job: job.clone(), wait: LATER },
    }
}

fn found(said: &Value) -> Option<Enriched> {
    let contact = said.get("data").or_else(|| said.get("datas"))?.get(0)?;
    let of = |path: &str| json::text(contact, &[path]);
    let found = Enriched {
        email: json::email(contact, &["contact_info.most_probable_work_email.email"]),
        email_status: of("contact_info.most_probable_work_email.status"),
        phone: of("contact_info.most_probable_phone.number"),
        name: of("profile.full_name"),
        title: of("profile.employment.current.title"),
        company: of("profile.employment.current.company.name"),
        domain: of("profile.employment.current.company.domain"),
        profile_url: of("input.professional_network_url"),
        credits: json::whole(said, &["cost.credits"]),
        raw: said.clone(),
    };
    (found.email.is_some() || found.phone.is_some()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool() -> FullEnrich {
        let base = ApiBase::configured("http://127.0.0.1:9").unwrap();
        FullEnrich::new(Some(base), &"key".to_owned().into(), Pace::brisk(|longest| longest)).unwrap()
    }

    #[test]
    fn a_call_back_is_signed_with_the_key_and_nothing_else_is_one() {
        // The vector of RFC 2202, by another name: HMAC-SHA1 with the key "key" of the well-known pangram.
        let body = b"The quick brown fox jumps over the lazy dog";
        let signed = |value: &str| {
            let headers = [("X-Signature-SHA1".to_owned(), value.to_owned())];
            tool().is_signed(&headers, body)
        };
        assert_eq!(signed("de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"), Some(true));
        for wrong in ["de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d8", "", "de7c", "no hex"] {
            assert_eq!(signed(wrong), Some(false), "{wrong:?}");
        }
        assert_eq!(tool().is_signed(&[], body), Some(false));
    }
}
