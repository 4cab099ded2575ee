//! Reading a tenant's past from Stripe: which lists, how far a run has come.

use std::str::FromStr;

/// A list of Stripe's that a backfill reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// What was sold.
    Products,
    /// For how much.
    Prices,
    /// To whom.
    Customers,
    /// What is paid again and again, ended ones too.
    Subscriptions,
    /// What was billed.
    Invoices,
    /// Which payment paid which invoice.
    InvoicePayments,
    /// Attempts to pay.
    PaymentIntents,
    /// What was taken.
    Charges,
    /// What was given back.
    Refunds,
    /// What banks took back.
    Disputes,
    /// What was bought in Stripe's own checkout.
    CheckoutSessions,
}

impl Subject {
    /// Every list, in the order they are read.
    pub const ALL: [Self; 11] = [
        Self::Products,
        Self::Prices,
        Self::Customers,
        Self::Subscriptions,
        Self::Invoices,
        Self::InvoicePayments,
        Self::PaymentIntents,
        Self::Charges,
        Self::Refunds,
        Self::Disputes,
        Self::CheckoutSessions,
    ];

    /// The word stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Prices => "prices",
            Self::Customers => "customers",
            Self::Subscriptions => "subscriptions",
            Self::Invoices => "invoices",
            Self::InvoicePayments => "invoice_payments",
            Self::PaymentIntents => "payment_intents",
            Self::Charges => "charges",
            Self::Refunds => "refunds",
            Self::Disputes => "disputes",
            Self::CheckoutSessions => "checkout_sessions",
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Products => "Products",
            Self::Prices => "Prices",
            Self::Customers => "Customers",
            Self::Subscriptions => "Subscriptions",
            Self::Invoices => "Invoices",
            Self::InvoicePayments => "Invoice payments",
            Self::PaymentIntents => "Payment intents",
            Self::Charges => "Charges",
            Self::Refunds => "Refunds",
            Self::Disputes => "Disputes",
            Self::CheckoutSessions => "Checkout sessions",
        }
    }
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunState {
    /// It reads, or waits for a program to go on with it.
    Running,
    /// Somebody stopped it.
    Paused,
    /// It could not go on.
    Failed,
    /// Everything is stored.
    Done,
}

impl RunState {
    const ALL: [Self; 4] = [Self::Running, Self::Paused, Self::Failed, Self::Done];

    /// The word stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Failed => "failed",
            Self::Done => "done",
        }
    }
}

/// A text that is no word of this vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a backfill has no such word")]
pub struct UnknownWord;

impl FromStr for Subject {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|subject| subject.word() == text).ok_or(UnknownWord)
    }
}

impl FromStr for RunState {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|state| state.word() == text).ok_or(UnknownWord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(Subject::ALL.into_iter().all(|subject| subject.word().parse() == Ok(subject)));
        assert!(RunState::ALL.into_iter().all(|state| state.word().parse() == Ok(state)));
        assert_eq!("payouts".parse::<Subject>(), Err(UnknownWord));
    }
}
