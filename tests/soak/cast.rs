//! Who plays what, and what each fault calls for.

/// One agent's part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// The name of its session.
    pub(crate) name: &'static str,
    pub(crate) role: Role,
}

/// What an agent does when nothing is wrong with it, and what goes wrong with it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    /// A message every few seconds, answered at once.
    Worker,
    /// Its tool declares what it needs, and is silent for longer than any tolerance.
    Slow,
    /// A message now and then, and no work in between for longer than it may be idle.
    Idler,
    /// A worker with this fault again and again; the first time after so many seconds.
    Faulty(Fault, i64),
}

impl Role {
    /// How the test agent is called while nothing is wrong.
    pub(crate) const fn calm(self) -> &'static str {
        match self {
            Self::Slow => "--work-ms 500 --tool Bash --declare-ms 60000 --tool-ms 45000",
            Self::Worker | Self::Idler | Self::Faulty(..) => "--work-ms 1500",
        }
    }

    /// Seconds between two messages, from and to.
    pub(crate) const fn pace(self) -> (i64, i64) {
        match self {
            Self::Worker => (8, 25),
            Self::Slow => (10, 40),
            Self::Idler => (110, 170),
            Self::Faulty(..) => (15, 40),
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    HangAfterClaim,
    HangAfterBeat,
    Silent,
    NeverStart,
    IgnoreTerm,
    DieWithClaim,
    BootCrash,
    QuitAtOnce,
    FailAck,
    FutureBeat,
    LockedDatabase,
    GarbageDatabase,
    RemovedByHand,
    PausedByHand,
}

impl Fault {
    pub(crate) const ALL: &[Self] = &[
        Self::HangAfterClaim,
        Self::HangAfterBeat,
        Self::Silent,
        Self::NeverStart,
        Self::IgnoreTerm,
        Self::DieWithClaim,
        Self::BootCrash,
        Self::QuitAtOnce,
        Self::FailAck,
        Self::FutureBeat,
        Self::LockedDatabase,
        Self::GarbageDatabase,
        Self::RemovedByHand,
        Self::PausedByHand,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::HangAfterClaim => "hangs after its claim",
            Self::HangAfterBeat => "hangs after one beat",
            Self::Silent => "silent in its claim",
            Self::NeverStart => "never beats at start",
            Self::IgnoreTerm => "silent, ignores SIGTERM",
            Self::DieWithClaim => "dies with its claim open",
            Self::BootCrash => "crashes at boot",
            Self::QuitAtOnce => "exits 0 at once",
            Self::FailAck => "acks failed",
            Self::FutureBeat => "beats from the future",
            Self::LockedDatabase => "locks outbound.db",
            Self::GarbageDatabase => "garbage in outbound.db",
            Self::RemovedByHand => "removed by hand at work",
            Self::PausedByHand => "paused by hand at work",
        }
    }

    /// How the test agent is called to behave so.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::HangAfterClaim => "--behave hang-after-claim",
            Self::HangAfterBeat => "--behave idle",
            Self::Silent => "--work-ms 3000 --tool Quiet --tool-ms 99999999",
            Self::NeverStart => "--behave never-start",
            Self::IgnoreTerm => {
                "--behave ignore-term --work-ms 3000 --tool Quiet --tool-ms 99999999"
            }
            Self::DieWithClaim => "--behave crash-mid-message=7 --work-ms 10000",
            Self::BootCrash => "--behave exit-at-once=3",
            Self::QuitAtOnce => "--behave exit-at-once=0",
            Self::FailAck => "--behave fail-ack",
            Self::FutureBeat => "--behave future-heartbeat --work-ms 3000",
            Self::LockedDatabase => "--behave hold-lock",
            Self::GarbageDatabase => "--work-ms 1500",
            Self::RemovedByHand | Self::PausedByHand => "--work-ms 15000",
        }
    }

    /// Whether it looks stuck for a while at least, which the brake counts.
    pub(crate) const fn looks_stuck(self) -> bool {
        matches!(
            self,
            Self::HangAfterClaim
                | Self::HangAfterBeat
                | Self::Silent
                | Self::NeverStart
                | Self::IgnoreTerm
                | Self::LockedDatabase
                | Self::PausedByHand
        )
    }

    /// What may be told besides. When the lock goes with its holder, a look may find the holder
    /// still listed, and its work untouched.
    pub(crate) const fn may_tell(self) -> &'static [&'static str] {
        if matches!(self, Self::LockedDatabase) { &["opened: not-progressing"] } else { &[] }
    }

    /// What it calls for, each exactly once, in the words of [`crate::journal::word`].
    pub(crate) const fn calls_for(self) -> &'static [&'static str] {
        match self {
            Self::HangAfterClaim => {
                &["stopped: claim", "opened: agent-stuck", "retried", "completed"]
            }
            Self::HangAfterBeat => {
                &["opened: not-progressing", "stopped: ceiling", "opened: agent-stuck", "completed"]
            }
            Self::Silent => &["stopped: silence", "opened: agent-stuck", "retried", "completed"],
            Self::NeverStart => &["stopped: start", "opened: agent-stuck", "completed"],
            Self::IgnoreTerm => {
                &["stopped: silence, killed", "opened: agent-stuck", "retried", "completed"]
            }
            Self::DieWithClaim => &["died: 7", "completed"],
            Self::BootCrash => &["died: 3", "completed"],
            Self::QuitAtOnce => &["died: 0", "completed"],
            Self::FailAck => &["failed", "opened: message-failed"],
            Self::FutureBeat => &["opened: clock-suspicious", "completed"],
            Self::LockedDatabase | Self::GarbageDatabase => &["opened: unreadable", "completed"],
            Self::RemovedByHand => &["died: 137", "completed"],
            Self::PausedByHand => &["completed"],
        }
    }
}

