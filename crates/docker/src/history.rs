//! What became of one container, by the engine's own memory of its events.
//!
//! Evidence for people: who is told "it is gone" wants to know what removed it. No decision rests
//! on it, since engines forget.

use std::collections::VecDeque;

use sweepd_decide::Timestamp;

use crate::error::Doing;
use crate::watch::ACTIONS;
use crate::{Client, Error, Notice, names};

/// One thing that happened to a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When, by the engine's clock, to the millisecond.
    pub at: Timestamp,
    /// What, in Docker's words: create, start, kill, die, oom, stop, restart, pause, unpause,
    /// rename, destroy.
    pub action: String,
    /// The exit code, of a `die`.
    pub exit_code: Option<i64>,
    /// The number of the signal that was sent, of a `kill`. Podman does not say.
    pub signal: Option<i64>,
    /// The container's immutable id.
    pub id: String,
    /// Its name at that time, without leading slash; of a `rename` the new one.
    pub name: String,
}

impl Client {
    /// Replays what the engine remembers of the container with this name, full id or beginning of
    /// an id, from `since` to `until`, both milliseconds included, oldest first. By a name, it
    /// tells of every container that had it. Execs and health checks are left out.
    ///
    /// The newest 64 are returned. That something is not among them does not mean that it did not
    /// happen: Docker remembers only its last 256 events of any kind, and none from before its own
    /// start; Podman what is in its log or journal. `until` must not lie in the future, or the engine waits for it and the deadline
    /// passes.
    ///
    /// # Errors
    ///
    /// The engine could not be asked, or it told of something without id or time: don't know.
    ///
    /// # Cancel safety
    ///
    /// Dropping it is safe at every await: it only looks.
    pub async fn history(
        &self,
        container: &str,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Happening>, Error> {
        let container = names::reference(container)?;
        // Not filtered by container over there: engines take that for the beginning of a name.
        let mut newest = VecDeque::with_capacity(MAX_HAPPENINGS);
        let replay = self.replay(&ACTIONS, (since, until), DOING, |notice| {
            if is_about(&notice, container) {
                if newest.len() == MAX_HAPPENINGS {
                    newest.pop_front();
                }
                newest.push_back(happening(notice)?);
            }
            Ok(())
        });
        replay.await?;
        let mut happenings = Vec::from(newest);
        happenings.sort_by_key(|happening| happening.at);
        Ok(happenings)
    }
}

fn is_about(notice: &Notice, container: &str) -> bool {
    notice.name == container || (container.len() >= SHORT_ID && notice.id.starts_with(container))
}

fn happening(notice: Notice) -> Result<Happening, Error> {
    let Notice { id, name, action, at, signal, exit_code, labels: _ } = notice;
    let at = at.ok_or_else(|| Error::answer(DOING, "an event without time"))?;
    Ok(Happening { at, action, exit_code, signal: signal.map(i64::from), id, name })
}

const DOING: Doing<'static> = Doing("replay a container's history", "");

/// So much of an answer is kept: a crash loop of a day is no more evidence than its last rounds.
const MAX_HAPPENINGS: usize = 64;

/// Hex digits of an id as engines shorten it. Less than that is more likely a name.
const SHORT_ID: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(id: &str, name: &str, at: Option<i64>) -> Notice {
        Notice {
            id: id.to_owned(),
            name: name.to_owned(),
            action: "kill".to_owned(),
            at: at.map(Timestamp::from_millis),
            signal: Some(9),
            exit_code: None,
            labels: [("a".to_owned(), "b".to_owned())].into(),
        }
    }

    #[test]
    fn a_container_is_meant_by_its_whole_name_or_its_id() {
        let id = "4f66ad9b3e0c".repeat(5) + "4f66";
        let notice = notice(&id, "keeper", Some(0));
        for meant in ["keeper", &id, "4f66ad9b3e0c"] {
            assert!(is_about(&notice, meant), "{meant}");
        }
        for other in ["keep", "keeper2", "4f66", "4f66ad9b3e0d"] {
            assert!(!is_about(&notice, other), "{other}");
        }
    }

    #[test]
    fn a_happening_needs_its_time() {
        let told = happening(notice("4f66", "keeper", Some(7))).unwrap();
        assert_eq!((told.at.as_millis(), told.signal), (7, Some(9)));
        assert!(happening(notice("4f66", "keeper", None)).unwrap_err().is_unknown());
    }
}
