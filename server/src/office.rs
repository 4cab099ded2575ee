//! What the settings pages may ask, answered from the accounts.

mod actions;
mod campaigns;
mod channels;
mod connections;
mod costs;
mod imports;
mod jobs;

use std::sync::Arc;

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
    Past, Platform, PlatformTenant, RateChangeLine, RateLine, RunLine, SessionLine,
};
use app::port::AskError;
use async_trait::async_trait;
use credentials::tokens::Token;
use domain::access::{Actor, Caller, Permission, Person, Role, Viewer};
use domain::backfill::RunState;
use domain::ids::TenantId;
use domain::period::DateRange;
use domain::tenant::Tenant;
use jiff::civil::Date;
use store::StoreError;
use store::audit_log::{AuditFilter, StoredAudit};
use store::exchange_rates::RateSource;
use store::work::TenantWork;

use crate::accounts::{Accounts, Refusal, Sender};
use crate::actions::Actions;
use crate::backfill::Backfills;
use crate::channels::Channels;
use crate::connections::Connections as Tools;
use crate::desk::{LedgerDesk, ours};
use crate::jobs::Jobs;
use crate::pipeline::Pipeline;

/// How many of the times the past was read are listed.
const RUNS_SHOWN: i64 = 5;

/// Lines on one page of the audit log.
const PAGE: i64 = 100;

/// How many of the times rates were brought in are listed.
const CHANGES_SHOWN: i64 = 20;

/// Over how many days the platform's page adds up.
const PLATFORM_DAYS: i32 = 90;

/// The office of the running program.
#[derive(Clone, Debug)]
pub struct AccountsOffice {
    /// What people's accounts are managed with.
    pub accounts: Accounts,
    /// Who adds up, for the platform's page.
    pub desk: Arc<LedgerDesk>,
    /// Who reads the past from Stripe.
    pub backfills: Backfills,
    /// The tools people are reached with.
    pub connections: Tools,
    /// What leads, campaigns, deals and costs are brought in with.
    pub pipeline: Pipeline,
    /// What channels and their rules are kept with.
    pub channels: Channels,
    /// What has things done at tools.
    pub actions: Actions,
    /// Who does jobs.
    pub jobs: Jobs,
}

impl AccountsOffice {
    /// Refuses what a viewer may not do, and writes down that they tried.
    async fn require(&self, viewer: &Viewer, permission: Permission) -> Result<(), AskError> {
        match viewer.require(permission) {
            Ok(()) => Ok(()),
            Err(forbidden) => {
                self.accounts.note_refused_access(viewer, permission.word(), &Sender::default()).await;
                Err(forbidden.into())
            }
        }
    }

    async fn within(&self, viewer: &Viewer) -> Result<(TenantWork, Tenant), AskError> {
        let mut work = self.accounts.store.within(viewer.tenant).await.map_err(ours)?;
        let tenant = work.tenant().await.map_err(ours)?;
        Ok((work, tenant))
    }

    /// What of the past was read from Stripe.
    async fn past(&self, work: &mut TenantWork, tenant: &Tenant) -> Result<Past, AskError> {
        let account = work.stripe_account().await.map_err(ours)?;
        let runs = runs(work).await.map_err(ours)?;
        // What is stored but is no key is said when it is used.
        let has_key = self.backfills.has_key(tenant).await.unwrap_or(true);
        Ok(Past {
            has_key,
            account: account.map(|account| ConnectedAccount {
                id: account.id,
                livemode: account.livemode,
                problem: account.problem,
            }),
            runs,
            as_of: self.accounts.clock.now(),
        })
    }

    /// A page of the audit log for who may read it.
    pub async fn audit_page(&self, viewer: &Viewer, question: AuditQuestion) -> Result<AuditPage, AskError> {
        let (mut work, tenant) = self.within(viewer).await?;
        let filter = audit_filter(&tenant, &question)?;
        let after = question.cursor.map(|text| cursor(&text)).transpose()?;
        let mut lines = work.audit_page(&filter, after, PAGE + 1).await.map_err(ours)?;
        let page = usize::try_from(PAGE).expect("a page is small");
        let has_more = lines.len() > page;
        lines.truncate(page);
        Ok(AuditPage {
            next: lines.last().filter(|_| has_more).map(|line| line.seq.to_string()),
            lines: lines.into_iter().map(audit_line).collect(),
            tenant,
        })
    }
}

