//! Which of the runs that a runtime lists is the agent's, and what state that leaves it in.

use alloc::vec::Vec;

use crate::id::RunId;

/// One run as a complete list of the runtime shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sighting {
    /// The immutable id.
    pub run: RunId,
    /// What the runtime says it is doing.
    pub state: RunState,
    /// It carries a label of the host's installation or of ours: not just the right mount.
    pub labeled: bool,
}

/// A runtime's word for what a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "a host must handle all of them")]
pub enum RunState {
    /// It runs.
    Running,
    /// It died and is about to run again.
    Restarting,
    /// Somebody paused it: alive, and not to be judged.
    Paused,
    /// Made, never started.
    Created,
    /// It has ended.
    Exited,
    /// It has ended, and could not be cleaned up.
    Dead,
    /// It is being deleted.
    Removing,
}

impl RunState {
    /// Whether something is alive.
    pub const fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Restarting | Self::Paused)
    }
}

/// Where an agent stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "a host must handle all of them")]
pub enum Presence {
    /// One run is up.
    Up(Sighting),
    /// Several are up, and nothing tells which is the agent's: none may be judged.
    Duplicate(Vec<RunId>),
    /// There are runs, none of them up.
    Down,
    /// The list is complete and shows nothing.
    Missing,
}

/// Picks the agent's run among the sightings that match it.
///
/// Of several that are up, labeled ones win over those that only have the right mount.
pub fn presence(sightings: &[Sighting]) -> Presence {
    let up = || sightings.iter().filter(|seen| seen.state.is_up());
    let labeled: Vec<&Sighting> = up().filter(|seen| seen.labeled).collect();
    let candidates = if labeled.is_empty() { up().collect() } else { labeled };
    match candidates.as_slice() {
        [] if sightings.is_empty() => Presence::Missing,
        [] => Presence::Down,
        [only] => Presence::Up((*only).clone()),
        several => Presence::Duplicate(several.iter().map(|seen| seen.run.clone()).collect()),
    }
}
