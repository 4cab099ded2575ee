//! Leads: the stages they come through, and what happens between them and the tenant.
//!
//! A lead's way is the *set* of what was told of it: that it is in a stage from a moment on. [`stays`] makes stays of
//! that set, so neither the order nor the number of tellings matters. Stages may be skipped, and a lead may go back.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a lead has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// On the list, nothing more.
    Pool,
    /// Looked up.
    Enriched,
    /// Written to.
    Contacted,
    /// Answered.
    Replied,
    /// Met.
    Meeting,
    /// Bought.
    Closed,
}

impl Stage {
    /// Every stage, the first one first.
    pub const ALL: [Self; 6] =
        [Self::Pool, Self::Enriched, Self::Contacted, Self::Replied, Self::Meeting, Self::Closed];

    /// The word stored, sent and typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pool => "pool",
            Self::Enriched => "enriched",
            Self::Contacted => "contacted",
            Self::Replied => "replied",
            Self::Meeting => "meeting",
            Self::Closed => "closed",
        }
    }

    /// The stage's name as people see it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Pool => "Pool",
            Self::Enriched => "Enriched",
            Self::Contacted => "Contacted",
            Self::Replied => "Replied",
            Self::Meeting => "Meeting",
            Self::Closed => "Closed",
        }
    }
}

/// A text that names no stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stage is pool, enriched, contacted, replied, meeting or closed")]
pub struct InvalidStage;

impl FromStr for Stage {
    type Err = InvalidStage;

    fn from_str(text: &str) -> Result<Self, InvalidStage> {
        Self::ALL.into_iter().find(|stage| stage.word() == text).ok_or(InvalidStage)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What was told of a lead: it is in a stage from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StageFact {
    /// From when on.
    pub entered_at: Timestamp,
    /// The stage.
    pub stage: Stage,
}

/// A stay of a lead in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The stage.
    pub stage: Stage,
    /// When the lead came into it.
    pub entered_at: Timestamp,
    /// When it went on; `None` while it stays.
    pub left_at: Option<Timestamp>,
}

/// The stays a lead's facts come to, the first one first. Of several stages told of one moment the furthest counts;
/// being told again of the stage a lead is in already changes nothing.
#[must_use]
pub fn stays(facts: impl IntoIterator<Item = StageFact>) -> Vec<Stay> {
    let mut furthest: BTreeMap<Timestamp, Stage> = BTreeMap::new();
    for StageFact { entered_at, stage } in facts {
        let told = furthest.entry(entered_at).or_insert(stage);
        *told = stage.max(*told);
    }
    let mut stays: Vec<Stay> = Vec::new();
    for (entered_at, stage) in furthest {
        match stays.last_mut() {
            Some(last) if last.stage == stage => continue,
            Some(last) => last.left_at = Some(entered_at),
            None => {}
        }
        stays.push(Stay { stage, entered_at, left_at: None });
    }
    stays
}

/// What is said of a field, where saying nothing leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Told<T> {
    /// Nothing is said.
    #[default]
    Nothing,
    /// There is none.
    Cleared,
    /// It is this.
    Is(T),
}

impl<T> Told<T> {
    /// What the field is after that.
    #[must_use]
    pub fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Nothing => before,
            Self::Cleared => None,
            Self::Is(value) => Some(value),
        }
    }

    /// What is said it is, when that is said.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Nothing | Self::Cleared => None,
        }
    }
}

impl<T> From<Option<T>> for Told<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Cleared, Self::Is)
    }
}

/// What kind of thing happened between a lead and the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TouchKind {
    /// A message went out.
    Sent,
    /// It was opened.
    Opened,
    /// Something in it was clicked.
    Clicked,
    /// The lead answered.
    Replied,
    /// It could not be delivered.
    Bounced,
    /// Somebody called.
    Call,
    /// Somebody met the lead.
    Meeting,
    /// Somebody wrote something down.
    Note,
}

impl TouchKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Sent,
        Self::Opened,
        Self::Clicked,
        Self::Replied,
        Self::Bounced,
        Self::Call,
        Self::Meeting,
        Self::Note,
    ];

    /// The word stored and sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Replied => "replied",
            Self::Bounced => "bounced",
            Self::Call => "call",
            Self::Meeting => "meeting",
            Self::Note => "note",
        }
    }
}

/// A text that names no kind of touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a touch is sent, opened, clicked, replied, bounced, call, meeting or note")]
pub struct InvalidTouchKind;

impl FromStr for TouchKind {
    type Err = InvalidTouchKind;

