//! What must hold of the demo, whatever story it tells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::Value;

use super::*;

const SINCE: Date = date(2025, 11, 20);

static YEAR: LazyLock<Vec<DemoEvent>> = LazyLock::new(|| demo_events(&year()));

static BODIES: LazyLock<Vec<Value>> =
    LazyLock::new(|| YEAR.iter().map(|event| serde_json::from_slice(&event.body).expect("JSON")).collect());

#[test]
fn telling_the_story_twice_gives_the_same_bytes() {
    assert_eq!(demo_events(&year()), *YEAR);
    assert_eq!(demo_leads(&year()), demo_leads(&year()));
}

#[test]
fn a_later_until_only_appends_events() {
    let earlier = demo_events(&until("2026-11-10T09:30:00Z"));

    assert!(YEAR.starts_with(&earlier));
    assert!(YEAR.len() > earlier.len());
}

#[test]
fn a_later_since_leaves_out_earlier_buyers_and_changes_nothing_else() {
    let all: BTreeMap<_, _> = YEAR.iter().map(|event| (&event.id, event)).collect();
    let fewer = demo_events(&DemoPlan { since: date(2026, 4, 9), ..year() });

    assert!(fewer.len() > 1000 && fewer.len() < all.len());
    assert!(fewer.iter().all(|event| all.get(&event.id) == Some(&event)));
}

#[test]
fn a_later_until_keeps_every_lead_and_moves_it_only_forward() {
    let later: BTreeMap<_, _> =
        demo_leads(&year()).into_iter().map(|lead| (lead.email.clone(), lead)).collect();

    for lead in demo_leads(&until("2026-10-01T00:00:00Z")) {
        let grown = later.get(&lead.email).expect("a lead stays on the list");
        assert!(grown.history.starts_with(&lead.history), "{}", lead.email);
        assert_eq!(grown.external_id, lead.external_id);
    }
}

#[test]
fn events_come_in_the_order_they_were_created_and_none_outside_the_plan() {
    let first = SINCE.to_zoned(TimeZone::UTC).expect("a literal day").timestamp();

    assert!(YEAR.is_sorted_by_key(|event| event.created));
    assert!(YEAR.iter().all(|event| (first..=year().until).contains(&event.created)));
}

#[test]
fn every_event_id_is_unique_and_shaped_like_stripes() {
    let ids: BTreeSet<_> = YEAR.iter().map(|event| event.id.as_str()).collect();

    assert_eq!(ids.len(), YEAR.len());
    assert!(ids.iter().all(|id| is_event_id(id) && id.contains("Demo")));
}

#[test]
fn every_body_is_a_stripe_event_of_modest_size() {
    for (event, body) in YEAR.iter().zip(BODIES.iter()) {
        assert_eq!(word(body, "/id"), event.id);
        assert_eq!(word(body, "/object"), "event");
        assert_eq!(number(body, "/created"), event.created.as_second());
        assert_eq!(body.get("livemode"), Some(&Value::Bool(false)));
        assert!(!word(body, "/type").is_empty() && !word(body, "/api_version").is_empty());
        assert!(word(body, "/data/object/id").contains("Demo"));
        assert!(event.body.len() < 3072, "{} is {} bytes", word(body, "/type"), event.body.len());
    }
}

#[test]
fn the_volume_suits_a_demo() {
    let leads = demo_leads(&year()).len();

    assert!((8_000..=15_000).contains(&YEAR.len()), "{} events", YEAR.len());
    assert!((11_000..=13_500).contains(&leads), "{leads} leads");
}

#[test]
fn every_event_type_of_the_story_is_told_in_both_shapes() {
    let told: BTreeSet<_> =
        BODIES.iter().map(|body| (word(body, "/type"), word(body, "/api_version"))).collect();

    for version in ["2024-11-20.acacia", "2026-09-30.endive"] {
        for kind in KINDS {
            let is_new_only = kind == "invoice_payment.paid" && version == "2024-11-20.acacia";
            assert_eq!(told.contains(&(kind, version)), !is_new_only, "{kind} in {version}");
        }
    }
}