/// Thirty agents.
pub(crate) fn cast() -> Vec<Part> {
    use Fault as F;
    use Role::{Faulty, Idler, Slow, Worker};
    let part = |(name, role)| Part { name, role };
    let healthy = [
        ("work-1", Worker),
        ("work-2", Worker),
        ("work-3", Worker),
        ("work-4", Worker),
        ("work-5", Worker),
        ("work-6", Worker),
        ("slow-1", Slow),
        ("slow-2", Slow),
        ("slow-3", Slow),
        ("idle-1", Idler),
        ("idle-2", Idler),
        ("idle-3", Idler),
    ];
    let faulty = [
        ("hang-1", Faulty(F::HangAfterClaim, 1)),
        ("beat-1", Faulty(F::HangAfterBeat, 1)),
        ("silent-1", Faulty(F::Silent, 1)),
        ("never-1", Faulty(F::NeverStart, 1)),
        ("deaf-1", Faulty(F::IgnoreTerm, 1)),
        ("lock-1", Faulty(F::LockedDatabase, 1)),
        ("garbage-1", Faulty(F::GarbageDatabase, 1)),
        ("pause-1", Faulty(F::PausedByHand, 1)),
        ("die-1", Faulty(F::DieWithClaim, 10)),
        ("boot-1", Faulty(F::BootCrash, 10)),
        ("quit-1", Faulty(F::QuitAtOnce, 10)),
        ("fail-1", Faulty(F::FailAck, 10)),
        ("future-1", Faulty(F::FutureBeat, 10)),
        ("remove-1", Faulty(F::RemovedByHand, 10)),
        ("die-2", Faulty(F::DieWithClaim, 300)),
        ("remove-2", Faulty(F::RemovedByHand, 240)),
        ("hang-2", Faulty(F::HangAfterClaim, 360)),
        ("beat-2", Faulty(F::HangAfterBeat, 420)),
    ];
    healthy.into_iter().chain(faulty).map(part).collect()
}
