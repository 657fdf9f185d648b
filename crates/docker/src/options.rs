//! Which engine to talk to, and how long to wait for each kind of answer.

use std::time::Duration;

/// Where the engine listens, and the deadline of each call.
///
/// A deadline covers the whole call, from connecting to the last byte of the answer. One that has
/// passed means "don't know", not "no".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// `unix://` and the absolute path of the engine's socket. Other schemes are refused.
    pub host: String,
    /// For the list of all containers. 5 s.
    pub list: Duration,
    /// For inspecting one container, and for asking the engine's version. 2 s.
    pub inspect: Duration,
    /// For creating a container, and again for starting it. 30 s: an image on a slow disk.
    pub start: Duration,
    /// For sending a signal and for removing a container. 10 s.
    ///
    /// A SIGKILL has `Stop::exit_within` instead: engines answer it only when the process is gone.
    pub call: Duration,
    /// For reading the tail of a log. 2 s: an autopsy has no more.
    pub logs: Duration,
    /// For replaying past events, and for being let in to those to come. 5 s.
    pub events: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: "unix:///var/run/docker.sock".to_owned(),
            list: Duration::from_secs(5),
            inspect: Duration::from_secs(2),
            start: Duration::from_secs(30),
            call: Duration::from_secs(10),
            logs: Duration::from_secs(2),
            events: Duration::from_secs(5),
        }
    }
}
