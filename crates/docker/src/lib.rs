//! Docker and Podman engines behind sweepd's own types.
//!
//! [`Client`] looks at containers, starts and stops them, follows what happens to them, reads what
//! is left of them, and makes them again when nothing is. It never decides: every call answers one question or does one thing, once,
//! and says what came of it.
//!
//! # Theory of operation
//!
//! * **Not knowing is an answer.** Every call has its own deadline ([`Options`]). A deadline that
//!   passed, a broken connection and an answer that makes no sense are errors for which
//!   [`Error::is_unknown`] holds: nothing may be concluded from them, about any container. "There
//!   is no such container" is a different thing, [`Error::Gone`].
//! * **No retries**, no fallback to another engine, no environment, no clock, no task that
//!   outlives its call. Retrying is the caller's decision; [`Error::retry`] says what is sensible.
//! * **Destructive calls name immutable ids.** A late stop cannot hit the container that took over
//!   a name, and [`Stop::started_at`] keeps it off a later run of the same container.
//! * **The looks are decoded here, the verbs go through bollard.** `list`, `inspect` and `version`
//!   are read with our own tolerant types, because bollard's are closed: one container in a state
//!   that it has no word for (Podman lists `stopped`) would make the whole list unreadable, and
//!   bollard writes whole answers, environment included, to its debug log. `watch` is read here
//!   too, for reasons of its own.
//! * **Events are hints.** [`Client::watch`] says which container is worth a look, sooner than the
//!   next list would. Engines drop events, so no conclusion rests on one, or on there being none.
//! * **What was lost can be made again.** [`Client::learn`] turns a container into a [`Blueprint`]
//!   while it is there; [`Client::rebuild`] makes a container of one. A blueprint holds what the
//!   container was given and not what it got, nor what its image says anyway; the rest is kept in
//!   the engine's own words, so that an option nobody here has heard of comes back too. What comes
//!   back otherwise than it was is in the notes; of what was only in the container, not in a mount,
//!   nothing does.
//! * **Paths carry no API version**, so every engine answers in its newest dialect. bollard sends
//!   them so whatever version it has negotiated, and for a daemon that lives for months it is the
//!   safer way: a version pinned at the start is refused once the engine is upgraded past it.
//!   [`Client::version`] says who answers.
//!
//! # Podman
//!
//! The same calls serve Podman's compatible API (`unix:///run/podman/podman.sock`), 4.3 and newer,
//! with the same results as far as that goes; `docs/reference/engines.md` has the rest. Every answer
//! says who gives it, and where Podman would answer otherwise it is asked otherwise:
//!
//! * Names are compared in code, never by an anchored name filter, which matches nothing there.
//!   States `stopped`, `stopping` and `initialized` are mapped ([`RunState`]); events `died` and
//!   `remove` are `die` and `destroy`, and the exit code has another key.
//! * Past events are asked for without an end, and cut here: with one in the past it answers less
//!   than it remembers, or nothing.
//! * A path of the host that is missing is refused here before a container is created, since it
//!   would be created too.
//! * What is learned is put into words that it takes back, and what it has filled in is left out.
//! * Where a restart policy would bring back what a signal has ended, it is told to stop it. What
//!   is paused is told to go on, so that it gets its signal.
//! * The exit code of one that removed itself comes from its events: `wait` says 0 of it.
//! * A half-made container is removed without any volume: it would take nameless ones along that
//!   were mounted by their names.
//!
//! # Logging
//!
//! This crate logs nothing. bollard logs through the `log` crate, request bodies with their
//! environment at `debug`: a program that collects `log` records has to cap the target `bollard`
//! at `info`.
//!
//! # Example
//!
//! ```no_run
//! use sweepd_docker::{Client, Error, Options, Stop};
//!
//! # async fn example() -> Result<(), Error> {
//! let docker = Client::connect(Options::default())?;
//! for container in docker.list().await? {
//!     if container.state.is_running() && container.is_named("sweepd-example") {
//!         let run = docker.inspect(&container.id).await?;
//!         let order = Stop { started_at: run.started_at, ..Stop::default() };
//!         let exit = docker.stop(&container.id, &order).await?;
//!         assert!(exit.code.is_some() || exit.gone || exit.restarted);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod blueprint;
mod client;
mod convert;
mod engine;
mod error;
mod exits;
mod get;
mod history;
mod inspect;
pub mod labels;
mod learn;
mod list;
mod logs;
mod look;
mod mount;
mod names;
mod options;
mod rebuild;
mod remove;
mod replay;
mod source;
mod start;
mod state;
mod stop;
mod watch;

pub use blueprint::{Blueprint, Mount, Restart};
pub use client::{Client, Version};
pub use error::{Error, Lacking, Retry};
pub use exits::ObservedExit;
pub use history::Happening;
pub use inspect::Inspected;
pub use list::Listed;
pub use logs::{LogLine, LogStream, Logs};
pub use mount::{Bind, MountKind, MountPoint};
pub use options::Options;
pub use rebuild::Rebuilt;
pub use start::{Spec, Started};
pub use state::RunState;
pub use stop::{Exit, Stop};
pub use watch::{Notice, Watch};
