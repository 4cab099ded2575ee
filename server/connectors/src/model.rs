//! What tools have, in one set of words.

use domain::campaign::CampaignState;
use domain::lead::{Stage, TouchKind};
use jiff::Timestamp;
use serde_json::Value;

use crate::deeds::Thread;

/// A campaign at a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// The id it has there.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it reaches people at present.
    pub state: CampaignState,
    /// When it began, or was made.
    pub started_at: Option<Timestamp>,
    /// What the tool said.
    pub raw: Value,
}

/// Somebody a campaign reaches.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// By what the tool's people are told apart: an e-mail, or the address of a profile.
    pub key: String,
    /// The id there, when it has one.
    pub id: Option<String>,
    /// Their e-mail, in lower case.
    pub email: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// Where they work.
    pub company: Option<String>,
    /// Their LinkedIn profile.
    pub profile_url: Option<String>,
    /// When they came to the campaign.
    pub since: Option<Timestamp>,
    /// How far they have come there.
    pub progress: Option<Progress>,
    /// What the tool said.
    pub raw: Value,
}

/// How far somebody has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// To where.
    pub stage: Stage,
    /// When, if the tool says.
    pub at: Option<Timestamp>,
}

/// Something that happened between a tenant and somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Touch {
    /// The same one every time it is told, by a list or by a webhook.
    pub id: String,
    /// With whom; less is known of them here than in the list of people.
    pub person: Person,
    /// The id of the campaign it belongs to.
    pub campaign: Option<String>,
    /// What kind of thing.
    pub kind: TouchKind,
    /// When.
    pub occurred_at: Timestamp,
    /// What was written.
    pub text: Option<String>,
    /// Where an answer goes.
    pub thread: Option<Thread>,
    /// What the tool said.
    pub raw: Value,
}

/// What a campaign came to over some days, as its tool counts. What the tool does not count is not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// People it reached.
    pub contacted: Option<i64>,
    /// Messages that went out.
    pub sent: Option<i64>,
    /// Messages that were opened.
    pub opened: Option<i64>,
    /// Answers.
    pub replied: Option<i64>,
    /// Messages that could not be delivered.
    pub bounced: Option<i64>,
    /// Invitations to connect.
    pub invited: Option<i64>,
    /// Invitations that were accepted.
    pub accepted: Option<i64>,
    /// What the tool said.
    pub raw: Value,
}

/// Something that came and could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// What the tool calls it, as far as that can be told.
    pub reference: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// What the tool said.
    pub raw: Value,
}

/// A page of a list. What came is [`Page::items`] and [`Page::rejected`] together.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// What could not.
    pub rejected: Vec<Rejected>,
    /// Where the list goes on.
    pub next: Next,
}

impl<T> Page<T> {
    /// How much came.
    #[must_use]
    pub const fn came(&self) -> usize {
        self.items.len() + self.rejected.len()
    }
}

/// Where a list goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// There is more, from here.
    More(Cursor),
    /// That was all.
    Done {
        /// From where to look for what is new the next time; from the beginning, when nothing is said.
        since: Option<Cursor>,
    },
}

impl Next {
    /// Where to go on, when there is more.
    #[must_use]
    pub fn more(&self) -> Option<&Cursor> {
        match self {
            Self::More(cursor) => Some(cursor),
            Self::Done { .. } => None,
        }
    }
}

/// A place in a list, to be kept and given back as it is; only the tool's connector knows what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// Reads [`Cursor::as_str`].
    #[must_use]
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to keep.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
