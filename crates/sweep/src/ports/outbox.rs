//! What people were told, what is still to be told, and the only place where that is written.

use sweepd_decide::outbox::SinkState;
use sweepd_decide::{AgentId, Alert, EventKind, Severity, Timestamp};

use super::{AgentRecord, Committed, Doing, Incident, IncidentChange, NewEvent, PortError};

/// The outbox. Incidents are read as [`State`](super::State) has them: it is one database.
pub trait Outbox: Send + Sync {
    /// Incidents that are open, that ended at or after an instant, or whose opening was told and
    /// whose end was not.
    ///
    /// # Errors
    /// The state cannot be read: nobody is told anything from it.
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn standing(&self, since: Timestamp) -> Doing<'_, Result<Vec<Standing>, PortError>>;

    /// How often an incident of this key was opened at or after an instant.
    ///
    /// # Errors
    /// As [`Outbox::standing`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn openings<'a>(&'a self, key: &'a str, since: Timestamp) -> Doing<'a, Result<u32, PortError>>;

    /// What happened to an agent at or after an instant, oldest first; some of it, if it was much.
    ///
    /// # Errors
    /// As [`Outbox::standing`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn past<'a>(
        &'a self,
        agent: &'a AgentId,
        since: Timestamp,
    ) -> Doing<'a, Result<Vec<PastEvent>, PortError>>;

    /// What is remembered about an agent.
    ///
    /// # Errors
    /// As [`Outbox::standing`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn agent<'a>(&'a self, agent: &'a AgentId)
    -> Doing<'a, Result<Option<AgentRecord>, PortError>>;

    /// Deliveries, oldest first.
    ///
    /// # Errors
    /// As [`Outbox::standing`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn deliveries<'a>(&'a self, which: Which<'a>) -> Doing<'a, Result<Vec<Delivery>, PortError>>;

    /// The incidents about which something waits, and for which sink.
    ///
    /// # Errors
    /// As [`Outbox::standing`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn under_way(&self) -> Doing<'_, Result<Vec<(i64, String)>, PortError>>;

    /// The keys of the incidents that another one explains and that nobody was told of, as far as
    /// that is written down.
    ///
    /// # Errors
    /// As [`Outbox::standing`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn explained_by(&self, cause: i64) -> Doing<'_, Result<Vec<String>, PortError>>;

    /// How each sink stands that ever took anything.
    ///
    /// # Errors
    /// As [`Outbox::standing`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn sinks(&self) -> Doing<'_, Result<Vec<SinkRecord>, PortError>>;

    /// Where at a sink a thread is.
    ///
    /// # Errors
    /// As [`Outbox::standing`].
    ///
    /// # Cancel safety
    /// Safe: reads only.
    fn place<'a>(
        &'a self,
        sink: &'a str,
        thread: &'a str,
    ) -> Doing<'a, Result<Option<String>, PortError>>;

    /// Whether what is promised survives this process.
    fn lasts(&self) -> bool {
        true
    }

    /// Writes all of it in one transaction, or nothing.
    ///
    /// # Errors
    /// Nothing was written: nothing may be sent.
    ///
    /// # Cancel safety
    /// As [`State::commit`](super::State::commit).
    fn file(&self, filing: Filing) -> Doing<'_, Result<Committed, PortError>>;
}

/// An incident, with what people did about it and were told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its number.
    pub id: i64,
    /// The incident.
    pub incident: Incident,
    /// When it was seen last.
    pub seen_at: Timestamp,
    /// When it ended, and how.
    pub end: Option<(Timestamp, String)>,
    /// How bad it was when somebody acknowledged it, and when that was.
    pub acknowledged: Option<(Severity, Timestamp)>,
    /// Nobody wants to hear of it before.
    pub snoozed_until: Option<Timestamp>,
    /// When its opening, or that it lasts, was promised last, and how bad it was then.
    pub told: Option<(Timestamp, Severity)>,
    /// Its end was promised.
    pub end_told: bool,
    /// Why nothing was told when that was asked last.
    pub untold: Option<Untold>,
}

/// Why nothing is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// In one published word.
    pub why: String,
    /// Until when that holds, where time alone can change it.
    pub until: Option<Timestamp>,
    /// The number of the incident that explains it.
    pub cause: Option<i64>,
}

/// What changes about what people did and were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled change is a bug")]
pub enum TellingChange {
    /// Somebody knows of it, as bad as it is now.
    Acknowledged(i64),
    /// Somebody does not want to hear of it before; `None`: does want to after all.
    Snoozed(i64, Option<Timestamp>),
    /// Its opening, or that it lasts, is promised.
    Told(i64, Severity),
    /// Its end is promised.
    EndTold(i64),
    /// What was promised of it has reached nobody, and never will.
    Unpromised(i64),
    /// Nothing is told.
    Untold {
        /// Which incident.
        incident: i64,
        /// Why, in one published word.
        why: &'static str,
        /// Until when that holds.
        until: Option<Timestamp>,
        /// What explains it.
        cause: Option<i64>,
    },
}

