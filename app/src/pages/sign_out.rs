//! `/logout`: where people leave.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::address::{Address, COMMAND_CENTER, SIGN_IN, SIGN_OUT};
use crate::components::{Lone, PostForm};
use crate::form::Form;
use crate::format;
use crate::visit::Visit;

/// Asks whether somebody wants to leave.
#[component]
pub fn SignOutPage() -> impl IntoView {
    let visit = Visit::now();
    view! {
        <Title text="Sign out · Command Center"/>
        {match visit.person.clone() {
            Some(person) => asking(&visit, &person.email),
            None => gone(),
        }}
    }
}

fn asking(visit: &Visit, email: &str) -> AnyView {
    let form = Form::of(visit, "sign_out", &Address::new(SIGN_OUT), &[]);
    let email = format::name(email);
    view! {
        <Lone title="Sign out?">
            <p>
                "You are signed in as " <bdi>{email}</bdi>
                ". Only this browser is signed out."
            </p>
            <PostForm form>
                <div class="form-end">
                    <button type="submit" class="button primary">"Sign out"</button>
                    <a class="button ghost" href=COMMAND_CENTER>"Stay signed in"</a>
                </div>
            </PostForm>
        </Lone>
    }
    .into_any()
}

fn gone() -> AnyView {
    view! {
        <Lone title="You are signed out">
            <p><a class="button primary" href=SIGN_IN>"Sign in"</a></p>
        </Lone>
    }
    .into_any()
}
