//! The forms of channels and their rules.

use app::visit::Notice;

use super::posted::Posted;
use super::{Done, Poster};
use crate::accounts::Refusal;
use crate::channels::{ChannelForm, RuleForm};

impl Poster<'_> {
    pub(super) async fn add_channel(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let typed = channel(posted);
        self.services.channels.add(&self.viewer()?, &typed, self.sender).await?;
        Ok(Done::Said(Notice::ChannelAdded))
    }

    pub(super) async fn change_channel(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let typed = channel(posted);
        self.services.channels.change(&self.viewer()?, &typed, self.sender).await?;
        Ok(Done::Said(Notice::ChannelSaved))
    }

    pub(super) async fn delete_channel(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (slug, version) = (posted.take("slug"), posted.take("version"));
        self.services.channels.delete(&self.viewer()?, &slug, &version, self.sender).await?;
        Ok(Done::Said(Notice::ChannelDeleted))
    }

    pub(super) async fn save_rule(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let version = posted.take("version");
        let typed = RuleForm {
            rule: posted.take("rule"),
            field: posted.take("field"),
            key: posted.take("key"),
            kind: posted.take("kind"),
            text: posted.take("text"),
            channel: posted.take("channel"),
            place: posted.take("place"),
        };
        self.services.channels.save_rule(&self.viewer()?, &typed, &version, self.sender).await?;
        Ok(Done::Said(Notice::RuleSaved))
    }

    pub(super) async fn delete_rule(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (rule, version) = (posted.take("rule"), posted.take("version"));
        self.services.channels.delete_rule(&self.viewer()?, &rule, &version, self.sender).await?;
        Ok(Done::Said(Notice::RuleDeleted))
    }
}

/// What was typed of a channel.
fn channel(posted: &mut Posted) -> ChannelForm {
    ChannelForm {
        slug: posted.take("slug"),
        name: posted.take("name"),
        color: posted.take("color"),
        place: posted.take("place"),
        is_hidden: posted.take("hidden") == "yes",
        version: posted.take("version"),
    }
}
