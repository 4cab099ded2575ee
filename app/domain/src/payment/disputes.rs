//! Disputes: what the bank took back, and gave back again when the dispute was won.
//!
//! A dispute takes its amount once, when it is opened, and returns it once, when it is won or Stripe says that
//! the money came back. An inquiry asks a question and takes nothing; one that grows into a dispute does.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Fact, Payment, Statement, recency};
use crate::ledger::{EntryKind, MoneyKey, Movement};
use crate::money::Money;

/// What an event says of a dispute's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStage {
    /// The bank asks; nothing has moved.
    Inquiry,
    /// The money is withdrawn.
    Withdrawn,
    /// It came back.
    Reinstated,
}

struct DisputeTelling<'a> {
    fact: &'a Fact,
    amount: Money,
    opened_at: Timestamp,
    stage: DisputeStage,
    reason: &'a Option<String>,
    reinstated_at: Option<Timestamp>,
}

impl<'a> Payment<'a> {
    /// The rows of this payment's disputes.
    pub(super) fn disputes(&self) -> Vec<Movement> {
        let mut rows = Vec::new();
        for (dispute, tellings) in self.dispute_tellings() {
            let moved = tellings.iter().filter(|telling| telling.stage != DisputeStage::Inquiry);
            let Some(first) = moved.min_by_key(|telling| recency(telling.fact)) else { continue };
            let amount = first.amount;
            let key = MoneyKey::dispute(dispute);
            let withdrawn = self.movement(key, EntryKind::Dispute, amount.reversed(), first.fact);
            let told = tellings.iter().filter(|telling| telling.reason.is_some());
            let reason =
                told.max_by_key(|telling| recency(telling.fact)).and_then(|told| told.reason.clone());
            rows.push(Movement { occurred_at: first.opened_at, reason: reason.clone(), ..withdrawn });
            let returned = tellings.iter().filter(|telling| telling.stage == DisputeStage::Reinstated);
            if let Some(returned) = returned.min_by_key(|telling| recency(telling.fact)) {
                let key = MoneyKey::dispute_reversal(dispute);
                let reversal = self.movement(key, EntryKind::DisputeReversal, amount, returned.fact);
                let stated = tellings.iter().filter_map(|telling| telling.reinstated_at).min();
                rows.push(Movement {
                    occurred_at: stated.unwrap_or(reversal.occurred_at),
                    reason,
                    ..reversal
                });
            }
        }
        rows
    }

    fn dispute_tellings(&self) -> BTreeMap<&'a str, Vec<DisputeTelling<'a>>> {
        let mut disputes: BTreeMap<&str, Vec<DisputeTelling<'_>>> = BTreeMap::new();
        for &fact in &self.facts {
            for statement in &fact.statements {
                if let Statement::Disputed { dispute, amount, opened_at, stage, reason, reinstated_at } =
                    statement
                    && amount.minor > 0
                {
                    let (amount, opened_at, stage) = (*amount, *opened_at, *stage);
                    let reinstated_at = *reinstated_at;
                    let telling = DisputeTelling { fact, amount, opened_at, stage, reason, reinstated_at };
                    disputes.entry(dispute).or_default().push(telling);
                }
            }
        }
        disputes
    }
}
