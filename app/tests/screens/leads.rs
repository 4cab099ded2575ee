//! Leads: lists of them, and one with its history.

use app::port::{AskError, LeadEvent, LeadEventKind, LeadLine, LeadStory, LeadsPage, LeadsQuestion};
use domain::channel::ChannelSlug;
use domain::deal::DealState;
use domain::ids::LeadId;
use domain::lead::{Stage, TouchKind};
use domain::ledger::EntryKind;
use domain::money::{Currency, Money};
use domain::period::DateRange;
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use crate::desk::{FixedDesk, TODAY, now};
use crate::document::at;
use crate::pages::{between, lines, main_of, refuse_markup_of_others};

/// The first lead's id.
const FIRST: &str = "018f0000-0000-7000-8000-000000000001";

fn id(number: u128) -> LeadId {
    LeadId(Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0000 + number))
}

fn ago(hours: i64) -> Timestamp {
    now() - hours.hours()
}

impl FixedDesk {
    pub(crate) fn answer_leads(&self, question: &LeadsQuestion) -> Result<LeadsPage, AskError> {
        self.refuse_when_told()?;
        let mut lines = if self.untouched { Vec::new() } else { self.leads() };
        lines.retain(|line| question.stage.as_ref().is_none_or(|stage| line.stage.word() == *stage));
        lines.retain(|line| question.stuck.is_none() || line.stuck_days.is_some());
        Ok(LeadsPage {
            tenant: self.tenant_view(),
            range: question.period.period.as_ref().map(|_| DateRange::last_days(90, TODAY)),
            at: question.at.as_deref().map(|day| day.parse().unwrap()),
            channel: question.channel.clone().map(ChannelSlug::stored),
            as_of: now(),
            leads_in_all: i64::try_from(lines.len()).unwrap() * 100,
            next: (!lines.is_empty()).then(|| "older".to_owned()),
            lines,
        })
    }

    pub(crate) fn answer_lead(&self, id: &str) -> Result<Option<LeadStory>, AskError> {
        self.refuse_when_told()?;
        if id != FIRST {
            return Ok(None);
        }
        let touch = |kind: TouchKind, note: Option<&str>| LeadEventKind::Touch {
            kind,
            campaign: Some(
                if self.hostile { "<img src=x onerror=alert(8)>" } else { "Founders, November" }.to_owned(),
            ),
            note: note.map(str::to_owned),
        };
        let dollars = |minor| Money { minor, currency: Currency::USD };
        Ok(Some(LeadStory {
            tenant: self.tenant_view(),
            lead: self.leads().remove(0),
            external_id: "crm-1".to_owned(),
            source: "heyreach".to_owned(),
            created_at: ago(2_000),
            paid: vec![(Currency::USD, 149_900)],
            events: vec![
                LeadEvent {
                    at: ago(10),
                    what: LeadEventKind::Money {
                        kind: EntryKind::Payment,
                        money: dollars(149_900),
                        stripe_id: "in_1RaB2cDeFgHiJkLm".to_owned(),
                    },
                },
                LeadEvent {
                    at: ago(12),
                    what: LeadEventKind::Deal {
                        name: "Outbound bootcamp".to_owned(),
                        state: DealState::Won,
                        value: dollars(149_900),
                    },
                },
                LeadEvent {
                    at: ago(90),
                    what: touch(TouchKind::Replied, Some("Asked for the price of two seats.")),
                },
                LeadEvent { at: ago(400), what: touch(TouchKind::Sent, None) },
                LeadEvent { at: ago(500), what: LeadEventKind::Stage(Stage::Enriched) },
                LeadEvent { at: ago(2_000), what: LeadEventKind::Came },
            ],
        }))
    }

    fn leads(&self) -> Vec<LeadLine> {
        let name =
            |name: &str| Some(if self.hostile { "</bdi><script>alert(9)</script>" } else { name }.to_owned());
        let line =
            |number: u128, person: Option<String>, stage: Stage, hours: i64, stuck: Option<i64>| LeadLine {
                id: id(number),
                name: person,
                email: Some(format!("lead{number}@example.com")),
                company: name("Example Manufacturing"),
                channel: ChannelSlug::stored(
                    if number.is_multiple_of(2) { "plusvibe" } else { "heyreach" }.to_owned(),
                ),
                stage,
                stage_entered_at: ago(hours),
                last_activity_at: ago(hours),
                owner: (!number.is_multiple_of(3)).then(|| "Outbound team".to_owned()),
                value: number.is_multiple_of(2).then_some(Money { minor: 250_000, currency: Currency::USD }),
                stuck_days: stuck,
            };
        vec![
            line(1, name("Lead One"), Stage::Closed, 10, None),
            line(2, name("Lead Two"), Stage::Enriched, 800, Some(33)),
            line(3, None, Stage::Contacted, 90, None),
            line(4, name("Lead Four"), Stage::Enriched, 700, Some(29)),
        ]
    }
}

async fn shown(address: &str, desk: FixedDesk) -> String {
    at(address, desk).await.html
}

#[tokio::test]
async fn a_list_says_which_leads_it_holds_and_leads_to_each() {
    let html = shown("/portal/leads?stage=enriched&stuck=yes", FixedDesk::default()).await;
    let main = main_of(&html);
    assert!(between(main, "id=\"filter\"", "</p>").contains("Stuck leads"), "{main}");
    assert!(main.contains("standing in Enriched") && main.contains("200 leads"), "{main}");
    assert_eq!(main.matches("<td class=\"when\">").count(), 2);
    assert!(main.contains("href=\"/portal/leads/018f0000-0000-7000-8000-000000000002\""), "{main}");
    assert!(main.contains("/portal/leads?stage=enriched&amp;stuck=yes&amp;cursor=older"), "{main}");
}

#[tokio::test]
async fn without_leads_it_says_what_to_do() {
    let html = shown("/portal/leads", FixedDesk { untouched: true, ..FixedDesk::default() }).await;
    assert!(main_of(&html).contains("bring leads in by import or API"));
}

#[tokio::test]
async fn a_lead_is_shown_with_its_whole_history() {
    let html = shown(&format!("/portal/leads/{FIRST}"), FixedDesk::default()).await;
    insta::assert_snapshot!(lines(main_of(&html)));
}

#[tokio::test]
async fn names_of_leads_stay_text() {
    let hostile = FixedDesk { hostile: true, ..FixedDesk::default() };
    for address in ["/portal/leads", &format!("/portal/leads/{FIRST}")] {
        refuse_markup_of_others(main_of(&shown(address, hostile.clone()).await));
    }
}

#[tokio::test]
async fn nobody_s_lead_is_not_found() {
    let answer = at("/portal/leads/nobody", FixedDesk::default()).await;
    assert_eq!(answer.status, 404);
}
