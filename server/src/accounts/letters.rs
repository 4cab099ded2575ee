//! The letters the program writes. They go out in the background: whether there was one to send must not show
//! in how long an answer takes.

use credentials::tokens::Token;
use domain::access::Role;
use mail::Letter;

use super::Accounts;

impl Accounts {
    /// The link to set a new password.
    pub(super) fn reset_link(&self, token: &Token) -> String {
        format!("{}/reset-password?token={}", self.public_address, token.text())
    }

    /// The link to join.
    pub(super) fn invitation_link(&self, token: &Token) -> String {
        format!("{}/invitation?token={}", self.public_address, token.text())
    }

    /// Sends a letter in the background, where a mail server is configured.
    pub(super) fn send(&self, letter: Letter) {
        let Some(mailer) = self.mailer.clone() else { return };
        let accounts = self.clone();
        tokio::spawn(async move {
            if let Err(refusal) = accounts.count_letter(&letter.to).await {
                tracing::warn!(%refusal, subject = letter.subject, "a letter was not sent");
                return;
            }
            if let Err(error) = mailer.send(&letter).await {
                tracing::error!(%error, subject = letter.subject, "a letter could not be sent");
            }
        });
    }
}

pub(super) fn about_reset(to: &str, link: &str) -> Letter {
    Letter {
        to: to.to_owned(),
        subject: "Set a new password".to_owned(),
        text: format!(
            "Somebody, hopefully you, asked to set a new password for {to} in Command Center.\n\n\
             Open this link within the hour; it works once:\n{link}\n\n\
             If it was not you, do nothing: the password stays as it is.\n"
        ),
    }
}

pub(super) fn about_existing_account(to: &str, address: &str) -> Letter {
    Letter {
        to: to.to_owned(),
        subject: "You have an account already".to_owned(),
        text: format!(
            "Somebody, hopefully you, tried to make an account for {to} in Command Center. There is one already.\n\n\
             Sign in: {address}/login\nForgot the password: {address}/forgot-password\n"
        ),
    }
}

pub(super) fn about_invitation(to: &str, inviter: &str, tenant: &str, role: Role, link: &str) -> Letter {
    Letter {
        to: to.to_owned(),
        subject: "You are asked to join a workspace in Command Center".to_owned(),
        text: format!(
            "{inviter} asks you to join {tenant} as {role}.\n\nOpen this link within 7 days; it works once:\n{link}\n"
        ),
    }
}
