//! Hashing, slow on purpose and a few at a time.

mod memory;

use std::sync::Arc;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use tokio::task;

use self::memory::Memory;
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
    memory: Arc<Memory>,
}

impl Hasher {
    /// At most `at_once` passwords are hashed at a time, and at least one; the others wait.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        let turns = Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS));
        Self { turns: Arc::new(turns), memory: Arc::default() }
    }

    /// What to keep of a password.
    pub async fn hash(&self, password: &Password) -> PasswordHash {
        let (password, memory) = (password.clone(), Arc::clone(&self.memory));
        self.in_turn(move || hash(&password, &memory)).await
    }

    /// Whether a password is the one that was hashed. Without a hash it is not, which takes just as long.
    pub async fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> bool {
        let (password, hash, memory) = (password.clone(), hash.cloned(), Arc::clone(&self.memory));
        self.in_turn(move || verify(&password, hash.as_ref(), &memory)).await
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

fn params() -> Params {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).expect("Argon2 allows these")
}

fn hash(password: &Password, memory: &Memory) -> PasswordHash {
    let salt = phc::Salt::new(randomness::draw::<SALT_BYTES>().as_slice()).expect("a salt has this size");
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    let hash = output(&Argon2::new(algorithm, version, params()), password, &salt, HASH_BYTES, memory);
    let hash = phc::PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: phc::ParamsString::try_from(&params()).expect("the parameters can be written down"),
        salt: Some(salt),
        hash: Some(hash.expect("Argon2 takes a password and a salt of these sizes")),
    };
    PasswordHash::stored(hash.to_string())
}

fn verify(password: &Password, hash: Option<&PasswordHash>, memory: &Memory) -> bool {
    let hash = hash.and_then(|hash| phc::PasswordHash::new(hash.as_str()).ok());
    let is_somebody = hash.is_some();
    let is_right = is_of(password, &hash.unwrap_or_else(nobody), memory).unwrap_or_default();
    is_somebody && is_right
}

/// Whether a hash is of this password, made anew with the hash's own parameters; `None` when it is no hash.
fn is_of(password: &Password, hash: &phc::PasswordHash, memory: &Memory) -> Option<bool> {
    let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::V0x13), Version::try_from).ok()?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(hash).ok()?);
    // Outputs are compared in constant time.
    Some(output(&argon2, password, salt, expected.len(), memory)? == *expected)
}

fn output(
    argon2: &Argon2<'_>,
    password: &Password,
    salt: &phc::Salt,
    bytes: usize,
    memory: &Memory,
) -> Option<phc::Output> {
    memory.lend(argon2.params().block_count(), |blocks| {
        let mut out = vec![0; bytes];
        argon2.hash_password_into_with_memory(password.reveal().as_bytes(), salt, &mut out, blocks).ok()?;
        phc::Output::new(&out).ok()
    })
}

fn nobody() -> phc::PasswordHash {
    phc::PasswordHash::new(HASH_OF_NOBODY).expect("the constant is a PHC string")
}

#[cfg(test)]
mod tests;
