//! What to do while no event has ever arrived.

use leptos::prelude::*;

use crate::address::CONNECTIONS;
use crate::port::Intake;

/// The steps to the first figure.
#[component]
pub fn Welcome(intake: Intake) -> AnyView {
    view! {
        <section class="card welcome" aria-labelledby="welcome-title">
            <h2 id="welcome-title">"Connect Stripe to see the first figures"</h2>
            <ol>
                <li>
                    <h3>"Send Stripe's events here"</h3>
                    <p>"Add a webhook endpoint in Stripe with this address."</p>
                    <p><code class="copy">{intake.webhook_url}</code></p>
                </li>
                <li>
                    <h3>"Let their signature be checked"</h3>
                    {secret(intake.webhook_secret_set)}
                </li>
                <li>
                    <h3>"Or look around first"</h3>
                    <p>"Fill a tenant of its own with a year of believable payments."</p>
                    <p><code class="copy">"command-center demo"</code></p>
                </li>
            </ol>
        </section>
    }
    .into_any()
}

fn secret(is_set: bool) -> AnyView {
    if is_set {
        return view! { <p>"The signing secret is set. The first event can arrive."</p> }.into_any();
    }
    view! {
        <p>
            "Store the signing secret Stripe shows for the endpoint under "
            <a href=CONNECTIONS>"Connections"</a>
            ", where the workspace has an address of its own; or give it to the program and start it again."
        </p>
        <p><code class="copy">"STRIPE_WEBHOOK_SECRET"</code></p>
    }
    .into_any()
}
