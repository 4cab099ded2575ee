//! The forms of who administers a tenant.

use app::visit::Notice;

use super::posted::Posted;
use super::{Done, Poster};
use crate::accounts::{KeyRequest, RateForm, Refusal, SettingsForm};

impl Poster<'_> {
    pub(super) async fn save_settings(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let typed = SettingsForm {
            version: posted.take("version"),
            name: posted.take("name"),
            currency: posted.take("currency"),
            timezone: posted.take("timezone"),
            week_start: posted.take("week_start"),
            gross_margin: posted.take("gross_margin"),
            target_roas: posted.take("target_roas"),
            minimum_spend: posted.take("minimum_spend"),
            minimum_customers: posted.take("minimum_customers"),
            attribution_order: posted.take("attribution_order"),
            maximum_payback_months: posted.take("maximum_payback_months"),
            stuck_after_days: posted.take("stuck_after_days"),
            definition: posted.take("mrr_definition"),
        };
        self.services.accounts.save_settings(&self.viewer()?, &typed, self.sender).await?;
        self.services.applier.wake();
        Ok(Done::Said(Notice::SettingsSaved))
    }

    pub(super) async fn import_rates(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let sheet = posted.take("sheet");
        self.services.accounts.import_rates(&self.viewer()?, &sheet, self.sender).await?;
        self.services.applier.wake();
        Ok(Done::Said(Notice::RatesSaved))
    }

    pub(super) async fn set_rate(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let typed = RateForm {
            day: posted.take("day"),
            base: posted.take("base"),
            quote: posted.take("quote"),
            rate: posted.take("rate"),
        };
        self.services.accounts.set_rate(&self.viewer()?, &typed, self.sender).await?;
        self.services.applier.wake();
        Ok(Done::Said(Notice::RatesSaved))
    }

    pub(super) async fn invite(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (email, role) = (posted.take("email"), posted.take("role"));
        let link = self.services.accounts.invite(&self.viewer()?, &email, &role, self.sender).await?;
        Ok(Done::ShownOnce(link))
    }

    pub(super) async fn revoke_invitation(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let invitation = posted.take("invitation");
        self.services.accounts.revoke_invitation(&self.viewer()?, &invitation, self.sender).await?;
        Ok(Done::Said(Notice::InvitationRevoked))
    }

    pub(super) async fn change_role(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (user, role) = (posted.take("user"), posted.take("role"));
        self.services.accounts.change_role(&self.viewer()?, &user, &role, self.sender).await?;
        Ok(Done::Said(Notice::RoleChanged))
    }

    pub(super) async fn remove_member(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let user = posted.take("user");
        self.services.accounts.remove_member(&self.viewer()?, &user, self.sender).await?;
        Ok(Done::Said(Notice::MemberRemoved))
    }

    pub(super) async fn create_api_key(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (name, role, scopes) = (posted.take("name"), posted.take("role"), posted.take_all("scope"));
        let asked = KeyRequest { name: &name, role: &role, scopes: &scopes };
        let key = self.services.accounts.create_api_key(&self.viewer()?, asked, self.sender).await?;
        Ok(Done::ShownOnce(key.text()))
    }

    pub(super) async fn revoke_api_key(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let key = posted.take("key");
        self.services.accounts.revoke_api_key(&self.viewer()?, &key, self.sender).await?;
        Ok(Done::Said(Notice::KeyRevoked))
    }

    pub(super) async fn store_secret(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let (kind, value) = (posted.take("kind"), posted.take("value"));
        self.services.accounts.store_secret(&self.viewer()?, &kind, &value, self.sender).await?;
        Ok(Done::Said(Notice::SecretStored))
    }

    pub(super) async fn remove_secret(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let kind = posted.take("kind");
        self.services.accounts.remove_secret(&self.viewer()?, &kind, self.sender).await?;
        Ok(Done::Said(Notice::SecretRemoved))
    }

    pub(super) async fn order_backfill(&self, posted: &mut Posted) -> Result<Done, Refusal> {
        let days = posted.take("days");
        self.services.backfills.order_by(&self.viewer()?, &days, self.sender).await?;
        Ok(Done::Said(Notice::BackfillStarted))
    }

    pub(super) async fn pause_backfill(&self) -> Result<Done, Refusal> {
        self.services.backfills.pause_by(&self.viewer()?, self.sender).await?;
        Ok(Done::Said(Notice::BackfillPaused))
    }
}
