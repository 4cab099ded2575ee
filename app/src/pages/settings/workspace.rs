//! `/portal/settings/tenant`: what the workspace is called, and how its figures are computed and judged.

use domain::definition::Definition;
use domain::period::WeekStart;
use domain::tenant::Tenant;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asked::Asked;
use super::frame::{SettingsFrame, SettingsRefusal};
use super::timezones::COMMON;
use crate::components::{Place, PostForm, SelectField, TextField};
use crate::form::Form;
use crate::format;
use crate::pages::asking::office;

/// Every field of the form.
const FIELDS: &[&str] = &[
    "name",
    "currency",
    "timezone",
    "week_start",
    "gross_margin",
    "target_roas",
    "minimum_spend",
    "minimum_customers",
    "maximum_payback_months",
    "stuck_after_days",
    "mrr_definition",
    "attribution_order",
];

/// Asks for the settings of the workspace.
#[component]
pub fn WorkspacePage() -> impl IntoView {
    let (asked, office) = (Asked::now(Place::Workspace), office());
    let answer = Suspend::new(async move {
        let settings = match asked.visit.viewer() {
            Ok(viewer) => office.settings(&viewer).await,
            Err(error) => Err(error),
        };
        match settings {
            Ok(tenant) => view! { <WorkspaceView tenant asked/> }.into_any(),
            Err(error) => view! { <SettingsRefusal error asked/> }.into_any(),
        }
    });
    view! {
        <Title text="Workspace · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn WorkspaceView(tenant: Tenant, asked: Asked) -> AnyView {
    let form = asked.form("settings", FIELDS);
    let version = form.value("version", &tenant.version.to_string());
    let is_stale = version != tenant.version.to_string();
    let lead = "What it is called, and how its figures are computed. Changes count at once, for everybody."
        .into_any();
    let (identity, economics) = (identity(&form, &tenant), economics(&form, &tenant));
    let recurring = recurring(&form, &tenant);
    let crediting = crediting(&form, &tenant);
    view! {
        <SettingsFrame asked=asked.clone() lead>
            {is_stale.then(|| changed_since(&asked))}
            <PostForm form=form.clone() class="sections">
                <input type="hidden" name="version" value=version/>
                {identity}
                {recurring}
                {economics}
                {crediting}
                <div class="form-end">
                    <button type="submit" class="button primary">"Save settings"</button>
                </div>
            </PostForm>
        </SettingsFrame>
    }
    .into_any()
}

/// What was typed stays, but saving it would undo what somebody else has done meanwhile.
fn changed_since(asked: &Asked) -> AnyView {
    view! {
        <div class="notes">
            <p>
                "What you typed is still here. "
                <a href=asked.address().to_string()>"Show the settings as they are now"</a>
            </p>
        </div>
    }
    .into_any()
}

fn identity(form: &Form, tenant: &Tenant) -> AnyView {
    let options = [("monday", "Monday"), ("sunday", "Sunday")];
    let week_start = match tenant.week_start {
        WeekStart::Monday => "monday",
        WeekStart::Sunday => "sunday",
    };
    let timezones = COMMON.map(|name| view! { <option value=name></option> }).collect_view();
    view! {
        <section class="card section" aria-labelledby="identity-title">
            <h2 id="identity-title">"Workspace"</h2>
            <div class="fields beside">
                <TextField
                    form=form.clone()
                    name="name"
                    label="Name"
                    hint="Everybody who belongs here sees it."
                    value=format::name(&tenant.name)
                    autocomplete=Some("organization")
                />
                <TextField
                    form=form.clone()
                    name="currency"
                    label="Currency"
                    hint="Every report adds up in it. It was chosen once: the ledger holds its amounts in it."
                    value=tenant.currency.code().to_uppercase()
                    autocomplete=Some("off")
                    maxlength=3
                    is_readonly=true
                />
                <TextField
                    form=form.clone()
                    name="timezone"
                    label="Timezone"
                    hint="Days of every report begin at its midnight."
                    value=tenant.timezone_name()
                    autocomplete=Some("off")
                    list=Some("timezones")
                />
                <datalist id="timezones">{timezones}</datalist>
                <SelectField
                    form=form.clone()
                    name="week_start"
                    label="Weeks begin on"
                    hint="Bars of a week begin with this day."
                    options=options.map(|(word, says)| (word.to_owned(), says.to_owned())).to_vec()
                    value=week_start
                />
            </div>
        </section>
    }
    .into_any()
}

fn recurring(form: &Form, tenant: &Tenant) -> AnyView {
    let options =
        Definition::ALL.map(|preset| (preset.id.to_owned(), format!("{} ({})", preset.name, preset.id)));
    let rules = tenant.definition.rules().into_iter().map(|(about, rule)| {
        view! { <div><dt>{about}</dt><dd>{rule}</dd></div> }
    });
    view! {
        <section class="card section" aria-labelledby="recurring-title">
            <h2 id="recurring-title">"Monthly recurring revenue"</h2>
            <div class="fields beside">
                <SelectField
                    form=form.clone()
                    name="mrr_definition"
                    label="Counted by the rules of"
                    hint="A change counts all of history again; payments stay as they are."
                    options=options.to_vec()
                    value=tenant.definition.id
                />
            </div>
            <details class="rules">
                <summary>"The rules it is counted by now"</summary>
                <dl>{rules.collect_view()}</dl>
            </details>
        </section>
    }
    .into_any()
}

fn economics(form: &Form, tenant: &Tenant) -> AnyView {
    view! {
        <section class="card section" aria-labelledby="economics-title">
            <h2 id="economics-title">"What channels are judged by"</h2>
            <div class="fields beside">
                {earning(form, tenant)}
                {enough(form, tenant)}
                {time(form, tenant)}
            </div>
        </section>
    }
    .into_any()
}

fn crediting(form: &Form, tenant: &Tenant) -> AnyView {
    let options =
        [("lead_first", "Leads and linked records first"), ("metadata_first", "Stripe metadata first")];
    view! {
        <section class="card section" aria-labelledby="crediting-title">
            <h2 id="crediting-title">"How payments find their channel"</h2>
            <div class="fields beside">
                <SelectField
                    form=form.clone()
                    name="attribution_order"
                    label="What counts first"
                    hint="Every payment is looked at again when this changes. What was set by hand stays."
                    options=options.map(|(word, says)| (word.to_owned(), says.to_owned())).to_vec()
                    value=tenant.attribution_order.word()
                />
            </div>
        </section>
    }
    .into_any()
}

fn earning(form: &Form, tenant: &Tenant) -> AnyView {
    let economics = &tenant.economics;
    let margin = format::decimal(economics.gross_margin_permille.into(), 1);
    view! {
        <TextField
            form=form.clone()
            name="gross_margin"
            label="Gross margin"
            hint="What is left of revenue once what was sold is delivered. ROI, lifetime value and payback count this part only."
            value=margin.trim_end_matches(".0")
            unit="%"
            inputmode=Some("decimal")
            maxlength=8
        />
        <TextField
            form=form.clone()
            name="target_roas"
            label="Target return on ad spend"
            hint="From this ratio on a channel counts as profitable: at 2.00 it brings in twice what it costs."
            value=format::decimal(economics.target_roas_percent.into(), 2)
            unit="×"
            inputmode=Some("decimal")
            maxlength=12
        />
    }
    .into_any()
}

fn enough(form: &Form, tenant: &Tenant) -> AnyView {
    let economics = &tenant.economics;
    view! {
        <TextField
            form=form.clone()
            name="minimum_spend"
            label="Least spend"
            hint="A channel that has cost less is not judged yet."
            value=format::decimal(economics.minimum_spend_minor, tenant.currency.exponent())
            unit=tenant.currency.code().to_uppercase()
            inputmode=Some("decimal")
            maxlength=20
        />
        <TextField
            form=form.clone()
            name="minimum_customers"
            label="Fewest new customers"
            hint="A channel that has won fewer is not judged yet."
            value=economics.minimum_customers.to_string()
            unit="customers"
            inputmode=Some("numeric")
            maxlength=8
        />
    }
    .into_any()
}

fn time(form: &Form, tenant: &Tenant) -> AnyView {
    let economics = &tenant.economics;
    view! {
        <TextField
            form=form.clone()
            name="maximum_payback_months"
            label="Longest payback"
            hint="Within this time a customer should earn back what winning them has cost."
            value=economics.maximum_payback_months.to_string()
            unit="months"
            inputmode=Some("numeric")
            maxlength=4
        />
        <TextField
            form=form.clone()
            name="stuck_after_days"
            label="Leads are stuck after"
            hint="A lead that has not moved for so long is shown as stuck."
            value=economics.stuck_after_days.to_string()
            unit="days"
            inputmode=Some("numeric")
            maxlength=4
        />
    }
    .into_any()
}
