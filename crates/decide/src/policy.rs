//! Limits: what counts as too long, how often to retry, how patient to be. Plain data.

use crate::backoff::Backoff;
use crate::time::Span;

/// The limits one agent is held to.
///
/// `Default` is profile [`Profile::Standard`] with the documented defaults (docs/rules).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Policy {
    /// Which set of rules judges a running agent.
    pub profile: Profile,
    /// Longest silence of an agent that has beaten. 30 min.
    pub ceiling: Span,
    /// Longest silence after a claim. 60 s.
    pub claim_tolerance: Span,
    /// What a tool declares counts at most this much. 6 h.
    pub declared_cap: Span,
    /// Added to what a tool declares. 30 s.
    pub declared_grace: Span,
    /// How far ahead of the host's clock an agent's clock is believed. 5 s.
    pub skew: Span,
    /// Longest silence while a claim is open, heartbeats after the claim or not. 10 min.
    pub silence: Option<Span>,
    /// What in-claim silence leads to. Warn.
    pub silence_action: SilenceAction,
    /// Longest wait of due work for the first sign of life. 5 min.
    pub start_deadline: Option<Span>,
    /// Longest life without any heartbeat. 30 min.
    pub never_beat: Option<Span>,
    /// Longest wait of the oldest due message for a claim. 10 min.
    pub unclaimed: Option<Span>,
    /// Longest life at all. Off.
    pub hard_cap: Option<Span>,
    /// The limit of an agent that has nothing to do, in place of ceiling and never-beat.
    pub idle_stop: IdleStop,
    /// Looks that must agree before a stop. 2.
    pub confirmations: u32,
    /// Looks closer together than this count as one. 5 s.
    pub confirmation_gap: Span,
    /// Retries of a message.
    pub retry: RetryPolicy,
    /// Waits between failing wakes, and between stops that did not work: 10 s, doubled, to 5 min.
    pub wake_backoff: Backoff,
    /// A message whose claims' agents died.
    pub poison: PoisonPolicy,
}

/// A set of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "a profile is a published set of rules")]
pub enum Profile {
    /// Everything this crate knows.
    #[default]
    Standard,
    /// NanoClaw's own sweep, bit for bit.
    Nanoclaw,
}

/// What in-claim silence leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "a host must handle both")]
pub enum SilenceAction {
    /// A finding.
    #[default]
    Warn,
    /// A stop.
    Stop,
}

/// The limit of an idle agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "a host must handle all three")]
pub enum IdleStop {
    /// Ceiling and never-beat hold for idle agents too. The default.
    #[default]
    Unset,
    /// This limit instead.
    After(Span),
    /// Idle agents are never stopped for being silent.
    Never,
}

/// How often and how soon a message is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RetryPolicy {
    /// A message charged this often is given up. 5.
    pub max_tries: i64,
    /// Wait before the first retry; doubled for each one after. 5 s.
    pub backoff: Backoff,
}

/// When a message that takes its agent down with it is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PoisonPolicy {
    /// Deaths within the window that make a message poison. 3; 0 = off.
    pub deaths: u32,
    /// How long a death counts. 72 h.
    pub window: Span,
    /// Wait for the next wake after a death. 10 s, doubled, to 5 min.
    pub backoff: Backoff,
}

impl Default for Policy {
    fn default() -> Self {
        let ten_seconds_to_five_minutes =
            Backoff { base: Span::from_secs(10), cap: Span::from_mins(5) };
        Self {
            profile: Profile::Standard,
            ceiling: Span::from_mins(30),
            claim_tolerance: Span::from_secs(60),
            declared_cap: Span::from_mins(6 * 60),
            declared_grace: Span::from_secs(30),
            skew: Span::from_secs(5),
            silence: Some(Span::from_mins(10)),
            silence_action: SilenceAction::Warn,
            start_deadline: Some(Span::from_mins(5)),
            never_beat: Some(Span::from_mins(30)),
            unclaimed: Some(Span::from_mins(10)),
            hard_cap: None,
            idle_stop: IdleStop::Unset,
            confirmations: 2,
            confirmation_gap: Span::from_secs(5),
            retry: RetryPolicy {
                max_tries: 5,
                backoff: Backoff { base: Span::from_secs(5), cap: Span::MAX },
            },
            wake_backoff: ten_seconds_to_five_minutes,
            poison: PoisonPolicy {
                deaths: 3,
                window: Span::from_mins(72 * 60),
                backoff: ten_seconds_to_five_minutes,
            },
        }
    }
}

impl Policy {
    /// NanoClaw's own rules and limits: no confirmation, no poison rule.
    pub fn nanoclaw() -> Self {
        let standard = Self::default();
        Self {
            profile: Profile::Nanoclaw,
            poison: PoisonPolicy { deaths: 0, ..standard.poison },
            ..standard
        }
    }
}
