//! Scenes to judge: facts and limits on a small grid, looked at on an edge of some rule.
//!
//! Uniform instants almost never meet an edge; here nearly every look is one millisecond before,
//! on, or after one.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use sweepd_decide::stuck::{Look, Rule};
use sweepd_decide::{Policy, Snapshot, Span, Timestamp};
use sweepd_tests::oracle::{edges, record};

mod grid;
mod meeting;

use grid::{EPOCH, id, instant, limit, policy, snapshot, text};
use meeting::meeting;

/// One look.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) policy: Policy,
    pub(super) snapshot: Snapshot,
    pub(super) now: Timestamp,
}

/// Looks of profile `standard`; the grid has steps of a second or of a minute.
pub(super) fn scenes() -> BoxedStrategy<Scene> {
    prop_oneof![scenes_on(1000), scenes_on(60_000)].boxed()
}

fn scenes_on(unit: i64) -> BoxedStrategy<Scene> {
    let when = prop_oneof![
        1 => instant(unit).prop_map(When::At),
        7 => any::<Index>().prop_map(When::Edge),
        2 => (-1..=1_i64).prop_map(When::Credible),
    ];
    (policy(unit), snapshot(unit), meeting(), history(unit), when)
        .prop_map(|(policy, mut snapshot, meeting, history, when)| {
            meeting.arrange(&mut snapshot);
            if let History::Made(look) = &history {
                snapshot.previous = Some(likely(look.clone(), &snapshot));
            }
            let now = when.pick(&policy, &snapshot);
            let now = remember(&policy, &mut snapshot, now, &history);
            snapshot.slept.retain(|slept| slept.to <= now);
            Scene { policy, snapshot, now }
        })
        .boxed()
}

/// Looks of profile `nanoclaw`.
pub(super) fn nanoclaw_scenes() -> BoxedStrategy<Scene> {
    let policy = (limit(1000), limit(1000)).prop_map(|(ceiling, claim_tolerance)| {
        let mut policy = Policy::nanoclaw();
        (policy.ceiling, policy.claim_tolerance) = (ceiling, claim_tolerance);
        policy
    });
    (policy, snapshot(1000), any::<Index>())
        .prop_map(|(policy, snapshot, edge)| {
            let now = When::Edge(edge).pick(&policy, &snapshot);
            Scene { policy, snapshot, now }
        })
        .boxed()
}

/// When to look.
#[derive(Debug, Clone)]
enum When {
    At(Timestamp),
    Edge(Index),
    /// About when the tool's start becomes credible.
    Credible(i64),
}

impl When {
    fn pick(&self, policy: &Policy, snapshot: &Snapshot) -> Timestamp {
        match self {
            Self::At(at) => *at,
            Self::Edge(edge) => {
                let edges = edges(policy, snapshot, Timestamp::from_millis(EPOCH));
                *edge.get(&edges.into_iter().collect::<Vec<_>>())
            }
            Self::Credible(off) => {
                let started = snapshot.tool.known().and_then(|row| row.started_at.at());
                let started = started.unwrap_or(Timestamp::from_millis(EPOCH));
                started.minus(policy.skew).plus(Span::from_millis(*off))
            }
        }
    }
}

/// How the look before came about.
#[derive(Debug, Clone)]
enum History {
    None,
    /// Made up: another rule's, another claim's, one of the future.
    Made(Look),
    /// As an earlier look at the same facts left it; then a look about a gap later.
    Real(Index, i64),
}

fn history(unit: i64) -> BoxedStrategy<History> {
    prop_oneof![
        2 => Just(History::None),
        1 => look(unit).prop_map(History::Made),
        2 => (any::<Index>(), -1..=1_i64).prop_map(|(at, off)| History::Real(at, off)),
    ]
    .boxed()
}

/// Puts a real look on record and returns when to look again.
fn remember(
    policy: &Policy,
    snapshot: &mut Snapshot,
    now: Timestamp,
    history: &History,
) -> Timestamp {
    let History::Real(before, off) = history else { return now };
    let before = When::Edge(*before).pick(policy, snapshot);
    snapshot.previous = record(policy, snapshot, before);
    if before <= now && *off == 0 {
        return now;
    }
    before.plus(policy.confirmation_gap).plus(Span::from_millis(*off))
}

fn look(unit: i64) -> BoxedStrategy<Look> {
    let rules = [Rule::Ceiling, Rule::Claim, Rule::Silence, Rule::Start, Rule::NeverBeat];
    let rules = select([rules.as_slice(), &[Rule::HardCap]].concat());
    let names = (prop::option::of(id()), text(unit), prop::option::of(instant(unit)));
    (instant(unit), 1..=3_u32, rules, instant(unit), names)
        .prop_map(|(at, count, rule, start, (message_id, text, heartbeat))| Look {
            at,
            count,
            rule,
            start,
            message_id,
            status_changed: text.raw().map(str::to_owned),
            heartbeat,
        })
        .boxed()
}

/// A made-up look of which most fits the facts, so that a single difference has to be noticed.
fn likely(mut look: Look, snapshot: &Snapshot) -> Look {
    let odd = look.at.as_millis().div_euclid(1000).rem_euclid(7);
    if let Some(start) = snapshot.start.known().filter(|_| odd != 0) {
        look.start = *start;
    }
    if odd != 1 {
        let reads = look.rule != Rule::HardCap;
        look.heartbeat = snapshot.heartbeat.known().map(|file| file.mtime).filter(|_| reads);
    }
    let named = matches!(look.rule, Rule::Claim | Rule::Silence);
    let claim = snapshot.claims.known().and_then(|claims| claims.last()).filter(|_| named);
    if odd != 2 {
        look.message_id = claim.map(|claim| claim.message_id.clone());
    }
    if odd != 3 {
        let text = claim.and_then(|claim| claim.status_changed.raw());
        look.status_changed = text.map(str::to_owned);
    }
    look
}
