//! A program that sends letters, and the postbox they come to.

use mail::{Mailer, Postbox, ReceivedLetter};
use server::config::ServeConfig;

use super::people::Browser;
use super::{Program, config};

/// A program with a postbox.
pub struct PostOffice {
    pub program: Program,
    pub postbox: Postbox,
}

impl PostOffice {
    pub async fn open() -> Self {
        let postbox = Postbox::open().await;
        let mailer = Mailer::parse(&postbox.url(), Some("Command Center <cc@example.com>")).unwrap();
        let program = Program::start_as(ServeConfig { mailer: Some(mailer), ..config() }).await;
        Self { program, postbox }
    }

    /// The link in the next letter, after the address; the letter is for this address and has one link.
    pub async fn link_for(&self, address: &str) -> Link {
        let letter = self.postbox.wait_for_letter().await;
        assert_eq!(letter.to, address);
        Link::in_letter(&letter)
    }

    /// Asks for a link to set a new password.
    pub async fn ask_reset(&self, address: &str) -> Link {
        let fields = [("form", "forgot"), ("email", address)];
        assert_eq!(self.program.stranger().post("/forgot-password", &fields).await.status(), 303);
        self.link_for(address).await
    }

    /// Invites somebody as our admin does.
    pub async fn invite(&self, address: &str, role: &str) -> Link {
        let fields = [("form", "invite"), ("email", address), ("role", role)];
        let answer = self.program.admin.clone().post("/portal/settings/members", &fields).await;
        assert_eq!(answer.status(), 200);
        let link = self.link_for(address).await;
        let page = answer.text().await.unwrap();
        assert!(page.contains(&link.token), "the link is shown once, to be passed on by hand");
        link
    }
}

/// A link that works once.
#[derive(Clone, Debug)]
pub struct Link {
    pub origin: String,
    pub path: String,
    pub token: String,
}

impl Link {
    fn in_letter(letter: &ReceivedLetter) -> Self {
        let line = letter.text.lines().find(|line| line.contains("?token=")).unwrap();
        let (address, token) = line.trim().split_once("?token=").unwrap();
        let (origin, path) = address.rsplit_once('/').unwrap();
        Self { origin: origin.to_owned(), path: format!("/{path}"), token: token.to_owned() }
    }

    /// What the page says of it.
    pub async fn status(&self, browser: &Browser) -> u16 {
        browser.get(&self.address()).await.status().as_u16()
    }

    /// Sends the form of its page.
    pub async fn follow(&self, browser: &mut Browser, form: &str, name: &str, password: &str) -> u16 {
        let fields = [("form", form), ("token", &*self.token), ("name", name), ("password", password)];
        browser.post(&self.address(), &fields).await.status().as_u16()
    }

    fn address(&self) -> String {
        format!("{}?token={}", self.path, self.token)
    }
}
