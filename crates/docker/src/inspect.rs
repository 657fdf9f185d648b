//! One container in detail: above all when its present run started, and how the last one ended.
//!
//! The environment is not read: it holds secrets, and no decision needs it.

use std::collections::BTreeMap;

use serde::Deserialize;
use sweepd_decide::Timestamp;

use crate::convert::{bare_name, filled, instant, null_is_empty};
use crate::error::Doing;
use crate::mount::MountRow;
use crate::{Client, Error, MountPoint, RunState, names};

mod end;

pub(crate) use end::End;

/// One container, as the engine describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// The immutable id, in full.
    pub id: String,
    /// Its name, without leading slash.
    pub name: String,
    /// State.
    pub state: RunState,
    /// When its present or, if it is not running, its last run started. `None`: never, or the
    /// engine's text cannot be read. Together with the id this names one incarnation.
    pub started_at: Option<Timestamp>,
    /// When its last finished run ended; of a running container that is the run before.
    ///
    /// Not to be compared with [`Self::started_at`]: of a run that ended at once it is often some
    /// milliseconds earlier, since Docker notes the start only after the process has started.
    pub finished_at: Option<Timestamp>,
    /// Exit code of the last run. `None` while it runs and before its first run ended.
    pub exit_code: Option<i64>,
    /// Whether the kernel's memory killer was at work in the last run, by the engine's account.
    pub oom_killed: bool,
    /// How often its restart policy has restarted it.
    pub restart_count: i64,
    /// Why it could not be started, in the engine's words.
    pub error: Option<String>,
    /// Labels, the image's included.
    pub labels: BTreeMap<String, String>,
    /// Mounts.
    pub mounts: Vec<MountPoint>,
    /// The image as it was asked for.
    pub image: String,
    /// The image's id.
    pub image_id: String,
    /// The restart policy's name, e.g. `unless-stopped`; `None` if it has none.
    pub restart_policy: Option<String>,
    /// Whether the engine removes it as soon as it ends (`--rm`).
    pub auto_remove: bool,
}

impl Client {
    /// Inspects the container with this id or name.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] if there is none. Else it could not be asked: don't know.
    ///
    /// # Cancel safety
    ///
    /// Dropping it is safe at every await: it only looks.
    pub async fn inspect(&self, id: &str) -> Result<Inspected, Error> {
        Ok(self.inspect_end(id).await?.0)
    }

    /// The same, and how a run of it ends there.
    pub(crate) async fn inspect_end(&self, id: &str) -> Result<(Inspected, End), Error> {
        let id = names::reference(id)?;
        let doing = Doing("inspect container", id);
        let path = format!("/containers/{id}/json");
        let (row, engine): (Row, _) = self.look_at(&path, doing, self.options().inspect).await?;
        let end = End::of(&row, engine);
        Ok((row.into(), end))
    }
}

