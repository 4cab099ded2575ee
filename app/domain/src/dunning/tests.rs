use proptest::prelude::*;

use super::*;
use crate::money::Currency;
use crate::payment::PaymentNames;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_770_000_000 + minute * 60).unwrap()
}

fn usd(minor: i64) -> Money {
    Money { minor, currency: Currency::USD }
}

fn event(word: &str) -> EventId {
    format!("evt_{word}").parse().unwrap()
}

fn failure(minor: i64) -> Failure {
    Failure {
        amount: usd(minor),
        attempt: None,
        next_attempt_at: None,
        code: Some("card_declined".to_owned()),
        message: Some("Your card was declined.".to_owned()),
        needs_action: false,
    }
}

fn setback(word: &str, minute: i64, told: Told) -> Setback {
    Setback {
        event: event(word),
        occurred_at: at(minute),
        invoice: None,
        payment_intent: None,
        charge: None,
        subscription: None,
        told,
    }
}

fn invoice_failed(word: &str, minute: i64, attempt: i64) -> Setback {
    let told = Told::Failed(Failure {
        attempt: Some(attempt),
        next_attempt_at: Some(at(minute + 4_000)),
        code: None,
        message: None,
        ..failure(4_900)
    });
    Setback {
        invoice: Some("in_1".to_owned()),
        subscription: Some("sub_1".to_owned()),
        ..setback(word, minute, told)
    }
}

fn intent_failed(word: &str, minute: i64, charge: &str) -> Setback {
    Setback {
        payment_intent: Some("pi_1".to_owned()),
        charge: Some(charge.to_owned()),
        ..setback(word, minute, Told::Failed(failure(4_900)))
    }
}

fn fact(word: &str, minute: i64, names: PaymentNames, statements: Vec<Statement>) -> Fact {
    Fact {
        event: event(word),
        occurred_at: at(minute),
        looked_up: false,
        names,
        customer: Some("cus_1".to_owned()),
        subscription: None,
        emails: vec!["ada@example.com".to_owned()],
        channel_hints: Vec::new(),
        product: None,
        is_recurring: true,
        statements,
    }
}

fn names(invoice: Option<&str>, intent: Option<&str>) -> PaymentNames {
    PaymentNames {
        invoice: invoice.map(str::to_owned),
        payment_intent: intent.map(str::to_owned),
        ..PaymentNames::default()
    }
}

fn invoice_paid(minute: i64) -> Fact {
    let paid = Statement::InvoicePaid { paid: usd(4_900), at: at(minute), in_part: false };
    fact("paid", minute, names(Some("in_1"), None), vec![paid])
}

fn tie() -> Fact {
    fact("tie", 50, names(Some("in_1"), Some("pi_1")), Vec::new())
}

/// What an invoice's failing attempts are told by, in the newest shape.
fn attempts() -> Vec<Setback> {
    vec![
        intent_failed("a1", 1, "ch_1"),
        invoice_failed("a2", 1, 1),
        intent_failed("b1", 30, "ch_2"),
        invoice_failed("b2", 30, 2),
    ]
}

#[test]
fn an_invoice_that_fails_twice_is_one_payment_at_risk() {
    let found = settle(&[tie()], &attempts(), &[]);
    let [failed] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((failed.name.as_str(), failed.attempts, failed.amount), ("in_1", 2, usd(4_900)));
    assert_eq!(failed.standing(), Standing::Open);
    assert_eq!(failed.payment_intent.as_deref(), Some("pi_1"));
    assert_eq!(failed.next_attempt_at, Some(at(4_030)));
    assert_eq!((failed.first_failed_at, failed.last_failed_at), (at(1), at(30)));
    assert_eq!(failed.code.as_deref(), Some("card_declined"));
    assert_eq!(failed.customer_email.as_deref(), Some("ada@example.com"));
}

#[test]
fn what_is_paid_after_all_is_recovered_whatever_else_is_said() {
    let voided = Setback {
        invoice: Some("in_1".to_owned()),
        ..setback("void", 40, Told::GivenUp { how: Closing::Uncollectible })
    };
    let mut setbacks = attempts();
    setbacks.push(voided);
    let lost = settle(&[tie()], &setbacks, &[]);
    assert_eq!(lost[0].standing(), Standing::Lost);
    assert_eq!(lost[0].next_attempt_at, None);
    let recovered = settle(&[tie(), invoice_paid(60)], &setbacks, &[]);
    assert_eq!(recovered[0].standing(), Standing::Recovered);
    assert_eq!(recovered[0].closed.as_ref().unwrap().event, event("paid"));
}

#[test]
fn a_payment_of_less_than_is_due_recovers_nothing() {
    let part = Statement::IntentSucceeded { received: usd(1_000), at: at(60) };
    let part = fact("part", 60, names(None, Some("pi_1")), vec![part]);
    assert_eq!(settle(&[tie(), part], &attempts(), &[])[0].standing(), Standing::Open);
}

