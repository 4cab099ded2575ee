//! The events and the ledger of a tenant.

use domain::attribution::{Candidate, Clue, LeadTime, Link, Method, Override, OverrideTarget};
use domain::channel::ChannelSlug;
use domain::customer::{CustomerFact, CustomerTelling};
use domain::dunning::{Closed, Closing, FailedPayment, Setback, Told};
use domain::event_state::EventState;
use domain::ids::{EventId, LedgerRowId};
use domain::lead::Stage;
use domain::ledger::{EntryKind, MoneyKey, Movement, Product, RowContent, StripeLinks};
use domain::money::{Currency, Money};
use domain::payment::{Fact, PaymentNames, Statement};
use domain::restatement::{Restatement, Subject, Trigger};
use store::Store;
use store::applying::{NewRow, SeenEvent, Supersession};
use store::leads::{Bringing, LeadTold};

use super::{Side, later, now};
use domain::exchange::QuotedRate;
use jiff::SignedDuration;
use jiff::civil::date;
use store::exchange_rates::{NewRateChange, RateSource};

/// Brings in a lead and two events, and books one of them twice, the second time knowing more.
pub(super) async fn fill(store: &Store, side: &Side) {
    store.leads_put(side.id(), &[lead(side)], Bringing::at(now())).await.unwrap();
    for event in [&side.event, &side.waiting] {
        store.stripe_event_keep(side.id(), event, b"{}", now()).await.unwrap();
    }
    let mut batch = store.batch_begin(side.id()).await.unwrap();
    batch.payment_names_insert(&[(side.payment_name.clone(), side.payment)]).await.unwrap();
    batch.facts_insert(&[(side.payment, fact(side))]).await.unwrap();
    let mut without_rate = row(side, side.old_row, 1);
    without_rate.content.base_amount_minor = None;
    batch.rows_insert(&[without_rate, row(side, side.row, 2)], now()).await.unwrap();
    let supersession = Supersession { superseded: side.old_row, successor: Some(side.row) };
    batch.supersessions_insert(&[supersession], now()).await.unwrap();
    batch.rollups_follow_rows(&[side.old_row, side.row], &[]).await.unwrap();
    batch.rollups_follow_rows(&[], &[side.old_row]).await.unwrap();
    batch.setbacks_insert(&[setback(side)]).await.unwrap();
    batch.dunning_replace(&[], &[failed(side)]).await.unwrap();
    let seen = seen(&side.event, EventState::Applied);
    batch.events_seen(&[seen], SignedDuration::from_micros(700), now()).await.unwrap();
    batch.commit().await.unwrap();
    attribute(store, side).await;
    let mut work = store.within(side.id()).await.unwrap();
    work.rates_put(&rates(side, &[rate("1.07")]), now()).await.unwrap();
    let newer = [rate("1.08")];
    let waiting = NewRateChange { id: side.rates_waiting, ..rates(side, &newer) };
    work.rates_put(&waiting, now()).await.unwrap();
    work.commit().await.unwrap();
    let mut batch = store.batch_begin(side.id()).await.unwrap();
    batch.rates_settled(&[side.rate_change], now()).await.unwrap();
    assert_eq!(batch.seal_days(later(60 * 24)).await.unwrap(), 1);
    batch.commit().await.unwrap();
}

/// Ties the payment to a lead by everything there is, and says once that it reads otherwise now.
async fn attribute(store: &Store, side: &Side) {
    let mut batch = store.batch_begin(side.id()).await.unwrap();
    batch.clues_insert(&[(Clue::Email(side.lead_email.clone()), side.event.clone())]).await.unwrap();
    batch.customers_put(&[customer(side)]).await.unwrap();
    batch.restatements_insert(&[restatement(side)], now()).await.unwrap();
    batch.commit().await.unwrap();
    let mut work = store.within(side.id()).await.unwrap();
    work.link_put(&link(side), &side.email, Bringing::at(now())).await.unwrap();
    assert!(work.override_insert(&said(side)).await.unwrap());
    work.commit().await.unwrap();
}

/// A Stripe customer with the lead's e-mail.
pub fn customer(side: &Side) -> CustomerFact {
    CustomerFact {
        event: side.event.clone(),
        occurred_at: now(),
        customer: side.customer(),
        telling: CustomerTelling::Stands {
            email: Some(side.lead_email.clone()),
            hints: Vec::new(),
            is_first: true,
        },
    }
}

/// A record that is that customer.
pub fn link(side: &Side) -> Link {
    Link {
        customer: side.customer(),
        kind: "bootcamp_student".to_owned(),
        record: format!("student of {}", side.tenant.slug),
        lead: Some(side.lead_email.clone()),
        email: None,
        channel: None,
    }
}

/// What a person said of the payment.
pub fn said(side: &Side) -> Override {
    Override {
        id: side.said,
        target: OverrideTarget::Payment(side.payment_name.clone()),
        channel: ChannelSlug::stored("outreach".to_owned()),
        reason: "they told us".to_owned(),
        made_by: side.email.clone(),
        made_at: now(),
    }
}

