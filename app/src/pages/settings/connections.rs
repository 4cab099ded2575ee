//! `/portal/settings/connections`: credentials for other services, stored sealed and never shown.

use domain::connection::SecretKind;
use leptos::prelude::*;
use leptos_meta::Title;

use super::asked::Asked;
use super::frame::{SettingsFrame, SettingsRefusal};
use super::past_payments::past_payments;
use super::tools::tools;
use crate::components::{Confirmation, Moment, Place, PostForm, TextField};
use crate::format;
use crate::office::{Connections, SecretLine};
use crate::pages::asking::office;

/// Forms whose problem is said at the head: each may be gone from the page by the time it is answered.
const ROW_FORMS: &[&str] =
    &["store", "remove", "backfill", "pause_backfill", "connect", "disconnect", "webhook", "sync"];

/// Asks what is connected.
#[component]
pub fn ConnectionsPage() -> impl IntoView {
    let (asked, office) = (Asked::now(Place::Connections), office());
    let answer = Suspend::new(async move {
        let connections = match asked.visit.viewer() {
            Ok(viewer) => office.connections(&viewer).await,
            Err(error) => Err(error),
        };
        match connections {
            Ok(connections) => view! { <ConnectionsView connections asked/> }.into_any(),
            Err(error) => view! { <SettingsRefusal error asked/> }.into_any(),
        }
    });
    view! {
        <Title text="Connections · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn ConnectionsView(connections: Connections, asked: Asked) -> AnyView {
    let lead = if connections.may_manage {
        "What other services are asked with. Each is sealed when it is stored, and nobody is shown it again."
    } else {
        "The tools people are reached and looked up with. Whoever administers the workspace connects them."
    };
    let managed = connections.may_manage.then(|| managed(&connections, &asked));
    view! {
        <SettingsFrame asked=asked.clone() lead=lead.into_any() row_forms=ROW_FORMS>
            {(connections.may_manage && !connections.can_seal).then(cannot_seal)}
            {tools(&connections, &asked)}
            {managed}
        </SettingsFrame>
    }
    .into_any()
}

fn managed(connections: &Connections, asked: &Asked) -> AnyView {
    let lines = connections.secrets.iter().map(|secret| line(secret, connections, asked)).collect_view();
    view! {
        {webhook(&connections.webhook_url)}
        {past_payments(connections, asked)}
        <section class="card section" aria-labelledby="credentials-title">
            <h2 id="credentials-title">"Credentials"</h2>
            <ul class="rows">{lines}</ul>
        </section>
    }
    .into_any()
}

fn cannot_seal() -> AnyView {
    view! {
        <div class="notes">
            <p>
                "Nothing can be stored: SECRETS_KEY, which credentials are sealed with, is not set. Make one with "
                <code class="copy">"openssl rand -base64 32"</code>
                ", give it to the program as SECRETS_KEY, and start it again."
            </p>
        </div>
    }
    .into_any()
}

fn webhook(url: &str) -> AnyView {
    view! {
        <section class="card section" aria-labelledby="webhook-title">
            <h2 id="webhook-title">"Stripe's events"</h2>
            <p class="section-lead">
                "Add a webhook endpoint in Stripe with this address, then store the signing secret Stripe shows for it."
            </p>
            <p><code class="copy command">{format::name(url)}</code></p>
        </section>
    }
    .into_any()
}

fn line(secret: &SecretLine, connections: &Connections, asked: &Asked) -> AnyView {
    let stored = secret.stored.as_ref().map(|(by, at)| {
        let timezone = connections.tenant.timezone.clone();
        view! {
            <p class="row-note">
                "stored by " <bdi>{format::name(by)}</bdi> " on " <Moment at=*at timezone/>
            </p>
        }
    });
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    {secret.kind.name()}
                    {secret.stored.is_some().then(|| view! { <span class="tag" data-tone="good">"Stored"</span> })}
                </p>
                <p class="row-note">{purpose(secret.kind)}</p>
                {stored}
            </div>
            <div class="row-actions">
                {connections.can_seal.then(|| store(secret, asked))}
                {secret.stored.is_some().then(|| remove(secret, asked))}
            </div>
        </li>
    }
    .into_any()
}

fn store(secret: &SecretLine, asked: &Asked) -> AnyView {
    let form = asked.form("store", &["value"]).about("kind", secret.kind.word());
    let (name, is_open) = (secret.kind.name(), form.is_refused());
    let (opens, does) =
        if secret.stored.is_some() { ("Replace", "Replace it") } else { ("Store", "Store it") };
    view! {
        <details class="hanging" name="hanging" open=is_open>
            <summary class="button small">
                {opens} <span class="vh">" " {name}</span>
            </summary>
            <PostForm form=form.clone() class="form hanging-form">
                <TextField
                    form
                    name="value"
                    label=name
                    kind="password"
                    autocomplete=Some("new-password")
                    maxlength=4000
                />
                <button type="submit" class="button primary">{does}</button>
            </PostForm>
        </details>
    }
    .into_any()
}

fn remove(secret: &SecretLine, asked: &Asked) -> AnyView {
    let form = asked.form("remove", &[]).about("kind", secret.kind.word());
    let means = "It is deleted here. Whoever gave it out may want to revoke it there, too.".into_any();
    view! {
        <Confirmation form opens="Remove" whom=secret.kind.name().to_owned() means does="Remove it"/>
    }
    .into_any()
}

/// What the credential is good for.
const fn purpose(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::StripeWebhook => "Proves that events come from Stripe. It begins with whsec_.",
        SecretKind::StripeKey => "Reads past payments. A key that may only read is enough.",
        SecretKind::SlackWebhook => "For alerts in a channel of Slack.",
        // Tools are connected in a section of their own.
        SecretKind::HeyReach
        | SecretKind::PlusVibe
        | SecretKind::Instantly
        | SecretKind::Apollo
        | SecretKind::FullEnrich => "For reaching or looking up people.",
    }
}
