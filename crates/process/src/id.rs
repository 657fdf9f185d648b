//! What one run of a host process is called for good: pid, start and boot.
//!
//! Nothing is looked up here; whether an id still names a living process is a look's answer.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sweepd_decide::RunId;

/// One run of a host process. A successor with the same pid has another start or another boot.
///
/// As text, in a state DB and as a [`RunId`]: `pid:<pid>@<start>@<boot id>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProcessId {
    pid: i32,
    start_ticks: u64,
    boot_id: String,
}

/// The text is no [`ProcessId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read `{text}` as a process id (`pid:<pid>@<start>@<boot id>`)")]
pub struct ParseIdError {
    text: String,
}

impl ProcessId {
    /// Names a run; `None` for pids that name more than one process (0, negative) or `init`, to
    /// whom nothing here may ever send a signal.
    pub fn new(pid: i32, start_ticks: u64, boot_id: impl Into<String>) -> Option<Self> {
        let boot_id = boot_id.into();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let valid = pid > 1 && !boot_id.is_empty() && boot_id.chars().all(plain);
        valid.then_some(Self { pid, start_ticks, boot_id })
    }

    /// The pid, which is also the id of the process group it leads. Above 1.
    pub const fn pid(&self) -> i32 {
        self.pid
    }

    /// When it started, in clock ticks since boot: field 22 of `/proc/<pid>/stat`.
    pub const fn start_ticks(&self) -> u64 {
        self.start_ticks
    }

    /// The boot it ran in: `/proc/sys/kernel/random/boot_id`.
    pub fn boot_id(&self) -> &str {
        &self.boot_id
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid:{}@{}@{}", self.pid, self.start_ticks, self.boot_id)
    }
}

impl FromStr for ProcessId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).ok_or_else(|| ParseIdError { text: text.into() })
    }
}

impl TryFrom<String> for ProcessId {
    type Error = ParseIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<&RunId> for ProcessId {
    type Error = ParseIdError;

    fn try_from(run: &RunId) -> Result<Self, Self::Error> {
        run.as_str().parse()
    }
}

impl From<ProcessId> for String {
    fn from(id: ProcessId) -> Self {
        id.to_string()
    }
}

impl From<&ProcessId> for RunId {
    fn from(id: &ProcessId) -> Self {
        Self::new(id.to_string())
    }
}

fn read(text: &str) -> Option<ProcessId> {
    let mut parts = text.strip_prefix("pid:")?.splitn(3, '@');
    let pid = parts.next()?.parse().ok()?;
    let start_ticks = parts.next()?.parse().ok()?;
    ProcessId::new(pid, start_ticks, parts.next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_an_id_reads_back_as_the_id() {
        let id = ProcessId::new(123, 456_789, "0d4a-11").unwrap();
        assert_eq!(id.to_string(), "pid:123@456789@0d4a-11");
        assert_eq!(id.to_string().parse(), Ok(id.clone()));
        assert_eq!(ProcessId::try_from(&RunId::from(&id)), Ok(id.clone()));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, r#""pid:123@456789@0d4a-11""#);
        assert_eq!(serde_json::from_str::<ProcessId>(&json).unwrap(), id);
    }

    #[test]
    fn ids_that_could_name_a_crowd_are_refused() {
        for text in ["pid:0@1@b", "pid:1@1@b", "pid:-1@1@b", "pid:-7@1@b"] {
            assert!(text.parse::<ProcessId>().is_err(), "{text}");
        }
    }

    #[test]
    fn broken_texts_are_refused() {
        for text in
            ["", "pid:", "7@1@b", "pid:7", "pid:7@1", "pid:7@1@", "pid:7@-1@b", "pid:7@1@b@c"]
        {
            let error = text.parse::<ProcessId>().unwrap_err();
            assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
        }
    }
}
