//! `/forgot-password`: where a letter with a way back in is asked for.

use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{notice, query};
use crate::address::{Address, FORGOT_PASSWORD, SIGN_IN};
use crate::components::{Lone, PostForm, TextField};
use crate::form::Form;
use crate::visit::Visit;

/// Asks where the letter goes.
#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    let (visit, query) = (Visit::now(), query());
    view! {
        <Title text="Forgot password · Command Center"/>
        <Lone title="Set a new password" notice=notice(&query)>
            {if visit.can_send_mail { by_mail(&visit) } else { by_hand() }}
            <div class="lone-ways">
                <p><a href=SIGN_IN>"Back to sign in"</a></p>
            </div>
        </Lone>
    }
}

fn by_mail(visit: &Visit) -> AnyView {
    let form = Form::of(visit, "forgot", &Address::new(FORGOT_PASSWORD), &["email"]);
    view! {
        <p>"You get a letter with a link to set a new password. The link works once."</p>
        <PostForm form=form.clone()>
            <TextField
                form
                name="email"
                label="E-mail"
                kind="email"
                autocomplete=Some("username")
                maxlength=320
            />
            <button type="submit" class="button primary">"Send the link"</button>
        </PostForm>
    }
    .into_any()
}

fn by_hand() -> AnyView {
    view! {
        <p>"This installation sends no mail. Ask whoever runs it for a link; this command makes one:"</p>
        <p><code class="copy command">
                "command-center user reset-link " <span class="unbroken">"--email you@example.com"</span>
            </code></p>
    }
    .into_any()
}
