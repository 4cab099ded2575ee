//! Who is in the story. Nobody has a person's name: people are called by their role or a number.

use jiff::Timestamp;
use jiff::civil::Date;

use super::calendar::{Signup, day_of, signups};
use super::catalog::Offer;
use super::channels::{Channel, UNKNOWN, channel_of_buyer};
use super::dice::{Dice, token};

const ROLES: [&str; 8] = ["buyer", "founder", "growth", "sales", "revops", "marketing", "ops", "team"];

const FIRST_HALVES: [&str; 20] = [
    "Zorp",
    "Quibble",
    "Mumble",
    "Fizzle",
    "Wobble",
    "Snarf",
    "Blorb",
    "Tinkle",
    "Gribble",
    "Noodle",
    "Plonk",
    "Dazzle",
    "Flump",
    "Jabber",
    "Kerfuffle",
    "Squiggle",
    "Twaddle",
    "Whimsy",
    "Yonder",
    "Bumble",
];

const SECOND_HALVES: [&str; 16] = [
    "field", "wick", "forge", "works", "loop", "stack", "mill", "nest", "port", "grid", "crate", "spark",
    "lane", "dock", "pond", "shed",
];

const SUFFIXES: [&str; 5] = ["Sample Co", "Demo Labs", "Example Ltd", "Sample Inc", "Demo Works"];

const TLDS: [&str; 3] = ["com", "org", "net"];

/// An invented company with an address nobody can own.
#[derive(Debug, Clone)]
pub(super) struct Company {
    /// The display name.
    pub(super) name: String,
    /// The mail domain.
    pub(super) domain: String,
}

/// What ties a buyer's payments to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// A lead with the same e-mail.
    Lead,
    /// `gtm_channel` in the Stripe metadata, and no lead.
    Metadata,
    /// Nothing at all.
    Nothing,
}

/// Someone who pays.
#[derive(Debug, Clone)]
pub(super) struct Buyer {
    /// What tells this buyer apart from every other, in ids and dice.
    key: String,
    /// What they sign up for.
    pub(super) offer: Offer,
    /// When they sign up.
    pub(super) signed_up: Timestamp,
    /// The channel they truly came through.
    pub(super) channel: Channel,
    /// What is left to prove it.
    pub(super) evidence: Evidence,
    /// The company they buy for.
    pub(super) company: Company,
    /// The e-mail as the lead list has it.
    pub(super) email: String,
    /// The e-mail as they typed it at the checkout.
    pub(super) typed_email: String,
    /// The name on the card.
    pub(super) name: String,
}

/// Everyone who signs up from the day `first` to the day `last`.
pub(super) fn buyers(first: Date, last: Date) -> Vec<Buyer> {
    signups(first, last).into_iter().map(Buyer::cast).collect()
}

/// An address that names a role, a day and a place in that day.
pub(super) fn email(dice: &mut Dice, company: &Company, day: Date, place: &str) -> String {
    let role = dice.pick(&ROLES);
    format!("{role}-{}-{place}@{}", day.strftime("%y%m%d"), company.domain)
}

impl Company {
    /// Draws a company.
    pub(super) fn cast(dice: &mut Dice) -> Self {
        let word = format!("{}{}", dice.pick(&FIRST_HALVES), dice.pick(&SECOND_HALVES));
        let domain = format!("{}.example.{}", word.to_lowercase(), dice.pick(&TLDS));
        Self { name: format!("{word} {}", dice.pick(&SUFFIXES)), domain }
    }
}

impl Buyer {
    fn cast(signup: Signup) -> Self {
        let day = day_of(signup.at);
        let place = format!("{}{}", signup.offer.letter(), signup.nth);
        let key = format!("{day}/{place}");
        let mut dice = Dice::about(&format!("buyer/{key}"));
        let company = Company::cast(&mut dice);
        let email = email(&mut dice, &company, day, &place);
        let evidence = evidence(&mut dice);
        Self {
            offer: signup.offer,
            signed_up: signup.at,
            channel: channel_of_buyer(&mut dice, day, signup.offer),
            evidence,
            typed_email: typed(&mut dice, &email),
            name: format!("Buyer {:04}", dice.between(1, 9999)),
            company,
            email,
            key,
        }
    }

    /// Dice for one side of this buyer's life.
    pub(super) fn dice(&self, topic: &str) -> Dice {
        Dice::about(&format!("{topic}/{}", self.key))
    }

    /// The nth id of a kind that belongs to this buyer.
    pub(super) fn id(&self, prefix: &str, nth: usize) -> String {
        format!("{prefix}Demo{}", token(&format!("{prefix}/{}/{nth}", self.key)))
    }

    /// The slug the ledger should attribute this buyer's money to.
    pub(super) fn attributed_to(&self) -> &'static str {
        match self.evidence {
            Evidence::Lead | Evidence::Metadata => self.channel.slug(),
            Evidence::Nothing => UNKNOWN,
        }
    }
}

fn evidence(dice: &mut Dice) -> Evidence {
    dice.weighted(&[(Evidence::Lead, 85), (Evidence::Metadata, 10), (Evidence::Nothing, 5)])
}

/// The address as people type it: now and then with capitals or stray blanks.
fn typed(dice: &mut Dice, email: &str) -> String {
    match dice.between(1, 100) {
        1..=6 => email.to_uppercase(),
        7..=10 => format!(" {email} "),
        11..=14 => email.replace(".example.", ".Example."),
        _ => email.to_owned(),
    }
}
