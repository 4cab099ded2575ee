use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::channel::{Channel, ChannelList, ChannelSlug};
use crate::connection::Tool;
use crate::economics::{BlendedCac, ChannelFigures, Recurring, blended_cac, unit_economics};
use crate::lead::Stage;
use crate::money::Currency;
use crate::revenue::Sums;
use crate::tenant::Economics;
use crate::velocity::{Durations, StageVelocity};

fn now() -> Timestamp {
    "2026-11-20T14:02:00Z".parse().unwrap()
}

fn hours_on(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours)
}

fn slug(text: &str) -> ChannelSlug {
    ChannelSlug::stored(text.to_owned())
}

fn figures(channel: &str, spend: i64, revenue: i64, new_customers: i64) -> ChannelFigures {
    ChannelFigures { channel: slug(channel), spend, ad_spend: spend, revenue, new_customers }
}

fn sums(gross_revenue: i64, refunds: i64, payments: i64) -> Sums {
    Sums { total_revenue: gross_revenue - refunds, gross_revenue, refunds, disputes: 0, payments }
}

fn stage(name: &str, open: i64, stuck: i64) -> StageVelocity {
    let durations =
        Durations { median_hours: Some(48), p75_hours: Some(230), ended: 40, open, ..Durations::default() };
    StageVelocity::of(name.parse().unwrap(), durations, open, stuck)
}

/// A tenant nothing is wrong with.
fn calm() -> Facts {
    let channels = ["meta_ads", "heyreach"]
        .map(|name| Channel::new(slug(name), if name == "meta_ads" { "Meta ads" } else { "HeyReach" }, 1));
    Facts {
        economics: Economics::default(),
        currency: Currency::USD,
        as_of: now(),
        days: 30,
        channels: channels.into_iter().collect::<ChannelList>(),
        returns: Vec::new(),
        best: None,
        failed: Vec::new(),
        failing: BTreeSet::new(),
        mrr: 4_187_000,
        past_due_mrr: 0,
        stages: vec![stage("enriched", 400, 0)],
        revenue: sums(6_000_000, 60_000, 120),
        unknown: sums(100_000, 0, 3),
        revenue_before: sums(5_000_000, 50_000, 100),
        cac: blended_cac(1_000_000, 40),
        cac_before: blended_cac(1_000_000, 40),
        entered: vec![(Stage::Pool, 400), (Stage::Enriched, 300), (Stage::Contacted, 200)],
        entered_before: vec![(Stage::Pool, 400), (Stage::Enriched, 300), (Stage::Contacted, 200)],
        events: 2_000,
        last_event_at: Some(hours_on(-1)),
        dead_letters: 0,
        lookups: Lookups::default(),
        unread: Vec::new(),
        mrr_of_days: MrrOfDays { moved: 4_187_000, standing: 4_187_000 },
        mrr_of_rows: Some(MrrOfRows {
            moved: 4_187_000,
            standing: 4_187_000,
            currencies: vec![paid_in(Currency::USD, [4_187_000; 3])],
        }),
    }
}

#[test]
fn leads_that_are_not_found_are_told_of_when_they_are_many_and_most() {
    let of = |leads, failed| Facts {
        lookups: Lookups { leads, failed, problem: Some("nothing was found".to_owned()) },
        ..calm()
    };
    for calm in [of(9, 9), of(10, 4), of(1_000, 499)] {
        assert_eq!(detect(&calm), []);
    }
    let found = only(&of(20, 12));
    assert_eq!((found.key().as_str(), found.severity), ("enrichment_failing:all", Severity::Warning));
    assert_eq!(found.title, "12 leads could not be enriched");
    assert!(
        found.why.contains("12 of 20") && found.why.contains("60") && found.why.contains("nothing was found")
    );
}

#[test]
fn a_tool_that_is_not_read_is_told_of_from_the_second_time_on_and_a_refused_key_at_once() {
    let of = |readings, is_refused| {
        let problem = Some("it refused (500): oops".to_owned());
        let unread = vec![UnreadTool { tool: Tool::PlusVibe, readings, problem, is_refused }];
        Facts { unread, ..calm() }
    };
    assert_eq!(detect(&of(1, false)), []);
    let twice = only(&of(2, false));
    assert_eq!((twice.key().as_str(), twice.severity), ("sync_failing:plusvibe", Severity::Warning));
    assert!(twice.why.contains("PlusVibe said: it refused (500): oops."), "{}", twice.why);
    assert_eq!(only(&of(1, true)).severity, Severity::Critical);
}

