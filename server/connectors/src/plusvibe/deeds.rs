//! What PlusVibe can be told to do.

use serde_json::{Map, Value, json};

use super::{PlusVibe, refuse_errors};
use crate::connector::Connector as _;
use crate::deeds::{Deed, NewLead, Receipt, Thread};
use crate::failure::Failure;
use crate::http::Ask;
use crate::json;
use crate::redaction::redacted;

impl PlusVibe {
    pub(super) async fn carry_out(&self, deed: &Deed) -> Result<Receipt, Failure> {
        match deed {
            Deed::Pause { campaign } => self.switch("/campaign/pause", campaign).await,
            Deed::Resume { campaign } => self.switch("/campaign/launch", campaign).await,
            Deed::AddLeads { campaign, leads } => self.add(campaign, leads).await,
            Deed::Reply { thread, text } => self.reply(thread, text).await,
            Deed::StopLead { campaign, person } => self.stop(campaign, person).await,
        }
    }

    async fn switch(&self, path: &str, campaign: &str) -> Result<Receipt, Failure> {
        let body = json!({ "workspace_id": self.workspace().await.map_err(Failure::before_doing)?, "campaign_id": campaign });
        let receipt = self.told(&Ask::post(path).saying(body)).await?;
        tokio::time::sleep(self.http.pace().settling).await;
        Ok(Receipt { state: self.state_of(campaign).await.ok(), ..receipt })
    }

    async fn add(&self, campaign: &str, leads: &[NewLead]) -> Result<Receipt, Failure> {
        if leads.is_empty() || leads.len() > self.most_leads() {
            return Err(Failure::impossible("PlusVibe is given 1 to 100 people at once"));
        }
        let leads: Vec<Value> = leads.iter().map(lead).collect::<Result<_, _>>()?;
        let body = json!({ "workspace_id": self.workspace().await.map_err(Failure::before_doing)?, "campaign_id": campaign, "leads": leads });
        let receipt = self.told(&Ask::post("/lead/add").saying(body)).await?;
        Ok(Receipt {
            added: json::whole(&receipt.said, &["leads_uploaded"]),
            known: json::whole(&receipt.said, &["duplicate_email_count"]),
            refused: json::whole(&receipt.said, &["invalid_email_count"]),
            ..receipt
        })
    }

    async fn reply(&self, thread: &Thread, text: &str) -> Result<Receipt, Failure> {
        let Some(to) = &thread.to else { return Err(Failure::impossible("it is not known whom to answer")) };
        let body = json!({
            "reply_to_id": thread.id, "subject": thread.subject.as_deref().unwrap_or_default(),
            "from": thread.account, "to": to, "body": as_html(text),
        });
        let ask = Ask::post("/unibox/emails/reply")
            .with("workspace_id", self.workspace().await.map_err(Failure::before_doing)?)
            .saying(body);
        let receipt = self.told(&ask).await?;
        Ok(Receipt { message: json::text(&receipt.said, &["id"]), ..receipt })
    }

    /// The only status a lead can be given is that it is done with.
    async fn stop(&self, campaign: &str, person: &str) -> Result<Receipt, Failure> {
        let body = json!({
            "workspace_id": self.workspace().await.map_err(Failure::before_doing)?, "campaign_id": campaign, "email": person, "new_status": "COMPLETED",
        });
        self.told(&Ask::post("/lead/update/status").saying(body)).await
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
        return Err(Failure::impossible("PlusVibe needs everybody's e-mail"));
    };
    let custom: Map<String, Value> =
        new.custom.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let mut lead = json!({ "email": email, "custom_variables": custom });
    let optional = [
        ("first_name", &new.first_name),
        ("last_name", &new.last_name),
        ("company_name", &new.company),
        ("job_title", &new.position),
        ("linkedin_person_url", &new.profile_url),
    ];
    if let Some(fields) = lead.as_object_mut() {
        let told =
            optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())));
        fields.extend(told);
    }
    Ok(lead)
}

/// Plain text as HTML that shows it as it is.
fn as_html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.lines().collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shown_as_it_is() {
        assert_eq!(as_html("a < b\n<script>&"), "a &lt; b<br>&lt;script&gt;&amp;");
    }
}
