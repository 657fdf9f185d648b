//! What can go wrong with a call, and what that says about trying again.
//!
//! No engine's or library's error type shows: foreign errors are boxed as the source.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use sweepd_decide::Timestamp;

use crate::Inspected;

mod lacking;

pub use lacking::Lacking;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a call did not do what it was asked to.
///
/// `doing` names the call and its object, e.g. `inspect container 4f66ad9b3e0c`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configured host cannot be used. Found by [`Client::connect`](crate::Client::connect).
    #[error("cannot use docker host `{host}`: {reason}")]
    Host {
        /// The host as configured.
        host: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The id or name given cannot be one; nothing was asked of the engine.
    #[error("`{given}` is not {wanted}")]
    Name {
        /// What was given.
        given: String,
        /// What would have done.
        wanted: &'static str,
    },
    /// A text of a declared blueprint cannot be understood; nothing was asked of the engine.
    #[error("`{given}` cannot be used: {wrong}")]
    Declared {
        /// The text.
        given: String,
        /// What is wrong with it.
        wrong: String,
    },
    /// The engine had not answered in full when the call's deadline passed. Don't know.
    #[error("{doing}: no answer within {deadline:?}")]
    Deadline {
        /// The call.
        doing: String,
        /// Its deadline.
        deadline: Duration,
    },
    /// The engine could not be reached, or the connection broke. Don't know.
    #[error("{doing}: the engine could not be talked to")]
    Transport {
        /// The call.
        doing: String,
        /// What the transport said.
        source: Source,
    },
    /// The engine answered something that cannot be understood. Don't know.
    #[error("{doing}: the engine's answer makes no sense")]
    Answer {
        /// The call.
        doing: String,
        /// Where it stops making sense.
        source: Source,
    },
    /// The engine says that there is no such container.
    #[error("{doing}: no such container")]
    Gone {
        /// The call.
        doing: String,
        /// The engine's own words.
        message: String,
    },
    /// The engine answered, and the answer was no.
    #[error("{doing}: the engine refused with status {status}: {message}")]
    Refused {
        /// The call.
        doing: String,
        /// HTTP status.
        status: u16,
        /// The engine's own words, at most 4,096 bytes of them.
        message: String,
    },
    /// The name of the container to be created is taken. The caller looks at the holder and
    /// decides: done already, remove it and create again, or give up naming it.
    #[error("create container {name}: the name is held by {}", .holder.id)]
    Conflict {
        /// The name.
        name: String,
        /// The container that has it.
        holder: Box<Inspected>,
    },
    /// Neither the image that a container was made from is there, nor one of that name.
    #[error("{doing}: there is no image {image}{}", OrId(.id.as_deref()))]
    NoImage {
        /// The call.
        doing: String,
        /// The image as it was asked for.
        image: String,
        /// The image's id, if it is known.
        id: Option<String>,
    },
    /// The container is in another run than the one that was to be stopped; it was left alone.
    #[error("stop container {id}: meant for the run started {}, but found {}", Told(Some(*.meant)), Told(*.found))]
    Superseded {
        /// The container.
        id: String,
        /// When the run that was to be stopped started.
        meant: Timestamp,
        /// When the one found there did, if the engine says.
        found: Option<Timestamp>,
    },
    /// SIGKILL was sent, and the container is seen running all the same.
    #[error("stop container {id}: still running {within:?} after SIGKILL")]
    StillRunning {
        /// The container.
        id: String,
        /// How long the exit was waited for.
        within: Duration,
        /// What the engine answered to the SIGKILL, if it refused.
        source: Option<Box<Self>>,
    },
}

/// What is sensible after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the engine must handle every consequence")]
pub enum Retry {
    /// The same call may succeed later.
    Later,
    /// The same call will fail again until somebody changes something.
    Never,
    /// What the call was about does not exist (any more).
    Gone,
}

