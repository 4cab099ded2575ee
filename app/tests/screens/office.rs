//! An office with fixed answers.

use app::actions::{
    ActionsPage, ActionsQuestion, ConfirmationPage, ConfirmationQuestion, LeadsConfirmationPage,
    LeadsConfirmationQuestion,
};
use app::campaigns::{CampaignsPage, CampaignsQuestion};
use app::channels::{ChannelSettings, ChannelsQuestion};
use app::costs::{Costs, CostsQuestion};
use app::imports::{Imports, ImportsQuestion};
use app::jobs::{JobsPage, JobsQuestion};
use app::office::{
    Account, ApiKeyLine, ApiKeys, AuditLine, AuditPage, AuditQuestion, ConnectedAccount, Connections,
    ExchangeRates, InvitationLine, InvitationOffer, ListRead, MemberLine, Members, MissingRates, Office,
    Past, Platform, PlatformTenant, RateChangeLine, RateLine, RunLine, SecretLine, SessionLine,
};
use app::port::AskError;
use app::tools::{SyncLine, ToolConnection, ToolLine};
use async_trait::async_trait;
use domain::access::{Permission, Person, Role, Viewer};
use domain::audit::Deed;
use domain::backfill::{RunState, Subject};
use domain::connection::{ConnectionState, SecretKind, SyncState, Tool};
use domain::exchange::QuotedRate;
use domain::ids::{ApiKeyId, InvitationId, SessionId, TenantId, UserId};
use domain::money::Currency;
use domain::period::DateRange;
use domain::tenant::Tenant;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::desk::{now, tenant};
use crate::visits::{HOSTILE, NORTHWIND};

/// What the office is asked to be like.
#[derive(Clone, Debug)]
pub(crate) struct FixedOffice {
    /// Everything somebody could choose is meant to do harm.
    pub(crate) hostile: bool,
    /// Nothing was ever made.
    pub(crate) bare: bool,
    /// Where the newest reading of the past stands.
    pub(crate) past: RunState,
    /// Whether credentials can be sealed.
    pub(crate) can_seal: bool,
    /// Whether who is invited has an account already.
    pub(crate) has_account: bool,
    /// How often the settings were saved.
    pub(crate) version: i32,
    /// Every question is answered with this.
    pub(crate) error: Option<AskError>,
}

impl Default for FixedOffice {
    fn default() -> Self {
        Self {
            past: RunState::Done,
            hostile: false,
            bare: false,
            can_seal: true,
            has_account: false,
            version: 3,
            error: None,
        }
    }
}

impl FixedOffice {
    /// HeyReach works, PlusVibe could not be read to its end, Instantly refuses its key, and the others were never
    /// connected.
    fn tool(&self, tool: Tool) -> ToolLine {
        let is_connected = !self.bare && tool.reaches_people();
        let (state, problem) = match tool {
            Tool::Instantly => (ConnectionState::Refused, Some(self.chosen("it refused (401): expired"))),
            _ => (ConnectionState::Connected, None),
        };
        let connection = ToolConnection {
            state,
            problem,
            can: vec!["read campaigns".to_owned(), "pause campaigns".to_owned()],
            cannot: vec![("read messages".to_owned(), self.chosen("the key has no scope emails:read"))],
            is_heard: tool == Tool::HeyReach,
            connected_by: self.chosen("grace@example.org"),
            connected_at: ago(90),
        };
        ToolLine {
            tool,
            connection: is_connected.then_some(connection),
            has_key: is_connected,
            last: is_connected.then(|| self.last_sync(tool)),
        }
    }

    fn last_sync(&self, tool: Tool) -> SyncLine {
        let (state, rejected) = match tool {
            Tool::PlusVibe => (SyncState::Failed, 2),
            Tool::Instantly => (SyncState::Running, 0),
            _ => (SyncState::Done, 0),
        };
        let rejection = ("person 4711".to_owned(), self.chosen("it has no e-mail"));
        SyncLine {
            state,
            is_interrupted: state == SyncState::Running,
            started_by: self.chosen("ada@example.org"),
            started_at: ago(30),
            ended_at: (state != SyncState::Running).then(|| ago(28)),
            created: 1_204,
            changed: 31,
            same: 5_020,
            rejected,
            rejections: if rejected > 0 { vec![rejection] } else { Vec::new() },
            problem: (state == SyncState::Failed).then(|| self.chosen("it was asked and did not answer")),
        }
    }
}

#[async_trait]
impl Office for FixedOffice {
    async fn account(&self, person: &Person) -> Result<Account, AskError> {
        self.refuse_when_told()?;
        Ok(Account { email: person.email.clone(), name: person.name.clone(), sessions: self.sessions() })
    }

