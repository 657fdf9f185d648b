//! Which containers ended in a span of time, by the engine's own memory of its events.
//!
//! This answers for containers that are gone (`--rm`), of which nobody can read an exit code any
//! more. `watch` is for the events to come.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::TryStreamExt;
use sweepd_decide::Timestamp;

use crate::convert::{EXIT_CODE, first_nano, from_nanos, from_secs, last_nano, take_number};
use crate::error::Doing;
use crate::{Client, Error};

/// The end of one run, as the engine recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedExit {
    /// The container's immutable id.
    pub id: String,
    /// Its name, without leading slash.
    pub name: String,
    /// When the engine saw it end, to the millisecond.
    pub at: Timestamp,
    /// Its exit code, if the engine recorded one.
    pub exit_code: Option<i64>,
    /// The kernel killed something in it for want of memory, within the span that was replayed.
    pub oom_killed: bool,
    /// Its labels. Engines mix some attributes of their own among them; `image`, `name` and the
    /// exit code are taken out.
    pub labels: BTreeMap<String, String>,
}

impl Client {
    /// Replays the exits from `since` to `until`, both milliseconds included, oldest first.
    ///
    /// An exit that is not among them may have happened all the same: Docker remembers only its
    /// last 256 events of any kind, and none from before its own start. Of more than 4,096 exits
    /// the newest are returned. `until` must not lie in the future, or the engine waits for it and
    /// the deadline passes. Two calls that share an instant may both report an exit at it.
    ///
    /// # Errors
    ///
    /// The engine could not be asked, or it recorded an exit without id or time: don't know.
    ///
    /// # Cancel safety
    ///
    /// Dropping it is safe at every await: it only looks.
    pub async fn exits_since(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<ObservedExit>, Error> {
        let filters = [("type", vec!["container"]), ("event", vec!["die", "oom"])];
        let options = EventsOptionsBuilder::default()
            .since(&first_nano(since))
            .until(&last_nano(until))
            .filters(&filters.into())
            .build();
        let doing = Doing("replay exits", "");
        let events = self.verb(doing, self.options().events, |docker| async move {
            let events = docker.events(Some(options));
            events
                .try_fold(Newest::default(), async |mut newest, event| {
                    newest.take(event);
                    Ok(newest)
                })
                .await
        });
        events.await.map_err(Error::never_gone)?.exits(doing)
    }
}

/// The newest exits of an answer, and which of them memory was the end of.
#[derive(Default)]
struct Newest {
    exits: VecDeque<(EventMessage, bool)>,
    /// Containers in which the kernel killed something, and that have not ended since.
    short: BTreeSet<String>,
}

impl Newest {
    fn take(&mut self, event: EventMessage) {
        let id = event.actor.as_ref().and_then(|actor| actor.id.clone()).unwrap_or_default();
        if event.action.as_deref() == Some("oom") {
            self.short.insert(id);
            return;
        }
        if self.exits.len() == MAX_EXITS {
            self.exits.pop_front();
        }
        self.exits.push_back((event, self.short.remove(&id)));
    }

    fn exits(self, doing: Doing<'_>) -> Result<Vec<ObservedExit>, Error> {
        let exit = |(event, oom_killed)| Ok(ObservedExit { oom_killed, ..exit_of(event, doing)? });
        self.exits.into_iter().map(exit).collect()
    }
}

fn exit_of(event: EventMessage, doing: Doing<'_>) -> Result<ObservedExit, Error> {
    let at = event.time_nano.map(from_nanos).or_else(|| event.time.map(from_secs));
    let actor = event.actor.unwrap_or_default();
    let (Some(id), Some(at)) = (actor.id, at) else {
        return Err(Error::answer(doing, "an event without id or time"));
    };
    let mut labels: BTreeMap<_, _> = actor.attributes.unwrap_or_default().into_iter().collect();
    labels.remove("image");
    let name = labels.remove("name").unwrap_or_default();
    let exit_code = take_number(&mut labels, EXIT_CODE);
    Ok(ObservedExit { id, name, at, exit_code, oom_killed: false, labels })
}

/// So many exits are kept of one answer: sixteen times what Docker remembers.
const MAX_EXITS: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<ObservedExit, Error> {
        exit_of(serde_json::from_str(json).unwrap(), Doing("replay exits", ""))
    }

    #[test]
    fn a_die_event_of_docker_is_an_exit() {
        let exit = read(
            r#"{"status":"die","id":"4f66","from":"agent:1","Type":"container","Action":"die",
            "Actor":{"ID":"4f66","Attributes":{"exitCode":"143","image":"agent:1","name":"x",
            "sweepd.agent":"nanoclaw/ag-1/sess-1"}},"scope":"local","time":1795341600,
            "timeNano":1795341600007999999}"#,
        );
        let expected = ObservedExit {
            id: "4f66".to_owned(),
            name: "x".to_owned(),
            at: Timestamp::from_millis(1_795_341_600_007),
            exit_code: Some(143),
            oom_killed: false,
            labels: [("sweepd.agent".to_owned(), "nanoclaw/ag-1/sess-1".to_owned())].into(),
        };
        assert_eq!(exit.unwrap(), expected);
    }

    #[test]
    fn podman_s_exit_code_has_its_own_key_and_whole_seconds_do() {
        let exit = read(
            r#"{"Type":"container","Action":"die","time":1795341600,
            "Actor":{"ID":"4f66","Attributes":{"containerExitCode":"0","name":"x"}}}"#,
        )
        .unwrap();
        assert_eq!((exit.exit_code, exit.at), (Some(0), from_secs(1_795_341_600)));
    }

    #[test]
    fn a_lack_of_memory_belongs_to_the_next_exit_of_that_container_alone() {
        let mut newest = Newest::default();
        for (action, id) in
            [("oom", "a"), ("oom", "a"), ("die", "b"), ("die", "a"), ("die", "a"), ("oom", "b")]
        {
            newest.take(
                serde_json::from_value(serde_json::json!(
                    {"Type": "container", "Action": action, "time": 1, "Actor": {"ID": id}}
                ))
                .unwrap(),
            );
        }
        let exits = newest.exits(Doing("replay exits", "")).unwrap();
        let seen: Vec<_> = exits.iter().map(|exit| (exit.id.as_str(), exit.oom_killed)).collect();
        assert_eq!(seen, [("b", false), ("a", true), ("a", false)]);
    }

    #[test]
    fn an_exit_nobody_can_be_charged_with_is_an_error() {
        for torn in [r#"{"time":1,"Actor":{"Attributes":{}}}"#, r#"{"Actor":{"ID":"a"}}"#] {
            assert!(matches!(read(torn), Err(Error::Answer { .. })), "{torn}");
        }
    }
}
