//! Events handed to the applier again: what it made of them before stays, so doing it twice does nothing twice.

use domain::access::{Permission, Viewer};
use domain::audit::Deed;
use domain::ids::EventId;

use super::{Accounts, Refusal, Sender, about, deed, saying};

impl Accounts {
    /// Has one event looked at again; one that waits anyway is left alone.
    pub async fn replay_event(&self, viewer: &Viewer, event: &str, sender: &Sender) -> Result<(), Refusal> {
        viewer.require(Permission::Act)?;
        let event: EventId = event.parse().map_err(|_| Refusal::NotFound)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let was_done = work.event_replay(&event).await?.ok_or(Refusal::NotFound)?;
        if !was_done {
            return Ok(());
        }
        let line = about(deed(viewer.actor.clone(), Deed::EventsReplayed, sender), event.to_string());
        work.audit(&line, self.clock.now()).await?;
        Ok(work.commit().await?)
    }

    /// Has everything looked at again that could not be understood.
    pub async fn replay_dead_letters(&self, viewer: &Viewer, sender: &Sender) -> Result<u64, Refusal> {
        viewer.require(Permission::Act)?;
        let mut work = self.store.within(viewer.tenant).await?;
        let events = work.dead_letters_replay().await?;
        if events == 0 {
            return Ok(0);
        }
        let line = about(deed(viewer.actor.clone(), Deed::EventsReplayed, sender), "dead letters");
        work.audit(&saying(line, [("events", events.to_string())]), self.clock.now()).await?;
        work.commit().await?;
        Ok(events)
    }
}
