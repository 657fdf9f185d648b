//! Are people to be told of an incident now, and if not, why not, and until when?

use crate::decision::{Decision, Recheck};
use crate::finding::Severity;
use crate::time::{Span, Timestamp};

/// How eagerly people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "three spans")]
pub struct TellPolicy {
    /// So long an opening waits for others that belong to it. 5 s in the daemon, else 0.
    pub wait: Span,
    /// What lasts is told again after this; `None`: never. 1 h.
    pub repeat: Option<Span>,
    /// What a cause has covered and outlives its end by so long is told by itself. 2 min.
    pub after_cause: Span,
}

impl Default for TellPolicy {
    fn default() -> Self {
        Self {
            wait: Span::from_secs(5),
            repeat: Some(Span::from_mins(60)),
            after_cause: Span::from_mins(2),
        }
    }
}

/// What is known of one incident when it is asked whether to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Case {
    /// How bad it is.
    pub severity: Severity,
    /// When it opened.
    pub opened_at: Timestamp,
    /// Where it stands.
    pub stage: Stage,
    /// The last opening or repeat that was promised to anybody.
    pub told: Option<Told>,
    /// An alert about it has not arrived yet.
    pub under_way: bool,
    /// Somebody acknowledged it when it was so bad.
    pub acknowledged: Option<Severity>,
    /// Somebody does not want to hear of it before.
    pub snoozed_until: Option<Timestamp>,
    /// Nobody wants to hear of its agent before.
    pub quiet: Option<Quiet>,
    /// What explains it.
    pub cause: Option<Cause>,
    /// Its coming and going is told as one thing.
    pub flaps: bool,
}

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled stage is a bug")]
pub enum Stage {
    /// It is open.
    Open,
    /// It is over.
    Over,
    /// It is over, and that was promised to be told.
    EndTold,
}

/// What was promised last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// How bad it was then.
    pub severity: Severity,
}

/// Why nobody wants to hear of an agent, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled reason is a bug")]
pub enum Quiet {
    /// Its maintenance was announced.
    Maintenance(Timestamp),
    /// It was paused by hand; without end where nobody said until when.
    Paused(Timestamp),
}

/// Something that explains an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[expect(clippy::exhaustive_enums, reason = "open or not")]
pub enum Cause {
    /// It is open.
    Open,
    /// It was over at this instant.
    Over(Timestamp),
}

/// What to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "an unhandled answer is a bug")]
pub enum Tell {
    /// Nothing now.
    Nothing,
    /// That it is there, or worse than was told.
    Opening,
    /// That it is still there.
    Still,
    /// That it is over.
    End,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Why {
    /// It is over, and those who were told of it are told that.
    Over,
    /// It is over, and that was told.
    Ended,
    /// It is over before anybody was told.
    NeverTold,
    /// Notices are shown, not told.
    Notice,
    /// Its coming and going is told as one thing.
    Flapping,
    /// Another incident explains it.
    Folded,
    /// Somebody acknowledged it.
    Acknowledged,
    /// Somebody does not want to hear of it for a while.
    Snoozed,
    /// Its maintenance was announced.
    Maintenance,
    /// Its agent is paused.
    Paused,
    /// It waits a moment for others that belong to it.
    Gathering,
    /// Nobody was told yet.
    New,
    /// It is worse than what was told.
    Worse,
    /// An alert about it has not arrived yet.
    UnderWay,
    /// People were told, not long ago.
    Told,
    /// It lasts.
    Lasts,
}

impl Why {
    /// The published word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Ended => "ended",
            Self::NeverTold => "never-told",
            Self::Notice => "notice",
            Self::Flapping => "flapping",
            Self::Folded => "folded",
            Self::Acknowledged => "acknowledged",
            Self::Snoozed => "snoozed",
            Self::Maintenance => "maintenance",
            Self::Paused => "paused",
            Self::Gathering => "gathering",
            Self::New => "new",
            Self::Worse => "worse",
            Self::UnderWay => "under-way",
            Self::Told => "told",
            Self::Lasts => "lasts",
        }
    }
}

/// Whether people are to be told of an incident at `now`.
///
/// Source: docs/rules/incidents.md, "Telling".
pub fn tell(policy: &TellPolicy, case: &Case, now: Timestamp) -> Decision<Tell, Why> {
    let answer = |action, evidence| Decision { action, evidence, recheck: Recheck::OnChange };
    match (case.stage, case.told) {
        (Stage::Open, _) => {}
        (Stage::Over, Some(_)) => return answer(Tell::End, Why::Over),
        (Stage::Over, None) => return answer(Tell::Nothing, Why::NeverTold),
        (Stage::EndTold, _) => return answer(Tell::Nothing, Why::Ended),
    }
    if let Some(held) = held(policy, case, now) {
        return held;
    }
    let Some(told) = case.told else {
        let ready = case.opened_at.plus(policy.wait);
        return if now < ready {
            Decision { recheck: ready.into(), ..answer(Tell::Nothing, Why::Gathering) }
        } else {
            answer(Tell::Opening, Why::New)
        };
    };
    if case.severity > told.severity {
        return answer(Tell::Opening, Why::Worse);
    }
    if case.under_way {
        return answer(Tell::Nothing, Why::UnderWay);
    }
    let Some(repeat) = policy.repeat else { return answer(Tell::Nothing, Why::Told) };
    let again = told.at.plus(repeat);
    if now < again {
        return Decision { recheck: again.into(), ..answer(Tell::Nothing, Why::Told) };
    }
    answer(Tell::Still, Why::Lasts)
}

/// What keeps an open incident from being told at all.
fn held(policy: &TellPolicy, case: &Case, now: Timestamp) -> Option<Decision<Tell, Why>> {
    let nothing = |evidence, recheck| Some(Decision { action: Tell::Nothing, evidence, recheck });
    let until = |evidence, until: Timestamp| {
        let ends = Recheck::from(until);
        if now < until { nothing(evidence, ends) } else { None }
    };
    if case.severity == Severity::Notice {
        return nothing(Why::Notice, Recheck::OnChange);
    }
    if case.flaps {
        return nothing(Why::Flapping, Recheck::OnChange);
    }
    let folded = match case.cause {
        Some(Cause::Open) => nothing(Why::Folded, Recheck::OnChange),
        Some(Cause::Over(at)) => until(Why::Folded, at.plus(policy.after_cause)),
        None => None,
    };
    let acknowledged = case.acknowledged.is_some_and(|at| at >= case.severity);
    folded
        .or_else(|| nothing(Why::Acknowledged, Recheck::OnChange).filter(|_| acknowledged))
        .or_else(|| case.snoozed_until.and_then(|end| until(Why::Snoozed, end)))
        .or_else(|| match case.quiet? {
            Quiet::Maintenance(end) => until(Why::Maintenance, end),
            Quiet::Paused(end) => until(Why::Paused, end),
        })
}
