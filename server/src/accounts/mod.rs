//! People and what they may: signing in and up, passwords, members, keys, credentials, settings.
//!
//! [`Accounts`] has every use case, one file each; what a viewer may not do all `Viewer::require` refuses
//! first; what changes a tenant writes its line of the audit log in the same transaction; a [`Refusal`] is safe to show.
//! The [`doorman`] says who comes in. Forms, commands and demo call the same functions.
//!
//! To add a change somebody can make: a function here, a `Deed`, a form in `http::forms`.

mod api_keys;
mod attribution;
mod connections;
mod doorman;
mod endpoints;
mod exchange_rates;
mod invitations;
mod letters;
mod limits;
mod members;
mod passwords;
mod provisioning;
mod refusal;
mod replays;
mod sender;
mod sessions;
mod settings;
mod sign_in;
mod sign_up;

use std::collections::BTreeMap;
use std::sync::Arc;

use credentials::passwords::Hasher;
use credentials::sealing::SecretsKeys;
use domain::access::Actor;
use domain::audit::Deed;
use domain::ids::AuditId;
use mail::Mailer;
use store::Store;
use store::audit_log::NewAudit;

use crate::chance::new_id;
use crate::clock::Clock;

pub use api_keys::KeyRequest;
pub use attribution::{LinkForm, OverrideForm, Put};
pub use connections::StoredFor;
pub use doorman::Doorman;
pub use endpoints::{EndpointSecrets, Endpoints};
pub use exchange_rates::{Imported, RateForm};
pub use invitations::Joining;
pub(crate) use members::name_of;
pub use provisioning::NewMember;
pub use refusal::Refusal;
pub(crate) use refusal::{email, plain_text};
pub use sender::Sender;
pub use sessions::NewlySignedIn;
pub use settings::SettingsForm;
pub use sign_in::SignIn;
pub use sign_up::SignUp;

/// What people's accounts are managed with.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// Where they are kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// Who hashes passwords, a few at once.
    pub hasher: Hasher,
    /// Who sends letters; `None` when no mail server is configured.
    pub mailer: Option<Mailer>,
    /// What credentials are sealed with; `None` when no key is configured.
    pub secrets_keys: Option<Arc<SecretsKeys>>,
    /// What endpoints are signed with, as it was looked up just now.
    pub endpoints: Endpoints,
    /// The address people reach the program at.
    pub public_address: String,
    /// Whether strangers may make an account.
    pub is_sign_up_open: bool,
}

/// A line for the audit log.
pub(crate) fn deed(actor: Actor, deed: Deed, sender: &Sender) -> NewAudit {
    NewAudit {
        id: AuditId(new_id()),
        actor,
        deed,
        target: None,
        details: BTreeMap::new(),
        address: sender.address.map(|address| address.to_string()),
    }
}

/// The same line about somebody or something.
pub(crate) fn about(line: NewAudit, target: impl Into<String>) -> NewAudit {
    NewAudit { target: Some(target.into()), ..line }
}

/// The same line with what changed.
pub(crate) fn saying<const N: usize>(line: NewAudit, details: [(&str, String); N]) -> NewAudit {
    NewAudit { details: details.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), ..line }
}
