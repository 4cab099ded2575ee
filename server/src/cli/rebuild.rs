//! `command-center rebuild`: everything again from the raw events.

use clap::{Args, ValueEnum};
use domain::tenant::Tenant;
use serde_json::json;

use super::tenant;
use crate::accounts::Accounts;
use crate::alerts::{Alerts, Look};
use crate::applier::{Applier, Rebuilt};

#[derive(Args, Debug)]
pub(super) struct Rebuild {
    /// Compare with what stands and change nothing; fails on any difference.
    #[arg(long)]
    verify: bool,
    /// Short name of the tenant; without it all of them.
    #[arg(long, value_parser = tenant::slug)]
    tenant: Option<String>,
    /// Book live money or test mode from now on; what was booked of the other no longer counts.
    #[arg(long, value_enum, requires = "tenant")]
    mode: Option<Mode>,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    Live,
    Test,
}

pub(super) async fn run(asked: Rebuild, accounts: &Accounts) -> Result<(), Box<dyn std::error::Error>> {
    let tenants = match &asked.tenant {
        Some(slug) => vec![tenant::named(accounts, slug).await?],
        None => accounts.store.tenants_all().await?,
    };
    let applier = Applier::new(accounts.store.clone(), accounts.clock);
    applier.apply_all().await?;
    let mut is_whole = true;
    for tenant in tenants {
        is_whole &= rebuild(&asked, accounts, &applier, &tenant).await?;
    }
    if is_whole || !asked.verify {
        return Ok(());
    }
    Err("what stands is not what the raw events come to".into())
}

/// Rebuilds or verifies one tenant; says whether all was as it should be.
async fn rebuild(
    asked: &Rebuild,
    accounts: &Accounts,
    applier: &Applier,
    tenant: &Tenant,
) -> Result<bool, Box<dyn std::error::Error>> {
    eprintln!("{}: reading every event again", tenant.slug);
    let begun = accounts.clock.now();
    let seals = accounts.store.within(tenant.id).await?.seals_check().await?;
    let rebuilt = applier
        .rebuild_in(tenant.id, !asked.verify, asked.mode.map(|mode| matches!(mode, Mode::Live)))
        .await?;
    if !asked.verify {
        let alerts = Alerts { store: accounts.store.clone(), clock: accounts.clock };
        alerts.evaluate(tenant.id, Look::Thorough).await?;
    }
    let took = accounts.clock.now().duration_since(begun);
    if asked.json {
        println!("{}", as_json(tenant, &rebuilt, seals.sealed, seals.broken.as_ref()));
    } else {
        say(tenant, &rebuilt, asked.verify, took.as_millis());
        match &seals.broken {
            None => println!("{}: {} sealed days hold", tenant.slug, seals.sealed),
            Some(broken) => println!(
                "{}: the seal of {} is broken: {} rows were sealed, {} are there",
                tenant.slug, broken.day, broken.sealed_rows, broken.rows
            ),
        }
    }
    Ok(rebuilt.is_same() && seals.broken.is_none())
}

fn say(tenant: &Tenant, rebuilt: &Rebuilt, is_only_verified: bool, took_ms: i128) {
    let slug = &tenant.slug;
    let events = rebuilt.events;
    if rebuilt.is_same() {
        println!("{slug}: {events} events read again in {took_ms} ms, nothing differs");
        return;
    }
    let done = if is_only_verified { "differ" } else { "differed and were made right" };
    println!("{slug}: {events} events read again in {took_ms} ms, {} rows {done}", rebuilt.differences);
    for difference in &rebuilt.listed {
        println!("  {} {}", difference.projection, difference.key);
        println!("    stood:   {}", difference.stood.as_deref().unwrap_or("nothing"));
        println!("    rebuilt: {}", difference.rebuilt.as_deref().unwrap_or("nothing"));
    }
    for event in &rebuilt.events_otherwise {
        println!("  event {event} is read otherwise than when it was applied");
    }
}

fn as_json(
    tenant: &Tenant,
    rebuilt: &Rebuilt,
    sealed: usize,
    broken: Option<&store::seals::BrokenSeal>,
) -> serde_json::Value {
    let differences = rebuilt.listed.iter().map(|found| {
        json!({
            "projection": found.projection, "key": found.key, "stood": found.stood, "rebuilt": found.rebuilt,
        })
    });
    json!({
        "tenant": tenant.slug,
        "events": rebuilt.events,
        "events_otherwise": rebuilt.events_otherwise,
        "differences": rebuilt.differences,
        "listed": differences.collect::<Vec<_>>(),
        "sealed_days": sealed,
        "broken_seal": broken.map(|broken| broken.day.to_string()),
    })
}
