//! What a tool can be told to do, and what it answered.

use domain::campaign::CampaignState;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something to be done at a tool. It is one request: it is done, or not, or nobody knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Stop a campaign for the time being.
    Pause {
        /// The id it has there.
        campaign: String,
    },
    /// Let a campaign go on, or begin.
    Resume {
        /// The id it has there.
        campaign: String,
    },
    /// Add people to a campaign, at most [`crate::Connector::most_leads`] at once. Who is there already stays there once.
    AddLeads {
        /// The id the campaign has there.
        campaign: String,
        /// Whom.
        leads: Vec<NewLead>,
    },
    /// Answer somebody. Sent twice it arrives twice.
    Reply {
        /// Where the answer goes.
        thread: Thread,
        /// What it says, as plain text.
        text: String,
    },
    /// Let a campaign reach somebody no further.
    StopLead {
        /// The id the campaign has there.
        campaign: String,
        /// The key of the person.
        person: String,
    },
}

/// Somebody to be added to a campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewLead {
    /// Their e-mail; tools that write e-mails need it.
    pub email: Option<String>,
    /// Their LinkedIn profile; tools that write there need it.
    pub profile_url: Option<String>,
    /// Their first name.
    pub first_name: Option<String>,
    /// Their last name.
    pub last_name: Option<String>,
    /// Where they work.
    pub company: Option<String>,
    /// As what.
    pub position: Option<String>,
    /// Other things the campaign's texts may name.
    pub custom: Vec<(String, String)>,
}

/// A conversation, as far as an answer has to name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// The conversation, or the message that is answered.
    pub id: String,
    /// The sender of ours: a LinkedIn account or a mailbox.
    pub account: String,
    /// Who is answered.
    pub to: Option<String>,
    /// The subject there was.
    pub subject: Option<String>,
}

/// What a tool answered to something that was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Receipt {
    /// The status it answered with.
    pub status: u16,
    /// What it said, without secrets.
    pub said: Value,
    /// How many people were added.
    pub added: Option<i64>,
    /// How many were there already.
    pub known: Option<i64>,
    /// How many it did not take.
    pub refused: Option<i64>,
    /// How the campaign stands now, read back from the tool.
    pub state: Option<CampaignState>,
    /// The id of the message that was sent.
    pub message: Option<String>,
}
