//! How long one decision takes. `cargo bench -p sweepd-decide`.

use divan::{Bencher, black_box};
use sweepd_decide::stuck::decide_stuck;
use sweepd_decide::{
    Claim, Due, Heartbeat, Observed, Policy, Snapshot, Span, Timestamp, Tool, parse_utc,
};

fn main() {
    divan::main();
}

const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn after(secs: i64) -> Timestamp {
    START.plus(Span::from_secs(secs))
}

fn claimed_at(secs: i64) -> Claim {
    Claim { message_id: "msg-1".into(), status_changed: after(secs).to_sqlite().as_str().into() }
}

/// An idle container that has beaten.
fn idle() -> Snapshot {
    let mut seen = Snapshot::unknown();
    seen.start = Observed::Known(START);
    seen.heartbeat = Observed::Known(Heartbeat { mtime: after(60), first_seen: after(61) });
    seen.tool = Observed::Absent;
    seen.claims = Observed::Known(vec![]);
    seen.last_ack = Observed::Known(after(60).to_sqlite().as_str().into());
    seen.due = Observed::Known(vec![]);
    seen
}

/// A container at work: two claims, a tool with a declared timeout, a message that waits.
fn busy() -> Snapshot {
    let mut seen = idle();
    seen.claims = Observed::Known(vec![claimed_at(50), claimed_at(55)]);
    seen.due = Observed::Known(vec![
        Due { message_id: "msg-1".into(), at: after(40) },
        Due { message_id: "msg-2".into(), at: after(90) },
    ]);
    seen.tool = Observed::Known(Tool {
        name: Some("Bash".to_owned()),
        declared_ms: Some(120_000),
        started_at: after(58).to_string().as_str().into(),
    });
    seen
}

#[divan::bench(args = ["idle", "busy", "stuck"])]
fn standard(bencher: Bencher<'_, '_>, case: &str) {
    let (seen, now) = match case {
        "idle" => (idle(), after(120)),
        "busy" => (busy(), after(100)),
        _ => (busy(), after(4000)),
    };
    let policy = Policy::default();
    bencher.bench(|| decide_stuck(black_box(&policy), black_box(&seen), black_box(now)));
}

#[divan::bench(args = ["idle", "busy", "stuck"])]
fn nanoclaw(bencher: Bencher<'_, '_>, case: &str) {
    let (seen, now) = match case {
        "idle" => (idle(), after(120)),
        "busy" => (busy(), after(100)),
        _ => (busy(), after(4000)),
    };
    let policy = Policy::nanoclaw();
    bencher.bench(|| decide_stuck(black_box(&policy), black_box(&seen), black_box(now)));
}

#[divan::bench(args = ["2026-05-12 01:00:00", "2026-05-12T03:00:00.000+02:00"])]
fn parse(text: &str) -> Option<Timestamp> {
    parse_utc(black_box(text))
}
