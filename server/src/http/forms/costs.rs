//! The forms of what channels cost.

use app::visit::Notice;

use super::posted::Posted;
use super::{Done, Poster};
use crate::accounts::Refusal;
use crate::pipeline::{COST_FIELDS, Changed, Once, Record};

impl Poster<'_> {
    pub(super) async fn add_cost(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (viewer, pipeline) = (self.viewer()?, &self.services.pipeline);
        let is_monthly = posted.take("repeats") == "monthly";
        let record = record(posted);
        if is_monthly {
            pipeline.add_monthly_cost(&viewer, &record, &Once::unkeyed(), self.sender).await?;
        } else {
            pipeline.add_cost(&viewer, &record, &Once::unkeyed(), self.sender).await?;
        }
        self.services.applier.announce(viewer.tenant);
        Ok(Done::Said(Notice::CostSaved))
    }

    pub(super) async fn change_cost(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (viewer, id, version) = (self.viewer()?, posted.take("cost"), posted.take("version"));
        let record = record(posted).with("version", &version);
        // A field that was emptied is meant to be empty.
        let record = if record.trimmed("notes").is_none() { record.without_any("notes") } else { record };
        let changed = self.services.pipeline.change_cost(&viewer, &id, &record, self.sender).await?;
        self.done(changed, Done::Said(Notice::CostSaved), &viewer)
    }

    pub(super) async fn delete_cost(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (viewer, id) = (self.viewer()?, posted.take("cost"));
        let changed = self.services.pipeline.delete_cost(&viewer, &id, None, self.sender).await?;
        self.done(changed, Done::Deleted(Notice::CostDeleted, id), &viewer)
    }

    pub(super) async fn restore_cost(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (viewer, id) = (self.viewer()?, posted.take("cost"));
        self.services.pipeline.restore_cost(&viewer, &id, self.sender).await?;
        self.services.applier.announce(viewer.tenant);
        Ok(Done::Said(Notice::CostRestored))
    }

    pub(super) async fn end_monthly_cost(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (viewer, id) = (self.viewer()?, posted.take("monthly_cost"));
        self.services.pipeline.end_monthly_cost(&viewer, &id, self.sender).await?;
        Ok(Done::Said(Notice::MonthlyCostEnded))
    }

    fn done(&self, changed: Changed, done: Done, viewer: &domain::access::Viewer) -> Result<Done, Refusal> {
        let Changed::Done(_) = changed else {
            let message = "somebody changed this cost meanwhile: reload the page to see it as it is now";
            return Err(Refusal::Conflict(message.to_owned()));
        };
        self.services.applier.announce(viewer.tenant);
        Ok(done)
    }
}

/// What was typed of a cost.
fn record(posted: &mut Posted) -> Record {
    Record::of_cells(COST_FIELDS.map(|name| (name.to_owned(), posted.take(name))))
}
