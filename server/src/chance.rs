//! The one place anything is drawn from chance.

use std::ops::Range;
use std::time::Duration;

use uuid::Uuid;

/// An id unlike any other; newer ones sort after older ones.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "every other place is given ids by this one")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// Some time within these bounds.
#[must_use]
pub fn between(bounds: &Range<Duration>) -> Duration {
    bounds.start + up_to(bounds.end.saturating_sub(bounds.start))
}

/// Some time between none and so long.
#[must_use]
pub fn up_to(longest: Duration) -> Duration {
    let drawn = new_id().as_u128() & u128::from(u32::MAX);
    let nanos = longest.as_nanos().saturating_mul(drawn) / u128::from(u32::MAX);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
