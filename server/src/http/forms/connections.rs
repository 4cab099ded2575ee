//! The forms of the tools people are reached with.

use app::visit::Notice;

use super::posted::Posted;
use super::{Done, Poster};
use crate::accounts::Refusal;

impl Poster<'_> {
    pub(super) async fn connect_tool(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (tool, key, base) = (posted.take("tool"), posted.take("value"), posted.take("base"));
        self.services.connections.connect(&self.viewer()?, &tool, &key, &base, self.sender).await?;
        Ok(Done::Said(Notice::ToolConnected))
    }

    pub(super) async fn disconnect_tool(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let tool = posted.take("tool");
        self.services.connections.disconnect(&self.viewer()?, &tool, self.sender).await?;
        Ok(Done::Said(Notice::ToolDisconnected))
    }

    pub(super) async fn make_webhook_address(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (tool, connections) = (posted.take("tool"), &self.services.connections);
        let made = connections.make_webhook_address(&self.viewer()?, &tool, self.sender).await?;
        Ok(Done::ShownOnce(made.in_words()))
    }

    pub(super) async fn sync_tool(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let tool = posted.take("tool");
        let (connections, applier) = (&self.services.connections, &self.services.applier);
        connections.order(&self.viewer()?, &tool, self.sender, applier).await?;
        Ok(Done::Said(Notice::SyncStarted))
    }
}
