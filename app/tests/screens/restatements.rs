//! What days that had ended say otherwise, on its page.

use app::port::{AskError, RestatedPage, RestatedQuestion};
use domain::channel::ChannelSlug;
use domain::ids::LedgerRowId;
use domain::ledger::EntryKind;
use domain::money::{Currency, Money};
use domain::restated::{Cause, RestatedLine, RestatedSum, RowThen};
use domain::restatement::Trigger;
use jiff::SignedDuration;
use uuid::Uuid;

use crate::desk::{FixedDesk, now};
use crate::document::at;
use crate::pages::{lines, main_of};

impl FixedDesk {
    pub(crate) fn answer_restated(&self, question: &RestatedQuestion) -> Result<RestatedPage, AskError> {
        self.refuse_when_told()?;
        let is_empty = self.untouched || self.quiet;
        let cause = question.cause.as_deref().and_then(Cause::read);
        let mut lines = if is_empty { Vec::new() } else { self.restated_lines() };
        lines.retain(|line| cause.is_none_or(|cause| line.cause == cause));
        let sum = |cause, moved, mrr_moved| RestatedSum {
            cause,
            currency: Currency::USD,
            lines: 1,
            moved,
            base_moved: moved,
            unconverted: 0,
            mrr_moved,
        };
        let sums = vec![
            sum(Cause::Late, 4_900, 4_900),
            sum(Cause::Attribution, 0, 0),
            sum(Cause::TakenBack, -149_900, 0),
        ];
        Ok(RestatedPage {
            frame: self.frame(&question.period)?,
            channel: question.channel.clone().map(ChannelSlug::stored),
            cause,
            since: question.since.as_ref().and_then(|since| since.parse().ok()),
            as_of: now(),
            next: (lines.len() > 2).then(|| "1-0".to_owned()),
            lines,
            sums: if is_empty { Vec::new() } else { sums },
        })
    }

    fn restated_lines(&self) -> Vec<RestatedLine> {
        let paid = RowThen {
            id: LedgerRowId(Uuid::from_u128(1)),
            kind: EntryKind::Payment,
            money: Money { minor: 4_900, currency: Currency::USD },
            base_amount_minor: Some(4_900),
            mrr_impact_minor: 4_900,
            occurred_at: now() - SignedDuration::from_hours(80),
            channel: ChannelSlug::stored("heyreach".to_owned()),
            product_name: Some(self.name("Infrastructure")),
            product_category: None,
            is_recurring: true,
            customer_email: Some(self.name("ada@example.com")),
            event: "evt_1LateLateLate".parse().expect("an event id"),
            event_received_at: now() - SignedDuration::from_hours(2),
            is_counted: true,
        };
        let late = RestatedLine {
            id: Uuid::from_u128(1),
            known_at: now() - SignedDuration::from_hours(2),
            cause: Cause::Late,
            before: None,
            after: Some(paid.clone()),
            credited: None,
        };
        let once = RowThen { mrr_impact_minor: 0, ..paid };
        let credited = RestatedLine {
            id: Uuid::from_u128(2),
            cause: Cause::Attribution,
            before: Some(RowThen { channel: ChannelSlug::unknown(), ..once.clone() }),
            after: Some(once.clone()),
            credited: Some((
                self.name("lead_email ada@example.com; before: nothing found"),
                Trigger::Event("evt_1LeadLeadLead".parse().expect("an event id")),
            )),
            ..late.clone()
        };
        let gone = RowThen { money: Money { minor: 149_900, currency: Currency::USD }, ..once };
        let taken_back = RestatedLine {
            id: Uuid::from_u128(3),
            cause: Cause::TakenBack,
            before: Some(gone),
            after: None,
            ..late.clone()
        };
        vec![late, credited, taken_back]
    }
}

#[tokio::test]
async fn the_page_lists_what_changed_and_why() {
    let answer = at("/portal/restatements", FixedDesk::default()).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn where_nothing_changed_the_page_says_so() {
    let answer = at("/portal/restatements", FixedDesk { untouched: true, ..FixedDesk::default() }).await;
    assert!(answer.says("The figures of these days are what they were when each day ended."));
    let answer =
        at("/portal/restatements?cause=rate", FixedDesk { untouched: true, ..FixedDesk::default() }).await;
    assert!(answer.says("No restatement matches."));
}

#[tokio::test]
async fn filters_are_kept_by_the_next_page_and_by_the_file() {
    let answer = at("/portal/restatements?tenant_id=7&channel=heyreach", FixedDesk::default()).await;
    assert!(
        answer.says(r#"href="/portal/restatements?tenant_id=7&amp;channel=heyreach&amp;cursor=1-0""#)
            && answer.says(r#"href="/api/restatements?tenant_id=7&amp;channel=heyreach&amp;format=csv""#)
    );
}

#[tokio::test]
async fn the_ledger_as_it_was_known_leads_to_what_changed_since() {
    let answer = at("/portal/revenue?known_at=2026-11-01T00:00:00Z", FixedDesk::default()).await;
    assert!(answer.says("These are the rows as they were known on"));
    assert!(answer.says("/portal/restatements?since=2026-11-01T00%3A00%3A00Z"));
}
