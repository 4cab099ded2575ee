//! To which leads an action is done, at which tool, and why not to the others.

use connectors::{Wanted, most_credits};
use domain::action::ActionKind;
use domain::action::leads::{LeadLeftOut, LeadState, LeadTouched, LeadsPreview, QUIET};
use domain::action::message::{Addressee, Template};
use domain::connection::Tool;
use domain::lead::Stage;
use jiff::Timestamp;
use serde_json::Value;
use store::action_leads::{LastDone, LeadToActOn};

/// Those of leads an action is done to, each with its conversation, and what is shown of all.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub(super) preview: LeadsPreview,
    pub(super) threads: Vec<Option<Value>>,
}

/// What the leads are chosen by.
#[derive(Clone, Debug)]
pub(super) struct Choice<'a> {
    pub(super) kind: ActionKind,
    /// The tools that can be asked, those to be asked first before the others.
    pub(super) tools: &'a [Tool],
    /// What they are written, as it was typed and as it is read.
    pub(super) text: Option<(&'a str, &'a Template)>,
    pub(super) now: Timestamp,
}

/// Somebody it is done to.
struct Picked {
    tool: Tool,
    message: Option<String>,
    thread: Option<Value>,
}

impl Choice<'_> {
    /// Chooses among leads.
    pub(super) fn among(&self, leads: &[LeadToActOn]) -> Chosen {
        let (mut touched, mut threads, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        let mut credits = 0;
        for lead in leads {
            match self.pick(lead) {
                Ok(picked) => {
                    credits += most_credits(picked.tool);
                    threads.push(picked.thread);
                    touched.push(LeadTouched {
                        lead: lead.id,
                        name: lead.called(),
                        tool: picked.tool.word().to_owned(),
                        message: picked.message,
                        last_at: lead.last.as_ref().map(|last| last.asked_at),
                        last_problem: lead.last.as_ref().and_then(|last| last.problem.clone()),
                    });
                }
                Err(why) => left_out.push(LeadLeftOut { lead: lead.id, name: lead.called(), why }),
            }
        }
        let preview = LeadsPreview {
            kind: self.kind,
            leads: touched,
            left_out,
            text: self.text.map(|(typed, _)| typed.trim().to_owned()),
            credits: (self.kind == ActionKind::RetryEnrichment).then_some(credits),
        };
        Chosen { preview, threads }
    }

    fn pick(&self, lead: &LeadToActOn) -> Result<Picked, String> {
        if lead.last.as_ref().is_some_and(|last| last.state.is_open()) {
            return Err("this is under way for them already".to_owned());
        }
        if lead.stage == Stage::Closed {
            return Err("they have bought".to_owned());
        }
        match self.text {
            None => self.pick_to_look_up(lead),
            Some((_, template)) => self.pick_to_write_to(lead, template),
        }
    }

    /// Who was not found by one tool is looked for by another first.
    fn pick_to_look_up(&self, lead: &LeadToActOn) -> Result<Picked, String> {
        if lead.last.as_ref().is_some_and(|last| last.state == LeadState::Done) {
            return Err("they were found already".to_owned());
        }
        let wanted = wanted(lead);
        let mut lacking = "no tool that looks people up is connected";
        let mut possible = Vec::new();
        for tool in self.tools {
            match wanted.lacks_for(*tool) {
                None => possible.push(*tool),
                Some(lacks) => lacking = lacks,
            }
        }
        let has_failed = |tool: &&Tool| lead.last.as_ref().is_some_and(|last| last.tool == **tool);
        let tool = possible.iter().find(|tool| !has_failed(tool)).or(possible.first()).copied();
        let tool = tool.ok_or_else(|| lacking.to_owned())?;
        Ok(Picked { tool, message: None, thread: None })
    }

    fn pick_to_write_to(&self, lead: &LeadToActOn, template: &Template) -> Result<Picked, String> {
        let (tool, thread) = lead
            .thread
            .clone()
            .ok_or_else(|| "there is no conversation with them in a connected tool".to_owned())?;
        if lead.is_bounced {
            return Err("the last message to them came back".to_owned());
        }
        if let Some(last) = lead.last.as_ref().filter(|last| self.was_just_written(last)) {
            return Err(match last.state {
                LeadState::Unknown => "nobody knows whether the last follow-up went out".to_owned(),
                _ => "they got a follow-up within the last three days".to_owned(),
            });
        }
        let whom = Addressee { name: lead.name.as_deref(), company: lead.company.as_deref() };
        let message = template.render(whom).map_err(|lacking| lacking.to_string())?;
        Ok(Picked { tool, message: Some(message), thread: Some(thread) })
    }

    fn was_just_written(&self, last: &LastDone) -> bool {
        let may_have_come = matches!(last.state, LeadState::Done | LeadState::Unknown);
        may_have_come && self.now.duration_since(last.asked_at) < QUIET
    }
}