#[test]
fn charges_and_refunds_in_the_events_add_up_to_the_expected_totals() {
    let totals = expected(&year());
    let last_refunded: BTreeMap<_, _> = of_kind("charge.refunded")
        .map(|body| (word(body, "/data/object/id"), number(body, "/data/object/amount_refunded")))
        .collect();

    assert_eq!(sum("charge.succeeded", "/data/object/amount"), totals.gross);
    assert_eq!(sum("payment_intent.succeeded", "/data/object/amount_received"), totals.gross);
    assert_eq!(sum("refund.created", "/data/object/amount"), totals.refunds);
    assert_eq!(last_refunded.into_values().sum::<i64>(), totals.refunds);
    assert_eq!(of_kind("charge.succeeded").count(), totals.payments);
    assert_eq!(totals.gross - totals.refunds, totals.net);
    assert_eq!(totals.net_by_channel.into_values().sum::<i64>(), totals.net);
    assert_eq!(totals.net_by_week.into_values().sum::<i64>(), totals.net);
}

#[test]
fn invoices_and_one_off_checkouts_add_up_to_the_same_gross() {
    let one_offs = of_kind("checkout.session.completed")
        .filter(|body| word(body, "/data/object/mode") == "payment")
        .map(|body| number(body, "/data/object/amount_total"))
        .sum::<i64>();

    assert_eq!(sum("invoice.paid", "/data/object/amount_paid") + one_offs, expected(&year()).gross);
}

#[test]
fn what_the_leads_and_the_metadata_prove_is_the_expected_attribution() {
    let sources: BTreeMap<_, _> =
        demo_leads(&year()).into_iter().map(|lead| (lead.email, lead.source)).collect();
    let channels: BTreeMap<_, _> = of_kind("checkout.session.completed")
        .map(|body| (word(body, "/data/object/customer"), provable_channel(body, &sources)))
        .collect();
    let mut net: BTreeMap<&str, i64> = BTreeMap::new();

    for (customer, cents) in charged().chain(given_back()) {
        let channel = channels.get(customer).expect("every customer came through a checkout");
        *net.entry(channel).or_default() += cents;
    }

    assert_eq!(net, expected(&year()).net_by_channel);
}

#[test]
fn the_last_quarter_earns_about_twice_what_the_first_weeks_did() {
    let weeks: Vec<i64> = expected(&year()).net_by_week.into_values().collect();
    // The first week and the last are not whole.
    let first: Vec<i64> = weeks.iter().copied().skip(1).take(4).collect();
    let last: Vec<i64> = weeks.iter().rev().copied().skip(1).take(13).collect();

    assert!((1_200_000..=1_500_000).contains(&average(&last)), "{last:?}");
    assert!(last.iter().all(|net| (900_000..=1_800_000).contains(net)), "{last:?}");
    assert!((500_000..=850_000).contains(&average(&first)), "{first:?}");
}

#[test]
fn heyreach_earns_most_and_every_channel_earns() {
    let net = expected(&year()).net_by_channel;

    assert_eq!(net.iter().max_by_key(|(_, cents)| **cents).map(|(slug, _)| *slug), Some("heyreach"));
    assert_eq!(net.len(), demo_channels().len() + 1);
    assert!(net.values().all(|cents| *cents > 0));
}

#[test]
fn every_lead_is_added_before_its_buyer_first_pays() {
    let added: BTreeMap<_, _> =
        demo_leads(&year()).into_iter().map(|lead| (lead.email, lead.created_at)).collect();
    let first_payments: Vec<(Timestamp, i64)> = of_kind("charge.succeeded")
        .filter_map(|body| Some((*added.get(&buyer_email(body))?, number(body, "/created"))))
        .collect();

    assert!(first_payments.len() > 1000);
    assert!(first_payments.iter().all(|(added, paid)| added.as_second() < *paid));
}

