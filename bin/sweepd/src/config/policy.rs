//! Which limits does a table of the configuration change?
//!
//! A policy is put together from layers: the defaults, `[policy]`, `[source.policy]`, and each
//! `[[agent]]` that fits. A layer is a list of changes; what a limit does is `sweepd-decide`'s
//! business.

use sweepd_decide::{IdleStop, Policy, Profile, SilenceAction, Span};
use toml::Value;

use super::duration;

/// One key of a policy, set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Profile(Profile),
    Ceiling(Span),
    ClaimTolerance(Span),
    DeclaredCap(Span),
    DeclaredGrace(Span),
    Skew(Span),
    Silence(Option<Span>),
    SilenceAction(SilenceAction),
    StartDeadline(Option<Span>),
    NeverBeat(Option<Span>),
    Unclaimed(Option<Span>),
    HardCap(Option<Span>),
    IdleStop(IdleStop),
    Confirmations(u32),
    ConfirmationGap(Span),
    MaxTries(i64),
    RetryBase(Span),
    RetryCap(Span),
    WakeBase(Span),
    WakeCap(Span),
    PoisonDeaths(u32),
    PoisonWindow(Span),
    PoisonBase(Span),
    PoisonCap(Span),
}

/// The profiles by their names.
pub(crate) const PROFILES: [(&str, Profile); 2] =
    [("standard", Profile::Standard), ("nanoclaw", Profile::Nanoclaw)];

/// The actions on silence by their names.
pub(crate) const SILENCE_ACTIONS: [(&str, SilenceAction); 2] =
    [("warn", SilenceAction::Warn), ("stop", SilenceAction::Stop)];

/// What stands for "no such limit".
pub(crate) const NEVER: &str = "never";

/// What stands for "no limit of its own".
pub(crate) const UNSET: &str = "unset";

/// The policy that layers of changes make, a later one standing over an earlier.
///
/// Profile `nanoclaw` has no poison rule, whatever is set.
pub(crate) fn merged<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Policy {
    let mut policy = Policy::default();
    for change in changes {
        change.apply(&mut policy);
    }
    if policy.profile == Profile::Nanoclaw {
        policy.poison.deaths = Policy::nanoclaw().poison.deaths;
    }
    policy
}

impl Change {
    /// Every key, set to what it is in `policy`, in the order of the reference.
    pub(crate) fn all_of(policy: &Policy) -> Vec<Self> {
        vec![
            Self::Profile(policy.profile),
            Self::Ceiling(policy.ceiling),
            Self::ClaimTolerance(policy.claim_tolerance),
            Self::DeclaredCap(policy.declared_cap),
            Self::DeclaredGrace(policy.declared_grace),
            Self::Skew(policy.skew),
            Self::Silence(policy.silence),
            Self::SilenceAction(policy.silence_action),
            Self::StartDeadline(policy.start_deadline),
            Self::NeverBeat(policy.never_beat),
            Self::Unclaimed(policy.unclaimed),
            Self::HardCap(policy.hard_cap),
            Self::IdleStop(policy.idle_stop),
            Self::Confirmations(policy.confirmations),
            Self::ConfirmationGap(policy.confirmation_gap),
            Self::MaxTries(policy.retry.max_tries),
            Self::RetryBase(policy.retry.backoff.base),
            Self::RetryCap(policy.retry.backoff.cap),
            Self::WakeBase(policy.wake_backoff.base),
            Self::WakeCap(policy.wake_backoff.cap),
            Self::PoisonDeaths(policy.poison.deaths),
            Self::PoisonWindow(policy.poison.window),
            Self::PoisonBase(policy.poison.backoff.base),
            Self::PoisonCap(policy.poison.backoff.cap),
        ]
    }

    fn apply(self, policy: &mut Policy) {
        match self {
            Self::Profile(profile) => policy.profile = profile,
            Self::Ceiling(span) => policy.ceiling = span,
            Self::ClaimTolerance(span) => policy.claim_tolerance = span,
            Self::DeclaredCap(span) => policy.declared_cap = span,
            Self::DeclaredGrace(span) => policy.declared_grace = span,
            Self::Skew(span) => policy.skew = span,
            Self::Silence(limit) => policy.silence = limit,
            Self::SilenceAction(action) => policy.silence_action = action,
            Self::StartDeadline(limit) => policy.start_deadline = limit,
            Self::NeverBeat(limit) => policy.never_beat = limit,
            Self::Unclaimed(limit) => policy.unclaimed = limit,
            Self::HardCap(limit) => policy.hard_cap = limit,
            Self::IdleStop(limit) => policy.idle_stop = limit,
            Self::Confirmations(count) => policy.confirmations = count,
            Self::ConfirmationGap(span) => policy.confirmation_gap = span,
            Self::MaxTries(count) => policy.retry.max_tries = count,
            Self::RetryBase(span) => policy.retry.backoff.base = span,
            Self::RetryCap(span) => policy.retry.backoff.cap = span,
            Self::WakeBase(span) => policy.wake_backoff.base = span,
            Self::WakeCap(span) => policy.wake_backoff.cap = span,
            Self::PoisonDeaths(count) => policy.poison.deaths = count,
            Self::PoisonWindow(span) => policy.poison.window = span,
            Self::PoisonBase(span) => policy.poison.backoff.base = span,
            Self::PoisonCap(span) => policy.poison.backoff.cap = span,
        }
    }

