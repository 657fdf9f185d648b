//! What can be wrong, under the names that alerts, scripts and exit codes use.

use alloc::string::String;

use crate::id::MessageId;
use crate::time::Timestamp;

/// Something wrong that was seen in a look. Opens or keeps open the incident of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The message concerned, where there is one.
    pub message_id: Option<MessageId>,
    /// Since when, as far as the facts tell.
    pub since: Timestamp,
    /// What was found, in the words of whoever wrote it: an expression, an error, a status.
    pub detail: Option<String>,
}

/// How bad a finding is. Notices are shown; warnings and errors are alerted and set exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Severity {
    /// Shown.
    Notice,
    /// Somebody should look.
    Warning,
    /// Somebody has to look.
    Error,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $severity:ident;)*) => {
        /// What kind of thing is wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
        #[expect(clippy::exhaustive_enums, reason = "a new kind must break the build")]
        pub enum FindingKind { $($(#[$doc])* $name,)* }

        impl FindingKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The published name: the first part of an incident's key.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// How bad it is.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }
    };
}

kinds! {
    /// An agent was stopped for a fault.
    AgentStuck = "agent-stuck", Warning;
    /// A message was given up.
    DeadLetter = "dead-letter", Error;
    /// The agent itself reports that a message failed.
    MessageFailed = "message-failed", Error;
    /// Wakes fail again and again.
    WakeFailing = "wake-failing", Error;
    /// A stop did not end its container.
    Zombie = "zombie", Error;
    /// A message was worked on and never answered; less bad where nobody need hear of it.
    SilentFailure = "silent-failure", Error;
    /// A credential is over, not there or not readable; less bad while it is only about to be over.
    Credential = "credential", Error;
    /// What an agent said does not reach anybody.
    Undelivered = "undelivered", Warning;
    /// It lives, but its oldest work lies untouched.
    NotProgressing = "not-progressing", Warning;
    /// A claim is open and nothing has been heard for long.
    InClaimSilence = "in-claim-silence", Warning;
    /// The container restarts over and over.
    CrashLooping = "crash-looping", Warning;
    /// An always-on container is down, and nothing brings it back.
    ContainerDown = "container-down", Warning;
    /// An always-on container cannot be made anew, or does not stay.
    RecreateFailing = "recreate-failing", Error;
    /// A container of ours is nobody's.
    OrphanContainer = "orphan-container", Warning;
    /// Two containers run for one agent.
    DuplicateContainer = "duplicate-container", Warning;
    /// An ack with an unknown status hides a pending message.
    ShadowedMessage = "shadowed-message", Warning;
    /// The live host leaves a stopped agent's claims lying.
    HostNotSweeping = "host-not-sweeping", Warning;
    /// A source shows far fewer agents than before.
    SourceShrunk = "source-shrunk", Warning;
    /// A recurring message whose expression never runs.
    BadSchedule = "bad-schedule", Warning;
    /// A row whose time cannot be read.
    MalformedRow = "malformed-row", Warning;
    /// A session's databases cannot be read.
    Unreadable = "unreadable", Warning;
    /// The host process was there and is gone.
    HostDown = "host-down", Error;
    /// The runtime does not answer.
    RuntimeUnreachable = "runtime-unreachable", Error;
    /// So many agents look stuck at once that stops are held.
    BrakeEngaged = "brake-engaged", Error;
    /// sweepd itself cannot do its whole job.
    SelfDegraded = "self-degraded", Error;
    /// A sink takes no alerts.
    SinkFailed = "sink-failed", Warning;
    /// An incident comes and goes.
    Flapping = "flapping", Warning;
    /// A heartbeat from the future.
    ClockSuspicious = "clock-suspicious", Notice;
    /// A session without its directory, its queue or its group.
    GhostSession = "ghost-session", Notice;
    /// A table or column that a step needs is not there.
    ForeignSchema = "foreign-schema", Notice;
    /// The source's own host sweeps too.
    HostLive = "host-live", Notice;
}
