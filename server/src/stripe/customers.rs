//! `customer.*`: who pays, and what their own e-mail and metadata say.

use domain::attribution::metadata::Place;
use domain::attribution::normalise_email;
use domain::customer::{CustomerFact, CustomerTelling};
use serde_json::Value;

use super::json::{self, Unreadable};
use super::objects::{Telling, hints_on};

/// A customer as it stood, or that it is gone.
pub(super) fn customer(told: &Telling<'_>, event_type: &str) -> Result<CustomerFact, Unreadable> {
    let customer = told.object;
    let is_deleted =
        event_type == "customer.deleted" || customer.get("deleted").and_then(Value::as_bool) == Some(true);
    let telling = if is_deleted {
        CustomerTelling::Deleted
    } else {
        let metadata = json::nested(customer, &["metadata"]);
        CustomerTelling::Stands {
            email: json::text(customer, "email").and_then(|email| normalise_email(&email)),
            hints: metadata.map(|entries| hints_on(Place::Customer, entries)).unwrap_or_default(),
            is_first: event_type == "customer.created",
        }
    };
    Ok(CustomerFact {
        event: told.event.clone(),
        occurred_at: told.occurred_at,
        customer: json::own_id(customer)?,
        telling,
    })
}