/// A container as engines describe it. Fields without a default have to be there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    name: String,
    state: StateRow,
    #[serde(default)]
    image: String,
    #[serde(default)]
    restart_count: i64,
    config: ConfigRow,
    #[serde(default, deserialize_with = "null_is_empty")]
    host_config: HostRow,
    #[serde(deserialize_with = "null_is_empty")]
    mounts: Vec<MountRow>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StateRow {
    status: String,
    #[serde(default)]
    exit_code: Option<i64>,
    #[serde(rename = "OOMKilled", default)]
    oom_killed: bool,
    #[serde(default)]
    error: String,
    #[serde(default)]
    started_at: String,
    #[serde(default)]
    finished_at: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConfigRow {
    #[serde(default)]
    image: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    stop_signal: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HostRow {
    auto_remove: bool,
    #[serde(deserialize_with = "null_is_empty")]
    restart_policy: PolicyRow,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct PolicyRow {
    name: String,
}

impl From<Row> for Inspected {
    fn from(row: Row) -> Self {
        let state = RunState::from_word(&row.state.status);
        let finished_at = instant(&row.state.finished_at);
        Self {
            exit_code: row.state.exit_code.filter(|_| has_ended(&state, finished_at)),
            id: row.id,
            name: bare_name(&row.name).to_owned(),
            state,
            started_at: instant(&row.state.started_at),
            finished_at,
            oom_killed: row.state.oom_killed,
            restart_count: row.restart_count,
            error: filled(row.state.error),
            labels: row.config.labels,
            mounts: row.mounts.into_iter().map(MountPoint::from).collect(),
            image: row.config.image,
            image_id: row.image,
            restart_policy: filled(row.host_config.restart_policy.name).filter(|name| name != "no"),
            auto_remove: row.host_config.auto_remove,
        }
    }
}

/// Whether the exit code means anything. Engines write 0 where there is none; a container that
/// could not be started has one, without ever having run.
fn has_ended(state: &RunState, finished_at: Option<Timestamp>) -> bool {
    match state {
        RunState::Exited | RunState::Dead | RunState::Restarting => true,
        RunState::Removing => finished_at.is_some(),
        RunState::Created | RunState::Running | RunState::Paused | RunState::Unknown(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(state: &str) -> Inspected {
        let json = format!(
            r#"{{"Id":"4f66","Name":"/x","Created":"2026-11-22T09:00:00Z","State":{state},
            "Image":"sha256:ab","RestartCount":2,"Mounts":null,
            "HostConfig":{{"AutoRemove":true,"RestartPolicy":{{"Name":"no","MaximumRetryCount":0}},
            "Isolation":"a word of the future"}},
            "Config":{{"Image":"agent:1","Labels":null,"Env":["TOKEN=secret"]}}}}"#
        );
        serde_json::from_str::<Row>(&json).unwrap().into()
    }

    #[test]
    fn a_running_container_has_a_start_and_no_exit_code() {
        let run = read(
            r#"{"Status":"running","Running":true,"ExitCode":0,"OOMKilled":false,"Error":"",
            "StartedAt":"2026-11-22T10:00:00.123456789Z","FinishedAt":"0001-01-01T00:00:00Z"}"#,
        );
        let expected = Inspected {
            id: "4f66".to_owned(),
            name: "x".to_owned(),
            state: RunState::Running,
            started_at: Some(Timestamp::from_millis(1_795_341_600_123)),
            finished_at: None,
            exit_code: None,
            oom_killed: false,
            restart_count: 2,
            error: None,
            labels: BTreeMap::new(),
            mounts: Vec::new(),
            image: "agent:1".to_owned(),
            image_id: "sha256:ab".to_owned(),
            restart_policy: None,
            auto_remove: true,
        };
        assert_eq!(run, expected);
        assert!(!format!("{run:?}").contains("secret"));
    }

    #[test]
    fn an_exited_container_has_its_code_and_both_instants() {
        let run = read(
            r#"{"Status":"exited","ExitCode":137,"OOMKilled":true,"Error":"",
            "StartedAt":"2026-11-22T10:00:00Z","FinishedAt":"2026-11-22T10:00:05.5Z"}"#,
        );
        assert_eq!(run.exit_code, Some(137));
        assert!(run.oom_killed);
        assert_eq!(run.started_at, Some(Timestamp::from_millis(1_795_341_600_000)));
        assert_eq!(run.finished_at, Some(Timestamp::from_millis(1_795_341_605_500)));
    }

    #[test]
    fn one_that_never_started_has_neither_start_nor_code_but_the_reason() {
        let run = read(
            r#"{"Status":"created","ExitCode":127,"Error":"exec: \"x\": not found",
            "StartedAt":"0001-01-01T00:00:00Z","FinishedAt":"0001-01-01T00:00:00Z"}"#,
        );
        assert_eq!((run.exit_code, run.started_at, run.finished_at), (None, None, None));
        assert_eq!(run.error.as_deref(), Some("exec: \"x\": not found"));
    }

    #[test]
    fn a_start_that_cannot_be_read_is_not_known() {
        let run = read(r#"{"Status":"running","StartedAt":"last Tuesday"}"#);
        assert_eq!(run.started_at, None);
    }

    #[test]
    fn a_restart_policy_is_named_unless_it_is_no() {
        let named = |host: &str| {
            let json = format!(
                r#"{{"Id":"a","Name":"/a","State":{{"Status":"running"}},"Config":{{}},
                "Mounts":[],"HostConfig":{host}}}"#
            );
            Inspected::from(serde_json::from_str::<Row>(&json).unwrap()).restart_policy
        };
        let policy = |name: &str| named(&format!(r#"{{"RestartPolicy":{{"Name":"{name}"}}}}"#));
        assert_eq!(policy("unless-stopped").as_deref(), Some("unless-stopped"));
        for none in [policy("no"), policy(""), named(r#"{"RestartPolicy":null}"#), named("null")] {
            assert_eq!(none, None);
        }
    }
}