fn paid_in(currency: Currency, [movements, ledger, subscriptions]: [i64; 3]) -> MrrInCurrency {
    MrrInCurrency { currency, movements, ledger, subscriptions }
}

fn with_channels(channels: &[ChannelFigures]) -> Facts {
    let economics = unit_economics(channels, Recurring::default(), Economics::default(), 30);
    Facts { returns: economics.channel_roi, best: economics.best_channel, ..calm() }
}

fn only(facts: &Facts) -> Finding {
    let found = detect(facts);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.into_iter().next().unwrap()
}

#[test]
fn recurring_revenue_that_is_counted_differently_is_critical_and_told_with_every_amount() {
    let days = MrrOfDays { moved: 4_187_000, standing: 4_187_001 };
    let found = only(&Facts { mrr_of_days: days, ..calm() });
    assert_eq!((found.key().as_str(), found.severity), ("mrr_identity:all", Severity::Critical));
    assert_eq!(
        found.why,
        "All of it in USD: $41870.00 by the days' movements, $41870.01 by what stands on the days, $41870.00 by movements, \
            $41870.00 by subscriptions. Rebuilding makes it again from Stripe's events."
    );
    assert_eq!(found.operands["days_standing_minor"], 4_187_001);
    assert!(only(&Facts { mrr_of_days: days, mrr_of_rows: None, ..calm() }).why.contains("$41870.01"));
}

#[test]
fn what_is_paid_in_each_currency_is_the_same_by_movements_by_the_ledger_and_by_subscriptions() {
    for ways in [[4_901, 4_900, 4_900], [4_900, 4_901, 4_900], [4_900, 4_900, 4_901]] {
        let rows =
            MrrOfRows { currencies: vec![paid_in(Currency::EUR, ways)], ..calm().mrr_of_rows.unwrap() };
        let found = only(&Facts { mrr_of_rows: Some(rows), ..calm() });
        assert_eq!(found.operands.len(), 3, "{found:?}");
        assert_eq!(found.operands["paid_in_eur_ledger_minor"], ways[1]);
        assert!(found.why.contains("€49.01"), "{}", found.why);
    }
}

#[test]
fn where_nothing_is_wrong_nothing_is_said() {
    assert_eq!(detect(&calm()), []);
}

#[test]
fn a_channel_that_takes_more_than_it_brings_is_critical_and_named_with_its_operands() {
    let found = only(&with_channels(&[figures("meta_ads", 2_110_000, 1_730_300, 39)]));
    assert_eq!(found.key(), "channel_losing:meta_ads");
    assert_eq!((found.severity, found.title.as_str()), (Severity::Critical, "Meta ads is losing money"));
    assert_eq!(found.why, "Spent $21,100 for $17,303 of revenue in 30 days: ROI −18.0%.");
    assert_eq!(found.operands["spend_minor"], 2_110_000);
    assert_eq!(found.operands["roi_permille"], -180);
}

#[test]
fn a_channel_below_the_tenant_s_minimum_spend_is_not_judged() {
    assert_eq!(detect(&with_channels(&[figures("meta_ads", 49_999, 0, 0)])), []);
}

#[test]
fn a_channel_with_room_to_grow_is_told_of_once_the_confidence_is_medium() {
    let other = figures("meta_ads", 100_000, 150_000, 30);
    let found = only(&with_channels(&[figures("heyreach", 100_000, 490_000, 20), other.clone()]));
    assert_eq!((found.key().as_str(), found.severity), ("room_to_grow:heyreach", Severity::Opportunity));
    assert_eq!(
        found.why,
        "ROI 390.0% on $1,000 spent in 30 days; Meta ads, the next, returns 50.0%. Confidence is medium."
    );
    assert_eq!(detect(&with_channels(&[figures("heyreach", 100_000, 490_000, 19), other])), []);
}