    fn from_str(text: &str) -> Result<Self, InvalidTouchKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or(InvalidTouchKind)
    }
}

impl TouchKind {
    /// How far it shows that the lead has come, when it shows that.
    #[must_use]
    pub const fn shows(self) -> Option<Stage> {
        match self {
            Self::Sent => Some(Stage::Contacted),
            Self::Replied => Some(Stage::Replied),
            Self::Meeting => Some(Stage::Meeting),
            Self::Opened | Self::Clicked | Self::Bounced | Self::Call | Self::Note => None,
        }
    }
}

/// What touches a tool tells of say of a lead's stages, beyond what was told: the facts to be added.
///
/// A touch takes a lead further and never back: who has answered is not merely contacted when a message follows. What
/// somebody told of a stage stands, also where it goes back; only the lead's first appearance on a list does not undo
/// what happened before it. Told in parts and in any order, touches come to the same stays.
#[must_use]
pub fn advances(
    told: impl IntoIterator<Item = StageFact>,
    touches: impl IntoIterator<Item = StageFact>,
) -> Vec<StageFact> {
    let mut moments: BTreeMap<Timestamp, Moment> = BTreeMap::new();
    for fact in told {
        moments.entry(fact.entered_at).or_default().told.push(fact.stage);
    }
    for touch in touches {
        let moment = moments.entry(touch.entered_at).or_default();
        moment.touched = moment.touched.max(Some(touch.stage));
    }
    let appeared = moments.iter().find(|(_, moment)| moment.touched.is_none()).map(|(at, _)| *at);
    let (mut present, mut reached) = (None, None);
    let mut added = Vec::new();
    for (at, moment) in moments {
        let said = moment.told.iter().max().copied();
        reached = reached.max(moment.touched);
        let is_appearance = appeared == Some(at) && moment.told.iter().any(|stage| *stage <= Stage::Enriched);
        let stage = match moment.touched {
            Some(_) => said.max(present).max(moment.touched),
            None if is_appearance => said.max(reached),
            None => said,
        };
        if let Some(stage) = stage.filter(|_| stage > said && (said.is_some() || stage > present)) {
            added.push(StageFact { entered_at: at, stage });
        }
        present = stage;
    }
    added
}

