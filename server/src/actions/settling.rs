//! What becomes of an action nobody knows the outcome of: something newer that was done overtakes it, what a tool tells of
//! its campaigns settles it, and until then the tool is asked, once an hour when growing pauses have found out nothing.

use std::collections::BTreeSet;

use domain::action::{State, Step};
use domain::connection::Tool;
use domain::ids::{CampaignId, TenantId};
use domain::job::JobKind;
use jiff::{SignedDuration, Timestamp};
use store::actions::StoredAction;
use store::jobs::NewJob;
use store::work::TenantWork;
use store::{Store, StoreError};

use super::asking::job_of;
use super::{Known, step};

/// How often the tool is asked once growing pauses have found out nothing; and from when on what was not done is not
/// asked for again.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// For how long after it was asked for the last time.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What was asked for after an action, of the same thing.
pub(super) enum Newer {
    /// Nothing that may have been done.
    Nothing,
    /// Something whose outcome is not known yet.
    Open,
    /// Something that was done, in words.
    Done(String),
}

/// What was asked for after an action whose outcome nobody knows.
pub(super) async fn newer_than(work: &mut TenantWork, action: &StoredAction) -> Result<Newer, StoreError> {
    if action.state != State::Unknown {
        return Ok(Newer::Nothing);
    }
    let after = work.actions_after(action).await?;
    let done = after.iter().find(|newer| matches!(newer.state, State::Done | State::Undone));
    Ok(match done {
        Some(done) => Newer::Done(overtaken_by(done)),
        None if after.is_empty() => Newer::Nothing,
        None => Newer::Open,
    })
}

fn overtaken_by(newer: &StoredAction) -> String {
    format!("{} by {} was done after it", newer.kind.name().to_lowercase(), newer.asked_by)
}

/// Settles what nobody knows the outcome of and something that was done has overtaken.
pub(super) async fn overtake_older(
    work: &mut TenantWork,
    done: &StoredAction,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(campaign) = done.preview.campaign() else { return Ok(()) };
    let unknown = work.actions_unknown(None, Some(campaign.campaign)).await?;
    for older in unknown.into_iter().filter(|older| (older.asked_at, older.id) < (done.asked_at, done.id)) {
        let Some(held) = work.action(older.id).await? else { continue };
        step(work, &held, Step::Overtake, Known::note(overtaken_by(done)), now).await?;
    }
    Ok(())
}

/// What an action that was done has taken back is marked so.
pub(super) async fn take_back(
    work: &mut TenantWork,
    done: &StoredAction,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(undone) = done.undo_of else { return Ok(()) };
    let Some(before) = work.action(undone).await? else { return Ok(()) };
    step(work, &before, Step::Undo, Known::by(&done.asked_by), now).await?;
    Ok(())
}

/// Whether growing pauses since the tool was asked are over.
pub(super) fn is_late(action: &StoredAction, now: Timestamp) -> bool {
    since_it_was_called(action, now) >= HOUR
}

fn since_it_was_called(action: &StoredAction, now: Timestamp) -> SignedDuration {
    now.duration_since(action.called_at.unwrap_or(action.asked_at))
}

/// Has the tool asked in an hour how things stand; `false` when that was done for long enough.
pub(super) async fn queue_look(
    work: &mut TenantWork,
    action: &StoredAction,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if since_it_was_called(action, now) >= LONGEST {
        return Ok(false);
    }
    look_in(work, action, HOUR, now).await?;
    Ok(true)
}

/// Has the tool asked after so long how things stand.
pub(super) async fn look_in(
    work: &mut TenantWork,
    action: &StoredAction,
    delay: SignedDuration,
    now: Timestamp,
) -> Result<(), StoreError> {
    let job = NewJob { id: job_of(action.id), kind: JobKind::PerformAction, subject: action.id.to_string() };
    work.job_insert(&job, now).await?;
    work.job_queue(job.id, job.kind, delay, now).await
}

/// Settles what nobody knows the outcome of by what a tool told of its campaigns since a moment.
pub(crate) async fn settle_told(
    store: &Store,
    tenant: TenantId,
    tool: Tool,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let unknown = store.within(tenant).await?.actions_unknown(Some(tool.word()), None).await?;
    let campaigns: BTreeSet<CampaignId> = unknown
        .iter()
        .filter_map(|action| action.preview.campaign())
        .map(|campaign| campaign.campaign)
        .collect();
    for campaign in campaigns {
        let mut work = store.within(tenant).await?;
        settle_of(&mut work, campaign, since, now).await?;
        work.commit().await?;
    }
    Ok(())
}

/// The newest decides: as it wanted, it is done, and has overtaken the others; otherwise the tool is asked at once.
async fn settle_of(
    work: &mut TenantWork,
    campaign: CampaignId,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(told) = work.campaign(campaign).await? else { return Ok(()) };
    let newest = work.actions_unknown(None, Some(campaign)).await?.into_iter().next();
    let Some(newest) = newest.filter(|newest| newest.called_at.is_some_and(|at| at <= since)) else {
        return Ok(());
    };
    let Some(action) = work.action(newest.id).await? else { return Ok(()) };
    if !matches!(newer_than(work, &action).await?, Newer::Nothing) {
        return Ok(());
    }
    if Some(told.campaign.state) != action.kind.leads_to() {
        return look_in(work, &action, SignedDuration::ZERO, now).await;
    }
    let found = Known::note("found so when the tool's campaigns were read");
    if let Some(done) = step(work, &action, Step::Confirm, found, now).await? {
        take_back(work, &done, now).await?;
        overtake_older(work, &done, now).await?;
    }
    Ok(())
}
