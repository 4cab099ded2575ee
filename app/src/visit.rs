//! Who looks at a page, found out by the server before it is rendered, and what their form was answered.

use std::collections::BTreeMap;
use std::fmt;

use domain::access::{Permission, Person, Role, Viewer};
use domain::ids::TenantId;
use leptos::prelude::use_context;

use crate::port::AskError;

/// A request for a page, as far as pages need to know it.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// Who is signed in.
    pub person: Option<Person>,
    /// What they look at.
    pub looking_at: LookingAt,
    /// The tenants they may switch to.
    pub workspaces: Vec<Workspace>,
    /// What became of the form that was just sent, when the page itself says so.
    pub reply: Option<FormReply>,
    /// Whether strangers may make an account.
    pub is_sign_up_open: bool,
    /// Whether letters can be sent.
    pub can_send_mail: bool,
    /// How many alerts of the tenant looked at nobody has looked after.
    pub open_alerts: i64,
}

/// The tenant a page is about.
#[derive(Clone, Debug, Default)]
pub enum LookingAt {
    /// The person belongs to no tenant, or nobody is signed in.
    #[default]
    Nothing,
    /// The address names one that does not exist, or is none of theirs.
    Unknown,
    /// This one.
    Tenant {
        /// What they may do there.
        viewer: Viewer,
        /// Its name.
        name: String,
    },
}

/// A tenant somebody may switch to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Which.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// What they are to it.
    pub role: Role,
}

/// What became of a form, told on the page that holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct FormReply {
    /// Which form of the page: the value of its field `form`.
    pub form: String,
    /// What became of it.
    pub outcome: FormOutcome,
    /// What was typed, without what is secret, so that nothing has to be typed twice.
    pub typed: BTreeMap<String, String>,
}

/// What became of a form.
#[derive(Clone, PartialEq, Eq)]
pub enum FormOutcome {
    /// It was refused.
    Refused {
        /// The field at fault.
        field: Option<&'static str>,
        /// What is wrong; safe to show.
        message: String,
    },
    /// It was done, and this is shown now and never again: an API key, a link.
    ShownOnce(String),
}

/// What is shown once stays out of logs.
impl fmt::Debug for FormReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormReply").field("form", &self.form).finish_non_exhaustive()
    }
}

impl Visit {
    /// The visit a page is rendered for.
    #[must_use]
    pub fn now() -> Self {
        use_context().unwrap_or_default()
    }

    /// Who looks at which tenant; the refusal when there is none to look at.
    pub fn viewer(&self) -> Result<Viewer, AskError> {
        match &self.looking_at {
            LookingAt::Tenant { viewer, .. } => Ok(viewer.clone()),
            LookingAt::Unknown => Err(AskError::UnknownTenant),
            LookingAt::Nothing => Err(AskError::NoTenant),
        }
    }

    /// The name of the tenant looked at.
    #[must_use]
    pub fn tenant_name(&self) -> Option<&str> {
        match &self.looking_at {
            LookingAt::Tenant { name, .. } => Some(name),
            LookingAt::Unknown | LookingAt::Nothing => None,
        }
    }

    /// Whether they may do something in the tenant looked at.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        matches!(&self.looking_at, LookingAt::Tenant { viewer, .. } if viewer.may(permission))
    }

    /// What became of one of the page's forms.
    #[must_use]
    pub fn reply_to(&self, form: &str) -> Option<&FormReply> {
        self.reply.as_ref().filter(|reply| reply.form == form)
    }
}

