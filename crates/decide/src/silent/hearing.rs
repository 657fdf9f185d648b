//! What is remembered of a session for the rule of silence: a runner stamps its acknowledgements again,
//! and a container's log goes with it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::{Asked, LogLine, Role, Sign, Silent};
use crate::id::MessageId;
use crate::time::{Span, Timestamp};

/// So long before the window a message may have begun that is judged in it.
const BEFORE: Span = Span::from_mins(24 * 60);
/// So long a limit is believed that an agent tells of.
const BELIEVED: Span = Span::from_mins(24 * 60);
/// So many lines are kept, the newest.
const LINES: usize = 500;
/// So many acknowledgements are kept, those stamped last.
const ACKS: usize = 10_000;

/// When a message was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Stamps {
    /// The first time that was ever seen.
    pub first: Timestamp,
    /// The time that was seen last.
    pub last: Timestamp,
}

/// A line of the log that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct KeptLine {
    /// What the rule asks about it.
    pub line: LogLine,
    /// What it says, where it is a sign of a failure.
    #[cfg_attr(feature = "serde", serde(default))]
    pub excerpt: String,
    /// From when on there is more again, where it says so of a limit that passes.
    #[cfg_attr(feature = "serde", serde(default))]
    pub until: Option<Timestamp>,
}

/// What an installation's own monitor was asked about an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Inquiry {
    /// Since when there was silence when it was asked first: it tells one question from another.
    pub since: Timestamp,
    /// When that was tried last.
    pub tried_at: Option<Timestamp>,
    /// It has been asked.
    pub is_done: bool,
}

/// After what was said could not be read it is tried again.
const AGAIN: Span = Span::from_secs(60);

/// What is remembered of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default))]
#[non_exhaustive]
pub struct Hearing {
    /// When each message was acknowledged.
    pub acks: BTreeMap<MessageId, Stamps>,
    /// The lines about the ends of queries, oldest first.
    pub log: Vec<KeptLine>,
    /// Tasks whose scripts let the agent hear of them.
    pub let_through: BTreeSet<MessageId>,
    /// What was silent when it was judged last.
    pub silent: Vec<Silent>,
    /// Under the original's rule: the last acknowledgement of a session that is silent as a whole.
    pub silent_since: Option<Timestamp>,
    /// What the installation's own monitor was asked about it.
    pub inquiry: Option<Inquiry>,
    /// When it was asked last, about this or an earlier one.
    pub asked_at: Option<Timestamp>,
    /// Whose silence was expected by somebody's word when it was judged last.
    pub expected: Vec<String>,
    /// Since when it cannot be read, and why.
    pub unread: Option<(Timestamp, String)>,
    /// What it said that reached nobody.
    pub undelivered: Vec<MessageId>,
    /// When that was.
    pub at: Option<Timestamp>,
    /// When it is to be judged again if nothing changes.
    pub until: Option<Timestamp>,
    /// What a look showed then that is another if there is news: the newest acknowledgement, and
    /// whether it was up.
    pub shown: Option<(Option<String>, bool)>,
}

impl Hearing {
    /// What is older than this is not asked for.
    pub fn horizon(window: Span, now: Timestamp) -> Timestamp {
        now.minus(window.plus(BEFORE))
    }

    /// What was said could not be read: what was found before stands, and it is tried again.
    pub fn unheard(&mut self, why: String, now: Timestamp) {
        let since = self.unread.take().map_or(now, |(since, _)| since.min(now));
        self.unread = Some((since, why));
        self.until = Some(now.plus(AGAIN));
    }

    /// Why it cannot be read, if that was so at the second try too.
    pub fn cannot_be_heard(&self, now: Timestamp) -> Option<&str> {
        let (since, why) = self.unread.as_ref()?;
        (now >= since.plus(AGAIN)).then_some(why.as_str())
    }

    /// Takes note of the acknowledgements as they stand now, and puts the first ones in their place.
    /// What was not stamped since the `horizon` is forgotten.
    pub fn acknowledge(&mut self, asked: &mut [Asked], horizon: Timestamp) {
        for one in asked {
            let Some(at) = one.acked_at else { continue };
            let known = self.acks.entry(one.id.clone());
            let stamps = known.or_insert(Stamps { first: at, last: at });
            stamps.first = stamps.first.min(at);
            stamps.last = at;
            one.acked_at = Some(stamps.first);
            if one.role == Role::Gated && self.let_through.contains(&one.id) {
                one.role = Role::Asked;
            }
        }
        self.acks.retain(|_, stamps| stamps.last >= horizon);
        if self.acks.len() > ACKS {
            let mut last: Vec<Timestamp> = self.acks.values().map(|stamps| stamps.last).collect();
            last.sort_unstable();
            let oldest = last.get(last.len() - ACKS).copied().unwrap_or(horizon);
            self.acks.retain(|_, stamps| stamps.last >= oldest);
        }
        // One that was let through may be acknowledged yet.
        if self.let_through.len() > LINES {
            let acks = &self.acks;
            self.let_through.retain(|id| acks.contains_key(id));
        }
    }

    /// Takes note of the lines of a log: those that are newer than what is known, and those of the same
    /// instant that are not.
    pub fn listen(&mut self, lines: Vec<KeptLine>, horizon: Timestamp) {
        let last = self.log.last().map(|kept| kept.line.at);
        let known = self.log.len();
        for line in lines {
            let of_then = self.log.get(..known).unwrap_or_default();
            let is_new = match last {
                Some(last) if line.line.at == last => !of_then.contains(&line),
                Some(last) => line.line.at > last,
                None => true,
            };
            if is_new {
                self.log.push(line);
            }
        }
        self.log.sort_by_key(|kept| kept.line.at);
        self.log.retain(|kept| kept.line.at >= horizon);
        let many = self.log.len().saturating_sub(LINES);
        self.log.drain(..many);
    }

    /// Until when the service gives its agent nothing, and why, as the last line says; believed for a day
    /// after the first of those that say so in a row: agents write their logs.
    pub fn limited(&self, now: Timestamp) -> Option<(Timestamp, Sign)> {
        let last = self.log.last()?;
        let (until, sign) = last.until.zip(last.line.sign.filter(|sign| sign.passes()))?;
        // Counted from the first of them: an agent that goes on saying so is not believed for longer.
        let passes = |kept: &&KeptLine| kept.line.sign.is_some_and(Sign::passes);
        let first = self.log.iter().rev().take_while(passes).last()?;
        let until = until.min(first.line.at.plus(BELIEVED));
        (now < until).then_some((until, sign))
    }

    /// Whether a session is to be judged: nobody has yet, something is news, an answer has run out, or
    /// so much time has passed.
    pub fn is_due(&self, shown: (Option<&str>, bool), every: Span, now: Timestamp) -> bool {
        let Some(at) = self.at else { return true };
        let known = self.shown.as_ref().map(|(ack, up)| (ack.as_deref(), *up));
        // A judgement that is not yet was before the clock was set back.
        now < at
            || now >= at.plus(every)
            || known != Some(shown)
            || self.until.is_some_and(|until| now >= until)
    }
}
