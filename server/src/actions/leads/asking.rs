//! Asking for something to be done to leads: whom it touches is shown first, then it is taken on, once for each key.

use domain::access::{Permission, Viewer};
use domain::action::leads::{LeadLeftOut, LeadState, LeadsPreview, MOST_AT_ONCE, SENT_AFTER};
use domain::action::limits::allow_leads;
use domain::action::message::Template;
use domain::action::{ActionKind, Preview};
use domain::connection::Tool;
use domain::ids::{LeadId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::action_leads::ActionLead;
use store::actions::StoredAction;
use store::work::TenantWork;

use super::choosing::{Choice, Chosen};
use crate::accounts::{Refusal, Sender, name_of};
use crate::actions::asking::{DAY, NewAction, read_key, taken_on_before};
use crate::actions::{Actions, Asked, Shown};
use crate::connections::refused;

/// What somebody asks to have done to leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadsAsked {
    /// What is to be done.
    pub kind: String,
    /// To whom, by our ids.
    pub leads: Vec<String>,
    /// What they are written.
    pub text: Option<String>,
    /// The tool that is to look them up; the first that can, otherwise.
    pub tool: Option<String>,
    /// What was seen, as [`seen_of`] names it; whatever it would be now without one.
    pub seen: Option<String>,
}

/// What names what somebody was shown: who is touched, at which tool, with which words.
pub(crate) fn seen_of(preview: &LeadsPreview) -> String {
    let touched: Vec<_> = preview.leads.iter().map(|lead| (lead.lead, &lead.tool, &lead.message)).collect();
    hex::encode(Sha256::digest(json!(touched).to_string().as_bytes()))
}

/// The same, read.
struct Order {
    kind: ActionKind,
    leads: Vec<LeadId>,
    text: Option<(String, Template)>,
    tool: Option<Tool>,
}

impl Order {
    /// What tells one thing asked for from another.
    fn hash(&self) -> [u8; 32] {
        let text = self.text.as_ref().map(|(typed, _)| typed);
        let tool = self.tool.map(Tool::word);
        let said = json!({ "kind": self.kind, "leads": self.leads, "text": text, "tool": tool });
        Sha256::digest(said.to_string().as_bytes()).into()
    }

    fn choice<'a>(&'a self, tools: &'a [Tool], now: Timestamp) -> Choice<'a> {
        let text = self.text.as_ref().map(|(typed, template)| (typed.as_str(), template));
        Choice { kind: self.kind, tools, text, now }
    }
}

impl LeadsAsked {
    fn read_leads(&self) -> Result<(ActionKind, Vec<LeadId>), Refusal> {
        let kind = self.kind.parse().ok().filter(|kind: &ActionKind| kind.is_of_leads());
        let kind = kind.ok_or_else(|| {
            Refusal::field("kind", "of leads there are retry_enrichment and send_follow_up")
        })?;
        let mut leads: Vec<LeadId> = Vec::new();
        for text in &self.leads {
            let id = text.trim().parse().map_err(|_| Refusal::field("lead", "this is no id of a lead"))?;
            if !leads.contains(&id) {
                leads.push(id);
            }
        }
        if leads.is_empty() {
            return Err(Refusal::field("lead", "choose at least one lead"));
        }
        if leads.len() > MOST_AT_ONCE {
            return Err(Refusal::field("lead", format!("at most {MOST_AT_ONCE} leads at once")));
        }
        Ok((kind, leads))
    }

    fn read(&self) -> Result<Order, Refusal> {
        let (kind, leads) = self.read_leads()?;
        let is_written = kind == ActionKind::SendFollowUp;
        let typed = self.text.as_deref().map(|text| text.trim().replace("\r\n", "\n"));
        let text = match typed.filter(|_| is_written) {
            None if is_written => return Err(Refusal::field("text", "write what is to be sent")),
            None => None,
            Some(typed) => {
                let template = Template::parse(&typed);
                Some((typed, template.map_err(|wrong| Refusal::field("text", wrong.to_string()))?))
            }
        };
        let named = self.tool.as_deref().filter(|tool| !tool.is_empty() && !is_written);
        let tool = named.map(|word| {
            let tool = word.parse().ok().filter(|tool: &Tool| !tool.reaches_people());
            tool.ok_or_else(|| Refusal::field("tool", "apollo and fullenrich look people up"))
        });
        Ok(Order { kind, leads, text, tool: tool.transpose()? })
    }
}

impl Actions {
    /// Whom something would be done to, as things are now.
    pub async fn preview_leads(&self, viewer: &Viewer, asked: &LeadsAsked) -> Result<Shown, Refusal> {
        viewer.require(Permission::Act)?;
        let order = asked.read()?;
        let tools = self.tools_for(viewer.tenant, &order).await?;
        let mut work = self.store.within(viewer.tenant).await?;
        let chosen = self.choose(&mut work, &order, &tools).await?;
        Ok(shown(chosen))
    }

