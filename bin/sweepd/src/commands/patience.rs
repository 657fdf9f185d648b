//! Whose turn is it to write to the state-dir? Whoever will soon be done is waited for.

use sweepd_decide::Span;
use sweepd_store::LockError;
use sweepd_store::state::lock::StateLock;
use sweepd_sweep::SystemClock;
use sweepd_sweep::ports::Clock as _;

/// How long another sweep is waited for.
const PATIENCE: Span = Span::from_secs(20);
/// Between two attempts.
const AGAIN: Span = Span::from_millis(200);

/// Takes the lock on the state. A daemon that has it is not waited for.
pub(crate) async fn wait_for(
    take: impl Fn() -> Result<StateLock, LockError>,
) -> Result<StateLock, LockError> {
    let clock = SystemClock::new();
    let until = clock.now().plus(PATIENCE);
    let mut waiting = false;
    loop {
        let error = match take() {
            Err(error @ LockError::Held { .. }) => error,
            taken_or_broken => return taken_or_broken,
        };
        if is_a_daemons(&error) || clock.now() >= until {
            return Err(error);
        }
        if !waiting {
            tracing::info!("{error}: waiting for it");
            waiting = true;
        }
        clock.sleep_until(clock.now().plus(AGAIN)).await;
    }
}

/// Whether a `run` has it.
pub(crate) fn is_a_daemons(error: &LockError) -> bool {
    let LockError::Held { holder: Some(holder), .. } = error else { return false };
    holder.what.as_deref() == Some("run")
}