    async fn channels(
        &self,
        viewer: &Viewer,
        question: ChannelsQuestion,
    ) -> Result<ChannelSettings, AskError> {
        self.require(viewer, Permission::EditSettings)?;
        Ok(self.channel_settings(question))
    }

    async fn imports(&self, viewer: &Viewer, question: ImportsQuestion) -> Result<Imports, AskError> {
        self.require(viewer, Permission::Act)?;
        Ok(self.import_page(question))
    }

    async fn settings(&self, viewer: &Viewer) -> Result<Tenant, AskError> {
        self.require(viewer, Permission::EditSettings)?;
        Ok(self.tenant())
    }

    async fn exchange_rates(&self, viewer: &Viewer) -> Result<ExchangeRates, AskError> {
        self.require(viewer, Permission::EditSettings)?;
        let tenant = self.tenant();
        if self.bare {
            return Ok(ExchangeRates {
                tenant,
                missing: Vec::new(),
                newest: Vec::new(),
                changes: Vec::new(),
            });
        }
        let day = date(2026, 11, 20);
        let week = DateRange { from: date(2026, 11, 14), to: day };
        let quoted = |quote: &str, rate: &str, is_typed| QuotedRate {
            day,
            base: Currency::EUR,
            quote: quote.parse().unwrap(),
            rate: rate.parse().unwrap(),
            is_typed,
        };
        let brought = |is_typed, rates, is_settled| RateChangeLine {
            is_typed,
            rates,
            days: week,
            made_by: self.chosen("grace@example.org"),
            made_at: ago(3),
            is_settled,
        };
        Ok(ExchangeRates {
            tenant,
            missing: vec![MissingRates { currency: "jpy".parse().unwrap(), rows: 3, days: week }],
            newest: vec![
                RateLine { quoted: quoted("usd", "1.0812", false), days: 65 },
                RateLine { quoted: quoted("gbp", "0.8391", true), days: 1 },
            ],
            changes: vec![brought(true, 1, false), brought(false, 130, true)],
        })
    }

    async fn costs(&self, viewer: &Viewer, question: CostsQuestion) -> Result<Costs, AskError> {
        self.require(viewer, Permission::ReadFigures)?;
        Ok(self.cost_page(&question))
    }

    async fn campaigns(
        &self,
        viewer: &Viewer,
        question: CampaignsQuestion,
    ) -> Result<CampaignsPage, AskError> {
        self.require(viewer, Permission::ReadFigures)?;
        Ok(self.campaigns_page(&question))
    }

    async fn actions(&self, viewer: &Viewer, question: ActionsQuestion) -> Result<ActionsPage, AskError> {
        self.require(viewer, Permission::ReadFigures)?;
        Ok(self.actions_page(&question))
    }

    async fn confirmation(
        &self,
        viewer: &Viewer,
        question: ConfirmationQuestion,
    ) -> Result<ConfirmationPage, AskError> {
        self.require(viewer, Permission::Act)?;
        Ok(self.confirmation_page(&question))
    }

    async fn leads_confirmation(
        &self,
        viewer: &Viewer,
        question: LeadsConfirmationQuestion,
    ) -> Result<LeadsConfirmationPage, AskError> {
        self.require(viewer, Permission::Act)?;
        Ok(self.leads_page(&question))
    }

    async fn jobs(&self, viewer: &Viewer, question: JobsQuestion) -> Result<JobsPage, AskError> {
        self.require(viewer, Permission::EditSettings)?;
        Ok(self.jobs_page(&question))
    }

    async fn members(&self, viewer: &Viewer) -> Result<Members, AskError> {
        self.require(viewer, Permission::ManageMembers)?;
        Ok(Members {
            tenant: self.tenant(),
            members: self.member_lines(),
            invitations: self.invitation_lines(),
            roles: roles_of(viewer),
        })
    }

    async fn api_keys(&self, viewer: &Viewer) -> Result<ApiKeys, AskError> {
        self.require(viewer, Permission::ManageApiKeys)?;
        Ok(ApiKeys { tenant: self.tenant(), keys: self.key_lines(), roles: roles_of(viewer) })
    }

    async fn connections(&self, viewer: &Viewer) -> Result<Connections, AskError> {
        self.require(viewer, Permission::ReadFigures)?;
        let may_manage = viewer.may(Permission::ManageConnections);
        let stored = |kind| match kind {
            SecretKind::StripeWebhook if !self.bare => Some((self.chosen("grace@example.org"), ago(50))),
            _ => None,
        };
        let kinds = [SecretKind::StripeWebhook, SecretKind::StripeKey, SecretKind::SlackWebhook];
        let secrets = kinds.map(|kind| SecretLine { kind, stored: stored(kind) }).to_vec();
        Ok(Connections {
            tenant: self.tenant(),
            may_manage,
            may_sync: viewer.may(Permission::Act),
            tools: Tool::ALL.map(|tool| self.tool(tool)).to_vec(),
            can_seal: self.can_seal,
            webhook_url: "https://cc.example.com/api/webhooks/stripe/northwind".to_owned(),
            secrets: if may_manage { secrets } else { Vec::new() },
            past: if may_manage { self.past() } else { Past::unseen(ago(0)) },
        })
    }

