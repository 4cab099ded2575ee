//! Where a page is in the navigation.

use domain::access::Permission;

use crate::address::{
    ACCOUNT, ACTIONS, ALERTS, API_KEYS, AUDIT_LOG, CAMPAIGNS, CHANNEL_SETTINGS, CHANNELS, COMMAND_CENTER,
    CONNECTIONS, COSTS, CUSTOMERS, EVENTS, EXCHANGE_RATES, FAILED_PAYMENTS, IMPORT, JOBS, LEADS, MEMBERS,
    METRICS, MRR, PLATFORM, RESTATEMENTS, REVENUE, UNKNOWN, WORKSPACE,
};

/// Where a page is in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The main screen.
    Overview,
    /// The ledger.
    Revenue,
    /// Recurring revenue.
    Recurring,
    /// Channel by channel.
    Channels,
    /// Who may buy.
    Leads,
    /// What leads are reached with.
    Campaigns,
    /// Who pays.
    Customers,
    /// Where files are brought in.
    Import,
    /// What no channel was found for.
    Unknown,
    /// What days that had ended say otherwise.
    Restatements,
    /// Payments that could not be collected.
    FailedPayments,
    /// What channels cost.
    Costs,
    /// What needs somebody.
    Alerts,
    /// What was done at the tools.
    Actions,
    /// What became of Stripe's events.
    Events,
    /// What every figure means.
    Metrics,
    /// Somebody's own account.
    Account,
    /// The tenant's settings.
    Workspace,
    /// Which channels the tenant has, and what is recognised as which.
    ChannelSettings,
    /// What other currencies are worth to the tenant.
    ExchangeRates,
    /// Who belongs to the tenant.
    Members,
    /// The tenant's API keys.
    ApiKeys,
    /// The tenant's credentials for other services.
    Connections,
    /// Who did what in the tenant.
    AuditLog,
    /// What is done later, again, or on schedule.
    Jobs,
    /// Every tenant.
    Platform,
    /// No entry leads here.
    Elsewhere,
}

impl Place {
    /// The pages of the settings, in their order.
    pub const SETTINGS: [Self; 9] = [
        Self::Account,
        Self::Workspace,
        Self::ChannelSettings,
        Self::ExchangeRates,
        Self::Members,
        Self::ApiKeys,
        Self::Connections,
        Self::AuditLog,
        Self::Jobs,
    ];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overview | Self::Elsewhere => "Overview",
            Self::Revenue => "Revenue",
            Self::Recurring => "Recurring revenue",
            Self::Channels => "Channels",
            Self::Leads => "Leads",
            Self::Campaigns => "Campaigns",
            Self::Customers => "Customers",
            Self::Import => "Bring in files",
            Self::Unknown => "Unknown revenue",
            Self::Restatements => "Restatements",
            Self::FailedPayments => "Failed payments",
            Self::Costs => "Costs",
            Self::Alerts => "Alerts",
            Self::Actions => "Actions",
            Self::Events => "Events",
            Self::Metrics => "Metrics",
            Self::Account => "Account",
            Self::Workspace => "Workspace",
            Self::ChannelSettings => "Channels and rules",
            Self::ExchangeRates => "Exchange rates",
            Self::Members => "Members",
            Self::ApiKeys => "API keys",
            Self::Connections => "Connections",
            Self::AuditLog => "Audit log",
            Self::Jobs => "Jobs",
            Self::Platform => "All workspaces",
        }
    }

    /// Its address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview | Self::Elsewhere => COMMAND_CENTER,
            Self::Revenue => REVENUE,
            Self::Recurring => MRR,
            Self::Channels => CHANNELS,
            Self::Leads => LEADS,
            Self::Campaigns => CAMPAIGNS,
            Self::Customers => CUSTOMERS,
            Self::Import => IMPORT,
            Self::Unknown => UNKNOWN,
            Self::Restatements => RESTATEMENTS,
            Self::FailedPayments => FAILED_PAYMENTS,
            Self::Costs => COSTS,
            Self::Alerts => ALERTS,
            Self::Actions => ACTIONS,
            Self::Events => EVENTS,
            Self::Metrics => METRICS,
            Self::Account => ACCOUNT,
            Self::Workspace => WORKSPACE,
            Self::ChannelSettings => CHANNEL_SETTINGS,
            Self::ExchangeRates => EXCHANGE_RATES,
            Self::Members => MEMBERS,
            Self::ApiKeys => API_KEYS,
            Self::Connections => CONNECTIONS,
            Self::AuditLog => AUDIT_LOG,
            Self::Jobs => JOBS,
            Self::Platform => PLATFORM,
        }
    }

    /// What somebody has to be allowed to see it; `None` where everybody is.
    #[must_use]
    pub const fn needs(self) -> Option<Permission> {
        match self {
            Self::Overview
            | Self::Revenue
            | Self::Recurring
            | Self::Channels
            | Self::Leads
            | Self::Campaigns
            | Self::Customers
            | Self::Unknown
            | Self::Restatements
            | Self::FailedPayments
            | Self::Costs
            | Self::Alerts
            | Self::Actions
            | Self::Events
            | Self::Metrics
            | Self::Connections
            | Self::Account
            | Self::Platform
            | Self::Elsewhere => None,
            Self::Workspace | Self::ChannelSettings | Self::ExchangeRates | Self::Jobs => {
                Some(Permission::EditSettings)
            }
            Self::Import => Some(Permission::Act),
            Self::Members => Some(Permission::ManageMembers),
            Self::ApiKeys => Some(Permission::ManageApiKeys),
            Self::AuditLog => Some(Permission::ReadAuditLog),
        }
    }

    /// Whether it is one of the settings.
    #[must_use]
    pub fn is_setting(self) -> bool {
        Self::SETTINGS.contains(&self)
    }
}
