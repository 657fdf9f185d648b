//! Which containers ended in a span of time, by the engine's own memory of its events.
//!
//! This answers for containers that are gone (`--rm`), of which nobody can read an exit code any
//! more. `watch` is for the events to come.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sweepd_decide::Timestamp;

use crate::error::Doing;
use crate::{Client, Error, Notice};

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
    /// last 256 events of any kind, and none from before its own start; Podman what is in its log
    /// or journal, and it never tells of a lack of memory. Of more than 4,096 exits
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
        let mut newest = Newest::default();
        let replay = self.replay(&ENDS, (since, until), DOING, |notice| newest.take(notice));
        replay.await?;
        Ok(newest.exits.into())
    }
}

/// The newest exits of an answer, and which containers memory is short in.
#[derive(Default)]
struct Newest {
    exits: VecDeque<ObservedExit>,
    /// Containers in which the kernel killed something, and that have not ended since.
    short: BTreeSet<String>,
}

impl Newest {
    fn take(&mut self, notice: Notice) -> Result<(), Error> {
        if notice.action == "oom" {
            self.short.insert(notice.id);
            return Ok(());
        }
        let oom_killed = self.short.remove(&notice.id);
        if self.exits.len() == MAX_EXITS {
            self.exits.pop_front();
        }
        self.exits.push_back(ObservedExit { oom_killed, ..exit_of(notice)? });
        Ok(())
    }
}

fn exit_of(notice: Notice) -> Result<ObservedExit, Error> {
    let Notice { id, name, action: _, at, signal: _, exit_code, labels } = notice;
    let at = at.ok_or_else(|| Error::answer(DOING, "an event without time"))?;
    Ok(ObservedExit { id, name, at, exit_code, oom_killed: false, labels })
}

const DOING: Doing<'static> = Doing("replay exits", "");

/// The second is what Podman calls the first.
const ENDS: [&str; 3] = ["die", "died", "oom"];

/// So many exits are kept of one answer: sixteen times what Docker remembers.
const MAX_EXITS: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(action: &str, id: &str, at: Option<i64>) -> Notice {
        Notice {
            id: id.to_owned(),
            name: "x".to_owned(),
            action: action.to_owned(),
            at: at.map(Timestamp::from_millis),
            signal: None,
            exit_code: Some(143),
            labels: [("a".to_owned(), "b".to_owned())].into(),
        }
    }

    #[test]
    fn a_die_is_an_exit() {
        let expected = ObservedExit {
            id: "4f66".to_owned(),
            name: "x".to_owned(),
            at: Timestamp::from_millis(7),
            exit_code: Some(143),
            oom_killed: false,
            labels: [("a".to_owned(), "b".to_owned())].into(),
        };
        assert_eq!(exit_of(notice("die", "4f66", Some(7))).unwrap(), expected);
    }

    #[test]
    fn a_lack_of_memory_belongs_to_the_next_exit_of_that_container_alone() {
        let mut newest = Newest::default();
        for (action, id) in
            [("oom", "a"), ("oom", "a"), ("die", "b"), ("die", "a"), ("die", "a"), ("oom", "b")]
        {
            newest.take(notice(action, id, Some(1))).unwrap();
        }
        let seen = newest.exits.iter().map(|exit| (exit.id.as_str(), exit.oom_killed));
        assert_eq!(seen.collect::<Vec<_>>(), [("b", false), ("a", true), ("a", false)]);
    }

    #[test]
    fn an_exit_at_nobody_knows_when_is_an_error() {
        assert!(exit_of(notice("die", "a", None)).unwrap_err().is_unknown());
    }
}
