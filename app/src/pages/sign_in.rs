//! `/login`: where people come in.

use leptos::prelude::*;
use leptos_meta::Title;

use super::asking::{field, notice, query};
use crate::address::{Address, COMMAND_CENTER, FORGOT_PASSWORD, SIGN_IN, SIGN_UP};
use crate::components::{Lone, PostForm, TextField};
use crate::form::Form;
use crate::format;
use crate::visit::Visit;

/// Asks who somebody is.
#[component]
pub fn SignInPage() -> impl IntoView {
    let (visit, query) = (Visit::now(), query());
    let next = field(&query, "next");
    let page = Address::new(SIGN_IN).with_any("next", next.as_ref());
    let form = Form::of(&visit, "sign_in", &page, &["email", "password"]);
    let next = form.value("next", &next.unwrap_or_default());
    let already = visit.person.map(|person| {
        view! {
            <p>
                "You are signed in as " <bdi>{format::name(&person.email)}</bdi> ". "
                <a href=COMMAND_CENTER>"Go to the overview"</a> "."
            </p>
        }
    });
    let sign_up = visit.is_sign_up_open.then(|| {
        view! { <p>"No account yet? " <a href=SIGN_UP>"Make one"</a> "."</p> }
    });
    view! {
        <Title text="Sign in · Command Center"/>
        <Lone title="Sign in" notice=notice(&query)>
            {already}
            <PostForm form=form.clone()>
                <input type="hidden" name="next" value=next/>
                <TextField
                    form=form.clone()
                    name="email"
                    label="E-mail"
                    kind="email"
                    autocomplete=Some("username")
                    maxlength=320
                />
                <TextField
                    form
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete=Some("current-password")
                    maxlength=1000
                />
                <button type="submit" class="button primary">"Sign in"</button>
            </PostForm>
            <div class="lone-ways">
                <p><a href=FORGOT_PASSWORD>"Forgot your password?"</a></p>
                {sign_up}
            </div>
        </Lone>
    }
}