#[test]
fn failed_payments_are_critical_when_they_put_a_twentieth_of_mrr_at_risk() {
    let failed = vec![FailedSum { currency: Currency::USD, amount: 250_000, payments: 7 }];
    let little = Facts { failed: failed.clone(), past_due_mrr: 100_000, ..calm() };
    assert_eq!(only(&little).severity, Severity::Warning);
    let much = only(&Facts { failed, past_due_mrr: 231_000, ..calm() });
    assert_eq!(
        (much.severity, much.title.as_str()),
        (Severity::Critical, "7 payments failed, $2,310 of MRR at risk")
    );
    assert_eq!(much.why, "$2,500 could not be collected yet; $2,310 of $41,870 MRR is past due (5.5%).");
}

#[test]
fn stuck_leads_are_told_of_stage_by_stage_from_five_on() {
    let found =
        detect(&Facts { stages: vec![stage("enriched", 400, 312), stage("replied", 9, 4)], ..calm() });
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].key(), "stuck_leads:enriched");
    assert_eq!(found[0].title, "312 leads stuck in Enriched");
    assert_eq!(
        found[0].why,
        "Of 400 in Enriched, 312 had nothing happen for 14 days; three quarters move on within 10 days."
    );
}

#[test]
fn a_fifth_of_revenue_without_a_channel_is_a_warning() {
    let facts = Facts { unknown: sums(1_200_000, 0, 30), ..calm() };
    assert_eq!(only(&facts).title, "20.0% of revenue has no channel");
    let few = Facts { revenue: sums(6_000_000, 0, 9), ..facts };
    assert_eq!(detect(&few), [], "too few payments to judge by");
}

#[test]
fn refunds_spike_against_the_days_before_and_not_by_themselves() {
    let usual = Facts {
        revenue: sums(6_000_000, 480_000, 120),
        revenue_before: sums(5_000_000, 400_000, 100),
        ..calm()
    };
    assert_eq!(detect(&usual), []);
    let spike = only(&Facts { revenue_before: sums(5_000_000, 100_000, 100), ..usual.clone() });
    assert_eq!((spike.severity, spike.title.as_str()), (Severity::Warning, "Refunds are 8.0% of revenue"));
    let few = Facts { revenue_before: sums(5_000_000, 0, 19), ..usual };
    assert_eq!(detect(&few), [], "too few payments before to compare with");
}

#[test]
fn cac_drifts_when_it_is_a_third_higher_and_enough_were_won_in_both_ranges() {
    let found = only(&Facts { cac: blended_cac(1_400_000, 40), ..calm() });
    assert_eq!(found.title, "A new customer costs 40.0% more");
    assert_eq!(
        found.why,
        "CAC is $350 ($14,000 for 40 customers) over 30 days; in the 30 before it was $250 ($10,000 for 40 customers)."
    );
    assert_eq!(detect(&Facts { cac: blended_cac(1_400_000, 4), ..calm() }), []);
    assert_eq!(detect(&Facts { cac_before: blended_cac(0, 40), ..calm() }), []);
}

#[test]
fn a_step_that_drops_is_told_of_only_where_enough_leads_took_it() {
    let of = |pool, enriched| vec![(Stage::Pool, pool), (Stage::Enriched, enriched)];
    let found = only(&Facts { entered: of(400, 100), entered_before: of(400, 300), ..calm() });
    assert_eq!(
        (found.key().as_str(), found.title.as_str()),
        ("funnel_drop:enriched", "Pool → Enriched dropped to 25.0%")
    );
    assert_eq!(detect(&Facts { entered: of(49, 0), entered_before: of(400, 300), ..calm() }), []);
    let by_chance = Facts { entered: of(60, 2), entered_before: of(60, 4), ..calm() };
    assert_eq!(detect(&by_chance), [], "two fewer of four are no drop");
}

#[test]
fn events_that_nobody_understood_wait_and_events_that_stay_away_are_critical() {
    assert_eq!(
        only(&Facts { dead_letters: 1, ..calm() }).title,
        "1 event of Stripe's could not be understood"
    );
    let silent = Facts { last_event_at: Some(hours_on(-72)), ..calm() };
    assert_eq!(only(&silent).severity, Severity::Critical);
    assert_eq!(detect(&Facts { last_event_at: Some(hours_on(-71)), ..silent.clone() }), []);
    assert_eq!(detect(&Facts { events: 19, ..silent.clone() }), [], "too few ever came");
    assert_eq!(detect(&Facts { last_event_at: None, ..silent }), [], "none ever came");
}

