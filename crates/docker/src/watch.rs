//! The engine's events to come, as hints of which container is worth a look.
//!
//! Not through bollard: it connects at the first event only, glues a torn line to the next one, and
//! keeps a line without end in memory.

use http_body_util::BodyExt;
use sweepd_decide::Timestamp;

use crate::convert::first_nano;
use crate::engine::Engine;
use crate::error::Doing;
use crate::get::Answer;
use crate::{Client, Error};

mod lines;
mod notice;

use lines::Lines;
pub use notice::Notice;

/// A stream of notices, and the connection it comes on. Dropping it hangs up.
#[derive(Debug)]
pub struct Watch {
    /// `None` once the engine has closed the stream.
    answer: Option<Answer>,
    engine: Engine,
    lines: Lines,
    doing: Doing<'static>,
}

impl Client {
    /// Follows what happens to containers: create, start, die, oom, kill, stop, restart, pause,
    /// unpause, rename, destroy. Execs and health checks are left out by the engine.
    ///
    /// Returns when the engine has accepted, within [`Options::events`](crate::Options::events).
    ///
    /// With `since`, what happened from that millisecond on is told first. Give an instant shortly
    /// before this call, and list after it: engines accept a moment before they listen, and
    /// without `since` what happens in that moment is in neither list nor stream.
    ///
    /// **Hints, not a record.** Docker remembers its last 256 events of any kind, none from before
    /// its own start. For a reader that is 1,024 behind it drops them without a word, after 100 ms
    /// of holding everything up. An engine that hangs is as silent as one to which nothing happens.
    /// So list from time to time too.
    ///
    /// # Errors
    ///
    /// The engine could not be asked, or refused.
    ///
    /// # Cancel safety
    ///
    /// Dropping it is safe at every await: it only looks.
    pub async fn watch(&self, since: Option<Timestamp>) -> Result<Watch, Error> {
        let since = since.map(|at| format!("&since={}", first_nano(at))).unwrap_or_default();
        let path = format!("/events?filters={}{since}", filters(&ACTIONS));
        self.events(&path, Doing("follow events", "")).await
    }

    /// Opens a stream of events.
    pub(crate) async fn events(&self, path: &str, doing: Doing<'static>) -> Result<Watch, Error> {
        let answer = self.open(path, doing, self.options().events);
        let answer = answer.await.map_err(Error::never_gone)?;
        let engine = answer.engine();
        Ok(Watch { answer: Some(answer), engine, lines: Lines::default(), doing })
    }
}

impl Watch {
    /// Who tells.
    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// Waits for the next notice, without deadline. `None`: the stream is over, and stays so; watch
    /// anew, then list everything.
    ///
    /// Nothing is read while nobody waits here, so come back soon. At most 1 MiB of a line is kept,
    /// and one chunk of the stream.
    ///
    /// # Errors
    ///
    /// Something was not understood ([`Error::Answer`]) and left out, or the connection broke
    /// ([`Error::Transport`]): any container may be worth a look, so list everything. The watch can
    /// be used on. It goes on after what was left out; after a broken connection, which is how an
    /// engine that is stopped ends it, comes `None`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: the next call goes on where it was.
    pub async fn next(&mut self) -> Result<Option<Notice>, Error> {
        loop {
            if let Some(line) = self.lines.cut() {
                let line = line.map_err(|why| Error::answer(self.doing, why))?;
                return Notice::read(&line, self.doing).map(Some);
            }
            let Some(answer) = &mut self.answer else { return Ok(None) };
            match answer.frame().await {
                Some(Ok(frame)) => self.lines.feed(frame.into_data().unwrap_or_default()),
                Some(Err(broken)) => {
                    self.answer = None;
                    return Err(Error::transport(self.doing, broken));
                }
                None => {
                    self.answer = None;
                    self.lines.end();
                }
            }
        }
    }
}

/// What to tell of, as the engine's filter in a query: `{"type":["container"],"event":[…]}`.
pub(crate) fn filters(actions: &[&str]) -> String {
    let actions: Vec<_> = actions.iter().map(|action| format!("%22{action}%22")).collect();
    let actions = actions.join("%2C");
    format!("%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B{actions}%5D%7D")
}

/// All that a container can do. The last two are what Podman calls `die` and `destroy`.
pub(crate) const ACTIONS: [&str; 13] = [
    "create", "start", "die", "oom", "kill", "stop", "restart", "pause", "unpause", "rename",
    "destroy", "died", "remove",
];
