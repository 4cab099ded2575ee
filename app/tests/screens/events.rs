//! What became of Stripe's events, on the page that lists them and on that of one.

use app::port::{AskError, EffectLine, EventDetail, EventLine, EventsPage, EventsQuestion};
use domain::access::Role;
use domain::event_state::EventState;
use domain::ids::LedgerRowId;
use domain::ledger::EntryKind;
use domain::money::{Currency, Money};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::desk::{FixedDesk, now};
use crate::document::{World, asked, at};
use crate::pages::{lines, main_of};
use crate::visits::{HOSTILE, member, refused};

impl FixedDesk {
    pub(crate) fn answer_events(&self, question: &EventsQuestion) -> Result<EventsPage, AskError> {
        self.refuse_when_told()?;
        let state = question.state.as_deref().map(|word| {
            word.parse::<EventState>().map_err(|_| AskError::Invalid {
                field: "state",
                message: "state is one of pending, applied, ignored, quarantined, dead".to_owned(),
            })
        });
        let state = state.transpose()?;
        let mut lines = if self.untouched { Vec::new() } else { self.event_lines() };
        lines.retain(|line| state.is_none_or(|state| line.state == state));
        Ok(EventsPage {
            tenant: self.tenant_view(),
            next: (lines.len() > 3).then(|| "7".to_owned()),
            lines,
            dead_letters: if self.untouched || self.quiet { 0 } else { 3 },
            untried_versions: if self.untouched || self.quiet {
                Vec::new()
            } else {
                vec![("2027-03-31.fennel".to_owned(), "is newer than what this program is tested with")]
            },
        })
    }

    pub(crate) fn answer_event(&self, id: &str) -> Result<Option<EventDetail>, AskError> {
        self.refuse_when_told()?;
        let found = self.event_lines().into_iter().find(|line| line.id.as_str() == id);
        Ok(found.map(|line| EventDetail {
            tenant: self.tenant_view(),
            payload: (line.state != EventState::Dead)
                .then(|| self.name("{\n  \"id\": \"evt_1RaB2cDeFgHiJkLm\"\n}")),
            version_remark: (line.state == EventState::Dead)
                .then_some("is newer than what this program is tested with"),
            line,
        }))
    }

    /// A harmless text, or the worst there is.
    pub(crate) fn name(&self, harmless: &str) -> String {
        if self.hostile { HOSTILE.to_owned() } else { harmless.to_owned() }
    }

    fn event_lines(&self) -> Vec<EventLine> {
        let paid = EffectLine {
            row: LedgerRowId(Uuid::from_u128(1)),
            kind: EntryKind::Payment,
            money: Money { minor: 149_900, currency: Currency::USD },
            occurred_at: now() - SignedDuration::from_hours(7),
            is_cause: true,
        };
        let tied = EffectLine { is_cause: false, ..paid.clone() };
        vec![
            EventLine {
                attempts: None,
                took_us: None,
                event_type: None,
                api_version: None,
                livemode: None,
                applied_at: None,
                created_at: None,
                ..self.event_line("evt_1WaitingWaiting", EventState::Pending, "")
            },
            EventLine {
                effects: vec![paid],
                ..self.event_line("evt_1RaB2cDeFgHiJkLm", EventState::Applied, "invoice.paid")
            },
            EventLine {
                effects: vec![tied],
                ..self.event_line("evt_1TieTieTieTie", EventState::Applied, "invoice_payment.paid")
            },
            EventLine {
                reason: Some(self.name("says nothing of a payment")),
                ..self.event_line("evt_1IgnoredIgnored", EventState::Ignored, "customer.updated")
            },
            EventLine {
                reason: Some(self.name("amount is not a whole, non-negative number")),
                api_version: Some(self.name("2027-03-31.fennel")),
                attempts: Some(2),
                took_us: Some(1_250_000),
                ..self.event_line("evt_1DeadDeadDead", EventState::Dead, "charge.succeeded")
            },
        ]
    }

