//! What Instantly can be told to do.

use domain::campaign::CampaignState;
use serde_json::{Map, Value, json};

use super::{Instantly, path_part, reading, refuse_errors};
use crate::connector::Connector as _;
use crate::deeds::{Deed, NewLead, Receipt, Thread};
use crate::failure::Failure;
use crate::http::Ask;
use crate::json;
use crate::redaction::redacted;

impl Instantly {
    pub(super) async fn carry_out(&self, deed: &Deed) -> Result<Receipt, Failure> {
        match deed {
            Deed::Pause { campaign } => self.switch(campaign, "pause").await,
            Deed::Resume { campaign } => self.switch(campaign, "activate").await,
            Deed::AddLeads { campaign, leads } => self.add(campaign, leads).await,
            Deed::Reply { thread, text } => self.reply(thread, text).await,
            Deed::StopLead { .. } => Err(Failure::impossible("Instantly does not say how to stop one lead")),
        }
    }

    /// The campaign is answered; how it stands is read all the same.
    async fn switch(&self, campaign: &str, verb: &str) -> Result<Receipt, Failure> {
        let receipt = self.told(&Ask::post(format!("/campaigns/{}/{verb}", path_part(campaign)?))).await?;
        tokio::time::sleep(self.http.pace().settling).await;
        let answered = reading::state(json::whole(&receipt.said, &["status"]));
        let answered = (answered != CampaignState::Unknown).then_some(answered);
        Ok(Receipt { state: self.state_of(campaign).await.ok().or(answered), ..receipt })
    }

    async fn add(&self, campaign: &str, leads: &[NewLead]) -> Result<Receipt, Failure> {
        if leads.is_empty() || leads.len() > self.most_leads() {
            return Err(Failure::impossible("Instantly is given 1 to 100 people at once"));
        }
        let leads: Vec<Value> = leads.iter().map(lead).collect::<Result<_, _>>()?;
        let body = json!({ "campaign_id": campaign, "leads": leads, "skip_if_in_campaign": true });
        let receipt = self.told(&Ask::post("/leads/add").saying(body)).await?;
        let count = |name: &str| json::whole(&receipt.said, &[name]);
        let sum = |names: [&str; 3]| {
            let counts: Vec<i64> = names.into_iter().filter_map(count).collect();
            (!counts.is_empty()).then(|| counts.iter().sum())
        };
        Ok(Receipt {
            added: count("leads_uploaded"),
            known: sum(["duplicated_leads", "skipped_count", "duplicate_email_count"]),
            refused: sum(["invalid_email_count", "incomplete_count", "in_blocklist"]),
            ..receipt
        })
    }

    async fn reply(&self, thread: &Thread, text: &str) -> Result<Receipt, Failure> {
        let body = json!({
            "eaccount": thread.account, "reply_to_uuid": thread.id,
            "subject": thread.subject.as_deref().unwrap_or_default(), "body": { "text": text },
        });
        let receipt = self.told(&Ask::post("/emails/reply").saying(body)).await?;
        Ok(Receipt { message: json::text(&receipt.said, &["id"]), ..receipt })
    }

    async fn told(&self, ask: &Ask) -> Result<Receipt, Failure> {
        let answer = self.http.once(ask).await?;
        let said = answer.said();
        refuse_errors(&said)?;
        Ok(Receipt { status: answer.status, said: redacted(&said), ..Receipt::default() })
    }
}

fn lead(new: &NewLead) -> Result<Value, Failure> {
    let Some(email) = &new.email else {
        return Err(Failure::impossible("Instantly needs everybody's e-mail"));
    };
    let custom: Map<String, Value> =
        new.custom.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let mut lead = json!({ "email": email, "custom_variables": custom });
    let optional = [
        ("first_name", &new.first_name),
        ("last_name", &new.last_name),
        ("company_name", &new.company),
        ("job_title", &new.position),
    ];
    if let Some(fields) = lead.as_object_mut() {
        let told =
            optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())));
        fields.extend(told);
    }
    Ok(lead)
}
