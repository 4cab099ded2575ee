//! What the settings pages may ask; the server implements [`Office`], render tests answer with fixed words.
//!
//! Changes do not go through here: forms are posted to the page's own address and answered by the server.

use async_trait::async_trait;
use domain::access::{Permission, Person, Role, Viewer};
use domain::audit::Deed;
use domain::backfill::{RunState, Subject};
use domain::connection::SecretKind;
use domain::exchange::QuotedRate;
use domain::ids::{ApiKeyId, InvitationId, SessionId, TenantId, UserId};
use domain::money::Currency;
use domain::period::DateRange;
use domain::tenant::Tenant;
use jiff::Timestamp;

use crate::actions::{
    ActionsPage, ActionsQuestion, ConfirmationPage, ConfirmationQuestion, LeadsConfirmationPage,
    LeadsConfirmationQuestion,
};
use crate::campaigns::{CampaignsPage, CampaignsQuestion};
use crate::channels::{ChannelSettings, ChannelsQuestion};
use crate::costs::{Costs, CostsQuestion};
use crate::imports::{Imports, ImportsQuestion};
use crate::jobs::{JobsPage, JobsQuestion};
use crate::port::AskError;
use crate::tools::ToolLine;

/// Somebody's own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Their e-mail.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Where they are signed in, the newest first.
    pub sessions: Vec<SessionLine>,
}

/// A browser somebody is signed in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLine {
    /// Which.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub is_this: bool,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it last asked for something.
    pub last_seen_at: Timestamp,
}

/// Who belongs to a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Members {
    /// Whose.
    pub tenant: Tenant,
    /// The members, by e-mail.
    pub members: Vec<MemberLine>,
    /// Invitations nobody has accepted yet, the newest first.
    pub invitations: Vec<InvitationLine>,
    /// The roles the viewer may give.
    pub roles: Vec<Role>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberLine {
    /// Who.
    pub user: UserId,
    /// Their e-mail.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
    /// Whether their account is disabled.
    pub is_disabled: bool,
    /// Whether it is the one who looks.
    pub is_you: bool,
    /// Whether the viewer may change or remove them.
    pub may_change: bool,
}

/// An open invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationLine {
    /// Which.
    pub id: InvitationId,
    /// Whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Who asked.
    pub invited_by: String,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// Whether that is over.
    pub is_expired: bool,
}

/// A tenant's API keys.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiKeys {
    /// Whose.
    pub tenant: Tenant,
    /// The keys, the newest first.
    pub keys: Vec<ApiKeyLine>,
    /// The roles the viewer may give.
    pub roles: Vec<Role>,
}

/// An API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyLine {
    /// Which.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// What it is at most.
    pub role: Role,
    /// Which of that role's permissions it has.
    pub scopes: Vec<Permission>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// Since when it no longer works.
    pub revoked_at: Option<Timestamp>,
}

/// What a tenant is connected with. Who may not manage that sees the tools and nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Connections {
    /// Whose.
    pub tenant: Tenant,
    /// Whether the viewer may connect and disconnect.
    pub may_manage: bool,
    /// Whether the viewer may have tools read.
    pub may_sync: bool,
    /// The tools.
    pub tools: Vec<ToolLine>,
    /// Whether there is a key to seal them with.
    pub can_seal: bool,
    /// The address Stripe sends this tenant's events to.
    pub webhook_url: String,
    /// Every kind that belongs to no tool, and what is stored.
    pub secrets: Vec<SecretLine>,
    /// What of the past was read from Stripe.
    pub past: Past,
}

/// What of a tenant's past was read from Stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Whether there is a key to read with.
    pub has_key: bool,
    /// The account it belongs to, once it was used.
    pub account: Option<ConnectedAccount>,
    /// The newest runs, the newest first.
    pub runs: Vec<RunLine>,
    /// When this was so.
    pub as_of: Timestamp,
}

impl Past {
    /// What somebody sees of it who may not.
    #[must_use]
    pub const fn unseen(as_of: Timestamp) -> Self {
        Self { has_key: false, account: None, runs: Vec::new(), as_of }
    }
}

/// The Stripe account of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedAccount {
    /// `acct_…`
    pub id: String,
    /// Whether real money moves there.
    pub livemode: bool,
    /// Why the key does not work any more.
    pub problem: Option<String>,
}

/// A time the past was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLine {
    /// What was asked for, in words.
    pub asked: String,
    /// Where it stands.
    pub state: RunState,
    /// Why it failed.
    pub problem: Option<String>,
    /// How the ledger compared with Stripe's balance in the end, a line per currency.
    pub comparison: Option<String>,
    /// Who started it.
    pub started_by: String,
    /// When.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What the lists that were begun have come to.
    pub lists: Vec<ListRead>,
}

/// How far a list was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListRead {
    /// Which.
    pub subject: Subject,
    /// How many objects it had so far.
    pub found: i64,
    /// How many of them were new or changed.
    pub stored: i64,
    /// Whether it is read to its end.
    pub is_done: bool,
}

/// A credential; what it is, is not shown to anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretLine {
    /// What for.
    pub kind: SecretKind,
    /// Who stored it when.
    pub stored: Option<(String, Timestamp)>,
}

/// What other currencies are worth to a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeRates {
    /// Whose.
    pub tenant: Tenant,
    /// Foreign money no rate is known for.
    pub missing: Vec<MissingRates>,
    /// The newest rate between each two currencies.
    pub newest: Vec<RateLine>,
    /// The times rates were brought in, the newest first.
    pub changes: Vec<RateChangeLine>,
}

