//! What is written down of who did or read what.
//!
//! To record something new: a [`Deed`] and its words.

use std::fmt;
use std::str::FromStr;

/// Something that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Deed {
    /// Somebody signed in.
    SignedIn,
    /// Somebody tried to sign in with a wrong password.
    SignInRefused,
    /// Somebody signed out, or ended a session.
    SessionEnded,
    /// Somebody changed or reset a password.
    PasswordChanged,
    /// Somebody made an account, and a tenant or a membership with it.
    SignedUp,
    /// Somebody was asked to join.
    MemberInvited,
    /// An invitation was taken back.
    InvitationRevoked,
    /// Somebody joined.
    MemberJoined,
    /// Somebody's role was changed.
    MemberRoleChanged,
    /// Somebody no longer belongs here.
    MemberRemoved,
    /// Settings were changed.
    SettingsChanged,
    /// Exchange rates were brought in.
    RatesChanged,
    /// Somebody said which channel revenue is to be credited to.
    AttributionOverridden,
    /// Somebody took that back.
    OverrideTakenBack,
    /// A record was linked to a Stripe customer.
    RecordLinked,
    /// That was taken back.
    RecordUnlinked,
    /// A channel was added.
    ChannelAdded,
    /// A channel was changed.
    ChannelChanged,
    /// A channel was deleted.
    ChannelDeleted,
    /// A rule by which channels are recognised was made or changed.
    ChannelRuleSaved,
    /// A rule was deleted.
    ChannelRuleDeleted,
    /// An API key was made.
    ApiKeyCreated,
    /// An API key was revoked.
    ApiKeyRevoked,
    /// A credential was stored.
    SecretStored,
    /// A credential was removed.
    SecretRemoved,
    /// A tool was connected.
    ToolConnected,
    /// A tool was disconnected.
    ToolDisconnected,
    /// An address was made at which a tool tells of things.
    WebhookAddressMade,
    /// Somebody had a tool read.
    SyncStarted,
    /// Somebody had the past read from Stripe.
    BackfillStarted,
    /// Somebody stopped that.
    BackfillPaused,
    /// Events were handed to the applier again.
    EventsReplayed,
    /// Rows were taken out as a file.
    Exported,
    /// A cost of a channel was written down.
    CostAdded,
    /// A cost was changed.
    CostChanged,
    /// A cost was deleted.
    CostDeleted,
    /// A deleted cost was brought back.
    CostRestored,
    /// A cost that comes every month was written down.
    MonthlyCostAdded,
    /// A monthly cost was ended.
    MonthlyCostEnded,
    /// A file was brought in.
    FileImported,
    /// What a file had created was taken out again.
    ImportUndone,
    /// Somebody looks after an alert.
    AlertAcknowledged,
    /// Somebody does not want to see an alert for now.
    AlertSnoozed,
    /// Somebody is done with an alert.
    AlertResolved,
    /// A member was asked to look after an alert, or nobody any more.
    AlertAssigned,
    /// Somebody said something about an alert.
    AlertCommented,
    /// Somebody asked for something to be done at a tool.
    ActionRequested,
    /// Somebody called that off.
    ActionCancelled,
    /// Somebody had a job tried again.
    JobRetried,
    /// Somebody paused a job.
    JobPaused,
    /// Somebody let a job go on.
    JobResumed,
    /// Somebody of the platform, who is no member, looked in.
    PlatformVisited,
    /// Something was refused that somebody may not do.
    AccessRefused,
}

impl Deed {
    /// Every deed.
    pub const ALL: [Self; 53] = [
        Self::SignedIn,
        Self::SignInRefused,
        Self::SessionEnded,
        Self::PasswordChanged,
        Self::SignedUp,
        Self::MemberInvited,
        Self::InvitationRevoked,
        Self::MemberJoined,
        Self::MemberRoleChanged,
        Self::MemberRemoved,
        Self::SettingsChanged,
        Self::RatesChanged,
        Self::AttributionOverridden,
        Self::OverrideTakenBack,
        Self::RecordLinked,
        Self::RecordUnlinked,
        Self::ChannelAdded,
        Self::ChannelChanged,
        Self::ChannelDeleted,
        Self::ChannelRuleSaved,
        Self::ChannelRuleDeleted,
        Self::ApiKeyCreated,
        Self::ApiKeyRevoked,
        Self::SecretStored,
        Self::SecretRemoved,
        Self::ToolConnected,
        Self::ToolDisconnected,
        Self::WebhookAddressMade,
        Self::SyncStarted,
        Self::BackfillStarted,
        Self::BackfillPaused,
        Self::EventsReplayed,
        Self::Exported,
        Self::CostAdded,
        Self::CostChanged,
        Self::CostDeleted,
        Self::CostRestored,
        Self::MonthlyCostAdded,
        Self::MonthlyCostEnded,
        Self::FileImported,
        Self::ImportUndone,
        Self::AlertAcknowledged,
        Self::AlertSnoozed,
        Self::AlertResolved,
        Self::AlertAssigned,
        Self::AlertCommented,
        Self::ActionRequested,
        Self::ActionCancelled,
        Self::JobRetried,
        Self::JobPaused,
        Self::JobResumed,
        Self::PlatformVisited,
        Self::AccessRefused,
    ];

