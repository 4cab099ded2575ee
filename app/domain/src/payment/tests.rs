use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::money::Currency;

const AT: i64 = 1_770_026_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(AT + seconds).unwrap()
}

fn usd(minor: i64) -> Money {
    Money { minor, currency: Currency::USD }
}

fn fact(event: &str, seconds: i64, statements: Vec<Statement>) -> Fact {
    Fact {
        event: format!("evt_{event}").parse().unwrap(),
        occurred_at: at(seconds),
        looked_up: false,
        names: PaymentNames::default(),
        customer: None,
        subscription: None,
        emails: Vec::new(),
        channel_hints: Vec::new(),
        product: None,
        is_recurring: false,
        statements,
    }
}

fn invoice(event: &str, paid: i64) -> Fact {
    let names = PaymentNames { invoice: Some("in_1".to_owned()), ..PaymentNames::default() };
    let told = Statement::InvoicePaid { paid: usd(paid), at: at(3), in_part: false };
    Fact { names, is_recurring: true, ..fact(event, 4, vec![told]) }
}

fn tie(event: &str) -> Fact {
    let names = PaymentNames {
        invoice: Some("in_1".to_owned()),
        payment_intent: Some("pi_1".to_owned()),
        ..PaymentNames::default()
    };
    Fact { names, ..fact(event, 5, Vec::new()) }
}

fn charge(event: &str, seconds: i64, taken: i64, refunded: i64) -> Fact {
    let names = PaymentNames {
        charge: Some("ch_1".to_owned()),
        payment_intent: Some("pi_1".to_owned()),
        ..PaymentNames::default()
    };
    Fact {
        names,
        ..fact(
            event,
            seconds,
            vec![Statement::Charged { taken: usd(taken), at: at(2), refunded, released: 0 }],
        )
    }
}

fn intent(event: &str, received: i64) -> Fact {
    let names = PaymentNames { payment_intent: Some("pi_1".to_owned()), ..PaymentNames::default() };
    Fact { names, ..fact(event, 2, vec![Statement::IntentSucceeded { received: usd(received), at: at(2) }]) }
}

fn checkout(event: &str, total: i64) -> Fact {
    let names = PaymentNames {
        checkout_session: Some("cs_1".to_owned()),
        payment_intent: Some("pi_1".to_owned()),
        ..PaymentNames::default()
    };
    Fact { names, ..fact(event, 6, vec![Statement::CheckoutPaid { total: usd(total), at: at(6) }]) }
}

fn refund(event: &str, seconds: i64, refund: &str, amount: i64, failed: bool) -> Fact {
    let names = PaymentNames {
        charge: Some("ch_1".to_owned()),
        refunds: vec![refund.to_owned()],
        ..PaymentNames::default()
    };
    let told = Statement::Refunded {
        refund: refund.to_owned(),
        given_back: usd(amount),
        at: at(seconds),
        failed,
        reason: None,
        failed_at: None,
    };
    Fact { names, ..fact(event, seconds, vec![told]) }
}

/// A charge of which only a part was captured: Stripe counts the rest as refunded.
fn captured_in_part(event: &str, taken: i64, released: i64, refunded: i64) -> Fact {
    let told = Statement::Charged { taken: usd(taken), at: at(2), refunded, released };
    Fact { statements: vec![told], ..charge(event, 10, taken, 0) }
}

fn dispute(event: &str, seconds: i64, stage: DisputeStage) -> Fact {
    let names = PaymentNames { charge: Some("ch_1".to_owned()), ..PaymentNames::default() };
    let told = Statement::Disputed {
        dispute: "dp_1".to_owned(),
        amount: usd(4_900),
        opened_at: at(20),
        stage,
        reason: None,
        reinstated_at: None,
    };
    Fact { names, ..fact(event, seconds, vec![told]) }
}

fn amounts(movements: &[Movement]) -> Vec<i64> {
    movements.iter().map(|movement| movement.money.minor).collect()
}

fn net(movements: &[Movement]) -> i64 {
    movements.iter().map(|movement| movement.money.minor).sum()
}

#[test]
fn five_events_of_one_payment_are_one_row_keyed_by_the_invoice() {
    let rows = settle(&[
        checkout("e", 4_900),
        intent("d", 4_900),
        charge("c", 2, 4_900, 0),
        tie("b"),
        invoice("a", 4_900),
    ]);
    assert_eq!(amounts(&rows), [4_900]);
    assert_eq!(rows[0].key, MoneyKey::payment("in_1"));
    assert_eq!(rows[0].links.charge.as_deref(), Some("ch_1"));
    assert!(rows[0].is_recurring);
}

