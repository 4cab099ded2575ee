//! How often something may be tried. Counted in the database, so that all processes count together, and
//! before the attempt, so that many at once do not slip through.

use domain::ids::TenantId;
use jiff::SignedDuration;

use super::{Accounts, Refusal, Sender};

/// Within how long attempts to sign in are counted.
const WINDOW: SignedDuration = SignedDuration::from_secs(60);

/// Attempts at one account within the window; the next waits for the window's end.
const AT_ONE_ACCOUNT: i32 = 5;

/// Attempts from one network within the window, at whatever account.
const FROM_ONE_NETWORK: i32 = 30;

/// Letters to one address within the hour, whoever asks for them.
const LETTERS_TO_ONE: i32 = 10;
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Invitations of one tenant within a day.
const INVITATIONS_OF_ONE: i32 = 200;
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

impl Accounts {
    /// Counts a letter; nobody's mailbox is filled through us.
    pub(super) async fn count_letter(&self, to: &str) -> Result<(), Refusal> {
        self.count(&format!("letters:{to}"), LETTERS_TO_ONE, AN_HOUR).await
    }

    /// Counts an invitation.
    pub(super) async fn count_invitation(&self, tenant: TenantId) -> Result<(), Refusal> {
        self.count(&format!("invitations:{tenant}"), INVITATIONS_OF_ONE, A_DAY).await
    }

    /// Counts an attempt to sign in.
    pub(super) async fn count_sign_in(&self, email: &str, sender: &Sender) -> Result<(), Refusal> {
        self.count(&network_key(sender), FROM_ONE_NETWORK, WINDOW).await?;
        self.count(&account_key(email), AT_ONE_ACCOUNT, WINDOW).await
    }

    /// Counts something a stranger may ask for: an account, a letter, a link tried.
    pub(super) async fn count_request(&self, sender: &Sender) -> Result<(), Refusal> {
        self.count(&network_key(sender), FROM_ONE_NETWORK, WINDOW).await
    }

    /// Who got in is no longer counted.
    pub(super) async fn forgive(&self, email: &str) -> Result<(), Refusal> {
        Ok(self.store.attempts_clear(&account_key(email)).await?)
    }

    async fn count(&self, key: &str, at_most: i32, window: SignedDuration) -> Result<(), Refusal> {
        let now = self.clock.now();
        let attempts = self.store.attempt(key, now, window).await?;
        if attempts.count == 1 {
            self.store.attempts_forget(now - A_DAY).await?;
        }
        if attempts.count <= at_most {
            return Ok(());
        }
        Err(Refusal::TooMany { wait: attempts.window_ends.duration_since(now) })
    }
}

fn account_key(email: &str) -> String {
    format!("account:{email}")
}

fn network_key(sender: &Sender) -> String {
    format!("network:{}", sender.network())
}