    /// The word stored and filtered by.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignInRefused => "sign_in_refused",
            Self::SessionEnded => "session_ended",
            Self::PasswordChanged => "password_changed",
            Self::SignedUp => "signed_up",
            Self::MemberInvited => "member_invited",
            Self::InvitationRevoked => "invitation_revoked",
            Self::MemberJoined => "member_joined",
            Self::MemberRoleChanged => "member_role_changed",
            Self::MemberRemoved => "member_removed",
            Self::SettingsChanged => "settings_changed",
            Self::RatesChanged => "rates_changed",
            Self::AttributionOverridden => "attribution_overridden",
            Self::OverrideTakenBack => "override_taken_back",
            Self::RecordLinked => "record_linked",
            Self::RecordUnlinked => "record_unlinked",
            Self::ChannelAdded => "channel_added",
            Self::ChannelChanged => "channel_changed",
            Self::ChannelDeleted => "channel_deleted",
            Self::ChannelRuleSaved => "channel_rule_saved",
            Self::ChannelRuleDeleted => "channel_rule_deleted",
            Self::ApiKeyCreated => "api_key_created",
            Self::ApiKeyRevoked => "api_key_revoked",
            Self::SecretStored => "secret_stored",
            Self::SecretRemoved => "secret_removed",
            Self::ToolConnected => "tool_connected",
            Self::ToolDisconnected => "tool_disconnected",
            Self::WebhookAddressMade => "webhook_address_made",
            Self::SyncStarted => "sync_started",
            Self::BackfillStarted => "backfill_started",
            Self::BackfillPaused => "backfill_paused",
            Self::EventsReplayed => "events_replayed",
            Self::Exported => "exported",
            Self::CostAdded => "cost_added",
            Self::CostChanged => "cost_changed",
            Self::CostDeleted => "cost_deleted",
            Self::CostRestored => "cost_restored",
            Self::MonthlyCostAdded => "monthly_cost_added",
            Self::MonthlyCostEnded => "monthly_cost_ended",
            Self::FileImported => "file_imported",
            Self::ImportUndone => "import_undone",
            Self::AlertAcknowledged => "alert_acknowledged",
            Self::AlertSnoozed => "alert_snoozed",
            Self::AlertResolved => "alert_resolved",
            Self::AlertAssigned => "alert_assigned",
            Self::AlertCommented => "alert_commented",
            Self::ActionRequested => "action_requested",
            Self::ActionCancelled => "action_cancelled",
            Self::JobRetried => "job_retried",
            Self::JobPaused => "job_paused",
            Self::JobResumed => "job_resumed",
            Self::PlatformVisited => "platform_visited",
            Self::AccessRefused => "access_refused",
        }
    }

    /// What was done, for people.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::SignedIn => "Signed in",
            Self::SignInRefused => "Sign-in refused",
            Self::SessionEnded => "Ended a session",
            Self::PasswordChanged => "Changed a password",
            Self::SignedUp => "Signed up",
            Self::MemberInvited => "Invited a member",
            Self::InvitationRevoked => "Took back an invitation",
            Self::MemberJoined => "Joined",
            Self::MemberRoleChanged => "Changed a role",
            Self::MemberRemoved => "Removed a member",
            Self::SettingsChanged => "Changed settings",
            Self::RatesChanged => "Brought in exchange rates",
            Self::AttributionOverridden => "Set a channel by hand",
            Self::OverrideTakenBack => "Took back a channel set by hand",
            Self::RecordLinked => "Linked a record to a customer",
            Self::RecordUnlinked => "Took back a link of a record",
            Self::ChannelAdded => "Added a channel",
            Self::ChannelChanged => "Changed a channel",
            Self::ChannelDeleted => "Deleted a channel",
            Self::ChannelRuleSaved => "Saved a rule of channels",
            Self::ChannelRuleDeleted => "Deleted a rule of channels",
            Self::ApiKeyCreated => "Made an API key",
            Self::ApiKeyRevoked => "Revoked an API key",
            Self::SecretStored => "Stored a credential",
            Self::SecretRemoved => "Removed a credential",
            Self::ToolConnected => "Connected a tool",
            Self::ToolDisconnected => "Disconnected a tool",
            Self::WebhookAddressMade => "Made an address for a tool's webhooks",
            Self::SyncStarted => "Had a tool read",
            Self::BackfillStarted => "Had the past read from Stripe",
            Self::BackfillPaused => "Stopped reading from Stripe",
            Self::EventsReplayed => "Had events looked at again",
            Self::Exported => "Took out rows",
            Self::CostAdded => "Added a cost",
            Self::CostChanged => "Changed a cost",
            Self::CostDeleted => "Deleted a cost",
            Self::CostRestored => "Brought back a cost",
            Self::MonthlyCostAdded => "Added a monthly cost",
            Self::MonthlyCostEnded => "Ended a monthly cost",
            Self::FileImported => "Brought in a file",
            Self::ImportUndone => "Undid an import",
            Self::AlertAcknowledged => "Acknowledged an alert",
            Self::AlertSnoozed => "Snoozed an alert",
            Self::AlertResolved => "Resolved an alert",
            Self::AlertAssigned => "Assigned an alert",
            Self::AlertCommented => "Commented on an alert",
            Self::ActionRequested => "Asked for an action",
            Self::ActionCancelled => "Called off an action",
            Self::JobRetried => "Had a job tried again",
            Self::JobPaused => "Paused a job",
            Self::JobResumed => "Let a job go on",
            Self::PlatformVisited => "Looked in for the platform",
            Self::AccessRefused => "Was refused",
        }
    }
}

/// A text that names no deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log has no such deed")]
pub struct InvalidDeed;

impl FromStr for Deed {
    type Err = InvalidDeed;

    fn from_str(text: &str) -> Result<Self, InvalidDeed> {
        Self::ALL.into_iter().find(|deed| deed.word() == text).ok_or(InvalidDeed)
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written_and_each_is_one_of_a_kind() {
        let mut words: Vec<&str> = Deed::ALL.iter().map(|deed| deed.word()).collect();
        assert!(Deed::ALL.into_iter().all(|deed| deed.word().parse() == Ok(deed)));
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Deed::ALL.len());
    }
}
