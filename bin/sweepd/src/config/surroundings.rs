//! What does the process' environment say?
//!
//! The only reader of it. Everything else is handed this, so that tests have surroundings of
//! their own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

/// What sweepd takes from around it. Empty variables count as unset.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    /// `$SWEEPD_CONFIG`.
    pub(crate) config: Option<PathBuf>,
    /// `$HOME`.
    pub(crate) home: Option<PathBuf>,
    /// `$DOCKER_HOST`.
    pub(crate) docker_host: Option<String>,
    /// Podman's socket, where it is there and Docker's is not.
    pub(crate) podman: Option<PathBuf>,
    /// `$SWEEPD_LOG`: what the daemon logs, e.g. `debug`.
    pub(crate) log: Option<String>,
    /// `$NO_COLOR` is set.
    pub(crate) no_color: bool,
    /// The IANA name of the host's time zone: `$TZ`, else the system's.
    pub(crate) zone: Option<String>,
    /// The host's name.
    pub(crate) host: Option<String>,
    /// Everything else, for the variables that the configuration names.
    pub(crate) others: Variables,
}

/// Variables by their names. Their values may be secrets, and are never shown.
#[derive(Clone, Default)]
pub(crate) struct Variables(pub(crate) BTreeMap<OsString, OsString>);

impl Variables {
    /// What the variable of this name holds.
    pub(crate) fn of(&self, name: &str) -> Option<&OsString> {
        self.0.get(OsStr::new(name)).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variables").finish_non_exhaustive()
    }
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        Self {
            config: variable("SWEEPD_CONFIG").map(PathBuf::from),
            home: variable("HOME").map(PathBuf::from),
            docker_host: variable("DOCKER_HOST").map(|host| host.to_string_lossy().into_owned()),
            podman: podman(variable("XDG_RUNTIME_DIR").map(PathBuf::from), Path::exists),
            log: variable("SWEEPD_LOG").map(|log| log.to_string_lossy().into_owned()),
            no_color: variable("NO_COLOR").is_some(),
            zone: jiff::tz::TimeZone::system().iana_name().map(str::to_owned),
            host: rustix::system::uname().nodename().to_str().ok().map(str::to_owned),
            others: Variables(std::env::vars_os().collect()),
        }
    }
}

/// Where Docker listens unless told otherwise.
pub(crate) const DOCKER_SOCKET: &str = "/var/run/docker.sock";

/// Podman's socket, a user's own before the system's, unless Docker's is there.
fn podman(runtime_dir: Option<PathBuf>, is_there: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    if is_there(Path::new(DOCKER_SOCKET)) {
        return None;
    }
    let own = runtime_dir.map(|dir| dir.join("podman/podman.sock"));
    let mut sockets = own.into_iter().chain([PathBuf::from("/run/podman/podman.sock")]);
    sockets.find(|socket| is_there(socket))
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn podman_is_taken_only_where_docker_is_not() {
        let system = "/run/podman/podman.sock";
        let own = "/run/user/1000/podman/podman.sock";
        let with = |there: &[&str]| {
            let is_there = |path: &Path| there.iter().any(|there| path == Path::new(there));
            podman(Some(PathBuf::from("/run/user/1000")), is_there)
        };
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[DOCKER_SOCKET, system]), None);
        assert_eq!(with(&[system]), Some(PathBuf::from(system)));
        assert_eq!(with(&[system, own]), Some(PathBuf::from(own)));
    }
}
