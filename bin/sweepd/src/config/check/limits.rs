//! Limits that contradict each other, and limits nobody reads.
//!
//! Each table of limits is judged together with those below it, and told only of what it sets
//! itself.

use std::fmt::{self, Display};

use sweepd_decide::{Policy, Profile, Span};

use crate::config::finding::Findings;
use crate::config::policy::{self, Change};
use crate::config::{Config, duration};

/// A table of limits, and every policy it has a part in.
struct Layer<'c> {
    at: String,
    changes: &'c [Change],
    /// Those in which it has the last word.
    topmost: Vec<Policy>,
    /// Those in which others have it.
    below: Vec<Policy>,
}

/// Looks at every way in which the tables come together.
pub(super) fn check(config: &Config, findings: &mut Findings) {
    for layer in layers(config) {
        layer.unread(findings);
        layer.contradictions(findings);
    }
}

fn layers(config: &Config) -> Vec<Layer<'_>> {
    let layer = |at: String, changes| Layer { at, changes, topmost: Vec::new(), below: Vec::new() };
    let mut base = layer("policy".to_owned(), &config.policy);
    base.topmost.push(policy::merged(&config.policy));
    let overrides = config.overrides.iter().enumerate();
    let mut overs: Vec<_> =
        overrides.map(|(nth, over)| layer(format!("agent[{nth}]"), &over.changes)).collect();
    let mut layers = Vec::new();
    for source in &config.sources {
        let mut own = layer(format!("source[{}].policy", source.nth), &source.policy);
        let common = || config.policy.iter().chain(&source.policy);
        own.topmost.push(policy::merged(common()));
        let prefix = format!("{}/", source.name);
        for (over, layer) in config.overrides.iter().zip(&mut overs) {
            if over.pattern.can_start_with(&prefix) {
                let policy = policy::merged(common().chain(&over.changes));
                own.below.push(policy.clone());
                layer.topmost.push(policy);
            }
        }
        base.below.extend(own.topmost.iter().chain(&own.below).cloned());
        layers.push(own);
    }
    layers.insert(0, base);
    layers.extend(overs);
    layers
}

impl Layer<'_> {
    /// Warns of keys that no profile they reach reads.
    fn unread(&self, findings: &mut Findings) {
        let mut policies = self.topmost.iter().chain(&self.below).peekable();
        if policies.peek().is_none() {
            return;
        }
        let profiles: Vec<_> = policies.map(|policy| policy.profile).collect();
        for change in self.changes {
            if !profiles.iter().any(|profile| change.counts_in(*profile)) {
                let path = format!("{}.{}", self.at, change.key());
                findings.warn(&path, "this has no effect in profile \"nanoclaw\"");
            }
        }
    }

    /// Warns of limits of which one makes the other pointless.
    fn contradictions(&self, findings: &mut Findings) {
        for policy in &self.topmost {
            for pair in pairs(policy) {
                let paths = [pair.less.0, pair.more.0].map(|key| format!("{}.{key}", self.at));
                let set = paths.into_iter().find(|path| findings.has(path));
                if let Some(path) = set.filter(|_| pair.less.1 > pair.more.1) {
                    findings.warn(&path, pair);
                }
            }
        }
    }
}

/// Two limits of which the first should not be above the second.
struct Pair {
    less: (&'static str, Span),
    more: (&'static str, Span),
    why: &'static str,
}

/// The pairs that the policy's profile reads both of.
fn pairs(policy: &Policy) -> Vec<Pair> {
    let tolerance = ("claim-tolerance", policy.claim_tolerance);
    let mut pairs = vec![
        Pair {
            less: tolerance,
            more: ("ceiling", policy.ceiling),
            why: "an agent that has beaten never gets that long",
        },
        backoff(("retry.base", policy.retry.backoff.base), ("retry.cap", policy.retry.backoff.cap)),
        backoff(
            ("wake-backoff.base", policy.wake_backoff.base),
            ("wake-backoff.cap", policy.wake_backoff.cap),
        ),
    ];
    if policy.profile == Profile::Standard {
        let poison = policy.poison.backoff;
        pairs.push(backoff(("poison.base", poison.base), ("poison.cap", poison.cap)));
        pairs.extend(policy.silence.map(|silence| Pair {
            less: tolerance,
            more: ("silence", silence),
            why: "an agent is called silent before its claim is overdue",
        }));
    }
    pairs
}

const fn backoff(base: (&'static str, Span), cap: (&'static str, Span)) -> Pair {
    Pair { less: base, more: cap, why: "every wait is the cap" }
}

impl Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { less: (less, a), more: (more, b), why } = self;
        let (a, b) = (duration::show(*a), duration::show(*b));
        write!(f, "`{more}` ({b}) is shorter than `{less}` ({a}): {why}")
    }
}
