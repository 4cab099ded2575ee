//! What no channel was found for, with what a rule could be made of; and what one payment is credited to.

use std::collections::BTreeMap;

use app::port::{
    AskError, Credit, CreditQuestion, OriginClue, PeriodQuestion, UnknownLine, UnknownPage, UnknownQuestion,
};
use domain::access::{Permission, Viewer};
use domain::attribution::{Candidate, Clue, Method};
use domain::channel::rules::RuleField;
use domain::ids::{LeadId, LedgerRowId};
use jiff::Timestamp;
use store::Snapshot;
use store::unknown::{UnknownMoney, UnknownPlace};
use uuid::Uuid;

use super::paging::{Paging, wrong_cursor};
use super::{LedgerDesk, ours, tenant_view};

/// The most clues listed of one payer.
const MOST_CLUES: usize = 6;

impl LedgerDesk {
    /// A page of what no channel was found for; the share is of the days a page shows when none are asked for.
    pub(super) async fn unknown_page(
        &self,
        viewer: &Viewer,
        question: UnknownQuestion,
    ) -> Result<UnknownPage, AskError> {
        let mut period = self.viewers_period(viewer, &PeriodQuestion::default()).await?;
        let paging = Paging::read(question.limit.as_deref())?;
        let after = question.cursor.as_deref().map(place).transpose()?;
        let report = period.revenue().await?;
        let snapshot = &mut period.snapshot;
        let total = snapshot.work().unknown_total().await.map_err(ours)?;
        let found = snapshot.work().unknown_page(after.as_ref(), paging.one_more()).await.map_err(ours)?;
        let (found, next) = paging.page(found, cursor);
        let mut clues = clues_of(snapshot, &found).await?;
        let said = match question.undo.as_deref().and_then(|id| id.parse::<Uuid>().ok()) {
            Some(id) => snapshot.work().override_said(id).await.map_err(ours)?,
            None => None,
        };
        let channels = snapshot.channels().await.map_err(ours)?;
        Ok(UnknownPage {
            tenant: tenant_view(snapshot.tenant(), &channels),
            days: report.range,
            share: report.unknown_share(),
            payers_in_all: total.payers,
            sum: total.base_minor,
            as_of: snapshot.as_of(),
            lines: found.into_iter().map(|found| line(found, &mut clues)).collect(),
            said,
            next,
        })
    }

    /// What a payment, or a customer's newest one, is credited to; `None` when there is none.
    pub(super) async fn credit_of(
        &self,
        viewer: &Viewer,
        question: CreditQuestion,
    ) -> Result<Option<Credit>, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let row = question.row.as_deref().and_then(|row| row.parse::<LedgerRowId>().ok());
        let mut snapshot = self.snapshot(viewer.tenant).await?;
        let work = snapshot.work();
        let found = work.credited(row, question.customer.as_deref()).await.map_err(ours)?;
        let Some(found) = found else { return Ok(None) };
        let customer = found.customer.as_deref();
        let said = work.overrides_about(Some(&found.payment), customer).await.map_err(ours)?;
        let links = match customer {
            Some(customer) => work.links_about(customer).await.map_err(ours)?,
            None => Vec::new(),
        };
        let channels = snapshot.channels().await.map_err(ours)?;
        Ok(Some(Credit {
            tenant: tenant_view(snapshot.tenant(), &channels),
            row: found.row,
            payment: found.payment,
            customer: found.customer,
            email: found.email,
            channel: found.channel,
            money: found.money,
            product: found.product,
            at: found.at,
            said,
            links,
        }))
    }
}

/// What is known of where payers came from, by the row of their newest payment.
async fn clues_of(
    snapshot: &mut Snapshot,
    found: &[UnknownMoney],
) -> Result<BTreeMap<LedgerRowId, Vec<OriginClue>>, AskError> {
    let rows: Vec<LedgerRowId> = found.iter().map(|found| found.row).collect();
    let evidence = snapshot.row_evidence(&rows).await.map_err(ours)?;
    let leads: Vec<LeadId> = evidence.iter().filter_map(|(_, candidate)| candidate.lead).collect();
    let sources = snapshot.work().sources_of_leads(&leads).await.map_err(ours)?;
    let mut clues: BTreeMap<LedgerRowId, Vec<OriginClue>> = BTreeMap::new();
    for (row, candidate) in evidence {
        clues.entry(row).or_default().extend(clue(&candidate, &sources));
    }
    for payer in found {
        let of_payer = clues.entry(payer.row).or_default();
        of_payer.extend(payer.email.as_deref().and_then(company));
        let mut seen: Vec<OriginClue> = Vec::new();
        of_payer.retain(|clue| {
            let is_new = !seen.contains(clue);
            seen.push(clue.clone());
            is_new
        });
        of_payer.truncate(MOST_CLUES);
    }
    Ok(clues)
}

/// What a rule could be made of.
fn clue(candidate: &Candidate, sources: &BTreeMap<LeadId, String>) -> Option<OriginClue> {
    if candidate.method == Method::Metadata {
        let (key, value) = candidate.matched.split_once('=')?;
        let field = RuleField::of_metadata(key);
        let text = if field == RuleField::ClickId { key } else { value };
        let key = (field == RuleField::Metadata).then(|| key.to_owned());
        return Some(OriginClue { field, key, text: field.folded(text) });
    }
    if candidate.method == Method::CompanyDomain {
        return None;
    }
    let text = sources.get(&candidate.lead?)?.clone();
    Some(OriginClue { field: RuleField::Source, key: None, text })
}

/// The domain of a company's e-mail.
fn company(email: &str) -> Option<OriginClue> {
    let domain = Clue::of_email(email).find_map(|clue| match clue {
        Clue::Domain(domain) => Some(domain),
        _ => None,
    });
    domain.map(|text| OriginClue { field: RuleField::EmailDomain, key: None, text })
}

fn line(found: UnknownMoney, clues: &mut BTreeMap<LedgerRowId, Vec<OriginClue>>) -> UnknownLine {
    UnknownLine {
        clues: clues.remove(&found.row).unwrap_or_default(),
        customer: found.customer,
        email: found.email,
        row: found.row,
        stripe_id: found.payer,
        payments: found.payments,
        base_minor: found.base_minor,
        unconverted: found.unconverted,
        products: found.products,
        newest_at: found.newest_at,
    }
}

/// The place after a payer, as an address carries it.
fn cursor(found: &UnknownMoney) -> String {
    format!("{}-{}", found.newest_at.as_microsecond(), found.payer)
}

fn place(cursor: &str) -> Result<UnknownPlace, AskError> {
    let (at, payer) = cursor.split_once('-').ok_or_else(wrong_cursor)?;
    let at = at.parse().ok().and_then(|at| Timestamp::from_microsecond(at).ok());
    let newest_at = at.ok_or_else(wrong_cursor)?;
    Ok(UnknownPlace { newest_at, payer: payer.to_owned() })
}
