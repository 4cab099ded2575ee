//! New exchange rates: the ledger's foreign money is converted again, a few payments of each tenant at a time.
//!
//! How far it has come is written down with the rates in the same transaction, so a program that was killed goes
//! on from there.

use std::collections::BTreeSet;

use domain::channel::ChannelList;
use domain::exchange::RateBook;
use domain::ids::TenantId;
use domain::money::Currency;
use domain::tenant::Tenant;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::StoreError;
use store::applying::Batch;
use store::channel_costs::Foreign;

use super::payments::Touched;
use super::subscriptions::ask_after_rates;
use super::{Applier, Causes, LedgerChanged, Settled, settle_payments};

/// How many payments one transaction converts.
const AT_ONCE: i64 = 500;

impl Applier {
    /// Converts some of what new rates wait for, for every tenant; returns for how many there was something.
    pub(super) async fn settle_new_rates(&self) -> Result<usize, StoreError> {
        let mut busy = 0;
        for id in self.store.tenants_with_unsettled_rates().await? {
            match self.settle_rates_of(id).await {
                Ok(did) => busy += usize::from(did),
                Err(error) => tracing::error!(%error, tenant = %id, "new rates could not be settled"),
            }
        }
        Ok(busy)
    }

    async fn settle_rates_of(&self, id: TenantId) -> Result<bool, StoreError> {
        let Some(tenant) = self.store.tenant_by_id(id).await? else { return Ok(false) };
        let Some(mut batch) = self.begin(id).await? else { return Ok(false) };
        let channels = batch.channels().await?;
        let Some(waiting) = batch.unsettled_rates().await? else { return Ok(false) };
        let days = (waiting.first_day, waiting.last_day);
        let names = batch.foreign_payments(tenant.currency, days, &waiting.settled_up_to, AT_ONCE).await?;
        let ledger_changed = match names.last() {
            Some(last) => {
                batch.rates_settled_up_to(&waiting.ids, last).await?;
                self.convert(&mut batch, &tenant, &channels, &names).await?
            }
            None => {
                convert_pipeline(&mut batch, tenant.currency, days).await?;
                batch.rates_settled(&waiting.ids, self.clock.now()).await?;
                ask_after_rates(&mut batch, &waiting.ids, self.clock.now()).await?;
                false
            }
        };
        batch.commit().await?;
        if ledger_changed {
            let _ = self.changes.send(LedgerChanged(id));
        }
        Ok(true)
    }

    /// Settles payments again, which converts what differs.
    async fn convert(
        &self,
        batch: &mut Batch,
        tenant: &Tenant,
        channels: &ChannelList,
        names: &[String],
    ) -> Result<bool, StoreError> {
        let named = batch.payments_named(names).await?;
        let payments = Touched::known(named.into_values());
        settle_payments(batch, tenant, channels, payments, &Causes::default(), self.clock.now()).await
    }
}

/// Converts what channels cost and deals are worth again, where that differs.
async fn convert_pipeline(batch: &mut Batch, own: Currency, days: (Date, Date)) -> Result<(), StoreError> {
    let costs = batch.costs_foreign(own, days).await?;
    let converted = differing(batch, own, days, costs).await?;
    batch.costs_convert(&converted).await?;
    let deals = batch.deals_foreign(own, days).await?;
    let converted = differing(batch, own, days, deals).await?;
    batch.deals_convert(&converted).await
}

/// What is otherwise in the tenant's currency than was written down.
async fn differing(
    batch: &mut Batch,
    own: Currency,
    days: (Date, Date),
    foreign: Vec<Foreign>,
) -> Result<Vec<Foreign>, StoreError> {
    let currencies: BTreeSet<Currency> =
        foreign.iter().map(|foreign| foreign.money.currency).chain([own]).collect();
    let currencies: Vec<Currency> = currencies.into_iter().collect();
    let book = RateBook::of(batch.rates_between(&currencies, days.0, days.1).await?);
    let converted = foreign.into_iter().filter_map(|foreign| {
        let base_minor = book.convert(foreign.money, own, foreign.day);
        (base_minor != foreign.base_minor).then_some(Foreign { base_minor, ..foreign })
    });
    Ok(converted.collect())
}

/// The rates that what was settled is converted by.
pub(super) async fn rates_for(
    batch: &mut Batch,
    tenant: &Tenant,
    settled: &[Settled],
) -> Result<RateBook, StoreError> {
    let foreign = || {
        let movements = settled.iter().flat_map(|payment| &payment.movements);
        movements.filter(|movement| movement.money.currency != tenant.currency)
    };
    let days = foreign().map(|movement| utc_day(movement.occurred_at));
    let (Some(first), Some(last)) = (days.clone().min(), days.max()) else { return Ok(RateBook::default()) };
    let mut currencies: BTreeSet<Currency> = foreign().map(|movement| movement.money.currency).collect();
    currencies.insert(tenant.currency);
    let currencies: Vec<Currency> = currencies.into_iter().collect();
    Ok(RateBook::of(batch.rates_between(&currencies, first, last).await?))
}

/// The day whose rates count: Stripe's days are UTC's.
pub(super) fn utc_day(moment: Timestamp) -> Date {
    moment.to_zoned(TimeZone::UTC).date()
}
