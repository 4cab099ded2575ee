use jiff::ToSpan;
use proptest::prelude::*;

use super::*;
use crate::definition::Interval;
use crate::exchange::QuotedRate;
use crate::subscription::order::Trail;
use crate::subscription::pricing::{Item, Pricing};
use crate::subscription::terms::{Discount, DiscountRef, Duration, Off, Terms, TermsFact, Tier, ToldTerms};
use crate::subscription::{Occasion, Snapshot, SubscriptionFact, history};

fn at(text: &str) -> Timestamp {
    format!("{text}T12:00:00Z").parse().unwrap()
}

fn item(unit: &str, quantity: i64, interval: Interval, interval_count: i64) -> Item {
    Item {
        id: None,
        price: Some(format!("price_{unit}_{interval:?}_{interval_count}")),
        product: None,
        quantity,
        pricing: Pricing::PerUnit(unit.parse().unwrap()),
        interval,
        interval_count,
        inclusive_tax: Ratio::ZERO,
        discounts: Vec::new(),
    }
}

fn monthly(unit: &str, quantity: i64) -> Item {
    item(unit, quantity, Interval::Month, 1)
}

fn snapshot(status: Status, items: Vec<Item>) -> Snapshot {
    Snapshot {
        status,
        currency: Currency::USD,
        items,
        has_more_items: false,
        discounts: Vec::new(),
        started_at: None,
        trial_ends_at: None,
        period_start: None,
        period_end: None,
        canceled_at: None,
        ends_at: None,
        ended_at: None,
        is_collection_paused: false,
        cancel_reason: None,
        cancel_feedback: None,
    }
}

fn fact(subscription: &str, occasion: Occasion, day: &str, snapshot: Snapshot) -> SubscriptionFact {
    let mark = format!("evt_{subscription}{}{occasion:?}{:?}", day.replace('-', ""), snapshot.status);
    SubscriptionFact {
        event: mark.parse().unwrap(),
        occurred_at: at(day),
        occasion,
        subscription: subscription.to_owned(),
        customer: "cus_1".to_owned(),
        snapshot,
        trail: Trail::default(),
        channel_hints: Vec::new(),
    }
}

/// A subscription that begins on a day with these items.
fn begun(subscription: &str, day: &str, items: Vec<Item>) -> SubscriptionFact {
    fact(subscription, Occasion::Begun, day, snapshot(Status::Active, items))
}

/// It ends on a day.
fn ended(subscription: &str, day: &str, items: Vec<Item>) -> SubscriptionFact {
    let gone = Snapshot { ended_at: Some(at(day)), ..snapshot(Status::Canceled, items) };
    fact(subscription, Occasion::Ended, day, gone)
}

fn counted_by(definition: &Definition, facts: &[SubscriptionFact], terms: &Terms) -> Vec<MrrMovement> {
    let rates = RateBook::default();
    let counting = Counting { definition, timezone: &TimeZone::UTC, base: Currency::USD, rates: &rates };
    movements(&subscriptions(definition, facts, terms), counting)
}

fn subscriptions(definition: &Definition, facts: &[SubscriptionFact], terms: &Terms) -> Vec<Subscription> {
    let ids: BTreeSet<&String> = facts.iter().map(|fact| &fact.subscription).collect();
    ids.into_iter()
        .map(|id| {
            let own: Vec<_> = facts.iter().filter(|fact| fact.subscription == *id).cloned().collect();
            Subscription { id: id.clone(), versions: history(&own, definition, terms) }
        })
        .collect()
}

fn counted(facts: &[SubscriptionFact]) -> Vec<MrrMovement> {
    counted_by(&Definition::STRIPE, facts, &Terms::default())
}

fn told(movements: &[MrrMovement]) -> Vec<(MovementKind, i64)> {
    movements.iter().map(|movement| (movement.kind, movement.money.minor)).collect()
}

fn mrr_of(items: Vec<Item>) -> i64 {
    told(&counted(&[begun("sub_a", "2026-01-01", items)])).iter().map(|(_, minor)| minor).sum()
}

use MovementKind::{Churn, Contraction, Expansion, Fx, New, Reactivation};

