use jiff::Timestamp;
use proptest::prelude::*;

use super::leads::MOST_A_DAY;
use super::limits::{MOST_A_DAY_OF_ONE, Reached, allow, allow_leads, most_a_day};
use super::outcome::{Activity, Verdict, outcome, window};
use super::*;
use crate::access::Role;

/// The states an action goes through when these steps are tried one after the other; one that cannot be taken is none.
fn lived(steps: &[Step]) -> Vec<State> {
    let mut states = vec![State::Queued];
    for step in steps {
        let now = *states.last().expect("there is a first state");
        states.extend(now.after(*step));
    }
    states
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(prop::sample::select(Step::ALL.to_vec()), 0..40)
}

proptest! {
    #[test]
    fn nothing_is_done_that_the_tool_was_not_asked_for(steps in steps()) {
        let states = lived(&steps);
        if let Some(done) = states.iter().position(|state| *state == State::Done) {
            prop_assert!(states.iter().take(done).any(|state| *state == State::Calling), "{states:?}");
        }
    }

    #[test]
    fn what_was_done_is_never_asked_for_again(steps in steps()) {
        let states = lived(&steps);
        if let Some(done) = states.iter().position(|state| *state == State::Done) {
            let after = states.iter().skip(done + 1).copied().collect::<Vec<_>>();
            prop_assert!(after.is_empty() || after == [State::Undone], "{states:?}");
        }
    }

    #[test]
    fn what_has_ended_stays_ended(steps in steps(), step in prop::sample::select(Step::ALL.to_vec())) {
        for state in lived(&steps) {
            if matches!(state, State::Failed | State::Undone | State::Cancelled | State::Overtaken) {
                prop_assert_eq!(state.after(step), None);
            }
        }
    }

    #[test]
    fn who_called_it_off_before_it_was_sent_knows_that_it_is_not_done(steps in steps()) {
        let states = lived(&steps);
        if states.last() == Some(&State::Cancelled) {
            // The tool may have been asked before, but had then certainly not done it.
            prop_assert!(!states.contains(&State::Done), "{states:?}");
            prop_assert_eq!(states.iter().rev().nth(1), Some(&State::Queued));
        }
    }

    #[test]
    fn no_answer_is_never_taken_for_done(steps in steps()) {
        for pair in lived(&steps).windows(2) {
            if let [State::Calling | State::Unknown, State::Done] = pair {
                continue;
            }
            prop_assert_ne!(pair.last(), Some(&State::Done), "{:?}", pair);
        }
        prop_assert_eq!(State::Calling.after(Step::Silence), Some(State::Unknown));
    }
}

#[test]
fn every_state_is_reached_and_every_way_out_of_the_unknown_is_there() {
    let all: Vec<State> = State::ALL
        .into_iter()
        .filter(|state| {
            *state == State::Queued
                || State::ALL
                    .iter()
                    .any(|from| Step::ALL.iter().any(|step| from.after(*step) == Some(*state)))
        })
        .collect();
    assert_eq!(all, State::ALL);
    for step in [Step::Confirm, Step::Refuse, Step::Silence, Step::Call, Step::Overtake] {
        assert!(State::Unknown.after(step).is_some(), "{step:?}");
    }
}

#[test]
fn words_are_read_as_they_are_written() {
    assert!(ActionKind::ALL.into_iter().all(|kind| kind.word().parse() == Ok(kind)));
    assert!(State::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
    assert!(Step::ALL.into_iter().all(|step| step.word().parse() == Ok(step)));
    assert!("nothing".parse::<ActionKind>().is_err() && "nothing".parse::<State>().is_err());
}

#[test]
fn what_takes_something_back_can_be_done_from_where_it_led() {
    for kind in ActionKind::ALL {
        let Some((led_to, undone_by)) = kind.leads_to().zip(kind.undone_by()) else {
            assert!(kind.is_of_leads() && kind.undone_by().is_none(), "{kind}");
            continue;
        };
        assert!(undone_by.is_possible_from(led_to), "{kind}");
        assert!(!kind.is_possible_from(led_to), "{kind} is done already there");
    }
}

#[test]
fn limits_stop_the_next_one_and_not_the_last() {
    let most = most_a_day(Role::Operator);
    assert_eq!(allow(Role::Operator, most - 1, 0), Ok(()));
    assert_eq!(allow(Role::Operator, most, 0), Err(Reached::OfRole(most)));
    assert_eq!(allow(Role::Admin, most, 0), Ok(()));
    assert_eq!(allow(Role::Admin, 0, MOST_A_DAY_OF_ONE), Err(Reached::OfOne));
    assert_eq!(allow(Role::Viewer, 0, 0), Err(Reached::OfRole(0)));
    assert_eq!(allow_leads(Role::Operator, 0, MOST_A_DAY - 3, 3), Ok(()));
    assert_eq!(allow_leads(Role::Operator, 0, MOST_A_DAY - 3, 4), Err(Reached::OfLeads(MOST_A_DAY - 3)));
    assert_eq!(allow_leads(Role::Operator, most, 0, 1), Err(Reached::OfRole(most)));
}

#[test]
fn a_pause_that_stopped_messages_is_as_expected_and_few_messages_say_nothing() {
    let activity = |sent| Activity { sent, replied: 1 };
    let verdict = |kind, before, after| outcome(kind, activity(before), activity(after)).verdict;
    assert_eq!(verdict(ActionKind::PauseCampaign, 200, 4), Verdict::AsExpected);
    assert_eq!(verdict(ActionKind::PauseCampaign, 200, 150), Verdict::Otherwise);
    assert_eq!(verdict(ActionKind::ResumeCampaign, 0, 150), Verdict::AsExpected);
    assert_eq!(verdict(ActionKind::ResumeCampaign, 150, 0), Verdict::Otherwise);
    assert_eq!(verdict(ActionKind::LaunchCampaign, 0, 19), Verdict::TooLittle);
}

#[test]
fn the_days_before_and_after_are_as_many() {
    let done: Timestamp = "2026-11-20T14:02:00Z".parse().unwrap();
    let (from, until) = window(done);
    assert_eq!(
        (from.to_string(), until.to_string()),
        ("2026-11-13T14:02:00Z".into(), "2026-11-27T14:02:00Z".into())
    );
}
