//! What does a look mean for an incident?

use crate::finding::FindingKind;
use crate::silent::EXPECTED;
use crate::time::{Span, Timestamp};

/// Good looks that end an incident whose kind has no end of its own.
const GOOD_LOOKS: u32 = 2;
/// Looks closer together than this count as one. 5 s.
pub const LIFE_APART: Span = Span::from_secs(5);
/// A failure that an agent reports is no news any more after this.
const NO_NEWS: Span = Span::from_mins(24 * 60);

/// How an incident ends that has been open for too long to be news.
pub const AGED_OUT: &str = "aged-out";
/// How an incident ends that somebody closes.
pub const BY_HAND: &str = "by hand";
/// How an incident ends whose agent is on no roster any more.
pub const NO_LONGER_ACTIVE: &str = "it is no longer active";
/// How an incident ends whose source is not watched any more.
pub const NOT_CONFIGURED: &str = "its source is no longer configured";

/// An incident that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Life {
    /// Since when.
    pub opened_at: Timestamp,
    /// Good looks in a row since it was last seen.
    pub good_looks: u32,
    /// When the last look was that counted, whatever it saw; `None` counts the next in any case.
    pub looked_at: Option<Timestamp>,
}

/// What one look says about one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "all there is")]
pub enum Sight<'a> {
    /// It is there.
    Seen,
    /// Something ends it, in these words.
    Ended(&'a str),
    /// It was looked for, and it is not there.
    Unseen,
    /// It could not have been seen.
    Blind,
}

/// What becomes of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled course is a bug")]
pub enum Course<'a> {
    /// There is none, and none begins.
    Nothing,
    /// It begins.
    Opens,
    /// It goes on: it was seen.
    Stays,
    /// It goes on as it was: the look says nothing about it.
    Waits,
    /// It goes on; so many good looks in a row now.
    Good(u32),
    /// It is over, in these words.
    Ends(&'a str),
}

/// Whether a kind ends only when something ends it, not when it is not seen any more.
pub const fn lasts(kind: FindingKind) -> bool {
    matches!(
        kind,
        FindingKind::AgentStuck
            | FindingKind::DeadLetter
            | FindingKind::MessageFailed
            | FindingKind::WakeFailing
            | FindingKind::Zombie
            | FindingKind::SilentFailure
            | FindingKind::Credential
            | FindingKind::RecreateFailing
            | FindingKind::SinkFailed
            | FindingKind::Flapping
    )
}

/// Whether an incident that ended so is well again: of the others nobody claims that.
pub fn recovered(how: &str) -> bool {
    ![AGED_OUT, BY_HAND, NO_LONGER_ACTIVE, NOT_CONFIGURED, EXPECTED].contains(&how)
}

/// What a look at `now` means for the incident of a key, `open` if there is one.
///
/// Source: docs/rules/incidents.md, "Life".
pub fn life<'a>(
    kind: FindingKind,
    open: Option<&Life>,
    sight: Sight<'a>,
    now: Timestamp,
) -> Course<'a> {
    let Some(open) = open else {
        return if sight == Sight::Seen { Course::Opens } else { Course::Nothing };
    };
    match sight {
        Sight::Seen => return Course::Stays,
        Sight::Ended(how) => return Course::Ends(how),
        Sight::Unseen | Sight::Blind => {}
    }
    if kind == FindingKind::MessageFailed && now >= open.opened_at.plus(NO_NEWS) {
        return Course::Ends(AGED_OUT);
    }
    let counts = open.looked_at.is_none_or(|last| now >= last.plus(LIFE_APART));
    if lasts(kind) || sight == Sight::Blind || !counts {
        return Course::Waits;
    }
    let good = open.good_looks.saturating_add(1);
    if good >= GOOD_LOOKS { Course::Ends("not seen any more") } else { Course::Good(good) }
}
