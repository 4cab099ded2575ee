//! Identifiers, each a type of its own, so that one cannot stand where another belongs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

uuid_id!(
    /// A tenant: one customer of this program, whose data nobody else sees.
    TenantId
);
uuid_id!(
    /// A lead: somebody who may buy.
    LeadId
);
uuid_id!(
    /// One row of the ledger.
    LedgerRowId
);
uuid_id!(
    /// A movement of monthly recurring revenue.
    MrrMovementId
);
uuid_id!(
    /// A person who signs in.
    UserId
);
uuid_id!(
    /// A browser that is signed in.
    SessionId
);
uuid_id!(
    /// Somebody asked to join a tenant.
    InvitationId
);
uuid_id!(
    /// A key programs come with.
    ApiKeyId
);
uuid_id!(
    /// A line of the audit log.
    AuditId
);
uuid_id!(
    /// A time the past was read from Stripe.
    BackfillId
);
uuid_id!(
    /// A time a tool was read from.
    SyncId
);
uuid_id!(
    /// Something that happened between a lead and the tenant.
    TouchId
);
uuid_id!(
    /// A campaign of a tool leads are reached with.
    CampaignId
);
uuid_id!(
    /// A deal: what may come of a lead, in money.
    DealId
);
uuid_id!(
    /// What a channel cost over some days.
    CostId
);
uuid_id!(
    /// A cost that comes every month.
    CostTemplateId
);
uuid_id!(
    /// A file that was brought in.
    ImportId
);
uuid_id!(
    /// A file as it was sent, before it is brought in.
    ImportFileId
);
uuid_id!(
    /// Something that needs somebody.
    AlertId
);
uuid_id!(
    /// Something somebody said about one.
    AlertCommentId
);
uuid_id!(
    /// A rule by which a channel is recognised.
    RuleId
);
uuid_id!(
    /// Work that is done later, again, or on schedule.
    JobId
);
uuid_id!(
    /// Something somebody has done at a provider.
    ActionId
);

/// The id Stripe gives an event: `evt_` and up to 250 letters, digits or underscores.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId(String);

impl EventId {
    /// The id as Stripe writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is no Stripe event id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event id is evt_ and up to 250 letters, digits or underscores")]
pub struct InvalidEventId;

impl FromStr for EventId {
    type Err = InvalidEventId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let tail = text.strip_prefix("evt_").ok_or(InvalidEventId)?;
        let fits = (1..=250).contains(&tail.len());
        let plain = tail.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if fits && plain { Ok(Self(text.to_owned())) } else { Err(InvalidEventId) }
    }
}

impl TryFrom<String> for EventId {
    type Error = InvalidEventId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> Self {
        id.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_is_accepted_only_in_stripes_form() {
        assert!("evt_1T9667e4db3cadb9a1269e41".parse::<EventId>().is_ok());
        let too_long = format!("evt_{}", "a".repeat(251));
        for text in ["", "evt_", "evt 1", "evt_a'; drop table", " evt_1", "EVT_1", too_long.as_str()] {
            assert_eq!(text.parse::<EventId>(), Err(InvalidEventId), "{text:?}");
        }
    }
}
