//! The forms of who keeps things running.

use app::visit::Notice;

use super::posted::Posted;
use super::{Done, Poster};
use crate::accounts::Refusal;

impl Poster<'_> {
    pub(super) async fn replay_event(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let event = posted.take("event");
        self.services.accounts.replay_event(&self.viewer()?, &event, self.sender).await?;
        self.services.applier.wake();
        Ok(Done::Said(Notice::EventReplayed))
    }

    pub(super) async fn replay_dead_letters(&self) -> Result<Done, Refusal> {
        self.services.accounts.replay_dead_letters(&self.viewer()?, self.sender).await?;
        self.services.applier.wake();
        Ok(Done::Said(Notice::DeadLettersReplayed))
    }
}
