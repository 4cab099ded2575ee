//! Money that moved with somebody, leading to its rows of the ledger.

use domain::ledger::EntryKind;
use domain::money::Money;
use leptos::prelude::*;

use super::ledger_filters::kind_name;
use crate::address::Address;
use crate::format;

/// What moved and how much; `rows` are its rows of the ledger.
#[component]
pub fn MoneyMoved(kind: EntryKind, money: Money, rows: Address) -> AnyView {
    let amount = format::money(money.minor, money.currency);
    view! { {kind_name(kind)} " of " <a href=rows.to_string()>{amount}</a> }.into_any()
}