#[test]
fn what_was_paid_decides_and_a_zero_invoice_is_no_row() {
    assert!(settle(&[invoice("a", 0)]).is_empty());
}

#[test]
fn running_totals_of_refunds_become_their_steps() {
    let rows =
        settle(&[charge("a", 0, 49_900, 0), charge("c", 90, 49_900, 49_900), charge("b", 50, 49_900, 9_900)]);
    assert_eq!(net(&rows), 0);
    assert_eq!(amounts(&rows), [49_900, -40_000, -9_900]);
}

#[test]
fn refunds_with_ids_take_the_place_of_the_steps_they_account_for() {
    let told_by_totals =
        [charge("a", 0, 49_900, 0), charge("b", 50, 49_900, 9_900), charge("c", 90, 49_900, 49_900)];
    let mut all = told_by_totals.to_vec();
    all.push(refund("d", 90, "re_2", 40_000, false));
    assert_eq!(net(&settle(&all)), 0);
    assert_eq!(settle(&all).iter().filter(|row| row.kind == EntryKind::Refund).count(), 2);
    all.push(refund("e", 50, "re_1", 9_900, false));
    let rows = settle(&all);
    assert_eq!(net(&rows), 0);
    assert!(rows.iter().all(|row| row.kind != EntryKind::Refund || row.links.refund.is_some()));
}

#[test]
fn a_refund_told_three_times_is_one_row() {
    let rows = settle(&[
        charge("a", 0, 10_000, 0),
        refund("b", 50, "re_1", 2_500, false),
        refund("c", 51, "re_1", 2_500, false),
        refund("d", 52, "re_1", 2_500, false),
    ]);
    assert_eq!(amounts(&rows), [10_000, -2_500]);
}

#[test]
fn a_failed_refund_comes_back() {
    let rows = settle(&[
        charge("a", 0, 49_900, 0),
        charge("b", 50, 49_900, 9_900),
        refund("c", 50, "re_1", 9_900, false),
        refund("d", 80, "re_1", 9_900, true),
    ]);
    assert_eq!(net(&rows), 49_900);
    assert_eq!(rows.len(), 3);
}

#[test]
fn a_failed_refund_comes_back_though_later_totals_hold_it() {
    let rows = settle(&[
        charge("a", 0, 49_900, 0),
        charge("b", 50, 49_900, 9_900),
        refund("c", 50, "re_1", 9_900, false),
        refund("d", 80, "re_1", 9_900, true),
        charge("e", 90, 49_900, 49_900),
        refund("f", 90, "re_2", 40_000, false),
    ]);
    assert_eq!(net(&rows), 9_900);
}

fn invoice_in_part(event: &str, seconds: i64, paid: i64) -> Fact {
    let told = Statement::InvoicePaid { paid: usd(paid), at: at(seconds), in_part: true };
    Fact { statements: vec![told], occurred_at: at(seconds), ..invoice(event, paid) }
}

#[test]
fn an_invoice_paid_in_part_counts_by_what_was_paid_until_it_is_paid_in_full() {
    assert_eq!(amounts(&settle(&[invoice_in_part("p", 2, 2_000)])), [2_000]);
    let in_full = [invoice_in_part("p", 9, 2_000), invoice("a", 4_900)];
    assert_eq!(amounts(&settle(&in_full)), [4_900], "also when the part is told later");
    let in_parts = [invoice_in_part("p", 2, 2_000), invoice_in_part("q", 9, 3_000)];
    assert_eq!(amounts(&settle(&in_parts)), [3_000]);
}

#[test]
fn charges_that_took_more_than_a_part_of_their_invoice_count_instead() {
    let tied = [invoice_in_part("p", 2, 2_000), tie("b"), charge("c", 3, 4_900, 0)];
    assert_eq!(amounts(&settle(&tied)), [4_900]);
    let alone = [invoice_in_part("p", 2, 2_000), tie("b"), charge("c", 3, 2_000, 0)];
    assert_eq!(settle(&alone)[0].key, MoneyKey::payment("in_1"));
}

#[test]
fn names_tie_facts_together_through_others() {
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let groups = group_by_name(&[
        names(&["in_1"]),
        names(&["ch_1", "pi_1"]),
        names(&["in_2"]),
        names(&["pi_1", "in_1"]),
    ]);
    assert_eq!(groups, [vec![0, 1, 3], vec![2]]);
}

