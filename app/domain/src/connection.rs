//! The outside services a tenant can connect, and what credential each takes.

use std::str::FromStr;

use jiff::Timestamp;

/// What of Stripe belongs to a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belonging {
    /// Its account there, once its key has been used.
    pub account: Option<String>,
    /// When that account was disconnected.
    pub revoked_at: Option<Timestamp>,
    /// Whether it keeps live money; `None` until the first event says.
    pub livemode: Option<bool>,
}

impl Belonging {
    /// Whether an event of a connected account, from then, is the tenant's.
    #[must_use]
    pub fn is_own_account(&self, account: &str, at: Timestamp) -> bool {
        self.account.as_deref() == Some(account) && self.revoked_at.is_none_or(|revoked| at <= revoked)
    }

    /// Whether an event of that mode is booked.
    #[must_use]
    pub fn takes(&self, livemode: bool) -> bool {
        self.livemode.is_none_or(|own| own == livemode)
    }
}

/// A credential a tenant may store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretKind {
    /// What Stripe signs this tenant's events with.
    StripeWebhook,
    /// A restricted key to read from Stripe.
    StripeKey,
    /// HeyReach's API key.
    HeyReach,
    /// PlusVibe's API key.
    PlusVibe,
    /// Instantly's API key.
    Instantly,
    /// Apollo's API key.
    Apollo,
    /// FullEnrich's API key.
    FullEnrich,
    /// Slack's incoming webhook.
    SlackWebhook,
}

impl SecretKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::StripeWebhook,
        Self::StripeKey,
        Self::HeyReach,
        Self::PlusVibe,
        Self::Instantly,
        Self::Apollo,
        Self::FullEnrich,
        Self::SlackWebhook,
    ];

    /// The word stored and typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::StripeWebhook => "stripe_webhook",
            Self::StripeKey => "stripe_key",
            Self::HeyReach => "heyreach",
            Self::PlusVibe => "plusvibe",
            Self::Instantly => "instantly",
            Self::Apollo => "apollo",
            Self::FullEnrich => "fullenrich",
            Self::SlackWebhook => "slack_webhook",
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StripeWebhook => "Stripe webhook signing secret",
            Self::StripeKey => "Stripe restricted key",
            Self::HeyReach => "HeyReach API key",
            Self::PlusVibe => "PlusVibe API key",
            Self::Instantly => "Instantly API key",
            Self::Apollo => "Apollo API key",
            Self::FullEnrich => "FullEnrich API key",
            Self::SlackWebhook => "Slack incoming webhook",
        }
    }
}

/// A text that names no kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such kind of credential")]
pub struct InvalidSecretKind;

impl FromStr for SecretKind {
    type Err = InvalidSecretKind;

    fn from_str(text: &str) -> Result<Self, InvalidSecretKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or(InvalidSecretKind)
    }
}

/// A tool a tenant reaches or looks up people with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tool {
    /// Reaches people on LinkedIn.
    HeyReach,
    /// Reaches people by e-mail.
    PlusVibe,
    /// Reaches people by e-mail.
    Instantly,
    /// Looks people up.
    Apollo,
    /// Looks people up.
    FullEnrich,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 5] =
        [Self::HeyReach, Self::PlusVibe, Self::Instantly, Self::Apollo, Self::FullEnrich];

    /// The word stored, typed and part of addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.secret().word()
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HeyReach => "HeyReach",
            Self::PlusVibe => "PlusVibe",
            Self::Instantly => "Instantly",
            Self::Apollo => "Apollo",
            Self::FullEnrich => "FullEnrich",
        }
    }

    /// The credential it is asked with.
    #[must_use]
    pub const fn secret(self) -> SecretKind {
        match self {
            Self::HeyReach => SecretKind::HeyReach,
            Self::PlusVibe => SecretKind::PlusVibe,
            Self::Instantly => SecretKind::Instantly,
            Self::Apollo => SecretKind::Apollo,
            Self::FullEnrich => SecretKind::FullEnrich,
        }
    }

    /// Whether it has campaigns that reach people, so that there is something to sync.
    #[must_use]
    pub const fn reaches_people(self) -> bool {
        matches!(self, Self::HeyReach | Self::PlusVibe | Self::Instantly)
    }
}

/// A text that names no tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tool is heyreach, plusvibe, instantly, apollo or fullenrich")]
pub struct InvalidTool;

impl FromStr for Tool {
    type Err = InvalidTool;

    fn from_str(text: &str) -> Result<Self, InvalidTool> {
        Self::ALL.into_iter().find(|tool| tool.word() == text).ok_or(InvalidTool)
    }
}

/// How a connection to a tool stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// It can be asked.
    Connected,
    /// It does not take the key.
    Refused,
    /// Somebody ended it.
    Disconnected,
}

impl ConnectionState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Connected, Self::Refused, Self::Disconnected];

    /// The word stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Refused => "refused",
            Self::Disconnected => "disconnected",
        }
    }
}

/// A text that names no state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a connection is connected, refused or disconnected")]
pub struct InvalidConnectionState;

impl FromStr for ConnectionState {
    type Err = InvalidConnectionState;

    fn from_str(text: &str) -> Result<Self, InvalidConnectionState> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(InvalidConnectionState)
    }
}

/// How a reading of a tool stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyncState {
    /// It is being read, or was until the program was killed.
    Running,
    /// It was read to its end.
    Done,
    /// It was not.
    Failed,
}

impl SyncState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Running, Self::Done, Self::Failed];

    /// The word stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A text that names no state of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sync is running, done or failed")]
pub struct InvalidSyncState;

impl FromStr for SyncState {
    type Err = InvalidSyncState;

    fn from_str(text: &str) -> Result<Self, InvalidSyncState> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(InvalidSyncState)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(Tool::ALL.into_iter().all(|tool| tool.word().parse() == Ok(tool)));
        assert!(SecretKind::ALL.into_iter().all(|kind| kind.word().parse() == Ok(kind)));
        assert!(ConnectionState::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
        assert!(SyncState::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
        assert_eq!("stripe".parse::<Tool>(), Err(InvalidTool));
    }
}