/// That the payment's row read otherwise before.
pub fn restatement(side: &Side) -> Restatement {
    Restatement {
        subject: Subject::Attribution,
        old_row: side.old_row,
        new_row: side.row,
        effective_at: now(),
        from: "unknown".to_owned(),
        to: "outreach".to_owned(),
        cause: "a lead has the e-mail".to_owned(),
        trigger: Trigger::Lead(side.lead_email.clone()),
    }
}

/// An event that was looked at.
pub fn seen(id: &EventId, state: EventState) -> SeenEvent {
    SeenEvent {
        id: id.clone(),
        state,
        event_type: Some("invoice.paid".to_owned()),
        reason: None,
        api_version: Some("2026-09-30.endive".to_owned()),
        livemode: Some(false),
        created_at: Some(now()),
    }
}

/// What the tenant's event says of collecting: that a subscription of theirs ended.
pub fn setback(side: &Side) -> Setback {
    Setback {
        event: side.event.clone(),
        occurred_at: now(),
        invoice: Some(side.payment_name.clone()),
        payment_intent: None,
        charge: None,
        subscription: Some(side.subscription()),
        told: Told::SubscriptionEnded,
    }
}

/// A payment that failed.
pub fn failed(side: &Side) -> FailedPayment {
    FailedPayment {
        name: side.payment_name.clone(),
        invoice: Some(side.payment_name.clone()),
        payment_intent: None,
        subscription: Some(side.subscription()),
        customer: Some(format!("cus_{}", side.tenant.slug)),
        customer_email: Some(side.lead_email.clone()),
        attempts: 2,
        next_attempt_at: None,
        amount: money(),
        code: Some("card_declined".to_owned()),
        message: None,
        needs_action: false,
        first_failed_at: now(),
        last_failed_at: now(),
        last_event: side.event.clone(),
        closed: Some(Closed { how: Closing::SubscriptionEnded, at: now(), event: side.event.clone() }),
    }
}

/// What a euro was worth on the day of every test.
pub fn rate(dollars: &str) -> QuotedRate {
    QuotedRate {
        day: date(2026, 11, 20),
        base: Currency::EUR,
        quote: Currency::USD,
        rate: dollars.parse().unwrap(),
        is_typed: false,
    }
}

/// Rates as a tenant brings them in.
pub fn rates<'a>(side: &'a Side, rates: &'a [QuotedRate]) -> NewRateChange<'a> {
    NewRateChange { id: side.rate_change, source: RateSource::CentralBank, rates, made_by: &side.email }
}

/// The lead behind the payment.
pub fn lead(side: &Side) -> LeadTold {
    LeadTold {
        email: domain::lead::Told::Is(side.lead_email.clone()),
        source: Some("outreach".to_owned()),
        stage: Some(Stage::Closed),
        created_at: Some(now()),
        ..LeadTold::of(side.lead, side.lead_email.clone())
    }
}

pub fn fact(side: &Side) -> Fact {
    Fact {
        event: side.event.clone(),
        occurred_at: now(),
        looked_up: false,
        names: PaymentNames { invoice: Some(side.payment_name.clone()), ..PaymentNames::default() },
        customer: Some(side.customer()),
        subscription: None,
        emails: vec![side.lead_email.clone()],
        channel_hints: Vec::new(),
        product: None,
        is_recurring: true,
        statements: vec![Statement::InvoicePaid { paid: money(), at: now(), in_part: false }],
    }
}

pub fn row(side: &Side, id: LedgerRowId, version: i32) -> NewRow {
    let channel = ChannelSlug::stored("outreach".to_owned());
    NewRow {
        id,
        version,
        content: RowContent {
            movement: movement(side),
            base_amount_minor: Some(money().minor),
            lead: Some(side.lead),
            channel: channel.clone(),
        },
        candidates: vec![Candidate {
            method: Method::LeadEmail,
            matched: side.lead_email.clone(),
            channel,
            lead: Some(side.lead),
            lead_time: Some(LeadTime { created_at: now(), is_before: Some(true) }),
        }],
    }
}

fn movement(side: &Side) -> Movement {
    Movement {
        key: MoneyKey::payment(&side.payment_name),
        payment: side.payment_name.clone(),
        kind: EntryKind::Payment,
        money: money(),
        occurred_at: now(),
        cause: side.event.clone(),
        links: StripeLinks::default(),
        product: Some(Product { name: "Growth".to_owned(), category: None, is_partial: false }),
        is_recurring: true,
        customer_email: Some(side.lead_email.clone()),
        is_tie_presumed: false,
        reason: None,
        mrr_impact_minor: 0,
        mrr_movement: None,
    }
}

fn money() -> Money {
    Money { minor: 49_900, currency: Currency::USD }
}
