//! Was a message worked on and never answered?
//!
//! An agent whose token is refused acknowledges its messages, writes nothing, and goes on beating. Two
//! rules see that: [`silent()`], over turns, and [`all_silent()`], the original's, over a whole session.
//! Neither reads what agents wrote: a host says which lines of the log are a failure, and of what
//! [`Sign`].
//!
//! Row times are whole seconds, so all instants are compared in whole seconds.
//!
//! Source: docs/rules/silence.md.

use alloc::string::String;
use alloc::vec::Vec;

use crate::decision::{Decision, Recheck};
use crate::finding::Severity;
use crate::id::MessageId;
use crate::incident::AGED_OUT;
use crate::time::{Span, Timestamp};

mod hearing;
mod per_session;
mod sign;
mod turns;
mod undelivered;
mod weigh;

pub use hearing::{Hearing, Inquiry, KeptLine, Stamps};
pub use per_session::{SessionTalk, all_silent};
pub use sign::Sign;
pub use undelivered::{Delivery, Uttered, undelivered};

/// A message that an agent may have been asked, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Asked {
    /// Its id.
    pub id: MessageId,
    /// What it is to the agent.
    pub role: Role,
    /// Its kind, as it was written.
    pub kind: String,
    /// The series it belongs to; its own id if it is the first.
    pub series: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// Not before then, if anything was said.
    pub due_at: Option<Timestamp>,
    /// How often it was tried again.
    pub tries: i64,
    /// The first time ever seen at which it was acknowledged as completed.
    pub acked_at: Option<Timestamp>,
}

/// What a message is to the agent: the first that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled role is a bug")]
pub enum Role {
    /// It is there to be read along only: it is in no turn.
    Context,
    /// The host itself wrote it: it is in no turn.
    System,
    /// A script decides whether the agent hears of it, and nobody knows that it did: in no turn.
    Gated,
    /// It is an order to the program that runs the agent: in a turn, and not judged.
    Command,
    /// It is for the first look of a container: in a turn, and not judged.
    OnWake,
    /// It is asked of the agent itself.
    Asked,
}

/// Which messages of a session are silent, given which were `before`: as [`silent()`], and besides those
/// that cannot be judged now, because the agent is at work again, and are not known to be answered.
///
/// Source: docs/rules/silence.md, "End".
pub fn reported(
    policy: &SilencePolicy,
    talk: &Talk,
    before: &[Silent],
    now: Timestamp,
) -> Decision<Vec<Silent>, Weighed> {
    let mut answer = silent(policy, talk, now);
    let window = policy.window.floor_to_second();
    let turns = turns::turns(talk);
    for one in before.iter().filter(|one| !one.is_answered_since) {
        let ends = one.acked_at.plus(window);
        let told = answer.action.iter().any(|known| known.message_id == one.message_id);
        let may = policy.may_be_silent(&one.message_id, &one.series, None);
        if told || may || now >= ends || weigh::is_answered(&turns, &one.message_id) {
            continue;
        }
        answer.action.push(one.clone());
        answer.recheck = answer.recheck.sooner(ends.into());
    }
    answer
}

/// What an end of silence is called that somebody expects.
pub const EXPECTED: &str = "its silence is expected";
/// What an end of silence is called.
pub const ANSWERED: &str = "it has answered since";

/// How silence that was reported has ended, given what is reported now; `None`: it has not. What is
/// answered since is no silence any more; what has left the window unanswered has aged out.
pub fn ended(
    policy: &SilencePolicy,
    before: &[Silent],
    after: &[Silent],
    now: Timestamp,
) -> Option<&'static str> {
    if after.iter().any(|silent| !silent.is_answered_since) {
        return None;
    }
    let left = |silent: &&Silent| !silent.is_answered_since;
    let window = policy.window.floor_to_second();
    let aged = |silent: &Silent| now >= silent.acked_at.plus(window);
    let open: Vec<&Silent> = before.iter().filter(left).collect();
    let may = |silent: &Silent| policy.may_be_silent(&silent.message_id, &silent.series, None);
    Some(match open.as_slice() {
        [] => return None,
        open if open.iter().all(|silent| aged(silent)) => AGED_OUT,
        open if open.iter().all(|silent| aged(silent) || may(silent)) => EXPECTED,
        _ => ANSWERED,
    })
}

impl Asked {
    /// Whether something is to be done at a time, and nobody waits for the answer.
    pub(crate) fn is_task(&self) -> bool {
        self.kind == "task"
    }
}

/// Something that an agent said, without what it said. What is a mere status is none.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Output {
    /// When it was written.
    pub at: Timestamp,
    /// The message that it says it answers; often the wrong one, or none.
    pub reply_to: Option<MessageId>,
}

