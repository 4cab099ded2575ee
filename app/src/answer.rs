//! The sentence below the heading: the answer in words, computed from the same figures as the rest.
//!
//! Where it is known what channels cost, it says which returns most and which loses; else it speaks of revenue, and
//! never of profit.

use domain::channel::ChannelSlug;
use domain::economics::Verdict;
use domain::revenue::{ChannelRevenue, Sums};

use crate::format;
use crate::port::Overview;
use crate::roster::Roster;
use crate::share::per_mille;

/// From which share of revenue on an unknown channel is worth a sentence, in tenths of a percent.
const NOTABLE_UNKNOWN: i64 = 100;

/// A piece of a sentence: our words, or a name somebody else wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Our words.
    Words(String),
    /// A name, to be set apart from the direction of the text around it.
    Name(String),
}

/// What the figures say about the question.
#[must_use]
pub fn answer(overview: &Overview, roster: &Roster) -> Vec<Piece> {
    let revenue = &overview.revenue;
    if !overview.intake.has_events {
        return words("No payment has arrived yet, so there is nothing to compare.");
    }
    if revenue.sums == Sums::default() {
        return words(&format!("No money moved in these days, {}.", format::days(revenue.range)));
    }
    let (known, unknown) = ranked(&revenue.by_channel);
    if let Some(sentence) = by_return(overview, roster) {
        return sentence.into_iter().chain(about_unknown(overview, unknown)).collect();
    }
    let mut sentence = match known.as_slice() {
        [] => without_leader(overview, unknown),
        [leader] => alone(overview, roster, leader),
        [leader, next, ..] => ahead(overview, roster, leader, next),
    };
    if !known.is_empty() {
        sentence.extend(about_unknown(overview, unknown));
    }
    sentence
}

/// The text of a sentence.
#[must_use]
pub fn text(sentence: &[Piece]) -> String {
    sentence
        .iter()
        .map(|piece| match piece {
            Piece::Words(text) | Piece::Name(text) => text.as_str(),
        })
        .collect()
}

/// The known channels that earned something, the best first, and what no channel is known for.
#[must_use]
pub fn ranked(by_channel: &[ChannelRevenue]) -> (Vec<&ChannelRevenue>, i64) {
    let mut known: Vec<&ChannelRevenue> = by_channel
        .iter()
        .filter(|channel| !channel.channel.is_unknown() && channel.sums.total_revenue > 0)
        .collect();
    known.sort_by_key(|channel| std::cmp::Reverse(channel.sums.total_revenue));
    let unknown = by_channel.iter().filter(|channel| channel.channel.is_unknown());
    (known, unknown.map(|channel| channel.sums.total_revenue).sum())
}

/// Which channel returns most, how sure that is, and which lose.
fn by_return(overview: &Overview, roster: &Roster) -> Option<Vec<Piece>> {
    let losing = losing(overview, roster);
    let Some(best) = &overview.economics.best_channel else {
        return (!losing.is_empty()).then(|| and_no_best(losing));
    };
    let gain = format::gain(best.roi.0)?;
    let mut sentence = vec![
        named(roster, &best.channel),
        Piece::Words(format!(
            " returns most on what it costs, {gain} ({} confidence)",
            best.confidence.word()
        )),
    ];
    if let Some(next) = &best.runner_up {
        sentence.extend([
            Piece::Words("; ".to_owned()),
            named(roster, next),
            Piece::Words(" is next".to_owned()),
        ]);
    }
    if losing.is_empty() {
        sentence.push(Piece::Words(".".to_owned()));
        return Some(sentence);
    }
    sentence.push(Piece::Words("; ".to_owned()));
    sentence.extend(losing);
    Some(sentence)
}

/// The channels that cost more than they bring.
fn losing(overview: &Overview, roster: &Roster) -> Vec<Piece> {
    let lost = overview.economics.channel_roi.iter().filter(|roi| roi.verdict == Verdict::Losing);
    let names: Vec<Piece> = lost.map(|roi| named(roster, &roi.channel)).collect();
    let count = names.len();
    let mut pieces = Vec::new();
    for (place, name) in names.into_iter().enumerate() {
        match place {
            0 => {}
            _ if place + 1 == count => pieces.push(Piece::Words(" and ".to_owned())),
            _ => pieces.push(Piece::Words(", ".to_owned())),
        }
        pieces.push(name);
    }
    match count {
        0 => {}
        1 => pieces.push(Piece::Words(" loses money.".to_owned())),
        _ => pieces.push(Piece::Words(" lose money.".to_owned())),
    }
    pieces
}

fn and_no_best(pieces: Vec<Piece>) -> Vec<Piece> {
    let said = Piece::Words(" No channel has spent and won enough to be called the best.".to_owned());
    pieces.into_iter().chain([said]).collect()
}

fn without_leader(overview: &Overview, unknown: i64) -> Vec<Piece> {
    let total = overview.revenue.sums.total_revenue;
    if unknown > 0 {
        let amount = format::whole_money(unknown, overview.revenue.currency);
        return words(&format!("Nobody knows yet: no channel was found for the {amount} that came in."));
    }
    if total == 0 {
        return words("As much money went back as came in.");
    }
    let amount = format::whole_money(total, overview.revenue.currency);
    words(&format!("More money went back than came in: {amount}."))
}

fn alone(overview: &Overview, roster: &Roster, leader: &ChannelRevenue) -> Vec<Piece> {
    vec![
        Piece::Words("Only ".to_owned()),
        named(roster, &leader.channel),
        Piece::Words(format!(
            " brings in money: {}. No costs are entered yet.",
            amount_and_share(overview, leader)
        )),
    ]
}

fn ahead(overview: &Overview, roster: &Roster, leader: &ChannelRevenue, next: &ChannelRevenue) -> Vec<Piece> {
    let (first, second) = (named(roster, &leader.channel), named(roster, &next.channel));
    if leader.sums.total_revenue == next.sums.total_revenue {
        let level =
            format!(" bring in the same, {} each. No costs are entered yet.", amount(overview, leader));
        return vec![first, Piece::Words(" and ".to_owned()), second, Piece::Words(level)];
    }
    vec![
        first,
        Piece::Words(format!(" brings in the most, {}; ", amount_and_share(overview, leader))),
        second,
        Piece::Words(format!(" is next with {}. No costs are entered yet.", amount(overview, next))),
    ]
}

fn about_unknown(overview: &Overview, unknown: i64) -> Option<Piece> {
    let share = per_mille(unknown, overview.revenue.sums.total_revenue)?;
    (share > NOTABLE_UNKNOWN)
        .then(|| Piece::Words(format!(" No channel is known for {}.", format::percent(share))))
}

fn amount(overview: &Overview, channel: &ChannelRevenue) -> String {
    format::whole_money(channel.sums.total_revenue, overview.revenue.currency)
}

/// The share is left out where refunds elsewhere make it more than the whole.
fn amount_and_share(overview: &Overview, channel: &ChannelRevenue) -> String {
    let share = per_mille(channel.sums.total_revenue, overview.revenue.sums.total_revenue);
    match share.filter(|share| *share <= 1_000) {
        Some(share) => format!("{} ({})", amount(overview, channel), format::percent(share)),
        None => amount(overview, channel),
    }
}

fn named(roster: &Roster, channel: &ChannelSlug) -> Piece {
    Piece::Name(roster.name(channel))
}

fn words(text: &str) -> Vec<Piece> {
    vec![Piece::Words(text.to_owned())]
}
