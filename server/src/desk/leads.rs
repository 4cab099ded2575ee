//! Lists of leads, and one with everything known of it.

use std::collections::BTreeMap;

use app::port::{
    AskError, LeadEvent, LeadEventKind, LeadLine, LeadStory, LeadsPage, LeadsQuestion, PeriodQuestion,
};
use domain::access::{Permission, Viewer};
use domain::channel::ChannelSlug;
use domain::deal::DealState;
use domain::ids::{CampaignId, LeadId};
use domain::lead::Stage;
use domain::period::{DateRange, PeriodChoice, parse_date};
use jiff::Timestamp;
use serde_json::Value;
use store::Snapshot;
use store::action_leads::ActionLead;
use store::deals::Deal;
use store::lead_list::{LeadFilter, LeadPlace, ListedLead};
use store::lead_touches::Touch;
use store::moved_money::MovedMoney;

use super::paging::{Paging, wrong_cursor};
use super::pipeline::stuck_rules;
use super::{LedgerDesk, invalid, ours, tenant_view};
use crate::actions::found_of;

/// The most touches and movements of money a history shows.
const MOST_EVENTS: i64 = 500;

impl LedgerDesk {
    /// A page of leads.
    pub(super) async fn leads_page(
        &self,
        viewer: &Viewer,
        question: LeadsQuestion,
    ) -> Result<LeadsPage, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let mut snapshot = self.snapshot(viewer.tenant).await?;
        let asked = Asked::of(&snapshot, &question)?;
        let rules = stuck_rules(&mut snapshot).await?;
        let paging = Paging::read(question.limit.as_deref())?;
        let after = question.cursor.as_deref().map(place).transpose()?;
        let work = snapshot.work();
        let leads_in_all = work.leads_counted(&asked.filter, &rules).await.map_err(ours)?;
        let found = work.leads_page(&asked.filter, &rules, after, paging.one_more()).await.map_err(ours)?;
        let (found, next) = paging.page(found, cursor);
        let channels = snapshot.channels().await.map_err(ours)?;
        Ok(LeadsPage {
            tenant: tenant_view(snapshot.tenant(), &channels),
            range: asked.range,
            at: asked.at,
            channel: question.channel.clone().map(ChannelSlug::stored),
            as_of: snapshot.as_of(),
            lines: found.into_iter().map(|lead| line(lead, snapshot.as_of())).collect(),
            leads_in_all,
            next,
        })
    }

    /// One lead with its history; `None` when there is none with this id.
    pub(super) async fn lead_story(&self, viewer: &Viewer, id: &str) -> Result<Option<LeadStory>, AskError> {
        viewer.require(Permission::ReadFigures)?;
        let Ok(id) = id.parse().map(LeadId) else { return Ok(None) };
        let mut snapshot = self.snapshot(viewer.tenant).await?;
        let rules = stuck_rules(&mut snapshot).await?;
        let work = snapshot.work();
        let Some(lead) = work.lead_listed(id, &rules).await.map_err(ours)? else { return Ok(None) };
        let mut events = vec![LeadEvent { at: lead.created_at, what: LeadEventKind::Came }];
        let stays = work.lead_stays(&[id]).await.map_err(ours)?.into_iter();
        events.extend(
            stays.map(|(_, stay)| LeadEvent { at: stay.entered_at, what: LeadEventKind::Stage(stay.stage) }),
        );
        let campaigns = work.campaigns_of_lead(id).await.map_err(ours)?;
        let touches = work.touches_of(id, MOST_EVENTS).await.map_err(ours)?.into_iter();
        events.extend(touches.map(|touch| touched(touch, &campaigns)));
        events.extend(work.actions_of_lead(id, MOST_EVENTS).await.map_err(ours)?.into_iter().map(done));
        events.extend(work.deals_with(id).await.map_err(ours)?.into_iter().flat_map(dealt));
        events.extend(work.money_of_lead(id, MOST_EVENTS).await.map_err(ours)?.into_iter().map(moved));
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
        let paid = work.lifetime_revenue(id).await.map_err(ours)?;
        let channels = snapshot.channels().await.map_err(ours)?;
        Ok(Some(LeadStory {
            tenant: tenant_view(snapshot.tenant(), &channels),
            external_id: lead.external_id.clone(),
            source: lead.source.clone(),
            created_at: lead.created_at,
            lead: line(lead, snapshot.as_of()),
            paid,
            events,
        }))
    }
}

/// A question about leads, understood.
struct Asked {
    filter: LeadFilter,
    range: Option<DateRange>,
    at: Option<jiff::civil::Date>,
}

