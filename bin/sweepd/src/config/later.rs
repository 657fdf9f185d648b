//! Which parts of the configuration does this version not have yet?
//!
//! They are documented, so a file may well hold them; but a table that is silently ignored is a
//! probe that never looks. So they are errors of their own, not unknown keys.

/// A table of a later version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Later {
    /// Its path, without the numbers of lists.
    pub(crate) path: &'static str,
    /// How it is written.
    pub(crate) header: &'static str,
    /// What it would configure, and the verb that goes with it.
    what: &'static str,
}

/// All of them.
pub(crate) const LATER: [Later; 2] = [
    Later { path: "probe", header: "[[probe]]", what: "probes are" },
    Later { path: "http", header: "[http]", what: "the HTTP interface is" },
];

impl Later {
    /// The table at a path without numbers.
    pub(crate) fn find(path: &str) -> Option<Self> {
        LATER.into_iter().find(|later| later.path == path)
    }

    /// What is told about it.
    pub(crate) fn told(self) -> String {
        let Self { header, what, .. } = self;
        format!("{header}: {what} not part of this version of sweepd ({VERSION}); remove the table")
    }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");