/// Looks at a condition again and again, an hour after the other; what is done about the one alert at most.
fn looks(conditions: &[Option<Severity>]) -> Vec<Option<Change>> {
    let mut standing: Option<Standing> = None;
    let mut hour = 0;
    let mut look = |condition: &Option<Severity>| {
        hour += 1;
        let (after, change) = match (standing, condition) {
            (None, None) => (None, None),
            (None, Some(severity)) => (Some(Standing::opened(*severity)), Some(Change::Opened)),
            (Some(before), Some(severity)) => {
                let (after, change) = before.seen(*severity, false, hours_on(hour));
                (Some(after), change)
            }
            (Some(before), None) => {
                let (after, change) = before.cleared(hours_on(hour));
                assert!(!after.stands() && after.state == State::Resolved);
                (None, Some(change))
            }
        };
        standing = after;
        change
    };
    conditions.iter().map(&mut look).collect()
}

#[test]
fn true_true_false_true_fires_is_silent_resolves_and_fires() {
    let critical = Some(Severity::Critical);
    assert_eq!(
        looks(&[critical, critical, None, critical]),
        [Some(Change::Opened), None, Some(Change::Cleared), Some(Change::Opened)]
    );
}

#[test]
fn what_was_set_aside_stays_so_while_numbers_change_and_comes_back_when_it_gets_worse() {
    let open = Standing::opened(Severity::Warning);
    for handling in [Handling::Acknowledge, Handling::Snooze(hours_on(24)), Handling::Resolve] {
        let (aside, _) = open.handled(handling, now()).unwrap();
        assert_eq!(aside.seen(Severity::Warning, false, hours_on(1)), (aside, None), "{handling:?}");
        let (eased, change) = aside.seen(Severity::Opportunity, false, hours_on(1));
        assert_eq!(change, Some(Change::Eased));
        let (still, change) = eased.seen(Severity::Warning, false, hours_on(2));
        assert_eq!(
            (still.state, change),
            (aside.state, Some(Change::Worsened)),
            "as bad as when it was set aside"
        );
        let (back, change) = still.seen(Severity::Critical, false, hours_on(3));
        assert_eq!((back, change), (Standing::opened(Severity::Critical), Some(Change::Reopened)));
    }
}

#[test]
fn what_was_set_aside_comes_back_when_it_is_about_something_more() {
    let open = Standing::opened(Severity::Warning);
    assert_eq!(open.seen(Severity::Warning, true, hours_on(1)), (open, None), "it is open already");
    for handling in [Handling::Acknowledge, Handling::Snooze(hours_on(24)), Handling::Resolve] {
        let (aside, _) = open.handled(handling, now()).unwrap();
        assert_eq!(
            aside.seen(Severity::Warning, true, hours_on(1)),
            (open, Some(Change::Reopened)),
            "{handling:?}"
        );
    }
}

#[test]
fn a_snooze_is_over_when_its_time_comes() {
    let open = Standing::opened(Severity::Warning);
    let (snoozed, change) = open.handled(Handling::Snooze(hours_on(24)), now()).unwrap();
    assert_eq!((snoozed.state, change), (State::Snoozed, Change::Snoozed));
    assert_eq!(snoozed.seen(Severity::Warning, false, hours_on(23)), (snoozed, None));
    assert_eq!(snoozed.seen(Severity::Warning, false, hours_on(24)), (open, Some(Change::Reopened)));
    assert_eq!(open.handled(Handling::Snooze(now()), now()), None, "a time that is over");
}

#[test]
fn what_was_resolved_by_hand_is_silent_until_its_condition_was_gone() {
    let (resolved, _) = Standing::opened(Severity::Critical).handled(Handling::Resolve, now()).unwrap();
    assert!(resolved.stands());
    assert_eq!(resolved.seen(Severity::Critical, false, hours_on(1)), (resolved, None));
    let (over, _) = resolved.cleared(hours_on(2));
    assert_eq!((over.stands(), over.resolved_at), (false, Some(now())));
    assert_eq!(resolved.handled(Handling::Acknowledge, hours_on(1)), None);
}

