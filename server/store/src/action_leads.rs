//! What actions do to leads, lead by lead, and what there is to know of leads before.

use domain::action::ActionKind;
use domain::action::leads::LeadState;
use domain::alert::Lookups;
use domain::connection::Tool;
use domain::ids::{ActionId, LeadId};
use domain::lead::Stage;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::StoreError;
use crate::database::instant;
use crate::lead_stages::stage;
use crate::work::TenantWork;

/// What an action does to one lead.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionLead {
    /// The action.
    pub action: ActionId,
    /// The lead.
    pub lead: LeadId,
    /// Which of the action's leads, from 1.
    pub ordinal: i32,
    /// What is done.
    pub kind: ActionKind,
    /// The tool that is asked.
    pub tool: Tool,
    /// What the lead is written.
    pub message: Option<String>,
    /// The conversation it is written in.
    pub thread: Option<Value>,
    /// How far it is.
    pub state: LeadState,
    /// What the tool calls the question, or the message that was sent.
    pub reference: Option<String>,
    /// What the tool answered.
    pub answer: Option<Value>,
    /// Why it came to nothing, or is not known.
    pub problem: Option<String>,
    /// What it cost, in the tool's credits.
    pub credits: Option<i64>,
    /// When somebody asked for it.
    pub asked_at: Timestamp,
    /// When the tool was last asked.
    pub called_at: Option<Timestamp>,
    /// When the tool is to be asked again how far it is.
    pub next_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
}

/// What there is to know of a lead before something is done to it.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadToActOn {
    /// The lead.
    pub id: LeadId,
    /// The id it has where it came from.
    pub external_id: String,
    /// What the person is called.
    pub name: Option<String>,
    /// Its e-mail.
    pub email: Option<String>,
    /// Its company.
    pub company: Option<String>,
    /// How far it has come.
    pub stage: Stage,
    /// Its profile on LinkedIn, as a tool named it.
    pub profile_url: Option<String>,
    /// The newest conversation with it, and the tool that is at.
    pub thread: Option<(Tool, Value)>,
    /// Whether the last message to it came back.
    pub is_bounced: bool,
    /// The last time the same was done.
    pub last: Option<LastDone>,
}

impl LeadToActOn {
    /// What it is called, for people.
    #[must_use]
    pub fn called(&self) -> String {
        self.name.as_ref().or(self.email.as_ref()).unwrap_or(&self.external_id).clone()
    }
}

/// The last time the same was done to a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastDone {
    /// How far it is.
    pub state: LeadState,
    /// The tool that was asked.
    pub tool: Tool,
    /// When somebody asked for it.
    pub asked_at: Timestamp,
    /// Why it came to nothing.
    pub problem: Option<String>,
}

struct ActionLeadRow {
    action_id: Uuid,
    lead_id: Uuid,
    ordinal: i32,
    kind: String,
    tool: String,
    message: Option<String>,
    thread: Option<Value>,
    state: String,
    reference: Option<String>,
    answer: Option<Value>,
    problem: Option<String>,
    credits: Option<i64>,
    asked_at: jiff_sqlx::Timestamp,
    called_at: Option<jiff_sqlx::Timestamp>,
    next_at: Option<jiff_sqlx::Timestamp>,
    ended_at: Option<jiff_sqlx::Timestamp>,
}

impl ActionLeadRow {
    fn read(self) -> Result<ActionLead, StoreError> {
        Ok(ActionLead {
            action: ActionId(self.action_id),
            lead: LeadId(self.lead_id),
            ordinal: self.ordinal,
            kind: self.kind.parse().map_err(|_| StoreError::unreadable("a kind of action", &self.kind))?,
            tool: tool(&self.tool)?,
            message: self.message,
            thread: self.thread,
            state: lead_state(&self.state)?,
            reference: self.reference,
            answer: self.answer,
            problem: self.problem,
            credits: self.credits,
            asked_at: self.asked_at.into(),
            called_at: self.called_at.map(Into::into),
            next_at: self.next_at.map(Into::into),
            ended_at: self.ended_at.map(Into::into),
        })
    }
}

fn tool(word: &str) -> Result<Tool, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("a tool", word))
}

fn lead_state(word: &str) -> Result<LeadState, StoreError> {
    word.parse().map_err(|_| StoreError::unreadable("how far an action is with a lead", word))
}

