//! A tool that has campaigns.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::campaign::CampaignState;
use domain::connection::Tool;
use jiff::civil::Date;

use crate::capabilities::Capabilities;
use crate::deeds::{Deed, Receipt};
use crate::failure::Failure;
use crate::model::{Campaign, Cursor, Page, Person, Statistics, Touch};

/// A way to one account at a tool that has campaigns.
///
/// Lists are walked page by page: begin with `None`, or where [`crate::Next::Done`] said, and go on with the cursor of
/// the page before. A page asked for again is the same or newer, and whoever takes the same thing twice takes it once.
#[async_trait]
pub trait Connector: Debug + Send + Sync {
    /// Which tool.
    fn tool(&self) -> Tool;

    /// Asks what the key may do.
    async fn probe(&self) -> Result<Capabilities, Failure>;

    /// Campaigns.
    async fn campaigns(&self, after: Option<&Cursor>) -> Result<Page<Campaign>, Failure>;

    /// How a campaign stands now.
    async fn state_of(&self, campaign: &str) -> Result<CampaignState, Failure>;

    /// The people of a campaign.
    async fn people(&self, campaign: &str, after: Option<&Cursor>) -> Result<Page<Person>, Failure>;

    /// Whether [`Connector::touches`] is asked for one campaign at a time, because that is how the tool tells which
    /// campaign something belongs to.
    fn tells_touches_by_campaign(&self) -> bool {
        false
    }

    /// What was sent and answered.
    async fn touches(&self, campaign: Option<&str>, after: Option<&Cursor>) -> Result<Page<Touch>, Failure>;

    /// What a campaign came to from one day to another, both included.
    async fn statistics(&self, campaign: &str, from: Date, to: Date) -> Result<Statistics, Failure>;

    /// The most people [`Deed::AddLeads`] adds at once.
    fn most_leads(&self) -> usize {
        100
    }

    /// Does something, once. What became of it when it fails says [`Failure::outcome`].
    async fn act(&self, deed: &Deed) -> Result<Receipt, Failure>;
}
