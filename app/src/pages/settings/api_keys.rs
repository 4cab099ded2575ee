//! `/portal/settings/api-keys`: the keys programs come with.

use domain::access::{Permission, Role};
use jiff::tz::TimeZone;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asked::Asked;
use super::frame::{SettingsFrame, SettingsRefusal};
use crate::components::{Confirmation, Moment, Place, PostForm, SelectField, ShownOnce, TextField};
use crate::form::Form;
use crate::office::{ApiKeyLine, ApiKeys};
use crate::pages::asking::office;
use crate::{format, roles};

/// Asks for the keys of the workspace.
#[component]
pub fn ApiKeysPage() -> impl IntoView {
    let (asked, office) = (Asked::now(Place::ApiKeys), office());
    let answer = Suspend::new(async move {
        let keys = match asked.visit.viewer() {
            Ok(viewer) => office.api_keys(&viewer).await,
            Err(error) => Err(error),
        };
        match keys {
            Ok(keys) => view! { <ApiKeysView keys asked/> }.into_any(),
            Err(error) => view! { <SettingsRefusal error asked/> }.into_any(),
        }
    });
    view! {
        <Title text="API keys · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn ApiKeysView(keys: ApiKeys, asked: Asked) -> AnyView {
    let lead = "Programs ask for this workspace's figures with a key of their own.".into_any();
    view! {
        <SettingsFrame asked=asked.clone() lead row_forms=&["revoke"]>
            <ShownOnce form=asked.form("create", &[]) title="The key is made" label="API key">
                <p>"Copy it now: it is not kept and not shown again. Programs send it in this header:"</p>
                <p><code class="copy command">"Authorization: Bearer the-key"</code></p>
            </ShownOnce>
            {known(&keys, &asked)}
            {create(&keys, &asked)}
        </SettingsFrame>
    }
    .into_any()
}

fn known(keys: &ApiKeys, asked: &Asked) -> AnyView {
    if keys.keys.is_empty() {
        return view! {
            <section class="card quiet" aria-labelledby="keys-title">
                <h2 id="keys-title">"No key yet"</h2>
                <p>
                    "A key lets a program, such as a spreadsheet or a nightly job, read this workspace's figures "
                    "without anybody's password. Make one for each program, so that each can be revoked alone."
                </p>
            </section>
        }
        .into_any();
    }
    let lines = keys.keys.iter().map(|key| line(key, &keys.tenant.timezone, asked)).collect_view();
    view! {
        <section class="card section" aria-labelledby="keys-title">
            <h2 id="keys-title">"Keys"</h2>
            <ul class="rows">{lines}</ul>
        </section>
    }
    .into_any()
}

fn line(key: &ApiKeyLine, timezone: &TimeZone, asked: &Asked) -> AnyView {
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <bdi>{format::name(&key.name)}</bdi>
                    <code class="key-hint">{format::name(&key.hint)} "…"</code>
                    {key.revoked_at.map(|_| view! { <span class="tag" data-tone="bad">"Revoked"</span> })}
                </p>
                <p class="row-note">{roles::name(key.role)} ": " {scopes_in_words(&key.scopes)}</p>
                <p class="row-note">
                    "made by " <bdi>{format::name(&key.created_by)}</bdi> " on "
                    <Moment at=key.created_at timezone=timezone.clone()/> " · " {use_of(key, timezone)}
                </p>
            </div>
            <div class="row-actions">{key.revoked_at.is_none().then(|| revoke(key, asked))}</div>
        </li>
    }
    .into_any()
}

fn scopes_in_words(scopes: &[Permission]) -> String {
    let words: Vec<&str> = scopes.iter().map(|scope| scope.in_words()).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

fn use_of(key: &ApiKeyLine, timezone: &TimeZone) -> AnyView {
    let timezone = timezone.clone();
    match (key.revoked_at, key.last_used_at) {
        (Some(at), _) => view! { "revoked on " <Moment at timezone/> }.into_any(),
        (None, Some(at)) => view! { "last used " <Moment at timezone/> }.into_any(),
        (None, None) => "never used".into_any(),
    }
    .into_any()
}

fn revoke(key: &ApiKeyLine, asked: &Asked) -> AnyView {
    let form = asked.form("revoke", &[]).about("key", key.id.to_string());
    let means = "Programs that use this key are refused from then on. It cannot be undone.".into_any();
    view! {
        <Confirmation form opens="Revoke" whom=format::name(&key.name) means does="Revoke the key"/>
    }
    .into_any()
}

fn create(keys: &ApiKeys, asked: &Asked) -> AnyView {
    let form = asked.form("create", &["name", "role", "scope"]);
    let options = roles::explained(&keys.roles);
    view! {
        <section class="card section" aria-labelledby="create-title">
            <h2 id="create-title">"Make a key"</h2>
            <p class="section-lead">"It may do what is marked here, and never more than its role."</p>
            <PostForm form=form.clone()>
                <div class="fields two">
                    <TextField
                        form=form.clone()
                        name="name"
                        label="Name"
                        hint="What uses it, such as “nightly report”."
                        autocomplete=Some("off")
                    />
                    <SelectField
                        form=form.clone()
                        name="role"
                        label="Role"
                        hint="The most it may ever do."
                        options
                        value=Role::Viewer.word()
                    />
                </div>
                <Scopes form/>
                <div class="form-end">
                    <button type="submit" class="button primary">"Make the key"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

/// What the key may do; reading figures is marked before anything was.
#[component]
fn Scopes(form: Form) -> AnyView {
    let chosen = form.chosen("scope").unwrap_or_else(|| vec![Permission::ReadFigures.word().to_owned()]);
    let error_id = form.id("scope-error");
    let error = form.error_of("scope");
    let described_by = error.is_some().then(|| error_id.clone());
    let boxes = Permission::ALL
        .map(|permission| {
            let is_chosen = chosen.iter().any(|word| word == permission.word());
            scope(permission, is_chosen)
        })
        .collect_view();
    view! {
        <fieldset
            class="choices"
            id=form.id("scope")
            aria-describedby=described_by
        >
            <legend>"What it may do"</legend>
            {boxes}
            {error.map(|error| view! { <p class="wrong" id=error_id>{error}</p> })}
        </fieldset>
    }
    .into_any()
}

fn scope(permission: Permission, is_chosen: bool) -> AnyView {
    let needs = match permission.least_role() {
        Role::Viewer => "every role".to_owned(),
        role => format!("{} and up", roles::name(role).to_lowercase()),
    };
    view! {
        <label class="choice">
            <input type="checkbox" name="scope" value=permission.word() checked=is_chosen/>
            <span>{format::sentence(permission.in_words()).trim_end_matches('.').to_owned()}</span>
            <span class="hint">{needs}</span>
        </label>
    }
    .into_any()
}