#[test]
fn words_are_read_as_they_are_written() {
    assert!(Severity::ALL.into_iter().all(|severity| severity.word().parse() == Ok(severity)));
    assert!(Detector::ALL.into_iter().all(|detector| detector.word().parse() == Ok(detector)));
    assert!(State::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
    assert!(Change::ALL.into_iter().all(|change| change.word().parse() == Ok(change)));
}

// Boxed, because so many of them together are too large for the stack of a test.
fn amount() -> BoxedStrategy<i64> {
    prop_oneof![Just(0), Just(i64::MIN), Just(i64::MAX), -1_000i64..1_000_000, any::<i64>()].boxed()
}

fn any_sums() -> BoxedStrategy<Sums> {
    (amount(), amount(), amount(), amount(), amount())
        .prop_map(|(total_revenue, gross_revenue, refunds, disputes, payments)| Sums {
            total_revenue,
            gross_revenue,
            refunds,
            disputes,
            payments,
        })
        .boxed()
}

fn any_cac() -> BoxedStrategy<BlendedCac> {
    (amount(), amount()).prop_map(|(spend, customers)| blended_cac(spend, customers)).boxed()
}

prop_compose! {
    fn any_facts()(
        channels in proptest::collection::vec((amount(), amount(), 0i64..500), 0..3),
        failed in (amount(), amount()),
        recurring in (amount(), amount()),
        stages in (amount(), amount()),
        revenue in any_sums(), unknown in any_sums(), revenue_before in any_sums(),
        cac in any_cac(), cac_before in any_cac(),
        entered in proptest::collection::vec(amount(), 6), entered_before in proptest::collection::vec(amount(), 6),
        events in amount(), dead_letters in amount(), silent in -1_000i64..10_000,
    ) -> Facts {
        let names = ["meta_ads", "heyreach", "unknown"];
        let channels: Vec<ChannelFigures> = names.into_iter().zip(channels)
            .map(|(name, (spend, revenue, customers))| figures(name, spend, revenue, customers)).collect();
        let economics = unit_economics(&channels, Recurring::default(), Economics::default(), 30);
        Facts {
            returns: economics.channel_roi,
            best: economics.best_channel,
            failed: vec![FailedSum { currency: Currency::USD, amount: failed.0, payments: failed.1 }],
            mrr: recurring.0,
            past_due_mrr: recurring.1,
            stages: vec![stage("enriched", stages.0, stages.1)],
            revenue, unknown, revenue_before, cac, cac_before,
            entered: Stage::ALL.into_iter().zip(entered).collect(),
            entered_before: Stage::ALL.into_iter().zip(entered_before).collect(),
            events, dead_letters,
            last_event_at: Some(hours_on(-silent)),
            ..calm()
        }
    }
}

proptest! {
    #[test]
    fn whatever_the_figures_nothing_breaks_and_no_two_findings_have_one_key(facts in any_facts()) {
        let found = detect(&facts);
        let keys: BTreeSet<String> = found.iter().map(Finding::key).collect();
        prop_assert_eq!(keys.len(), found.len());
        for finding in found {
            prop_assert!(!finding.title.is_empty() && !finding.why.is_empty());
            prop_assert!(!finding.why.contains("NaN") && !finding.why.contains("inf"));
            prop_assert!(!finding.operands.is_empty());
        }
    }

    #[test]
    fn one_alert_stands_at_a_time_and_it_fires_again_only_after_it_was_gone(
        conditions in proptest::collection::vec(proptest::option::of(0usize..4), 0..40)
    ) {
        let conditions: Vec<Option<Severity>> =
            conditions.into_iter().map(|place| place.map(|place| Severity::ALL[place])).collect();
        let mut stands = false;
        for (condition, change) in conditions.iter().zip(looks(&conditions)) {
            match (stands, condition) {
                (false, Some(_)) => prop_assert_eq!(change, Some(Change::Opened)),
                (true, None) => prop_assert_eq!(change, Some(Change::Cleared)),
                (false, None) => prop_assert_eq!(change, None),
                (true, Some(_)) => prop_assert!(!matches!(change, Some(Change::Opened | Change::Cleared))),
            }
            stands = condition.is_some();
        }
    }
}
