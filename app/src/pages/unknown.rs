//! `/portal/unknown`: revenue no channel was found for, to be credited by hand or by a rule.

use domain::access::Permission;
use domain::attribution::OverrideTarget;
use domain::channel::rules::MatchKind;
use domain::metrics::Metric;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{desk, query, unknown_question};
use super::refusal::RefusalView;
use super::settings::Asked;
use crate::address::{Address, CHANNEL_SETTINGS, UNKNOWN};
use crate::components::{AssignForm, Layout, Moment, Place, PostForm, RowProblem};
use crate::format;
use crate::port::{OriginClue, UnknownLine, UnknownPage as Unknown};
use crate::roster::Roster;

/// Asks for the revenue without a channel and shows it.
#[component]
pub fn UnknownPage() -> impl IntoView {
    let (asked, desk, question) = (Asked::now(Place::Unknown), desk(), unknown_question(&query()));
    let answer = Suspend::new(async move {
        let unknown = match asked.visit.viewer() {
            Ok(viewer) => desk.unknown(&viewer, question).await,
            Err(error) => Err(error),
        };
        match unknown {
            Ok(unknown) => view! { <UnknownView unknown asked/> }.into_any(),
            Err(error) => {
                let (page, question) = (asked.address(), asked.question());
                view! { <RefusalView error place=Place::Unknown title=Place::Unknown.name() page question/> }
                    .into_any()
            }
        }
    });
    view! {
        <Title text="Unknown revenue · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

/// A page of revenue without a channel.
#[component]
pub(in crate::pages) fn UnknownView(unknown: Unknown, asked: Asked) -> AnyView {
    view! {
        <Layout place=Place::Unknown question=asked.question() notice=asked.notice>
            <header class="page-head">
                <div class="page-title">
                    <h1>{Place::Unknown.name()}</h1>
                    <p>
                        "Payments no channel was found for, the newest first. Say what they are to be credited to, or make a \
                         rule of what is known of them."
                    </p>
                </div>
            </header>
            <RowProblem visit=asked.visit.clone() forms=&["assign", "take_back"]/>
            {said(&unknown, &asked)}
            {share(&unknown)}
            <section class="card ledger" aria-label="Payers without a channel">
                {rows(&unknown, &asked)}
                {older(&unknown, &asked)}
            </section>
        </Layout>
    }
    .into_any()
}

/// What was said just now, and the way to take it back.
fn said(unknown: &Unknown, asked: &Asked) -> AnyView {
    let may_act = asked.visit.may(Permission::Act);
    let Some(said) = unknown.said.as_ref().filter(|_| may_act) else { return ().into_any() };
    let roster = Roster::of(&unknown.tenant);
    let (OverrideTarget::Payment(whose) | OverrideTarget::Customer(whose)) = &said.target;
    let form = asked.form("take_back", &[]).about("override", said.id.to_string());
    view! {
        <section class="card section" aria-labelledby="said-title">
            <h2 id="said-title">
                "Credited to " <bdi>{roster.name(&said.channel)}</bdi> ": " <bdi>{format::name(whose)}</bdi>
            </h2>
            <PostForm form class="row-form">
                <button type="submit" class="button">"Undo"</button>
            </PostForm>
        </section>
    }
    .into_any()
}

fn share(unknown: &Unknown) -> AnyView {
    let metric = Metric::with_key("unknown_share");
    let share = unknown.share.and_then(format::share).unwrap_or_else(|| "—".to_owned());
    let payers = format::counted(unknown.payers_in_all, "payer", "payers");
    view! {
        <section class="card" aria-label="How much is unknown">
            <dl class="facts">
                <div>
                    <dt title=metric.map(Metric::tooltip)>{metric.map(|metric| metric.name)}</dt>
                    <dd>{share} " of gross revenue, " {format::days(unknown.days)}</dd>
                </div>
                <div>
                    <dt>"In all"</dt>
                    <dd>{format::money(unknown.sum, unknown.tenant.currency)} " of " {payers}</dd>
                </div>
            </dl>
        </section>
    }
    .into_any()
}

fn rows(unknown: &Unknown, asked: &Asked) -> AnyView {
    if unknown.lines.is_empty() {
        return view! {
            <p class="nothing">
                "Nothing is unknown: every payment has a channel. What comes without one will wait here."
            </p>
        }
        .into_any();
    }
    let rows = unknown.lines.iter().map(|line| row(line, unknown, asked)).collect_view();
    view! {
        <div class="table-box">
            <table class="data ledger-table unknown-table">
                <caption class="vh">"Payers without a channel, the newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Last payment"</th>
                        <th scope="col">"Payer"</th>
                        <th scope="col">"Bought"</th>
                        <th scope="col">"What is known"</th>
                        <th scope="col" class="number">"Amount"</th>
                        <th scope="col"><span class="vh">"Credit it"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(line: &UnknownLine, unknown: &Unknown, asked: &Asked) -> AnyView {
    let tenant = &unknown.tenant;
    let tenant_id = asked.question().tenant_id;
    let rows = Address::of_money(&line.stripe_id, line.newest_at, &tenant.timezone, tenant_id.as_ref());
    let products = if line.products.is_empty() {
        "Not told by the payment".to_owned()
    } else {
        format::name(&line.products.join(", "))
    };
    let waiting = (line.unconverted > 0)
        .then(|| format!(" and {} without a rate", format::counted(line.unconverted, "row", "rows")));
    view! {
        <tr>
            <td class="when"><a href=rows.to_string()><Moment at=line.newest_at timezone=tenant.timezone.clone()/></a></td>
            <td data-label="Payer">{payer(line, tenant_id.as_ref())}</td>
            <td data-label="Bought"><bdi class="breakable">{products}</bdi></td>
            <td data-label="What is known">{clues(line, asked)}</td>
            <td class="number main-figure" data-label="Amount">
                {format::money(line.base_minor, tenant.currency)} {waiting}
                <span class="evidence">{format::counted(line.payments, "payment", "payments")}</span>
            </td>
            <td>{assign(line, unknown, asked)}</td>
        </tr>
    }
    .into_any()
}

fn payer(line: &UnknownLine, tenant_id: Option<&String>) -> AnyView {
    let name = format::name(line.email.as_ref().unwrap_or(&line.stripe_id));
    let name = view! { <bdi class="breakable">{name}</bdi> };
    match &line.customer {
        Some(customer) => {
            let address = Address::of_customer(customer, tenant_id);
            view! { <a href=address.to_string()>{name}</a> }.into_any()
        }
        None => name.into_any(),
    }
}

/// What is known of where they came from, and the way to a rule about it.
fn clues(line: &UnknownLine, asked: &Asked) -> AnyView {
    if line.clues.is_empty() {
        return view! { "Nothing" }.into_any();
    }
    let may_rule = asked.visit.may(Permission::EditSettings);
    let items = line
        .clues
        .iter()
        .map(|clue| {
            let says = in_words(clue);
            let rule = may_rule.then(|| {
                let draft = draft_of(clue, asked);
                view! { " " <a class="rule-link" href=draft.to_string()>"Make a rule" <span class="vh">" of " {says.clone()}</span></a> }
            });
            view! { <li><bdi class="breakable">{says}</bdi> {rule}</li> }
        })
        .collect_view();
    view! { <ul class="clues">{items}</ul> }.into_any()
}

fn in_words(clue: &OriginClue) -> String {
    let key = clue.key.as_ref().map(|key| format!(" {}", format::name(key))).unwrap_or_default();
    format!("{}{key}: {}", clue.field.in_words(), format::name(&clue.text))
}

/// The page of rules with a rule begun of what is known.
fn draft_of(clue: &OriginClue, asked: &Asked) -> Address {
    Address::new(CHANNEL_SETTINGS)
        .with_any("tenant_id", asked.question().tenant_id.as_ref())
        .with("step", "draft")
        .with("field", clue.field.word())
        .with_any("key", clue.key.as_ref())
        .with("kind", MatchKind::Is.word())
        .with("text", clue.text.clone())
}

fn assign(line: &UnknownLine, unknown: &Unknown, asked: &Asked) -> AnyView {
    if !asked.visit.may(Permission::Act) {
        return ().into_any();
    }
    let form = match &line.customer {
        Some(customer) => asked.form("assign", &[]).about("customer", customer.clone()),
        None => asked.form("assign", &[]).about("row", line.row.to_string()),
    };
    let whom = format::name(line.email.as_ref().unwrap_or(&line.stripe_id));
    let is_open = form.is_refused();
    let tenant = unknown.tenant.clone();
    view! {
        <details class="hanging" name="hanging" open=is_open>
            <summary class="button small">"Credit" <span class="vh">" " {whom}</span></summary>
            <AssignForm form tenant class="form hanging-form"/>
        </details>
    }
    .into_any()
}

fn older(unknown: &Unknown, asked: &Asked) -> Option<AnyView> {
    let next = unknown.next.as_ref()?;
    let address =
        Address::new(UNKNOWN).with_any("tenant_id", asked.question().tenant_id.as_ref()).with("cursor", next);
    Some(
        view! {
            <nav class="pages" aria-label="Payers">
                <a class="button" rel="next" href=address.to_string()>"Older payments"</a>
            </nav>
        }
        .into_any(),
    )
}