/// What a page says after a form was done: the word stands in the address, so only known words say anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An account was asked for.
    AccountMade,
    /// A letter was asked for.
    ResetAsked,
    /// A new password counts.
    PasswordChanged,
    /// They are signed out.
    SignedOut,
    /// The name was changed.
    NameSaved,
    /// A session was ended, or several.
    SessionEnded,
    /// Settings were saved.
    SettingsSaved,
    /// Exchange rates were brought in.
    RatesSaved,
    /// A cost was written down or changed.
    CostSaved,
    /// A cost was deleted.
    CostDeleted,
    /// A deleted cost was brought back.
    CostRestored,
    /// A monthly cost was ended.
    MonthlyCostEnded,
    /// A channel was added.
    ChannelAdded,
    /// A channel was changed.
    ChannelSaved,
    /// A channel was deleted.
    ChannelDeleted,
    /// A rule was saved.
    RuleSaved,
    /// A rule was deleted.
    RuleDeleted,
    /// Somebody said what is credited.
    ChannelAssigned,
    /// That was taken back.
    AssignmentTakenBack,
    /// A record was linked to a customer.
    RecordLinked,
    /// That was taken back.
    RecordUnlinked,
    /// A file is read, and nothing is kept.
    FileChecking,
    /// A file is brought in.
    FileImporting,
    /// What a file created was taken out.
    ImportUndone,
    /// An invitation was taken back.
    InvitationRevoked,
    /// A role was changed.
    RoleChanged,
    /// A member was removed.
    MemberRemoved,
    /// They joined.
    Joined,
    /// A key was revoked.
    KeyRevoked,
    /// A credential was stored.
    SecretStored,
    /// A credential was removed.
    SecretRemoved,
    /// A tool was connected.
    ToolConnected,
    /// A tool was disconnected.
    ToolDisconnected,
    /// A tool is being read.
    SyncStarted,
    /// The past is being read.
    BackfillStarted,
    /// That was stopped.
    BackfillPaused,
    /// An event is looked at again.
    EventReplayed,
    /// All dead letters are.
    DeadLettersReplayed,
    /// Somebody looks after an alert.
    AlertAcknowledged,
    /// An alert is not shown for now.
    AlertSnoozed,
    /// Somebody is done with an alert.
    AlertResolved,
    /// Who looks after an alert was said.
    AlertAssigned,
    /// Something was said about an alert.
    AlertCommented,
    /// Something is being done at a tool.
    ActionTakenOn,
    /// That was called off.
    ActionCalledOff,
    /// A job is tried now.
    JobRetried,
    /// A job was paused.
    JobPaused,
    /// A job goes on.
    JobResumed,
}

impl Notice {
    const ALL: [Self; 48] = [
        Self::AccountMade,
        Self::ResetAsked,
        Self::PasswordChanged,
        Self::SignedOut,
        Self::NameSaved,
        Self::SessionEnded,
        Self::SettingsSaved,
        Self::RatesSaved,
        Self::CostSaved,
        Self::CostDeleted,
        Self::CostRestored,
        Self::MonthlyCostEnded,
        Self::ChannelAdded,
        Self::ChannelSaved,
        Self::ChannelDeleted,
        Self::RuleSaved,
        Self::RuleDeleted,
        Self::ChannelAssigned,
        Self::AssignmentTakenBack,
        Self::RecordLinked,
        Self::RecordUnlinked,
        Self::FileChecking,
        Self::FileImporting,
        Self::ImportUndone,
        Self::InvitationRevoked,
        Self::RoleChanged,
        Self::MemberRemoved,
        Self::Joined,
        Self::KeyRevoked,
        Self::SecretStored,
        Self::SecretRemoved,
        Self::ToolConnected,
        Self::ToolDisconnected,
        Self::SyncStarted,
        Self::BackfillStarted,
        Self::BackfillPaused,
        Self::EventReplayed,
        Self::DeadLettersReplayed,
        Self::AlertAcknowledged,
        Self::AlertSnoozed,
        Self::AlertResolved,
        Self::AlertAssigned,
        Self::AlertCommented,
        Self::ActionTakenOn,
        Self::ActionCalledOff,
        Self::JobRetried,
        Self::JobPaused,
        Self::JobResumed,
    ];