/// The newest runs, and how far each has come with its lists.
async fn runs(work: &mut TenantWork) -> Result<Vec<RunLine>, StoreError> {
    let mut lines = Vec::new();
    for run in work.backfills(RUNS_SHOWN).await? {
        let lists = work.cursors(run.id).await?.into_iter().map(|cursor| ListRead {
            subject: cursor.subject,
            found: cursor.found,
            stored: cursor.stored,
            is_done: cursor.state == RunState::Done,
        });
        let mut lists: Vec<ListRead> = lists.collect();
        lists.sort_by_key(|list| list.subject);
        lines.push(RunLine {
            asked: run.asked,
            state: run.state,
            problem: run.problem,
            comparison: run.comparison,
            started_by: run.started_by,
            started_at: run.started_at,
            ended_at: run.ended_at,
            lists,
        });
    }
    Ok(lines)
}

#[async_trait]
impl Office for AccountsOffice {
    async fn account(&self, person: &Person) -> Result<Account, AskError> {
        let sessions = self.accounts.store.sessions_of(person.user, self.accounts.clock.now());
        let lines = sessions.await.map_err(ours)?.into_iter().map(|session| SessionLine {
            is_this: session.id == person.session,
            id: session.id,
            user_agent: session.user_agent,
            address: session.address,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
        });
        Ok(Account { email: person.email.clone(), name: person.name.clone(), sessions: lines.collect() })
    }

    async fn settings(&self, viewer: &Viewer) -> Result<Tenant, AskError> {
        self.require(viewer, Permission::EditSettings).await?;
        Ok(self.within(viewer).await?.1)
    }

    async fn exchange_rates(&self, viewer: &Viewer) -> Result<ExchangeRates, AskError> {
        self.require(viewer, Permission::EditSettings).await?;
        let (mut work, tenant) = self.within(viewer).await?;
        let missing = work.rows_without_rate().await.map_err(ours)?.into_iter().map(|line| MissingRates {
            currency: line.currency,
            rows: line.rows,
            days: DateRange { from: line.first_day, to: line.last_day },
        });
        let missing = missing.collect();
        let newest = work
            .rates_newest()
            .await
            .map_err(ours)?
            .into_iter()
            .map(|line| RateLine { quoted: line.quoted, days: line.days });
        let newest = newest.collect();
        let changes =
            work.rate_changes(CHANGES_SHOWN).await.map_err(ours)?.into_iter().map(|line| RateChangeLine {
                is_typed: line.source == RateSource::Manual,
                rates: i64::from(line.rates),
                days: DateRange { from: line.first_day, to: line.last_day },
                made_by: line.made_by,
                made_at: line.made_at,
                is_settled: line.settled_at.is_some(),
            });
        Ok(ExchangeRates { missing, newest, changes: changes.collect(), tenant })
    }

    async fn costs(&self, viewer: &Viewer, question: CostsQuestion) -> Result<Costs, AskError> {
        self.require(viewer, Permission::ReadFigures).await?;
        costs::answer(&self.pipeline, viewer, question).await
    }

    async fn channels(
        &self,
        viewer: &Viewer,
        question: ChannelsQuestion,
    ) -> Result<ChannelSettings, AskError> {
        self.require(viewer, Permission::EditSettings).await?;
        channels::answer(&self.channels, viewer, question).await
    }

    async fn campaigns(
        &self,
        viewer: &Viewer,
        question: CampaignsQuestion,
    ) -> Result<CampaignsPage, AskError> {
        self.require(viewer, Permission::ReadFigures).await?;
        campaigns::answer(&self.pipeline, viewer, question).await
    }

    async fn actions(&self, viewer: &Viewer, question: ActionsQuestion) -> Result<ActionsPage, AskError> {
        self.require(viewer, Permission::ReadFigures).await?;
        actions::answer(&self.actions, viewer, question).await
    }

    async fn confirmation(
        &self,
        viewer: &Viewer,
        question: ConfirmationQuestion,
    ) -> Result<ConfirmationPage, AskError> {
        self.require(viewer, Permission::Act).await?;
        actions::confirm(&self.actions, viewer, question).await
    }

