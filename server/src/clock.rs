//! The one place the program asks what time it is, so that tests can say.

use jiff::Timestamp;

/// Where "now" comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always the same moment.
    Fixed(Timestamp),
}

impl Clock {
    /// The moment it is.
    #[must_use]
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => system_time(),
            Self::Fixed(moment) => moment,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "every other place is given the time by this one")]
fn system_time() -> Timestamp {
    Timestamp::now()
}