    /// Takes something to be done to leads on. The same key again is answered with what it came to.
    pub async fn request_leads(
        &self,
        viewer: &Viewer,
        asked: &LeadsAsked,
        key: &str,
        sender: &Sender,
    ) -> Result<Asked, Refusal> {
        viewer.require(Permission::Act)?;
        let (order, key) = (asked.read()?, read_key(key)?);
        let (hash, now, name) = (order.hash(), self.clock.now(), name_of(&viewer.actor));
        let tools = self.tools_for(viewer.tenant, &order).await?;
        let mut work = self.store.within(viewer.tenant).await?;
        if let Some(before) = taken_on_before(&mut work, key, hash).await? {
            return Ok(Asked::TakenOn(Box::new(before)));
        }
        // Whoever asks for the same leads at once sees what was taken on before.
        work.leads_hold().await?;
        let chosen = self.choose(&mut work, &order, &tools).await?;
        let is_other = asked.seen.as_ref().is_some_and(|seen| *seen != seen_of(&chosen.preview));
        if is_other || chosen.preview.leads.is_empty() {
            return Ok(Asked::Stale(Box::new(shown(chosen))));
        }
        let since = now.saturating_sub(DAY).unwrap_or(now);
        let (by_them, _) = work.actions_asked(&name, None, since).await?;
        let before = work.action_leads_asked(order.kind, since).await?;
        let more = i64::try_from(chosen.preview.leads.len()).unwrap_or(i64::MAX);
        allow_leads(viewer.role, by_them, before, more)
            .map_err(|reached| Refusal::Conflict(reached.to_string()))?;
        let new = NewAction {
            kind: order.kind,
            preview: Preview::Leads(chosen.preview.clone()),
            key,
            hash,
            undo_of: None,
            // A message waits, so that it can be called off.
            delay: if order.text.is_some() { SENT_AFTER } else { SignedDuration::ZERO },
        };
        let action = self.keep(&mut work, viewer, new, sender).await?;
        work.action_leads_insert(&lines(&action, chosen)?).await?;
        work.commit().await?;
        Ok(Asked::TakenOn(Box::new(action)))
    }

    /// The same of a request that nobody can carry out: everybody is left alone.
    pub(crate) async fn leave_alone(
        &self,
        viewer: &Viewer,
        asked: &LeadsAsked,
        why: &str,
    ) -> Result<LeadsPreview, Refusal> {
        viewer.require(Permission::Act)?;
        let (kind, ids) = asked.read_leads()?;
        let leads = self.store.within(viewer.tenant).await?.leads_to_act_on(&ids, kind, &[]).await?;
        let left_out =
            leads.iter().map(|lead| LeadLeftOut { lead: lead.id, name: lead.called(), why: why.to_owned() });
        let left_out = left_out.collect();
        Ok(LeadsPreview { kind, leads: Vec::new(), left_out, text: asked.text.clone(), credits: None })
    }

    /// The connected tools that look people up.
    pub(crate) async fn tools_that_look_up(&self, tenant: TenantId) -> Result<Vec<Tool>, Refusal> {
        self.connected(tenant, |tool| !tool.reaches_people()).await
    }

    /// The tools that can be asked.
    async fn tools_for(&self, tenant: TenantId, order: &Order) -> Result<Vec<Tool>, Refusal> {
        let is_written = order.text.is_some();
        let is_wanted = |tool: Tool| order.tool.is_none_or(|wanted| wanted == tool);
        self.connected(tenant, |tool| tool.reaches_people() == is_written && is_wanted(tool)).await
    }

    /// Those of such tools a key is stored of.
    async fn connected(
        &self,
        tenant: TenantId,
        is_such: impl Fn(Tool) -> bool,
    ) -> Result<Vec<Tool>, Refusal> {
        let mut tools = Vec::new();
        for tool in Tool::ALL.into_iter().filter(|tool| is_such(*tool)) {
            if self.connections.has_key(tenant, tool).await.map_err(refused)? {
                tools.push(tool);
            }
        }
        Ok(tools)
    }

    async fn choose(&self, work: &mut TenantWork, order: &Order, tools: &[Tool]) -> Result<Chosen, Refusal> {
        let leads = work.leads_to_act_on(&order.leads, order.kind, tools).await?;
        if leads.len() < order.leads.len() {
            return Err(Refusal::NotFound);
        }
        Ok(order.choice(tools, self.clock.now()).among(&leads))
    }
}

fn shown(chosen: Chosen) -> Shown {
    let obstacle = chosen.preview.leads.is_empty().then(|| match chosen.preview.left_out.as_slice() {
        [only] => only.why.clone(),
        _ => "there is nobody among these it can be done to".to_owned(),
    });
    Shown { preview: Preview::Leads(chosen.preview), obstacle }
}

fn lines(action: &StoredAction, chosen: Chosen) -> Result<Vec<ActionLead>, Refusal> {
    let touched = chosen.preview.leads.into_iter().zip(chosen.threads);
    touched
        .zip(1..)
        .map(|((touched, thread), ordinal)| {
            let tool = touched.tool.parse().map_err(|_| Refusal::NotFound)?;
            Ok(ActionLead {
                action: action.id,
                lead: touched.lead,
                ordinal,
                kind: action.kind,
                tool,
                message: touched.message,
                thread,
                state: LeadState::Queued,
                reference: None,
                answer: None,
                problem: None,
                credits: None,
                asked_at: action.asked_at,
                called_at: None,
                next_at: None,
                ended_at: None,
            })
        })
        .collect()
}
