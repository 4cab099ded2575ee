//! `/portal/costs`: what channels cost, with forms to write down, change, delete and bring back.

use domain::access::Permission;
use domain::channel::Channel;
use domain::cost::CostType;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{costs_question, office, query};
use super::refusal::RefusalView;
use super::settings::Asked;
use crate::address::{Address, COSTS, COSTS_FILE};
use crate::components::{
    Confirmation, CostTable, HiddenFields, Layout, Place, PostForm, RowProblem, SelectField, TextField,
};
use crate::costs::{CostLine, Costs, CostsQuestion, MonthlyLine};
use crate::format;

/// The forms the page has one of per row.
const ROW_FORMS: &[&str] = &["delete", "end_monthly"];

/// The fields of a cost.
const FIELDS: &[&str] =
    &["channel", "cost_type", "amount", "currency", "period_start", "period_end", "notes", "repeats"];

/// Asks for the costs the address names.
#[component]
pub fn CostsPage() -> impl IntoView {
    let (asked, office, question) = (Asked::now(Place::Costs), office(), costs_question(&query()));
    let answer = Suspend::new(async move {
        let costs = match asked.visit.viewer() {
            Ok(viewer) => office.costs(&viewer, question.clone()).await,
            Err(error) => Err(error),
        };
        match costs {
            Ok(costs) => view! { <CostsView costs question asked/> }.into_any(),
            Err(error) => {
                let (page, question) = (asked.address(), asked.question());
                view! { <RefusalView error place=Place::Costs title="Costs" page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Costs · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn CostsView(costs: Costs, question: CostsQuestion, asked: Asked) -> AnyView {
    let may_edit = asked.visit.may(Permission::EditSettings);
    let page = filtered(&question);
    view! {
        <Layout place=Place::Costs question=asked.question() notice=asked.notice>
            <header class="page-head">
                <div class="page-title">
                    <h1>"Costs"</h1>
                    <p>{in_words(&costs)}</p>
                </div>
                <div class="controls">{filters(&costs, &question)}</div>
            </header>
            <RowProblem visit=asked.visit.clone() forms=ROW_FORMS/>
            {costs.deleted.as_ref().filter(|_| may_edit).map(|line| bring_back(line, &costs, &asked))}
            {costs.edited.as_ref().filter(|_| may_edit).map(|line| change(line, &costs, &asked))}
            <section class="card ledger" aria-label="Costs">
                {listed(&costs, &page, &asked, may_edit)}
                {foot(&costs, &page)}
            </section>
            {monthly(&costs, &asked, may_edit)}
            {may_edit.then(|| add(&costs, &asked))}
        </Layout>
    }
    .into_any()
}

/// The page with its filter, without anything of the moment.
fn filtered(question: &CostsQuestion) -> Address {
    Address::new(COSTS)
        .with_any("tenant_id", question.tenant_id.as_ref())
        .with_any("channel", question.channel.as_ref())
        .with_any("cost_type", question.cost_type.as_ref())
        .with_any("period", question.period.as_ref())
        .with_any("from", question.from.as_ref())
        .with_any("to", question.to.as_ref())
}

fn in_words(costs: &Costs) -> String {
    let rows = format::counted(costs.rows_in_all, "cost", "costs");
    let sum = format::money(costs.sum, costs.tenant.currency);
    let waiting = match costs.without_rate {
        0 => String::new(),
        without => format!(" {} for an exchange rate.", format::counted(without, "waits", "wait")),
    };
    let within = costs.within.map_or_else(String::new, |(range, spent)| {
        let spent = format::money(spent, costs.tenant.currency);
        format!(" {spent} of it falls on {}.", format::days(range))
    });
    let overlapping = costs.lines.iter().filter(|line| line.is_overlapping).count();
    let overlaps = match overlapping {
        0 => "",
        _ => " Those marked “Overlaps” share days with others of their channel and type: they add up.",
    };
    format!("{rows} of {sum} together, each spread evenly over its days.{within}{waiting}{overlaps}")
}

fn filters(costs: &Costs, question: &CostsQuestion) -> AnyView {
    let everything = Address::new(COSTS).with_any("tenant_id", question.tenant_id.as_ref());
    let is_filtered = filtered(question) != everything;
    let channels = choices("All channels", channel_options(costs), question.channel.as_deref());
    // A named period is shown by its days, so that they can be moved from there.
    let named = costs.within.filter(|_| question.from.is_none() && question.to.is_none());
    let from = question.from.clone().or(named.map(|(range, _)| range.from.to_string()));
    let to = question.to.clone().or(named.map(|(range, _)| range.to.to_string()));
    let types = choices("All types", type_options(), question.cost_type.as_deref());
    view! {
        <form class="filters" method="get" action=COSTS>
            <HiddenFields page=everything.clone()/>
            <label>"Channel" <select name="channel">{channels}</select></label>
            <label>"Type" <select name="cost_type">{types}</select></label>
            <label>"From" <input type="date" name="from" value=from/></label>
            <label>"To" <input type="date" name="to" value=to/></label>
            <button type="submit" class="button">"Show"</button>
            {is_filtered
                .then(|| view! { <a class="button ghost" href=everything.to_string()>"Show every cost"</a> })}
        </form>
    }
    .into_any()
}

fn choices(all: &'static str, options: Vec<(String, String)>, chosen: Option<&str>) -> AnyView {
    let options = options
        .into_iter()
        .map(|(word, says)| {
            let is_chosen = chosen == Some(word.as_str());
            view! { <option value=word selected=is_chosen>{says}</option> }
        })
        .collect_view();
    view! { <option value="" selected=chosen.is_none()>{all}</option> {options} }.into_any()
}

fn channel_options(costs: &Costs) -> Vec<(String, String)> {
    options_of(costs.channels.iter())
}

/// The channels a cost can be written down for: hidden ones only where it is theirs already.
fn offered(costs: &Costs, line: Option<&CostLine>) -> Vec<(String, String)> {
    let is_its_own = |channel: &Channel| line.is_some_and(|line| line.channel == channel.slug);
    options_of(costs.channels.iter().filter(|channel| !channel.is_hidden || is_its_own(channel)))
}

fn options_of<'a>(channels: impl Iterator<Item = &'a Channel>) -> Vec<(String, String)> {
    let known = channels.map(|channel| (channel.slug.to_string(), format::name(&channel.name)));
    known.chain([("unknown".to_owned(), "Unknown".to_owned())]).collect()
}

fn type_options() -> Vec<(String, String)> {
    CostType::ALL.map(|kind| (kind.word().to_owned(), kind.in_words().to_owned())).to_vec()
}

/// What was deleted just now, and the way to take that back.
fn bring_back(line: &CostLine, costs: &Costs, asked: &Asked) -> AnyView {
    let form = asked.form("restore", &[]).about("cost", line.id.to_string());
    view! {
        <section class="card section" aria-labelledby="deleted-title">
            <h2 id="deleted-title">"Deleted: " {said(line, costs)}</h2>
            <PostForm form class="row-form">
                <button type="submit" class="button">"Undo"</button>
            </PostForm>
        </section>
    }
    .into_any()
}

/// A cost in words.
fn said(line: &CostLine, costs: &Costs) -> String {
    let channel = format::name(costs.channels.name_of(&line.channel));
    let amount = format::money(line.money.minor, line.money.currency);
    format!("{} of {channel}, {amount}, {}", line.cost_type.in_words(), format::days(line.period))
}

fn change(line: &CostLine, costs: &Costs, asked: &Asked) -> AnyView {
    let form = asked.form_beside(("edit", line.id.to_string()), "change", FIELDS);
    let (id, version) = (line.id.to_string(), form.value("version", &line.version.to_string()));
    let (fields, away) = (fields(&form, costs, Some(line)), asked.address().to_string());
    view! {
        <section class="card section" aria-labelledby="change-title">
            <h2 id="change-title">"Change a cost"</h2>
            <PostForm form>
                <input type="hidden" name="cost" value=id/>
                <input type="hidden" name="version" value=version/>
                {fields}
                <div class="form-end">
                    <a class="button ghost" href=away>"Leave it as it is"</a>
                    <button type="submit" class="button primary">"Save"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn add(costs: &Costs, asked: &Asked) -> AnyView {
    let form = asked.form("add", FIELDS);
    let repeats = [("once", "Once"), ("monthly", "Every month")];
    let options = repeats.map(|(word, says)| (word.to_owned(), says.to_owned())).to_vec();
    let fields = fields(&form, costs, None);
    view! {
        <section class="card section" aria-labelledby="add-title">
            <h2 id="add-title">"Add a cost"</h2>
            <p class="section-lead">
                "Whatever the days, the amount is spread over them evenly. A negative amount is a credit. Many at once: "
                <code class="copy">"command-center import costs costs.csv"</code> "."
            </p>
            <PostForm form=form.clone()>
                {fields}
                <SelectField
                    form
                    name="repeats"
                    label="Repeats"
                    hint="Every month: a cost for each month from the first day's on, until it is ended."
                    options
                    value="once"
                />
                <div class="form-end">
                    <button type="submit" class="button primary">"Add"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

/// The fields of a cost, with what stands in them.
fn fields(form: &crate::form::Form, costs: &Costs, line: Option<&CostLine>) -> AnyView {
    let otherwise = |read: fn(&CostLine) -> String| line.map(read).unwrap_or_default();
    let currency = line.map_or(costs.tenant.currency, |line| line.money.currency);
    view! {
        <div class="fields beside">
            <SelectField
                form=form.clone()
                name="channel"
                label="Channel"
                options=offered(costs, line)
                value=otherwise(|line| line.channel.to_string())
            />
            <SelectField
                form=form.clone()
                name="cost_type"
                label="Type"
                options=type_options()
                value=otherwise(|line| line.cost_type.to_string())
            />
            <TextField
                form=form.clone()
                name="amount"
                label="Amount"
                value=otherwise(|line| line.money.decimal())
                inputmode=Some("decimal")
                maxlength=24
            />
            <TextField
                form=form.clone()
                name="currency"
                label="Currency"
                value=currency.code().to_uppercase()
                maxlength=3
                autocomplete=Some("off")
            />
            <TextField
                form=form.clone()
                name="period_start"
                label="First day"
                kind="date"
                value=otherwise(|line| line.period.from.to_string())
            />
            <TextField
                form=form.clone()
                name="period_end"
                label="Last day"
                kind="date"
                is_required=false
                value=otherwise(|line| line.period.to.to_string())
            />
        </div>
        <TextField
            form=form.clone()
            name="notes"
            label="Notes"
            is_required=false
            maxlength=2000
            value=otherwise(|line| line.notes.clone().unwrap_or_default())
        />
    }
    .into_any()
}

fn listed(costs: &Costs, page: &Address, asked: &Asked, may_edit: bool) -> AnyView {
    if costs.lines.is_empty() {
        let says = if *page == asked.address() {
            "No cost is written down yet. With what each channel costs, its revenue becomes a return; until then every \
             channel looks free."
        } else {
            "No cost is like that. Show every cost to see more."
        };
        return view! { <p class="nothing">{says}</p> }.into_any();
    }
    let deletion = asked.form("delete", &[]);
    let forms = may_edit.then(|| (page.clone(), deletion));
    view! { <CostTable costs=costs.clone() forms/> }.into_any()
}

fn foot(costs: &Costs, page: &Address) -> AnyView {
    let next = costs.next.as_ref().map(|next| {
        let address = page.clone().with("cursor", next.clone());
        view! { <a class="button" href=address.to_string()>"Older costs"</a> }
    });
    let file = page.to_string().replacen(COSTS, COSTS_FILE, 1);
    let mark = if file.contains('?') { '&' } else { '?' };
    let file = (!costs.lines.is_empty())
        .then(|| view! { <a class="button ghost" href=format!("{file}{mark}format=csv") download="">"Download CSV"</a> });
    view! { <div class="table-foot">{next} {file}</div> }.into_any()
}

fn monthly(costs: &Costs, asked: &Asked, may_edit: bool) -> AnyView {
    if costs.monthly.is_empty() {
        return ().into_any();
    }
    let lines = costs.monthly.iter().map(|line| monthly_line(line, costs, asked, may_edit)).collect_view();
    view! {
        <section class="card section" aria-labelledby="monthly-title">
            <h2 id="monthly-title">"Every month"</h2>
            <ul class="rows">{lines}</ul>
        </section>
    }
    .into_any()
}

fn monthly_line(line: &MonthlyLine, costs: &Costs, asked: &Asked, may_edit: bool) -> AnyView {
    let channel = format::name(costs.channels.name_of(&line.channel));
    let what = format!("{} of {channel}", line.cost_type.in_words());
    let until = line.last_month.map(|month| format!(" until {}", format::month(month)));
    let end = (may_edit && line.last_month.is_none()).then(|| {
        let form = asked.form("end_monthly", &[]).about("monthly_cost", line.id.to_string());
        let means = view! { "This month is its last. What it has cost until now stays." }.into_any();
        view! { <Confirmation form opens="End" whom=what.clone() means does="End it"/> }
    });
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title"><bdi>{what.clone()}</bdi></p>
                <p class="row-note">
                    {format::money(line.money.minor, line.money.currency)} " from " {format::month(line.first_month)}
                    {until}
                </p>
            </div>
            {end}
        </li>
    }
    .into_any()
}
