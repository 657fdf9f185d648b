//! What a host hands in to have people told.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use sweepd_decide::incident::{FlapPolicy, TellPolicy};
use sweepd_decide::{FindingKind, Severity, Timestamp};
use sweepd_schedule::Zone;

use crate::incidents::of_sink;
use crate::ports::{Incident, Outbox, Sink};

/// Whom to tell, how, and how eagerly.
#[non_exhaustive]
pub struct AlertSetup {
    /// Where promises are kept.
    pub outbox: Arc<dyn Outbox>,
    /// Who is told.
    pub sinks: Vec<SinkSetup>,
    /// How eagerly. In a call of its own nothing waits.
    pub tell: TellPolicy,
    /// When coming and going is one thing of its own.
    pub flap: FlapPolicy,
    /// How this host is called in alerts.
    pub host: String,
    /// When nobody wants to hear of whom. Never.
    pub windows: Arc<dyn Windows>,
    /// The daily line. None.
    pub digest: Option<Digest>,
    /// A file outside the state's own directory that marks when people were told last that the state
    /// cannot be used, for programs that end: without one, those tell nobody.
    pub aside: Option<PathBuf>,
}

impl AlertSetup {
    /// Alerts to `sinks`, promised in `outbox`, with default limits.
    pub fn new(outbox: Arc<dyn Outbox>, sinks: Vec<SinkSetup>, host: impl Into<String>) -> Self {
        Self {
            outbox,
            sinks,
            tell: TellPolicy::default(),
            flap: FlapPolicy::default(),
            host: host.into(),
            windows: Arc::new(Never),
            digest: None,
            aside: None,
        }
    }

    /// The sink of a name.
    pub(crate) fn sink(&self, name: &str) -> Option<&SinkSetup> {
        self.sinks.iter().find(|sink| sink.name == name)
    }
}

impl fmt::Debug for AlertSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlertSetup").field("sinks", &self.sinks).finish_non_exhaustive()
    }
}

/// One of those who are told.
#[derive(Clone)]
#[non_exhaustive]
pub struct SinkSetup {
    /// Its name: what is waiting for it waits for this name.
    pub name: String,
    /// Where it is told.
    pub sink: Arc<dyn Sink>,
    /// What it wants to hear. Every warning and error.
    pub audience: Arc<dyn Audience>,
}

impl SinkSetup {
    /// A sink that wants to hear everything that is told at all.
    pub fn new(name: impl Into<String>, sink: Arc<dyn Sink>) -> Self {
        Self { name: name.into(), sink, audience: Arc::new(Everything) }
    }

    /// Whether it is to be told of an incident. Not of its own failures: it could not be.
    pub(crate) fn wants(&self, incident: &Incident) -> bool {
        let own = incident.kind == FindingKind::SinkFailed && incident.key == of_sink(&self.name);
        !own && incident.severity > Severity::Notice && self.audience.wants(incident)
    }
}

impl fmt::Debug for SinkSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkSetup")
            .field("name", &self.name)
            .field("kind", &self.sink.kind())
            .finish_non_exhaustive()
    }
}

/// What a sink wants to hear.
pub trait Audience: Send + Sync {
    /// Whether it is to be told of an incident.
    fn wants(&self, incident: &Incident) -> bool;
}

/// Every warning and error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to it")]
pub struct Everything;

impl Audience for Everything {
    fn wants(&self, _incident: &Incident) -> bool {
        true
    }
}

/// When nobody wants to hear of an incident because its maintenance was announced.
pub trait Windows: Send + Sync {
    /// The end of the window that lasts at `now`; `None`: there is none.
    fn quiet_until(&self, incident: &Incident, now: Timestamp) -> Option<Timestamp>;
}

/// No maintenance is announced.
#[derive(Debug)]
struct Never;

impl Windows for Never {
    fn quiet_until(&self, _incident: &Incident, _now: Timestamp) -> Option<Timestamp> {
        None
    }
}

/// When the daily line is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a time of day")]
pub struct Digest {
    /// A cron expression with five fields.
    pub cron: String,
    /// The zone it is read in.
    pub zone: Zone,
}