/// A line of the agent's log about the end of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct LogLine {
    /// When it was written.
    pub at: Timestamp,
    /// It is a result, and not an error.
    pub is_result: bool,
    /// It is a result that the agent meant for nobody.
    pub is_internal: bool,
    /// What failure it is a sign of.
    pub sign: Option<Sign>,
}

/// What one look found of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Talk {
    /// Its container is up.
    pub is_up: bool,
    /// A claim is open, or a tool in flight.
    pub is_at_work: bool,
    /// The last heartbeat.
    pub beat_at: Option<Timestamp>,
    /// Messages, in the order of the queue.
    pub asked: Vec<Asked>,
    /// What the agent said, in any order.
    pub outputs: Vec<Output>,
    /// Its log, as far as there is one, in the order of the lines.
    pub log: Vec<LogLine>,
}

/// How silence is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "a host writes it down")]
pub struct SilencePolicy {
    /// A message is reported for so long after it was acknowledged. 2 h.
    pub window: Span,
    /// Of whom silence is no news. Nobody.
    pub may_be_silent: Vec<MayBeSilent>,
}

impl Default for SilencePolicy {
    fn default() -> Self {
        Self { window: Span::from_mins(120), may_be_silent: Vec::new() }
    }
}

impl SilencePolicy {
    /// Whether silence of a message is no news; without its kind, as far as the others tell.
    pub(crate) fn may_be_silent(&self, id: &MessageId, series: &str, kind: Option<&str>) -> bool {
        self.may_be_silent.iter().any(|may| match may {
            MayBeSilent::Message(known) => known == id,
            MayBeSilent::Series(known) => known == series,
            MayBeSilent::Kind(known) => kind == Some(known.as_str()),
        })
    }

    /// With a window of whole seconds.
    fn in_seconds(&self) -> Self {
        Self { window: self.window.floor_to_second(), may_be_silent: self.may_be_silent.clone() }
    }
}

/// Of whom silence is no news.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "three ways to name messages")]
pub enum MayBeSilent {
    /// One message.
    Message(MessageId),
    /// All of a series.
    Series(String),
    /// All of a kind, as it is written.
    Kind(String),
}

impl MayBeSilent {
    /// As it is written in configurations: `series:…`, `kind:…`, or a message's id.
    pub fn of(text: &str) -> Self {
        match text.split_once(':') {
            Some(("series", series)) => Self::Series(series.into()),
            Some(("kind", kind)) => Self::Kind(kind.into()),
            _ => Self::Message(MessageId::new(text)),
        }
    }
}

/// A message that was worked on and not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "an answer")]
pub struct Silent {
    /// The message.
    pub message_id: MessageId,
    /// Its series.
    pub series: String,
    /// How bad it is. A notice is shown, and nobody is told.
    pub severity: Severity,
    /// Why it is so bad.
    pub because: Because,
    /// The last sign of a failure in its turn.
    pub sign: Option<Sign>,
    /// When it began to be due.
    pub begin: Timestamp,
    /// When it was acknowledged.
    pub acked_at: Timestamp,
    /// Somebody was answered since: of its series if it is a task, of the session if not.
    pub is_answered_since: bool,
}

/// Why silence is as bad as it is: the first that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Because {
    /// The log of its turn has a sign of a failure: error.
    Sign,
    /// What came of its turn was meant for nobody: notice.
    Internal,
    /// The next turn came soon, and had more than one answer: notice.
    AnsweredTogether,
    /// A task is among the silent ones of its turn: error.
    Task,
    /// The last turns of the session were all silent: error.
    InARow,
    /// None of it: notice.
    Alone,
}

/// How much was weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain numbers")]
pub struct Weighed {
    /// Turns.
    pub turns: usize,
    /// Those that are over.
    pub over: usize,
    /// Messages of those that may not be silent.
    pub judged: usize,
    /// And were answered.
    pub answered: usize,
}

/// Which messages of a session were worked on and not answered, in the order in which they began.
///
/// Source: docs/rules/silence.md, "Per message".
pub fn silent(
    policy: &SilencePolicy,
    talk: &Talk,
    now: Timestamp,
) -> Decision<Vec<Silent>, Weighed> {
    let policy = &policy.in_seconds();
    let turns = turns::turns(talk);
    let (action, evidence) = weigh::weigh(policy, talk, &turns, now);
    let differs = |at: &Timestamp| {
        let (later, weighed) = weigh::weigh(policy, talk, &turns, *at);
        (&later, weighed) != (&action, evidence)
    };
    let mut edges = weigh::edges(policy, talk, &turns);
    edges.retain(|edge| *edge > now);
    edges.sort_unstable();
    edges.dedup();
    let recheck = edges.into_iter().find(differs).map_or(Recheck::OnChange, Recheck::from);
    Decision { action, evidence, recheck }
}
