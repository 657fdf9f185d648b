//! What is mounted into a container: as seen, and as asked for.

use serde::{Deserialize, Serialize};

use crate::convert::filled;

/// A mount of an existing container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountPoint {
    /// What kind of mount.
    pub kind: MountKind,
    /// Where it comes from on the host. As the container was given it: not canonical.
    pub source: String,
    /// Where it is in the container.
    pub destination: String,
    /// The volume's name, of a volume.
    pub name: Option<String>,
    /// Whether the container may write to it.
    pub writable: bool,
}

/// What kind of mount. Written down in the engine's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[expect(clippy::exhaustive_enums, reason = "new kinds come as `Other`")]
pub enum MountKind {
    /// A path of the host.
    Bind,
    /// A named or anonymous volume.
    Volume,
    /// Memory.
    Tmpfs,
    /// Anything else, in the engine's word.
    Other(String),
}

impl From<String> for MountKind {
    fn from(word: String) -> Self {
        match word.as_str() {
            "bind" => Self::Bind,
            "volume" => Self::Volume,
            "tmpfs" => Self::Tmpfs,
            _ => Self::Other(word),
        }
    }
}

impl From<MountKind> for String {
    fn from(kind: MountKind) -> Self {
        match kind {
            MountKind::Bind => "bind".to_owned(),
            MountKind::Volume => "volume".to_owned(),
            MountKind::Tmpfs => "tmpfs".to_owned(),
            MountKind::Other(word) => word,
        }
    }
}

/// A path of the host to be mounted into a new container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// Absolute path on the host. It has to exist: a missing one is an error, never created.
    pub source: String,
    /// Absolute path in the container.
    pub target: String,
    /// Whether the container may only read it.
    pub read_only: bool,
}

/// A mount as engines write it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MountRow {
    #[serde(rename = "Type", default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) destination: String,
    #[serde(default)]
    pub(crate) driver: String,
    #[serde(default)]
    pub(crate) propagation: String,
    #[serde(rename = "RW", default)]
    pub(crate) rw: bool,
}

impl From<MountRow> for MountPoint {
    fn from(row: MountRow) -> Self {
        Self {
            kind: row.kind.into(),
            source: row.source,
            destination: row.destination,
            name: filled(row.name),
            writable: row.rw,
        }
    }
}

/// A path without slashes at its end.
pub(crate) fn plain(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => path,
        plain => plain,
    }
}