    /// Its key within the policy's table, e.g. `retry.base`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Profile(_) => "profile",
            Self::Ceiling(_) => "ceiling",
            Self::ClaimTolerance(_) => "claim-tolerance",
            Self::DeclaredCap(_) => "declared-cap",
            Self::DeclaredGrace(_) => "declared-grace",
            Self::Skew(_) => "skew",
            Self::Silence(_) => "silence",
            Self::SilenceAction(_) => "silence-action",
            Self::StartDeadline(_) => "start-deadline",
            Self::NeverBeat(_) => "never-beat",
            Self::Unclaimed(_) => "unclaimed",
            Self::HardCap(_) => "hard-cap",
            Self::IdleStop(_) => "idle-stop",
            Self::Confirmations(_) => "confirmations",
            Self::ConfirmationGap(_) => "confirmation-gap",
            Self::MaxTries(_) => "retry.max-tries",
            Self::RetryBase(_) => "retry.base",
            Self::RetryCap(_) => "retry.cap",
            Self::WakeBase(_) => "wake-backoff.base",
            Self::WakeCap(_) => "wake-backoff.cap",
            Self::PoisonDeaths(_) => "poison.deaths",
            Self::PoisonWindow(_) => "poison.window",
            Self::PoisonBase(_) => "poison.base",
            Self::PoisonCap(_) => "poison.cap",
        }
    }

    /// Its value as the file has it.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::Profile(profile) => named(profile, &PROFILES),
            Self::SilenceAction(action) => named(action, &SILENCE_ACTIONS),
            Self::Ceiling(span)
            | Self::ClaimTolerance(span)
            | Self::DeclaredCap(span)
            | Self::DeclaredGrace(span)
            | Self::Skew(span)
            | Self::ConfirmationGap(span)
            | Self::RetryBase(span)
            | Self::WakeBase(span)
            | Self::PoisonWindow(span)
            | Self::PoisonBase(span)
            | Self::IdleStop(IdleStop::After(span)) => text(duration::show(span)),
            Self::Silence(limit)
            | Self::StartDeadline(limit)
            | Self::NeverBeat(limit)
            | Self::Unclaimed(limit)
            | Self::HardCap(limit) => {
                limit.map_or_else(|| text(NEVER), |s| text(duration::show(s)))
            }
            Self::RetryCap(cap) | Self::WakeCap(cap) | Self::PoisonCap(cap) => {
                if cap == Span::MAX {
                    text(NEVER)
                } else {
                    text(duration::show(cap))
                }
            }
            Self::IdleStop(IdleStop::Unset) => text(UNSET),
            Self::IdleStop(IdleStop::Never) => text(NEVER),
            Self::Confirmations(count) | Self::PoisonDeaths(count) => Value::Integer(count.into()),
            Self::MaxTries(count) => Value::Integer(count),
        }
    }

    /// Whether the rules of a profile read it.
    pub(crate) const fn counts_in(self, profile: Profile) -> bool {
        match (profile, self) {
            (Profile::Standard, _)
            | (
                Profile::Nanoclaw,
                Self::Profile(_)
                | Self::Ceiling(_)
                | Self::ClaimTolerance(_)
                | Self::MaxTries(_)
                | Self::RetryBase(_)
                | Self::RetryCap(_)
                | Self::WakeBase(_)
                | Self::WakeCap(_),
            ) => true,
            (
                Profile::Nanoclaw,
                Self::DeclaredCap(_)
                | Self::DeclaredGrace(_)
                | Self::Skew(_)
                | Self::Silence(_)
                | Self::SilenceAction(_)
                | Self::StartDeadline(_)
                | Self::NeverBeat(_)
                | Self::Unclaimed(_)
                | Self::HardCap(_)
                | Self::IdleStop(_)
                | Self::Confirmations(_)
                | Self::ConfirmationGap(_)
                | Self::PoisonDeaths(_)
                | Self::PoisonWindow(_)
                | Self::PoisonBase(_)
                | Self::PoisonCap(_),
            ) => false,
        }
    }
}

fn named<T: PartialEq + Copy>(value: T, names: &[(&str, T)]) -> Value {
    text(names.iter().find(|(_, named)| *named == value).map_or("", |(name, _)| *name))
}

fn text(text: impl Into<String>) -> Value {
    Value::String(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_change_stands_over_an_earlier_one_and_leaves_the_others() {
        let policy = merged(&[
            Change::Ceiling(Span::from_mins(45)),
            Change::Silence(None),
            Change::Ceiling(Span::from_mins(90)),
        ]);
        let expected = {
            let mut p = Policy::default();
            p.ceiling = Span::from_mins(90);
            p.silence = None;
            p
        };
        assert_eq!(policy, expected);
    }

    #[test]
    fn all_changes_of_a_policy_make_that_policy() {
        for policy in [Policy::default(), Policy::nanoclaw()] {
            assert_eq!(merged(&Change::all_of(&policy)), policy);
        }
    }

    #[test]
    fn profile_nanoclaw_has_no_poison_rule_whatever_is_set() {
        let nanoclaw = Change::Profile(Profile::Nanoclaw);
        assert_eq!(merged(&[nanoclaw]), Policy::nanoclaw());
        assert_eq!(merged(&[Change::PoisonDeaths(7), nanoclaw]).poison.deaths, 0);
        let back = [nanoclaw, Change::Profile(Profile::Standard)];
        assert_eq!(merged(&back), Policy::default());
    }

    #[test]
    fn each_key_is_there_once() {
        let changes = Change::all_of(&Policy::default());
        let mut keys: Vec<_> = changes.iter().map(|change| change.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), changes.len());
    }
}