/// A payment of a random shape: with or without invoice, checkout and refunds, told in all its events.
fn any_payment() -> impl Strategy<Value = (i64, i64, Vec<Fact>)> {
    (
        100i64..1_000_000,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        proptest::collection::vec(1i64..30, 0..4),
    )
        .prop_map(|(amount, with_invoice, with_checkout, with_ids, shares)| {
            let mut facts = vec![charge("c0", 2, amount, 0), intent("i", amount)];
            if with_invoice {
                facts.extend([invoice("inv", amount), tie("tie")]);
            }
            if with_checkout {
                facts.push(checkout("co", amount));
            }
            let mut refunded = 0;
            for (index, share) in shares.into_iter().enumerate() {
                let step = amount * share / 100;
                let seconds = 100 + i64::try_from(index).unwrap();
                if step == 0 {
                    continue;
                }
                refunded += step;
                facts.push(charge(&format!("r{index}"), seconds, amount, refunded));
                if with_ids {
                    facts.push(refund(&format!("x{index}"), seconds, &format!("re_{index}"), step, false));
                }
            }
            (amount, refunded, facts)
        })
}

proptest! {
    #[test]
    fn any_order_and_any_duplicates_settle_into_the_same_rows(
        (amount, refunded, facts) in any_payment(),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let plain = settle(&facts);
        let mut told = facts.clone();
        told.extend(order.iter().map(|index| index.get(&facts).clone()));
        told.reverse();
        prop_assert_eq!(&settle(&told), &plain);
        prop_assert_eq!(net(&plain), amount - refunded);
    }

    #[test]
    fn any_order_of_a_disputes_events_settles_into_the_same_rows(
        stages in proptest::collection::vec(0usize..3, 0..6),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let stage = |index: usize| {
            [DisputeStage::Inquiry, DisputeStage::Withdrawn, DisputeStage::Reinstated][index]
        };
        let mut facts = vec![charge("c", 2, 4_900, 0)];
        facts.extend((20i64..).zip(&stages).map(|(at, kind)| dispute(&format!("d{at}"), at, stage(*kind))));
        let mut told = facts.clone();
        told.extend(order.iter().map(|index| index.get(&facts).clone()));
        told.reverse();
        prop_assert_eq!(&settle(&told), &settle(&facts));
        let took = stages.iter().any(|kind| *kind > 0);
        let returned = stages.contains(&2);
        prop_assert_eq!(net(&settle(&told)), if took && !returned { 0 } else { 4_900 });
    }

    #[test]
    fn any_subset_books_a_payment_at_most_once_and_never_more_refunds_than_there_were(
        (amount, refunded, facts) in any_payment(),
        kept in proptest::collection::vec(any::<bool>(), 20),
    ) {
        let subset: Vec<Fact> =
            facts.iter().zip(kept.iter().cycle()).filter(|(_, keep)| **keep).map(|(fact, _)| fact.clone()).collect();
        let rows = settle(&subset);
        let paid: i64 = rows.iter().filter(|row| row.kind == EntryKind::Payment).map(|row| row.money.minor).sum();
        prop_assert!(paid == 0 || paid == amount);
        let back: i64 = rows.iter().filter(|row| row.kind == EntryKind::Refund).map(|row| -row.money.minor).sum();
        prop_assert!(back <= refunded, "{} > {}", back, refunded);
        let keys: BTreeSet<_> = rows.iter().map(|row| &row.key).collect();
        prop_assert_eq!(keys.len(), rows.len());
    }
}

fn of_customer(fact: Fact) -> Fact {
    Fact { customer: Some("cus_1".to_owned()), ..fact }
}

#[test]
fn an_invoice_and_a_charge_of_one_customer_within_the_hour_are_presumed_to_be_one() {
    let invoice = vec![of_customer(invoice("a", 4_900))];
    let charged = vec![of_customer(charge("b", 90_000, 4_900, 4_900))];
    assert_eq!(presumed_pairs(&[charged.clone(), invoice.clone()]), [(1, 0)]);

    let mut together = invoice.clone();
    together.extend(charged.clone());
    assert_eq!(net(&settle(&together)), 0);

    let somebody_else = vec![charge("c", 2, 4_900, 0)];
    let another_amount = vec![of_customer(charge("d", 2, 4_901, 0))];
    let a_one_off = vec![of_customer(charge("e", 2, 4_900, 0)), checkout("f", 4_900)];
    let tied_already =
        vec![of_customer(charge("g", 2, 4_900, 0)), Fact { names: tie("h").names, ..tie("h") }];
    assert!(presumed_pairs(&[invoice, somebody_else, another_amount, a_one_off, tied_already]).is_empty());
}