#[test]
fn lead_addresses_are_unique_and_nobody_can_own_them() {
    let leads = demo_leads(&year());
    let emails: BTreeSet<_> = leads.iter().map(|lead| lead.email.as_str()).collect();

    assert_eq!(emails.len(), leads.len());
    assert!(emails.iter().all(|email| email.contains(".example.") && *email == email.to_lowercase()));
}

#[test]
fn the_product_is_readable_from_a_line_in_both_shapes() {
    let lines: BTreeSet<_> =
        of_kind("invoice.paid").map(|body| word(body, "/data/object/lines/data/0/description")).collect();

    assert!(lines.contains("1 × Pro (at $149.00 / month)"));
    assert!(lines.contains("1 × Starter Infra (at $49.00 / month)"));
    assert!(lines.contains("1 × Pro annual (at $1,490.00 / year)"));
    assert!(lines.contains("Trial period for Pro"));
}

#[test]
fn an_update_says_what_the_subscription_was_before() {
    for body in of_kind("customer.subscription.updated") {
        let previous = body.pointer("/data/previous_attributes").and_then(Value::as_object);
        assert!(previous.is_some_and(|fields| !fields.is_empty()), "{body}");
    }
}

const KINDS: [&str; 12] = [
    "charge.refunded",
    "charge.succeeded",
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.updated",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice_payment.paid",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "refund.created",
];

fn year() -> DemoPlan {
    until("2026-11-20T14:00:00Z")
}

fn until(at: &str) -> DemoPlan {
    DemoPlan { since: SINCE, until: at.parse().expect("a literal timestamp") }
}

fn of_kind(kind: &'static str) -> impl Iterator<Item = &'static Value> {
    BODIES.iter().filter(move |body| word(body, "/type") == kind)
}

fn sum(kind: &'static str, path: &str) -> i64 {
    of_kind(kind).map(|body| number(body, path)).sum()
}

fn word<'a>(body: &'a Value, path: &str) -> &'a str {
    body.pointer(path).and_then(Value::as_str).expect("the field is there and a string")
}

fn number(body: &Value, path: &str) -> i64 {
    body.pointer(path).and_then(Value::as_i64).expect("the field is there and a whole number")
}

fn is_event_id(id: &str) -> bool {
    let rest = id.strip_prefix("evt_").unwrap_or_default();
    (1..=250).contains(&rest.len()) && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Each charge with its customer.
fn charged() -> impl Iterator<Item = (&'static str, i64)> {
    of_kind("charge.succeeded")
        .map(|body| (word(body, "/data/object/customer"), number(body, "/data/object/amount")))
}

/// Each refund with its customer, negative, taken from the cumulative amounts.
fn given_back() -> impl Iterator<Item = (&'static str, i64)> {
    of_kind("charge.refunded").map(|body| {
        let before = number(body, "/data/previous_attributes/amount_refunded");
        (word(body, "/data/object/customer"), before - number(body, "/data/object/amount_refunded"))
    })
}

/// The channel that lead list and metadata give a checkout, in that order.
fn provable_channel<'a>(checkout: &'a Value, sources: &BTreeMap<String, &'a str>) -> &'a str {
    let email = word(checkout, "/data/object/customer_details/email").trim().to_lowercase();
    let tag = checkout.pointer("/data/object/metadata/gtm_channel").and_then(Value::as_str);
    sources.get(&email).copied().or(tag).unwrap_or("unknown")
}

fn buyer_email(charge: &Value) -> String {
    word(charge, "/data/object/billing_details/email").trim().to_lowercase()
}

fn average(cents: &[i64]) -> i64 {
    cents.iter().sum::<i64>() / i64::try_from(cents.len()).expect("a short list")
}
