//! The life of a subscriber: a trial perhaps, then period after period until they leave.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::{
    Cancellation, DAY, Happening, Invoice, Line, LineKind, Period, Reason, Status, Subscription, Teller,
    after,
};
use crate::demo::catalog::Plan;

const TRIAL_DAYS: i64 = 14;
const TRIALS_KEPT_PERMILLE: i64 = 820;
const UPGRADES_PERMILLE: i64 = 22;
const FAILURES_PERMILLE: i64 = 50;
const REFUNDS_PERMILLE: i64 = 18;

/// How many days after a failure the money comes, or that it never does. All of them pass before an upgrade
/// could come.
const RECOVERIES: [(Option<i64>, i64); 4] = [(Some(3), 60), (Some(5), 17), (Some(6), 8), (None, 15)];
const GIVEN_UP_AFTER_DAYS: i64 = 15;

/// Tells a subscriber's life from the sign-up on.
pub(super) fn tell(teller: &mut Teller, plan: Plan, signed_up: Timestamp) {
    let trials = teller.dice.chance(plan.trials_permille());
    let mut subscriber = Subscriber::signing_up(teller, plan, signed_up, trials);
    if !subscriber.begin() {
        return;
    }
    while subscriber.now.period.start <= subscriber.teller.until {
        if !subscriber.stays_through_period() || !subscriber.renews() {
            return;
        }
    }
}

struct Subscriber<'a> {
    teller: &'a mut Teller,
    now: Subscription,
    /// The instant whose day of the month every renewal keeps.
    anchor: Timestamp,
    /// How many periods have begun since the anchor.
    periods: i64,
    invoices: usize,
}

impl<'a> Subscriber<'a> {
    fn signing_up(teller: &'a mut Teller, plan: Plan, at: Timestamp, trials: bool) -> Self {
        let trial = trials.then(|| Period { start: at, end: after(at, TRIAL_DAYS * DAY) });
        let period = trial.unwrap_or_else(|| Period { start: at, end: months_after(at, plan.months()) });
        let status = if trials { Status::Trialing } else { Status::Active };
        let now = Subscription { plan, status, period, trial, cancellation: None, latest_invoice: 0 };
        let anchor = if trials { period.end } else { at };
        Self { teller, now, anchor, periods: if trials { 0 } else { 1 }, invoices: 0 }
    }

    /// Goes through the checkout, and through the trial if there is one. False when the trial was enough.
    fn begin(&mut self) -> bool {
        let start = self.now.period.start;
        let invoice = self.invoice(Reason::Create, start, vec![self.period_line()]);
        self.teller.tell(start, Happening::Subscribed(self.now, invoice.clone()));
        self.maybe_refund(&invoice, start);
        if self.now.trial.is_none() {
            return true;
        }
        if !self.teller.dice.chance(TRIALS_KEPT_PERMILLE) {
            self.leave();
            return false;
        }
        self.renews()
    }

    /// Lives through the current period. False when they leave at the end of it.
    fn stays_through_period(&mut self) -> bool {
        if self.teller.dice.chance(UPGRADES_PERMILLE)
            && let Some(plan) = self.now.plan.upgrade()
        {
            self.upgrade(plan);
            return true;
        }
        if self.teller.dice.chance(self.now.plan.leavers_permille()) {
            self.leave();
            return false;
        }
        true
    }

    /// Begins the next period and pays for it. False when the money never comes.
    fn renews(&mut self) -> bool {
        let before = self.now;
        let start = before.period.end;
        self.periods += 1;
        let end = months_after(self.anchor, self.periods * before.plan.months());
        self.now.period = Period { start, end };
        self.now.status = Status::Active;
        let mut invoice = self.invoice(Reason::Cycle, start, vec![self.period_line()]);
        self.teller.tell(start, Happening::Changed { before, after: self.now });
        let charged = after(start, self.teller.dice.between(3_600, 6_000));
        if self.teller.dice.chance(FAILURES_PERMILLE) {
            return self.recovers(&mut invoice, charged);
        }
        self.pay(&invoice, charged);
        true
    }

