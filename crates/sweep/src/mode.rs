//! What sweepd may do: how far it goes by itself, and what that leaves at one moment.

use crate::ports::HostState;

/// How far sweepd goes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Mode {
    /// Look and alert, touch nothing.
    Observe,
    /// Beside a live host that sweeps itself: stop, never wake, never write to the queue.
    Assist,
    /// Do everything.
    Enforce,
}

impl Mode {
    /// The published word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Assist => "assist",
            Self::Enforce => "enforce",
        }
    }
}

/// What may be done right now, for one agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Authority {
    /// Update rows of the queue.
    pub(crate) rows: bool,
    /// Start agents.
    pub(crate) wake: bool,
    /// Stop agents.
    pub(crate) stop: bool,
}

impl Authority {
    /// Nothing at all.
    pub(crate) const NONE: Self = Self { rows: false, wake: false, stop: false };

    pub(crate) const fn of(mode: Mode, dry_run: bool, host: HostState, sole_sweeper: bool) -> Self {
        let alive = matches!(host, HostState::Alive);
        match mode {
            _ if dry_run => Self::NONE,
            Mode::Observe => Self::NONE,
            Mode::Assist => Self { stop: true, ..Self::NONE },
            Mode::Enforce if alive => Self { rows: sole_sweeper, wake: false, stop: true },
            Mode::Enforce => Self { rows: true, wake: true, stop: true },
        }
    }
}

impl Authority {
    /// Whether the installation's own monitor may be set up and asked: where agents may be stopped.
    pub(crate) const fn may_ask(self) -> bool {
        self.stop
    }
}

impl Mode {
    /// What `enforce` comes down to while the host is alive.
    pub(crate) const fn beside(self, host: HostState) -> Self {
        match (self, host) {
            (Self::Enforce, HostState::Alive) => Self::Assist,
            (mode, _) => mode,
        }
    }
}
