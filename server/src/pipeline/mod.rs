//! The pipeline coming in: leads, campaigns, deals and what channels cost, by programs, by files and by hand.
//!
//! Whoever brings something, [`record`] reads it and `leads`, `campaigns`, `deals` and `costs` take many records at
//! once, each with an outcome of its own. [`once`] has what is told again under a key answered as before; [`import`]
//! reads files piece by piece. To bring in something new: its fields, a reader, and a way to take many.

mod campaigns;
mod cost_answers;
mod cost_files;
mod costs;
mod deals;
mod events;
mod foresight;
mod import;
mod leads;
mod links;
mod mapping;
mod once;
mod record;
mod templates;
mod uploads;

use domain::access::Viewer;
use domain::channel::ChannelList;
use domain::ids::TenantId;
use domain::importing::ImportKind;
use domain::money::Money;
use domain::tenant::Tenant;
use jiff::Timestamp;
use jiff::civil::Date;
use store::leads::{Bringing, Put};
use store::work::TenantWork;
use store::{Store, StoreError};

use crate::accounts::Refusal;
use crate::clock::Clock;

use cost_files::RowsSaid;

pub(crate) use cost_answers::{cost_as_json, monthly_as_json};
pub(crate) use costs::FIELDS as COST_FIELDS;
pub use costs::{Changed, CostsAsked, CostsPage};
pub use events::EventOutcome;
pub(crate) use events::answer_to_events;
pub use import::{FileToImport, ImportError, Imported, Progress, Source, Undone, source_of};
pub use mapping::Mapping;
pub(crate) use mapping::fields_of;
pub use once::{Answer, Once};
pub(crate) use record::Record;
pub use uploads::{MOST_BYTES, Receiving, Uploaded};

/// The most things one call brings.
pub const MOST_AT_ONCE: usize = 1_000;

/// What the pipeline is brought in with.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Where it is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
}

/// Whose pipeline something is brought into, and when.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) tenant: Tenant,
    pub(crate) channels: ChannelList,
    pub(crate) now: Timestamp,
}

/// What became of one record.
pub(crate) type Taken = Result<Put, Refusal>;

impl Pipeline {
    pub(crate) async fn context(&self, tenant: TenantId) -> Result<Context, Refusal> {
        let channels = self.store.channels_of(tenant).await?;
        let tenant = self.store.tenant_by_id(tenant).await?.ok_or(Refusal::NotFound)?;
        Ok(Context { tenant, channels, now: self.clock.now() })
    }

    /// Takes in what a program says of one thing, once under its key.
    pub(crate) async fn put_one(
        &self,
        viewer: &Viewer,
        kind: ImportKind,
        record: Result<Record, Refusal>,
        once: &Once,
    ) -> Result<Answer, Refusal> {
        viewer.require(domain::access::Permission::Act)?;
        let context = self.context(viewer.tenant).await?;
        let mut work = self.store.within(viewer.tenant).await?;
        if let Some(answer) = once.answered_before(&mut work).await? {
            return Ok(answer);
        }
        let reference = record.as_ref().ok().and_then(Record::reference);
        let taken = context.take(&mut work, kind, vec![record], Bringing::at(context.now)).await?;
        let put = taken.into_iter().next().unwrap_or(Err(Refusal::NotFound))?;
        let body = context.shown(&mut work, kind, reference.as_ref()).await?;
        let answer = Answer { status: if put == Put::New { 201 } else { 200 }, body };
        once.keep(&mut work, &answer, context.now).await?;
        work.commit().await?;
        Ok(answer)
    }

    /// Takes in what a program says of many leads, once under its key.
    pub(crate) async fn put_leads(
        &self,
        viewer: &Viewer,
        records: Vec<Result<Record, Refusal>>,
        once: &Once,
    ) -> Result<Answer, Refusal> {
        viewer.require(domain::access::Permission::Act)?;
        let context = self.context(viewer.tenant).await?;
        let mut work = self.store.within(viewer.tenant).await?;
        if let Some(answer) = once.answered_before(&mut work).await? {
            return Ok(answer);
        }
        let references: Vec<Option<String>> =
            records.iter().map(|record| record.as_ref().ok().and_then(Record::reference_text)).collect();
        let bringing = Bringing::at(context.now);
        let taken = context.take(&mut work, ImportKind::Leads, records, bringing).await?;
        let answer = once::answer_to_many(&references, &taken);
        once.keep(&mut work, &answer, context.now).await?;
        work.commit().await?;
        Ok(answer)
    }
}

