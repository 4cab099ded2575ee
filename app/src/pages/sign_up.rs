//! `/signup`: where strangers make an account and a workspace of their own.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::address::{Address, SIGN_IN, SIGN_UP};
use crate::components::{Lone, PostForm, TextField};
use crate::form::Form;
use crate::visit::Visit;

/// What a password has to be.
pub(super) const PASSWORD_HINT: &str = "At least 8 characters. A sentence you remember is best.";

/// Asks for what an account is made of.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let visit = Visit::now();
    let title = if visit.is_sign_up_open { "Make an account" } else { "Sign-up is closed" };
    view! {
        <Title text="Sign up · Command Center"/>
        <Lone title>
            {if visit.is_sign_up_open { open(&visit) } else { closed() }}
            <div class="lone-ways">
                <p>"Already have an account? " <a href=SIGN_IN>"Sign in"</a> "."</p>
            </div>
        </Lone>
    }
}

fn open(visit: &Visit) -> AnyView {
    let form = Form::of(visit, "sign_up", &Address::new(SIGN_UP), &["company", "name", "email", "password"]);
    view! {
        <p>"It comes with a workspace of its own, which you own. Others join by your invitation."</p>
        <PostForm form=form.clone()>
            <TextField
                form=form.clone()
                name="company"
                label="Company"
                hint="The name of the workspace."
                autocomplete=Some("organization")
            />
            <TextField form=form.clone() name="name" label="Your name" autocomplete=Some("name")/>
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
                hint=PASSWORD_HINT
                autocomplete=Some("new-password")
                maxlength=1000
            />
            <button type="submit" class="button primary">"Make the account"</button>
        </PostForm>
    }
    .into_any()
}

fn closed() -> AnyView {
    view! {
        <p>
            "Nobody can make an account here by themselves. Ask somebody who belongs to a workspace to invite you: "
            "the invitation makes the account."
        </p>
    }
    .into_any()
}