#[test]
fn a_customers_life_is_new_expansion_contraction_churn_and_reactivation() {
    let gold_yearly = || vec![item("50000", 4, Interval::Year, 1)];
    let silver = || vec![monthly("3000", 2)];
    let facts = [
        begun("sub_gold", "2025-01-01", gold_yearly()),
        begun("sub_silver", "2025-03-01", silver()),
        ended("sub_silver", "2025-05-15", silver()),
        ended("sub_gold", "2026-01-01", gold_yearly()),
        begun("sub_later", "2026-06-01", vec![monthly("5000", 3)]),
    ];
    let expected =
        [(New, 16_667), (Expansion, 6_000), (Contraction, -6_000), (Churn, -16_667), (Reactivation, 15_000)];
    assert_eq!(told(&counted(&facts)), expected);
    assert_eq!(counted(&facts)[3].at, at("2026-01-01"));
}

#[test]
fn every_interval_is_brought_to_a_month_with_one_rounding() {
    for (unit, interval, count, expected) in [
        ("9000", Interval::Month, 3, 3_000),
        ("2000", Interval::Week, 1, 8_667),
        ("1000", Interval::Day, 1, 30_417),
        ("10000", Interval::Week, 4, 10_833),
        ("5000", Interval::Week, 2, 10_833),
        ("120000", Interval::Year, 1, 10_000),
        ("200000", Interval::Year, 1, 16_667),
        ("120000", Interval::Year, 2, 5_000),
        ("0.5", Interval::Month, 1, 1),
    ] {
        assert_eq!(mrr_of(vec![item(unit, 1, interval, count)]), expected, "{unit} {interval:?} {count}");
    }
    let hundred: i64 = (0..100).map(|_| mrr_of(vec![monthly("10000", 1)])).sum();
    let fifty: i64 = (0..50).map(|_| mrr_of(vec![item("60000", 1, Interval::Year, 1)])).sum();
    assert_eq!(hundred + fifty, 1_250_000);
    assert_eq!(mrr_of(vec![monthly("4900", 2), item("49000", 1, Interval::Year, 1)]), 9_800 + 4_083);
}

#[test]
fn tiers_and_packages_are_priced_at_the_quantity() {
    let tier = |up_to: Option<i64>, unit: &str, flat: &str| Tier {
        up_to,
        unit: unit.parse().unwrap(),
        flat: flat.parse().unwrap(),
    };
    let tiers =
        Some(vec![tier(Some(5), "1000", "500"), tier(Some(10), "800", "0"), tier(None, "600", "100")]);
    let of = |pricing: Pricing, quantity| mrr_of(vec![Item { pricing, ..monthly("0", quantity) }]);
    assert_eq!(of(Pricing::Graduated(tiers.clone()), 7), 500 + 5 * 1_000 + 2 * 800);
    assert_eq!(of(Pricing::Graduated(tiers.clone()), 12), 500 + 5 * 1_000 + 5 * 800 + 100 + 2 * 600);
    assert_eq!(of(Pricing::Graduated(tiers.clone()), 0), 500);
    assert_eq!(of(Pricing::Volume(tiers.clone()), 7), 7 * 800);
    assert_eq!(of(Pricing::Volume(tiers), 11), 100 + 11 * 600);
    let package = |is_rounded_up| Pricing::Package { unit: Ratio::whole(1_000), size: 5, is_rounded_up };
    assert_eq!((of(package(true), 7), of(package(false), 7)), (2_000, 1_000));
    assert_eq!(of(Pricing::Metered, 7), 0);
}

#[test]
fn a_price_nobody_told_counts_nothing_and_says_so_until_it_is_told() {
    let untold = Item { pricing: Pricing::Graduated(None), ..monthly("0", 7) };
    let price = untold.price.clone().unwrap();
    let facts = [begun("sub_a", "2026-01-01", vec![untold, monthly("100", 1)])];
    let version = &subscriptions(&Definition::STRIPE, &facts, &Terms::default())[0].versions[0];
    assert_eq!((version.state.mrr, version.state.untold_parts), (100, 1));
    assert_eq!(facts[0].open_terms().collect::<Vec<_>>(), [&price]);
    let tiers = vec![Tier { up_to: None, unit: Ratio::whole(10), flat: Ratio::ZERO }];
    let told = TermsFact {
        event: "evt_price".parse().unwrap(),
        occurred_at: at("2026-02-01"),
        name: price,
        told: ToldTerms::Tiers(tiers),
    };
    let version = &subscriptions(&Definition::STRIPE, &facts, &Terms::of(vec![told]))[0].versions[0];
    assert_eq!((version.state.mrr, version.state.untold_parts), (170, 0));
}

