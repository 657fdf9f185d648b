//! A runtime beside the one that another configuration used before: runs are asked of whoever has
//! started them, until they have ended.

use std::sync::Arc;
use std::time::Duration;

use sweepd_decide::{Run, RunId, Timestamp};

use crate::ports::{Doing, ExitSeen, Inspection, PortError, Runtime, Seen, Stopped};

/// One runtime for everything new, and another for the runs that are left of before.
///
/// It lists only the new one's. A run of before is in no list, and so its end has to be observed by
/// asking for it: nothing is started beside it until then.
pub struct Handover {
    new: Arc<dyn Runtime>,
    before: Arc<dyn Runtime>,
    is_of_before: fn(&RunId) -> bool,
}

impl std::fmt::Debug for Handover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handover")
            .field("new", &self.new.kind())
            .field("before", &self.before.kind())
            .finish_non_exhaustive()
    }
}

impl Handover {
    /// From `before` to `new`. `is_of_before` tells by its id whose a run is.
    pub fn new(
        new: Arc<dyn Runtime>,
        before: Arc<dyn Runtime>,
        is_of_before: fn(&RunId) -> bool,
    ) -> Self {
        Self { new, before, is_of_before }
    }

    fn of(&self, run: &RunId) -> &dyn Runtime {
        if (self.is_of_before)(run) { self.before.as_ref() } else { self.new.as_ref() }
    }
}

impl Runtime for Handover {
    fn kind(&self) -> &'static str {
        self.new.kind()
    }

    fn list(&self) -> Doing<'_, Result<Vec<Seen>, PortError>> {
        self.new.list()
    }

    fn inspect<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<Inspection, PortError>> {
        self.of(run).inspect(run)
    }

    fn stop<'a>(&'a self, run: &'a Run, grace: Duration) -> Doing<'a, Result<Stopped, PortError>> {
        self.of(&run.id).stop(run, grace)
    }

    fn exits(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Doing<'_, Result<Vec<ExitSeen>, PortError>> {
        Box::pin(async move {
            let mut all = self.before.exits(since, until).await.unwrap_or_default();
            all.extend(self.new.exits(since, until).await?);
            Ok(all)
        })
    }

    fn logs<'a>(&'a self, run: &'a RunId, lines: usize) -> Doing<'a, Result<String, PortError>> {
        self.of(run).logs(run, lines)
    }

    fn dated_logs<'a>(
        &'a self,
        run: &'a RunId,
        lines: usize,
    ) -> Doing<'a, Result<String, PortError>> {
        self.of(run).dated_logs(run, lines)
    }

    fn remove<'a>(&'a self, run: &'a RunId) -> Doing<'a, Result<(), PortError>> {
        self.of(run).remove(run)
    }
}
