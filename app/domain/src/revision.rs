//! What a newer version of a ledger row says otherwise than the one it supersedes.

use jiff::Timestamp;
use serde::Serialize;

use crate::channel::ChannelSlug;
use crate::ledger::StripeLinks;
use crate::money::Money;

/// What can be compared of two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The money's own key.
    pub key: String,
    /// How much.
    pub money: Money,
    /// The same in the tenant's currency.
    pub base_amount_minor: Option<i64>,
    /// Stripe's time of it.
    pub occurred_at: Timestamp,
    /// What was sold.
    pub product_name: Option<String>,
    /// Its category.
    pub product_category: Option<String>,
    /// Who paid.
    pub customer_email: Option<String>,
    /// The channel credited.
    pub channel: ChannelSlug,
    /// Stripe's objects.
    pub links: StripeLinks,
    /// Whether it was for a subscription.
    pub is_recurring: bool,
    /// Whether invoice and charge are only presumed to be one.
    pub is_tie_presumed: bool,
    /// Stripe's word for why the money went back.
    pub reason: Option<String>,
    /// The event that told of it.
    pub cause: String,
}

/// Something a newer version says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The money turned out to be part of another row.
    Key,
    /// Another amount.
    Amount,
    /// Another amount in the tenant's currency, by another rate.
    Rate,
    /// Another time.
    Time,
    /// Another product or category.
    Product,
    /// Another payer.
    Payer,
    /// Another channel.
    Channel,
    /// Its invoice and charge are tied, or presumed to be.
    Tie,
    /// More of Stripe's objects are known.
    Objects,
    /// Whether it is for a subscription.
    Recurrence,
    /// Why the money went back.
    Reason,
    /// Another event tells of it.
    Event,
}

/// What the newer of two versions says otherwise.
#[must_use]
pub fn changes(old: &Version, new: &Version) -> Vec<Change> {
    let same_money = old.money == new.money;
    [
        (Change::Key, old.key != new.key),
        (Change::Amount, !same_money),
        (Change::Rate, same_money && old.base_amount_minor != new.base_amount_minor),
        (Change::Time, old.occurred_at != new.occurred_at),
        (
            Change::Product,
            old.product_name != new.product_name || old.product_category != new.product_category,
        ),
        (Change::Payer, old.customer_email != new.customer_email),
        (Change::Channel, old.channel != new.channel),
        (Change::Tie, old.is_tie_presumed != new.is_tie_presumed),
        (Change::Objects, old.links != new.links),
        (Change::Recurrence, old.is_recurring != new.is_recurring),
        (Change::Reason, old.reason != new.reason),
        (Change::Event, old.cause != new.cause),
    ]
    .into_iter()
    .filter_map(|(change, differs)| differs.then_some(change))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn version() -> Version {
        Version {
            key: "payment:in_1".to_owned(),
            money: Money { minor: 4_900, currency: Currency::EUR },
            base_amount_minor: None,
            occurred_at: Timestamp::UNIX_EPOCH,
            product_name: None,
            product_category: None,
            customer_email: None,
            channel: ChannelSlug::unknown(),
            links: StripeLinks::default(),
            is_recurring: false,
            is_tie_presumed: false,
            reason: None,
            cause: "evt_1".to_owned(),
        }
    }

    #[test]
    fn a_rate_that_becomes_known_is_no_other_amount() {
        let converted = Version { base_amount_minor: Some(5_300), ..version() };
        assert_eq!(changes(&version(), &converted), [Change::Rate]);
        let dearer = Version { money: Money { minor: 5_000, currency: Currency::EUR }, ..converted };
        assert_eq!(changes(&version(), &dearer), [Change::Amount]);
    }

    #[test]
    fn equal_versions_say_nothing_otherwise() {
        assert_eq!(changes(&version(), &version()), []);
        let credited = Version {
            channel: ChannelSlug::stored("referral".to_owned()),
            product_name: Some("Pro".to_owned()),
            ..version()
        };
        assert_eq!(changes(&version(), &credited), [Change::Product, Change::Channel]);
    }
}