/// Foreign money no rate is known for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingRates {
    /// Its currency.
    pub currency: Currency,
    /// How many rows of the ledger.
    pub rows: i64,
    /// From the oldest of their days to the newest.
    pub days: DateRange,
}

/// The newest rate between two currencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLine {
    /// The rate and its day.
    pub quoted: QuotedRate,
    /// How many days have one.
    pub days: i64,
}

/// A time rates were brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateChangeLine {
    /// Whether a person typed it.
    pub is_typed: bool,
    /// How many.
    pub rates: i64,
    /// From the oldest of their days to the newest.
    pub days: DateRange,
    /// Who brought them.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Whether the ledger is converted with them.
    pub is_settled: bool,
}

/// Which lines of the audit log are asked for, in the words of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuestion {
    /// Only lines of this deed.
    pub deed: Option<String>,
    /// Only lines whose actor's name contains this.
    pub actor: Option<String>,
    /// From this day on, in the tenant's timezone.
    pub from: Option<String>,
    /// To this day.
    pub to: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A page of the audit log, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditPage {
    /// Whose.
    pub tenant: Tenant,
    /// The lines.
    pub lines: Vec<AuditLine>,
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// Something somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// When.
    pub at: Timestamp,
    /// Who, by the name they had then.
    pub actor: String,
    /// What.
    pub deed: Deed,
    /// To whom or what.
    pub target: Option<String>,
    /// What changed, as names and values.
    pub details: Vec<(String, String)>,
    /// Where it came from.
    pub address: Option<String>,
}

/// What an invitation offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationOffer {
    /// To belong to what.
    pub tenant_name: String,
    /// Who is asked.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Whether there is an account with that e-mail, whose password is then asked for.
    pub has_account: bool,
}

/// Every tenant, for who runs the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// The currency the aggregate adds up in.
    pub currency: Currency,
    /// The days looked at, in words of the address.
    pub days: i64,
    /// The tenants, by short name.
    pub tenants: Vec<PlatformTenant>,
    /// Net revenue of those in that currency.
    pub total: i64,
}

/// A tenant as the platform sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformTenant {
    /// Which.
    pub id: TenantId,
    /// Its short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its currency.
    pub currency: Currency,
    /// Its net revenue over the days, in its own currency.
    pub net_revenue: i64,
    /// The same in the platform's; `None` when no rate is known.
    pub converted: Option<i64>,
}

/// Answers what the settings pages ask.
#[async_trait]
pub trait Office: Send + Sync {
    /// Somebody's own account.
    async fn account(&self, person: &Person) -> Result<Account, AskError>;

    /// The tenant's settings.
    async fn settings(&self, viewer: &Viewer) -> Result<Tenant, AskError>;

    /// What other currencies are worth to the tenant.
    async fn exchange_rates(&self, viewer: &Viewer) -> Result<ExchangeRates, AskError>;

    /// What channels cost.
    async fn costs(&self, viewer: &Viewer, question: CostsQuestion) -> Result<Costs, AskError>;

    /// The tenant's channels, and the rules by which they are recognised.
    async fn channels(
        &self,
        viewer: &Viewer,
        question: ChannelsQuestion,
    ) -> Result<ChannelSettings, AskError>;
    /// The campaigns of the tenant's tools.
    async fn campaigns(
        &self,
        viewer: &Viewer,
        question: CampaignsQuestion,
    ) -> Result<CampaignsPage, AskError>;

    /// What was done at the tenant's tools.
    async fn actions(&self, viewer: &Viewer, question: ActionsQuestion) -> Result<ActionsPage, AskError>;

    /// What an action would touch.
    async fn confirmation(
        &self,
        viewer: &Viewer,
        question: ConfirmationQuestion,
    ) -> Result<ConfirmationPage, AskError>;

    /// Whom an action on leads would touch.
    async fn leads_confirmation(
        &self,
        viewer: &Viewer,
        question: LeadsConfirmationQuestion,
    ) -> Result<LeadsConfirmationPage, AskError>;

    /// What is done later, again, or on schedule.
    async fn jobs(&self, viewer: &Viewer, question: JobsQuestion) -> Result<JobsPage, AskError>;

    /// Files that were brought in, and the one that is about to be.
    async fn imports(&self, viewer: &Viewer, question: ImportsQuestion) -> Result<Imports, AskError>;

    /// Who belongs to the tenant.
    async fn members(&self, viewer: &Viewer) -> Result<Members, AskError>;

    /// The tenant's API keys.
    async fn api_keys(&self, viewer: &Viewer) -> Result<ApiKeys, AskError>;

    /// What the tenant is connected with.
    async fn connections(&self, viewer: &Viewer) -> Result<Connections, AskError>;

    /// Who did what in the tenant.
    async fn audit_log(&self, viewer: &Viewer, question: AuditQuestion) -> Result<AuditPage, AskError>;

    /// What the invitation with this token offers; `None` when it is none, used, revoked or expired.
    async fn invitation(&self, token: &str) -> Result<Option<InvitationOffer>, AskError>;

    /// Whether a new password can be set with this token.
    async fn can_reset(&self, token: &str) -> Result<bool, AskError>;

    /// Every tenant, for who runs the platform.
    async fn platform(&self, person: &Person) -> Result<Platform, AskError>;
}
