//! The forms of what people say revenue is to be credited to.

use app::visit::Notice;

use super::posted::Posted;
use super::{Done, Poster};
use crate::accounts::{LinkForm, OverrideForm, Refusal};

impl Poster<'_> {
    pub(super) async fn assign(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let viewer = self.viewer()?;
        let (row, customer) = (said(posted, "row"), said(posted, "customer"));
        let typed = OverrideForm {
            // The whole customer is meant where one is named.
            row: row.filter(|_| customer.is_none()),
            customer,
            channel: posted.take("channel"),
            reason: posted.take("reason"),
        };
        let put = self.services.accounts.override_attribution(&viewer, &typed, self.sender).await?;
        self.services.applier.wake();
        Ok(Done::Undoable(Notice::ChannelAssigned, put.what.id.to_string()))
    }

    pub(super) async fn take_back(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let id = posted.take("override");
        self.services.accounts.take_back_override(&self.viewer()?, &id, self.sender).await?;
        self.services.applier.wake();
        Ok(Done::Said(Notice::AssignmentTakenBack))
    }

    pub(super) async fn link(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let typed = LinkForm {
            customer: posted.take("customer"),
            kind: posted.take("kind"),
            record: posted.take("record_id"),
            lead: said(posted, "lead_id"),
            email: said(posted, "email"),
            channel: said(posted, "channel"),
        };
        self.services.accounts.link_record(&self.viewer()?, &typed, self.sender).await?;
        self.services.applier.wake();
        Ok(Done::Said(Notice::RecordLinked))
    }

    pub(super) async fn unlink(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (kind, record) = (posted.take("kind"), posted.take("record_id"));
        self.services.accounts.unlink_record(&self.viewer()?, &kind, &record, self.sender).await?;
        self.services.applier.wake();
        Ok(Done::Said(Notice::RecordUnlinked))
    }
}

/// A field that was filled in.
fn said(posted: &mut Posted, name: &str) -> Option<String> {
    posted.take_sent(name).filter(|text| !text.trim().is_empty())
}
