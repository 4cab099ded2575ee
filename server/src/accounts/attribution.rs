//! What people and programs say about where revenue came from: overrides, and links of Stripe customers to records.

use domain::access::{Permission, Viewer};
use domain::attribution::{Link, Override, OverrideTarget, normalise_email};
use domain::audit::Deed;
use domain::channel::ChannelSlug;
use domain::ids::{LedgerRowId, TenantId};
use store::leads::Bringing;
use store::links::LinkPut;
use store::work::TenantWork;
use uuid::Uuid;

use super::members::name_of;
use super::refusal::plain_text;
use super::{Accounts, Refusal, Sender, about, deed, saying};
use crate::chance::new_id;

/// What is said of the channel of a payment, or of everything a customer pays.
#[derive(Clone, Debug, Default)]
pub struct OverrideForm {
    /// A row of the ledger: the payment it belongs to is meant, with its refunds and disputes.
    pub row: Option<String>,
    /// A Stripe customer.
    pub customer: Option<String>,
    /// The channel's short name, or `unknown`.
    pub channel: String,
    /// Why.
    pub reason: String,
}

/// A record of the tenant's, and which Stripe customer it is.
#[derive(Clone, Debug, Default)]
pub struct LinkForm {
    /// The Stripe customer.
    pub customer: String,
    /// What the record is, such as `bootcamp_student`.
    pub kind: String,
    /// Its id where it is kept.
    pub record: String,
    /// The lead's id where it came from, or ours.
    pub lead: Option<String>,
    /// The lead's e-mail.
    pub email: Option<String>,
    /// The channel's short name.
    pub channel: Option<String>,
}

/// Something that is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put<T> {
    /// What.
    pub what: T,
    /// Whether it was not before.
    pub is_new: bool,
}

impl Accounts {
    /// Says which channel a payment or a customer is to be credited to, whatever is found; it stays until it is
    /// taken back or something else is said.
    pub async fn override_attribution(
        &self,
        viewer: &Viewer,
        typed: &OverrideForm,
        sender: &Sender,
    ) -> Result<Put<Override>, Refusal> {
        viewer.require(Permission::Act)?;
        let channel = self.channel_named(viewer.tenant, &typed.channel).await?;
        let reason = plain_text("reason", &typed.reason, 500)?;
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        let target = typed.target(&mut work).await?;
        let before = work.override_of(&target).await?;
        if let Some(same) = before.clone().filter(|said| said.channel == channel && said.reason == reason) {
            return Ok(Put { what: same, is_new: false });
        }
        let made_by = name_of(&viewer.actor);
        let said = Override { id: new_id(), target, channel, reason, made_by, made_at: now };
        if !work.override_insert(&said).await? {
            return Err(Refusal::Conflict("somebody else has just said something of this".to_owned()));
        }
        let line =
            about(deed(viewer.actor.clone(), Deed::AttributionOverridden, sender), in_words(&said.target));
        let was = before.map_or_else(|| "what was found".to_owned(), |said| said.channel.to_string());
        let details =
            [("channel", said.channel.to_string()), ("reason", said.reason.clone()), ("before", was)];
        work.audit(&saying(line, details), now).await?;
        work.commit().await?;
        Ok(Put { what: said, is_new: true })
    }