impl TenantWork {
    /// Keeps what an action is to do to leads.
    pub async fn action_leads_insert(&mut self, leads: &[ActionLead]) -> Result<(), StoreError> {
        for lead in leads {
            sqlx::query!(
                r#"insert into action_leads (tenant_id, action_id, lead_id, ordinal, kind, tool, message, thread, state,
                    asked_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"#,
                self.tenant.0,
                lead.action.0,
                lead.lead.0,
                lead.ordinal,
                lead.kind.word(),
                lead.tool.word(),
                lead.message,
                lead.thread,
                lead.state.word(),
                instant(lead.asked_at) as _,
            )
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }

    /// What these actions do to leads, in their order.
    pub async fn action_leads(&mut self, actions: &[ActionId]) -> Result<Vec<ActionLead>, StoreError> {
        let ids: Vec<Uuid> = actions.iter().map(|action| action.0).collect();
        let rows = sqlx::query_as!(
            ActionLeadRow,
            r#"select action_id, lead_id, ordinal, kind, tool, message, thread, state, reference, answer, problem, credits,
                asked_at as "asked_at: jiff_sqlx::Timestamp", called_at as "called_at: jiff_sqlx::Timestamp",
                next_at as "next_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp"
            from action_leads where tenant_id = $1 and action_id = any($2) order by action_id, ordinal"#,
            self.tenant.0,
            &ids,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ActionLeadRow::read).collect()
    }

    /// What was done to a lead, the newest first.
    pub async fn actions_of_lead(
        &mut self,
        lead: LeadId,
        at_most: i64,
    ) -> Result<Vec<ActionLead>, StoreError> {
        let rows = sqlx::query_as!(
            ActionLeadRow,
            r#"select action_id, lead_id, ordinal, kind, tool, message, thread, state, reference, answer, problem, credits,
                asked_at as "asked_at: jiff_sqlx::Timestamp", called_at as "called_at: jiff_sqlx::Timestamp",
                next_at as "next_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp"
            from action_leads where tenant_id = $1 and lead_id = $2 order by asked_at desc, action_id desc limit $3"#,
            self.tenant.0,
            lead.0,
            at_most,
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ActionLeadRow::read).collect()
    }

    /// What an action does to a lead; held until the work is done.
    pub async fn action_lead(
        &mut self,
        action: ActionId,
        lead: LeadId,
    ) -> Result<Option<ActionLead>, StoreError> {
        let row = sqlx::query_as!(
            ActionLeadRow,
            r#"select action_id, lead_id, ordinal, kind, tool, message, thread, state, reference, answer, problem, credits,
                asked_at as "asked_at: jiff_sqlx::Timestamp", called_at as "called_at: jiff_sqlx::Timestamp",
                next_at as "next_at: jiff_sqlx::Timestamp", ended_at as "ended_at: jiff_sqlx::Timestamp"
            from action_leads where tenant_id = $1 and action_id = $2 and lead_id = $3 for update"#,
            self.tenant.0,
            action.0,
            lead.0,
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(ActionLeadRow::read).transpose()
    }

    /// Keeps how far an action is with a lead.
    pub async fn action_lead_set(&mut self, lead: &ActionLead) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update action_leads set state = $4, reference = left($5, 300), answer = $6, problem = left($7, 2000),
                credits = $8, called_at = $9, next_at = $10, ended_at = $11
            where tenant_id = $1 and action_id = $2 and lead_id = $3"#,
            self.tenant.0,
            lead.action.0,
            lead.lead.0,
            lead.state.word(),
            lead.reference,
            lead.answer,
            lead.problem,
            lead.credits,
            lead.called_at.map(instant) as _,
            lead.next_at.map(instant) as _,
            lead.ended_at.map(instant) as _,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Ends an action with those leads their tool was not asked about, of one tool only or of all, and says how many they
    /// were.
    pub async fn action_leads_end_queued(
        &mut self,
        action: ActionId,
        tool: Option<Tool>,
        state: LeadState,
        problem: Option<&str>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let ended = sqlx::query!(
            r#"update action_leads set state = $3, problem = left($4, 2000), ended_at = $5
            where tenant_id = $1 and action_id = $2 and state = 'queued' and ($6::text is null or tool = $6)"#,
            self.tenant.0,
            action.0,
            state.word(),
            problem,
            instant(now) as _,
            tool.map(Tool::word),
        )
        .execute(self.connection())
        .await?;
        Ok(ended.rows_affected())
    }

    /// How many leads something was asked for since a moment, whoever asked.
    pub async fn action_leads_asked(
        &mut self,
        kind: ActionKind,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "asked!" from action_leads
            where tenant_id = $1 and kind = $2 and asked_at > $3 and state <> 'cancelled'"#,
            self.tenant.0,
            kind.word(),
            instant(since) as _,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// What is known of these leads, as far as it matters to what is to be done to them. Conversations at these tools
    /// only.
    pub async fn leads_to_act_on(
        &mut self,
        leads: &[LeadId],
        kind: ActionKind,
        tools: &[Tool],
    ) -> Result<Vec<LeadToActOn>, StoreError> {
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.0).collect();
        let tools: Vec<String> = tools.iter().map(|tool| tool.word().to_owned()).collect();
        let rows = sqlx::query!(
            r#"select l.id, l.external_id, l.name, l.email, l.company, l.stage,
                (select p.external_id from synced_objects p
                    where p.tenant_id = $1 and p.lead_id = l.id and p.object = 'person'
                        and p.external_id ilike '%linkedin.com/in/%'
                    order by p.seen_at limit 1) as profile_url,
                conversation.tool as "thread_tool?", conversation.thread as "thread?",
                coalesce((select t.kind = 'bounced' from lead_touches t
                    where t.tenant_id = $1 and t.lead_id = l.id and t.kind in ('sent', 'replied', 'bounced')
                    order by t.occurred_at desc, t.kind limit 1), false) as "is_bounced!",
                last.state as "last_state?", last.tool as "last_tool?", last.problem as "last_problem?",
                last.asked_at as "last_at?: jiff_sqlx::Timestamp"
            from leads l
            left join lateral (
                select s.tool, s.thread from synced_objects s
                left join lead_touches t on t.tenant_id = $1 and t.lead_id = l.id
                    and t.external_id = s.tool || ':' || s.external_id
                where s.tenant_id = $1 and s.lead_id = l.id and s.object = 'touch' and s.thread is not null
                    and s.tool = any($4)
                order by coalesce(t.occurred_at, s.seen_at) desc, s.external_id limit 1) conversation on true
            left join lateral (
                select a.state, a.tool, a.problem, a.asked_at from action_leads a
                where a.tenant_id = $1 and a.lead_id = l.id and a.kind = $3 and a.state <> 'cancelled'
                order by a.asked_at desc limit 1) last on true
            where l.tenant_id = $1 and l.id = any($2)"#,
            self.tenant.0,
            &ids,
            kind.word(),
            &tools,
        )
        .fetch_all(self.connection())
        .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let thread = match row.thread_tool.zip(row.thread) {
                Some((word, thread)) => Some((tool(&word)?, thread)),
                None => None,
            };
            let last = match (row.last_state, row.last_tool, row.last_at) {
                (Some(state), Some(word), Some(at)) => Some(LastDone {
                    state: lead_state(&state)?,
                    tool: tool(&word)?,
                    asked_at: at.into(),
                    problem: row.last_problem,
                }),
                _ => None,
            };
            found.push(LeadToActOn {
                id: LeadId(row.id),
                external_id: row.external_id,
                name: row.name,
                email: row.email,
                company: row.company,
                stage: stage(&row.stage)?,
                profile_url: row.profile_url,
                thread,
                is_bounced: row.is_bounced,
                last,
            });
        }
        // In the order they were asked for.
        found.sort_by_key(|lead| leads.iter().position(|id| *id == lead.id));
        Ok(found)
    }

    /// What became of leads that were looked up since a moment; of each the last time counts.
    pub async fn lookups_since(&mut self, since: Timestamp) -> Result<Lookups, StoreError> {
        let row = sqlx::query!(
            r#"select count(*) as "leads!", count(*) filter (where state in ('failed', 'unknown')) as "failed!",
                mode() within group (order by problem) filter (where state in ('failed', 'unknown')) as problem
            from (select distinct on (lead_id) state, problem from action_leads
                where tenant_id = $1 and kind = 'retry_enrichment' and asked_at > $2
                    and state in ('done', 'failed', 'unknown')
                order by lead_id, asked_at desc) last"#,
            self.tenant.0,
            instant(since) as _,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(Lookups { leads: row.leads, failed: row.failed, problem: row.problem })
    }

    /// Whether the tool has told, since it was asked to write to a lead, of such a message to them. Its clock may be behind
    /// ours; where it gives the text, that decides.
    pub async fn is_told_as_sent(&mut self, lead: &ActionLead) -> Result<bool, StoreError> {
        let since = lead.called_at.unwrap_or(lead.asked_at);
        Ok(sqlx::query_scalar!(
            r#"select exists (select from lead_touches t
                where t.tenant_id = $1 and t.lead_id = $2 and t.kind = 'sent' and t.external_id like $3 || ':%'
                    and t.recorded_at >= $4 and t.occurred_at >= $4 - interval '2 minutes'
                    and (t.note is null or position(left($5, 40) in t.note) > 0)) as "was!""#,
            self.tenant.0,
            lead.lead.0,
            lead.tool.word(),
            instant(since) as _,
            lead.message,
        )
        .fetch_one(self.connection())
        .await?)
    }
}
