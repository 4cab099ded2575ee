//! Payments that could not be collected, on their page.

use app::port::{AskError, FailedLine, FailedPage, FailedQuestion, FailedTotalLine};
use domain::dunning::{Closing, Standing};
use domain::money::{Currency, Money};
use jiff::SignedDuration;

use crate::desk::{FixedDesk, now};
use crate::document::at;
use crate::pages::{lines, main_of};

impl FixedDesk {
    pub(crate) fn answer_failed(&self, question: &FailedQuestion) -> Result<FailedPage, AskError> {
        self.refuse_when_told()?;
        let known = |word: &String| Standing::ALL.into_iter().find(|standing| standing.word() == word);
        let standing = question.state.as_ref().and_then(known);
        let is_empty = self.untouched || self.quiet;
        let mut lines = if is_empty { Vec::new() } else { self.failed_lines() };
        lines.retain(|line| standing.is_none_or(|standing| line.standing == standing));
        let total = |currency, standing, amount| FailedTotalLine { currency, standing, amount, payments: 1 };
        let totals = vec![
            total(Currency::EUR, Standing::Open, 19_900),
            total(Currency::USD, Standing::Open, 4_900),
            total(Currency::USD, Standing::Recovered, 149_900),
        ];
        Ok(FailedPage {
            tenant: self.tenant_view(),
            standing,
            next: (lines.len() > 2).then(|| "1-in_1".to_owned()),
            lines,
            totals: if is_empty { Vec::new() } else { totals },
        })
    }

    fn failed_lines(&self) -> Vec<FailedLine> {
        let open = FailedLine {
            name: "in_1FailedFailed".to_owned(),
            invoice: Some("in_1FailedFailed".to_owned()),
            payment_intent: None,
            subscription: Some("sub_1FailedFailed".to_owned()),
            customer: Some("cus_FailedFailed".to_owned()),
            customer_email: Some(self.name("ada@example.com")),
            attempts: 2,
            next_attempt_at: Some(now() + SignedDuration::from_hours(72)),
            amount: Money { minor: 4_900, currency: Currency::USD },
            code: Some("insufficient_funds".to_owned()),
            message: Some(self.name("Your card has insufficient funds.")),
            needs_action: false,
            first_failed_at: now() - SignedDuration::from_hours(50),
            last_failed_at: now() - SignedDuration::from_hours(2),
            last_event: "evt_1FailedFailed".parse().unwrap(),
            standing: Standing::Open,
            closed: None,
            livemode: Some(false),
        };
        let waiting = FailedLine {
            name: "pi_3WaitingWaiting".to_owned(),
            customer_email: None,
            amount: Money { minor: 19_900, currency: Currency::EUR },
            next_attempt_at: None,
            code: None,
            message: None,
            needs_action: true,
            ..open.clone()
        };
        let recovered = FailedLine {
            amount: Money { minor: 149_900, currency: Currency::USD },
            standing: Standing::Recovered,
            next_attempt_at: None,
            closed: Some((Closing::Paid, now(), "evt_1PaidPaidPaid".parse().unwrap())),
            livemode: Some(true),
            ..open.clone()
        };
        vec![open, waiting, recovered]
    }
}

#[tokio::test]
async fn the_page_shows_what_is_at_risk_and_what_became_of_the_rest() {
    let answer = at("/portal/failed-payments", FixedDesk::default()).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn where_nothing_failed_the_page_says_what_to_have_sent() {
    let answer = at("/portal/failed-payments", FixedDesk { untouched: true, ..FixedDesk::default() }).await;
    assert!(answer.says("No payment has failed.") && answer.says("invoice.payment_failed"));
    assert!(answer.says("Nothing is at risk."));
}

#[tokio::test]
async fn a_choice_of_state_is_kept_by_the_next_page() {
    let answer = at("/portal/failed-payments?state=recovered&tenant_id=7", FixedDesk::default()).await;
    assert_eq!(answer.html.matches("data-label=\"State\"").count(), 1);
    let all = at("/portal/failed-payments?tenant_id=7", FixedDesk::default()).await;
    assert!(all.says(r#"href="/portal/failed-payments?tenant_id=7&amp;cursor=1-in_1""#));
}