impl Context {
    /// Takes many records in, one after the other; each has an outcome of its own.
    pub(crate) async fn take(
        &self,
        work: &mut TenantWork,
        kind: ImportKind,
        records: Vec<Result<Record, Refusal>>,
        bringing: Bringing,
    ) -> Result<Vec<Taken>, StoreError> {
        match kind {
            ImportKind::Leads => leads::take(self, work, records, bringing).await,
            ImportKind::Campaigns => campaigns::take(self, work, records, bringing).await,
            ImportKind::Deals => deals::take(self, work, records, bringing).await,
            ImportKind::Costs => {
                cost_files::take(self, work, records, bringing, &mut RowsSaid::default()).await
            }
            ImportKind::Links => links::take(self, work, records, bringing).await,
        }
    }

    /// How something that was taken in stands now.
    async fn shown(
        &self,
        work: &mut TenantWork,
        kind: ImportKind,
        reference: Option<&(String, String)>,
    ) -> Result<serde_json::Value, Refusal> {
        let Some((connector, external_id)) = reference else { return Ok(serde_json::Value::Null) };
        Ok(match kind {
            ImportKind::Leads => leads::shown(work, external_id).await?,
            ImportKind::Campaigns => campaigns::shown(work, connector, external_id).await?,
            ImportKind::Deals => deals::shown(work, external_id).await?,
            ImportKind::Costs | ImportKind::Links => serde_json::Value::Null,
        })
    }

    /// What amounts of these UTC days are in the tenant's currency, where a rate is known.
    pub(crate) async fn in_own_currency(
        &self,
        work: &mut TenantWork,
        amounts: &[(Money, Date)],
    ) -> Result<Vec<Option<i64>>, StoreError> {
        let own = self.tenant.currency;
        let foreign = amounts.iter().filter(|(money, _)| money.currency != own);
        let mut currencies: Vec<_> = foreign.clone().map(|(money, _)| money.currency).chain([own]).collect();
        currencies.sort_unstable();
        currencies.dedup();
        let (first, last) = (foreign.clone().map(|(_, day)| *day).min(), foreign.map(|(_, day)| *day).max());
        let book = match first.zip(last) {
            None => domain::exchange::RateBook::default(),
            Some((first, last)) => {
                domain::exchange::RateBook::of(work.rates_between(&currencies, first, last).await?)
            }
        };
        Ok(amounts.iter().map(|(money, day)| book.convert(*money, own, *day)).collect())
    }
}

/// What was read apart from what was refused: the readable ones with their places, and an outcome for every place.
pub(crate) fn sorted<T>(read: Vec<Result<T, Refusal>>) -> (Vec<(usize, T)>, Vec<Option<Taken>>) {
    let mut outcomes: Vec<Option<Taken>> = Vec::with_capacity(read.len());
    let mut readable = Vec::with_capacity(read.len());
    for (place, read) in read.into_iter().enumerate() {
        match read {
            Ok(thing) => {
                readable.push((place, thing));
                outcomes.push(None);
            }
            Err(refusal) => outcomes.push(Some(Err(refusal))),
        }
    }
    (readable, outcomes)
}

/// The outcomes of every place, with those of the readable ones filled in, in their order.
pub(crate) fn filled(outcomes: Vec<Option<Taken>>, readable: impl IntoIterator<Item = Taken>) -> Vec<Taken> {
    let mut readable = readable.into_iter();
    let taken = outcomes.into_iter().map(|outcome| outcome.or_else(|| readable.next()));
    taken.map(|outcome| outcome.unwrap_or(Ok(Put::Same))).collect()
}