/// What is known of a lead, as a tool that looks people up takes it.
pub(super) fn wanted(lead: &LeadToActOn) -> Wanted {
    let mut words = lead.name.as_deref().unwrap_or_default().split_whitespace();
    let first_name = words.next().map(str::to_owned);
    let last_name = Some(words.collect::<Vec<_>>().join(" ")).filter(|rest| !rest.is_empty());
    let is_profile = |text: &&String| text.contains("linkedin.com/in/");
    Wanted {
        reference: lead.id.to_string(),
        profile_url: lead.profile_url.clone().or_else(|| Some(&lead.external_id).filter(is_profile).cloned()),
        email: lead.email.clone(),
        first_name,
        last_name,
        company: lead.company.clone(),
        domain: None,
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::LeadId;
    use jiff::SignedDuration;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn now() -> Timestamp {
        "2026-09-30T12:00:00Z".parse().unwrap()
    }

    fn lead() -> LeadToActOn {
        LeadToActOn {
            id: LeadId(Uuid::nil()),
            external_id: "l-1".to_owned(),
            name: Some("Ada Example".to_owned()),
            email: None,
            company: Some("Example Ltd".to_owned()),
            stage: Stage::Pool,
            profile_url: None,
            thread: Some((Tool::PlusVibe, json!({ "id": "m", "account": "a", "to": null, "subject": null }))),
            is_bounced: false,
            last: None,
        }
    }

    fn last(state: LeadState, tool: Tool, hours_ago: i64) -> Option<LastDone> {
        let asked_at = now() - SignedDuration::from_hours(hours_ago);
        Some(LastDone { state, tool, asked_at, problem: None })
    }

    fn looked_up(lead: &LeadToActOn, tools: &[Tool]) -> Result<Tool, String> {
        let choice = Choice { kind: ActionKind::RetryEnrichment, tools, text: None, now: now() };
        choice.pick(lead).map(|picked| picked.tool)
    }

    fn written_to(lead: &LeadToActOn, text: &str) -> Result<Option<String>, String> {
        let template = Template::parse(text).unwrap();
        let text = Some((text, &template));
        let choice = Choice { kind: ActionKind::SendFollowUp, tools: &[], text, now: now() };
        choice.pick(lead).map(|picked| picked.message)
    }

    #[test]
    fn who_one_tool_did_not_find_is_looked_for_by_another_first() {
        let both = [Tool::Apollo, Tool::FullEnrich];
        assert_eq!(looked_up(&lead(), &both), Ok(Tool::Apollo));
        let failed = LeadToActOn { last: last(LeadState::Failed, Tool::Apollo, 1), ..lead() };
        assert_eq!(looked_up(&failed, &both), Ok(Tool::FullEnrich));
        assert_eq!(looked_up(&failed, &[Tool::Apollo]), Ok(Tool::Apollo));
        let by_email = LeadToActOn { email: Some("a@b.example".into()), company: None, ..failed };
        assert_eq!(looked_up(&by_email, &both), Ok(Tool::Apollo), "the other does not take an e-mail");
    }

    #[test]
    fn nobody_is_looked_up_twice_or_for_nothing() {
        let found = LeadToActOn { last: last(LeadState::Done, Tool::Apollo, 900), ..lead() };
        let open = LeadToActOn { last: last(LeadState::Waiting, Tool::Apollo, 1), ..lead() };
        let closed = LeadToActOn { stage: Stage::Closed, ..lead() };
        let one_name = LeadToActOn { name: Some("Ada".into()), ..lead() };
        for left_out in [found, open, closed, one_name] {
            assert!(looked_up(&left_out, &[Tool::FullEnrich]).is_err(), "{left_out:?}");
        }
        assert!(looked_up(&lead(), &[]).unwrap_err().contains("connected"));
    }

    #[test]
    fn who_was_written_to_lately_or_cannot_be_reached_is_left_alone() {
        assert_eq!(written_to(&lead(), "Hi {first_name}"), Ok(Some("Hi Ada".to_owned())));
        for state in [LeadState::Done, LeadState::Unknown, LeadState::Queued] {
            let lately = LeadToActOn { last: last(state, Tool::PlusVibe, 71), ..lead() };
            assert!(written_to(&lately, "Hi").is_err(), "{state}");
        }
        let failed = LeadToActOn { last: last(LeadState::Failed, Tool::PlusVibe, 1), ..lead() };
        let long_ago = LeadToActOn { last: last(LeadState::Done, Tool::PlusVibe, 72), ..lead() };
        assert!(written_to(&failed, "Hi").is_ok() && written_to(&long_ago, "Hi").is_ok());
        let silent = LeadToActOn { thread: None, ..lead() };
        let bounced = LeadToActOn { is_bounced: true, ..lead() };
        assert!(written_to(&silent, "Hi").is_err() && written_to(&bounced, "Hi").is_err());
        let placeless = LeadToActOn { company: None, ..lead() };
        assert!(written_to(&placeless, "at {company}").unwrap_err().contains("company"));
    }
}
