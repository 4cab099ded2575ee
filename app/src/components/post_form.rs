//! A form as it is sent: to the page's own address, with its name, and with what was wrong the last time.

use leptos::prelude::*;

use crate::form::{Form, Problem};
use crate::visit::{FormOutcome, Visit};

/// A form of a page.
#[component]
pub fn PostForm(form: Form, #[prop(default = "form")] class: &'static str, children: Children) -> AnyView {
    // A row's form is small; what is wrong with it stands at the head of the page.
    let problem = form.problem().filter(|_| form.row().is_none());
    view! {
        <form class=class method="post" action=form.action().to_owned()>
            <input type="hidden" name="form" value=form.name()/>
            {form.row().map(|(field, which)| {
                view! { <input type="hidden" name=*field value=which.clone()/> }
            })}
            {problem.map(|problem| view! { <ProblemLine problem/> })}
            {children()}
        </form>
    }
    .into_any()
}

#[component]
fn ProblemLine(problem: Problem) -> AnyView {
    match problem {
        Problem::InField(id) => view! {
            <p class="alert" role="alert">
                "This was not done yet. " <a href=format!("#{id}")>"See what is marked below"</a> "."
            </p>
        }
        .into_any(),
        Problem::Said(message) => view! { <p class="alert" role="alert">{message}</p> }.into_any(),
    }
    .into_any()
}

/// What was wrong with a form that a page has many of, at the head of the page.
#[component]
pub fn RowProblem(visit: Visit, forms: &'static [&'static str]) -> AnyView {
    let message = visit.reply.filter(|reply| forms.contains(&reply.form.as_str())).and_then(|reply| {
        match reply.outcome {
            FormOutcome::Refused { message, .. } => Some(crate::format::sentence(&message)),
            FormOutcome::ShownOnce(_) => None,
        }
    });
    message.map(|message| view! { <p class="alert" role="alert">{message}</p> }).into_any()
}
