//! Facts and limits on the grid.

use proptest::prelude::*;
use proptest::sample::select;
use sweepd_decide::{
    Claim, Due, Heartbeat, IdleStop, MessageId, Observed, Policy, SilenceAction, Snapshot, Span,
    Suspend, Timestamp, Tool, Written,
};

/// The grid begins here: a whole second, in 2026.
pub(super) const EPOCH: i64 = 1_790_000_000_000;

/// Points of the grid.
const POINTS: i64 = 16;

pub(super) fn policy(unit: i64) -> BoxedStrategy<Policy> {
    let off = |odds: f64| prop::option::weighted(1.0 - odds, limit(unit));
    let lengths = (limit(unit), limit(unit), off(0.2), off(0.2), off(0.2), off(0.2), off(0.7));
    let grace = prop_oneof![2 => Just(Span::ZERO), 1 => limit(unit)];
    let budget = (limit(unit), grace, select(vec![5000, 5000, 1000, 0]));
    let idle = prop_oneof![
        3 => Just(IdleStop::Unset),
        1 => Just(IdleStop::Never),
        1 => limit(unit).prop_map(IdleStop::After),
    ];
    let action = prop_oneof![Just(SilenceAction::Warn), Just(SilenceAction::Stop)];
    let looks = (select(vec![1, 1, 2, 2, 3]), select(vec![5000, 1, 1000]));
    (lengths, budget, idle, action, looks)
        .prop_map(|(lengths, (cap, grace, skew), idle_stop, silence_action, looks)| {
            let mut policy = Policy::default();
            (policy.ceiling, policy.claim_tolerance, policy.silence, ..) = lengths;
            (.., policy.start_deadline, policy.never_beat, policy.unclaimed, policy.hard_cap) =
                lengths;
            (policy.declared_cap, policy.declared_grace) = (cap, grace);
            policy.skew = Span::from_millis(skew);
            (policy.idle_stop, policy.silence_action) = (idle_stop, silence_action);
            policy.confirmations = looks.0;
            policy.confirmation_gap = Span::from_millis(looks.1);
            policy
        })
        .boxed()
}

pub(super) fn snapshot(unit: i64) -> BoxedStrategy<Snapshot> {
    let start =
        prop_oneof![20 => instant(unit).prop_map(Observed::Known), 1 => Just(Observed::Unknown)];
    let host = (start, fact(heartbeat(unit)), fact(tool(unit)));
    let queue = (fact(claims(unit)), fact(text(unit)), fact(due(unit)));
    let pauses = (slept(unit), prop::option::weighted(0.2, instant(unit)));
    (host, queue, pauses)
        .prop_map(|(host, queue, pauses)| {
            let mut snapshot = Snapshot::unknown();
            (snapshot.start, snapshot.heartbeat, snapshot.tool) = host;
            (snapshot.claims, snapshot.last_ack, snapshot.due) = queue;
            (snapshot.slept, snapshot.hold_until) = pauses;
            snapshot
        })
        .boxed()
}

/// Mostly known, sometimes none, seldom unknown.
fn fact<T: std::fmt::Debug + Clone + 'static>(
    known: BoxedStrategy<T>,
) -> BoxedStrategy<Observed<T>> {
    prop_oneof![
        14 => known.prop_map(Observed::Known),
        5 => Just(Observed::Absent),
        1 => Just(Observed::Unknown),
    ]
    .boxed()
}

/// A heartbeat that was seen at once, soon, or by a clock far behind the agent's.
fn heartbeat(unit: i64) -> BoxedStrategy<Heartbeat> {
    let delay = select(vec![0, 0, 0, 300, 300, 300, 300, -1000, -1001, -5000, -5001, -90_000]);
    (instant(unit), delay)
        .prop_map(|(mtime, delay)| Heartbeat {
            mtime,
            first_seen: mtime.plus(Span::from_millis(delay)),
        })
        .boxed()
}

fn tool(unit: i64) -> BoxedStrategy<Tool> {
    let name = select(vec![
        None,
        Some(""),
        Some("Bash"),
        Some("Bash"),
        Some("Bash"),
        Some("Bash"),
        Some("mcp__x__y"),
    ]);
    let declared = prop_oneof![
        1 => select(vec![None, Some(0), Some(-1), Some(i64::MAX)]),
        4 => limit(unit).prop_map(|span| Some(span.as_millis())),
    ];
    (name, declared, text(unit))
        .prop_map(|(name, declared_ms, started_at)| Tool {
            name: name.map(str::to_owned),
            declared_ms,
            started_at,
        })
        .boxed()
}

fn claims(unit: i64) -> BoxedStrategy<Vec<Claim>> {
    let claim = (id(), text(unit))
        .prop_map(|(message_id, status_changed)| Claim { message_id, status_changed });
    prop::collection::vec(claim, 0..4).boxed()
}

fn due(unit: i64) -> BoxedStrategy<Vec<Due>> {
    let due = (id(), instant(unit)).prop_map(|(message_id, at)| Due { message_id, at });
    prop::collection::vec(due, 0..4).boxed()
}

/// Spans between some instants in order: disjoint, perhaps touching or empty.
fn slept(unit: i64) -> BoxedStrategy<Vec<Suspend>> {
    prop::collection::vec(instant(unit), 0..5)
        .prop_map(|mut ends| {
            ends.sort();
            let pairs = ends.chunks_exact(2);
            pairs.map(|pair| Suspend { from: pair[0], to: pair[1] }).collect()
        })
        .boxed()
}

/// A time as an agent writes it, or something else.
pub(super) fn text(unit: i64) -> BoxedStrategy<Written> {
    (instant(unit), 0..12_u8)
        .prop_map(|(at, form)| {
            let exact = at.to_string();
            let whole = exact.chars().take(19).collect::<String>();
            Written::new(match form {
                0 => None,
                1 => Some("yesterday".to_owned()),
                2 => Some(exact),
                3 => Some(format!("{whole}Z")),
                _ => Some(whole.replace('T', " ")),
            })
        })
        .boxed()
}

pub(super) fn id() -> BoxedStrategy<MessageId> {
    (0..4_u8).prop_map(|n| MessageId::new(format!("m{n}"))).boxed()
}

pub(super) fn instant(unit: i64) -> BoxedStrategy<Timestamp> {
    let off = select(vec![0, 0, 0, 0, 1, -1, 500, 999]);
    (0..POINTS, off)
        .prop_map(move |(n, off)| Timestamp::from_millis(EPOCH + n * unit + off))
        .boxed()
}

/// A span on the grid; now and then one that never ends.
pub(super) fn limit(unit: i64) -> BoxedStrategy<Span> {
    let points = prop_oneof![8 => 0..8_i64, 1 => Just(30_i64)];
    let off = select(vec![0, 0, 0, 0, 0, 0, 1, -1]);
    let on_grid = (points, off).prop_map(move |(n, off)| (n * unit + off).max(0));
    prop_oneof![24 => on_grid, 1 => Just(i64::MAX)].prop_map(Span::from_millis).boxed()
}
