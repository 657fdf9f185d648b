//! Always-on containers: the real engine over simulated ones, in one call after another and as a
//! daemon.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod brake;
mod by_hand;
mod calls;
mod failing;
mod hints;
mod race;
mod rest;
mod roster;
#[path = "../../crates/sweep/examples/shared/store.rs"]
mod store;
mod yard;

use std::sync::{Mutex, MutexGuard, PoisonError};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
