//! Repeatable randomness: the same topic always rolls the same numbers.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// Changing this tells a different story with different ids.
const SEED: &str = "command-center-demo-1";

const TOKEN_BYTES: usize = 10;

/// Dice that belong to one topic.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice for a topic, fresh.
    pub(super) fn about(topic: &str) -> Self {
        Self(ChaCha8Rng::from_seed(digest(topic)))
    }

    /// A whole number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// True in so many of a thousand rolls.
    pub(super) fn chance(&mut self, permille: i64) -> bool {
        self.between(1, 1000) <= permille
    }

    /// One of the choices, each as likely as its neighbour.
    pub(super) fn pick<T: Copy, const N: usize>(&mut self, choices: &[T; N]) -> T {
        self.weighted(&choices.map(|choice| (choice, 1)))
    }

    /// One of the choices, each as likely as its weight.
    pub(super) fn weighted<T: Copy>(&mut self, choices: &[(T, i64)]) -> T {
        let total = choices.iter().map(|(_, weight)| weight).sum::<i64>();
        let mut roll = self.between(0, total - 1);
        let chosen = choices.iter().find(|(_, weight)| {
            roll -= weight;
            roll < 0
        });
        chosen.expect("the roll is below the sum of the weights").0
    }
}

/// A short name for a topic, as Stripe's ids are short names.
pub(super) fn token(topic: &str) -> String {
    hex::encode(digest(topic).first_chunk::<TOKEN_BYTES>().expect("a digest is longer than a token"))
}

fn digest(topic: &str) -> [u8; 32] {
    Sha256::digest(format!("{SEED}/{topic}")).into()
}
