//! The pages of the settings: somebody's account, and what a workspace is set to.
//!
//! To add one: a `Place`, a file here, a question in the office, a route.

mod account;
mod api_keys;
mod asked;
mod audit_log;
mod channel_rules;
mod channels;
mod connections;
mod exchange_rates;
mod frame;
mod members;
mod past_payments;
mod timezones;
mod tools;
mod workspace;

pub use account::AccountPage;
pub use api_keys::ApiKeysPage;
pub(super) use asked::Asked;
pub use audit_log::AuditLogPage;
pub use channels::ChannelSettingsPage;
pub use connections::ConnectionsPage;
pub use exchange_rates::ExchangeRatesPage;
pub use members::MembersPage;
pub use workspace::WorkspacePage;