    async fn leads_confirmation(
        &self,
        viewer: &Viewer,
        question: LeadsConfirmationQuestion,
    ) -> Result<LeadsConfirmationPage, AskError> {
        self.require(viewer, Permission::Act).await?;
        actions::confirm_leads(&self.actions, viewer, question).await
    }

    async fn jobs(&self, viewer: &Viewer, question: JobsQuestion) -> Result<JobsPage, AskError> {
        self.require(viewer, Permission::EditSettings).await?;
        jobs::answer(&self.jobs, viewer, question).await
    }

    async fn imports(&self, viewer: &Viewer, question: ImportsQuestion) -> Result<Imports, AskError> {
        self.require(viewer, Permission::Act).await?;
        imports::answer(&self.pipeline, viewer, question).await
    }

    async fn members(&self, viewer: &Viewer) -> Result<Members, AskError> {
        self.require(viewer, Permission::ManageMembers).await?;
        let now = self.accounts.clock.now();
        let (mut work, tenant) = self.within(viewer).await?;
        let members = work.members().await.map_err(ours)?.into_iter().map(|member| MemberLine {
            is_you: matches!(&viewer.actor, Actor::Person { user, .. } if *user == member.user),
            may_change: viewer.may_hand_on(member.role),
            user: member.user,
            email: member.email,
            name: member.name,
            role: member.role,
            joined_at: member.joined_at,
            is_disabled: member.is_disabled,
        });
        let members = members.collect();
        let invitations = work.invitations_open(now).await.map_err(ours)?;
        let invitations = invitations.into_iter().map(|invitation| InvitationLine {
            is_expired: invitation.expires_at <= now,
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            invited_by: invitation.invited_by,
            expires_at: invitation.expires_at,
        });
        Ok(Members { tenant, members, invitations: invitations.collect(), roles: roles_of(viewer) })
    }

    async fn api_keys(&self, viewer: &Viewer) -> Result<ApiKeys, AskError> {
        self.require(viewer, Permission::ManageApiKeys).await?;
        let (mut work, tenant) = self.within(viewer).await?;
        let keys = work.api_keys().await.map_err(ours)?.into_iter().map(|key| ApiKeyLine {
            id: key.id,
            name: key.name,
            hint: key.hint,
            role: key.role,
            scopes: key.scopes,
            created_by: key.created_by,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        });
        Ok(ApiKeys { tenant, keys: keys.collect(), roles: roles_of(viewer) })
    }

    async fn connections(&self, viewer: &Viewer) -> Result<Connections, AskError> {
        self.require(viewer, Permission::ReadFigures).await?;
        let tools = connections::tools(&self.connections, viewer.tenant).await?;
        let (mut work, tenant) = self.within(viewer).await?;
        let may_manage = viewer.may(Permission::ManageConnections);
        let (secrets, past) = if may_manage {
            let stored = work.secrets().await.map_err(ours)?;
            let past = self.past(&mut work, &tenant).await?;
            (connections::other_secrets(&stored), past)
        } else {
            (Vec::new(), Past::unseen(self.accounts.clock.now()))
        };
        Ok(Connections {
            may_manage,
            may_sync: viewer.may(Permission::Act),
            tools,
            can_seal: self.accounts.secrets_keys.is_some(),
            webhook_url: format!("{}/api/webhooks/stripe/{}", self.accounts.public_address, tenant.slug),
            secrets,
            past,
            tenant,
        })
    }

    async fn audit_log(&self, viewer: &Viewer, question: AuditQuestion) -> Result<AuditPage, AskError> {
        self.require(viewer, Permission::ReadAuditLog).await?;
        self.audit_page(viewer, question).await
    }

    async fn invitation(&self, token: &str) -> Result<Option<InvitationOffer>, AskError> {
        let Some(token) = Token::read(token) else { return Ok(None) };
        let (store, now) = (&self.accounts.store, self.accounts.clock.now());
        let Some(open) = store.invitation_by_hash(token.hash().as_bytes(), now).await.map_err(ours)? else {
            return Ok(None);
        };
        let account = store.user_by_email(&open.email).await.map_err(ours)?;
        Ok(Some(InvitationOffer {
            tenant_name: open.tenant_name,
            email: open.email,
            role: open.role,
            has_account: account.is_some(),
        }))
    }

