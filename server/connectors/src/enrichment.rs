//! A tool that looks people up.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use domain::connection::Tool;
use serde_json::Value;

use crate::capabilities::Capabilities;
use crate::failure::Failure;

/// Who is to be looked up, by what is known of them. A LinkedIn profile is the surest, then an e-mail, then a name
/// with a company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What we call the question; it comes back with the answer where the tool allows.
    pub reference: String,
    /// Their LinkedIn profile.
    pub profile_url: Option<String>,
    /// Their e-mail.
    pub email: Option<String>,
    /// Their first name.
    pub first_name: Option<String>,
    /// Their last name.
    pub last_name: Option<String>,
    /// Where they work.
    pub company: Option<String>,
    /// The domain of where they work.
    pub domain: Option<String>,
}

impl Wanted {
    /// What a tool would have to know of somebody to look them up; `None` when enough is known.
    #[must_use]
    pub const fn lacks_for(&self, tool: Tool) -> Option<&'static str> {
        let is_named = self.first_name.is_some() && self.last_name.is_some();
        let is_placed = self.domain.is_some() || self.company.is_some();
        let is_known = self.profile_url.is_some() || (is_named && is_placed);
        match tool {
            Tool::Apollo if is_known || self.email.is_some() => None,
            Tool::Apollo => {
                Some("Apollo needs a profile, an e-mail, or a first and last name with a company")
            }
            Tool::FullEnrich if is_known => None,
            Tool::FullEnrich => Some("FullEnrich needs a profile, or a first and last name with a company"),
            Tool::HeyReach | Tool::PlusVibe | Tool::Instantly => Some("this tool looks nobody up"),
        }
    }
}

/// How many of a tool's credits looking one person up costs at most.
#[must_use]
pub const fn most_credits(tool: Tool) -> i64 {
    match tool {
        // An e-mail at work (1) and a telephone (10).
        Tool::FullEnrich => 11,
        Tool::Apollo => 1,
        Tool::HeyReach | Tool::PlusVibe | Tool::Instantly => 0,
    }
}

/// A question that a tool works at, by the id it has there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrichmentJob(pub String);

/// How far a question has come.
#[derive(Clone, Debug, PartialEq)]
pub enum EnrichmentProgress {
    /// The tool works at it.
    Pending {
        /// The question.
        job: EnrichmentJob,
        /// When to ask again at the earliest.
        wait: Duration,
    },
    /// It found something.
    Found(Box<Enriched>),
    /// It found nothing.
    NotFound {
        /// What the tool said.
        raw: Value,
    },
    /// Nobody paid for an answer.
    OutOfCredits {
        /// What the tool said.
        raw: Value,
    },
    /// It was called off.
    Cancelled {
        /// What the tool said.
        raw: Value,
    },
}

/// What a tool found out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Enriched {
    /// Their e-mail at work.
    pub email: Option<String>,
    /// What the tool thinks of the e-mail, in its own word.
    pub email_status: Option<String>,
    /// Their telephone.
    pub phone: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// What they do.
    pub title: Option<String>,
    /// Where they work.
    pub company: Option<String>,
    /// The domain of where they work.
    pub domain: Option<String>,
    /// Their LinkedIn profile.
    pub profile_url: Option<String>,
    /// What it cost, in the tool's credits.
    pub credits: Option<i64>,
    /// What the tool said.
    pub raw: Value,
}

/// A way to one account at a tool that looks people up.
#[async_trait]
pub trait Enrichment: Debug + Send + Sync {
    /// Which tool.
    fn tool(&self) -> Tool;

    /// Asks what the key may do.
    async fn probe(&self) -> Result<Capabilities, Failure>;

    /// Asks about somebody, once: asked again it may cost again. The tool calls back at an address, if one is given.
    async fn start(&self, wanted: &Wanted, call_back: Option<&str>) -> Result<EnrichmentProgress, Failure>;

    /// Asks how far a question has come.
    async fn poll(&self, job: &EnrichmentJob) -> Result<EnrichmentProgress, Failure>;

    /// Whether a call back is the tool's, where it signs them; `None` where it does not, and the address must be one
    /// nobody guesses.
    fn is_signed(&self, headers: &[(String, String)], body: &[u8]) -> Option<bool>;

    /// Reads a call back: which question, and how far it has come.
    fn called_back(&self, body: &[u8]) -> Result<(EnrichmentJob, EnrichmentProgress), Failure>;
}
