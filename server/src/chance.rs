//! The one place ids are drawn from chance.

use uuid::Uuid;

/// An id unlike any other; newer ones sort after older ones.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "every other place is given ids by this one")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}
