//! Which incident explains which?

use crate::finding::FindingKind;

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
