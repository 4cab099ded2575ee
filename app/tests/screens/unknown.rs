//! What no channel was found for, and what one payment is credited to.

use app::port::{AskError, Credit, CreditQuestion, OriginClue, UnknownLine, UnknownPage, UnknownQuestion};
use domain::access::Role;
use domain::attribution::{Link, Override, OverrideTarget};
use domain::channel::ChannelSlug;
use domain::channel::rules::RuleField;
use domain::ids::LedgerRowId;
use domain::money::{Currency, Money};
use domain::period::DateRange;
use domain::ratio::Ratio;
use jiff::ToSpan;
use uuid::Uuid;

use crate::desk::{FixedDesk, TODAY, now};
use crate::document::{Answer, World, asked};
use crate::pages::{lines, main_of, refuse_markup_of_others};
use crate::visits::{HOSTILE, member, refused};

const CUSTOMER: &str = "cus_RaB2cDeFgHiJkL";

impl FixedDesk {
    pub(crate) fn answer_unknown(&self, question: &UnknownQuestion) -> Result<UnknownPage, AskError> {
        self.refuse_when_told()?;
        let lines = if self.untouched { Vec::new() } else { self.unknown_lines() };
        Ok(UnknownPage {
            tenant: self.tenant_view(),
            days: DateRange::last_days(90, TODAY),
            share: if self.untouched { None } else { Ratio::of(124, 1_000) },
            payers_in_all: if self.untouched { 0 } else { 214 },
            sum: if self.untouched { 0 } else { 4_512_300 },
            as_of: now(),
            said: question.undo.as_ref().map(|_| self.said(OverrideTarget::Customer(CUSTOMER.to_owned()))),
            next: (!lines.is_empty()).then(|| "older".to_owned()),
            lines,
        })
    }

    pub(crate) fn answer_credit(&self, question: &CreditQuestion) -> Result<Option<Credit>, AskError> {
        self.refuse_when_told()?;
        if question.customer.as_deref().is_none_or(|customer| customer != CUSTOMER) {
            return Ok(None);
        }
        Ok(Some(Credit {
            tenant: self.tenant_view(),
            row: LedgerRowId(Uuid::from_u128(7)),
            payment: "in_1RaB2cDeFgHiJkLm".to_owned(),
            customer: Some(CUSTOMER.to_owned()),
            email: Some(self.text("ada@example.com")),
            channel: ChannelSlug::stored("referral".to_owned()),
            money: Money { minor: 4_900, currency: Currency::USD },
            product: Some(self.text("Bootcamp")),
            at: now() - 900.hours(),
            said: vec![self.said(OverrideTarget::Payment("in_1RaB2cDeFgHiJkLm".to_owned()))],
            links: vec![Link {
                customer: CUSTOMER.to_owned(),
                kind: "bootcamp_student".to_owned(),
                record: self.text("7"),
                lead: Some(self.text("lead-12")),
                email: None,
                channel: None,
            }],
        }))
    }

    fn text(&self, usual: &str) -> String {
        if self.hostile { HOSTILE.to_owned() } else { usual.to_owned() }
    }

    fn said(&self, target: OverrideTarget) -> Override {
        Override {
            id: Uuid::from_u128(9),
            target,
            channel: ChannelSlug::stored("referral".to_owned()),
            reason: self.text("she told us"),
            made_by: self.text("grace@example.org"),
            made_at: now() - 3.hours(),
        }
    }

    fn unknown_lines(&self) -> Vec<UnknownLine> {
        let clue = |field, key: Option<&str>, text: &str| OriginClue {
            field,
            key: key.map(str::to_owned),
            text: self.text(text),
        };
        let line = |number: u128, customer: Option<&str>, email: Option<&str>, clues| UnknownLine {
            customer: customer.map(str::to_owned),
            email: email.map(|email| self.text(email)),
            row: LedgerRowId(Uuid::from_u128(number)),
            stripe_id: customer.unwrap_or("ch_1RaB2cDeFgHiJkLm").to_owned(),
            payments: 2,
            base_minor: 19_800,
            unconverted: i64::from(customer.is_none()),
            products: if customer.is_some() {
                vec![self.text("Bootcamp"), "SaaS".to_owned()]
            } else {
                Vec::new()
            },
            newest_at: now() - 5.hours(),
            clues,
        };
        let clues = vec![
            clue(RuleField::Source, None, "LI-outbound"),
            clue(RuleField::Metadata, Some("campaign"), "spring"),
        ];
        vec![line(1, Some(CUSTOMER), Some("ada@example.com"), clues), line(2, None, None, Vec::new())]
    }
}

async fn by(role: Role, address: &str) -> Answer {
    asked(address, World::of(member(role))).await
}

#[tokio::test]
async fn what_is_unknown_is_listed_with_what_is_known_of_it_and_ways_to_credit_it() {
    let answer = by(Role::Admin, "/portal/unknown?done=channel-assigned&undo=9").await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn who_may_not_act_sees_what_is_unknown_and_no_forms() {
    let answer = by(Role::Viewer, "/portal/unknown?undo=9").await;
    let main = main_of(&answer.html);
    assert!(
        main.contains("LI-outbound") && !main.contains("method=\"post\"") && !main.contains("Make a rule")
    );
    let answer = by(Role::Operator, "/portal/unknown").await;
    let main = main_of(&answer.html);
    assert!(main.contains("method=\"post\"") && !main.contains("Make a rule"), "rules are settings");
}

#[tokio::test]
async fn where_nothing_is_unknown_the_page_says_so() {
    let desk = FixedDesk { untouched: true, ..FixedDesk::default() };
    let answer = asked("/portal/unknown", World { desk, ..World::of(member(Role::Admin)) }).await;
    assert!(answer.says("Nothing is unknown") && answer.says("— of gross revenue"));
}

#[tokio::test]
async fn what_is_credited_is_shown_with_who_said_so_and_forms_to_say_otherwise() {
    let answer = by(Role::Operator, &format!("/portal/credit?customer={CUSTOMER}")).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
    let answer = by(Role::Viewer, &format!("/portal/credit?customer={CUSTOMER}")).await;
    assert!(answer.says("she told us") && !main_of(&answer.html).contains("method=\"post\""));
    assert_eq!(by(Role::Operator, "/portal/credit?customer=cus_nobody").await.status, 404);
}

#[tokio::test]
async fn a_word_that_is_refused_stays_typed_beside_what_is_wrong_with_it() {
    let typed = [("customer", CUSTOMER), ("channel", "organic"), ("reason", " ")];
    let visit = refused(member(Role::Operator), "assign", Some("reason"), "this is needed", &typed);
    let answer = asked(&format!("/portal/credit?customer={CUSTOMER}"), World::of(visit)).await;
    assert!(answer.says("This is needed.") && answer.says(r#"<option value="organic" selected"#));
}

#[tokio::test]
async fn names_of_others_stay_text() {
    let hostile = FixedDesk { hostile: true, ..FixedDesk::default() };
    for address in ["/portal/unknown?undo=9", &format!("/portal/credit?customer={CUSTOMER}")] {
        let world = World { desk: hostile.clone(), ..World::of(member(Role::Admin)) };
        // What a form sends back is as it was, marks that turn text round and all.
        let html = asked(address, world).await.html.replace('\u{202e}', "");
        refuse_markup_of_others(main_of(&html));
    }
}
