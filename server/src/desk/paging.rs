//! Lists in pages: as many as are asked for, and where the next page begins.

use app::port::AskError;

/// As many as a screen shows, and the most a program may ask for at once.
const USUAL: usize = 100;
const MOST: usize = 1_000;

/// How many a page has at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paging(usize);

impl Paging {
    /// Reads a limit; one that is too large is refused rather than cut.
    pub(super) fn read(limit: Option<&str>) -> Result<Self, AskError> {
        let Some(limit) = limit else { return Ok(Self(USUAL)) };
        let wanted = limit.parse().ok().filter(|wanted| (1..=MOST).contains(wanted));
        wanted.map(Self).ok_or_else(|| AskError::Invalid {
            field: "limit",
            message: format!("limit is a number from 1 to {MOST}"),
        })
    }

    /// How many are asked of the store: one more tells whether there is another page.
    pub(super) fn one_more(self) -> i64 {
        i64::try_from(self.0).map_or(i64::MAX, |limit| limit + 1)
    }

    /// The page, and the cursor of the next one.
    pub(super) fn page<T>(
        self,
        mut found: Vec<T>,
        cursor: impl Fn(&T) -> String,
    ) -> (Vec<T>, Option<String>) {
        let has_more = found.len() > self.0;
        found.truncate(self.0);
        let next = found.last().filter(|_| has_more).map(cursor);
        (found, next)
    }
}

/// A cursor that was not given out.
pub(super) fn wrong_cursor() -> AskError {
    AskError::Invalid { field: "cursor", message: "cursor is none we gave out".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_none_is_refused() {
        for limit in ["0", "1001", "-1", "ten", "1e2", ""] {
            assert!(Paging::read(Some(limit)).is_err(), "{limit}");
        }
        let two = Paging::read(Some("2")).unwrap();
        assert_eq!(two.one_more(), 3);
        assert_eq!(two.page(vec![1, 2, 3], ToString::to_string), (vec![1, 2], Some("2".to_owned())));
        assert_eq!(two.page(vec![1, 2], ToString::to_string), (vec![1, 2], None));
    }
}
