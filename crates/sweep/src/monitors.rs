//! Have the installations' own monitors been set up?

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use sweepd_decide::{Span, Timestamp};

use crate::engine::Engine;
use crate::mode::Authority;
use crate::ports::HostState;
use crate::setup::SourceSetup;

/// After one that could not be set up it is tried again.
const AGAIN: Span = Span::from_mins(5);

/// How that went, by source.
#[derive(Debug, Default)]
pub(crate) struct Monitors(Mutex<BTreeMap<String, Tried>>);

#[derive(Debug, Clone)]
struct Tried {
    at: Timestamp,
    /// Why it did not work.
    why: Option<String>,
}

impl Monitors {
    fn of(&self, source: &str) -> Option<Tried> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(source).cloned()
    }

    fn note(&self, source: &str, tried: Tried) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(source.to_owned(), tried);
    }
}

impl Engine {
    /// Sets up a source's monitor once for each engine, where it may. Returns why it could not be.
    pub(crate) async fn set_up_monitor(
        &self,
        setup: &SourceSetup,
        host: HostState,
    ) -> Option<String> {
        let monitor = setup.monitor.as_ref()?;
        let (name, now) = (setup.source.name(), self.clock().now());
        let may = Authority::of(setup.mode, self.options().dry_run, host, setup.sole_sweeper);
        if !may.may_ask() {
            return None;
        }
        if let Some(tried) = self.monitors.of(name) {
            let rests = tried.at <= now && now < tried.at.plus(AGAIN);
            if tried.why.is_none() || rests {
                return tried.why;
            }
        }
        let why = match monitor.set_up().await {
            Ok(_) => None,
            Err(error) => Some(format!("its health monitor cannot be set up: {}", error.chain())),
        };
        self.monitors.note(name, Tried { at: now, why: why.clone() });
        why
    }
}