fn discounted(duration: Duration, off: Off, ends: Option<&str>, items: Vec<Item>) -> SubscriptionFact {
    let discount = Discount { off, duration, ends_at: ends.map(at) };
    let discounts = vec![DiscountRef::Told(discount)];
    let snapshot = Snapshot { discounts, ..snapshot(Status::Active, items) };
    fact("sub_a", Occasion::Begun, "2026-01-01", snapshot)
}

#[test]
fn discounts_count_as_the_definition_says() {
    let tenth = Off::Percent(Ratio::whole(10));
    let half = Off::Percent(Ratio::whole(50));
    let yearly = || vec![item("12000", 1, Interval::Year, 1)];
    let by = |definition: &Definition, fact: SubscriptionFact| {
        told(&counted_by(definition, &[fact], &Terms::default()))
    };
    let once = || discounted(Duration::Once, tenth, None, yearly());
    assert_eq!(by(&Definition::STRIPE, once()), [(New, 1_000)]);
    assert_eq!(by(&Definition::CHARTMOGUL, once()), [(New, 900)]);
    for definition in Definition::ALL {
        let forever = discounted(Duration::Forever, half, None, vec![monthly("1000", 1)]);
        assert_eq!(by(definition, forever), [(New, 500)]);
    }
    let some_months = || discounted(Duration::Repeating, half, Some("2026-04-01"), vec![monthly("1000", 1)]);
    assert_eq!(by(&Definition::STRIPE, some_months()), [(New, 1_000)]);
    let ending = counted_by(&Definition::CHARTMOGUL, &[some_months()], &Terms::default());
    assert_eq!(told(&ending), [(New, 500), (Expansion, 500)]);
    assert_eq!(ending[1].detail, Some(MovementDetail::DiscountEnded));
    assert_eq!(ending[1].at, at("2026-04-01"));
}

#[test]
fn an_amount_off_is_shared_by_the_items_and_never_leaves_less_than_nothing() {
    let off = |minor| Off::Amount(Money { minor, currency: Currency::USD });
    let items = || vec![monthly("3000", 1), monthly("1000", 1)];
    let of = |minor| {
        let fact = discounted(Duration::Forever, off(minor), None, items());
        subscriptions(&Definition::STRIPE, &[fact], &Terms::default())[0].versions[0].state.clone()
    };
    let counted: Vec<_> = of(1_000).items.iter().map(|item| item.monthly).collect();
    assert_eq!(counted, [Some(2_250), Some(750)]);
    assert_eq!(of(9_999).mrr, 0);
}

#[test]
fn a_discount_named_only_by_its_id_is_open_until_it_is_told() {
    let named = DiscountRef::Named { id: "di_1".to_owned() };
    let with = Snapshot { discounts: vec![named], ..snapshot(Status::Active, vec![monthly("1000", 1)]) };
    let facts = [fact("sub_a", Occasion::Begun, "2026-01-01", with)];
    let version = &subscriptions(&Definition::STRIPE, &facts, &Terms::default())[0].versions[0];
    assert_eq!((version.state.mrr, version.state.untold_parts), (1_000, 1));
    let discount =
        Discount { off: Off::Percent(Ratio::whole(25)), duration: Duration::Forever, ends_at: None };
    let told = TermsFact {
        event: "evt_discount".parse().unwrap(),
        occurred_at: at("2026-01-01"),
        name: "di_1".to_owned(),
        told: ToldTerms::Discount(discount),
    };
    let version = &subscriptions(&Definition::STRIPE, &facts, &Terms::of(vec![told]))[0].versions[0];
    assert_eq!((version.state.mrr, version.state.untold_parts), (750, 0));
}

#[test]
fn taxes_inside_a_price_do_not_count() {
    let taxed = Item { inclusive_tax: Ratio::whole(20), ..monthly("1200", 1) };
    assert_eq!(mrr_of(vec![taxed]), 1_000);
}

#[test]
fn a_trial_counts_nothing_and_its_first_paid_period_is_new() {
    let pro = || vec![item("49000", 1, Interval::Year, 1)];
    let facts = [
        fact("sub_a", Occasion::Begun, "2026-03-01", snapshot(Status::Trialing, pro())),
        fact("sub_a", Occasion::Changed, "2026-03-15", snapshot(Status::Active, pro())),
    ];
    let movements = counted(&facts);
    assert_eq!(told(&movements), [(New, 4_083)]);
    assert_eq!(
        (movements[0].at, movements[0].detail),
        (at("2026-03-15"), Some(MovementDetail::TrialConverted))
    );
    let versions = &subscriptions(&Definition::STRIPE, &facts, &Terms::default())[0].versions;
    assert_eq!(versions.iter().map(|version| version.state.trial_mrr).collect::<Vec<_>>(), [4_083, 0]);
}

