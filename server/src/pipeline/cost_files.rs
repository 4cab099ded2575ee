//! What channels cost, as files say it: the same row is the same cost, however often the file is brought in.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use store::StoreError;
use store::channel_costs::Cost;
use store::leads::{Bringing, Put};
use store::work::TenantWork;

use super::{Context, Record, Taken, costs, filled, sorted};
use crate::accounts::Refusal;

/// How many rows of a file said each cost until now: two rows that say the same are two costs.
#[derive(Debug, Default)]
pub(super) struct RowsSaid(BTreeMap<[u8; 32], u32>);

impl RowsSaid {
    /// What tells a row from every other one: what it says, and which of those that say it it is.
    fn hash_of(&mut self, cost: &Cost) -> [u8; 32] {
        let times = self.0.entry(hash(cost, 0)).or_default();
        *times += 1;
        hash(cost, *times)
    }
}

fn hash(cost: &Cost, ordinal: u32) -> [u8; 32] {
    let Cost { channel, cost_type, money, period, notes, .. } = cost;
    let (amount, currency, notes) = (money.minor, money.currency, notes.as_deref().unwrap_or_default());
    let said =
        format!("{channel}|{cost_type}|{amount}|{currency}|{}|{}|{ordinal}|{notes}", period.from, period.to);
    Sha256::digest(said).into()
}

/// Takes in costs that rows of a file say.
pub(super) async fn take(
    context: &Context,
    work: &mut TenantWork,
    records: Vec<Result<Record, Refusal>>,
    bringing: Bringing,
    said: &mut RowsSaid,
) -> Result<Vec<Taken>, StoreError> {
    let read = records.into_iter().map(|record| costs::read(context, &record?, None));
    let (readable, outcomes) = sorted(read.collect());
    let costs: Vec<Cost> = readable.into_iter().map(|(_, cost)| cost).collect();
    let amounts: Vec<_> = costs.iter().map(|cost| (cost.money, cost.period.from)).collect();
    let converted = context.in_own_currency(work, &amounts).await?;
    let rows: Vec<(Cost, [u8; 32])> = costs
        .into_iter()
        .zip(converted)
        .map(|(cost, base_minor)| (said.hash_of(&cost), Cost { base_minor, ..cost }))
        .map(|(hash, cost)| (cost, hash))
        .collect();
    let new = work.costs_bring(&rows, bringing).await?;
    let put = |(cost, _): &(Cost, _)| Ok(if new.contains(&cost.id) { Put::New } else { Put::Same });
    Ok(filled(outcomes, rows.iter().map(put)))
}
