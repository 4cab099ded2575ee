//! Which rows of the ledger are shown, as a form that works without script.

use domain::channel::ChannelSlug;
use domain::ledger::EntryKind;
use leptos::prelude::*;

use super::period_picker::HiddenFields;
use crate::address::{Address, DISPUTES, GROSS, REFUNDS, kind_words};
use crate::port::LedgerPage;
use crate::roster::Roster;

/// The choice of channel and kind; `page` is the page as it is now.
#[component]
pub fn LedgerFilters(ledger: LedgerPage, roster: Roster, page: Address) -> AnyView {
    let narrowed = ["product", "category", "class", "currency", "without"];
    let everything = narrowed.into_iter().fold(without_filters(page.clone()), Address::without);
    let is_filtered = everything != page;
    let carried = without_filters(page);
    view! {
        <form class="filters" method="get" action=carried.path()>
            <HiddenFields page=carried.clone()/>
            <label>
                "Channel" <select name="channel">{channels(&ledger, &roster)}</select>
            </label>
            <label>
                "Kind" <select name="kind">{kinds(&ledger.kinds)}</select>
            </label>
            <label>
                "Review" <select name="review">{reviews(ledger.is_for_review)}</select>
            </label>
            <label>
                "Stripe id"
                <input
                    type="search"
                    name="stripe_id"
                    value=ledger.stripe_id.clone()
                    placeholder="in_…, cus_…"
                    maxlength="200"
                    autocomplete="off"
                />
            </label>
            <label>
                "As known on" <input type="date" name="known_at" value=known_on(&ledger)/>
            </label>
            <button type="submit" class="button">"Show"</button>
            {is_filtered
                .then(|| view! { <a class="button ghost" href=everything.to_string()>"Show every row"</a> })}
        </form>
    }
    .into_any()
}

/// The page without what this form asks for.
fn without_filters(page: Address) -> Address {
    ["channel", "kind", "review", "stripe_id", "known_at"].into_iter().fold(page, Address::without)
}

/// The day at whose end the rows were known so.
fn known_on(ledger: &LedgerPage) -> Option<String> {
    let timezone = ledger.frame.tenant.timezone.clone();
    ledger.known_at.map(|known_at| known_at.to_zoned(timezone).date().to_string())
}

fn reviews(is_for_review: bool) -> AnyView {
    view! {
        <option value="" selected=!is_for_review>"All rows"</option>
        <option value="presumed_tie" selected=is_for_review>"Presumed ties"</option>
    }
    .into_any()
}

fn channels(ledger: &LedgerPage, roster: &Roster) -> AnyView {
    let unknown = ChannelSlug::unknown();
    let mut slugs: Vec<ChannelSlug> =
        ledger.frame.tenant.channels.iter().map(|channel| channel.slug.clone()).collect();
    slugs.retain(|slug| *slug != unknown);
    slugs.push(unknown);
    let chosen = ledger.channel.clone();
    let options = slugs
        .into_iter()
        .map(|slug| {
            let (name, is_chosen) = (roster.name(&slug), chosen.as_ref() == Some(&slug));
            view! { <option value=slug.as_str().to_owned() selected=is_chosen>{name}</option> }
        })
        .collect_view();
    view! {
        <option value="" selected=ledger.channel.is_none()>"All channels"</option>
        {options}
    }
    .into_any()
}

fn kinds(chosen: &[EntryKind]) -> AnyView {
    let families = [
        ("Gross: payments and adjustments", GROSS),
        ("Refunds less failed ones", REFUNDS),
        ("Disputes less those won", DISPUTES),
    ];
    let families = families.map(|(label, kinds)| (label, kind_words(kinds)));
    let singles = EntryKind::ALL.map(|kind| (kind_name(kind), kind.word().to_owned()));
    let chosen = kind_words(chosen);
    let options = families
        .into_iter()
        .chain(singles)
        .map(|(label, words)| {
            let is_chosen = words == chosen;
            view! { <option value=words selected=is_chosen>{label}</option> }
        })
        .collect_view();
    view! {
        <option value="" selected=chosen.is_empty()>"All kinds"</option>
        {options}
    }
    .into_any()
}

/// What one row of a kind is called.
pub(super) fn kind_name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Payment => "Payment",
        EntryKind::Refund => "Refund",
        EntryKind::RefundFailed => "Failed refund",
        EntryKind::Dispute => "Dispute",
        EntryKind::DisputeReversal => "Dispute won",
        EntryKind::Adjustment => "Adjustment",
        EntryKind::SubscriptionCreated => "Subscription begun",
        EntryKind::SubscriptionUpdated => "Subscription changed",
        EntryKind::SubscriptionCancelled => "Subscription ended",
    }
}
