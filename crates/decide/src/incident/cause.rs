//! Which incident explains which?

use core::cmp::{Ordering, Reverse};

use crate::finding::FindingKind;
use crate::time::{Span, Timestamp};

/// How far a cause reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an unhandled reach is a bug")]
pub enum Reach {
    /// It explains nothing but itself.
    Nobody,
    /// The agents of its source.
    Source,
    /// All agents.
    Everybody,
}

/// How far an incident of this kind reaches as a cause.
pub const fn reach(cause: FindingKind) -> Reach {
    match cause {
        FindingKind::RuntimeUnreachable | FindingKind::HostDown => Reach::Source,
        FindingKind::BrakeEngaged => Reach::Everybody,
        FindingKind::AgentStuck
        | FindingKind::DeadLetter
        | FindingKind::MessageFailed
        | FindingKind::WakeFailing
        | FindingKind::Zombie
        | FindingKind::SilentFailure
        | FindingKind::Credential
        | FindingKind::Undelivered
        | FindingKind::NotProgressing
        | FindingKind::InClaimSilence
        | FindingKind::CrashLooping
        | FindingKind::ContainerDown
        | FindingKind::RecreateFailing
        | FindingKind::OrphanContainer
        | FindingKind::DuplicateContainer
        | FindingKind::ShadowedMessage
        | FindingKind::HostNotSweeping
        | FindingKind::SourceShrunk
        | FindingKind::BadSchedule
        | FindingKind::MalformedRow
        | FindingKind::Unreadable
        | FindingKind::SelfDegraded
        | FindingKind::SinkFailed
        | FindingKind::Flapping
        | FindingKind::ClockSuspicious
        | FindingKind::GhostSession
        | FindingKind::ForeignSchema
        | FindingKind::HostLive => Reach::Nobody,
    }
}

/// Whether an open incident of kind `cause` explains one of kind `effect` that it reaches.
///
/// Source: docs/rules/incidents.md, "Causes".
pub const fn covers(cause: FindingKind, effect: FindingKind) -> bool {
    use FindingKind as Kind;
    let fault = matches!(effect, Kind::AgentStuck | Kind::NotProgressing | Kind::InClaimSilence);
    match reach(cause) {
        Reach::Nobody => false,
        Reach::Everybody => fault || matches!(effect, Kind::RecreateFailing | Kind::ContainerDown),
        Reach::Source => {
            let waking = matches!(effect, Kind::WakeFailing | Kind::HostNotSweeping);
            let runtime = matches!(
                effect,
                Kind::Zombie
                    | Kind::RecreateFailing
                    | Kind::CrashLooping
                    | Kind::ContainerDown
                    | Kind::Unreadable
            );
            fault || waking || (runtime && matches!(cause, Kind::RuntimeUnreachable))
        }
    }
}

/// That an incident of a kind was, or is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Happening<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its kind.
    pub kind: FindingKind,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it ended; `None`: it is open.
    pub ended_at: Option<Timestamp>,
}

impl Happening<'_> {
    /// Whether it is a cause at all at `now`: one that is over still explains for `after`.
    pub fn is_cause(&self, after: Span, now: Timestamp) -> bool {
        reach(self.kind) != Reach::Nobody && self.ended_at.is_none_or(|at| now < at.plus(after))
    }

    /// Whether it explains another one that it reaches: it covers such, and was not over when that
    /// one was opened.
    pub fn explains(&self, effect: &Self) -> bool {
        covers(self.kind, effect.kind) && self.ended_at.is_none_or(|at| effect.opened_at <= at)
    }

    /// Which of two causes is named where both explain: the open one; of two open ones the one that
    /// was opened first; of two that are over the one that ended last; else the smaller key.
    pub fn by_precedence(&self, other: &Self) -> Ordering {
        let rank = |one: &Self| (one.ended_at.is_some(), one.ended_at.map(Reverse), one.opened_at);
        rank(self).cmp(&rank(other)).then_with(|| self.key.cmp(other.key))
    }
}
