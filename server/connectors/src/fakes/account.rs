//! What an account at a fake holds.

use std::fmt;

use domain::campaign::CampaignState;
use jiff::Timestamp;

use super::Fault;

/// The key every fake takes.
pub const KEY: &str = "fake-key";

/// A campaign.
#[derive(Clone, Debug)]
pub struct FakeCampaign {
    /// By which the tools' ids are made.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// Whether it reaches people.
    pub state: CampaignState,
    /// When it was made.
    pub made_at: Timestamp,
}

/// Somebody in a campaign.
#[derive(Clone, Debug)]
pub struct FakePerson {
    /// By which the tools' ids are made.
    pub number: u32,
    /// The campaign.
    pub campaign: u32,
    /// Their first name.
    pub first_name: String,
    /// Their last name.
    pub last_name: String,
    /// Where they work.
    pub company: String,
    /// Their e-mail; a tool that writes on LinkedIn may not know it.
    pub email: Option<String>,
    /// When they came to the campaign.
    pub since: Timestamp,
}

/// A message between the tenant and somebody.
#[derive(Clone, Debug)]
pub struct FakeMessage {
    /// By which the tools' ids are made.
    pub number: u32,
    /// The number of the person.
    pub person: u32,
    /// When.
    pub at: Timestamp,
    /// Whether they wrote it.
    pub is_reply: bool,
    /// What it says.
    pub text: String,
}

/// An account, and what goes wrong with asking for it.
pub struct Account {
    /// The key it is asked with.
    pub key: String,
    /// What the key may not do, by the beginnings of paths.
    pub forbidden: Vec<&'static str>,
    /// Its campaigns, in the order they are listed.
    pub campaigns: Vec<FakeCampaign>,
    /// Its people, in the order they are listed.
    pub people: Vec<FakePerson>,
    /// Its messages, the oldest first.
    pub messages: Vec<FakeMessage>,
    /// What was asked.
    pub asked: Vec<String>,
    /// The replies that were sent, in its words.
    pub sent: Vec<String>,
    /// How often a question about somebody is answered "not yet".
    pub not_yet: usize,
    faults: Vec<(&'static str, usize, Fault)>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("campaigns", &self.campaigns.len())
            .field("people", &self.people.len())
            .field("messages", &self.messages.len())
            .finish_non_exhaustive()
    }
}

impl Default for Account {
    fn default() -> Self {
        Self {
            key: KEY.to_owned(),
            forbidden: Vec::new(),
            campaigns: Vec::new(),
            people: Vec::new(),
            messages: Vec::new(),
            asked: Vec::new(),
            sent: Vec::new(),
            not_yet: 0,
            faults: Vec::new(),
        }
    }
}

impl Account {
    /// So many campaigns with so many people each, the same ones every time: all but every fourth were written to, and
    /// every third of those answered.
    #[must_use]
    pub fn filled(campaigns: u32, people: u32) -> Self {
        let mut account = Self::default();
        for number in 1..=campaigns {
            account.campaigns.push(FakeCampaign {
                number,
                name: format!("Campaign {number}"),
                state: if number % 3 == 0 { CampaignState::Paused } else { CampaignState::Active },
                made_at: at(number, 0),
            });
            for person in 1..=people {
                account.add_person(number, person, people);
            }
        }
        account.messages.sort_by_key(|message| (message.at, message.number));
        account
    }

    fn add_person(&mut self, campaign: u32, person: u32, people: u32) {
        let number = (campaign - 1) * people + person;
        self.people.push(FakePerson {
            number,
            campaign,
            first_name: format!("First{number}"),
            last_name: format!("Last{number}"),
            company: format!("Company {}", number % 17),
            email: Some(format!("person{number}@example.com")),
            since: at(number, 1),
        });
        if number.is_multiple_of(4) {
            return;
        }
        let message = |kind: u32, is_reply, text: &str| FakeMessage {
            number: number * 10 + kind,
            person: number,
            at: at(number, 2 + kind),
            is_reply,
            text: format!("{text} {number}"),
        };
        self.messages.push(message(0, false, "Hello"));
        if number.is_multiple_of(3) {
            self.messages.push(message(1, true, "Tell me more"));
        }
    }

    /// Lets something go wrong with the `nth` request, counted from 0, for a path from now on.
    pub fn fault(&mut self, path: &'static str, nth: usize, fault: Fault) {
        self.faults.push((path, nth, fault));
    }

    pub(super) fn fault_of(&mut self, path: &str) -> Option<Fault> {
        let of_path = |at: &str| path.starts_with(at);
        let due = self.faults.iter().position(|(at, nth, _)| of_path(at) && *nth == 0);
        for (_, nth, _) in self.faults.iter_mut().filter(|(at, ..)| of_path(at)) {
            *nth = nth.saturating_sub(1);
        }
        due.map(|due| self.faults.remove(due).2)
    }

    pub(super) fn campaign(&self, number: u32) -> Option<&FakeCampaign> {
        self.campaigns.iter().find(|campaign| campaign.number == number)
    }

    pub(super) fn person(&self, number: u32) -> Option<&FakePerson> {
        self.people.iter().find(|person| person.number == number)
    }

    pub(super) fn set_state(&mut self, number: u32, state: CampaignState) -> bool {
        let found = self.campaigns.iter_mut().find(|campaign| campaign.number == number);
        found.is_some_and(|campaign| {
            campaign.state = state;
            true
        })
    }

    /// Adds somebody; `false` when they are in the campaign already.
    pub(super) fn take_in(&mut self, campaign: u32, email: Option<String>, first_name: String) -> bool {
        let is_same = |person: &&FakePerson| {
            person.campaign == campaign && person.email == email && person.first_name == first_name
        };
        if self.people.iter().any(|person| is_same(&person)) {
            return false;
        }
        let number = self.people.iter().map(|person| person.number).max().unwrap_or(0) + 1;
        let since = at(number, 1);
        let (last_name, company) = (String::new(), String::new());
        self.people.push(FakePerson { number, campaign, first_name, last_name, company, email, since });
        true
    }

    pub(super) fn messages_of(&self, person: u32) -> Vec<&FakeMessage> {
        self.messages.iter().filter(|message| message.person == person).collect()
    }
}

/// A moment on a day of its own, so many hours in.
fn at(day: u32, hour: u32) -> Timestamp {
    let seconds = 1_740_000_000 + i64::from(day) * 1_800 + i64::from(hour) * 60;
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