    /// The word in the address, as `?done=…`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AccountMade => "account-made",
            Self::ResetAsked => "reset-asked",
            Self::PasswordChanged => "password-changed",
            Self::SignedOut => "signed-out",
            Self::NameSaved => "name-saved",
            Self::SessionEnded => "session-ended",
            Self::SettingsSaved => "settings-saved",
            Self::RatesSaved => "rates-saved",
            Self::CostSaved => "cost-saved",
            Self::CostDeleted => "cost-deleted",
            Self::CostRestored => "cost-restored",
            Self::MonthlyCostEnded => "monthly-cost-ended",
            Self::ChannelAdded => "channel-added",
            Self::ChannelSaved => "channel-saved",
            Self::ChannelDeleted => "channel-deleted",
            Self::RuleSaved => "rule-saved",
            Self::RuleDeleted => "rule-deleted",
            Self::ChannelAssigned => "channel-assigned",
            Self::AssignmentTakenBack => "assignment-taken-back",
            Self::RecordLinked => "record-linked",
            Self::RecordUnlinked => "record-unlinked",
            Self::FileChecking => "file-checking",
            Self::FileImporting => "file-importing",
            Self::ImportUndone => "import-undone",
            Self::InvitationRevoked => "invitation-revoked",
            Self::RoleChanged => "role-changed",
            Self::MemberRemoved => "member-removed",
            Self::Joined => "joined",
            Self::KeyRevoked => "key-revoked",
            Self::SecretStored => "secret-stored",
            Self::SecretRemoved => "secret-removed",
            Self::ToolConnected => "tool-connected",
            Self::ToolDisconnected => "tool-disconnected",
            Self::SyncStarted => "sync-started",
            Self::BackfillStarted => "backfill-started",
            Self::BackfillPaused => "backfill-paused",
            Self::EventReplayed => "event-replayed",
            Self::DeadLettersReplayed => "dead-letters-replayed",
            Self::AlertAcknowledged => "alert-acknowledged",
            Self::AlertSnoozed => "alert-snoozed",
            Self::AlertResolved => "alert-resolved",
            Self::AlertAssigned => "alert-assigned",
            Self::AlertCommented => "alert-commented",
            Self::ActionTakenOn => "action-taken-on",
            Self::ActionCalledOff => "action-called-off",
            Self::JobRetried => "job-retried",
            Self::JobPaused => "job-paused",
            Self::JobResumed => "job-resumed",
        }
    }

    /// What is said.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::AccountMade => "Your account is ready: sign in with the e-mail and password you chose.",
            Self::ResetAsked => {
                "If there is an account with that e-mail, a link to set a new password is on its way."
            }
            Self::PasswordChanged => "The new password counts. Every other browser was signed out.",
            Self::SignedOut => "You are signed out.",
            Self::NameSaved => "Your name is saved.",
            Self::SessionEnded => "Signed out there.",
            Self::SettingsSaved => "The settings are saved.",
            Self::RatesSaved => "The rates are saved; the figures follow within seconds.",
            Self::CostSaved => "The cost is saved.",
            Self::CostDeleted => "The cost is deleted and counts nowhere.",
            Self::CostRestored => "The cost is back and counts again.",
            Self::MonthlyCostEnded => "This month is its last. What it has cost until now stays.",
            Self::ChannelAdded => "The channel is there; what names it is credited to it within seconds.",
            Self::ChannelSaved => "The channel is saved, and reads so everywhere.",
            Self::ChannelDeleted => "The channel is deleted.",
            Self::RuleSaved => {
                "The rule counts. Payments and leads follow within seconds; what reads differently is in the log."
            }
            Self::RuleDeleted => {
                "The rule is gone. Payments and leads follow within seconds; what reads differently is in the log."
            }
            Self::ChannelAssigned => "It is credited as you said within seconds, whatever else is found.",
            Self::AssignmentTakenBack => {
                "What was said is taken back; what is found counts again within seconds."
            }
            Self::RecordLinked => "The record is linked; what it says counts within seconds.",
            Self::RecordUnlinked => "The link is taken back; what is found without it counts within seconds.",
            Self::FileChecking => {
                "Every row is being checked; nothing is kept. Come back to see what was found."
            }
            Self::FileImporting => "The file is being brought in. Come back to see how far it has come.",
            Self::ImportUndone => {
                "What the file had created is taken out, but for what was changed or used since."
            }
            Self::InvitationRevoked => "The invitation no longer works.",
            Self::RoleChanged => "The role is changed; it counts from now on.",
            Self::MemberRemoved => "They no longer belong to this workspace.",
            Self::Joined => "Welcome. You belong to this workspace now.",
            Self::KeyRevoked => "The key no longer works.",
            Self::SecretStored => "The credential is stored, sealed.",
            Self::SecretRemoved => "The credential is removed.",
            Self::ToolConnected => "The tool takes the key and is connected.",
            Self::ToolDisconnected => "The tool is disconnected and its key deleted. What was read stays.",
            Self::SyncStarted => "The tool is being read; this page shows how far it has come.",
            Self::BackfillStarted => "The past is being read; this page shows how far it has come.",
            Self::BackfillPaused => "Reading was stopped. It goes on from there when it is started again.",
            Self::EventReplayed => "The event is looked at again; what became of it shows within seconds.",
            Self::DeadLettersReplayed => {
                "The dead letters are looked at again; what became of them shows within seconds."
            }
            Self::AlertAcknowledged => "You look after this alert. It is done with when its cause is gone.",
            Self::AlertSnoozed => "The alert is back when its time is over, or when it gets worse.",
            Self::AlertAssigned => "Who looks after the alert is said in its history.",
            Self::AlertCommented => "Your comment stands with the alert.",
            Self::AlertResolved => {
                "The alert is done with. It is back when it gets worse, or when its cause returns."
            }
            Self::ActionTakenOn => "It is on its way; what became of it shows within seconds.",
            Self::ActionCalledOff => "It was called off before the tool was asked.",
            Self::JobRetried => "The job is tried now; what came of it shows within seconds.",
            Self::JobPaused => "The job does not run until somebody lets it go on.",
            Self::JobResumed => "The job runs again when its time comes.",
        }
    }

    /// The notice a word stands for.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.word() == word)
    }
}