impl Error {
    /// Whether the same call is worth another try.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Gone { .. } | Self::Superseded { .. } => Retry::Gone,
            Self::Host { .. }
            | Self::Name { .. }
            | Self::Declared { .. }
            | Self::NoImage { .. } => Retry::Never,
            Self::Refused { status, .. } => match status {
                409 | 429 | 500.. => Retry::Later,
                _ => Retry::Never,
            },
            Self::Deadline { .. }
            | Self::Transport { .. }
            | Self::Answer { .. }
            | Self::Conflict { .. }
            | Self::StillRunning { .. } => Retry::Later,
        }
    }

    /// Whether this error says nothing about any container, nor whether the call had an effect.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Deadline { .. } | Self::Transport { .. } | Self::Answer { .. } => true,
            Self::Host { .. }
            | Self::Name { .. }
            | Self::Declared { .. }
            | Self::NoImage { .. }
            | Self::Gone { .. }
            | Self::Refused { .. }
            | Self::Conflict { .. }
            | Self::Superseded { .. }
            | Self::StillRunning { .. } => false,
        }
    }

    /// What a container could not be made for want of, if that is why.
    pub fn lacking(&self) -> Option<Lacking> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "no other error is about a lack")]
        match self {
            Self::NoImage { image, id, .. } => {
                Some(Lacking::Image { image: image.clone(), id: id.clone() })
            }
            Self::Refused { message, .. } => Lacking::in_words(message),
            _ => None,
        }
    }

    /// The answer to `doing` was an HTTP error; 404 means that the container is gone.
    pub(crate) fn status(doing: Doing<'_>, status: u16, message: &str) -> Self {
        let mut message = message.trim().to_owned();
        message.truncate(message.floor_char_boundary(MAX_WORDS));
        let doing = doing.to_string();
        match status {
            404 => Self::Gone { doing, message },
            _ => Self::Refused { doing, status, message },
        }
    }

    /// The same error of a call for which 404 is a refusal like others: there is no such image, or
    /// no such call.
    pub(crate) fn never_gone(self) -> Self {
        if let Self::Gone { doing, message } = self {
            Self::Refused { doing, status: 404, message }
        } else {
            self
        }
    }

    pub(crate) fn transport(doing: Doing<'_>, source: impl Into<Source>) -> Self {
        Self::Transport { doing: doing.to_string(), source: source.into() }
    }

    pub(crate) fn answer(doing: Doing<'_>, source: impl Into<Source>) -> Self {
        Self::Answer { doing: doing.to_string(), source: source.into() }
    }

    /// What bollard reported of `doing`.
    pub(crate) fn bollard(doing: Doing<'_>, error: bollard::errors::Error) -> Self {
        use bollard::errors::Error as Theirs;
        #[expect(clippy::wildcard_enum_match_arm, reason = "everything else is about the wire")]
        match error {
            Theirs::DockerResponseServerError { status_code, message } => {
                Self::status(doing, status_code, &message)
            }
            Theirs::DockerStreamError { error } => Self::status(doing, 500, &error),
            error @ (Theirs::JsonDataError { .. }
            | Theirs::JsonSerdeError { .. }
            | Theirs::StrParseError { .. }) => Self::answer(doing, error),
            error => Self::transport(doing, error),
        }
    }
}

/// What a call is about, for its errors: a verb with its noun, and a name or id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doing<'a>(pub(crate) &'static str, pub(crate) &'a str);

impl fmt::Display for Doing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)?;
        if !self.1.is_empty() {
            write!(f, " {}", self.1)?;
        }
        Ok(())
    }
}

/// An instant that may not be known.
struct Told(Option<Timestamp>);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(at) => at.fmt(f),
            None => f.write_str("no start"),
        }
    }
}

/// An image's id after its name, if it is known.
struct OrId<'a>(Option<&'a str>);

impl fmt::Display for OrId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(id) => write!(f, ", nor the one it was made from, {id}"),
            None => Ok(()),
        }
    }
}

/// So much of the engine's words is kept.
const MAX_WORDS: usize = 4096;
