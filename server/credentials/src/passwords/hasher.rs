//! Hashing, slow on purpose and a few at a time.

use std::sync::Arc;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use tokio::task;

use super::{Password, PasswordHash};
use crate::randomness;

// The parameters OWASP recommends, spelled out so that no release of the crate changes them.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const HASH_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// The hash of a password nobody knows, with the parameters above.
const HASH_OF_NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$GhQl1Am+IsjAW0lczJLe7g$rLz3zsceNdrudw/ax2lRLLpsOEI3a0XO+Avx7wLD+kY";

/// Hashes passwords, a few at a time: each takes 19 MiB and a processor while it lasts.
#[derive(Clone, Debug)]
pub struct Hasher {
    turns: Arc<Semaphore>,
}

impl Hasher {
    /// At most `at_once` passwords are hashed at a time, and at least one; the others wait.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS))) }
    }

    /// What to keep of a password.
    pub async fn hash(&self, password: &Password) -> PasswordHash {
        let password = password.clone();
        self.in_turn(move || hash(&password)).await
    }

    /// Whether a password is the one that was hashed. Without a hash it is not, which takes just as long.
    pub async fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> bool {
        let (password, hash) = (password.clone(), hash.cloned());
        self.in_turn(move || verify(&password, hash.as_ref())).await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let turn = Arc::clone(&self.turns).acquire_owned().await.expect("the semaphore is never closed");
        // The turn goes along with the work, which ends when it ends, whether or not somebody still waits for it.
        let work = task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        work.await.expect("hashing does not panic, and nobody cancels it")
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).expect("Argon2 allows these");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &Password) -> PasswordHash {
    let salt = randomness::draw::<SALT_BYTES>();
    let hash: phc::PasswordHash = argon2()
        .hash_password_with_salt(password.reveal().as_bytes(), salt.as_slice())
        .expect("Argon2 takes a password and a salt of these sizes");
    PasswordHash::stored(hash.to_string())
}

fn verify(password: &Password, hash: Option<&PasswordHash>) -> bool {
    let hash = hash.and_then(|hash| phc::PasswordHash::new(hash.as_str()).ok());
    let is_somebody = hash.is_some();
    let is_right =
        argon2().verify_password(password.reveal().as_bytes(), &hash.unwrap_or_else(nobody)).is_ok();
    is_somebody && is_right
}

fn nobody() -> phc::PasswordHash {
    phc::PasswordHash::new(HASH_OF_NOBODY).expect("the constant is a PHC string")
}

#[cfg(test)]
mod tests;
