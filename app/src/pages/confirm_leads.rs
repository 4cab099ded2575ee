//! `/portal/actions/leads`: whom an action on leads would touch, and the button that has it done.

use domain::action::ActionKind;
use domain::action::leads::{LeadLeftOut, LeadTouched, MOST_AT_ONCE};
use domain::action::message::LONGEST;
use domain::connection::Tool;
use domain::ids::LeadId;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::params::ParamsMap;

use super::asking::{desk, leads_confirmation_question, leads_question, notice, office, query};
use super::refusal::RefusalView;
use crate::actions::{LeadsConfirmationPage, LeadsConfirmationQuestion};
use crate::address::{Address, CONFIRM_LEADS, CONNECTIONS, LEADS};
use crate::components::{Layout, Moment, Place, PostForm, as_character_data, tool_name};
use crate::form::{Form, Problem};
use crate::format;
use crate::port::{AskError, LeadsQuestion, PeriodQuestion};
use crate::visit::{Notice, Visit};

/// The heading of the page when it cannot be shown.
const TITLE: &str = "Leads";

/// Asks whom the action the address names would touch.
#[component]
pub fn ConfirmLeadsPage() -> impl IntoView {
    let query = query();
    let notice = notice(&query);
    let answer = Suspend::new(async move {
        let question = leads_confirmation_question(&query);
        let shown = asked(&query, question.clone()).await;
        match shown {
            Ok((shown, question)) => view! { <ConfirmLeadsView shown question notice/> }.into_any(),
            Err(error) => {
                let page = Address::new(LEADS).with_any("tenant_id", question.tenant_id.as_ref());
                let question = about(&question);
                view! { <RefusalView error place=Place::Leads title=TITLE page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Confirm an action · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

/// Who is meant by everybody is found out first; from then on they are meant by name.
async fn asked(
    query: &ParamsMap,
    question: LeadsConfirmationQuestion,
) -> Result<(LeadsConfirmationPage, LeadsConfirmationQuestion), AskError> {
    let (office, viewer) = (office(), Visit::now().viewer()?);
    let mut question = question;
    if query.get("everyone").is_some() {
        let limit = Some(MOST_AT_ONCE.to_string());
        let all = LeadsQuestion { limit, cursor: None, ..leads_question(query) };
        let listed = desk().leads(&viewer, all).await?;
        question.leads = listed.lines.iter().map(|lead| lead.id.to_string()).collect();
    }
    let shown = office.leads_confirmation(&viewer, question.clone()).await?;
    Ok((shown, question))
}

fn about(question: &LeadsConfirmationQuestion) -> PeriodQuestion {
    PeriodQuestion { tenant_id: question.tenant_id.clone(), ..PeriodQuestion::default() }
}

#[component]
fn ConfirmLeadsView(
    shown: LeadsConfirmationPage,
    question: LeadsConfirmationQuestion,
    #[prop(optional_no_strip)] notice: Option<Notice>,
) -> AnyView {
    let kind = shown.preview.kind;
    let title = match shown.preview.leads.as_slice() {
        [] => format!("{} nobody", kind.short_name()),
        [only] => format!("{} {}?", kind.short_name(), format::name(&only.name)),
        leads => format!("{} {} leads?", kind.short_name(), number(leads.len())),
    };
    let problem = problem(&shown, &question);
    view! {
        <Layout place=Place::Leads question=about(&question) notice>
            <header class="page-head">
                <div class="page-title">
                    <h1>{title}</h1>
                    <p>{kind.means()}</p>
                </div>
            </header>
            {problem}
            {asking(&shown, &question)}
            {touched(&shown, &question)}
            {ending(&shown, &question)}
            {left_out(&shown, &question)}
        </Layout>
    }
    .into_any()
}

/// What was wrong with the form when it was sent.
fn problem(shown: &LeadsConfirmationPage, question: &LeadsConfirmationQuestion) -> Option<AnyView> {
    let form = Form::of(&Visit::now(), "confirm_leads", &page(shown, question), &[]);
    let words = match form.problem()? {
        Problem::Said(words) => words,
        Problem::InField(_) => "Look at the fields below.".to_owned(),
    };
    Some(view! { <p class="alert" role="alert">{words}</p> }.into_any())
}

/// The page as it is, so that it can be asked for again.
fn page(shown: &LeadsConfirmationPage, question: &LeadsConfirmationQuestion) -> Address {
    let leads = chosen(shown);
    Address::of_leads_action(shown.preview.kind, &leads, Some(&shown.tenant.id.to_string()))
        .with_any("text", shown.preview.text.as_ref())
        .with_any("tool", question.tool.as_ref())
}

/// Everybody who was asked for.
fn chosen(shown: &LeadsConfirmationPage) -> Vec<LeadId> {
    let touched = shown.preview.leads.iter().map(|lead| lead.lead);
    touched.chain(shown.preview.left_out.iter().map(|lead| lead.lead)).collect()
}

/// What can be chosen: the text, or the tool.
fn asking(shown: &LeadsConfirmationPage, question: &LeadsConfirmationQuestion) -> AnyView {
    let hidden = chosen(shown)
        .into_iter()
        .map(|lead| view! { <input type="hidden" name="lead" value=lead.to_string()/> })
        .collect_view();
    let kind = shown.preview.kind;
    let tenant_id =
        question.tenant_id.clone().map(|id| view! { <input type="hidden" name="tenant_id" value=id/> });
    let (field, says) = match kind {
        ActionKind::SendFollowUp => (text_field(shown), "Show the messages"),
        _ if shown.tools.len() > 1 => (tool_field(shown, question), "Use this tool"),
        _ => return ().into_any(),
    };
    view! {
        <section class="card section" aria-label="What is done">
            <form class="form" method="get" action=CONFIRM_LEADS>
                {tenant_id}
                <input type="hidden" name="kind" value=kind.word()/>
                {hidden}
                {field}
                <div class="form-end"><button type="submit" class="button">{says}</button></div>
            </form>
        </section>
    }
    .into_any()
}

fn text_field(shown: &LeadsConfirmationPage) -> AnyView {
    let text = shown.preview.text.clone().unwrap_or_default();
    view! {
        <div class="field">
            <label for="follow-up-text">"Message"</label>
            <textarea id="follow-up-text" name="text" rows="7" required=true maxlength=LONGEST.to_string() aria-describedby="follow-up-hint">
                {as_character_data(&text)}
            </textarea>
            <p class="hint" id="follow-up-hint">
                "{first_name}, {name} and {company} stand for what is known of each lead; {first_name|there} says what stands there when it is not known."
            </p>
        </div>
    }
    .into_any()
}

fn tool_field(shown: &LeadsConfirmationPage, question: &LeadsConfirmationQuestion) -> AnyView {
    let options = shown
        .tools
        .iter()
        .map(|tool| {
            let is_chosen = question.tool.as_deref() == Some(tool.word());
            view! { <option value=tool.word() selected=is_chosen>{tool.name()}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="enrich-tool">"Looked up by"</label>
            <select id="enrich-tool" name="tool">
                <option value="" selected=question.tool.is_none()>"Whichever tool can, another one than the last time first"</option>
                {options}
            </select>
        </div>
    }
    .into_any()
}

fn touched(shown: &LeadsConfirmationPage, question: &LeadsConfirmationQuestion) -> AnyView {
    let leads = &shown.preview.leads;
    if leads.is_empty() {
        return ().into_any();
    }
    let rows = leads.iter().map(|lead| row(lead, shown, question)).collect_view();
    let cost = shown.preview.credits.map(|credits| {
        let credits = format::counted(credits, "credit", "credits");
        let says = format!("Costs at most {credits} of the tool's. What is not found is free at most tools.");
        view! { <p class="need-why">{says}</p> }
    });
    view! {
        <section class="card section" aria-labelledby="touches-title">
            <h2 id="touches-title">"Whom it touches"</h2>
            {cost}
            <ul class="lead-states">{rows}</ul>
        </section>
    }
    .into_any()
}

fn row(lead: &LeadTouched, shown: &LeadsConfirmationPage, question: &LeadsConfirmationQuestion) -> AnyView {
    let address = Address::of_lead(lead.lead, question.tenant_id.as_ref());
    let tool = tool_name(&lead.tool);
    let last = lead.last_at.map(|at| {
        let problem = lead.last_problem.as_ref().map(|why| format!(": {}", format::name(why)));
        view! {
            <span class="need-why">
                "Last tried " <Moment at timezone=shown.tenant.timezone.clone()/> {problem}
            </span>
        }
    });
    let message = lead.message.as_ref().map(|text| {
        view! { <span class="message"><bdi>{format::block(text)}</bdi></span> }
    });
    view! {
        <li>
            <a href=address.to_string()><bdi>{format::name(&lead.name)}</bdi></a> " · " {tool}
            {last} {message}
        </li>
    }
    .into_any()
}

fn left_out(shown: &LeadsConfirmationPage, question: &LeadsConfirmationQuestion) -> AnyView {
    let left_out = &shown.preview.left_out;
    if left_out.is_empty() {
        return ().into_any();
    }
    let row = |lead: &LeadLeftOut| {
        let address = Address::of_lead(lead.lead, question.tenant_id.as_ref());
        view! {
            <li>
                <a href=address.to_string()><bdi>{format::name(&lead.name)}</bdi></a>
                <span class="need-why">{format::sentence(&lead.why)}</span>
            </li>
        }
    };
    let rows = left_out.iter().map(row).collect_view();
    let title = format!("Left alone ({})", number(left_out.len()));
    view! {
        <section class="card section" aria-labelledby="left-out-title">
            <h2 id="left-out-title">{title}</h2>
            <ul class="lead-states">{rows}</ul>
        </section>
    }
    .into_any()
}

/// The button, or why there is none.
fn ending(shown: &LeadsConfirmationPage, question: &LeadsConfirmationQuestion) -> AnyView {
    let preview = &shown.preview;
    let away = Address::new(LEADS).with_any("tenant_id", question.tenant_id.as_ref()).to_string();
    if let Some(obstacle) = &shown.obstacle {
        let connect = no_tool(shown).then(|| {
            let page = Address::new(CONNECTIONS).with_any("tenant_id", question.tenant_id.as_ref());
            view! { <a class="button primary" href=page.to_string()>"Connect a tool"</a> }
        });
        return view! {
            <p class="alert" role="alert">{format::sentence(obstacle)}</p>
            <div class="form-end"><a class="button" href=away>"Back to the leads"</a> {connect}</div>
        }
        .into_any();
    }
    let form = Form::of(&Visit::now(), "confirm_leads", &page(shown, question), &[]);
    let leads: Vec<String> = preview.leads.iter().map(|lead| lead.lead.to_string()).collect();
    let says = match preview.kind {
        ActionKind::SendFollowUp => {
            let messages = i64::try_from(leads.len()).unwrap_or(i64::MAX);
            format!("Send {}", format::counted(messages, "message", "messages"))
        }
        kind => kind.name().to_owned(),
    };
    let hint = (preview.kind == ActionKind::SendFollowUp)
        .then_some("They go out after a minute; until then they can be called off.");
    let (kind, text, tool) = (preview.kind.word(), preview.text.clone(), question.tool.clone());
    let (key, seen) = (shown.key.clone(), shown.seen.clone());
    view! {
        <PostForm form>
            <input type="hidden" name="kind" value=kind/>
            <input type="hidden" name="leads" value=leads.join(" ")/>
            <input type="hidden" name="text" value=text/>
            <input type="hidden" name="tool" value=tool/>
            <input type="hidden" name="key" value=key/>
            <input type="hidden" name="seen" value=seen/>
            <p class="hint">{hint}</p>
            <div class="form-end">
                <a class="button ghost" href=away>"Leave them alone"</a>
                <button type="submit" class="button primary">{says}</button>
            </div>
        </PostForm>
    }
    .into_any()
}

fn no_tool(shown: &LeadsConfirmationPage) -> bool {
    let is_asked = |tool: &Tool| shown.tools.contains(tool);
    shown.preview.kind == ActionKind::RetryEnrichment && !Tool::ALL.iter().any(is_asked)
}

fn number(things: usize) -> String {
    format::count(i64::try_from(things).unwrap_or(i64::MAX))
}
