//! How long to wait before asking again, and when to give up.

use std::time::Duration;

use crate::failure::Failure;

/// How patient a connector is.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long a connection may take.
    pub connect: Duration,
    /// How long an answer may take, all of it.
    pub answer: Duration,
    /// How often one thing is asked for.
    pub attempts: u32,
    /// The wait after the first attempt; it doubles from there.
    pub first_wait: Duration,
    /// The longest of those waits.
    pub longest_wait: Duration,
    /// The longest wait a tool may ask for before we rather stop.
    pub longest_hint: Duration,
    /// How long a tool is given before it is asked what came of a deed.
    pub settling: Duration,
    /// Whether the distance a tool wants between two requests is kept.
    pub keeps_distance: bool,
    /// Draws a time up to another one, so that many who failed together do not come back together.
    pub chance: fn(Duration) -> Duration,
}

impl Pace {
    /// For the tools themselves.
    #[must_use]
    pub const fn gentle(chance: fn(Duration) -> Duration) -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            attempts: 5,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
            longest_hint: Duration::from_secs(120),
            settling: Duration::from_secs(2),
            keeps_distance: true,
            chance,
        }
    }

    /// For what stands in for a tool on this machine.
    #[must_use]
    pub const fn brisk(chance: fn(Duration) -> Duration) -> Self {
        Self {
            settling: Duration::ZERO,
            keeps_distance: false,
            first_wait: Duration::from_millis(50),
            ..Self::gentle(chance)
        }
    }

    /// How long to wait after a failed attempt, or the failure when there is no use in another one.
    pub(super) fn wait_after(&self, attempt: u32, failure: Failure) -> Result<Duration, Failure> {
        let not_before = failure.wait();
        if !failure.may_pass() || attempt >= self.attempts || not_before > self.longest_hint {
            return Err(failure);
        }
        Ok(not_before + self.jittered(attempt))
    }

    /// Between half the doubled wait and all of it.
    fn jittered(&self, attempt: u32) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << (attempt - 1).min(16));
        let half = doubled.min(self.longest_wait) / 2;
        half + (self.chance)(half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_respect_what_the_tool_asks_for() {
        let pace = Pace::gentle(|longest| longest);
        let limited = |seconds| Failure::Limited { wait: Duration::from_secs(seconds) };
        let waits: Vec<u64> = (1..5).map(|n| pace.wait_after(n, limited(0)).unwrap().as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8]);
        assert_eq!(pace.wait_after(1, limited(9)).unwrap().as_secs(), 10);
        assert_eq!(pace.wait_after(1, limited(3_600)), Err(limited(3_600)));
        assert_eq!(pace.wait_after(5, limited(0)), Err(limited(0)));
        let refused = |status| Failure::Refused { status, words: String::new() };
        assert!(pace.wait_after(1, refused(503)).is_ok());
        assert_eq!(pace.wait_after(1, refused(404)), Err(refused(404)));
    }
}
