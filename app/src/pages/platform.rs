//! `/portal/platform`: every workspace, for who runs the platform.

use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{field, notice, office, query};
use super::not_found::NotFoundView;
use super::refusal::RefusalView;
use crate::address::{Address, COMMAND_CENTER, PLATFORM, SWITCH};
use crate::components::{Layout, Place};
use crate::format;
use crate::office::{Platform, PlatformTenant};
use crate::port::PeriodQuestion;
use crate::visit::{Notice, Visit};

/// Asks for every workspace, where somebody may see them.
#[component]
pub fn PlatformPage() -> impl IntoView {
    let (office, visit, query) = (office(), Visit::now(), query());
    let notice = notice(&query);
    let question = PeriodQuestion { tenant_id: field(&query, "tenant_id"), ..PeriodQuestion::default() };
    let answer = Suspend::new(async move {
        let Some(person) = visit.person.filter(|person| person.is_platform_admin) else {
            return view! { <NotFoundView/> }.into_any();
        };
        match office.platform(&person).await {
            Ok(platform) => view! { <PlatformView platform question notice/> }.into_any(),
            Err(error) => {
                let (place, page) = (Place::Platform, Address::new(PLATFORM));
                view! { <RefusalView error place title=place.name() page question/> }.into_any()
            }
        }
    });
    view! {
        <Title text="All workspaces · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn PlatformView(platform: Platform, question: PeriodQuestion, notice: Option<Notice>) -> AnyView {
    view! {
        <Layout place=Place::Platform question notice>
            <div class="settings" data-wide="true">
                <header class="page-head">
                    <div class="page-title">
                        <h1>{Place::Platform.name()}</h1>
                        <p>{in_words(&platform)}</p>
                    </div>
                </header>
                <section class="card platform" aria-label="Workspaces">{table(&platform)}</section>
            </div>
        </Layout>
    }
    .into_any()
}

fn in_words(platform: &Platform) -> String {
    let days = format::counted(platform.days, "day", "days");
    let left_out = platform.tenants.iter().filter(|tenant| tenant.converted.is_none()).count();
    let left_out = match left_out {
        0 => String::new(),
        1 => " 1 workspace is not added: no exchange rate is known.".to_owned(),
        several => format!(" {several} workspaces are not added: no exchange rate is known."),
    };
    format!(
        "Net revenue of the last {days}. Looking in leaves a line in that workspace's audit log.{left_out}"
    )
}

fn table(platform: &Platform) -> AnyView {
    if platform.tenants.is_empty() {
        return view! { <p class="nothing">"There is no workspace yet."</p> }.into_any();
    }
    let in_base = format!("In {}", platform.currency.code().to_uppercase());
    let rows = platform.tenants.iter().map(|tenant| row(tenant, platform, &in_base)).collect_view();
    view! {
        <div class="table-box">
            <table class="data platform-table">
                <caption class="vh">"Workspaces and their net revenue"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Workspace"</th>
                        <th scope="col">"Net revenue"</th>
                        <th scope="col">{in_base.clone()}</th>
                        <th scope="col"><span class="vh">"Look in"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>
                    <tr>
                        <th scope="row">"All together"</th>
                        <td></td>
                        <td data-label=in_base.clone()>{format::money(platform.total, platform.currency)}</td>
                        <td></td>
                    </tr>
                </tfoot>
            </table>
        </div>
    }
    .into_any()
}

fn row(tenant: &PlatformTenant, platform: &Platform, in_base: &str) -> AnyView {
    let name = format::name(&tenant.name);
    let converted = match tenant.converted {
        Some(minor) => format::money(minor, platform.currency).into_any(),
        None => view! { <span class="not-known">"not added: no exchange rate"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <bdi class="platform-name">{name.clone()}</bdi>
                <span class="category"><bdi>{format::name(&tenant.slug)}</bdi></span>
            </th>
            <td data-label="Net revenue">{format::money(tenant.net_revenue, tenant.currency)}</td>
            <td data-label=in_base.to_owned()>{converted}</td>
            <td class="look-in">
                <form method="post" action=SWITCH>
                    <input type="hidden" name="form" value="switch"/>
                    <input type="hidden" name="tenant_id" value=tenant.id.to_string()/>
                    <input type="hidden" name="next" value=COMMAND_CENTER/>
                    <button type="submit" class="button small">
                        "Look in" <span class="vh">" to " {name}</span>
                    </button>
                </form>
            </td>
        </tr>
    }
    .into_any()
}
