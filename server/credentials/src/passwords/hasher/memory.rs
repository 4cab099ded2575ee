//! The memory passwords are hashed in.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use argon2::Block;

/// Memory that is used again and again. Taken from the allocator for each password and given back, it left holes
/// nothing else of that size and alignment fitted into: a busy minute cost a gigabyte that never came back.
#[derive(Default)]
pub(super) struct Memory(Mutex<Vec<Vec<Block>>>);

impl Memory {
    /// Lends at least so many blocks to some work, which finds in them whatever the work before left.
    pub(super) fn lend<T>(&self, blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
        let mut lent = self.rooms().pop().unwrap_or_default();
        lent.resize(lent.len().max(blocks), Block::new());
        let done = work(&mut lent);
        self.rooms().push(lent);
        done
    }

    pub(super) fn rooms(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was hashed in it stays out of logs.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory(…)")
    }
}
