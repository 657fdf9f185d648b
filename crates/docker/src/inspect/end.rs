//! What a stop has to know of a container besides: how its runs end there.

use super::Row;
use crate::engine::Engine;

/// How runs of a container end, as its engine has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// Whose word it is.
    pub(crate) engine: Engine,
    /// Whether a SIGTERM is what the container wants to be stopped by.
    pub(crate) by_sigterm: bool,
    /// Its process has ended and the engine may yet start it again: Podman's `stopped`, of a
    /// container with a restart policy.
    pub(crate) pending: bool,
}

impl End {
    pub(super) fn of(row: &Row, engine: Engine) -> Self {
        let policy = &row.host_config.restart_policy.name;
        Self {
            engine,
            by_sigterm: matches!(row.config.stop_signal.as_str(), "" | "15" | "SIGTERM" | "TERM"),
            pending: row.state.status == "stopped" && !matches!(policy.as_str(), "" | "no"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(status: &str, signal: &str, policy: &str) -> End {
        let json = format!(
            r#"{{"Id":"a","Name":"/a","State":{{"Status":"{status}"}},"Mounts":[],
            "Config":{{"StopSignal":{signal}}},
            "HostConfig":{{"RestartPolicy":{{"Name":"{policy}"}}}}}}"#
        );
        End::of(&serde_json::from_str(&json).unwrap(), Engine::Podman)
    }

    #[test]
    fn a_sigterm_is_what_every_container_wants_that_has_no_other_wish() {
        for (signal, wanted) in [
            ("null", true),
            (r#""""#, true),
            (r#""15""#, true),
            (r#""SIGTERM""#, true),
            (r#""2""#, false),
            (r#""SIGUSR1""#, false),
        ] {
            assert_eq!(end("running", signal, "no").by_sigterm, wanted, "{signal}");
        }
    }

    #[test]
    fn only_what_podman_may_start_again_is_pending() {
        for (status, policy, pending) in [
            ("stopped", "always", true),
            ("stopped", "on-failure", true),
            ("stopped", "no", false),
            ("stopped", "", false),
            ("exited", "always", false),
            ("running", "always", false),
        ] {
            assert_eq!(end(status, "null", policy).pending, pending, "{status} {policy}");
        }
    }
}
