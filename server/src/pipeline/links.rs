//! Links of Stripe's customers to records, as they are brought in.

use domain::attribution::Link;
use store::StoreError;
use store::leads::{Bringing, Put};
use store::links::LinkPut;
use store::work::TenantWork;

use super::{Context, Record, Taken, filled, sorted};
use crate::accounts::{LinkForm, Refusal};

/// What can be said of a link.
pub(crate) const FIELDS: [&str; 6] = ["customer_id", "kind", "record_id", "lead_id", "email", "channel"];

/// What a record is of which nobody said what it is.
const UNTOLD_KIND: &str = "record";

/// Who brought what a file says.
const BY_FILE: &str = "a file";

/// Takes in which records customers are.
pub(super) async fn take(
    context: &Context,
    work: &mut TenantWork,
    records: Vec<Result<Record, Refusal>>,
    bringing: Bringing,
) -> Result<Vec<Taken>, StoreError> {
    let read = records.into_iter().map(|record| record.and_then(|record| read(context, &record)));
    let (readable, outcomes) = sorted(read.collect());
    let mut taken = Vec::with_capacity(readable.len());
    for (_, link) in readable {
        taken.push(match work.link_put(&link, BY_FILE, bringing).await? {
            LinkPut::New => Ok(Put::New),
            LinkPut::Same => Ok(Put::Same),
            LinkPut::Other => {
                Err(Refusal::field("record_id", "this record is linked already, and otherwise"))
            }
        });
    }
    Ok(filled(outcomes, taken))
}

fn read(context: &Context, record: &Record) -> Result<Link, Refusal> {
    let channel = record.channel(&context.channels)?;
    let said = |name: &str| record.trimmed(name);
    LinkForm {
        customer: said("customer_id").unwrap_or_default(),
        kind: said("kind").unwrap_or_else(|| UNTOLD_KIND.to_owned()),
        record: said("record_id").unwrap_or_default(),
        lead: said("lead_id"),
        email: said("email"),
        channel: channel.map(|slug| slug.to_string()),
    }
    .read()
}
