//! Walking a list by offset, and noticing when it changed meanwhile.
//!
//! A list that loses an item in front of the offset would hide another one. So every page but the first begins with the
//! last item of the page before it, and when that is not there the list is walked again from its beginning. Whoever
//! takes an item twice takes it once, so nothing is doubled by that.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::model::{Cursor, Next};

/// How often a list is begun anew before what has changed is left to the next time.
const MOST_RESTARTS: u8 = 3;

/// A place in a list, which is kept as a cursor between pages; where a list begins is its default.
pub trait Place: Serialize + DeserializeOwned + Default {
    /// Reads a cursor; `None` is the beginning.
    fn read(cursor: Option<&Cursor>) -> Result<Self, Failure> {
        let Some(cursor) = cursor else { return Ok(Self::default()) };
        let place: Option<Self> = serde_json::from_str(cursor.as_str()).ok();
        place.filter(Self::is_possible).ok_or_else(|| Failure::impossible("this is no place in this list"))
    }

    /// The cursor to keep.
    #[must_use]
    fn cursor(&self) -> Cursor {
        Cursor::stored(serde_json::to_string(self).unwrap_or_default())
    }

    /// Whether a list has such a place.
    fn is_possible(&self) -> bool {
        true
    }
}

impl Place for Offset {}

/// A place in a list that is asked for by offset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offset {
    /// How many items were seen.
    pub seen: usize,
    /// The last of them.
    pub last: Option<String>,
    /// How often the list was begun anew.
    #[serde(default)]
    pub restarts: u8,
}

/// What is to be made of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Walked {
    /// Go on; this many items at its beginning were seen before.
    Known(usize),
    /// The list changed: begin here again.
    Changed(Offset),
}

impl Offset {
    /// From where to ask: one before what is to be seen next.
    #[must_use]
    pub const fn from(&self) -> usize {
        match self.last {
            Some(_) => self.seen.saturating_sub(1),
            None => self.seen,
        }
    }

    /// Compares a page asked for with [`Offset::from`] with what was there before.
    #[must_use]
    pub fn walk(&self, ids: &[Option<String>]) -> Walked {
        let Some(last) = &self.last else { return Walked::Known(0) };
        if ids.first().is_some_and(|first| first.as_ref() == Some(last)) {
            return Walked::Known(1);
        }
        if self.restarts >= MOST_RESTARTS {
            return Walked::Known(0);
        }
        Walked::Changed(Self { restarts: self.restarts + 1, ..Self::default() })
    }

    /// Where the list goes on after a page with these ids, of which so many were asked for.
    #[must_use]
    pub fn after(&self, ids: &[Option<String>], asked: usize, total: Option<usize>) -> Next {
        let seen = self.from() + ids.len();
        let known = usize::from(self.last.is_some());
        let is_all = ids.len() <= known || total.map_or(ids.len() < asked, |total| seen >= total);
        if is_all {
            return Next::Done { since: None };
        }
        let last = ids.last().cloned().flatten();
        Next::More(Self { seen, last, restarts: self.restarts }.cursor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(of: &[&str]) -> Vec<Option<String>> {
        of.iter().map(|id| Some((*id).to_owned())).collect()
    }

    #[test]
    fn a_page_begins_with_the_last_item_of_the_one_before() {
        let Next::More(cursor) = Offset::default().after(&ids(&["a", "b"]), 2, Some(5)) else { panic!() };
        let second = Offset::read(Some(&cursor)).unwrap();
        assert_eq!(second.from(), 1);
        assert_eq!(second.walk(&ids(&["b", "c"])), Walked::Known(1));
        let Walked::Changed(again) = second.walk(&ids(&["c", "d"])) else { panic!() };
        assert_eq!((again.from(), again.restarts), (0, 1));
    }

    #[test]
    fn a_list_that_never_rests_is_walked_to_its_end_in_the_end() {
        let restless = Offset { seen: 4, last: Some("b".to_owned()), restarts: MOST_RESTARTS };
        assert_eq!(restless.walk(&ids(&["x"])), Walked::Known(0));
    }

    #[test]
    fn a_list_ends_with_its_total_or_with_a_page_that_is_not_full() {
        let start = Offset::default();
        assert_eq!(start.after(&ids(&["a", "b"]), 2, Some(2)), Next::Done { since: None });
        assert_eq!(start.after(&ids(&["a"]), 2, None), Next::Done { since: None });
        assert_eq!(start.after(&[], 2, Some(9)), Next::Done { since: None });
        assert!(start.after(&ids(&["a", "b"]), 2, None).more().is_some());
    }
}
