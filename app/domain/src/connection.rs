//! The outside services a tenant can connect, and what credential each takes.

use std::str::FromStr;

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
