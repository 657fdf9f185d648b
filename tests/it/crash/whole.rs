//! The call under test as it is without a kill: that there is something to kill.

use sweepd_sweep::ports::Runtime as _;
use sweepd_tests::faulty::Fuse;

use super::judge::Outcome;
use super::trouble::ALL;
use super::world::World;

#[tokio::test]
async fn the_call_does_everything_that_there_is_to_do() {
    let world = World::of(ALL).await;
    let before = world.runtime.list().await.unwrap().len();
    let fuse = Fuse::never();
    assert!(world.until_quiet(&fuse).await);
    let outcome = Outcome::of(&world).await;
    let rows: Vec<String> = outcome
        .by_id()
        .into_iter()
        .map(|((session, id), row)| {
            let or_none = |field: &Option<String>| field.clone().unwrap_or_else(|| "-".to_owned());
            let (status, after) = (or_none(&row.status), or_none(&row.process_after));
            let (tries, cron) = (row.tries.unwrap(), or_none(&row.recurrence));
            format!("{session}/{id}: {status}, {tries}, {after}, {cron}")
        })
        .collect();
    assert_eq!(rows, ROWS);
    let open: Vec<&str> = outcome.open.keys().map(String::as_str).collect();
    assert_eq!(open, OPEN);
    let up: Vec<&str> =
        outcome.up.iter().filter(|(_, up)| **up > 0).map(|(session, _)| *session).collect();
    assert_eq!(up, ["due", "stuck", "zombie"]);
    assert_eq!(before, 3, "two that hang and one that died");
    let begun = |act: &str| fuse.taken().iter().filter(|step| step.starts_with(act)).count();
    assert_eq!((begun("stop "), begun("wake "), begun("remove "), begun("apply ")), (2, 4, 3, 18));
}

/// Session and id; status, tries, not before, expression.
const ROWS: [&str; 25] = [
    "deaf/unheard: pending, 1, 2026-11-22 10:00:05, -",
    "due/due: pending, 0, -, -",
    "due/later: pending, 0, 2026-11-22T13:00:00.789Z, -",
    "orphans/answered: completed, 0, -, -",
    "orphans/orphan-0: pending, 1, 2026-11-22 10:00:05, -",
    "orphans/orphan-5: failed, 5, -, -",
    "orphans/put-off: pending, 1, 2026-11-22 13:00:00, -",
    "poisoned/killer: failed, 0, -, -",
    "series/acked: completed, 0, 2026-11-22T09:30:00.789Z, -",
    "series/done: completed, 0, -, -",
    "series/ended-badly: failed, 0, 2026-11-22T09:30:00.789Z, -",
    "series/failed: failed, 0, -, -",
    "series/failed-early: failed, 0, -, -",
    "series/held: completed, 0, 2026-11-22T09:30:00.789Z, -",
    "series/never: completed, 0, 2026-11-22T09:30:00.789Z, 0 0 30 2 *",
    "series/over: completed, 0, 2026-11-22T09:30:00.789Z, -",
    "series/task-1795341600789-fewkfj: pending, 0, 2026-11-23T09:00:00.000Z, 0 9 * * *",
    "series/task-1795341600789-fnv3ou: paused, 0, 2026-12-01T00:00:00.000Z, 0 0 1 * *",
    "series/task-1795341600789-k9crvo: pending, 0, 2026-11-23T00:15:00.000Z, 15 * * * 1-5",
    "series/task-1795341600789-qnvs25: pending, 0, 2026-11-22T10:30:00.000Z, */30 * * * *",
    "stuck/bystander: pending, 0, -, -",
    "stuck/try-0: pending, 1, 2026-11-22 10:00:10, -",
    "stuck/try-4: pending, 5, 2026-11-22 10:01:25, -",
    "stuck/try-5: failed, 5, -, -",
    "zombie/undead: pending, 1, 2026-11-22 10:00:05, -",
];

/// Keys of the incidents that are open afterwards.
const OPEN: [&str; 8] = [
    "agent-stuck:nanoclaw/ag-1/stuck",
    "agent-stuck:nanoclaw/ag-1/zombie",
    "bad-schedule:nanoclaw/ag-1/series/never",
    "dead-letter:nanoclaw/ag-1/orphans/orphan-5",
    "dead-letter:nanoclaw/ag-1/poisoned/killer",
    "dead-letter:nanoclaw/ag-1/stuck/try-5",
    "message-failed:nanoclaw/ag-1/series/ended-badly",
    "message-failed:nanoclaw/ag-1/series/failed",
];
