//! Pages for who may not see what the address asks for: not signed in, in no workspace, not allowed.

use domain::access::Permission;
use leptos::prelude::*;

use crate::address::{Address, COMMAND_CENTER, PLATFORM, SIGN_IN};
use crate::components::{Layout, Lone, Place};
use crate::port::PeriodQuestion;
use crate::shell::StatusPort;
use crate::visit::{LookingAt, Visit};
use crate::{format, roles};

/// A page about a workspace, for who belongs to none.
#[component]
pub(super) fn NoWorkspaceView(place: Place, question: PeriodQuestion) -> AnyView {
    let Some(person) = Visit::now().person else {
        return view! { <Stranger place/> }.into_any();
    };
    view! {
        <Layout place=Place::Elsewhere question>
            <section class="card quiet" aria-labelledby="quiet-title">
                <h1 id="quiet-title">"You belong to no workspace yet"</h1>
                <p>
                    "Ask somebody who belongs to one to invite " <bdi>{format::name(&person.email)}</bdi>
                    ". Figures appear here as soon as you have joined."
                </p>
                {person.is_platform_admin.then(|| {
                    view! { <p><a class="button" href=PLATFORM>"See all workspaces"</a></p> }
                })}
            </section>
        </Layout>
    }
    .into_any()
}

/// A page for who is signed in, for who is not.
#[component]
pub(super) fn Stranger(place: Place) -> AnyView {
    StatusPort::set(401);
    let sign_in = Address::new(SIGN_IN).with("next", place.path());
    view! {
        <Lone title="Sign in to see this">
            <p><a class="button primary" href=sign_in.to_string()>"Sign in"</a></p>
        </Lone>
    }
    .into_any()
}

/// A page that needs more than somebody may do.
#[component]
pub(super) fn ForbiddenView(
    permission: Permission,
    place: Place,
    title: &'static str,
    question: PeriodQuestion,
) -> AnyView {
    StatusPort::set(403);
    let visit = Visit::now();
    let overview = Address::new(COMMAND_CENTER).with_any("tenant_id", question.tenant_id.as_ref());
    view! {
        <Layout place question>
            <header class="page-head">
                <div class="page-title">
                    <h1>{title}</h1>
                </div>
            </header>
            <section class="card quiet">
                <h2>"You may not see this page"</h2>
                <p>
                    "It needs the permission to " {permission.in_words()} ", which "
                    {roles::with_article(permission.least_role())} " has. " {who_looks(&visit)}
                </p>
                <p>"Ask an admin or owner of the workspace if you need it."</p>
                <p><a class="button" href=overview.to_string()>"Go to the overview"</a></p>
            </section>
        </Layout>
    }
    .into_any()
}

fn who_looks(visit: &Visit) -> AnyView {
    let LookingAt::Tenant { viewer, name } = &visit.looking_at else { return ().into_any() };
    view! {
        "In " <bdi>{format::name(name)}</bdi> " you are " {roles::with_article(viewer.role)} "."
    }
    .into_any()
}
