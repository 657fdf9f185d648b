//! In which state an engine says a container is.

use std::fmt;

/// A container's state, in Docker's words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "new words of engines come as `Unknown`")]
pub enum RunState {
    /// Created, never started. Podman's `configured` and `initialized` too.
    Created,
    /// Its process runs. Podman's `stopping` too: asked to end, and not ended yet.
    Running,
    /// Between two runs, by its restart policy.
    Restarting,
    /// Somebody paused it: the process exists and does not get to run.
    Paused,
    /// Its process ended. Podman's `stopped` too: ended, and not cleaned up yet.
    Exited,
    /// Ended, and the engine failed to remove it.
    Dead,
    /// Being removed.
    Removing,
    /// A word we don't know. Neither running nor stopped.
    Unknown(String),
}

impl RunState {
    /// Reads the engine's word.
    pub(crate) fn from_word(word: &str) -> Self {
        match word {
            "created" | "configured" | "initialized" => Self::Created,
            "running" | "stopping" => Self::Running,
            "restarting" => Self::Restarting,
            "paused" => Self::Paused,
            "exited" | "stopped" => Self::Exited,
            "dead" => Self::Dead,
            "removing" => Self::Removing,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Whether it counts as running: also when it is restarting or paused.
    ///
    /// Not the opposite of [`Self::is_stopped`]: of an unknown state neither is true.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Running | Self::Restarting | Self::Paused => true,
            Self::Created | Self::Exited | Self::Dead | Self::Removing | Self::Unknown(_) => false,
        }
    }

    /// Whether it counts as stopped: created, exited, dead or being removed.
    pub fn is_stopped(&self) -> bool {
        match self {
            Self::Created | Self::Exited | Self::Dead | Self::Removing => true,
            Self::Running | Self::Restarting | Self::Paused | Self::Unknown(_) => false,
        }
    }
}

/// Docker's word.
impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Restarting => "restarting",
            Self::Paused => "paused",
            Self::Exited => "exited",
            Self::Dead => "dead",
            Self::Removing => "removing",
            Self::Unknown(word) => word,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_running_or_stopped_or_neither() {
        let cases = [
            ("created", "created", false, true),
            ("configured", "created", false, true),
            ("initialized", "created", false, true),
            ("running", "running", true, false),
            ("stopping", "running", true, false),
            ("restarting", "restarting", true, false),
            ("paused", "paused", true, false),
            ("exited", "exited", false, true),
            ("stopped", "exited", false, true),
            ("dead", "dead", false, true),
            ("removing", "removing", false, true),
            ("", "", false, false),
            ("Running", "Running", false, false),
            ("bad state", "bad state", false, false),
        ];
        for (word, shown, running, stopped) in cases {
            let state = RunState::from_word(word);
            assert_eq!(state.to_string(), shown, "{word:?}");
            assert_eq!(state.is_running(), running, "{word:?}");
            assert_eq!(state.is_stopped(), stopped, "{word:?}");
        }
    }
}
