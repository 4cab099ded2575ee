//! Which workspace is looked at, and the way to others.

use domain::ids::TenantId;
use leptos::prelude::*;

use crate::address::{Address, PLATFORM, SWITCH};
use crate::visit::{LookingAt, Visit, Workspace};
use crate::{format, roles};

/// The workspace looked at; a menu where there are others. `next` is where a switch leads.
#[component]
pub fn Switcher(visit: Visit, next: Address) -> AnyView {
    let current = current(&visit);
    let is_admin = visit.person.as_ref().is_some_and(|person| person.is_platform_admin);
    let has_others = visit.workspaces.iter().any(|workspace| Some(workspace.tenant) != current);
    let label = label(&visit);
    if !has_others && !is_admin {
        return view! { <p class="tenant">{label}</p> }.into_any();
    }
    let workspaces = visit.workspaces.iter().map(|workspace| entry(workspace, current)).collect_view();
    view! {
        <details class="switcher">
            <summary class="tenant">
                <span class="vh">"Workspace: "</span>
                {label}
            </summary>
            <div class="switcher-menu">
                <form method="post" action=SWITCH>
                    <input type="hidden" name="form" value="switch"/>
                    <input type="hidden" name="next" value=next.to_string()/>
                    <ul aria-label="Workspaces">{workspaces}</ul>
                </form>
                {is_admin.then(|| view! { <a class="switcher-all" href=PLATFORM>"All workspaces"</a> })}
            </div>
        </details>
    }
    .into_any()
}

fn current(visit: &Visit) -> Option<TenantId> {
    match &visit.looking_at {
        LookingAt::Tenant { viewer, .. } => Some(viewer.tenant),
        LookingAt::Unknown | LookingAt::Nothing => None,
    }
}

fn label(visit: &Visit) -> AnyView {
    let LookingAt::Tenant { viewer, name } = &visit.looking_at else {
        return view! { <span class="tenant-none">"No workspace"</span> }.into_any();
    };
    let is_member = visit.workspaces.iter().any(|workspace| workspace.tenant == viewer.tenant);
    let role = if is_member { roles::name(viewer.role) } else { "Visiting" };
    view! {
        <bdi class="tenant-name">{format::name(name)}</bdi>
        <span class="tenant-role">{role}</span>
    }
    .into_any()
}

fn entry(workspace: &Workspace, current: Option<TenantId>) -> AnyView {
    let is_here = current == Some(workspace.tenant);
    view! {
        <li>
            <button
                type="submit"
                name="tenant_id"
                value=workspace.tenant.to_string()
                aria-current=is_here.then_some("true")
            >
                <bdi class="tenant-name">{format::name(&workspace.name)}</bdi>
                <span class="tenant-role">{roles::name(workspace.role)}</span>
            </button>
        </li>
    }
    .into_any()
}
