//! Reading a tool: its campaigns, their people, and what happened with them.
//!
//! Each list is walked page by page. What a page comes to, what could not be taken of it and the cursor behind it are one
//! transaction, so whoever is killed goes on with the page that was not finished. Asking is done outside of it.

use connectors::{Capabilities, Capability, Connector, Cursor, Failure, Next, Page};
use domain::campaign::CampaignState;
use domain::connection::{SyncState, Tool};
use domain::ids::{SyncId, TenantId};
use serde_json::Value;
use store::synced_objects::SyncedCampaign;
use store::syncs::{ListPlace, Sync, SyncCounts, SyncRejection};
use store::work::TenantWork;

use super::taking::{Came, Taken};
use super::{Connections, SyncError};
use crate::accounts::Accounts;
use crate::actions::settle_told;
use crate::chance::new_id;
use crate::pipeline::Context;

/// A list of a tool's.
#[derive(Clone, Debug, PartialEq, Eq)]
enum List {
    Campaigns,
    People(String),
    Touches(Option<String>),
}

impl List {
    /// The name it is kept under.
    fn name(&self) -> String {
        match self {
            Self::Campaigns => "campaigns".to_owned(),
            Self::People(campaign) => format!("people:{campaign}"),
            Self::Touches(None) => "touches".to_owned(),
            Self::Touches(Some(campaign)) => format!("touches:{campaign}"),
        }
    }

    const fn needs(&self) -> Capability {
        match self {
            Self::Campaigns => Capability::ReadCampaigns,
            Self::People(_) => Capability::ReadPeople,
            Self::Touches(_) => Capability::ReadTouches,
        }
    }

    /// The campaign it belongs to, which may be gone by the time it is asked for.
    const fn campaign(&self) -> Option<&String> {
        match self {
            Self::Campaigns | Self::Touches(None) => None,
            Self::People(campaign) | Self::Touches(Some(campaign)) => Some(campaign),
        }
    }
}

/// A reading of a tool.
struct Reading<'a> {
    connections: &'a Connections,
    connector: Box<dyn Connector>,
    capabilities: Capabilities,
    context: Context,
    tenant: TenantId,
    tool: Tool,
    sync: SyncId,
}

impl Connections {
    /// Reads a tool of a tenant, and says what came of it. One at a time: while somebody else reads it, it is busy. What
    /// was interrupted goes on where it was.
    pub async fn sync_one(&self, tenant: TenantId, tool: Tool, by: &str) -> Result<Sync, SyncError> {
        if !tool.reaches_people() {
            return Err(SyncError::NothingToRead(tool));
        }
        let lock = self.accounts.store.sync_lock(tenant, tool).await?.ok_or(SyncError::Busy)?;
        let outcome = self.sync_held(tenant, tool, by).await;
        lock.release().await?;
        outcome
    }

    async fn sync_held(&self, tenant: TenantId, tool: Tool, by: &str) -> Result<Sync, SyncError> {
        let connection = match self.make_sure(tenant, tool, by).await {
            Ok(connection) => connection,
            Err(error) => return self.ended_before_it_began(tenant, tool, by, error).await,
        };
        let sync = self.begun(tenant, tool, by).await?;
        let outcome = match self.reading(tenant, tool, sync, &connection.capabilities).await {
            Ok(reading) => reading.read().await,
            Err(error) => Err(error),
        };
        self.end(tenant, sync, outcome.as_ref().err()).await?;
        if let Err(error) = outcome {
            self.note_problem(tenant, connection, &error).await?;
            return Err(error);
        }
        let newest = self.accounts.store.within(tenant).await?.syncs(Some(tool), 1).await?;
        newest.into_iter().next().ok_or(SyncError::Ended)
    }