#[test]
fn statuses_count_as_they_are_listed() {
    for (status, counts) in [
        (Status::Active, true),
        (Status::PastDue, true),
        (Status::Trialing, false),
        (Status::Incomplete, false),
        (Status::IncompleteExpired, false),
        (Status::Unpaid, false),
        (Status::Paused, false),
        (Status::Canceled, false),
        (Status::Other, false),
    ] {
        let facts = [fact("sub_a", Occasion::Begun, "2026-01-01", snapshot(status, vec![monthly("100", 1)]))];
        assert_eq!(!counted(&facts).is_empty(), counts, "{status:?}");
    }
}

#[test]
fn a_pause_is_contraction_and_going_on_expansion_and_never_churn() {
    let pro = || vec![monthly("4900", 1)];
    let facts = [
        begun("sub_a", "2026-01-01", pro()),
        fact("sub_a", Occasion::Changed, "2026-02-01", snapshot(Status::Paused, pro())),
        fact("sub_a", Occasion::Changed, "2026-03-01", snapshot(Status::Active, pro())),
    ];
    let movements = counted(&facts);
    assert_eq!(told(&movements), [(New, 4_900), (Contraction, -4_900), (Expansion, 4_900)]);
    assert_eq!(
        movements.iter().map(|movement| movement.detail).collect::<Vec<_>>(),
        [None, Some(MovementDetail::Paused), Some(MovementDetail::Resumed)]
    );

    let held = Snapshot { is_collection_paused: true, ..snapshot(Status::Active, pro()) };
    let facts = [begun("sub_a", "2026-01-01", pro()), fact("sub_a", Occasion::Changed, "2026-02-01", held)];
    assert_eq!(told(&counted(&facts)), [(New, 4_900)]);
    let zero = Definition { pauses: crate::definition::PausePolicy::Zero, ..Definition::STRIPE };
    let movements = counted_by(&zero, &facts, &Terms::default());
    assert_eq!(told(&movements), [(New, 4_900), (Contraction, -4_900)]);
}

#[test]
fn becoming_free_is_contraction_or_churn_as_the_definition_says() {
    let facts = [
        begun("sub_a", "2026-01-01", vec![monthly("4900", 1)]),
        fact("sub_a", Occasion::Changed, "2026-02-01", snapshot(Status::Active, vec![monthly("0", 1)])),
        fact("sub_a", Occasion::Changed, "2026-03-01", snapshot(Status::Active, vec![monthly("1000", 1)])),
    ];
    assert_eq!(told(&counted(&facts)), [(New, 4_900), (Contraction, -4_900), (Expansion, 1_000)]);
    assert_eq!(counted(&facts)[1].detail, Some(MovementDetail::ToFree));
    let strict = Definition { free_is_churn: true, ..Definition::STRIPE };
    assert_eq!(counted_by(&strict, &facts, &Terms::default())[1].kind, Churn);
}

#[test]
fn a_cancelled_subscription_counts_until_it_ends_or_until_it_is_cancelled() {
    let pro = || vec![monthly("50000", 1)];
    let to_end = Snapshot {
        ends_at: Some(at("2026-02-01")),
        canceled_at: Some(at("2026-01-10")),
        ..snapshot(Status::Active, pro())
    };
    let mut facts =
        vec![begun("sub_a", "2026-01-01", pro()), fact("sub_a", Occasion::Changed, "2026-01-10", to_end)];
    assert_eq!(told(&counted(&facts)), [(New, 50_000)]);
    let early = Definition { churn: crate::definition::ChurnRecognition::AtCancel, ..Definition::STRIPE };
    let movements = counted_by(&early, &facts, &Terms::default());
    assert_eq!((movements[1].kind, movements[1].at), (Churn, at("2026-01-10")));
    facts.push(ended("sub_a", "2026-02-01", pro()));
    assert_eq!(told(&counted(&facts)), [(New, 50_000), (Churn, -50_000)]);
    assert_eq!(counted(&facts)[1].detail, Some(MovementDetail::Voluntary));
    assert_eq!(told(&counted_by(&early, &facts, &Terms::default())).len(), 2);
}

