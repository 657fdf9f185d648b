//! Is the demo to end before its time? Then as a shell expects of whoever a signal ended.

use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that would end the process at once and leave its agents behind.
pub(super) struct Interrupt {
    asked: Signal,
    ended: Signal,
    left: Signal,
}

impl Interrupt {
    /// From now on they end nothing by themselves.
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            asked: signal(SignalKind::interrupt())?,
            ended: signal(SignalKind::terminate())?,
            left: signal(SignalKind::hangup())?,
        })
    }

    /// Resolves when one comes: with 128 and its number.
    pub(super) async fn came(&mut self) -> ExitCode {
        let kind = tokio::select! {
            _ = self.asked.recv() => SignalKind::interrupt(),
            _ = self.ended.recv() => SignalKind::terminate(),
            _ = self.left.recv() => SignalKind::hangup(),
        };
        u8::try_from(128 + kind.as_raw_value()).unwrap_or(u8::MAX).into()
    }
}
