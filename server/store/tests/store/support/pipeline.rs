//! The pipeline of a tenant, and what it costs.

use std::collections::BTreeMap;

use domain::campaign::CampaignState;
use domain::channel::ChannelSlug;
use domain::cost::CostType;
use domain::deal::DealState;
use domain::importing::{ImportKind, ImportState, RowProblem};
use domain::lead::TouchKind;
use domain::money::{Currency, Money};
use domain::period::DateRange;
use jiff::civil::date;
use store::Store;
use store::campaigns::Campaign;
use store::channel_costs::Cost;
use store::cost_templates::CostTemplate;
use store::deals::Deal;
use store::import_files::StoredFile;
use store::imports::{Counts, NewImport};
use store::lead_touches::Touch;
use store::leads::Bringing;
use store::told_before::Telling;

use super::{Side, hash, now};

/// Brings in one of everything, by a file.
pub(super) async fn fill(store: &Store, side: &Side) {
    let mut work = store.within(side.id()).await.unwrap();
    work.import_begin(&import(side), now()).await.unwrap();
    work.import_set(side.import, &Counts::default(), ImportState::Done, now()).await.unwrap();
    let by_file = Bringing { now: now(), import: Some(side.import) };
    work.campaigns_put(&[campaign(side)], by_file).await.unwrap();
    work.deals_put(&[deal(side)], by_file).await.unwrap();
    work.cost_template_insert(&template(side), now()).await.unwrap();
    work.costs_add(&[cost(side)], by_file).await.unwrap();
    work.touches_add(&[touch(side)], now()).await.unwrap();
    work.told_keep("a lead's events", &[telling(side)], now()).await.unwrap();
    work.import_file_add(&import_file(side)).await.unwrap();
    work.import_file_piece_add(side.import_file, 0, side.tenant.slug.as_bytes()).await.unwrap();
    work.import_file_arrived(side.import_file, 4, now()).await.unwrap();
    work.import_file_tell(side.import_file, &Counts::default(), &[row_problem(side)], now()).await.unwrap();
    work.commit().await.unwrap();
}

pub fn import_file(side: &Side) -> StoredFile {
    let name = format!("{}.csv", side.tenant.slug);
    StoredFile::arriving(side.import_file, ImportKind::Leads, name, side.email.clone(), now())
}

pub fn row_problem(side: &Side) -> RowProblem {
    let message = format!("{} has no such stage", side.tenant.slug);
    RowProblem { line: 2, field: "stage".to_owned(), message }
}

pub fn import(side: &Side) -> NewImport {
    NewImport {
        id: side.import,
        kind: ImportKind::Leads,
        file_name: format!("{}.csv", side.tenant.slug),
        mapping: BTreeMap::from([("E-mail".to_owned(), "email".to_owned())]),
        made_by: side.email.clone(),
    }
}

pub fn campaign(side: &Side) -> Campaign {
    Campaign {
        id: side.campaign,
        connector: "manual".to_owned(),
        external_id: format!("campaign of {}", side.tenant.slug),
        name: "Founders".to_owned(),
        channel: outreach(),
        state: CampaignState::Active,
        started_at: Some(now()),
    }
}

/// A deal in euros.
pub fn deal(side: &Side) -> Deal {
    Deal {
        id: side.deal,
        external_id: format!("deal of {}", side.tenant.slug),
        lead: Some(side.lead),
        name: "Bootcamp for a team".to_owned(),
        state: DealState::Open,
        stage: "proposal".to_owned(),
        probability_percent: 60,
        value: euros(500_000),
        base_value_minor: None,
        opened_at: now(),
        closed_at: None,
    }
}

/// A cost in euros, of a month that the monthly cost has made.
pub fn cost(side: &Side) -> Cost {
    Cost {
        id: side.cost,
        channel: outreach(),
        cost_type: CostType::Subscription,
        money: euros(9_900),
        base_minor: None,
        period: DateRange { from: date(2026, 11, 1), to: date(2026, 11, 30) },
        notes: Some("a seat".to_owned()),
        template: Some(side.cost_template),
    }
}

pub fn template(side: &Side) -> CostTemplate {
    CostTemplate {
        id: side.cost_template,
        channel: outreach(),
        cost_type: CostType::Subscription,
        money: euros(9_900),
        first_month: date(2026, 11, 1),
        last_month: None,
        notes: Some("a seat".to_owned()),
    }
}

pub fn touch(side: &Side) -> Touch {
    Touch {
        id: side.touch,
        external_id: format!("touch of {}", side.tenant.slug),
        lead: side.lead,
        kind: TouchKind::Meeting,
        channel: Some("outreach".to_owned()),
        campaign: Some(side.campaign),
        occurred_at: now(),
        note: None,
    }
}

pub fn telling(side: &Side) -> Telling {
    Telling {
        key: format!("told by {}", side.tenant.slug),
        payload_hash: hash("what was told"),
        answer: String::new(),
    }
}

fn outreach() -> ChannelSlug {
    ChannelSlug::stored("outreach".to_owned())
}

const fn euros(minor: i64) -> Money {
    Money { minor, currency: Currency::EUR }
}
