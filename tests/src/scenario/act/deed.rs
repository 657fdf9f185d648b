//! What an agent does, and what is done to its directory: the verbs after an agent's name.

use anyhow::{Result, bail, ensure};
use sweepd_decide::Span;

use crate::scenario::text::Words;

/// What an agent does, or what is done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scenario) enum Deed {
    /// A container of it starts.
    Starts(Label),
    /// The same container ends and starts again.
    Restarts,
    /// It touches its heartbeat; `at`: with another time than now.
    Beats {
        /// The time it gives the file.
        at: Option<Span>,
    },
    /// Nothing. For the reader: from here on it is silent.
    Hangs,
    /// It takes up a message.
    Claims {
        /// Which.
        message: String,
        /// The time it writes, if not now.
        written: Option<String>,
    },
    /// It ends the processing of a message.
    Acks {
        /// Which.
        message: String,
        /// `completed`, `failed`, or a word of its own.
        status: String,
    },
    /// It writes an answer to a message.
    Answers {
        /// Which.
        message: String,
        /// chat, status, system …
        kind: String,
    },
    /// It removes its predecessor's claims, as a fresh runner does.
    ClearsClaims,
    /// A tool is in flight.
    Tool {
        /// Its name.
        name: String,
        /// What it declares, in ms.
        declares: Option<i64>,
    },
    /// No tool is in flight any more.
    ToolEnds,
    /// Its container ends by itself.
    Exits {
        /// The exit code.
        code: i64,
        /// It is not listed any more, as with `--rm`.
        vanishes: bool,
    },
    /// Somebody pauses its container.
    Pauses,
    /// Somebody resumes it.
    Resumes,
    /// How its container takes signals from now on.
    Takes(Signals),
    /// The host puts a message into its queue.
    Gets(Box<NewMessage>),
    /// The host changes the status of a message.
    Row {
        /// Which.
        message: String,
        /// The new status.
        status: String,
    },
    /// Something happens to its files.
    Suffers(Damage),
    /// The host closes its session, or opens it again.
    Session {
        /// Whether it is active.
        active: bool,
    },
}

/// How a container takes signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Signals {
    /// It ends when it is asked to.
    Obeys,
    /// It has to be killed.
    IgnoresTerm,
    /// Nothing ends it.
    IgnoresAll,
}

/// How a container is labeled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Label {
    /// As NanoClaw's own host labels it.
    Nanoclaw,
    /// As sweepd labels it.
    Ours,
    /// Not at all: it has the right mount, that is all.
    None,
}

/// What can be wrong with an agent's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Damage {
    /// `outbound.db` is no database.
    Garbage,
    /// The writer of `outbound.db` died amid a transaction.
    HotJournal,
    /// The writer of `inbound.db`, the host, died amid a transaction.
    TornQueue,
    /// Somebody holds `outbound.db` locked.
    Locked,
    /// `outbound.db` is as it was before.
    Mended,
    /// `outbound.db` was never written.
    NeverWritten,
    /// The directory is gone.
    NoDirectory,
    /// `inbound.db` is gone.
    NoQueue,
    /// Its queue takes no two messages of one content.
    Strict,
}

/// A column that a message can be without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Null {
    Status,
    Tries,
    Series,
}

/// A message as a scenario describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::scenario) struct NewMessage {
    pub(in crate::scenario) id: String,
    pub(in crate::scenario) task: bool,
    /// A time, to be written as JavaScript does.
    pub(in crate::scenario) after: Option<Span>,
    /// A text, to be written as it stands.
    pub(in crate::scenario) after_text: Option<String>,
    pub(in crate::scenario) every: Option<String>,
    pub(in crate::scenario) status: Option<String>,
    pub(in crate::scenario) tries: Option<i64>,
    pub(in crate::scenario) trigger: Option<i64>,
    /// Columns that are NULL.
    pub(in crate::scenario) nulls: Vec<Null>,
}