/// Something that happened before.
#[derive(Debug, Clone, PartialEq)]
pub struct PastEvent {
    /// When.
    pub at: Timestamp,
    /// Its published name.
    pub kind: EventKind,
    /// The rest.
    pub data: serde_json::Value,
}

/// An alert on its way to one sink.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Its number; later ones are higher.
    pub id: i64,
    /// Whom it goes to.
    pub sink: String,
    /// The incident it is about.
    pub incident: Option<i64>,
    /// What belongs together.
    pub thread: String,
    /// The alert.
    pub alert: Alert,
    /// When it was promised.
    pub filed_at: Timestamp,
    /// Attempts so far.
    pub tries: u32,
    /// Not before then.
    pub deferred_until: Option<Timestamp>,
    /// It was refused together with others.
    pub alone: bool,
    /// What the last attempt came to.
    pub remark: Option<String>,
    /// When it was settled, and how.
    pub settled: Option<(Timestamp, Settled)>,
}

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Settled {
    /// It arrived.
    Delivered,
    /// It did not, and is not tried any more.
    GivenUp,
    /// Nobody wants it any more.
    Dropped,
}

impl Settled {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Delivered, Self::GivenUp, Self::Dropped];

    /// The published word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::GivenUp => "given-up",
            Self::Dropped => "dropped",
        }
    }
}

/// Which deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "all that is asked")]
pub enum Which<'a> {
    /// The oldest of each thread that waits for one sink; what is deferred comes last, and is left out
    /// if they are many.
    HeadsFor(&'a str),
    /// All that wait; the oldest, if they are many.
    Waiting,
    /// Those that were given up, and that nobody has dealt with.
    GivenUp,
    /// Those of one incident.
    Of(i64),
}

/// An alert that is promised.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAlert {
    /// The incident it is about.
    pub incident: Option<i64>,
    /// What belongs together.
    pub thread: String,
    /// The alert.
    pub alert: Alert,
    /// Who delivers it.
    pub sinks: Vec<String>,
}

/// What became of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Which.
    pub ids: Vec<i64>,
    /// An attempt begins.
    pub begins: bool,
    /// They wait until then.
    pub deferred_until: Option<Timestamp>,
    /// They wait to be sent one by one.
    pub alone: bool,
    /// What it came to.
    pub remark: Option<String>,
    /// They are settled; `None`: they wait, also if they were given up before.
    pub settled: Option<Settled>,
    /// They wait as if they had been promised now.
    pub anew: bool,
}

impl Tried {
    /// They wait, as before.
    pub const fn waits(ids: Vec<i64>) -> Self {
        let (deferred_until, remark, settled) = (None, None, None);
        Self { ids, begins: false, deferred_until, alone: false, remark, settled, anew: false }
    }
}

/// How a sink stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkRecord {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// How it stands.
    pub state: SinkState,
    /// What a delivery depended on when that was so.
    pub fingerprint: String,
    /// When it was told for the first time that sweepd watches.
    pub greeted_at: Option<Timestamp>,
    /// When it was promised the last daily line.
    pub digested_at: Option<Timestamp>,
    /// What the last attempt came to.
    pub remark: Option<String>,
}

/// What was promised to a sink beside incidents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkNoted {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// It was told for the first time that sweepd watches.
    pub greeted: bool,
    /// It was told the daily line.
    pub digested: bool,
}

/// One transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Filing {
    /// When.
    pub at: Timestamp,
    /// What becomes of incidents.
    pub incidents: Vec<IncidentChange>,
    /// What happened.
    pub events: Vec<NewEvent>,
    /// What people did and were told.
    pub telling: Vec<TellingChange>,
    /// What is promised.
    pub alerts: Vec<NewAlert>,
    /// What became of deliveries.
    pub tried: Vec<Tried>,
    /// How sinks stand.
    pub sinks: Vec<SinkRecord>,
    /// What was promised to sinks beside incidents.
    pub noted: Vec<SinkNoted>,
    /// Where at a sink threads are: sink, thread, place.
    pub places: Vec<(String, String, String)>,
    /// Agents, and series of theirs whose silence is no news from now on.
    pub expected: Vec<(AgentId, String)>,
}

impl Filing {
    /// Nothing yet.
    pub const fn new(at: Timestamp) -> Self {
        Self {
            at,
            incidents: Vec::new(),
            events: Vec::new(),
            telling: Vec::new(),
            alerts: Vec::new(),
            tried: Vec::new(),
            sinks: Vec::new(),
            noted: Vec::new(),
            places: Vec::new(),
            expected: Vec::new(),
        }
    }

    /// Whether there is nothing to write.
    pub const fn is_empty(&self) -> bool {
        self.incidents.is_empty()
            && self.expected.is_empty()
            && self.events.is_empty()
            && self.telling.is_empty()
            && self.alerts.is_empty()
            && self.tried.is_empty()
            && self.sinks.is_empty()
            && self.noted.is_empty()
            && self.places.is_empty()
    }
}
