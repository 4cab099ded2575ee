//! What happens to a buyer: they pay, renew, upgrade, fail to pay, ask for their money back, leave.

mod subscriber;

use jiff::{SignedDuration, Timestamp};

use super::catalog::{Offer, Plan};
use super::dice::Dice;
use super::people::Buyer;

const DAY: i64 = 86_400;

const SEAT_CENTS: i64 = 49_900;
const TEAM_CENTS: i64 = 149_000;

/// Smaller payments are not worth anyone's refund.
const SMALLEST_REFUNDED_CENTS: i64 = 2_000;

/// Something that happened, and when.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// The second it happened in.
    pub(super) at: Timestamp,
    /// What happened.
    pub(super) what: Happening,
}

/// The kinds of things that happen.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    /// A one-off purchase was paid.
    Bought(Payment),
    /// A subscription began through the checkout, with its first invoice, which is zero for a trial.
    Subscribed(Subscription, Invoice),
    /// A later invoice was paid.
    InvoicePaid(Subscription, Invoice),
    /// An attempt to collect an invoice failed.
    InvoiceFailed(Subscription, Invoice),
    /// A subscription changed.
    Changed { before: Subscription, after: Subscription },
    /// A subscription ended.
    Ended(Subscription),
    /// Part of a payment, or all of it, went back.
    Refunded(Refund),
}

/// Money that came in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payment {
    /// Which of the buyer's payments this is.
    pub(super) nth: usize,
    /// How much, in cents.
    pub(super) cents: i64,
    /// When the buyer was first asked for it.
    pub(super) asked: Timestamp,
    /// When it was charged.
    pub(super) at: Timestamp,
    /// Why it was charged; absent for a one-off.
    pub(super) reason: Option<Reason>,
}

/// Money that went back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refund {
    /// The payment it came from.
    pub(super) payment: Payment,
    /// Which refund of that payment this is.
    pub(super) nth: usize,
    /// How much, in cents.
    pub(super) cents: i64,
    /// How much of the payment went back before.
    pub(super) cents_before: i64,
}

/// A stretch of time that is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    /// Its first instant.
    pub(super) start: Timestamp,
    /// The first instant after it.
    pub(super) end: Timestamp,
}

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Trialing,
    Active,
    PastDue,
    Canceled,
}

/// Why a subscription will end, or did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cancellation {
    /// When it was decided.
    pub(super) decided: Timestamp,
    /// When it takes effect.
    pub(super) effective: Timestamp,
    /// True when the buyer chose to leave, false when the money stopped.
    pub(super) is_voluntary: bool,
}

/// A subscription as it stands at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subscription {
    pub(super) plan: Plan,
    pub(super) status: Status,
    pub(super) period: Period,
    pub(super) trial: Option<Period>,
    pub(super) cancellation: Option<Cancellation>,
    /// Which of the buyer's invoices is the newest.
    pub(super) latest_invoice: usize,
}

/// Why an invoice was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    Create,
    Cycle,
    Upgrade,
}

/// A bill for a subscription.
#[derive(Debug, Clone)]
pub(super) struct Invoice {
    /// Which of the buyer's invoices this is.
    pub(super) nth: usize,
    pub(super) reason: Reason,
    /// When it was written.
    pub(super) created: Timestamp,
    /// How often it was tried.
    pub(super) attempts: u32,
    pub(super) lines: Vec<Line>,
}

/// One line of a bill.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) plan: Plan,
    pub(super) cents: i64,
    pub(super) period: Period,
    pub(super) kind: LineKind,
}

/// What a line charges for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// A whole period.
    Whole,
    /// A trial, for nothing.
    Trial,
    /// What is left of the period on the new plan.
    Remaining,
    /// What was paid for and not used of the old plan.
    Unused,
}