impl Deed {
    /// Reads what follows an agent's name.
    pub(super) fn read(words: &mut Words<'_>) -> Result<Self> {
        Ok(match words.word("what it does")? {
            "starts" if words.took("unlabeled") => Self::Starts(Label::None),
            "starts" if words.took("ours") => Self::Starts(Label::Ours),
            "starts" => Self::Starts(Label::Nanoclaw),
            "restarts" => Self::Restarts,
            "beats" if words.took("dated") => Self::Beats { at: Some(words.offset()?) },
            "beats" => Self::Beats { at: None },
            "hangs" => Self::Hangs,
            "claims" => {
                let message = words.word("a message")?.to_owned();
                let written = words.took("dated").then(|| words.word("a text")).transpose()?;
                Self::Claims { message, written: written.map(str::to_owned) }
            }
            "acks" => {
                let message = words.word("a message")?.to_owned();
                let status = words.maybe().unwrap_or("completed").to_owned();
                Self::Acks { message, status }
            }
            "answers" => {
                let message = words.word("a message")?.to_owned();
                let kind = if words.took("as") { words.word("a kind")? } else { "chat" };
                Self::Answers { message, kind: kind.to_owned() }
            }
            "clears" => {
                ensure!(words.took("claims"), "only claims are cleared");
                Self::ClearsClaims
            }
            "runs" => tool(words)?,
            "ends" => {
                ensure!(words.took("its tool"), "only `its tool` ends");
                Self::ToolEnds
            }
            "exits" => {
                let code = words.number()?;
                Self::Exits { code, vanishes: words.took("and vanishes") }
            }
            "is" => is(words)?,
            "gets" => Self::Gets(Box::new(message(words)?)),
            "has" => {
                let message = words.word("a message")?.to_owned();
                Self::Row { message, status: words.word("a status")?.to_owned() }
            }
            "closes" => Self::Session { active: false },
            "opens" => Self::Session { active: true },
            other => bail!("nobody {other:?}"),
        })
    }
}

fn tool(words: &mut Words<'_>) -> Result<Deed> {
    let name = words.word("a tool")?.to_owned();
    let declares = words.took("declaring").then(|| words.span()).transpose()?;
    Ok(Deed::Tool { name, declares: declares.map(Span::as_millis) })
}

fn is(words: &mut Words<'_>) -> Result<Deed> {
    for (text, deed) in [
        ("paused", Deed::Pauses),
        ("resumed", Deed::Resumes),
        ("stubborn", Deed::Takes(Signals::IgnoresTerm)),
        ("immortal", Deed::Takes(Signals::IgnoresAll)),
        ("obedient", Deed::Takes(Signals::Obeys)),
        ("garbage", Deed::Suffers(Damage::Garbage)),
        ("torn in its queue", Deed::Suffers(Damage::TornQueue)),
        ("torn", Deed::Suffers(Damage::HotJournal)),
        ("locked", Deed::Suffers(Damage::Locked)),
        ("mended", Deed::Suffers(Damage::Mended)),
        ("unwritten", Deed::Suffers(Damage::NeverWritten)),
        ("strict", Deed::Suffers(Damage::Strict)),
        ("without a directory", Deed::Suffers(Damage::NoDirectory)),
        ("without a queue", Deed::Suffers(Damage::NoQueue)),
    ] {
        if words.took(text) {
            return Ok(deed);
        }
    }
    bail!(
        "an agent is paused, resumed, stubborn, immortal, obedient, garbage, torn, torn in its \
         queue, locked, mended, unwritten, strict, without a directory or without a queue"
    )
}

fn message(words: &mut Words<'_>) -> Result<NewMessage> {
    let id = words.word("a message")?.to_owned();
    let mut message = NewMessage { id, ..NewMessage::default() };
    while let Some(word) = words.maybe() {
        match word {
            "chat" => message.task = false,
            "task" => message.task = true,
            "after" if words.is_quoted() => {
                message.after_text = Some(words.word("a text")?.to_owned());
            }
            "after" => message.after = Some(words.offset()?),
            "every" => message.every = Some(words.word("an expression")?.to_owned()),
            "status" => message.status = Some(words.word("a status")?.to_owned()),
            "tries" => message.tries = Some(words.number()?),
            "trigger" => message.trigger = Some(words.number()?),
            "without" if words.took("a status") => message.nulls.push(Null::Status),
            "without" if words.took("tries") => message.nulls.push(Null::Tries),
            "without" if words.took("a series") => message.nulls.push(Null::Series),
            other => bail!(
                "a message is not {other:?}; it is chat or task, after, every, status, tries, \
                 trigger, without a status, without tries, without a series"
            ),
        }
    }
    ensure!(!message.id.is_empty(), "a message needs an id");
    Ok(message)
}