    fn event_line(&self, id: &str, state: EventState, event_type: &str) -> EventLine {
        EventLine {
            id: id.parse().unwrap(),
            event_type: Some(self.name(event_type)),
            state,
            reason: None,
            attempts: Some(1),
            took_us: Some(840),
            api_version: Some("2026-09-30.endive".to_owned()),
            livemode: Some(false),
            created_at: Some(now() - SignedDuration::from_hours(1)),
            received_at: now() - SignedDuration::from_mins(59),
            applied_at: Some(now() - SignedDuration::from_mins(58)),
            bytes: 4_211,
            effects: Vec::new(),
        }
    }
}

#[tokio::test]
async fn the_events_page_shows_what_became_of_each() {
    let answer = at("/portal/events", FixedDesk::default()).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn one_event_shows_its_effect_and_its_covered_payload() {
    let answer = at("/portal/events?event=evt_1RaB2cDeFgHiJkLm", FixedDesk::default()).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn a_dead_letter_says_why_and_can_be_looked_at_again() {
    let answer = at("/portal/events?event=evt_1DeadDeadDead", FixedDesk::default()).await;
    assert!(answer.says(r#"<p class="alert">Amount is not a whole, non-negative number.</p>"#));
    assert!(answer.says(r#"<input type="hidden" name="event" value="evt_1DeadDeadDead">"#));
    assert!(answer.says("is newer than what this program is tested with"));
    assert!(answer.says("that are no JSON"));
}

#[tokio::test]
async fn who_only_looks_is_offered_no_replay() {
    for address in ["/portal/events", "/portal/events?event=evt_1DeadDeadDead"] {
        let viewer = asked(address, World::of(member(Role::Viewer))).await;
        assert!(!viewer.says("replay"), "{address}");
        let operator = asked(address, World::of(member(Role::Operator))).await;
        assert!(operator.says("replay"), "{address}");
    }
}

#[tokio::test]
async fn before_the_first_event_the_page_says_how_to_connect() {
    let untouched = FixedDesk { untouched: true, ..FixedDesk::default() };
    let answer = at("/portal/events", untouched.clone()).await;
    assert!(
        answer.says("No event has arrived yet.") && answer.says(r#"href="/portal/settings/connections""#)
    );
    let viewer = asked("/portal/events", World { desk: untouched, ..World::of(member(Role::Viewer)) }).await;
    assert!(viewer.says("Ask an admin of this workspace to connect Stripe."));
}

#[tokio::test]
async fn a_wrong_filter_is_400_and_stays_as_it_was_typed() {
    let answer = at("/portal/events?state=lost&type=invoice.&id=in_1", FixedDesk::default()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.says(r#"value="invoice.""#) && answer.says(r#"value="in_1""#));
    assert!(answer.says("State is one of pending"));
}

#[tokio::test]
async fn an_event_of_somebody_else_does_not_exist() {
    let answer = at("/portal/events?event=evt_theirs", FixedDesk::default()).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn pages_of_events_keep_the_filter_and_the_tenant() {
    let answer = at("/portal/events?tenant_id=7&id=in_1", FixedDesk::default()).await;
    assert!(answer.says(r#"href="/portal/events?tenant_id=7&amp;id=in_1&amp;cursor=7""#));
    assert!(answer.says(r#"href="/portal/events?tenant_id=7&amp;event=evt_1DeadDeadDead""#));
    assert!(answer.says(r#"action="/portal/events?tenant_id=00000000-0000-0000-0000-000000000007""#));
}

#[tokio::test]
async fn what_was_refused_is_said_at_the_head() {
    let visit =
        refused(member(Role::Owner), "replay", None, "it is not there any more: reload the page", &[]);
    let answer = asked("/portal/events", World::of(visit)).await;
    assert!(answer.says("It is not there any more: reload the page."));
}
