//! Which address shows which page.
//!
//! Every route waits for its data before the first byte, so that pages work without script.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::pages::settings::{
    AccountPage, ApiKeysPage, AuditLogPage, ChannelSettingsPage, ConnectionsPage, ExchangeRatesPage,
    JobsPage, MembersPage, WorkspacePage,
};
use crate::pages::{
    ActionsPage, AlertsPage, CampaignsPage, ChannelsPage, CommandCenterPage, ConfirmLeadsPage, ConfirmPage,
    CostsPage, CreditPage, CustomerPage, CustomersPage, EventsPage, ExplainPage, FailedPaymentsPage,
    ForgotPasswordPage, ImportPage, InvitationPage, LeadPage, LeadsPage, MetricsPage, NotFoundPage,
    PlatformPage, RecurringPage, ResetPasswordPage, RestatementsPage, RevenuePage, SignInPage, SignOutPage,
    SignUpPage, UnknownPage,
};

/// All pages.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=CommandCenterPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/command-center") view=CommandCenterPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/mrr") view=RecurringPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/channels") view=ChannelsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/explain") view=ExplainPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/customers") view=CustomersPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/customers/:id") view=CustomerPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/leads") view=LeadsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/leads/:id") view=LeadPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/revenue") view=RevenuePage ssr=SsrMode::Async/>
                <Route path=path!("/portal/costs") view=CostsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/import") view=ImportPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/unknown") view=UnknownPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/credit") view=CreditPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/restatements") view=RestatementsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/failed-payments") view=FailedPaymentsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/alerts") view=AlertsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/campaigns") view=CampaignsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/actions") view=ActionsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/actions/confirm") view=ConfirmPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/actions/leads") view=ConfirmLeadsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/jobs") view=JobsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/events") view=EventsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/metrics") view=MetricsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/platform") view=PlatformPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/settings/account") view=AccountPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/settings/tenant") view=WorkspacePage ssr=SsrMode::Async/>
                <Route path=path!("/portal/settings/channels") view=ChannelSettingsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/settings/exchange-rates") view=ExchangeRatesPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/settings/members") view=MembersPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/settings/api-keys") view=ApiKeysPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/settings/connections") view=ConnectionsPage ssr=SsrMode::Async/>
                <Route path=path!("/portal/settings/audit-log") view=AuditLogPage ssr=SsrMode::Async/>
                <Route path=path!("/login") view=SignInPage ssr=SsrMode::Async/>
                <Route path=path!("/logout") view=SignOutPage ssr=SsrMode::Async/>
                <Route path=path!("/signup") view=SignUpPage ssr=SsrMode::Async/>
                <Route path=path!("/forgot-password") view=ForgotPasswordPage ssr=SsrMode::Async/>
                <Route path=path!("/reset-password") view=ResetPasswordPage ssr=SsrMode::Async/>
                <Route path=path!("/invitation") view=InvitationPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