/// Everything that happens to a buyer up to an instant, in the order it is told.
///
/// The order is that of causes, not of time: a refund follows its payment directly, however late it comes.
/// A later `until` adds scenes after the ones already told and never reorders them, so a scene's place can
/// name its events.
pub(super) fn life(buyer: &Buyer, until: Timestamp) -> Vec<ToldScene> {
    let mut teller = Teller { dice: buyer.dice("life"), until, scenes: Vec::new() };
    match buyer.offer {
        Offer::BootcampSeat => teller.buy(buyer.signed_up, SEAT_CENTS),
        Offer::BootcampTeam => teller.buy(buyer.signed_up, TEAM_CENTS),
        Offer::Plan(plan) => subscriber::tell(&mut teller, plan, buyer.signed_up),
    }
    let numbered = teller.scenes.into_iter().enumerate();
    numbered.map(|(nth, scene)| ToldScene { nth, scene }).filter(|told| told.scene.at <= until).collect()
}

/// A scene with its place in the buyer's life.
#[derive(Debug, Clone)]
pub(super) struct ToldScene {
    /// Its place, stable however far the story is told.
    pub(super) nth: usize,
    /// The scene itself.
    pub(super) scene: Scene,
}

/// Who tells one life.
struct Teller {
    dice: Dice,
    until: Timestamp,
    scenes: Vec<Scene>,
}

impl Teller {
    fn tell(&mut self, at: Timestamp, what: Happening) {
        self.scenes.push(Scene { at, what });
    }

    fn buy(&mut self, at: Timestamp, cents: i64) {
        let payment = Payment { nth: 0, cents, asked: at, at, reason: None };
        self.tell(at, Happening::Bought(payment));
        self.maybe_refund(payment, 30);
    }

    fn maybe_refund(&mut self, payment: Payment, permille: i64) {
        if !self.dice.chance(permille) || payment.cents < SMALLEST_REFUNDED_CENTS {
            return;
        }
        let at = after(payment.at, self.dice.between(DAY, 18 * DAY));
        if self.dice.chance(550) {
            let whole = Refund { payment, nth: 0, cents: payment.cents, cents_before: 0 };
            return self.tell(at, Happening::Refunded(whole));
        }
        self.refund_in_parts(payment, at);
    }

    fn refund_in_parts(&mut self, payment: Payment, at: Timestamp) {
        let part = payment.cents * self.dice.between(15, 50) / 10_000 * 100;
        let first = Refund { payment, nth: 0, cents: part, cents_before: 0 };
        self.tell(at, Happening::Refunded(first));
        if !self.dice.chance(250) {
            return;
        }
        let rest = Refund { payment, nth: 1, cents: payment.cents - part, cents_before: part };
        let later = after(at, self.dice.between(DAY, 9 * DAY));
        self.tell(later, Happening::Refunded(rest));
    }
}

impl Happening {
    /// The payment this happening brings in, if any.
    pub(super) fn payment(&self, at: Timestamp) -> Option<Payment> {
        match self {
            Self::Bought(payment) => Some(*payment),
            Self::Subscribed(_, invoice) | Self::InvoicePaid(_, invoice) => invoice.payment(at),
            _ => None,
        }
    }
}

impl Invoice {
    /// What the invoice comes to, in cents.
    pub(super) fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.cents).sum()
    }

    /// The payment that settles the invoice; none when there is nothing to pay.
    pub(super) fn payment(&self, at: Timestamp) -> Option<Payment> {
        let cents = self.total();
        (cents > 0).then_some(Payment {
            nth: self.nth,
            cents,
            asked: self.created,
            at,
            reason: Some(self.reason),
        })
    }
}

impl Period {
    /// Its length in seconds.
    fn seconds(self) -> i64 {
        self.end.as_second() - self.start.as_second()
    }

    /// The instant after so many hundredths of it.
    fn part(self, percent: i64) -> Timestamp {
        after(self.start, self.seconds() * percent / 100)
    }
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at + SignedDuration::from_secs(seconds)
}
