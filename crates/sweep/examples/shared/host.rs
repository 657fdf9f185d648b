//! A small host: everything that the engine asks of the world, in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sweepd_sweep::{Engine, Mode, Options, SourceSetup};

mod clock;
mod office;
mod runs;
mod store;

pub(crate) use clock::LeapingClock;
pub(crate) use office::Office;
pub(crate) use store::Store;

/// Puts an engine together out of the host's own parts. `patience`: how long one call may wait
/// for the look that confirms a stop.
pub(crate) fn engine(
    clock: &Arc<LeapingClock>,
    store: &Arc<Store>,
    office: &Arc<Office>,
    patience: Duration,
) -> Engine {
    let mut setup = SourceSetup::new(office.clone(), office.clone(), office.clone());
    setup.mode = Mode::Enforce;
    let mut options = Options::default();
    options.mode = Mode::Enforce;
    options.patience = patience;
    Engine::new(clock.clone(), store.clone(), office::INSTALL, vec![setup], options)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
