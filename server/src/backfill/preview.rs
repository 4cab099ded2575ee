//! `--dry-run`: everything is read, nothing is written, and what would change is said.

use std::collections::BTreeMap;
use std::fmt;

use domain::backfill::{RunState, Subject};
use domain::connection::Belonging;
use domain::money::Currency;
use domain::payment::Fact;
use domain::tenant::Tenant;
use serde::Serialize;
use serde_json::{Value, json};
use store::backfills::Cursor;

use super::lists::{self, Window};
use super::{Asked, BackfillError, Backfills, Progress};
use crate::applier::{Foreseen, Outcome};
use crate::stripe::client::{StripeClient, StripeError};
use crate::stripe::event::{self, Reading};
use crate::stripe::looked_up::{Found, Look};

/// What a run would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The lists.
    pub objects: Objects,
    /// The ledger's rows that would be touched.
    pub rows: Rows,
    /// Per currency: what would be added to the ledger, money that left counted off.
    pub sums: BTreeMap<Currency, i64>,
}

/// Objects of a preview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Objects {
    /// Never looked up before.
    pub new: i64,
    /// Looked up before, and the same.
    pub same: i64,
    /// Looked up before, and other than then.
    pub changed: i64,
    /// Not to be understood.
    pub errors: i64,
}

/// Rows of a preview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// Money the ledger has nothing of.
    pub new: i64,
    /// Money it has just so.
    pub same: i64,
    /// Money it says something else of.
    pub conflict: i64,
    /// Money it has in a row that another would take the place of.
    pub replaced: i64,
    /// Of all those, rows credited to no channel.
    pub unattributed: i64,
}

impl Backfills {
    /// Reads a part of a tenant's past and says what would change. Nothing is written.
    pub async fn preview(
        &self,
        tenant: &Tenant,
        asked: &Asked,
        progress: &dyn Progress,
    ) -> Result<Preview, BackfillError> {
        let (client, livemode) = self.client_of(tenant).await?;
        let examined = self.examine(tenant, &client, livemode).await?;
        let window = Window { from: asked.from, to: asked.to, livemode };
        let looking = Looking { backfills: self, tenant, client: &client, window, progress };
        let (mut objects, mut facts) = (Objects::default(), Vec::new());
        for subject in Subject::ALL {
            looking.list(subject, &mut objects, &mut facts).await?;
        }
        if examined.has_any && objects.new + objects.same + objects.changed == 0 {
            return Err(BackfillError::NothingFound);
        }
        let foreseen = self.applier.preview(tenant, facts).await?;
        Ok(of_rows(objects, foreseen.values()))
    }
}

struct Looking<'a> {
    backfills: &'a Backfills,
    tenant: &'a Tenant,
    client: &'a StripeClient,
    window: Window,
    progress: &'a dyn Progress,
}

impl Looking<'_> {
    async fn list(
        &self,
        subject: Subject,
        objects: &mut Objects,
        facts: &mut Vec<Fact>,
    ) -> Result<(), BackfillError> {
        let mut cursor = Cursor::at_the_beginning(subject);
        while cursor.state != RunState::Done {
            let page = match lists::page(self.client, &self.window, &cursor).await {
                Ok(page) => page,
                Err(StripeError::CursorGone) => return Err(BackfillError::Restless(subject.name())),
                Err(error) => return Err(error.into()),
            };
            self.look_at(subject, &page.found, objects, facts).await?;
            cursor.starting_after = page.found.last().map(|found| found.id.clone());
            cursor.pages += 1;
            cursor.found += i64::try_from(page.found.len()).unwrap_or(i64::MAX);
            cursor.state = if page.has_more { RunState::Running } else { RunState::Done };
            self.progress.page(&cursor);
        }
        Ok(())
    }

    async fn look_at(
        &self,
        subject: Subject,
        found: &[Found],
        objects: &mut Objects,
        facts: &mut Vec<Fact>,
    ) -> Result<(), BackfillError> {
        let now = self.backfills.accounts.clock.now();
        let look = Look { subject, at: now, livemode: self.window.livemode };
        let ids: Vec<String> = found.iter().map(|found| found.id.clone()).collect();
        let known = self.backfills.accounts.store.within(self.tenant.id).await?.lookups(&ids).await?;
        for found in found {
            let states = match known.get(&found.id) {
                Some(known) if known.content_hash == found.content_hash => {
                    objects.same += 1;
                    continue;
                }
                Some(known) => {
                    objects.changed += 1;
                    known.states + 1
                }
                None => {
                    objects.new += 1;
                    1
                }
            };
            let (id, body) = found.event(&look, states);
            match event::read(&id, &body, now, &Belonging::default()).reading {
                Reading::Fact(fact) => facts.push(*fact),
                Reading::Dead(_) => objects.errors += 1,
                // The preview is of money.
                Reading::Subscription(_) | Reading::Terms(_) | Reading::Customer(_) => {}
                Reading::Deauthorized | Reading::Ignored(_) | Reading::Quarantined(_) => {}
            }
        }
        Ok(())
    }
}

fn of_rows<'a>(objects: Objects, foreseen: impl Iterator<Item = &'a Foreseen>) -> Preview {
    let (mut rows, mut sums) = (Rows::default(), BTreeMap::new());
    for row in foreseen {
        let mut add = |currency, amount| *sums.entry(currency).or_default() += amount;
        match row.outcome {
            Outcome::New => {
                rows.new += 1;
                add(row.money.currency, row.money.minor);
            }
            Outcome::Same => rows.same += 1,
            Outcome::Replaced => {
                rows.replaced += 1;
                add(row.money.currency, -row.money.minor);
            }
            Outcome::Conflict { was } => {
                rows.conflict += 1;
                add(row.money.currency, row.money.minor);
                add(was.currency, -was.minor);
            }
        }
        rows.unattributed += i64::from(row.is_unattributed);
    }
    Preview { objects, rows, sums }
}

impl Preview {
    /// It as programs read it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let sums = self.sums.iter().map(|(currency, sum)| (currency.to_string(), json!(sum)));
        json!({
            "dry_run": true,
            "objects": self.objects,
            "rows": self.rows,
            "sums": sums.collect::<serde_json::Map<_, _>>(),
        })
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { objects, rows, sums } = self;
        writeln!(f, "Nothing was written. A backfill would")?;
        writeln!(
            f,
            "  store   {} new and {} changed objects; {} are there already, {} cannot be understood",
            objects.new, objects.changed, objects.same, objects.errors
        )?;
        writeln!(
            f,
            "  book    {} new rows, correct {}, replace {} and leave {} as they are; {} are credited to no channel",
            rows.new, rows.conflict, rows.replaced, rows.same, rows.unattributed
        )?;
        for (currency, sum) in sums {
            let code = currency.to_string().to_uppercase();
            writeln!(f, "  {code}     {} more in the ledger", app::format::money(*sum, *currency))?;
        }
        Ok(())
    }
}
