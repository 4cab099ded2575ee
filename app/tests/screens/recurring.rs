//! The page of recurring revenue.

use app::port::AskError;
use app::recurring::{RecurringPage, RecurringQuestion, RecurringStanding};
use domain::channel::ChannelSlug;
use domain::money::Currency;
use domain::mrr::comparison::MrrComparison;
use domain::mrr::parts::{ChannelPart, MovementReason, by_channel};
use domain::mrr::report::{Comings, Moved, Opening, report};
use domain::mrr::scheduled::{ScheduledChurn, ScheduledEnd, ScheduledMonth, UnconvertedEnd};
use domain::mrr::{MovementDetail, MovementKind};
use domain::period::{DateRange, Granularity};
use domain::revenue::comparison::Compare;

use crate::desk::{FixedDesk, now, tenant};
use crate::document::{Answer, at};
use crate::figures;
use crate::pages::{lines, main_of};
use crate::visits::HOSTILE;

const PAGE: &str = "/portal/mrr";

impl FixedDesk {
    /// Recurring revenue.
    pub(crate) fn answer_recurring(&self, question: &RecurringQuestion) -> Result<RecurringPage, AskError> {
        self.refuse_when_told()?;
        let frame = self.frame(&question.period)?;
        let compare = Compare::parse(Some(question.compare.as_deref().unwrap_or("previous")), None, None);
        let compare =
            compare.map_err(|why| AskError::Invalid { field: why.field, message: why.message.to_owned() })?;
        let days = compare.days(frame.range, frame.today).unwrap_or(frame.range);
        let is_empty = self.untouched || self.quiet;
        let of = |range: DateRange| {
            let nothing = || {
                report(
                    &tenant(),
                    range,
                    Granularity::Month,
                    now(),
                    Opening::default(),
                    &[],
                    Default::default(),
                )
            };
            if is_empty {
                nothing().expect("few days")
            } else {
                figures::recurring_over(range, Granularity::Month).report
            }
        };
        let (report, before) = (of(frame.range), of(days));
        Ok(RecurringPage {
            comparison: MrrComparison::between(compare, days, &before, &report),
            standing: if is_empty { RecurringStanding::default() } else { standing(report.end) },
            by_channel: if is_empty { Vec::new() } else { by_channel(parts()) },
            reasons: if is_empty { Vec::new() } else { self.reasons() },
            scheduled_churn: if is_empty { ScheduledChurn::default() } else { self.scheduled_churn() },
            frame,
            report,
        })
    }

    fn reasons(&self) -> Vec<MovementReason> {
        let feedback = if self.hostile { HOSTILE } else { "too_expensive" };
        let reason = |kind, detail, feedback: Option<&str>, amount, movements| MovementReason {
            kind,
            detail,
            feedback: feedback.map(str::to_owned),
            amount,
            movements,
        };
        vec![
            reason(MovementKind::New, Some(MovementDetail::TrialConverted), None, 402_300, 41),
            reason(MovementKind::New, None, None, 488_700, 49),
            reason(MovementKind::Expansion, Some(MovementDetail::DiscountEnded), None, 8_000, 2),
            reason(MovementKind::Churn, Some(MovementDetail::Voluntary), Some(feedback), 119_000, 7),
            reason(MovementKind::Churn, Some(MovementDetail::Involuntary), None, 51_000, 3),
        ]
    }
}

impl FixedDesk {
    fn scheduled_churn(&self) -> ScheduledChurn {
        let feedback = if self.hostile { HOSTILE } else { "too_expensive" };
        let end = ScheduledEnd {
            subscription_id: "sub_1Ends".to_owned(),
            customer_id: "cus_1Ends".to_owned(),
            customer_email: Some(self.name("ada@example.com")),
            mrr: Some(58_000),
            charged: 58_000,
            charged_currency: Currency::USD,
            ends_at: now() + jiff::SignedDuration::from_hours(24 * 9),
            known_since: now() - jiff::SignedDuration::from_hours(24 * 20),
            reason: Some("cancellation_requested".to_owned()),
            feedback: Some(feedback.to_owned()),
        };
        let month =
            |month: &str, mrr| ScheduledMonth { month: month.parse().expect("a day"), mrr, subscriptions: 1 };
        let yen = "jpy".parse().expect("a currency");
        let in_euros = ScheduledEnd {
            mrr: Some(30_000),
            charged: 27_500,
            charged_currency: Currency::EUR,
            customer_email: None,
            reason: None,
            feedback: None,
            ..end.clone()
        };
        let in_yen = ScheduledEnd { mrr: None, charged: 4_900, charged_currency: yen, ..in_euros.clone() };
        ScheduledChurn {
            total: 88_000,
            subscriptions: 4,
            by_month: vec![month("2026-11-01", 58_000), month("2026-12-01", 30_000)],
            unconverted: vec![UnconvertedEnd { currency: yen, amount: 4_900 }],
            ends: vec![end, in_euros, in_yen],
        }
    }
}

fn standing(mrr: i64) -> RecurringStanding {
    RecurringStanding {
        committed_mrr: mrr - 88_000,
        trial_mrr: 61_500,
        past_due_mrr: 231_000,
        paused_mrr: 19_900,
        subscriptions: 488,
        unconverted: vec![("jpy".parse().expect("a currency"), 4_900)],
    }
}

fn parts() -> Vec<ChannelPart> {
    let part = |slug: &str, mrr: i64, customers: i64| ChannelPart {
        channel: ChannelSlug::stored(slug.to_owned()),
        opening: Opening { mrr, customers, payers: customers },
        moved: Moved { new: mrr / 10, churn: -mrr / 40, ..Moved::default() },
        comings: Comings { new: customers / 10, reactivated: 0, churned: customers / 40 },
    };
    vec![part("heyreach", 1_620_000, 162), part("unknown", 900_000, 90), part("referral", 1_500_000, 150)]
}

async fn by(desk: FixedDesk, address: &str) -> Answer {
    at(address, desk).await
}

#[tokio::test]
async fn the_page_shows_what_stands_how_well_it_holds_how_it_moved_and_why() {
    let answer = by(FixedDesk::default(), PAGE).await;
    insta::assert_snapshot!(lines(main_of(&answer.html)));
}

#[tokio::test]
async fn the_days_compared_with_can_be_chosen_and_stay_chosen() {
    let answer = by(FixedDesk::default(), "/portal/mrr?period=30d&compare=last_year").await;
    assert!(answer.says("2025") && answer.says("/portal/mrr?period=30d&amp;compare=previous"));
    assert!(answer.says("/api/analytics/mrr?period=30d&amp;format=csv&amp;table=reasons"));
    assert_eq!(by(FixedDesk::default(), "/portal/mrr?compare=tomorrow").await.status, 400);
}

#[tokio::test]
async fn where_nothing_recurs_the_page_says_so_and_every_rate_has_its_reason() {
    let quiet = FixedDesk { quiet: true, ..FixedDesk::default() };
    let answer = by(quiet, PAGE).await;
    assert!(answer.says("Nothing recurs in these days.") && answer.says("nobody pays"));
    assert!(answer.says("nothing recurred when the range began") && !answer.html.contains("NaN"));
}

#[tokio::test]
async fn what_customers_said_stays_text() {
    let desk = FixedDesk { hostile: true, ..FixedDesk::default() };
    assert!(!by(desk, PAGE).await.html.contains(HOSTILE));
}
