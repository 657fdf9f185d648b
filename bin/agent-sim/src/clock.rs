//! The one place that asks the system for the time, waits, and hears signals.

use std::future::Future;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};

use crate::behave::Behave;

/// The exit code after SIGTERM, as of a process without a handler for it: 128 + 15.
const TERMINATED: u8 = 143;

#[expect(clippy::disallowed_methods, reason = "an agent lives in real time")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

#[expect(clippy::disallowed_methods, reason = "an agent lives in real time")]
pub(crate) async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// Ends with the exit code after SIGTERM; never for an agent that ignores it. The handler stands
/// when this returns, also for pid 1 of a container, whom signals without one do not reach.
pub(crate) fn terminated(behave: Behave) -> Result<impl Future<Output = u8>> {
    let mut terms = signal(SignalKind::terminate()).context("listen to SIGTERM")?;
    Ok(async move {
        while terms.recv().await.is_some() && behave == Behave::IgnoreTerm {}
        TERMINATED
    })
}
