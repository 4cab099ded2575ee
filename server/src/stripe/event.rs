//! What an event tells of, and which reader its object goes to.

use domain::connection::Belonging;
use domain::customer::CustomerFact;
use domain::ids::EventId;
use domain::payment::Fact;
use domain::subscription::terms::TermsFact;
use domain::subscription::{Occasion, SubscriptionFact};
use jiff::{Span, Timestamp, ToSpan};
use serde_json::Value;

use super::json::{self, Object, Unreadable};
use super::{customers, looked_up, objects, subscriptions};

/// How far an event's time may run ahead of our clock.
fn clock_skew() -> Span {
    24.hours()
}

/// What an event turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It tells of a payment.
    Fact(Box<Fact>),
    /// It tells of a subscription.
    Subscription(Box<SubscriptionFact>),
    /// It tells of a price's tiers or of a discount.
    Terms(Box<TermsFact>),
    /// It tells of a customer.
    Customer(Box<CustomerFact>),
    /// The tenant's account is no longer connected.
    Deauthorized,
    /// It says nothing of money that we book.
    Ignored(&'static str),
    /// It belongs to an account nobody connected, or to the other mode.
    Quarantined(&'static str),
    /// It cannot be understood, and why.
    Dead(String),
}

impl Reading {
    /// Whether anything follows from it.
    #[must_use]
    pub const fn is_booked(&self) -> bool {
        !matches!(self, Self::Ignored(_) | Self::Quarantined(_) | Self::Dead(_))
    }
}

/// What becomes of an event of an account nobody connected.
const FOREIGN_ACCOUNT: Reading = Reading::Quarantined("belongs to a connected account nobody connected here");

/// An event's type, when it has one, and what it turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadEvent {
    /// Stripe's type.
    pub event_type: Option<String>,
    /// What it is.
    pub reading: Reading,
    /// What is noted of it beside.
    pub stamp: Stamp,
}

/// What is noted of an event, whatever it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The version of Stripe's API it is written in.
    pub api_version: Option<String>,
    /// Whether it tells of live money.
    pub livemode: Option<bool>,
    /// Stripe's time of it.
    pub created_at: Option<Timestamp>,
}

impl Stamp {
    fn of(event: &Object, received_at: Timestamp) -> Self {
        let plain =
            |version: &String| version.len() <= 60 && version.bytes().all(|byte| byte.is_ascii_graphic());
        Self {
            api_version: json::text(event, "api_version").filter(plain),
            livemode: event.get("livemode").and_then(Value::as_bool),
            created_at: json::plausible_time(event, "created", latest_at(received_at)).ok(),
        }
    }
}

/// The latest moment an event received then can mean.
fn latest_at(received_at: Timestamp) -> Timestamp {
    received_at.saturating_add(clock_skew()).unwrap_or(Timestamp::MAX)
}

/// Reads a kept event; never fails, since what cannot be understood is a reading too.
#[must_use]
pub fn read(id: &EventId, body: &[u8], received_at: Timestamp, belonging: &Belonging) -> ReadEvent {
    let Ok(Value::Object(event)) = serde_json::from_slice(body) else {
        return ReadEvent {
            event_type: None,
            reading: Reading::Dead("the body is not a JSON object".to_owned()),
            stamp: Stamp::default(),
        };
    };
    let event_type = json::text(&event, "type");
    let told = Received { event: &event, at: received_at, belonging };
    let reading = read_object(id, &told, event_type.as_deref());
    let reading = reading.unwrap_or_else(|Unreadable(why)| Reading::Dead(why));
    let stamp = Stamp::of(&event, received_at);
    let reading = match stamp.livemode.filter(|livemode| !belonging.takes(*livemode)) {
        Some(livemode) if reading.is_booked() => Reading::Quarantined(of_other_mode(livemode)),
        _ => reading,
    };
    ReadEvent { event_type, reading, stamp }
}

const fn of_other_mode(livemode: bool) -> &'static str {
    if livemode {
        "tells of live money, and this workspace keeps test mode"
    } else {
        "tells of test mode, and this workspace keeps live money"
    }
}

/// An event's JSON, when it came, and what belongs to whom it came to.
struct Received<'a> {
    event: &'a Object,
    at: Timestamp,
    belonging: &'a Belonging,
}

impl Received<'_> {
    /// Whether it is of a connected account that is not the tenant's own.
    fn is_foreign(&self) -> bool {
        let account = self.event.get("account").filter(|account| !account.is_null());
        let created = json::plausible_time(self.event, "created", latest_at(self.at)).unwrap_or(self.at);
        account.is_some_and(|account| {
            !account.as_str().is_some_and(|account| self.belonging.is_own_account(account, created))
        })
    }
}