#[test]
fn the_nearest_in_time_are_presumed_whatever_the_order() {
    let later = |event: &str, name: &str, seconds: i64| {
        let fact = of_customer(charge(event, seconds, 4_900, 0));
        let names = PaymentNames { charge: Some(name.to_owned()), ..PaymentNames::default() };
        let statements =
            vec![Statement::Charged { taken: usd(4_900), at: at(seconds), refunded: 0, released: 0 }];
        vec![Fact { names, statements, ..fact }]
    };
    let (near, far) = (later("b", "ch_near", 60), later("c", "ch_far", 1_800));
    let invoice = vec![of_customer(invoice("a", 4_900))];
    assert_eq!(presumed_pairs(&[invoice.clone(), near.clone(), far.clone()]), [(0, 1)]);
    assert_eq!(presumed_pairs(&[far, near, invoice]), [(2, 1)]);
}

#[test]
fn what_a_partial_capture_did_not_take_is_no_refund() {
    let rows = settle(&[captured_in_part("a", 20_300, 375, 0), refund("b", 10, "re_release", 375, false)]);
    assert_eq!(amounts(&rows), [20_300]);
    let rows = settle(&[
        captured_in_part("a", 20_300, 375, 0),
        refund("b", 10, "re_release", 375, false),
        refund("c", 50, "re_real", 375, false),
    ]);
    assert_eq!(amounts(&rows), [20_300, -375]);
}

#[test]
fn after_a_failed_refund_the_newest_total_decides() {
    let failed = refund("c", 80, "re_1", 10_000, true);
    let first = [charge("a", 0, 10_000, 0), charge("b", 50, 10_000, 10_000)];
    let made_earlier = |fact: Fact| {
        let told = Statement::Refunded {
            refund: "re_1".to_owned(),
            given_back: usd(10_000),
            at: at(50),
            failed: true,
            reason: None,
            failed_at: None,
        };
        Fact { statements: vec![told], ..fact }
    };
    let mut again = first.to_vec();
    again.extend([made_earlier(failed), charge("d", 120, 10_000, 10_000)]);
    assert_eq!(net(&settle(&again)), 0);

    let fell = [charge("a", 0, 10_000, 0), charge("b", 50, 10_000, 9_900), charge("c", 90, 10_000, 0)];
    assert_eq!(net(&settle(&fell)), 10_000);

    let fell_and_rose = [fell.as_slice(), &[charge("d", 99, 10_000, 5_000)]].concat();
    assert_eq!(net(&settle(&fell_and_rose)), 5_000);
}

#[test]
fn a_bank_debit_is_presumed_by_the_time_it_succeeded() {
    let days_later = 4 * 86_400;
    let told = Statement::InvoicePaid { paid: usd(4_900), at: at(days_later), in_part: false };
    let invoice = of_customer(Fact { statements: vec![told], ..invoice("a", 4_900) });
    let charge = of_customer(charge("b", days_later, 4_900, 0));
    assert_eq!(presumed_pairs(&[vec![invoice], vec![charge]]), [(0, 1)]);
}

#[test]
fn a_dispute_takes_once_and_gives_back_once_however_often_it_is_told() {
    use DisputeStage::{Inquiry, Reinstated, Withdrawn};
    let taken = charge("c", 2, 4_900, 0);
    let opened = [taken.clone(), dispute("d1", 20, Withdrawn), dispute("d2", 21, Withdrawn)];
    assert_eq!(amounts(&settle(&opened)), [-4_900, 4_900]);

    let won = [opened.to_vec(), vec![dispute("d3", 30, Reinstated), dispute("d4", 31, Reinstated)]].concat();
    let rows = settle(&won);
    assert_eq!((rows.len(), net(&rows)), (3, 4_900));
    assert_eq!(rows.iter().map(|row| row.occurred_at).min(), Some(at(2)));
    let dispute_row = rows.iter().find(|row| row.kind == EntryKind::Dispute).unwrap();
    assert_eq!((dispute_row.occurred_at, dispute_row.key.as_str()), (at(20), "dispute:dp_1"));

    assert_eq!(amounts(&settle(&[taken, dispute("i", 20, Inquiry)])), [4_900]);
}

#[test]
fn the_end_of_a_dispute_alone_tells_that_it_began() {
    let rows = settle(&[charge("c", 2, 4_900, 0), dispute("d", 30, DisputeStage::Reinstated)]);
    assert_eq!((rows.len(), net(&rows)), (3, 4_900));
}

