//! What people are told: a moment in the life of an incident, or a note about sweepd itself.
//!
//! Everything here that an agent, a database or a server may have written is data: whoever shows it
//! escapes it for the place where it is shown.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::finding::{FindingKind, Severity};
use crate::id::AgentId;
use crate::time::{Span, Timestamp};

/// One message to people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Alert {
    /// The same at each attempt to deliver it, and that of no other alert: receivers tell doubles by
    /// it. At most 64 characters.
    pub id: String,
    /// When what it tells happened.
    pub at: Timestamp,
    /// The host that tells.
    pub host: String,
    /// It is in no database: sweepd's own cannot be written, so that it may come twice, or never be
    /// followed by its end.
    pub from_memory: bool,
    /// What it tells.
    pub news: News,
}

/// What an alert tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled kind of news is a bug")]
pub enum News {
    /// Something about an incident.
    Incident(Box<Story>),
    /// Something about sweepd itself.
    Note(Note),
}

/// The moments in an incident's life that people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled moment is a bug")]
pub enum Moment {
    /// It is there; or it has got worse.
    Opened,
    /// It is still there after a while.
    Still,
    /// It is over.
    Resolved,
}

/// An incident as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Story {
    /// Which moment of it.
    pub moment: Moment,
    /// The incident's number, by which people name it; 0 where it has none, because it is in memory
    /// alone.
    pub number: i64,
    /// The incident's key, `<kind>:<subject>`. At most 255 characters.
    pub key: String,
    /// What belongs together: one issue, one page. The key; for an incident that is about the
    /// coming and going of another one, that one's key.
    pub thread: String,
    /// What kind of thing is wrong.
    pub kind: FindingKind,
    /// How bad it is.
    pub severity: Severity,
    /// Whom it is about.
    pub agent: Option<AgentId>,
    /// The source it is about.
    pub source: Option<String>,
    /// What was seen, in one sentence.
    pub seen: String,
    /// Since when that is so, as far as the facts tell.
    pub since: Timestamp,
    /// When the incident was opened.
    pub opened_at: Timestamp,
    /// Its end, once it is over.
    pub end: Option<End>,
    /// What was done about it, oldest first.
    pub deeds: Vec<Deed>,
    /// Why nothing was done, or not all: `observe` only looks, the brake is on …
    pub held_back: Option<String>,
    /// What a person should do.
    pub advice: String,
    /// What it rests on, by name.
    pub facts: Vec<Fact>,
    /// How many incidents have this one for their cause and are not told by themselves.
    pub folded: u32,
    /// Some of their keys.
    pub folded_keys: Vec<String>,
    /// How often it came and went.
    pub flaps: u32,
}

/// How an incident ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// How, in a few words.
    pub how: String,
    /// It is well again; else it was closed by hand, or has aged, and nobody claims that.
    pub recovered: bool,
}

/// Something that was done, and whether it worked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Deed {
    /// When.
    pub at: Timestamp,
    /// What, in a few words.
    pub what: String,
    /// Whether it worked; `None`: that is not known.
    pub worked: Option<bool>,
}

/// A named fact.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// News that are about no incident.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Note {
    /// What for.
    pub occasion: Occasion,
    /// One line.
    pub title: String,
    /// More, one line each.
    pub lines: Vec<String>,
}

/// What a note is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled occasion is a bug")]
pub enum Occasion {
    /// sweepd watches for the first time.
    Start,
    /// Once a day.
    Digest,
    /// Somebody tries whether it arrives.
    Test,
}

/// What the failure of an attempt means for what is tried next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled setback is a bug")]
pub enum Setback {
    /// It may work later; the service asks to be left alone for so long, where it says so.
    Later(Option<Span>),
    /// It takes others, but this alert not before so long.
    Deferred(Span),
    /// The service will never take this alert; others it may.
    Refused,
    /// The service takes nothing from us any more: the token is void, the place is gone.
    Stopped,
}
