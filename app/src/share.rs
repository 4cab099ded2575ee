//! Parts of a whole.

/// The part in tenths of a percent, rounded half up; `None` where there is no positive whole to be part of.
#[must_use]
pub fn per_mille(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let (part, whole) = (i128::from(part), i128::from(whole));
    i64::try_from((part * 2_000 + whole).div_euclid(whole * 2)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_to_a_tenth_of_a_percent() {
        assert_eq!(per_mille(6_763_800, 18_234_700), Some(371));
        assert_eq!(per_mille(1, 2_000), Some(1));
        assert_eq!(per_mille(-300, 1_000), Some(-300));
        assert_eq!(per_mille(0, 5), Some(0));
    }

    #[test]
    fn nothing_and_less_have_no_shares() {
        assert_eq!(per_mille(5, 0), None);
        assert_eq!(per_mille(5, -5), None);
    }
}