    async fn reading(
        &self,
        tenant: TenantId,
        tool: Tool,
        sync: SyncId,
        capabilities: &Value,
    ) -> Result<Reading<'_>, SyncError> {
        Ok(Reading {
            connections: self,
            connector: self.connector(tenant, tool).await?,
            // What was found out in words of an older program is found out again by trying.
            capabilities: serde_json::from_value(capabilities.clone())
                .unwrap_or_else(|_| Capabilities::all(Capability::OF_CONNECTORS)),
            context: self.pipeline.context(tenant).await?,
            tenant,
            tool,
            sync,
        })
    }

    /// A tool that cannot be asked was not read, and the page says why.
    async fn ended_before_it_began(
        &self,
        tenant: TenantId,
        tool: Tool,
        by: &str,
        error: SyncError,
    ) -> Result<Sync, SyncError> {
        let is_known = self.accounts.store.within(tenant).await?.connection_of(tool).await?.is_some();
        if is_known {
            let sync = self.begun(tenant, tool, by).await?;
            self.end(tenant, sync, Some(&error)).await?;
        }
        Err(error)
    }

    /// The reading that was interrupted, or a new one.
    async fn begun(&self, tenant: TenantId, tool: Tool, by: &str) -> Result<SyncId, SyncError> {
        let mut work = self.accounts.store.within(tenant).await?;
        let newest = work.syncs(Some(tool), 1).await?;
        if let Some(running) = newest.into_iter().find(|sync| sync.state == SyncState::Running) {
            return Ok(running.id);
        }
        let id = SyncId(new_id());
        work.sync_begin(id, tool, by, self.accounts.clock.now()).await?;
        work.commit().await?;
        Ok(id)
    }

    async fn end(&self, tenant: TenantId, sync: SyncId, error: Option<&SyncError>) -> Result<(), SyncError> {
        let problem = error.map(ToString::to_string);
        let mut work = self.accounts.store.within(tenant).await?;
        work.sync_end(sync, problem.as_deref(), self.accounts.clock.now()).await?;
        Ok(work.commit().await?)
    }
}