#[test]
fn who_is_past_due_counts_until_patience_ends() {
    let pro = || vec![monthly("4900", 1)];
    let facts = [
        begun("sub_a", "2026-01-01", pro()),
        fact("sub_a", Occasion::Changed, "2026-02-01", snapshot(Status::PastDue, pro())),
    ];
    assert_eq!(told(&counted(&facts)), [(New, 4_900)]);
    let strict = Definition { past_due_grace_days: Some(15), ..Definition::STRIPE };
    let movements = counted_by(&strict, &facts, &Terms::default());
    assert_eq!((movements[1].kind, movements[1].at), (Churn, at("2026-02-16")));
    assert_eq!(movements[1].detail, Some(MovementDetail::Involuntary));
}

#[test]
fn plan_hops_within_a_day_are_one_movement_dated_by_the_last() {
    let hour = |fact: SubscriptionFact, hours: i64| SubscriptionFact {
        occurred_at: fact.occurred_at + hours.hours(),
        snapshot: Snapshot {
            ended_at: fact.snapshot.ended_at.map(|end| end + hours.hours()),
            ..fact.snapshot
        },
        ..fact
    };
    let facts = [
        begun("sub_a", "2026-01-01", vec![monthly("1000", 1)]),
        ended("sub_a", "2026-02-01", vec![monthly("1000", 1)]),
        hour(begun("sub_b", "2026-02-01", vec![monthly("1500", 1)]), 3),
    ];
    let movements = counted(&facts);
    assert_eq!(told(&movements), [(New, 1_000), (Expansion, 500)]);
    assert_eq!((movements[1].at, movements[1].causes.len()), (at("2026-02-01") + 3.hours(), 2));
    let next_day = hour(facts[2].clone(), 20);
    let apart = counted(&[facts[0].clone(), facts[1].clone(), next_day]);
    assert_eq!(told(&apart), [(New, 1_000), (Churn, -1_000), (Reactivation, 1_500)]);
}

#[test]
fn two_subscriptions_of_one_customer_are_one_customer() {
    let facts = [
        begun("sub_a", "2026-01-01", vec![monthly("1000", 1)]),
        begun("sub_b", "2026-02-01", vec![monthly("500", 1)]),
        ended("sub_a", "2026-03-01", vec![monthly("1000", 1)]),
        ended("sub_b", "2026-04-01", vec![monthly("500", 1)]),
    ];
    assert_eq!(
        told(&counted(&facts)),
        [(New, 1_000), (Expansion, 500), (Contraction, -1_000), (Churn, -500)]
    );
}

#[test]
fn a_state_that_arrives_late_takes_its_place_in_time() {
    let active =
        fact("sub_a", Occasion::Changed, "2026-01-01", snapshot(Status::Active, vec![monthly("100", 1)]));
    let incomplete =
        fact("sub_a", Occasion::Begun, "2026-01-01", snapshot(Status::Incomplete, vec![monthly("100", 1)]));
    assert_eq!(told(&counted(&[active.clone(), incomplete.clone()])), [(New, 100)]);
    assert_eq!(told(&counted(&[incomplete, active])), [(New, 100)]);
    let late =
        fact("sub_a", Occasion::Changed, "2026-03-01", snapshot(Status::Active, vec![monthly("900", 1)]));
    let facts = [
        begun("sub_a", "2026-01-01", vec![monthly("100", 1)]),
        ended("sub_a", "2026-02-01", vec![monthly("100", 1)]),
        late,
    ];
    assert_eq!(told(&counted(&facts)), [(New, 100), (Churn, -100)]);
}

#[test]
fn of_two_changes_in_one_second_the_one_that_follows_from_the_other_is_last() {
    let change = |mark: &str, quantity: i64, was: &str| {
        let told = |value: &str| [("items".to_owned(), value.to_owned())].into();
        let trail = Trail { before: told(was), now: told(&quantity.to_string()) };
        let fact = fact(
            "sub_a",
            Occasion::Changed,
            "2026-02-01",
            snapshot(Status::Active, vec![monthly("100", quantity)]),
        );
        SubscriptionFact { event: format!("evt_{mark}").parse().unwrap(), trail, ..fact }
    };
    for (first, second) in [("a", "b"), ("b", "a")] {
        let facts = [
            begun("sub_a", "2026-01-01", vec![monthly("100", 1)]),
            change(first, 5, "1"),
            change(second, 3, "5"),
        ];
        let sum: i64 = counted(&facts).iter().map(|movement| movement.money.minor).sum();
        assert_eq!(sum, 300, "{first} then {second}");
    }
}

