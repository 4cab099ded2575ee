//! Which versions of Stripe's API events are read in.

/// The oldest and the newest version whose stories are held to end in the same ledger.
pub const TRIED: (&str, &str) = ("2020-08-27", "2026-09-30.endive");

/// Whether a version is older or newer than those that were tried; `None` when it is one of them or between.
#[must_use]
pub fn remark_on(version: &str) -> Option<&'static str> {
    let day = |version: &str| version.get(..10).map(str::to_owned);
    let (Some(told), Some(oldest), Some(newest)) = (day(version), day(TRIED.0), day(TRIED.1)) else {
        return Some("is none we know");
    };
    if told < oldest {
        return Some("is older than what this program is tested with");
    }
    (told > newest).then_some("is newer than what this program is tested with")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_outside_the_tried_ones_are_remarked_on() {
        for version in ["2020-08-27", "2024-11-20.acacia", "2026-09-30.endive", "2026-09-30"] {
            assert_eq!(remark_on(version), None, "{version}");
        }
        assert!(remark_on("2019-12-03").unwrap().contains("older"));
        assert!(remark_on("2027-03-31.fennel").unwrap().contains("newer"));
        assert!(remark_on("é").unwrap().contains("none"));
    }
}
