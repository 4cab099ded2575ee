//! `/portal/settings/account`: somebody's name, password, and where they are signed in.

use leptos::prelude::*;
use leptos_meta::Title;

use super::asked::Asked;
use super::frame::{SettingsFrame, SettingsRefusal};
use crate::components::{Place, PostForm, TextField};
use crate::office::{Account, SessionLine};
use crate::pages::asking::office;
use crate::pages::no_access::Stranger;
use crate::pages::sign_up::PASSWORD_HINT;
use crate::{browser, format};

/// Asks for the account of who looks.
#[component]
pub fn AccountPage() -> impl IntoView {
    let (asked, office) = (Asked::now(Place::Account), office());
    let answer = Suspend::new(async move {
        let Some(person) = &asked.visit.person else {
            return view! { <Stranger place=Place::Account/> }.into_any();
        };
        match office.account(person).await {
            Ok(account) => view! { <AccountView account asked/> }.into_any(),
            Err(error) => view! { <SettingsRefusal error asked/> }.into_any(),
        }
    });
    view! {
        <Title text="Account · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn AccountView(account: Account, asked: Asked) -> AnyView {
    let lead = view! { "You sign in as " <bdi>{format::name(&account.email)}</bdi> "." }.into_any();
    view! {
        <SettingsFrame asked=asked.clone() lead row_forms=&["end_session"]>
            {name(&account, &asked)}
            {password(&asked)}
            {sessions(&account, &asked)}
        </SettingsFrame>
    }
    .into_any()
}

fn name(account: &Account, asked: &Asked) -> AnyView {
    let form = asked.form("name", &["name"]);
    let name = format::name(&account.name);
    view! {
        <section class="card section" aria-labelledby="name-title">
            <h2 id="name-title">"Name"</h2>
            <PostForm form=form.clone()>
                <TextField
                    form
                    name="name"
                    label="Your name"
                    hint="Others see it beside what you do."
                    value=name
                    autocomplete=Some("name")
                />
                <div class="form-end">
                    <button type="submit" class="button primary">"Save name"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn password(asked: &Asked) -> AnyView {
    let form = asked.form("password", &["current_password", "new_password"]);
    view! {
        <section class="card section" aria-labelledby="password-title">
            <h2 id="password-title">"Password"</h2>
            <p class="section-lead">"A new one signs out every other browser."</p>
            <PostForm form=form.clone()>
                <TextField
                    form=form.clone()
                    name="current_password"
                    label="Current password"
                    kind="password"
                    autocomplete=Some("current-password")
                    maxlength=1000
                />
                <TextField
                    form
                    name="new_password"
                    label="New password"
                    kind="password"
                    hint=PASSWORD_HINT
                    autocomplete=Some("new-password")
                    maxlength=1000
                />
                <div class="form-end">
                    <button type="submit" class="button primary">"Change password"</button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn sessions(account: &Account, asked: &Asked) -> AnyView {
    let has_others = account.sessions.iter().any(|session| !session.is_this);
    let lines = account.sessions.iter().map(|session| line(session, asked)).collect_view();
    view! {
        <section class="card section" aria-labelledby="sessions-title">
            <header class="section-head">
                <div>
                    <h2 id="sessions-title">"Where you are signed in"</h2>
                    <p class="section-lead">"Times are in UTC. A browser nobody uses for 14 days is signed out."</p>
                </div>
                {has_others.then(|| {
                    view! {
                        <PostForm form=asked.form("end_others", &[]) class="row-form">
                            <button type="submit" class="button">"Sign out everywhere else"</button>
                        </PostForm>
                    }
                })}
            </header>
            <ul class="rows">{lines}</ul>
        </section>
    }
    .into_any()
}

fn line(session: &SessionLine, asked: &Asked) -> AnyView {
    let browser = browser::in_words(session.user_agent.as_deref());
    let whom = browser.clone();
    let end = (!session.is_this).then(|| {
        let form = asked.form("end_session", &[]).about("session", session.id.to_string());
        view! {
            <PostForm form class="row-form">
                <button type="submit" class="button small">
                    "Sign out" <span class="vh">" " {whom}</span>
                </button>
            </PostForm>
        }
    });
    view! {
        <li class="row">
            <div class="row-main">
                <p class="row-title">
                    <bdi>{browser}</bdi>
                    {session.is_this.then(|| view! { <span class="tag" data-tone="good">"This browser"</span> })}
                </p>
                <p class="row-note">
                    {session.address.as_deref().map(|address| {
                        view! { <bdi>{format::name(address)}</bdi> " · " }
                    })}
                    "last seen " {utc(session.last_seen_at)} " · signed in " {utc(session.created_at)}
                </p>
            </div>
            <div class="row-actions">{end}</div>
        </li>
    }
    .into_any()
}

fn utc(at: jiff::Timestamp) -> AnyView {
    view! { <time datetime=at.to_string()>{format::moment_in_utc(at)}</time> }.into_any()
}