    async fn audit_log(&self, viewer: &Viewer, question: AuditQuestion) -> Result<AuditPage, AskError> {
        self.require(viewer, Permission::ReadAuditLog)?;
        if question.from.as_deref().is_some_and(|from| from.len() != 10) {
            let message = "days are written like 2026-01-31".to_owned();
            return Err(AskError::Invalid { field: "from", message });
        }
        let mut lines = self.audit_lines();
        lines.retain(|line| question.deed.as_deref().is_none_or(|deed| deed == line.deed.word()));
        let next = (lines.len() > 3).then(|| "41".to_owned());
        Ok(AuditPage { tenant: self.tenant(), lines, next })
    }

    async fn invitation(&self, token: &str) -> Result<Option<InvitationOffer>, AskError> {
        self.refuse_when_told()?;
        Ok((token == "good").then(|| InvitationOffer {
            tenant_name: self.chosen("Northwind GTM"),
            email: self.chosen("grace@example.org"),
            role: Role::Operator,
            has_account: self.has_account,
        }))
    }

    async fn can_reset(&self, token: &str) -> Result<bool, AskError> {
        self.refuse_when_told()?;
        Ok(token == "good")
    }

    async fn platform(&self, _person: &Person) -> Result<Platform, AskError> {
        self.refuse_when_told()?;
        let tenants = if self.bare { Vec::new() } else { self.platform_tenants() };
        let total = tenants.iter().filter_map(|tenant| tenant.converted).sum();
        Ok(Platform { currency: Currency::USD, days: 90, tenants, total })
    }
}

impl FixedOffice {
    fn refuse_when_told(&self) -> Result<(), AskError> {
        self.error.clone().map_or(Ok(()), Err)
    }

    fn require(&self, viewer: &Viewer, permission: Permission) -> Result<(), AskError> {
        self.refuse_when_told()?;
        Ok(viewer.require(permission)?)
    }

    /// What somebody chose to be called.
    fn chosen(&self, calm: &str) -> String {
        if self.hostile { HOSTILE.to_owned() } else { calm.to_owned() }
    }

    /// What was read of the past: nothing by whoever has nothing.
    fn past(&self) -> Past {
        let list = |subject, found, is_done| ListRead { subject, found, stored: found - 2, is_done };
        let newest = RunLine {
            asked: self.chosen("365 days"),
            state: self.past,
            problem: (self.past == RunState::Failed)
                .then(|| self.chosen("Stripe did not answer for /v1/charges")),
            comparison: (self.past == RunState::Done).then(|| {
                self.chosen("USD: ours $30.00, Stripe's balance $20.00 (charge $20.00), difference $10.00\nch_2: ours $10.00")
            }),
            started_by: self.chosen("grace@example.org"),
            started_at: ago(2),
            ended_at: (self.past != RunState::Running).then(|| ago(1)),
            lists: vec![
                list(Subject::Customers, 1_204, true),
                list(Subject::Charges, 4_900, self.past == RunState::Done),
            ],
        };
        let first = RunLine {
            asked: "30 days".to_owned(),
            state: RunState::Paused,
            lists: Vec::new(),
            problem: None,
            comparison: None,
            ..newest.clone()
        };
        let account = ConnectedAccount {
            id: "acct_1Northwind".to_owned(),
            livemode: true,
            problem: (self.past == RunState::Failed).then(|| self.chosen("Stripe does not accept the key")),
        };
        Past {
            has_key: !self.bare,
            account: (!self.bare).then_some(account),
            runs: if self.bare { Vec::new() } else { vec![newest, first] },
            as_of: now(),
        }
    }

    pub(crate) fn tenant(&self) -> Tenant {
        Tenant { name: self.chosen("Northwind GTM"), version: self.version, ..tenant() }
    }

    fn sessions(&self) -> Vec<SessionLine> {
        let agents = [
            Some(
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            ),
            Some(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
            ),
            None,
        ];
        let known = if self.bare { 1 } else { 3 };
        agents
            .into_iter()
            .take(known)
            .zip(80..)
            .map(|(agent, number)| SessionLine {
                id: SessionId(Uuid::from_u128(number)),
                is_this: number == 80,
                user_agent: agent.map(|agent| self.chosen(agent)),
                address: agent.map(|_| self.chosen("2001:db8:85a3::8a2e:370:7334")),
                created_at: ago(i64::try_from(number).unwrap()),
                last_seen_at: ago(i64::try_from(number).unwrap() - 80),
            })
            .collect()
    }

