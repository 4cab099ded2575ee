//! `/reset-password?token=…`: where a new password is set.

use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{field, office, query};
use super::refusal::LoneFailure;
use super::sign_up::PASSWORD_HINT;
use super::spent_link::SpentLink;
use crate::address::{Address, FORGOT_PASSWORD, RESET_PASSWORD};
use crate::components::{Lone, PostForm, TextField};
use crate::form::Form;
use crate::visit::Visit;

/// Asks for a new password where the link is good.
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    let (office, visit) = (office(), Visit::now());
    let token = field(&query(), "token").unwrap_or_default();
    let answer = Suspend::new(async move {
        match office.can_reset(&token).await {
            Ok(true) => view! { <NewPassword token visit/> }.into_any(),
            Ok(false) => spent().into_any(),
            Err(error) => view! { <LoneFailure error/> }.into_any(),
        }
    });
    view! {
        <Title text="New password · Command Center"/>
        <Suspense>{answer}</Suspense>
    }
}

#[component]
fn NewPassword(token: String, visit: Visit) -> AnyView {
    let page = Address::new(RESET_PASSWORD).with("token", token.clone());
    let form = Form::of(&visit, "reset", &page, &["password"]);
    view! {
        <Lone title="Choose a new password">
            <p>"Every browser that is signed in with the old one is signed out."</p>
            <PostForm form=form.clone()>
                <input type="hidden" name="token" value=token/>
                <TextField
                    form
                    name="password"
                    label="New password"
                    kind="password"
                    hint=PASSWORD_HINT
                    autocomplete=Some("new-password")
                    maxlength=1000
                />
                <button type="submit" class="button primary">"Set the password"</button>
            </PostForm>
        </Lone>
    }
    .into_any()
}

fn spent() -> AnyView {
    view! {
        <SpentLink>
            <p>"A link to set a new password works once and not for long."</p>
            <p><a class="button" href=FORGOT_PASSWORD>"Ask for a new link"</a></p>
        </SpentLink>
    }
    .into_any()
}
