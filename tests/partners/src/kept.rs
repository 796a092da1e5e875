//! A value many requests share.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A mutex whose lock never fails: a test that panicked must not take the books with it.
#[derive(Debug, Default)]
pub struct Kept<T>(Mutex<T>);

impl<T> Kept<T> {
    /// Keeps `value`.
    pub fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Waits for the value. Never hold it across an `await`.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
