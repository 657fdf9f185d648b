//! Who plays: how each agent misbehaves, and what has to come of it.

use sweepd_decide::{IdleStop, Policy, Span};

/// One part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Session id.
    pub(super) name: &'static str,
    /// What is wrong with it, for the table.
    pub(super) injected: &'static str,
    /// Words for the agent, one a line.
    pub(super) words: &'static str,
    /// Words from its first stop on, if it gets better then.
    pub(super) after_stop: Option<&'static str>,
    /// It is reaped when it has nothing to do.
    pub(super) reaped: bool,
    pub(super) outcome: Outcome,
}

/// What has to come of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Answered, and never stopped.
    Answered,
    /// Stopped for this reason, its message charged so often, then answered.
    Stopped { reason: &'static str, tries: i64 },
    /// Given up after three deaths.
    DeadLetter,
    /// Its clock was noticed, and it was reaped all the same.
    Unmasked,
    /// Reaped without a word.
    Reaped,
}

pub(super) const CAST: &[Part] = &[
    Part {
        name: "healthy",
        injected: "nothing",
        words: "--work-ms\n1500",
        after_stop: None,
        reaped: false,
        outcome: Outcome::Answered,
    },
    Part {
        name: "hangs",
        injected: "hangs after its claim",
        words: "--behave\nhang-after-claim",
        after_stop: Some("--behave\nhealthy"),
        reaped: false,
        outcome: Outcome::Stopped { reason: "claim", tries: 1 },
    },
    Part {
        name: "crashes",
        injected: "dies on its message, each time",
        words: "--behave\ncrash-mid-message=1",
        after_stop: None,
        reaped: false,
        outcome: Outcome::DeadLetter,
    },
    Part {
        name: "never-starts",
        injected: "never takes up its work",
        words: "--behave\nnever-start",
        after_stop: Some("--behave\nhealthy"),
        reaped: false,
        outcome: Outcome::Stopped { reason: "start", tries: 0 },
    },
    Part {
        name: "lies",
        injected: "heartbeats from the future",
        words: "--behave\nfuture-heartbeat",
        after_stop: None,
        reaped: true,
        outcome: Outcome::Unmasked,
    },
    Part {
        name: "long-bash",
        injected: "nothing: a long Bash that said so",
        words: "--tool\nBash\n--declare-ms\n20000\n--tool-ms\n12000",
        after_stop: None,
        reaped: false,
        outcome: Outcome::Answered,
    },
    Part {
        name: "idle",
        injected: "nothing: it has no more work",
        words: "--work-ms\n300",
        after_stop: None,
        reaped: true,
        outcome: Outcome::Reaped,
    },
];

/// The limits: the usual ones, in seconds instead of minutes.
pub(super) fn policy(part: &Part) -> Policy {
    let mut policy = Policy::default();
    policy.ceiling = Span::from_secs(30);
    policy.claim_tolerance = Span::from_secs(4);
    policy.declared_grace = Span::from_secs(1);
    policy.silence = Some(Span::from_secs(8));
    policy.start_deadline = Some(Span::from_secs(5));
    policy.never_beat = Some(Span::from_secs(30));
    policy.unclaimed = Some(Span::from_secs(8));
    policy.confirmation_gap = Span::from_secs(1);
    policy.retry.backoff.base = Span::from_secs(1);
    policy.wake_backoff.base = Span::from_secs(1);
    policy.poison.backoff.base = Span::from_secs(1);
    policy.idle_stop =
        if part.reaped { IdleStop::After(Span::from_secs(6)) } else { IdleStop::Never };
    policy
}