/// A payment of which 3,000 and 2,000 were given back, the second of which failed, and that was disputed and won:
/// as its events told it, and as it is looked up in the end.
fn told_and_looked_up(looked_at: i64) -> (Vec<Fact>, Vec<Fact>) {
    let refunded = |id: &str, amount: i64, at_second: i64, failed_at: Option<i64>| Statement::Refunded {
        refund: id.to_owned(),
        given_back: usd(amount),
        at: at(at_second),
        failed: failed_at.is_some(),
        reason: None,
        failed_at: failed_at.map(at),
    };
    let refund_fact = |event: &str, seconds: i64, id: &str, told: Statement| Fact {
        statements: vec![told],
        ..refund(event, seconds, id, 1, false)
    };
    let disputed = |stage, reinstated_at: Option<i64>| Statement::Disputed {
        dispute: "dp_1".to_owned(),
        amount: usd(10_000),
        opened_at: at(20),
        stage,
        reason: None,
        reinstated_at: reinstated_at.map(at),
    };
    let dispute_fact = |event: &str, seconds: i64, told: Statement| Fact {
        statements: vec![told],
        ..dispute(event, seconds, DisputeStage::Inquiry)
    };
    let told = vec![
        charge("a", 0, 10_000, 0),
        intent("b", 10_000),
        charge("c", 50, 10_000, 3_000),
        refund_fact("d", 50, "re_1", refunded("re_1", 3_000, 50, None)),
        charge("e", 60, 10_000, 5_000),
        refund_fact("f", 60, "re_2", refunded("re_2", 2_000, 60, None)),
        refund_fact("g", 90, "re_2", refunded("re_2", 2_000, 60, Some(90))),
        charge("h", 90, 10_000, 3_000),
        dispute_fact("i", 20, disputed(DisputeStage::Withdrawn, None)),
        dispute_fact("j", 95, disputed(DisputeStage::Reinstated, Some(95))),
    ];
    let looked_up = |fact: Fact| Fact { looked_up: true, occurred_at: at(looked_at), ..fact };
    let refunds = vec![refunded("re_1", 3_000, 50, None), refunded("re_2", 2_000, 60, Some(90))];
    let mut whole = charge("backfill_ch", 0, 10_000, 3_000);
    whole.statements.extend(refunds.clone());
    let mut found = vec![
        looked_up(whole),
        looked_up(Fact { statements: intent("x", 10_000).statements, ..intent("backfill_pi", 10_000) }),
        looked_up(dispute_fact("backfill_dp", 0, disputed(DisputeStage::Reinstated, Some(95)))),
    ];
    found.extend(
        ["re_1", "re_2"]
            .into_iter()
            .zip(refunds)
            .map(|(id, told)| looked_up(refund_fact(&format!("backfill_{id}"), 0, id, told))),
    );
    (told, found)
}

/// Rows without the events that caused them.
fn money_of(facts: &[Fact]) -> Vec<(MoneyKey, Money, Timestamp)> {
    settle(facts).into_iter().map(|row| (row.key, row.money, row.occurred_at)).collect()
}

#[test]
fn what_was_looked_up_settles_like_what_its_events_told() {
    let (told, found) = told_and_looked_up(500);
    assert_eq!(money_of(&told), money_of(&found));
    assert_eq!(money_of(&told).len(), 6, "paid, two refunds, one of them failed, a dispute and its end");
    assert_eq!(net(&settle(&told)), 7_000);
}

proptest! {
    #[test]
    fn what_was_looked_up_decides_whenever_that_was_and_whatever_events_came(
        looked_at in 0..200i64,
        came in proptest::collection::vec(any::<bool>(), 10),
        turn in 0..15usize,
    ) {
        let (told, found) = told_and_looked_up(looked_at);
        let mut facts: Vec<Fact> = told.into_iter().zip(came).filter_map(|(fact, came)| came.then_some(fact)).collect();
        facts.extend(found.clone());
        let turn = turn % facts.len();
        facts.rotate_left(turn);
        prop_assert_eq!(money_of(&facts), money_of(&found));
    }

    #[test]
    fn looking_up_what_events_told_changes_no_row(looked_at in 100..200i64, turn in 0..15usize) {
        let (told, found) = told_and_looked_up(looked_at);
        let mut facts = told.clone();
        facts.extend(found);
        facts.rotate_left(turn);
        prop_assert_eq!(settle(&facts), settle(&told));
    }
}
