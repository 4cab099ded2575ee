//! The sentence below the heading.

use app::answer::{answer, text};
use app::roster::Roster;

use crate::desk::{FixedDesk, overview_of};

/// The sentence about a ninety-day period in which the channels earned these amounts.
fn sentence(earned: &[(&str, i64)]) -> String {
    let overview = overview_of(earned);
    text(&answer(&overview, &Roster::of(&overview.frame.tenant)))
}

#[test]
fn it_names_the_leader_with_its_share_and_the_next() {
    assert_eq!(
        sentence(&[("heyreach", 6_763_800), ("plusvibe", 3_781_000), ("unknown", 472_400)]),
        "HeyReach brings in the most, $67,638 (61.4%); PlusVibe is next with $37,810. No costs are entered yet."
    );
}

#[test]
fn a_large_unknown_share_is_said() {
    let said = sentence(&[("heyreach", 60_000), ("plusvibe", 20_000), ("unknown", 20_000)]);
    assert!(said.ends_with("No costs are entered yet. No channel is known for 20.0%."), "{said}");
    let small = sentence(&[("heyreach", 80_000), ("plusvibe", 10_000), ("unknown", 10_000)]);
    assert!(small.ends_with("No costs are entered yet."), "{small}");
}

#[test]
fn equal_channels_share_the_lead() {
    assert_eq!(
        sentence(&[("heyreach", 50_000), ("plusvibe", 50_000)]),
        "HeyReach and PlusVibe bring in the same, $500 each. No costs are entered yet."
    );
}

#[test]
fn a_single_channel_is_alone() {
    assert_eq!(
        sentence(&[("heyreach", 50_000), ("plusvibe", -10_000)]),
        "Only HeyReach brings in money: $500. No costs are entered yet."
    );
}

#[test]
fn without_a_known_channel_nobody_leads() {
    assert_eq!(
        sentence(&[("unknown", 472_400)]),
        "Nobody knows yet: no channel was found for the $4,724 that came in."
    );
}

#[test]
fn more_refunds_than_payments_are_said() {
    assert_eq!(sentence(&[("heyreach", -30_000)]), "More money went back than came in: −$300.");
}

#[test]
fn it_never_speaks_of_profit() {
    let said = sentence(&[("heyreach", 60_000), ("plusvibe", 20_000)]);
    assert!(!said.to_lowercase().contains("profit"));
}

#[test]
fn nothing_is_said_of_nothing() {
    assert_eq!(sentence(&[]), "No money moved in these days, Aug 23 – Nov 20, 2026.");
    let untouched = FixedDesk { untouched: true, ..FixedDesk::default() };
    let overview = untouched.answer_overview(&app::port::OverviewQuestion::default()).unwrap();
    let said = text(&answer(&overview, &Roster::of(&overview.frame.tenant)));
    assert_eq!(said, "No payment has arrived yet, so there is nothing to compare.");
}
