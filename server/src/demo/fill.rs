//! Pushes the demo's events through the real intake and applies them.

use std::collections::BTreeSet;
use std::fmt;

use domain::attribution::normalise_email;
use domain::lead::{StageFact, Told};
use domain::tenant::Tenant;
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::{Timestamp, ToSpan};
use store::leads::{Bringing, LeadTold};
use store::{Store, StoreError};

use super::{DemoEvent, DemoLead, DemoPlan, demo_channels, demo_events, demo_leads, pipeline};
use crate::applier::Applier;
use crate::clock::Clock;
use crate::database::{channels_named, tenant};
use crate::intake::{Intake, IntakeError};
use crate::stripe::signature::{SigningSecrets, sign};

/// Signed like any other event, but only ever inside this process.
const DEMO_SECRET: &str = "whsec_demo";

/// Events on their way at once; PostgreSQL makes those durable together.
const AT_ONCE: usize = 16;

/// Leads brought in by one transaction.
const LEADS_AT_ONCE: usize = 2_000;

/// What the demo tenant holds now.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// The tenant.
    pub tenant: Tenant,
    /// How many events the demo has up to now.
    pub events: usize,
    /// How many of them are new.
    pub new_events: usize,
    /// How many leads it has.
    pub leads: usize,
}

impl fmt::Display for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, events, new_events, leads } = self;
        write!(
            f,
            "Demo tenant {} holds {events} Stripe events ({new_events} new) and {leads} leads.",
            tenant.name
        )
    }
}

/// How far back a demo company's story goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Company {
    /// Its short name.
    pub slug: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Months before this one.
    pub months: i64,
}

/// The company with a whole year.
pub const NORTHWIND: Company = Company { slug: "northwind", name: "Northwind GTM (demo)", months: 12 };

/// A younger one, to see that nobody sees the other's.
pub const SOUTHWIND: Company = Company { slug: "southwind", name: "Southwind Labs (demo)", months: 3 };

/// Fills a demo company with the months up to now, or with what is missing of them.
pub async fn fill(store: &Store, clock: Clock, company: Company) -> Result<Filled, IntakeError> {
    let now = clock.now();
    let tenant = tenant(company.slug, company.name);
    store.tenant_insert(&tenant, &channels_named(demo_channels()), now).await?;
    let since = tenant.date_of(now).saturating_sub(company.months.months()).first_of_month();
    let plan = DemoPlan { since, until: now };
    let leads = demo_leads(&plan);
    bring_in_leads(store, &tenant, &leads, now).await?;
    pipeline::bring_in(store, &tenant, &plan, &leads).await?;
    let events = demo_events(&plan);
    let missing = missing_events(store, &tenant, &events).await?;
    push_events(store, clock, &tenant, &missing).await?;
    Applier::new(store.clone(), clock).apply_all().await?;
    Ok(Filled { tenant, events: events.len(), new_events: missing.len(), leads: leads.len() })
}

async fn bring_in_leads(
    store: &Store,
    tenant: &Tenant,
    leads: &[DemoLead],
    now: Timestamp,
) -> Result<(), StoreError> {
    for chunk in leads.chunks(LEADS_AT_ONCE) {
        let told: Vec<LeadTold> = chunk.iter().map(|lead| told(tenant, lead)).collect();
        store.leads_put(tenant.id, &told, Bringing::at(now)).await?;
    }
    Ok(())
}

fn told(tenant: &Tenant, lead: &DemoLead) -> LeadTold {
    let (owner, value) = pipeline::owner_and_value(lead);
    let facts = lead.history.iter().map(|(stage, at)| StageFact { entered_at: *at, stage: *stage });
    LeadTold {
        email: normalise_email(&lead.email).into(),
        company: Told::Is(lead.company.clone()),
        owner,
        value,
        source: Some(lead.source.to_owned()),
        facts: facts.collect(),
        created_at: Some(lead.created_at),
        ..LeadTold::of(pipeline::lead_id(tenant, lead), lead.external_id.clone())
    }
}

async fn missing_events<'a>(
    store: &Store,
    tenant: &Tenant,
    events: &'a [DemoEvent],
) -> Result<Vec<&'a DemoEvent>, StoreError> {
    let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
    let known: BTreeSet<String> = store.stripe_events_known(tenant.id, &ids).await?.into_iter().collect();
    Ok(events.iter().filter(|event| !known.contains(&event.id)).collect())
}

async fn push_events(
    store: &Store,
    clock: Clock,
    tenant: &Tenant,
    events: &[&DemoEvent],
) -> Result<(), IntakeError> {
    let secrets = SigningSecrets::exactly(vec![DEMO_SECRET.to_owned()]);
    let intake = Intake { store: store.clone(), clock, secrets };
    stream::iter(events)
        .map(Ok)
        .try_for_each_concurrent(AT_ONCE, |event| async {
            let signature = sign(&event.body, DEMO_SECRET, clock.now());
            intake.receive_for(tenant, Some(&signature), &event.body).await.map(|_| ())
        })
        .await
}