impl Reading<'_> {
    /// People come before what happened with them, so that each is known since they came.
    async fn read(&self) -> Result<(), SyncError> {
        self.read_campaigns().await?;
        let campaigns = self.within().await?.synced_campaigns(self.tool).await?;
        for campaign in &campaigns {
            if !self.is_over(campaign).await? {
                self.walk(&List::People(campaign.external_id.clone())).await?;
            }
        }
        if self.connector.tells_touches_by_campaign() {
            for campaign in campaigns {
                self.walk(&List::Touches(Some(campaign.external_id))).await?;
            }
        } else {
            self.walk(&List::Touches(None)).await?;
        }
        self.connections.digest(self.tenant, self.tool, true).await?;
        let mut work = self.within().await?;
        work.people_advance(self.tool, self.connections.accounts.clock.now()).await?;
        Ok(work.commit().await?)
    }

    /// How campaigns stand settles what was asked for and nobody knows the outcome of.
    async fn read_campaigns(&self) -> Result<(), SyncError> {
        let Accounts { store, clock, .. } = &self.connections.accounts;
        let since = clock.now();
        self.walk(&List::Campaigns).await?;
        Ok(settle_told(store, self.tenant, self.tool, since, clock.now()).await?)
    }

    async fn within(&self) -> Result<TenantWork, SyncError> {
        Ok(self.connections.accounts.store.within(self.tenant).await?)
    }

    /// Whether nobody can have come to a campaign since its people were read.
    async fn is_over(&self, campaign: &SyncedCampaign) -> Result<bool, SyncError> {
        let list = List::People(campaign.external_id.clone()).name();
        let place = self.within().await?.list_place(self.tool, &list).await?;
        let walked = place.and_then(|place| place.walked);
        Ok(campaign.state == CampaignState::Finished
            && walked.is_some_and(|(_, walked_at)| walked_at > campaign.changed_at))
    }

    /// Walks a list to its end, from where it was left.
    async fn walk(&self, list: &List) -> Result<(), SyncError> {
        if !self.capabilities.can(list.needs()) {
            return Ok(());
        }
        let name = list.name();
        let stored = self.within().await?.list_place(self.tool, &name).await?;
        let mut place = stored.unwrap_or_else(|| ListPlace { list: name, ..ListPlace::default() });
        if place.walked.is_some_and(|(by, _)| by == self.sync) {
            return Ok(());
        }
        let mut is_resumed = place.place.is_some();
        loop {
            let (came, next) = match self.ask(list, &place).await {
                Ok(answer) => answer,
                // A place that is known no more is left, once.
                Err(Failure::Refused { status: 400..=499, .. } | Failure::Impossible { .. })
                    if is_resumed =>
                {
                    (is_resumed, place.place) = (false, None);
                    continue;
                }
                Err(failure) => return self.without(list, place, failure).await,
            };
            self.step(&mut place, next);
            self.keep(&came, &place).await?;
            if place.place.is_none() {
                return Ok(());
            }
        }
    }

    async fn ask(&self, list: &List, place: &ListPlace) -> Result<(Came, Next), Failure> {
        let after = place.place.as_ref().or(place.since.as_ref()).map(Cursor::stored);
        let (after, connector) = (after.as_ref(), &self.connector);
        Ok(match list {
            List::Campaigns => split(connector.campaigns(after).await?, Came::Campaigns),
            List::People(campaign) => split(connector.people(campaign, after).await?, Came::People),
            List::Touches(campaign) => {
                split(connector.touches(campaign.as_deref(), after).await?, Came::Touches)
            }
        })
    }

    fn step(&self, place: &mut ListPlace, next: Next) {
        match next {
            Next::More(cursor) => place.place = Some(cursor.as_str().to_owned()),
            Next::Done { since } => {
                place.place = None;
                place.since = since.map(|since| since.as_str().to_owned());
                place.walked = Some((self.sync, self.connections.accounts.clock.now()));
            }
        }
    }

    /// Takes a page in, and writes down how far the list was read: both or neither.
    async fn keep(&self, came: &Came, place: &ListPlace) -> Result<(), SyncError> {
        let now = self.connections.accounts.clock.now();
        let mut work = self.within().await?;
        let context = Context { now, ..self.context.clone() };
        let Taken { counts, rejections } = came.take(&context, &mut work, self.tool).await?;
        if !work.sync_add(self.sync, counts, &rejections, now).await? {
            return Err(SyncError::Ended);
        }
        work.list_place_put(self.tool, place).await?;
        Ok(work.commit().await?)
    }

    /// Goes on without a campaign's list that the tool refuses, which is written down. Everything else ends the reading.
    async fn without(&self, list: &List, mut place: ListPlace, failure: Failure) -> Result<(), SyncError> {
        let is_refused = matches!(&failure, Failure::Refused { status, .. } if *status < 500);
        let Some(campaign) = list.campaign().filter(|_| is_refused && !failure.is_about_the_key()) else {
            return Err(failure.into());
        };
        let since = place.since.as_ref().map(Cursor::stored);
        self.step(&mut place, Next::Done { since });
        let rejection = SyncRejection {
            object: "list".to_owned(),
            reference: Some(campaign.clone()),
            reason: failure.to_string(),
            raw: Value::Null,
        };
        let now = self.connections.accounts.clock.now();
        let mut work = self.within().await?;
        let counts = SyncCounts { rejected: 1, ..SyncCounts::default() };
        if !work.sync_add(self.sync, counts, &[rejection], now).await? {
            return Err(SyncError::Ended);
        }
        work.list_place_put(self.tool, &place).await?;
        Ok(work.commit().await?)
    }
}

fn split<T>(page: Page<T>, came: impl Fn(Vec<T>, Vec<connectors::Rejected>) -> Came) -> (Came, Next) {
    (came(page.items, page.rejected), page.next)
}
