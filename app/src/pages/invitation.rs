//! `/invitation?token=…`: where somebody who was asked joins a workspace.

use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{field, office, query};
use super::refusal::LoneFailure;
use super::sign_up::PASSWORD_HINT;
use super::spent_link::SpentLink;
use crate::address::{Address, FORGOT_PASSWORD, INVITATION, SIGN_IN};
use crate::components::{Lone, PostForm, TextField};
use crate::form::Form;
use crate::office::InvitationOffer;
use crate::visit::Visit;
use crate::{format, roles};

/// Shows what the invitation offers where it is good.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let (office, visit) = (office(), Visit::now());
    let token = field(&query(), "token").unwrap_or_default();
    let answer = Suspend::new(async move {
        match office.invitation(&token).await {
            Ok(Some(offer)) => view! { <Offer offer token visit/> }.into_any(),
            Ok(None) => spent().into_any(),
            Err(error) => view! { <LoneFailure error/> }.into_any(),
        }
    });
    view! {
        <Title text="Invitation · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn Offer(offer: InvitationOffer, token: String, visit: Visit) -> AnyView {
    let page = Address::new(INVITATION).with("token", token.clone());
    let form = Form::of(&visit, "join", &page, &["name", "password"]);
    let says = in_words(&offer);
    view! {
        <Lone title="Join a workspace">
            {says}
            <PostForm form=form.clone()>
                <input type="hidden" name="token" value=token/>
                {if offer.has_account { as_known(form) } else { as_new(form) }}
                <button type="submit" class="button primary">"Join"</button>
            </PostForm>
            {offer.has_account.then(|| {
                view! {
                    <div class="lone-ways">
                        <p><a href=FORGOT_PASSWORD>"Forgot your password?"</a></p>
                    </div>
                }
            })}
        </Lone>
    }
    .into_any()
}

fn in_words(offer: &InvitationOffer) -> AnyView {
    view! {
        <p>
            <bdi>{format::name(&offer.email)}</bdi> " is asked to join "
            <strong><bdi>{format::name(&offer.tenant_name)}</bdi></strong> " as "
            {roles::with_article(offer.role)} ", who " {roles::may(offer.role)} "."
        </p>
    }
    .into_any()
}

fn as_known(form: Form) -> AnyView {
    view! {
        <TextField
            form
            name="password"
            label="Your password"
            kind="password"
            hint="You have an account with this e-mail already: the password you sign in with."
            autocomplete=Some("current-password")
            maxlength=1000
        />
    }
    .into_any()
}

fn as_new(form: Form) -> AnyView {
    view! {
        <TextField form=form.clone() name="name" label="Your name" autocomplete=Some("name")/>
        <TextField
            form
            name="password"
            label="Choose a password"
            kind="password"
            hint=PASSWORD_HINT
            autocomplete=Some("new-password")
            maxlength=1000
        />
    }
    .into_any()
}

fn spent() -> AnyView {
    view! {
        <SpentLink>
            <p>"An invitation works once and for 7 days. Ask whoever sent it for a new one."</p>
            <p><a class="button" href=SIGN_IN>"Go to sign in"</a></p>
        </SpentLink>
    }
    .into_any()
}