#[test]
fn a_subscription_that_ends_unpaid_loses_its_invoice() {
    let end = |subscription: &str| Setback {
        subscription: Some(subscription.to_owned()),
        ..setback("end", 90, Told::SubscriptionEnded)
    };
    assert_eq!(settle(&[tie()], &attempts(), &[end("sub_2")])[0].standing(), Standing::Open);
    let lost = settle(&[tie()], &attempts(), &[end("sub_1")]);
    assert_eq!(lost[0].closed.as_ref().unwrap().how, Closing::SubscriptionEnded);
    let recovered = settle(&[tie(), invoice_paid(60)], &attempts(), &[end("sub_1")]);
    assert_eq!(recovered[0].standing(), Standing::Recovered);
}

#[test]
fn an_intent_without_invoice_stands_alone_until_it_is_cancelled() {
    let failed = intent_failed("a", 1, "ch_1");
    let alone = fact("a", 1, names(None, Some("pi_1")), Vec::new());
    let open = settle(std::slice::from_ref(&alone), std::slice::from_ref(&failed), &[]);
    assert_eq!((open[0].name.as_str(), open[0].standing()), ("pi_1", Standing::Open));
    let canceled = Setback {
        payment_intent: Some("pi_1".to_owned()),
        ..setback("cancel", 9, Told::GivenUp { how: Closing::Canceled })
    };
    let lost = settle(&[alone], &[failed, canceled], &[]);
    assert_eq!(lost[0].closed.as_ref().unwrap().how, Closing::Canceled);
}

#[test]
fn a_charge_that_belongs_to_nothing_is_never_tried_again_and_none() {
    let charge = Setback { payment_intent: None, ..intent_failed("a", 1, "ch_1") };
    assert_eq!(settle(&[], &[charge], &[]), []);
}

#[test]
fn another_time_for_the_next_attempt_counts_from_when_it_is_told() {
    let told = |word: &str, minute, next| Setback {
        invoice: Some("in_1".to_owned()),
        ..setback(word, minute, Told::Rescheduled { next_attempt_at: next })
    };
    let mut setbacks = attempts();
    setbacks.push(told("old", 20, Some(at(1))));
    assert_eq!(settle(&[tie()], &setbacks, &[])[0].next_attempt_at, Some(at(4_030)));
    setbacks.push(told("new", 40, Some(at(9_000))));
    assert_eq!(settle(&[tie()], &setbacks, &[])[0].next_attempt_at, Some(at(9_000)));
}

/// Everything that can be told of one payment.
fn everything() -> (Vec<Fact>, Vec<Setback>, Vec<Setback>) {
    let succeeded = Statement::IntentSucceeded { received: usd(4_900), at: at(59) };
    let facts = vec![
        tie(),
        invoice_paid(60),
        fact("succeeded", 59, names(None, Some("pi_1")), vec![succeeded]),
        fact("a1", 1, names(None, Some("pi_1")), Vec::new()),
        fact("other", 3, names(Some("in_2"), Some("pi_2")), Vec::new()),
    ];
    let mut setbacks = attempts();
    setbacks.push(Setback { payment_intent: Some("pi_2".to_owned()), ..intent_failed("c", 5, "ch_3") });
    setbacks.push(Setback {
        invoice: Some("in_2".to_owned()),
        ..setback("void", 7, Told::GivenUp { how: Closing::Voided })
    });
    let end =
        Setback { subscription: Some("sub_1".to_owned()), ..setback("end", 20, Told::SubscriptionEnded) };
    (facts, setbacks, vec![end.clone(), Setback { event: event("end2"), ..end }])
}

/// Some of a list, in any order, any of it several times.
fn told<T: Clone + std::fmt::Debug + 'static>(all: Vec<T>) -> impl Strategy<Value = (Vec<T>, Vec<T>)> {
    let count = all.len();
    proptest::collection::vec(any::<bool>(), count).prop_flat_map(move |chosen| {
        let some: Vec<T> =
            all.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(one, _)| one.clone()).collect();
        let twice: Vec<T> = some.iter().chain(&some).cloned().collect();
        (Just(some), Just(twice).prop_shuffle())
    })
}

proptest! {
    #[test]
    fn neither_order_nor_copies_of_any_part_of_the_story_matter(
        (facts, facts_again) in told(everything().0),
        (setbacks, setbacks_again) in told(everything().1),
        (ends, ends_again) in told(everything().2),
    ) {
        let once = settle(&facts, &setbacks, &ends);
        prop_assert_eq!(&once, &settle(&facts_again, &setbacks_again, &ends_again));
        let names: BTreeSet<&String> = once.iter().map(|failed| &failed.name).collect();
        prop_assert_eq!(names.len(), once.len());
        for failed in &once {
            prop_assert!(failed.amount.minor > 0 && failed.attempts > 0);
            prop_assert!(failed.first_failed_at <= failed.last_failed_at);
            prop_assert!(failed.closed.is_none() || failed.next_attempt_at.is_none());
        }
    }
}
