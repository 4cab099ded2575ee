//! Both invented companies and who works there.

use std::fmt;

use app::port::AskError;
use store::Store;

use super::fill::{Filled, NORTHWIND, SOUTHWIND, fill};
use super::staff::{SignIns, hire};
use crate::accounts::Refusal;
use crate::alerts::{Alerts, Look};
use crate::application::accounts;
use crate::clock::Clock;
use crate::config::ServeConfig;
use crate::intake::IntakeError;

/// What the demo holds now.
pub struct Demo {
    companies: Vec<Filled>,
    sign_ins: SignIns,
}

impl fmt::Display for Demo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for company in &self.companies {
            writeln!(f, "{company}")?;
        }
        write!(f, "{}", self.sign_ins)
    }
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// An event was not taken.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// Its figures could not be looked at.
    #[error(transparent)]
    Alerts(#[from] AskError),
    /// A sign-in could not be made.
    #[error(transparent)]
    Accounts(#[from] Refusal),
}

/// Fills both companies up to now and makes sure of their sign-ins.
pub async fn fill_all(config: &ServeConfig, store: &Store, clock: Clock) -> Result<Demo, DemoError> {
    let northwind = fill(store, clock, NORTHWIND).await?;
    let southwind = fill(store, clock, SOUTHWIND).await?;
    let alerts = Alerts { store: store.clone(), clock };
    for company in [&northwind, &southwind] {
        alerts.evaluate(company.tenant.id, Look::Thorough).await?;
    }
    let tenants = [(NORTHWIND, northwind.tenant.id), (SOUTHWIND, southwind.tenant.id)];
    let accounts = accounts(config, store.clone(), clock);
    let sign_ins = hire(&accounts, &tenants).await?;
    Ok(Demo { companies: vec![northwind, southwind], sign_ins })
}
