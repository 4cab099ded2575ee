//! An id of Stripe's, and the way to what it names in Stripe.

use leptos::prelude::*;

use crate::format;

const DASHBOARD: &str = "https://dashboard.stripe.com";

/// An id of Stripe's, with a link to its page there.
#[component]
pub fn StripeObject(
    id: String,
    /// Whether it is live; what is not known is taken for live.
    #[prop(optional_no_strip)]
    livemode: Option<bool>,
) -> AnyView {
    let shown = format::name(&id);
    let link = address(&id, livemode).map(|href| {
        let label = format!("Open {id} in Stripe, in a new tab");
        view! {
            <a class="outward" href=href target="_blank" rel="noopener noreferrer" aria-label=label>
                "Open"
            </a>
        }
    });
    view! { <span class="object"><code class="copy">{shown}</code> {link}</span> }.into_any()
}

/// Where an object is in Stripe's dashboard; what has no page of its own is searched for.
#[must_use]
pub fn address(id: &str, livemode: Option<bool>) -> Option<String> {
    let is_plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let (kind, _) = id.split_once('_').filter(|_| is_plain)?;
    let mode = if livemode == Some(false) { "/test" } else { "" };
    let page = match kind {
        "cus" => "customers",
        "sub" => "subscriptions",
        "in" => "invoices",
        "ch" | "py" | "pi" => "payments",
        "evt" => "events",
        "re" | "pyr" | "cs" | "dp" | "du" => return Some(format!("{DASHBOARD}{mode}/search?query={id}")),
        _ => return None,
    };
    Some(format!("{DASHBOARD}{mode}/{page}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn test_objects_are_under_test_and_strange_ids_lead_nowhere() {
        let at = |id, livemode| address(id, livemode).unwrap_or_default();
        assert_eq!(at("in_1", Some(true)), "https://dashboard.stripe.com/invoices/in_1");
        assert_eq!(at("pi_1", Some(false)), "https://dashboard.stripe.com/test/payments/pi_1");
        assert_eq!(at("re_1", None), "https://dashboard.stripe.com/search?query=re_1");
        for id in ["javascript:alert(1)", "in_1/../x", "acct_1", "in", "", "in_\"><b>"] {
            assert_eq!(at(id, None), "", "{id}");
        }
    }
}
