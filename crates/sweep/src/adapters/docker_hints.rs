//! Docker's events as hints. They say that something happened to a container; what it is now, the
//! next list says.

use std::sync::Arc;

use sweepd_decide::{Backoff, RunId, Span, Timestamp};
use sweepd_docker::{Client, Watch};
use tokio::sync::Mutex;

use crate::ports::{Clock, Doing, Enlisted, Hint, Hints};

/// The engine is asked for events from so long before it is called: its clock is not ours, and it
/// forgets what is older than the first event it would leave out.
const MARGIN: Span = Span::from_secs(1);
/// Between two attempts to connect.
const AGAIN: Backoff = Backoff { base: Span::from_secs(1), cap: Span::from_secs(30) };

/// Follows the events of one engine.
pub struct DockerHints {
    docker: Client,
    clock: Arc<dyn Clock>,
    line: Mutex<Line>,
}

/// The stream, or when it is begun anew.
struct Line {
    watch: Option<Watch>,
    /// Events are wanted from here on.
    since: Timestamp,
    not_before: Timestamp,
    failures: u32,
    /// Something may have happened that nobody was told of.
    lost: bool,
}

impl std::fmt::Debug for DockerHints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DockerHints").finish_non_exhaustive()
    }
}

impl DockerHints {
    /// What happens from now on.
    pub fn new(docker: Client, clock: Arc<dyn Clock>) -> Self {
        let now = clock.now();
        let line = Line { watch: None, since: now, not_before: now, failures: 0, lost: false };
        Self { docker, clock, line: Mutex::new(line) }
    }

    async fn connect(&self, line: &mut Line) -> Option<Hint> {
        self.clock.sleep_until(line.not_before).await;
        let now = self.clock.now();
        let since = if line.lost { now } else { line.since };
        if let Ok(watch) = self.docker.watch(Some(since.minus(MARGIN))).await {
            line.watch = Some(watch);
            line.failures = 0;
            return std::mem::take(&mut line.lost).then_some(Hint::Everybody);
        }
        line.lost = true;
        line.not_before = now.plus(AGAIN.after(line.failures));
        line.failures = line.failures.saturating_add(1);
        None
    }
}

impl Hints for DockerHints {
    fn next(&self) -> Doing<'_, Vec<Hint>> {
        Box::pin(async move {
            let mut line = self.line.lock().await;
            loop {
                let Some(watch) = line.watch.as_mut() else {
                    if let Some(hint) = self.connect(&mut line).await {
                        return vec![hint];
                    }
                    continue;
                };
                match watch.next().await {
                    Ok(Some(notice)) => return vec![Hint::Run(RunId::new(notice.id))],
                    Ok(None) => {
                        line.watch = None;
                        line.lost = true;
                        line.not_before = self.clock.now().plus(AGAIN.base);
                    }
                    Err(_) => return vec![Hint::Everybody],
                }
            }
        })
    }

    fn watch<'a>(&'a self, _roster: &'a [Enlisted]) -> Doing<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}