    /// Takes an override back: what is found counts again.
    pub async fn take_back_override(
        &self,
        viewer: &Viewer,
        id: &str,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::Act)?;
        let id: Uuid = id.parse().map_err(|_| Refusal::NotFound)?;
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        let ended = work.override_end(id, &name_of(&viewer.actor), now).await?;
        let said = ended.ok_or(Refusal::NotFound)?;
        let line = about(deed(viewer.actor.clone(), Deed::OverrideTakenBack, sender), in_words(&said.target));
        work.audit(&saying(line, [("channel", said.channel.to_string())]), now).await?;
        Ok(work.commit().await?)
    }

    /// Links a record to a Stripe customer; once linked, it stays linked to that one.
    pub async fn link_record(
        &self,
        viewer: &Viewer,
        typed: &LinkForm,
        sender: &Sender,
    ) -> Result<Put<Link>, Refusal> {
        viewer.require(Permission::Act)?;
        let link = typed.read()?;
        if let Some(channel) = &link.channel {
            self.channel_named(viewer.tenant, channel).await?;
        }
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        match work.link_put(&link, &name_of(&viewer.actor), Bringing::at(now)).await? {
            LinkPut::Same => return Ok(Put { what: link, is_new: false }),
            LinkPut::Other => {
                let message = format!("{} {} is linked already, and otherwise", link.kind, link.record);
                return Err(Refusal::Conflict(message));
            }
            LinkPut::New => {}
        }
        let line = deed(viewer.actor.clone(), Deed::RecordLinked, sender);
        let line = about(line, format!("{} {}", link.kind, link.record));
        work.audit(&saying(line, [("customer", link.customer.clone())]), now).await?;
        work.commit().await?;
        Ok(Put { what: link, is_new: true })
    }

    /// Takes a link back: what is found without it counts again.
    pub async fn unlink_record(
        &self,
        viewer: &Viewer,
        kind: &str,
        record: &str,
        sender: &Sender,
    ) -> Result<(), Refusal> {
        viewer.require(Permission::Act)?;
        let now = self.clock.now();
        let mut work = self.store.within(viewer.tenant).await?;
        let link = work.link_delete(kind, record).await?.ok_or(Refusal::NotFound)?;
        let line = deed(viewer.actor.clone(), Deed::RecordUnlinked, sender);
        let line = about(line, format!("{} {}", link.kind, link.record));
        work.audit(&saying(line, [("customer", link.customer)]), now).await?;
        Ok(work.commit().await?)
    }

    async fn channel_named(&self, tenant: TenantId, text: &str) -> Result<ChannelSlug, Refusal> {
        let name = text.trim().to_lowercase();
        if name == ChannelSlug::unknown().as_str() {
            return Ok(ChannelSlug::unknown());
        }
        let channels = self.store.channels_of(tenant).await?;
        let channel = channels.named(&name).map(|channel| channel.slug.clone());
        channel.ok_or_else(|| Refusal::field("channel", "there is no such channel"))
    }
}

/// What an override is about, for the audit log.
fn in_words(target: &OverrideTarget) -> String {
    match target {
        OverrideTarget::Payment(name) => format!("payment {name}"),
        OverrideTarget::Customer(id) => format!("customer {id}"),
    }
}

impl OverrideForm {
    async fn target(&self, work: &mut TenantWork) -> Result<OverrideTarget, Refusal> {
        match (&self.row, &self.customer) {
            (Some(row), None) => {
                let row: LedgerRowId = row.parse().map_err(|_| Refusal::NotFound)?;
                let payment = work.payment_of_row(row).await?;
                Ok(OverrideTarget::Payment(payment.ok_or(Refusal::NotFound)?))
            }
            (None, Some(customer)) => {
                let customer = customer_id(customer)?;
                let is_known = work.is_customer_known(&customer).await?;
                if is_known { Ok(OverrideTarget::Customer(customer)) } else { Err(Refusal::NotFound) }
            }
            _ => Err(Refusal::field("row_id", "give either row_id or customer_id")),
        }
    }
}

impl LinkForm {
    pub(crate) fn read(&self) -> Result<Link, Refusal> {
        let optional = |field, text: &Option<String>, at_most| {
            text.as_deref().map(|text| plain_text(field, text, at_most)).transpose()
        };
        let email = self.email.as_deref().map(|email| {
            normalise_email(email)
                .filter(|email| email.contains('@') && !email.chars().any(char::is_control))
                .ok_or_else(|| Refusal::field("email", "this is no e-mail address"))
        });
        let link = Link {
            customer: customer_id(&self.customer)?,
            kind: kind(&self.kind)?,
            record: plain_text("record_id", &self.record, 200)?,
            lead: optional("lead_id", &self.lead, 200)?,
            email: email.transpose()?,
            channel: optional("channel", &self.channel, 63)?.map(|channel| channel.to_lowercase()),
        };
        if link.lead.is_none() && link.email.is_none() && link.channel.is_none() {
            return Err(Refusal::field("lead_id", "give at least one of lead_id, email and channel"));
        }
        Ok(link)
    }
}

fn customer_id(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_id = text.starts_with("cus_") && text.len() <= 255 && is_plain;
    if is_id { Ok(text.to_owned()) } else { Err(Refusal::field("customer_id", "a customer's id is cus_…")) }
}

fn kind(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_kind = (1..=63).contains(&text.len())
        && text.bytes().all(|byte| is_plain(byte) || b"_-".contains(&byte))
        && text.bytes().next().is_some_and(is_plain);
    let message = "a kind is up to 63 lower-case letters, digits, _ and -, a letter or digit first";
    if is_kind { Ok(text.to_owned()) } else { Err(Refusal::field("kind", message)) }
}