#[test]
fn a_subscription_first_heard_of_later_stood_since_it_began() {
    let found = Snapshot {
        started_at: Some(at("2025-01-01")),
        trial_ends_at: Some(at("2025-01-15")),
        ended_at: Some(at("2026-01-01")),
        ..snapshot(Status::Canceled, vec![monthly("4900", 1)])
    };
    let facts = [fact("sub_a", Occasion::LookedUp, "2026-06-01", found)];
    let movements = counted(&facts);
    assert_eq!(told(&movements), [(New, 4_900), (Churn, -4_900)]);
    assert_eq!(
        movements.iter().map(|movement| movement.at).collect::<Vec<_>>(),
        [at("2025-01-15"), at("2026-01-01")]
    );
}

#[test]
fn rates_move_a_line_of_their_own() {
    let quoted = |day, rate: &str| QuotedRate {
        day,
        base: Currency::EUR,
        quote: Currency::USD,
        rate: rate.parse().unwrap(),
        is_typed: false,
    };
    let rates = RateBook::of([
        quoted(jiff::civil::date(2026, 1, 1), "1.10"),
        quoted(jiff::civil::date(2026, 2, 1), "1.20"),
    ]);
    let euros = |day: &str, quantity| Snapshot {
        currency: Currency::EUR,
        period_start: Some(at(day)),
        ..snapshot(Status::Active, vec![monthly("10000", quantity)])
    };
    let facts = [
        fact("sub_a", Occasion::Begun, "2026-01-01", euros("2026-01-01", 1)),
        fact("sub_a", Occasion::Changed, "2026-02-01", euros("2026-02-01", 2)),
        ended("sub_a", "2026-02-10", Vec::new()),
    ];
    let mut facts = facts;
    facts[2].snapshot.currency = Currency::EUR;
    let counting = Counting {
        definition: &Definition::STRIPE,
        timezone: &TimeZone::UTC,
        base: Currency::USD,
        rates: &rates,
    };
    let movements = movements(&subscriptions(&Definition::STRIPE, &facts, &Terms::default()), counting);
    let told: Vec<_> =
        movements.iter().map(|movement| (movement.kind, movement.money.minor, movement.base_minor)).collect();
    assert_eq!(
        told,
        [(New, 10_000, 11_000), (Expansion, 10_000, 12_000), (Fx, 0, 1_000), (Churn, -20_000, -24_000)]
    );
}

#[test]
fn without_a_rate_a_movement_counts_nothing_in_the_base_and_says_so() {
    let euros = Snapshot { currency: Currency::EUR, ..snapshot(Status::Active, vec![monthly("10000", 1)]) };
    let movements = counted(&[fact("sub_a", Occasion::Begun, "2026-01-01", euros)]);
    assert_eq!(movements.len(), 1);
    assert_eq!(
        (movements[0].money.minor, movements[0].base_minor, movements[0].is_unconverted),
        (10_000, 0, true)
    );
}

#[test]
fn a_discount_told_in_another_currency_is_not_taken_off_and_says_so() {
    let off = Off::Amount(Money { minor: 1_000, currency: Currency::USD });
    let mut fact = discounted(Duration::Forever, off, None, vec![monthly("5000", 1)]);
    fact.snapshot.currency = Currency::EUR;
    let version = &subscriptions(&Definition::STRIPE, &[fact], &Terms::default())[0].versions[0];
    assert_eq!((version.state.mrr, version.state.untold_parts), (5_000, 1));
}

#[test]
fn a_customer_who_begins_in_two_currencies_on_a_day_comes_once() {
    let mut euros = begun("sub_b", "2026-01-01", vec![monthly("500", 1)]);
    euros.snapshot.currency = Currency::EUR;
    euros.occurred_at += 2.hours();
    let movements = counted(&[begun("sub_a", "2026-01-01", vec![monthly("1000", 1)]), euros]);
    assert_eq!(told(&movements), [(New, 500), (New, 1_000)]);
    assert_eq!(movements[0].at, movements[1].at);
}

