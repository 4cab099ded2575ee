//! Opening the database: the one DATABASE_URL names, or one of our own.

use std::time::Duration;

use cluster::{Cluster, ClusterError, Settings};
use domain::attribution::Order;
use domain::channel::{Channel, ChannelSlug};
use domain::ids::TenantId;
use domain::money::Currency;
use domain::period::WeekStart;
use domain::tenant::{Economics, Tenant};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{Entry, Store, StoreError};
use uuid::Uuid;

use crate::config::DatabaseConfig;

/// How long answers on their way are waited for when the database is closed.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// An open database, and the PostgreSQL it runs in when that is ours.
#[derive(Debug)]
pub struct Database {
    /// The way to it.
    pub store: Store,
    cluster: Option<Cluster>,
}

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Our own PostgreSQL would not run.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// It is not reachable, or refused.
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl Database {
    /// Opens it, starting our own PostgreSQL when no other is configured.
    pub async fn open(config: &DatabaseConfig) -> Result<Self, DatabaseError> {
        if let Some(url) = &config.database_url {
            return Ok(Self { store: Store::connect(url.reveal(), Entry::SwitchRole).await?, cluster: None });
        }
        let cluster = Cluster::start(Settings::new(&config.data_dir)).await?;
        match Store::connect(&cluster.database_url(), Entry::Login).await {
            Ok(store) => Ok(Self { store, cluster: Some(cluster) }),
            Err(error) => {
                cluster.stop().await;
                Err(error.into())
            }
        }
    }

    /// Which PostgreSQL it is.
    #[must_use]
    pub fn description(&self) -> String {
        match &self.cluster {
            Some(cluster) => format!("our own PostgreSQL {}", cluster.installation().version()),
            None => "the PostgreSQL DATABASE_URL names".to_owned(),
        }
    }

    /// Closes connections and stops our own PostgreSQL.
    pub async fn close(self) {
        // A question that is still being answered keeps its connection; nobody waits for the answer any more.
        let _ = tokio::time::timeout(LAST_ANSWERS, self.store.close()).await;
        if let Some(cluster) = self.cluster {
            cluster.stop().await;
        }
    }
}

/// Makes sure that some tenant takes the events that name none.
pub async fn ensure_default_tenant(store: &Store, now: Timestamp) -> Result<Tenant, StoreError> {
    if let Some(tenant) = store.tenant_default().await? {
        return Ok(tenant);
    }
    let tenant = tenant("default", "My company");
    store.tenant_insert(&tenant, &common_channels(), now).await?;
    Ok(store.tenant_default().await?.unwrap_or(tenant))
}

/// A tenant with the usual settings; its id follows from its short name.
#[must_use]
pub fn tenant(slug: &str, name: &str) -> Tenant {
    Tenant {
        id: TenantId(Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("command-center tenant {slug}").as_bytes())),
        slug: slug.to_owned(),
        name: name.to_owned(),
        currency: Currency::USD,
        timezone: TimeZone::UTC,
        week_start: WeekStart::Monday,
        economics: Economics::default(),
        definition: &domain::definition::Definition::STRIPE,
        attribution_order: Order::default(),
        version: 1,
    }
}

/// The channels a new tenant begins with.
#[must_use]
pub fn common_channels() -> Vec<Channel> {
    channels_named([
        ("heyreach", "HeyReach"),
        ("plusvibe", "PlusVibe"),
        ("meta_ads", "Meta ads"),
        ("organic", "Organic"),
        ("referral", "Referral"),
        ("linkedin", "LinkedIn"),
    ])
}

/// Channels by short name and name, in that order and in the palette's colours.
pub fn channels_named<'a>(named: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Channel> {
    (1u8..)
        .zip(named)
        .map(|(color, (slug, name))| Channel {
            place: i32::from(color),
            ..Channel::new(ChannelSlug::stored(slug.to_owned()), name, color)
        })
        .collect()
}
