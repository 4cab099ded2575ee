//! One module per page: read the address, ask the desk or the office once, show the answer.
//!
//! Each page has a view that takes the answer and nothing else, which tests render without a server.
//! [`settings`]: the pages that share the settings' navigation.

mod actions;
mod alerts;
mod asking;
mod campaigns;
mod channels;
mod command_center;
mod confirm;
mod costs;
mod credit;
mod customer;
mod customers;
mod event;
mod events;
mod explain;
mod failed_payments;
mod forgot_password;
mod import;
mod invitation;
mod lead;
mod leads;
mod metrics;
mod no_access;
mod not_found;
mod platform;
mod recurring;
mod refusal;
mod reset_password;
mod revenue;
pub mod settings;
mod sign_in;
mod sign_out;
mod sign_up;
mod spent_link;
mod unknown;

pub use actions::ActionsPage;
pub use alerts::AlertsPage;
pub use campaigns::CampaignsPage;
pub use channels::{ChannelsPage, ChannelsView};
pub use command_center::{CommandCenterPage, CommandCenterView};
pub use confirm::ConfirmPage;
pub use costs::CostsPage;
pub use credit::CreditPage;
pub use customer::{CustomerPage, CustomerView};
pub use customers::{CustomersPage, CustomersView};
pub use events::EventsPage;
pub use explain::{ExplainPage, ExplainView};
pub use failed_payments::FailedPaymentsPage;
pub use forgot_password::ForgotPasswordPage;
pub use import::ImportPage;
pub use invitation::InvitationPage;
pub use lead::{LeadPage, LeadView};
pub use leads::{LeadsPage, LeadsView};
pub use metrics::MetricsPage;
pub use not_found::NotFoundPage;
pub use platform::PlatformPage;
pub use recurring::RecurringPage;
pub use refusal::RefusalView;
pub use reset_password::ResetPasswordPage;
pub use revenue::{RevenuePage, RevenueView};
pub use sign_in::SignInPage;
pub use sign_out::SignOutPage;
pub use sign_up::SignUpPage;
pub use unknown::UnknownPage;
