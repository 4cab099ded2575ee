//! Speaking to the tool about one lead, and what its answer means for that lead and for others.

use std::time::Duration;

use connectors::{Connector, Deed, Enriched, EnrichmentJob, EnrichmentProgress, Failure, Outcome};
use domain::action::ActionKind;
use domain::ids::TenantId;
use domain::lead::Stage;
use serde_json::{Value, json};
use store::action_leads::{ActionLead, LeadToActOn};

use super::choosing::wanted;
use super::finding::answer;
use crate::actions::Actions;

/// How long a tool has to answer; a client that reads tries several times.
const LONGEST: Duration = Duration::from_secs(45);

/// How long until a tool that did not say how far it is is asked again, at least.
const POLL_AGAIN: Duration = Duration::from_secs(60);

/// What speaking to a tool about one lead came to.
pub(super) enum Said {
    /// It is done: what the tool answered, the message's id, and what was found.
    Done { answer: Value, reference: Option<String>, found: Option<Box<Enriched>> },
    /// The tool works at it, or does not say just now.
    Waiting { reference: String, wait: Duration, problem: Option<String> },
    /// It came to nothing.
    Failed { problem: String, answer: Option<Value> },
    /// It came to nothing, and so it would with everybody else at this tool.
    FailedForAll { problem: String },
    /// It was certainly not done, and may be tried again.
    NotDone(Failure),
    /// Nobody knows.
    Unknown { problem: String },
}

impl Said {
    pub(super) fn failed(problem: impl Into<String>) -> Self {
        Self::Failed { problem: problem.into(), answer: None }
    }
}

impl Actions {
    /// Asks the tool about a lead, once.
    pub(super) async fn ask_about(&self, tenant: TenantId, lead: &ActionLead, known: &LeadToActOn) -> Said {
        match lead.kind {
            ActionKind::SendFollowUp => self.write_to(tenant, lead).await,
            _ => {
                let started =
                    async { self.enrichment(tenant, lead.tool).await?.start(&wanted(known), None).await };
                in_time(started).await.map_or_else(failed, progressed)
            }
        }
    }

    async fn write_to(&self, tenant: TenantId, lead: &ActionLead) -> Said {
        let sent = async {
            let connector: Box<dyn Connector> = self.connector(tenant, lead.tool).await?;
            let thread = lead.thread.clone().unwrap_or_default();
            let thread = serde_json::from_value(thread).map_err(|_| Failure::Impossible {
                words: "the conversation cannot be named any more".to_owned(),
            })?;
            let text = lead.message.clone().unwrap_or_default();
            connector.act(&Deed::Reply { thread, text }).await
        };
        match in_time(sent).await {
            Ok(receipt) => Said::Done {
                answer: json!({ "status": receipt.status, "said": receipt.said }),
                reference: receipt.message,
                found: None,
            },
            Err(failure) => failed(failure),
        }
    }

    /// Asks the tool how far it is. That can be asked at any time, so what keeps it from saying is waited out: what it
    /// works at is paid for.
    pub(super) async fn ask_again(&self, tenant: TenantId, lead: &ActionLead) -> Said {
        let job = EnrichmentJob(lead.reference.clone().unwrap_or_default());
        let polled = async { self.enrichment(tenant, lead.tool).await?.poll(&job).await };
        match in_time(polled).await {
            Ok(progress) => progressed(progress),
            Err(Failure::Refused { status: 404 | 410, .. }) => {
                Said::failed("the tool does not know the question any more")
            }
            Err(failure) => Said::Waiting {
                reference: job.0,
                wait: failure.wait().max(POLL_AGAIN),
                problem: Some(failure.to_string()),
            },
        }
    }
}

/// Why nothing is to be done about a lead any more, when something happened since it was asked for.
pub(super) fn no_longer(kind: ActionKind, known: &LeadToActOn) -> Option<&'static str> {
    if known.stage == Stage::Closed {
        return Some("they have bought since");
    }
    (kind == ActionKind::SendFollowUp && known.is_bounced).then_some("a message to them came back since")
}

async fn in_time<T>(asking: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::time::timeout(LONGEST, asking).await.unwrap_or_else(|_| {
        Err(Failure::Unanswered { words: format!("no answer within {} seconds", LONGEST.as_secs()) })
    })
}

fn progressed(progress: EnrichmentProgress) -> Said {
    match progress {
        EnrichmentProgress::Pending { job, wait } => Said::Waiting { reference: job.0, wait, problem: None },
        EnrichmentProgress::Found(found) if found.email.is_none() && found.phone.is_none() => Said::Failed {
            problem: "neither an e-mail nor a telephone was found".to_owned(),
            answer: Some(answer(&found)),
        },
        EnrichmentProgress::Found(found) => {
            Said::Done { answer: answer(&found), reference: None, found: Some(found) }
        }
        EnrichmentProgress::NotFound { .. } => Said::failed("nothing was found"),
        EnrichmentProgress::OutOfCredits { .. } => {
            Said::FailedForAll { problem: "there are no credits left".to_owned() }
        }
        EnrichmentProgress::Cancelled { .. } => Said::failed("it was called off at the tool"),
    }
}

/// Why the tool did not do it, and what that means for this lead and the others.
fn failed(failure: Failure) -> Said {
    match failure.outcome() {
        Outcome::Unknown => Said::Unknown { problem: format!("{failure}; asked again it may be done twice") },
        Outcome::NotDone if failure.may_pass() => Said::NotDone(failure),
        Outcome::NotDone if failure.is_about_the_key() => Said::FailedForAll { problem: failure.to_string() },
        Outcome::NotDone => Said::failed(failure.to_string()),
    }
}