impl Asked {
    fn of(snapshot: &Snapshot, question: &LeadsQuestion) -> Result<Self, AskError> {
        let range = range(snapshot, &question.period)?;
        let at = question.at.as_deref().map(|day| parse_date("at", day)).transpose().map_err(invalid)?;
        let end_of_day = |day| snapshot.instants(DateRange { from: day, to: day }).1.min(snapshot.as_of());
        let filter = LeadFilter {
            id: None,
            came: range.map(|range| snapshot.instants(range)),
            channel: question.channel.clone(),
            stage: stage("stage", question.stage.as_deref())?,
            at: at.map(end_of_day),
            reached: stage("reached", question.reached.as_deref())?,
            is_stuck: is_stuck(question.stuck.as_deref())?,
            has_failed_lookup: has_failed_lookup(question.lookup.as_deref())?,
            search: question.search.clone(),
        };
        Ok(Self { filter, range, at })
    }
}

/// The days leads came in, where any are named: a list of leads is of all of them otherwise.
fn range(snapshot: &Snapshot, question: &PeriodQuestion) -> Result<Option<DateRange>, AskError> {
    let PeriodQuestion { period, from, to, .. } = question;
    if period.is_none() && from.is_none() && to.is_none() {
        return Ok(None);
    }
    let choice = PeriodChoice::parse(period.as_deref(), from.as_deref(), to.as_deref()).map_err(invalid)?;
    Ok(Some(choice.range(snapshot.tenant().date_of(snapshot.as_of()))))
}

fn stage(field: &'static str, word: Option<&str>) -> Result<Option<Stage>, AskError> {
    let read = |word: &str| {
        word.parse().map_err(|wrong: domain::lead::InvalidStage| AskError::Invalid {
            field,
            message: wrong.to_string(),
        })
    };
    word.map(read).transpose()
}

fn is_stuck(word: Option<&str>) -> Result<bool, AskError> {
    match word {
        None => Ok(false),
        Some("yes") => Ok(true),
        Some(_) => Err(AskError::Invalid { field: "stuck", message: "stuck is yes, or left out".to_owned() }),
    }
}

fn has_failed_lookup(word: Option<&str>) -> Result<bool, AskError> {
    match word {
        None => Ok(false),
        Some("failed") => Ok(true),
        Some(_) => Err(AskError::Invalid { field: "lookup", message: "lookup is failed".to_owned() }),
    }
}

fn line(lead: ListedLead, now: Timestamp) -> LeadLine {
    let days = now.duration_since(lead.stage_entered_at).as_hours() / 24;
    LeadLine {
        id: lead.id,
        name: lead.name,
        email: lead.email,
        company: lead.company,
        channel: lead.channel,
        stage: lead.stage,
        stage_entered_at: lead.stage_entered_at,
        last_activity_at: lead.last_activity_at,
        owner: lead.owner,
        value: lead.value,
        stuck_days: lead.is_stuck.then_some(days),
    }
}

/// The place after a lead, as an address carries it.
fn cursor(lead: &ListedLead) -> String {
    format!("{}-{}", lead.created_at.as_microsecond(), lead.id)
}

fn place(cursor: &str) -> Result<LeadPlace, AskError> {
    let (at, id) = cursor.split_once('-').ok_or_else(wrong_cursor)?;
    let at = at.parse().ok().and_then(|at| Timestamp::from_microsecond(at).ok());
    let id = id.parse().ok().map(LeadId);
    at.zip(id).map(|(created_at, id)| LeadPlace { created_at, id }).ok_or_else(wrong_cursor)
}

fn touched(touch: Touch, campaigns: &BTreeMap<CampaignId, String>) -> LeadEvent {
    let campaign = touch.campaign.and_then(|campaign| campaigns.get(&campaign).cloned());
    let what = LeadEventKind::Touch { kind: touch.kind, campaign, note: touch.note };
    LeadEvent { at: touch.occurred_at, what }
}

/// Something was done to it.
fn done(action: ActionLead) -> LeadEvent {
    let note = action.message.or_else(|| action.answer.as_ref().and_then(found));
    let what = LeadEventKind::Action {
        kind: action.kind,
        tool: action.tool,
        state: action.state,
        problem: action.problem,
        note,
    };
    LeadEvent { at: action.ended_at.or(action.called_at).unwrap_or(action.asked_at), what }
}

/// What a tool found of somebody, as a line.
fn found(answer: &Value) -> Option<String> {
    let values = found_of(answer).into_iter().map(|(_, value)| value).collect::<Vec<_>>();
    (!values.is_empty()).then(|| values.join(" · "))
}

/// A deal was opened, and perhaps won or lost later.
fn dealt(deal: Deal) -> Vec<LeadEvent> {
    let told = |at, state: DealState| {
        let what = LeadEventKind::Deal { name: deal.name.clone(), state, value: deal.value };
        LeadEvent { at, what }
    };
    let closed = deal.closed_at.map(|at| told(at, deal.state));
    [told(deal.opened_at, DealState::Open)].into_iter().chain(closed).collect()
}

fn moved(money: MovedMoney) -> LeadEvent {
    let what = LeadEventKind::Money { kind: money.kind, money: money.money, stripe_id: money.payment };
    LeadEvent { at: money.at, what }
}