fn read_object(
    id: &EventId,
    received: &Received<'_>,
    event_type: Option<&str>,
) -> Result<Reading, Unreadable> {
    let event = received.event;
    if json::says(event, "object", "v2.core.event") {
        return Ok(Reading::Ignored("a thin event carries no object"));
    }
    if !json::says(event, "object", "event") {
        return Err(Unreadable("the body is not an event".to_owned()));
    }
    let event_type = event_type.ok_or_else(|| Unreadable("type is missing".to_owned()))?;
    if event_type == "account.application.deauthorized" {
        return Ok(if received.is_foreign() { FOREIGN_ACCOUNT } else { Reading::Deauthorized });
    }
    let Some(kind) = ObjectKind::of(event_type) else {
        return Ok(Reading::Ignored("says nothing of money"));
    };
    if received.is_foreign() {
        return Ok(FOREIGN_ACCOUNT);
    }
    if event.get("livemode").and_then(Value::as_bool).is_none() {
        return Err(Unreadable("livemode is neither true nor false".to_owned()));
    }
    let object = json::nested(event, &["data", "object"])
        .ok_or_else(|| Unreadable("data.object is not an object".to_owned()))?;
    if !json::says(object, "object", kind.word()) {
        return Err(Unreadable(format!("an event of type {event_type} should carry a {}", kind.word())));
    }
    let latest = latest_at(received.at);
    let occurred_at = json::plausible_time(event, "created", latest)?;
    let looked_up = looked_up::is_marked(event);
    let told = objects::Telling { event: id, occurred_at, latest, looked_up, object };
    let payment = |fact: Fact| Ok(Reading::Fact(Box::new(fact)));
    match kind {
        ObjectKind::Invoice => payment(objects::invoice(&told)?),
        ObjectKind::InvoicePayment => payment(objects::invoice_payment(&told)?),
        ObjectKind::Charge => payment(objects::charge(&told)?),
        ObjectKind::Refund => payment(objects::refund(&told)?),
        ObjectKind::Dispute => payment(objects::dispute(&told, event_type)?),
        ObjectKind::PaymentIntent => payment(objects::payment_intent(&told)?),
        ObjectKind::CheckoutSession => payment(objects::checkout_session(&told)?),
        ObjectKind::Subscription => {
            let previous = json::nested(event, &["data", "previous_attributes"]);
            let fact = subscriptions::subscription(&told, previous, occasion(event, event_type))?;
            Ok(Reading::Subscription(Box::new(fact)))
        }
        ObjectKind::Customer => Ok(Reading::Customer(Box::new(customers::customer(&told, event_type)?))),
        ObjectKind::Price => Ok(terms(subscriptions::price(&told)?)),
        ObjectKind::Discount => Ok(terms(subscriptions::discount(&told, event_type.ends_with(".deleted"))?)),
    }
}

fn terms(told: Option<TermsFact>) -> Reading {
    told.map_or(Reading::Ignored("leaves out what it comes to"), |fact| Reading::Terms(Box::new(fact)))
}

/// Why an event tells of a subscription. What was looked up stands for what went before as well.
fn occasion(event: &Object, event_type: &str) -> Occasion {
    match event_type.rsplit_once('.').map(|(_, what)| what) {
        _ if looked_up::is_marked(event) => Occasion::LookedUp,
        Some("created") => Occasion::Begun,
        Some("deleted") => Occasion::Ended,
        _ => Occasion::Changed,
    }
}

/// The objects that tell of money, and of who pays it.
#[derive(Clone, Copy)]
enum ObjectKind {
    Invoice,
    InvoicePayment,
    Charge,
    Refund,
    Dispute,
    PaymentIntent,
    CheckoutSession,
    Subscription,
    Price,
    Discount,
    Customer,
}

impl ObjectKind {
    /// Which object events of a type carry; `None` when it is none that tells of money.
    fn of(event_type: &str) -> Option<Self> {
        let (family, rest) = event_type.split_once('.')?;
        match (family, rest) {
            ("invoice", "upcoming" | "deleted") => None,
            ("invoice", _) => Some(Self::Invoice),
            // A payment that was detached from its invoice pays it no longer.
            ("invoice_payment", "paid") => Some(Self::InvoicePayment),
            ("charge", "refund.updated") | ("refund", _) => Some(Self::Refund),
            ("charge", rest) if rest.starts_with("dispute.") => Some(Self::Dispute),
            ("charge", _) => Some(Self::Charge),
            ("payment_intent", _) => Some(Self::PaymentIntent),
            ("checkout", rest) if rest.starts_with("session.") => Some(Self::CheckoutSession),
            ("customer", rest) if rest.starts_with("subscription.") => Some(Self::Subscription),
            ("customer", rest) if rest.starts_with("discount.") => Some(Self::Discount),
            ("price", "created" | "updated") => Some(Self::Price),
            ("customer", "created" | "updated" | "deleted") => Some(Self::Customer),
            _ => None,
        }
    }

    /// What Stripe calls it.
    const fn word(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::InvoicePayment => "invoice_payment",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::PaymentIntent => "payment_intent",
            Self::CheckoutSession => "checkout.session",
            Self::Subscription => "subscription",
            Self::Price => "price",
            Self::Discount => "discount",
            Self::Customer => "customer",
        }
    }
}
