//! The one place the program asks what time it is, so that tests can say.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

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

/// How much time passes while the program runs, also when somebody sets the machine's clock; with a fixed clock,
/// none.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    clock: Clock,
    begun: Instant,
}

impl Stopwatch {
    /// Begins to count.
    #[must_use]
    pub fn start(clock: Clock) -> Self {
        Self { clock, begun: Instant::now() }
    }

    /// The time since the start.
    #[must_use]
    pub fn passed(&self) -> Duration {
        match self.clock {
            Clock::System => self.begun.elapsed(),
            Clock::Fixed(_) => Duration::ZERO,
        }
    }
}
