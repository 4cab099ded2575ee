//! How long to wait before asking again, and when to give up.

use std::time::Duration;

use super::errors::{Failure, StripeError};
use crate::chance::up_to;

/// How patient a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// The longest wait Stripe may ask for before we rather stop.
    pub longest_retry_after: Duration,
    /// The time between two requests.
    pub least_distance: Duration,
}

impl Pace {
    /// For Stripe itself: 25 requests a second are its smallest limit; we stay at ten.
    #[must_use]
    pub const fn gentle() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(60),
            attempts: 7,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            longest_retry_after: Duration::from_secs(300),
            least_distance: Duration::from_millis(100),
        }
    }

    /// For what has no limits, on this machine or standing in for Stripe.
    #[must_use]
    pub const fn brisk() -> Self {
        Self { least_distance: Duration::ZERO, ..Self::gentle() }
    }

    /// How long to wait after a failed attempt, or why to give up.
    pub(super) fn wait_after(
        &self,
        attempt: u32,
        failure: Failure,
        path: &str,
    ) -> Result<Duration, StripeError> {
        let (why, not_before) = match failure {
            Failure::Final(error) => return Err(error),
            Failure::Passing { why, not_before } => (why, not_before.unwrap_or_default()),
        };
        if not_before > self.longest_retry_after {
            return Err(StripeError::Later { seconds: not_before.as_secs() });
        }
        if attempt >= self.attempts {
            return Err(StripeError::Unavailable { path: path.to_owned(), attempts: attempt, why });
        }
        Ok(not_before + self.jittered(attempt))
    }

    /// Between half the doubled wait and all of it, so that many who failed together do not come back together.
    fn jittered(&self, attempt: u32) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << (attempt - 1).min(16));
        let half = doubled.min(self.longest_wait) / 2;
        half + up_to(half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_spread_and_respect_what_stripe_asks_for() {
        let pace = Pace::gentle();
        let passing = |seconds| Failure::Passing {
            why: "busy".to_owned(),
            not_before: Some(Duration::from_secs(seconds)),
        };
        let mut different = std::collections::BTreeSet::new();
        for attempt in 1..7 {
            let wait = pace.wait_after(attempt, passing(0), "/").unwrap();
            let full = (pace.first_wait * 2_u32.pow(attempt - 1)).min(pace.longest_wait);
            assert!((full / 2..=full).contains(&wait), "{attempt}: {wait:?}");
            different.insert(pace.wait_after(1, passing(0), "/").unwrap());
        }
        assert!(different.len() > 1, "there is no jitter");
        assert!(pace.wait_after(1, passing(9), "/").unwrap() >= Duration::from_secs(9));
        assert!(matches!(
            pace.wait_after(1, passing(3_600), "/"),
            Err(StripeError::Later { seconds: 3_600 })
        ));
        assert!(matches!(pace.wait_after(7, passing(0), "/"), Err(StripeError::Unavailable { .. })));
    }
}
