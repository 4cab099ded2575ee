//! Leads: the stages they come through, and what happens between them and the tenant.
//!
//! A lead's way is the *set* of what was told of it: that it is in a stage from a moment on, and of what tools saw.
//! [`way`] makes stays of that set, so neither the order nor the number of tellings matters, nor by which way they came.
//! Stages may be skipped, and a lead may go back.

use std::collections::{BTreeMap, BTreeSet};
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

/// What tools show of a lead's stages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// What touches show, and when they were.
    pub touches: BTreeSet<StageFact>,
    /// How far tools say that it has come, and since when.
    pub statuses: BTreeSet<StageFact>,
}

impl Shown {
    /// A status counts where no touch shows as much.
    fn facts(&self) -> impl Iterator<Item = StageFact> {
        let furthest = self.touches.iter().map(|touch| touch.stage).max();
        let news = self.statuses.iter().filter(move |status| Some(status.stage) > furthest);
        self.touches.iter().chain(news).copied()
    }
}

/// The stays of a lead that came at a moment, of what was told of its stages, and of what tools show. It is in the pool
/// since it came, where nothing is known of it from before.
#[must_use]
pub fn way(came_at: Timestamp, told: &BTreeSet<StageFact>, shown: &Shown) -> Vec<Stay> {
    let first = told.iter().copied().chain(shown.facts()).map(|fact| fact.entered_at).min();
    let is_news = first.is_none_or(|first| came_at < first);
    let came = is_news.then_some(StageFact { entered_at: came_at, stage: Stage::Pool });
    let told: Vec<StageFact> = came.into_iter().chain(told.iter().copied()).collect();
    let added = advances(told.iter().copied(), shown.facts());
    stays(told.into_iter().chain(added))
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

/// What tools show of a lead's stages, beyond what was told: the facts to be added.
///
/// A touch takes a lead further and never back: who has answered is not merely contacted when a message follows. What
/// somebody told of a stage stands, also where it goes back; only the lead's first appearance on a list does not undo
/// what happened before it.
fn advances(
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
    let appeared = moments.iter().find(|(_, moment)| !moment.told.is_empty()).map(|(at, _)| *at);
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

    /// The stage a lead is in at a moment.
    fn stage_at(stays: &[Stay], moment: Timestamp) -> Option<Stage> {
        stays.iter().rfind(|stay| stay.entered_at <= moment).map(|stay| stay.stage)
    }

    proptest! {
        #[test]
        fn what_tools_show_takes_a_lead_further_and_never_back(
            told in prop::collection::btree_set(any_fact(), 0..6),
            touches in prop::collection::btree_set(any_touch(), 0..8),
            statuses in prop::collection::btree_set(any_touch(), 0..3),
            came in 0i64..12,
        ) {
            let without = way(at(came), &told, &Shown::default());
            let with = way(at(came), &told, &Shown { touches: touches.clone(), statuses });
            for day in 0..12 {
                prop_assert!(stage_at(&with, at(day)) >= stage_at(&without, at(day)));
            }
            let furthest = with.iter().map(|stay| stay.stage).max();
            prop_assert!(furthest >= touches.iter().map(|touch| touch.stage).max());
        }
    }

    #[test]
    fn a_lead_is_in_the_pool_since_it_came_unless_it_was_elsewhere_before() {
        let told = |facts: &[StageFact]| facts.iter().copied().collect::<BTreeSet<_>>();
        let nothing = Shown::default();
        assert_eq!(way(at(5), &told(&[]), &nothing), [stay(Stage::Pool, 5, None)]);
        let later = told(&[fact(Stage::Contacted, 7)]);
        let expected = [stay(Stage::Pool, 5, Some(7)), stay(Stage::Contacted, 7, None)];
        assert_eq!(way(at(5), &later, &nothing), expected);
        let before = told(&[fact(Stage::Contacted, 2)]);
        assert_eq!(way(at(5), &before, &nothing), [stay(Stage::Contacted, 2, None)]);
    }

    #[test]
    fn a_status_counts_from_when_it_is_said_and_where_no_touch_shows_as_much() {
        let told = BTreeSet::new();
        let status = BTreeSet::from([fact(Stage::Replied, 3)]);
        let sent = BTreeSet::from([fact(Stage::Contacted, 1)]);
        let shown = Shown { touches: sent.clone(), statuses: status.clone() };
        assert_eq!(stage_at(&way(at(0), &told, &shown), at(3)), Some(Stage::Replied));
        let answered = sent.into_iter().chain([fact(Stage::Replied, 4)]).collect();
        let shown = Shown { touches: answered, statuses: status };
        assert_eq!(stage_at(&way(at(0), &told, &shown), at(3)), Some(Stage::Contacted));
    }

    #[test]
    fn by_when_a_lead_came_nothing_else_changes_where_something_is_known_from_before() {
        let told = BTreeSet::from([fact(Stage::Enriched, 8)]);
        let shown = Shown { touches: BTreeSet::from([fact(Stage::Contacted, 5)]), ..Shown::default() };
        let expected = [stay(Stage::Contacted, 5, None)];
        for came in [5, 7, 20] {
            assert_eq!(way(at(came), &told, &shown), expected, "the list does not undo it");
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
