//! What the engine said of one container, read from one line of its events.

use std::collections::BTreeMap;

use serde::Deserialize;
use sweepd_decide::Timestamp;

use crate::Error;
use crate::convert::{EXIT_CODE, from_nanos, from_secs, null_is_empty, take_number};
use crate::error::Doing;

/// What the engine said of one container: worth a look, and no more than that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The container's immutable id.
    pub id: String,
    /// Its name, without leading slash. Empty if the engine does not say.
    pub name: String,
    /// What happened, in Docker's words, e.g. `start`, `die`, `destroy`. More may come.
    pub action: String,
    /// When, by the engine's clock, to the millisecond.
    pub at: Option<Timestamp>,
    /// The number of the signal that was sent, of a `kill`. Podman does not say.
    pub signal: Option<i32>,
    /// The exit code, of a `die`.
    pub exit_code: Option<i64>,
    /// Its labels. Engines mix some attributes of their own among them; `image`, `name`, `podId`, the
    /// signal and the exit code are taken out.
    pub labels: BTreeMap<String, String>,
}

impl Notice {
    pub(super) fn read(line: &[u8], doing: Doing<'_>) -> Result<Self, Error> {
        let event: Event = serde_json::from_slice(line).map_err(|why| Error::answer(doing, why))?;
        let Actor { id, attributes: mut labels } = event.actor;
        if id.is_empty() {
            return Err(Error::answer(doing, "an event without id"));
        }
        let action = match event.action.as_str() {
            "died" => "die".to_owned(),
            "remove" => "destroy".to_owned(),
            _ => event.action,
        };
        let signal = if action == "kill" { take_number(&mut labels, ["signal"]) } else { None };
        let exit_code = if action == "die" { take_number(&mut labels, EXIT_CODE) } else { None };
        // Podman has its own with everything that happens.
        for attribute in ["image", "podId", "containerExitCode"] {
            labels.remove(attribute);
        }
        Ok(Self {
            id,
            name: labels.remove("name").unwrap_or_default(),
            at: event.time_nano.map(from_nanos).or_else(|| event.time.map(from_secs)),
            signal,
            exit_code,
            action,
            labels,
        })
    }
}

#[derive(Debug, Deserialize)]
struct Event {
    #[serde(rename = "Action")]
    action: String,
    #[serde(rename = "Actor")]
    actor: Actor,
    time: Option<i64>,
    #[serde(rename = "timeNano")]
    time_nano: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Actor {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Attributes", default, deserialize_with = "null_is_empty")]
    attributes: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Notice, Error> {
        Notice::read(json.as_bytes(), Doing("follow events", ""))
    }

    #[test]
    fn a_die_of_docker_has_all_there_is() {
        let notice = read(
            r#"{"status":"die","id":"4f66","from":"agent:1","Type":"container","Action":"die",
            "Actor":{"ID":"4f66","Attributes":{"exitCode":"143","image":"agent:1","name":"x",
            "sweepd.agent":"nanoclaw/ag-1/sess-1","signal":"a label"}},"scope":"local",
            "time":1795341600,"timeNano":1795341600007999999}"#,
        );
        let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let expected = Notice {
            id: "4f66".to_owned(),
            name: "x".to_owned(),
            action: "die".to_owned(),
            at: Some(Timestamp::from_millis(1_795_341_600_007)),
            signal: None,
            exit_code: Some(143),
            labels: [label("sweepd.agent", "nanoclaw/ag-1/sess-1"), label("signal", "a label")]
                .into(),
        };
        assert_eq!(notice.unwrap(), expected);
    }

    #[test]
    fn a_kill_has_its_signal_and_what_nobody_knows_yet_is_a_notice_too() {
        let event = |action: &str, attributes: &str| {
            let actor = format!(r#"{{"ID":"a","Attributes":{attributes}}}"#);
            read(&format!(r#"{{"Action":"{action}","Actor":{actor},"New":[7]}}"#)).unwrap()
        };
        assert_eq!(event("kill", r#"{"signal":"9"}"#).signal, Some(9));
        assert_eq!(event("kill", r#"{"signal":"SIGKILL"}"#).signal, None);
        let checkpoint = event("checkpoint", "null");
        assert_eq!((checkpoint.id.as_str(), checkpoint.action.as_str()), ("a", "checkpoint"));
        assert_eq!((checkpoint.at, checkpoint.name.as_str()), (None, ""));
    }

    #[test]
    fn podman_s_words_and_whole_seconds_are_understood() {
        let notice = read(
            r#"{"Action":"died","time":1795341600,
            "Actor":{"ID":"4f66","Attributes":{"exitCode":"","containerExitCode":"0","podId":""}}}"#,
        )
        .unwrap();
        assert_eq!((notice.action.as_str(), notice.exit_code), ("die", Some(0)));
        assert_eq!((notice.at, notice.labels.len()), (Some(from_secs(1_795_341_600)), 0));
        let removed = r#"{"Action":"remove","Actor":{"ID":"4f66","Attributes":{
            "containerExitCode":"0","podId":""}}}"#;
        let removed = read(removed).unwrap();
        assert_eq!((removed.action.as_str(), removed.exit_code), ("destroy", None));
        assert_eq!(removed.labels.len(), 0);
    }

    #[test]
    fn what_says_of_no_container_is_an_error() {
        for torn in [
            "{",
            "<html>",
            r#"{"Action":"die","Actor":{"ID":""}}"#,
            r#"{"Action":"die","Actor":{}}"#,
            r#"{"Actor":{"ID":"a"}}"#,
            r#"{"cause":"no journal","message":"no journal","response":500}"#,
        ] {
            assert!(matches!(read(torn), Err(Error::Answer { .. })), "{torn}");
        }
    }
}
