//! What tools send of their own accord: verified, kept once, and only then made something of.

use std::collections::BTreeSet;

use connectors::Touch;
use connectors::webhooks::{self, Happening, Reader, TOKEN_HEADER, TokenPlace};
use credentials::tokens::Token;
use domain::connection::{ConnectionState, Tool};
use domain::ids::TenantId;
use domain::importing::ImportKind;
use serde_json::Value;
use store::leads::Bringing;
use store::webhook_deliveries::{DeliveryOutcome, PendingDelivery};
use store::work::TenantWork;

use super::taking::take_touches;
use super::{Connections, SyncError};
use crate::applier::Applier;
use crate::pipeline::{Context, Record};

/// How many deliveries are looked at in one go.
const AT_ONCE: i64 = 50;

/// That a delivery is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whose it is.
    pub tenant: TenantId,
    /// From which tool.
    pub tool: Tool,
    /// Whether it was known.
    pub is_duplicate: bool,
}

impl Connections {
    /// The tenant a tool may tell of things, when what it repeats is the token it was given for that.
    pub async fn listening(
        &self,
        tool: Tool,
        slug: &str,
        from_address: Option<&str>,
        header: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<TenantId>, SyncError> {
        let Some(reader) = webhooks::of(tool) else { return Ok(None) };
        let Some(tenant) = self.accounts.store.tenant_id_by_slug(slug).await? else { return Ok(None) };
        let connection = self.accounts.store.within(tenant).await?.connection_of(tool).await?;
        let connection = connection.filter(|connection| connection.state != ConnectionState::Disconnected);
        let Some(expected) = connection.and_then(|connection| connection.webhook_token_hash) else {
            return Ok(None);
        };
        let given = match reader.token_place() {
            TokenPlace::Address => from_address.map(str::to_owned),
            TokenPlace::Header => header(TOKEN_HEADER),
        };
        let given = given.and_then(|given| Token::read(&given)).map(|token| token.hash());
        let is_it = given.is_some_and(|given| is_same(given.as_bytes(), &expected));
        Ok(is_it.then_some(tenant))
    }

    /// Keeps a delivery, once.
    pub async fn keep_delivery(&self, tenant: TenantId, tool: Tool, body: &Value) -> Result<Kept, SyncError> {
        let reader = webhooks::of(tool).ok_or(SyncError::NothingToRead(tool))?;
        let mut work = self.accounts.store.within(tenant).await?;
        let is_new = work.delivery_keep(tool, &reader.key(body), body, self.accounts.clock.now()).await?;
        work.commit().await?;
        Ok(Kept { tenant, tool, is_duplicate: !is_new })
    }

    /// Makes something of what is kept, in the background, and tells who watches the tenant.
    pub fn digest_soon(&self, kept: Kept, applier: Applier) {
        let connections = self.clone();
        tokio::spawn(async move {
            if let Err(error) = connections.digest(kept.tenant, kept.tool, false).await {
                tracing::error!(%error, tenant = %kept.tenant, "what a tool sent waits for the next sync");
            }
            applier.wake();
            applier.announce(kept.tenant);
        });
    }

    /// Makes something of what a tool sent. What tells of a campaign that is not known yet waits, until its campaigns were
    /// read.
    pub(super) async fn digest(
        &self,
        tenant: TenantId,
        tool: Tool,
        campaigns_are_known: bool,
    ) -> Result<(), SyncError> {
        let Some(reader) = webhooks::of(tool) else { return Ok(()) };
        let context = self.pipeline.context(tenant).await?;
        let mut waiting = BTreeSet::new();
        loop {
            let mut work = self.accounts.store.within(tenant).await?;
            let pending = work.deliveries_pending(tool, AT_ONCE).await?;
            let new: Vec<PendingDelivery> =
                pending.into_iter().filter(|delivery| !waiting.contains(&delivery.key)).collect();
            if new.is_empty() {
                return Ok(());
            }
            for delivery in new {
                let outcome = digested(&context, &mut work, tool, reader, &delivery).await?;
                let outcome = match outcome {
                    None if !campaigns_are_known => {
                        waiting.insert(delivery.key);
                        continue;
                    }
                    None => DeliveryOutcome::Rejected("its campaign is not known".to_owned()),
                    Some(outcome) => outcome,
                };
                work.delivery_read(tool, &delivery.key, &outcome, self.accounts.clock.now()).await?;
            }
            work.commit().await?;
        }
    }
}

/// What comes of a delivery; `None` when its campaign is not known.
async fn digested(
    context: &Context,
    work: &mut TenantWork,
    tool: Tool,
    reader: &dyn Reader,
    delivery: &PendingDelivery,
) -> Result<Option<DeliveryOutcome>, SyncError> {
    let happenings = match reader.read(&delivery.body, delivery.received_at) {
        Ok(happenings) => happenings,
        Err(reason) => return Ok(Some(DeliveryOutcome::Rejected(reason))),
    };
    let (mut touches, mut campaigns, mut why): (Vec<Touch>, _, _) = (Vec::new(), Vec::new(), None);
    for happening in happenings {
        match happening {
            Happening::Touch(touch) => touches.push(*touch),
            Happening::Campaign { id, state } => campaigns.push((id, state)),
            Happening::Nothing { why: reason } => why = Some(reason),
        }
    }
    if let Some(why) = why.filter(|_| touches.is_empty() && campaigns.is_empty()) {
        return Ok(Some(DeliveryOutcome::Nothing(why.to_owned())));
    }
    let named = touches.iter().filter_map(|touch| touch.campaign.clone());
    let named: BTreeSet<String> = named.chain(campaigns.iter().map(|(id, _)| id.clone())).collect();
    let named: Vec<String> = named.into_iter().collect();
    if work.campaigns_of(tool.word(), &named).await?.len() < named.len() {
        return Ok(None);
    }
    let taken = take_touches(context, work, tool, &touches).await?;
    let records = campaigns.into_iter().map(|(id, state)| {
        Ok(Record::of_cells([
            ("external_id".to_owned(), id),
            ("connector".to_owned(), tool.word().to_owned()),
            ("state".to_owned(), state.word().to_owned()),
        ]))
    });
    let bringing = Bringing::at(context.now);
    context.take(work, ImportKind::Campaigns, records.collect(), bringing).await?;
    let first = taken.rejections.into_iter().next();
    Ok(Some(first.map_or(DeliveryOutcome::Applied, |first| DeliveryOutcome::Rejected(first.reason))))
}

/// Compares hashes without telling by the time it takes where they differ.
fn is_same(given: &[u8], expected: &[u8]) -> bool {
    let differences = given.iter().zip(expected).fold(0, |sum, (given, expected)| sum | (given ^ expected));
    given.len() == expected.len() && differences == 0
}
