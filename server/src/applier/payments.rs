//! Which payments facts belong to, and everything that is known of them.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::TenantId;
use domain::payment::{Fact, Sighting, group_by_name, is_untied, presumed_pairs};
use store::StoreError;
use store::applying::Batch;
use uuid::Uuid;

/// The payments that facts tell of.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Of those nobody had heard of, everything there is to know: what was told just now.
    pub(super) new: BTreeMap<Uuid, Vec<Fact>>,
    /// Those of which more may be known.
    pub(super) known: BTreeSet<Uuid>,
}

impl Touched {
    /// Payments of which something is known.
    pub(super) fn known(payments: impl IntoIterator<Item = Uuid>) -> Self {
        Self { known: payments.into_iter().collect(), ..Self::default() }
    }

    /// All of them.
    pub(super) fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.known.iter().chain(self.new.keys()).copied()
    }
}

/// Joins new facts to the payments they share a name with, making payments one where a fact ties them.
pub(super) async fn join_payments(
    batch: &mut Batch,
    tenant: TenantId,
    facts: Vec<Fact>,
) -> Result<Touched, StoreError> {
    let names_of_facts: Vec<Vec<String>> =
        facts.iter().map(|fact| fact.names.iter().cloned().collect()).collect();
    let all_names: BTreeSet<&String> = names_of_facts.iter().flatten().collect();
    let all_names: Vec<String> = all_names.into_iter().cloned().collect();
    let known = batch.payments_named(&all_names).await?;
    let mut knots = names_of_facts;
    knots.extend(names_by_payment(&known).into_values());

    let (mut names, mut told, mut merged) = (Vec::new(), Vec::new(), Vec::new());
    let mut touched = Touched::default();
    let mut facts: Vec<Option<Fact>> = facts.into_iter().map(Some).collect();
    for group in group_by_name(&knots) {
        let group_names: BTreeSet<&String> =
            group.iter().filter_map(|index| knots.get(*index)).flatten().collect();
        let Some(first_name) = group_names.first() else { continue };
        let mut payments =
            group_names.iter().filter_map(|name| known.get(*name)).collect::<BTreeSet<_>>().into_iter();
        let payment = match payments.next() {
            Some(kept) => {
                merged.extend(payments.map(|merged| (*merged, *kept)));
                touched.known.insert(*kept);
                *kept
            }
            None => {
                let payment = Uuid::new_v5(&tenant.0, format!("payment {first_name}").as_bytes());
                touched.new.insert(payment, Vec::new());
                payment
            }
        };
        let unknown = group_names.into_iter().filter(|name| !known.contains_key(*name));
        names.extend(unknown.map(|name| (name.clone(), payment)));
        told.extend(
            group.iter().filter_map(|index| facts.get_mut(*index)?.take()).map(|fact| (payment, fact)),
        );
    }
    batch.payments_merge(&merged).await?;
    batch.payment_names_insert(&names).await?;
    let kept = batch.facts_insert(&told).await?;
    for (payment, fact) in told {
        // What was kept of an event before stays, and is another payment's.
        if let Some(of_new) = touched.new.get_mut(&payment).filter(|_| kept.contains(fact.event.as_str())) {
            of_new.push(fact);
        }
    }
    Ok(touched)
}

fn names_by_payment(known: &BTreeMap<String, Uuid>) -> BTreeMap<Uuid, Vec<String>> {
    let mut names: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for (name, payment) in known {
        names.entry(*payment).or_default().push(name.clone());
    }
    names
}

/// A payment's facts, and whether a presumed tie put them together.
pub(super) struct Told {
    pub(super) facts: Vec<Fact>,
    pub(super) is_tie_presumed: bool,
    /// Whether nothing was known of it before.
    pub(super) is_new: bool,
}

/// Everything known of these payments and of all that could be presumed to be the same money, put together where
/// nothing but presumption ties it.
pub(super) async fn told_around(batch: &mut Batch, payments: Touched) -> Result<Vec<Told>, StoreError> {
    let new: BTreeSet<Uuid> = payments.new.keys().copied().collect();
    let facts = facts_around(batch, payments).await?;
    let is_new = facts.keys().map(|payment| new.contains(payment)).collect();
    Ok(with_presumed_ties(facts.into_values().collect(), is_new))
}

/// The facts of these payments and of all that could be presumed to be the same money. What is tied already
/// leads to its neighbours, which may have been presumed to be one with it, but no further.
async fn facts_around(batch: &mut Batch, payments: Touched) -> Result<BTreeMap<Uuid, Vec<Fact>>, StoreError> {
    let Touched { new: mut facts, known } = payments;
    facts.extend(batch.facts_of(&known.into_iter().collect::<Vec<_>>()).await?);
    let sightings_of =
        |facts: &Vec<Fact>| -> Vec<Sighting> { facts.iter().filter_map(Fact::sighting).collect() };
    let mut unlooked: Vec<Sighting> = facts.values().flat_map(sightings_of).collect();
    while !unlooked.is_empty() {
        let near = batch.payments_near(&unlooked).await?;
        let strangers: Vec<Uuid> = near.into_iter().filter(|payment| !facts.contains_key(payment)).collect();
        let found = batch.facts_of(&strangers).await?;
        unlooked = found.values().filter(|facts| is_untied(facts)).flat_map(sightings_of).collect();
        facts.extend(found);
    }
    Ok(facts)
}

/// Puts the facts of an invoice and a charge together where nothing but presumption ties them.
fn with_presumed_ties(payments: Vec<Vec<Fact>>, is_new: Vec<bool>) -> Vec<Told> {
    let pairs = presumed_pairs(&payments);
    let told = payments.into_iter().zip(is_new);
    let mut told: Vec<Option<Told>> =
        told.map(|(facts, is_new)| Some(Told { facts, is_tie_presumed: false, is_new })).collect();
    for (invoice, charge) in pairs {
        let Some(charge) = told.get_mut(charge).and_then(Option::take) else { continue };
        let Some(Some(invoice)) = told.get_mut(invoice) else { continue };
        invoice.facts.extend(charge.facts);
        invoice.is_tie_presumed = true;
        invoice.is_new &= charge.is_new;
    }
    told.into_iter().flatten().collect()
}