    fn recovers(&mut self, invoice: &mut Invoice, failed: Timestamp) -> bool {
        self.teller.tell(failed, Happening::InvoiceFailed(self.now, invoice.clone()));
        self.turn(after(failed, 1), Status::PastDue);
        let Some(days) = self.teller.dice.weighted(&RECOVERIES) else {
            self.give_up(after(failed, GIVEN_UP_AFTER_DAYS * DAY));
            return false;
        };
        let paid = after(failed, days * DAY);
        invoice.attempts += 1;
        self.pay(invoice, paid);
        self.turn(after(paid, 1), Status::Active);
        true
    }

    fn upgrade(&mut self, plan: Plan) {
        let at = self.now.period.part(self.teller.dice.between(25, 85));
        let before = self.now;
        self.now.plan = plan;
        let lines = proration(before, plan, at);
        let invoice = self.invoice(Reason::Upgrade, at, lines);
        self.teller.tell(at, Happening::Changed { before, after: self.now });
        self.pay(&invoice, after(at, 3));
    }

    fn leave(&mut self) {
        let effective = self.now.period.end;
        let decided = self.now.period.part(self.teller.dice.between(25, 90));
        let before = self.now;
        self.now.cancellation = Some(Cancellation { decided, effective, is_voluntary: true });
        self.teller.tell(decided, Happening::Changed { before, after: self.now });
        self.end(effective);
    }

    fn give_up(&mut self, at: Timestamp) {
        self.now.cancellation = Some(Cancellation { decided: at, effective: at, is_voluntary: false });
        self.end(at);
    }

    fn end(&mut self, at: Timestamp) {
        self.now.status = Status::Canceled;
        self.teller.tell(at, Happening::Ended(self.now));
    }

    fn turn(&mut self, at: Timestamp, status: Status) {
        let before = self.now;
        self.now.status = status;
        self.teller.tell(at, Happening::Changed { before, after: self.now });
    }

    fn pay(&mut self, invoice: &Invoice, at: Timestamp) {
        self.teller.tell(at, Happening::InvoicePaid(self.now, invoice.clone()));
        self.maybe_refund(invoice, at);
    }

    fn maybe_refund(&mut self, invoice: &Invoice, at: Timestamp) {
        if let Some(payment) = invoice.payment(at) {
            self.teller.maybe_refund(payment, REFUNDS_PERMILLE);
        }
    }

    fn invoice(&mut self, reason: Reason, created: Timestamp, lines: Vec<Line>) -> Invoice {
        let nth = self.invoices;
        self.invoices += 1;
        self.now.latest_invoice = nth;
        Invoice { nth, reason, created, attempts: 1, lines }
    }

    fn period_line(&self) -> Line {
        let Subscription { plan, period, .. } = self.now;
        match self.now.status {
            Status::Trialing => Line { plan, cents: 0, period, kind: LineKind::Trial },
            _ => Line { plan, cents: plan.cents(), period, kind: LineKind::Whole },
        }
    }
}

/// The old plan's unused time back, the new plan's remaining time on top.
fn proration(before: Subscription, plan: Plan, at: Timestamp) -> Vec<Line> {
    let period = Period { start: at, end: before.period.end };
    let share = |plan: Plan| plan.cents() * period.seconds() / before.period.seconds();
    vec![
        Line { plan: before.plan, cents: -share(before.plan), period, kind: LineKind::Unused },
        Line { plan, cents: share(plan), period, kind: LineKind::Remaining },
    ]
}

fn months_after(at: Timestamp, months: i64) -> Timestamp {
    let later = at.to_zoned(TimeZone::UTC).checked_add(Span::new().months(months));
    later.expect("the story ends long before the calendar does").timestamp()
}
