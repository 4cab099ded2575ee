//! A sentence with names in it that somebody else wrote.

use leptos::prelude::*;

use crate::answer::Piece;

/// A sentence; names keep their own direction.
#[component]
pub fn Sentence(pieces: Vec<Piece>) -> impl IntoView {
    let shown = |piece| match piece {
        Piece::Words(text) => text.into_any(),
        Piece::Name(name) => view! { <bdi>{name}</bdi> }.into_any(),
    };
    pieces.into_iter().map(shown).collect_view()
}