    fn member_lines(&self) -> Vec<MemberLine> {
        let people = [
            ("Ada Lovelace", "ada@example.com", Role::Owner),
            (
                "Wilhelmina Alexandra van der Berg-Featherstonehaugh",
                "a.very.long.address.of.somebody.who.likes.long.addresses@subdomain.example.org",
                Role::Admin,
            ),
            ("Grace Hopper", "grace@example.org", Role::Operator),
            ("Alan Turing", "alan@example.net", Role::Viewer),
        ];
        let known = if self.bare { 1 } else { people.len() };
        people
            .into_iter()
            .take(known)
            .zip(70..)
            .map(|((name, email, role), number)| MemberLine {
                user: UserId(Uuid::from_u128(number)),
                email: self.chosen(email),
                name: self.chosen(name),
                role,
                joined_at: ago(i64::try_from(number).unwrap() * 24),
                is_disabled: number == 73,
                is_you: number == 70,
                may_change: role < Role::Owner || self.hostile,
            })
            .collect()
    }

    fn invitation_lines(&self) -> Vec<InvitationLine> {
        if self.bare {
            return Vec::new();
        }
        let line = |number, email: &str, hours: i64| InvitationLine {
            id: InvitationId(Uuid::from_u128(number)),
            email: self.chosen(email),
            role: Role::Viewer,
            invited_by: self.chosen("ada@example.com"),
            expires_at: ago(-hours),
            is_expired: hours < 0,
        };
        vec![line(90, "katherine@example.com", 100), line(91, "dorothy@example.com", -30)]
    }

    fn key_lines(&self) -> Vec<ApiKeyLine> {
        if self.bare {
            return Vec::new();
        }
        let line = |number, name: &str, role, scopes: &[Permission]| ApiKeyLine {
            id: ApiKeyId(Uuid::from_u128(number)),
            name: self.chosen(name),
            hint: self.chosen("cc_9fK2x"),
            role,
            scopes: scopes.to_vec(),
            created_by: self.chosen("ada@example.com"),
            created_at: ago(400),
            last_used_at: None,
            revoked_at: None,
        };
        let reports = line(60, "Nightly report", Role::Viewer, &[Permission::ReadFigures]);
        let steering =
            line(61, "Campaign steering", Role::Operator, &[Permission::ReadFigures, Permission::Act]);
        let old = line(62, "Old spreadsheet", Role::Viewer, &[Permission::ReadFigures]);
        vec![
            ApiKeyLine { last_used_at: Some(ago(2)), ..reports },
            steering,
            ApiKeyLine { revoked_at: Some(ago(300)), ..old },
        ]
    }

    fn audit_lines(&self) -> Vec<AuditLine> {
        if self.bare {
            return Vec::new();
        }
        let line = |hours, deed, target: Option<&str>, details: &[(&str, &str)]| AuditLine {
            at: ago(hours),
            actor: self.chosen("ada@example.com"),
            deed,
            target: target.map(|target| self.chosen(target)),
            details: details.iter().map(|(name, value)| (self.chosen(name), self.chosen(value))).collect(),
            address: Some(self.chosen("203.0.113.7")),
        };
        vec![
            line(1, Deed::SignedIn, None, &[]),
            line(
                2,
                Deed::MemberRoleChanged,
                Some("grace@example.org"),
                &[("from", "viewer"), ("to", "operator")],
            ),
            line(
                3,
                Deed::SettingsChanged,
                None,
                &[("gross_margin_permille", "1000 → 825"), ("timezone", "UTC → Europe/Berlin")],
            ),
            AuditLine {
                actor: self.chosen("command line"),
                address: None,
                ..line(
                    5,
                    Deed::MemberInvited,
                    Some("a.very.long.address.of.somebody.who.likes.long.addresses@subdomain.example.org"),
                    &[("role", "admin")],
                )
            },
        ]
    }

    fn platform_tenants(&self) -> Vec<PlatformTenant> {
        let line = |id, slug: &str, name: &str, code: &str, net_revenue, converted| PlatformTenant {
            id,
            slug: slug.to_owned(),
            name: self.chosen(name),
            currency: code.parse().unwrap(),
            net_revenue,
            converted,
        };
        let other = TenantId(Uuid::from_u128(8));
        vec![
            line(other, "contoso", "Contoso Outbound Europe", "eur", 4_120_050, None),
            line(NORTHWIND, "northwind", "Northwind GTM", "usd", 18_234_700, Some(18_234_700)),
        ]
    }
}

fn roles_of(viewer: &Viewer) -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| viewer.may_hand_on(*role)).collect()
}

/// So many hours before now.
fn ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}
