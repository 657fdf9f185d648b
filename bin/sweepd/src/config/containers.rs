//! A `[[source]]` of kind `containers`.

use std::path::PathBuf;
use std::time::Duration;

use sweepd_decide::keep::{KeepPolicy, Recreate};
use sweepd_sweep::adapters::Declared;

use super::Mode;

/// Containers that are expected to be up at all times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Containers {
    /// Its number among all `[[source]]` tables.
    pub(crate) nth: usize,
    /// What its agents' ids start with. No `/` in it.
    pub(crate) name: String,
    /// What sweepd may do to them.
    pub(crate) mode: Mode,
    /// What all their names begin with.
    pub(crate) prefix: Option<String>,
    /// The image of those of which no other is known.
    pub(crate) default_image: Option<String>,
    /// What is done about one that is stopped.
    pub(crate) on_stopped: OnStopped,
    /// Whether one that is missing is made anew.
    pub(crate) recreate: Recreate,
    /// When one with our label that is nobody's is removed. `None`: never.
    pub(crate) remove_orphans: Option<Duration>,
    /// Somebody's list of them.
    pub(crate) registry: Option<Registry>,
    /// Those that the file names itself.
    pub(crate) fixed: Vec<Container>,
}

/// A `[source.registry]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registry {
    /// The SQLite file. Absolute.
    pub(crate) path: PathBuf,
    /// One SELECT.
    pub(crate) query: String,
}

/// A `[[source.container]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Container {
    pub(crate) name: String,
    pub(crate) enabled: bool,
    /// What it is to be made of, as far as that is said.
    pub(crate) declared: Declared,
    /// `None`: the source's.
    pub(crate) on_stopped: Option<OnStopped>,
    /// `None`: the source's.
    pub(crate) recreate: Option<Recreate>,
}

/// What is done about a container that its restart policy does not bring back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum OnStopped {
    /// It is told.
    #[default]
    Report,
    /// It is started.
    Start,
}

/// The words for that in the file.
pub(crate) const RECREATE: [(&str, Recreate); 3] =
    [("own", Recreate::Own), ("always", Recreate::Always), ("never", Recreate::Never)];

impl OnStopped {
    pub(crate) const ALL: [(&'static str, Self); 2] =
        [("report", Self::Report), ("start", Self::Start)];

    /// As the file has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Start => "start",
        }
    }
}

impl Containers {
    /// What one of them is held to.
    pub(crate) fn policy(&self, own: Option<&Container>) -> KeepPolicy {
        let on_stopped = own.and_then(|own| own.on_stopped).unwrap_or(self.on_stopped);
        let mut policy = KeepPolicy::default();
        policy.start_stopped = on_stopped == OnStopped::Start;
        policy.recreate = own.and_then(|own| own.recreate).unwrap_or(self.recreate);
        policy
    }
}
