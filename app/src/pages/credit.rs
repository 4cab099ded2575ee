//! `/portal/credit`: what one payment or customer is credited to, what people said of it, and which records it is
//! linked to.

use domain::access::Permission;
use domain::attribution::{Link, Override, OverrideTarget};
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{credit_question, desk, query};
use super::refusal::RefusalView;
use super::settings::Asked;
use crate::address::{Address, CREDIT};
use crate::components::{
    AssignForm, ChannelMark, Confirmation, Layout, Moment, Place, PostForm, RowProblem, TextField,
};
use crate::form::Form;
use crate::format;
use crate::port::{AskError, Credit, CreditQuestion};
use crate::roster::Roster;

/// The fields of a link.
const LINK_FIELDS: &[&str] = &["kind", "record_id", "lead_id", "email", "channel"];

/// Asks what the address names is credited to.
#[component]
pub fn CreditPage() -> impl IntoView {
    let (asked, desk, question) = (Asked::now(Place::Revenue), desk(), credit_question(&query()));
    let answer = Suspend::new(async move {
        let credit = match asked.visit.viewer() {
            Ok(viewer) => desk
                .credit(&viewer, question.clone())
                .await
                .and_then(|credit| credit.ok_or(AskError::UnknownTenant)),
            Err(error) => Err(error),
        };
        match credit {
            Ok(credit) => view! { <CreditView credit question asked/> }.into_any(),
            Err(error) => {
                let (page, question) = (asked.address(), asked.question());
                view! { <RefusalView error place=Place::Revenue title="Credit" page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="Credit · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

/// Where the forms of the page are sent: to what the page is about.
struct Forms {
    asked: Asked,
    question: CreditQuestion,
}

impl Forms {
    fn form(&self, name: &'static str, fields: &'static [&'static str]) -> Form {
        let page = self.asked.of_tenant().on(CREDIT);
        let page = page.with_any("row", self.question.row.as_ref());
        let page = page.with_any("customer", self.question.customer.as_ref());
        Form::of(&self.asked.visit, name, &page, fields)
    }
}

#[component]
fn CreditView(credit: Credit, question: CreditQuestion, asked: Asked) -> AnyView {
    let may_act = asked.visit.may(Permission::Act);
    let (frame, notice, visit) = (asked.question(), asked.notice, asked.visit.clone());
    let rows = rows_of(&credit, &asked);
    let facts = facts(&credit, &asked);
    let forms = Forms { asked, question };
    let said = said(&credit, &forms, may_act);
    let assign = may_act.then(|| assign(&credit, &forms));
    let links = links(&credit, &forms, may_act);
    view! {
        <Layout place=Place::Revenue question=frame notice>
            <div class="settings">
                <header class="page-head">
                    <div class="page-title">
                        <p class="crumb"><a href=rows>"Revenue"</a></p>
                        <h1>"What is credited"</h1>
                    </div>
                </header>
                <RowProblem visit forms=&["take_back", "unlink"]/>
                {facts}
                {said}
                {assign}
                {links}
            </div>
        </Layout>
    }
    .into_any()
}

fn rows_of(credit: &Credit, asked: &Asked) -> String {
    let tenant_id = asked.question().tenant_id;
    Address::of_money(&credit.payment, credit.at, &credit.tenant.timezone, tenant_id.as_ref()).to_string()
}

fn facts(credit: &Credit, asked: &Asked) -> AnyView {
    let roster = Roster::of(&credit.tenant);
    let tenant_id = asked.question().tenant_id;
    let who = credit.email.as_ref().or(credit.customer.as_ref()).unwrap_or(&credit.payment);
    let who = view! { <bdi class="breakable">{format::name(who)}</bdi> };
    let who = match &credit.customer {
        Some(customer) => {
            let address = Address::of_customer(customer, tenant_id.as_ref());
            view! { <a href=address.to_string()>{who}</a> }.into_any()
        }
        None => who.into_any(),
    };
    let (color, name) = (roster.color(&credit.channel), roster.name(&credit.channel));
    let product = credit.product.as_deref().map(format::name);
    view! {
        <section class="card" aria-label="What it is about">
            <dl class="facts">
                <div><dt>"Payer"</dt><dd>{who}</dd></div>
                <div><dt>"Amount"</dt><dd>{format::money(credit.money.minor, credit.money.currency)}</dd></div>
                <div><dt>"When"</dt><dd><Moment at=credit.at timezone=credit.tenant.timezone.clone()/></dd></div>
                <div><dt>"Product"</dt><dd><bdi>{product.unwrap_or_else(|| "Not told by the payment".to_owned())}</bdi></dd></div>
                <div><dt>"Credited to"</dt><dd><ChannelMark color name/></dd></div>
                <div><dt>"Id"</dt><dd><code class="breakable">{format::name(&credit.payment)}</code></dd></div>
            </dl>
        </section>
    }
    .into_any()
}

/// What people said, the word about the payment before the one about the customer.
fn said(credit: &Credit, forms: &Forms, may_act: bool) -> AnyView {
    if credit.said.is_empty() {
        return ().into_any();
    }
    let rows = credit.said.iter().map(|said| said_row(said, credit, forms, may_act)).collect_view();
    view! {
        <section class="card section" aria-labelledby="said-title">
            <h2 id="said-title">"Said by hand"</h2>
            <ul class="rows">{rows}</ul>
        </section>
    }
    .into_any()
}

fn said_row(said: &Override, credit: &Credit, forms: &Forms, may_act: bool) -> AnyView {
    let roster = Roster::of(&credit.tenant);
    let about = match &said.target {
        OverrideTarget::Payment(_) => "this payment",
        OverrideTarget::Customer(_) => "everything of the customer",
    };
    let undo = may_act.then(|| {
        let form = forms.form("take_back", &[]).about("override", said.id.to_string());
        let means = view! { "What is found counts again, also for the past." }.into_any();
        view! { <Confirmation form opens="Take back" whom=format!("what was said of {about}") means does="Take it back"/> }
    });
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <ChannelMark color=roster.color(&said.channel) name=roster.name(&said.channel)/> " for " {about}
                </p>
                <p class="row-note">
                    <bdi>{format::name(&said.reason)}</bdi> ", by " <bdi>{format::name(&said.made_by)}</bdi> " on "
                    <Moment at=said.made_at timezone=credit.tenant.timezone.clone()/>
                </p>
            </div>
            {undo}
        </li>
    }
    .into_any()
}

fn assign(credit: &Credit, forms: &Forms) -> AnyView {
    let payment = forms.form("assign", &["channel", "reason"]).about("row", credit.row.to_string());
    let tenant = credit.tenant.clone();
    let all = credit.customer.as_ref().map(|customer| {
        let form = forms.form("assign", &["channel", "reason"]).about("customer", customer.clone());
        view! {
            <section class="card section" aria-labelledby="customer-title">
                <h2 id="customer-title">"Credit everything of this customer by hand"</h2>
                <p class="section-lead">"Every payment, past and coming, but those somebody said something of by themselves."</p>
                {trouble(&form)}
                <AssignForm form tenant=tenant.clone()/>
            </section>
        }
    });
    view! {
        <section class="card section" aria-labelledby="payment-title">
            <h2 id="payment-title">"Credit this payment by hand"</h2>
            <p class="section-lead">"With its refunds and disputes. It counts before whatever is found, until it is taken back."</p>
            {trouble(&payment)}
            <AssignForm form=payment tenant=credit.tenant.clone()/>
        </section>
        {all}
    }
    .into_any()
}

/// What is wrong with a form that is about one of several, where no field says it.
fn trouble(form: &Form) -> AnyView {
    match form.problem() {
        Some(crate::form::Problem::Said(message)) => {
            view! { <p class="alert" role="alert">{message}</p> }.into_any()
        }
        _ => ().into_any(),
    }
}

fn links(credit: &Credit, forms: &Forms, may_act: bool) -> AnyView {
    let Some(customer) = credit.customer.as_ref().filter(|_| may_act || !credit.links.is_empty()) else {
        return ().into_any();
    };
    let rows = credit.links.iter().map(|link| link_row(link, forms, may_act)).collect::<Vec<_>>();
    let rows = (!rows.is_empty()).then(|| view! { <ul class="rows">{rows}</ul> });
    view! {
        <section class="card section" aria-labelledby="links-title">
            <h2 id="links-title">"Linked records"</h2>
            <p class="section-lead">
                "A record of yours that this customer is, such as a bootcamp student, and the lead or channel it came from."
            </p>
            {rows}
            {may_act.then(|| link_form(customer, forms))}
        </section>
    }
    .into_any()
}

fn link_row(link: &Link, forms: &Forms, may_act: bool) -> AnyView {
    let what = format::name(&format!("{} {}", link.kind, link.record));
    let told = [("lead", &link.lead), ("e-mail", &link.email), ("channel", &link.channel)];
    let told: Vec<String> =
        told.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?))).collect();
    let unlink = may_act.then(|| {
        let form = forms.form("unlink", &[]).about("record_id", link.record.clone());
        let means = view! {
            <input type="hidden" name="kind" value=link.kind.clone()/>
            "What is found without it counts again, also for the past."
        }
        .into_any();
        view! { <Confirmation form opens="Take back" whom=what.clone() means does="Take it back"/> }
    });
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title"><bdi class="breakable">{what.clone()}</bdi></p>
                <p class="row-note"><bdi>{format::name(&told.join(", "))}</bdi></p>
            </div>
            {unlink}
        </li>
    }
    .into_any()
}

fn link_form(customer: &str, forms: &Forms) -> AnyView {
    let form = forms.form("link", LINK_FIELDS);
    let optional = [
        ("lead_id", "The lead's id", "Where it came from, or ours"),
        ("email", "The lead's e-mail", ""),
        ("channel", "Or the channel's short name", "Counts before the lead's source"),
    ];
    let optional = optional
        .map(|(name, label, hint)| {
            let form = form.clone();
            view! { <TextField form name label hint is_required=false autocomplete=Some("off")/> }
        })
        .collect_view();
    let customer = customer.to_owned();
    view! {
        <PostForm form=form.clone()>
            <input type="hidden" name="customer" value=customer/>
            <div class="fields beside">
                <TextField
                    form=form.clone()
                    name="kind"
                    label="What the record is"
                    value="bootcamp_student"
                    maxlength=63
                    autocomplete=Some("off")
                />
                <TextField form name="record_id" label="Its id where it is kept" autocomplete=Some("off")/>
                {optional}
            </div>
            <div class="form-end">
                <button type="submit" class="button primary">"Link it"</button>
            </div>
        </PostForm>
    }
    .into_any()
}
