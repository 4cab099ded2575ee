//! What a reader has to know beside the figures.

use domain::access::Permission;
use leptos::prelude::*;

use crate::address::{Address, CONNECTIONS, EVENTS, EXCHANGE_RATES};
use crate::format;
use crate::port::Overview;
use crate::visit::Visit;

/// A remark beside the figures, and where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What there is to know.
    pub text: String,
    /// Where to see it, and what the link says.
    pub link: Option<(Address, &'static str)>,
}

/// Remarks, or nothing where there are none.
#[component]
pub fn Notes(notes: Vec<Note>) -> AnyView {
    let shown = |note: Note| {
        let link = note.link.map(|(address, says)| view! { " " <a href=address.to_string()>{says}</a> });
        view! { <li>{note.text} {link}</li> }
    };
    (!notes.is_empty())
        .then(|| view! { <ul class="notes" aria-label="Good to know">{notes.into_iter().map(shown).collect_view()}</ul> })
    .into_any()
}

/// What is in none of the figures of the main screen, and why.
#[must_use]
pub fn overview_notes(overview: &Overview, rows: &Address) -> Vec<Note> {
    let mut notes: Vec<Note> =
        overview.revenue.unconverted.iter().map(|sum| unconverted(sum, rows)).collect();
    if !notes.is_empty() && Visit::now().may(Permission::EditSettings) {
        let text = "Rates bring foreign money into the figures.".to_owned();
        notes.push(Note { text, link: Some((beside(rows, EXCHANGE_RATES), "Bring in exchange rates")) });
    }
    notes.extend(dead_letters(overview.intake.dead_letters, rows));
    notes.extend(unsigned(overview, rows));
    notes
}

/// Another page about the tenant of an address.
fn beside(address: &Address, path: &'static str) -> Address {
    let tenant = address.fields().iter().find(|(field, _)| *field == "tenant_id");
    Address::new(path).with_any("tenant_id", tenant.map(|(_, id)| id))
}

fn unconverted(sum: &domain::revenue::Unconverted, rows: &Address) -> Note {
    let amount = format::money(sum.amount, sum.currency);
    let rows_in_all = format::counted(sum.rows, "row", "rows");
    Note {
        text: format!("{amount} in {rows_in_all} is in none of these figures: no exchange rate is known."),
        link: Some((rows.clone(), "See the rows")),
    }
}

fn dead_letters(waiting: i64, rows: &Address) -> Option<Note> {
    let text = match waiting {
        ..=0 => return None,
        1 => "1 event from Stripe could not be understood. It is kept and is in none of these figures."
            .to_owned(),
        _ => format!(
            "{} events from Stripe could not be understood. They are kept and are in none of these figures.",
            format::count(waiting)
        ),
    };
    let dead = beside(rows, EVENTS).with("state", "dead");
    Some(Note { text, link: Some((dead, "See why")) })
}

fn unsigned(overview: &Overview, rows: &Address) -> Option<Note> {
    let text = "New events from Stripe are refused: no signing secret is stored.".to_owned();
    let link = Some((beside(rows, CONNECTIONS), "Store it"));
    (overview.intake.has_events && !overview.intake.webhook_secret_set).then_some(Note { text, link })
}
