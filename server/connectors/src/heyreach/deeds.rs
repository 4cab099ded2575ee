//! What HeyReach can be told to do.

use domain::campaign::CampaignState;
use serde_json::{Value, json};

use super::HeyReach;
use super::reading::number;
use crate::connector::Connector as _;
use crate::deeds::{Deed, NewLead, Receipt, Thread};
use crate::failure::Failure;
use crate::http::{Answer, Ask};
use crate::json;
use crate::redaction::redacted;

impl HeyReach {
    pub(super) async fn carry_out(&self, deed: &Deed) -> Result<Receipt, Failure> {
        match deed {
            Deed::Pause { campaign } => self.switch("/campaign/Pause", campaign).await,
            Deed::Resume { campaign } => self.resume(campaign).await,
            Deed::AddLeads { campaign, leads } => self.add(campaign, leads).await,
            Deed::Reply { thread, text } => self.reply(thread, text).await,
            Deed::StopLead { campaign, person } => self.stop(campaign, person).await,
        }
    }

    /// A campaign that has not begun is started; only one that has can be resumed.
    async fn resume(&self, campaign: &str) -> Result<Receipt, Failure> {
        let path = match self.state_of(campaign).await.map_err(Failure::before_doing)? {
            CampaignState::Draft => "/campaign/StartCampaign",
            _ => "/campaign/Resume",
        };
        self.switch(path, campaign).await
    }

    /// A campaign without people left goes back to rest on its own, so what it came to is looked at afterwards.
    async fn switch(&self, path: &str, campaign: &str) -> Result<Receipt, Failure> {
        let ask = Ask::post(path).with("campaignId", number(campaign)?);
        let answer = self.http.once(&ask).await?;
        tokio::time::sleep(self.http.pace().settling).await;
        Ok(Receipt { state: self.state_of(campaign).await.ok(), ..receipt(&answer) })
    }

    async fn add(&self, campaign: &str, leads: &[NewLead]) -> Result<Receipt, Failure> {
        if leads.is_empty() || leads.len() > self.most_leads() {
            return Err(Failure::impossible("HeyReach takes 1 to 100 people at once"));
        }
        let pairs: Vec<Value> = leads.iter().map(lead).collect::<Result<_, _>>()?;
        let body = json!({ "campaignId": number(campaign)?, "accountLeadPairs": pairs });
        let answer = self.http.once(&Ask::post("/campaign/AddLeadsToCampaignV2").saying(body)).await?;
        let said = answer.said();
        Ok(Receipt {
            added: json::whole(&said, &["addedLeadsCount"]),
            known: json::whole(&said, &["updatedLeadsCount"]),
            refused: json::whole(&said, &["failedLeadsCount"]),
            ..receipt(&answer)
        })
    }

    /// An empty answer says that it was sent.
    async fn reply(&self, thread: &Thread, text: &str) -> Result<Receipt, Failure> {
        let mut body = json!({
            "message": text, "conversationId": thread.id, "linkedInAccountId": number(&thread.account)?,
        });
        if let (Some(subject), Some(fields)) = (&thread.subject, body.as_object_mut()) {
            fields.insert("subject".to_owned(), subject.as_str().into());
        }
        let answer = self.http.once(&Ask::post("/inbox/SendMessage").saying(body)).await?;
        Ok(receipt(&answer))
    }

    async fn stop(&self, campaign: &str, person: &str) -> Result<Receipt, Failure> {
        let Some(profile) = json::profile(person) else {
            return Err(Failure::impossible("HeyReach knows people by their LinkedIn profile"));
        };
        let body = json!({ "campaignId": number(campaign)?, "leadUrl": format!("https://www.{profile}") });
        let answer = self.http.once(&Ask::post("/campaign/StopLeadInCampaign").saying(body)).await?;
        Ok(receipt(&answer))
    }
}

fn receipt(answer: &Answer) -> Receipt {
    Receipt { status: answer.status, said: redacted(&answer.said()), ..Receipt::default() }
}

fn lead(new: &NewLead) -> Result<Value, Failure> {
    let Some(profile) = new.profile_url.as_deref().and_then(json::profile) else {
        return Err(Failure::impossible("HeyReach needs everybody's LinkedIn profile"));
    };
    let custom: Vec<Value> =
        new.custom.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let mut lead = json!({
        "firstName": new.first_name.as_deref().unwrap_or_default(),
        "lastName": new.last_name.as_deref().unwrap_or_default(),
        "profileUrl": format!("https://www.{profile}"),
        "customUserFields": custom,
    });
    let optional = [("emailAddress", &new.email), ("companyName", &new.company), ("position", &new.position)];
    if let Some(fields) = lead.as_object_mut() {
        let told =
            optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())));
        fields.extend(told);
    }
    Ok(json!({ "lead": lead }))
}