/// What was told of a moment, and what touches then show.
#[derive(Default)]
struct Moment {
    told: Vec<Stage>,
    touched: Option<Stage>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + day * 86_400).unwrap()
    }

    fn fact(stage: Stage, day: i64) -> StageFact {
        StageFact { entered_at: at(day), stage }
    }

    fn stay(stage: Stage, from: i64, to: Option<i64>) -> Stay {
        Stay { stage, entered_at: at(from), left_at: to.map(at) }
    }

    fn any_fact() -> impl Strategy<Value = StageFact> {
        (prop::sample::select(Stage::ALL.to_vec()), 0i64..12).prop_map(|(stage, day)| fact(stage, day))
    }

    /// What a system that hears everything in order, once, would have written down.
    fn told_in_order(facts: &[StageFact]) -> Vec<Stay> {
        let mut facts = facts.to_vec();
        facts.sort();
        let mut stays: Vec<Stay> = Vec::new();
        for fact in facts {
            if let Some(last) = stays.last_mut().filter(|last| last.entered_at == fact.entered_at) {
                last.stage = fact.stage;
                continue;
            }
            stays.push(Stay { stage: fact.stage, entered_at: fact.entered_at, left_at: None });
        }
        stays.dedup_by(|next, before| next.stage == before.stage);
        let entered: Vec<Timestamp> = stays.iter().map(|stay| stay.entered_at).collect();
        stays.iter_mut().zip(entered.iter().skip(1)).for_each(|(stay, next)| stay.left_at = Some(*next));
        stays
    }

    proptest! {
        #[test]
        fn a_shuffled_and_duplicated_stream_comes_to_the_same_as_the_ordered_one(
            (facts, told) in prop::collection::vec(any_fact(), 1..20).prop_flat_map(|facts| {
                let copies = prop::collection::vec(prop::sample::select(facts.clone()), 0..20);
                let told = copies.prop_map({
                    let facts = facts.clone();
                    move |copies| facts.iter().copied().chain(copies).collect::<Vec<_>>()
                });
                (Just(facts), told.prop_shuffle())
            })
        ) {
            prop_assert_eq!(stays(told), told_in_order(&facts));
        }

        #[test]
        fn stays_follow_each_other_without_gap_and_the_last_one_lasts(
            facts in prop::collection::vec(any_fact(), 1..20)
        ) {
            let stays = stays(facts.clone());
            for pair in stays.windows(2) {
                prop_assert_eq!(pair[0].left_at, Some(pair[1].entered_at));
                prop_assert!(pair[0].entered_at < pair[1].entered_at && pair[0].stage != pair[1].stage);
            }
            prop_assert_eq!(stays.last().unwrap().left_at, None);
            prop_assert_eq!(stays[0].entered_at, facts.iter().map(|fact| fact.entered_at).min().unwrap());
        }
    }

    fn any_touch() -> impl Strategy<Value = StageFact> {
        let stages = vec![Stage::Contacted, Stage::Replied, Stage::Meeting];
        (prop::sample::select(stages), 0i64..12).prop_map(|(stage, day)| fact(stage, day))
    }

    proptest! {
        #[test]
        fn touches_come_to_the_same_stays_however_they_are_told(
            told in prop::collection::vec(any_fact(), 1..6),
            (touches, parts) in prop::collection::vec(any_touch(), 0..10).prop_flat_map(|touches| {
                let parts = prop::collection::vec(0usize..4, touches.len());
                (Just(touches).prop_shuffle(), parts)
            })
        ) {
            let at_once: Vec<StageFact> =
                told.iter().copied().chain(advances(told.clone(), touches.clone())).collect();
            let mut in_parts = told;
            let mut known = Vec::new();
            for part in 0..4 {
                let new = touches.iter().zip(&parts).filter(|(_, of)| **of == part).map(|(touch, _)| *touch);
                known.extend(new);
                let added = advances(in_parts.clone(), known.clone());
                in_parts.extend(added);
            }
            prop_assert_eq!(stays(in_parts.clone()), stays(at_once));
            prop_assert_eq!(advances(in_parts, known), []);
        }
    }

    #[test]
    fn a_message_after_the_answer_does_not_take_the_lead_back() {
        let touches = [fact(Stage::Contacted, 1), fact(Stage::Replied, 2), fact(Stage::Contacted, 3)];
        let added = advances([fact(Stage::Pool, 0)], touches);
        assert_eq!(added, [fact(Stage::Contacted, 1), fact(Stage::Replied, 2)]);
        let late = advances([fact(Stage::Pool, 0), fact(Stage::Contacted, 3)], touches);
        let all = [fact(Stage::Pool, 0), fact(Stage::Contacted, 3)].into_iter().chain(late);
        assert_eq!(stays(all).last().unwrap().stage, Stage::Replied);
    }

    #[test]
    fn what_happened_before_a_lead_was_listed_is_not_undone_and_what_somebody_said_stands() {
        let touches = [fact(Stage::Contacted, 1), fact(Stage::Replied, 2)];
        let listed = [fact(Stage::Pool, 5)];
        let all = listed.into_iter().chain(advances(listed, touches));
        assert_eq!(stays(all).last().unwrap().stage, Stage::Replied);
        let taken_back = [fact(Stage::Pool, 0), fact(Stage::Enriched, 5)];
        let all = taken_back.into_iter().chain(advances(taken_back, touches));
        assert_eq!(stays(all).last().unwrap().stage, Stage::Enriched);
        let bought = [fact(Stage::Pool, 0), fact(Stage::Closed, 1)];
        assert_eq!(advances(bought, [fact(Stage::Replied, 2)]), []);
    }

    #[test]
    fn a_stage_may_be_skipped_and_a_lead_may_go_back() {
        let told = [fact(Stage::Pool, 0), fact(Stage::Replied, 3), fact(Stage::Contacted, 5)];
        let expected = [
            stay(Stage::Pool, 0, Some(3)),
            stay(Stage::Replied, 3, Some(5)),
            stay(Stage::Contacted, 5, None),
        ];
        assert_eq!(stays(told), expected);
    }

    #[test]
    fn what_is_told_late_changes_the_past_and_not_the_present() {
        let told = [fact(Stage::Pool, 0), fact(Stage::Meeting, 9), fact(Stage::Contacted, 4)];
        assert_eq!(stays(told)[1], stay(Stage::Contacted, 4, Some(9)));
        assert_eq!(stays(told).last().unwrap().stage, Stage::Meeting);
    }

    #[test]
    fn nobody_told_anything_means_no_stay() {
        assert_eq!(stays([]), []);
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(Stage::ALL.into_iter().all(|stage| stage.word().parse() == Ok(stage)));
        assert!(TouchKind::ALL.into_iter().all(|kind| kind.word().parse() == Ok(kind)));
        assert_eq!("won".parse::<Stage>(), Err(InvalidStage));
    }
}