    async fn can_reset(&self, token: &str) -> Result<bool, AskError> {
        let Some(token) = Token::read(token) else { return Ok(false) };
        let now = self.accounts.clock.now();
        let user = self.accounts.store.reset_user(token.hash().as_bytes(), now).await.map_err(ours)?;
        Ok(user.is_some())
    }

    async fn platform(&self, person: &Person) -> Result<Platform, AskError> {
        if !person.is_platform_admin {
            return Err(AskError::UnknownTenant);
        }
        let platform = self.desk.platform_tenant().await?;
        let today = platform.date_of(self.accounts.clock.now());
        let range = DateRange::last_days(PLATFORM_DAYS, today);
        let parts = self.desk.contributions(range).await?;
        let seen: Vec<TenantId> = parts.iter().map(|part| part.tenant.id).collect();
        let caller = Caller::Person(person.clone());
        self.accounts.note_platform_visit(&caller, &seen, &Sender::default()).await.map_err(ours)?;
        let currencies = parts.iter().map(|part| part.tenant.currency).collect();
        let rates = self.desk.platform_rates(&platform, currencies, range).await?;
        let tenants: Vec<PlatformTenant> = parts
            .into_iter()
            .map(|part| {
                let net_revenue = part.daily.iter().map(|sum| sum.moved.net()).sum();
                let converted = part.converted(platform.currency, &rates);
                PlatformTenant {
                    id: part.tenant.id,
                    slug: part.tenant.slug,
                    name: part.tenant.name,
                    currency: part.tenant.currency,
                    net_revenue,
                    converted,
                }
            })
            .collect();
        Ok(Platform {
            currency: platform.currency,
            days: i64::from(PLATFORM_DAYS),
            total: tenants.iter().filter_map(|tenant| tenant.converted).sum(),
            tenants,
        })
    }
}

/// Why there is no answer, to a question that was asked of a use case.
fn unanswered(refusal: Refusal) -> AskError {
    match refusal {
        Refusal::Field { field, message } => AskError::Invalid { field, message },
        Refusal::Forbidden(forbidden) => AskError::Forbidden(forbidden),
        Refusal::NotFound => AskError::UnknownTenant,
        Refusal::Ours(error) => ours(error),
        other => AskError::Invalid { field: "query", message: other.to_string() },
    }
}

fn roles_of(viewer: &Viewer) -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| viewer.may_hand_on(*role)).collect()
}

fn audit_filter(tenant: &Tenant, question: &AuditQuestion) -> Result<AuditFilter, AskError> {
    let deed = question.deed.as_deref().map(str::parse).transpose();
    let since = question.from.as_deref().map(|text| day("from", text)).transpose()?;
    let until = question.to.as_deref().map(|text| day("to", text)).transpose()?;
    let starts = |date: Date| DateRange { from: date, to: date }.instants(&tenant.timezone).0;
    let ends = |date: Date| DateRange { from: date, to: date }.instants(&tenant.timezone).1;
    Ok(AuditFilter {
        deed: deed.map_err(|_| wrong("deed", "the log has no such deed"))?,
        actor: question.actor.clone(),
        since: since.map(starts),
        until: until.map(ends),
    })
}

fn day(field: &'static str, text: &str) -> Result<Date, AskError> {
    let date: Option<Date> = text.parse().ok();
    let in_sight = |date: &Date| (1970..=2999).contains(&date.year()) && date.to_string() == text;
    date.filter(in_sight).ok_or_else(|| wrong(field, "days are written like 2026-01-31"))
}

fn cursor(text: &str) -> Result<i64, AskError> {
    text.parse().map_err(|_| wrong("cursor", "cursor is none we gave out"))
}

fn wrong(field: &'static str, message: &str) -> AskError {
    AskError::Invalid { field, message: message.to_owned() }
}

fn audit_line(line: StoredAudit) -> AuditLine {
    AuditLine {
        at: line.at,
        actor: line.actor_name,
        deed: line.deed,
        target: line.target,
        details: line.details.into_iter().collect(),
        address: line.address,
    }
}