#[test]
fn a_subscription_that_changes_its_currency_alone_moves_in_both() {
    let mut euros =
        fact("sub_a", Occasion::Changed, "2026-02-01", snapshot(Status::Active, vec![monthly("1000", 1)]));
    euros.snapshot.currency = Currency::EUR;
    let movements = counted(&[begun("sub_a", "2026-01-01", vec![monthly("1000", 1)]), euros]);
    assert_eq!(told(&movements), [(New, 1_000), (Expansion, 1_000), (Contraction, -1_000)]);
    assert!(
        movements[1..].iter().all(|movement| movement.at == at("2026-02-01") && !movement.causes.is_empty())
    );
}

#[derive(Clone, Debug)]
struct Told {
    subscription: u8,
    day: i64,
    status: usize,
    quantity: i64,
    currency: usize,
}

fn any_fact() -> impl Strategy<Value = Told> {
    (0u8..3, 0i64..120, 0usize..Status::ALL.len(), 0i64..4, 0usize..2).prop_map(
        |(subscription, day, status, quantity, currency)| Told {
            subscription,
            day,
            status,
            quantity,
            currency,
        },
    )
}

fn facts_of(told: &[Told]) -> Vec<SubscriptionFact> {
    told.iter()
        .enumerate()
        .map(|(number, told)| {
            let status = Status::ALL[told.status];
            let moment = at("2026-01-01") + (told.day * 24).hours();
            let state = Snapshot {
                currency: [Currency::USD, Currency::EUR][told.currency],
                started_at: Some(at("2025-12-20")),
                ended_at: (status == Status::Canceled).then_some(moment),
                period_start: Some(moment),
                ..snapshot(status, vec![monthly("1000", told.quantity)])
            };
            let name = format!("sub_{}", told.subscription);
            SubscriptionFact {
                event: format!("evt_{number}").parse().unwrap(),
                occurred_at: moment,
                ..fact(&name, Occasion::Changed, "2026-01-01", state)
            }
        })
        .collect()
}

proptest! {
    #[test]
    fn movements_sum_to_what_the_subscriptions_count_at_every_moment(told in proptest::collection::vec(any_fact(), 0..12)) {
        let rates = RateBook::of((0..140).step_by(3).map(|day: i64| QuotedRate {
            day: jiff::civil::date(2025, 12, 15) + day.days(),
            base: Currency::EUR,
            quote: Currency::USD,
            rate: format!("1.{:02}", day % 90 + 5).parse().unwrap(),
            is_typed: false,
        }));
        let facts = facts_of(&told);
        for definition in Definition::ALL {
            let counting =
                Counting { definition, timezone: &TimeZone::UTC, base: Currency::USD, rates: &rates };
            let subscriptions = subscriptions(definition, &facts, &Terms::default());
            let movements = movements(&subscriptions, counting);
            for day in 0..130i64 {
                let end: Timestamp = "2025-12-18T00:00:00Z".parse::<Timestamp>().unwrap() + (day * 24).hours();
                let (mut minor, mut base) = (BTreeMap::<Currency, i64>::new(), 0);
                for subscription in &subscriptions {
                    let Some(version) = subscription.versions.iter().rfind(|version| version.from < end) else { continue };
                    *minor.entry(version.state.currency).or_default() += version.state.mrr;
                    base += counting.in_base(&version.state, version.from).unwrap();
                }
                minor.retain(|_, sum| *sum != 0);
                let mut moved = BTreeMap::<Currency, i64>::new();
                for movement in movements.iter().filter(|movement| movement.at < end) {
                    *moved.entry(movement.money.currency).or_default() += movement.money.minor;
                }
                moved.retain(|_, sum| *sum != 0);
                prop_assert_eq!(&moved, &minor);
                let moved: i64 = movements.iter().filter(|movement| movement.at < end).map(|movement| movement.base_minor).sum();
                prop_assert_eq!(moved, base);
            }
            for movement in &movements {
                let is_gain = matches!(movement.kind, New | Reactivation | Expansion);
                prop_assert!(movement.kind == Fx || (movement.money.minor > 0) == is_gain);
                prop_assert!(!movement.causes.is_empty());
            }
        }
    }

    #[test]
    fn the_order_and_number_of_deliveries_change_nothing(
        told in proptest::collection::vec(any_fact(), 0..10),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        let facts = facts_of(&told);
        let mut delivered = facts.clone();
        if !facts.is_empty() {
            delivered.reverse();
            delivered.extend(order.iter().map(|index| index.get(&facts).clone()));
        }
        prop_assert_eq!(counted(&facts), counted(&delivered));
    }
}
