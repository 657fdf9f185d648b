//! Seven sessions, each with trouble of its own kind, as rows that agents and host leave.
//!
//! Together they are a world in which one call does everything: it stops, releases, retries, gives
//! up, completes, carries acks over, carries series on, and wakes.

use agent_sim::fixture::{Message, Output, sql_text};
use sweepd_decide::{Span, Timestamp};
use sweepd_sweep::ports::Clock as _;
use sweepd_tests::faulty::Fuse;

use super::world::{NOW, World};

/// What makes one kind of trouble.
type Make = fn(&World);

/// It runs and hangs: overdue claims with 0, 4 and 5 tries, and a young bystander.
pub(super) const STUCK: &str = "stuck";
/// Nothing runs, nothing is due: orphan claims, one answered, one used up, one put off.
pub(super) const ORPHANS: &str = "orphans";
/// Acks to be carried over, and series to be carried on; one schedule never runs.
pub(super) const SERIES: &str = "series";
/// Due work, nothing runs, waking works.
pub(super) const DUE: &str = "due";
/// Due work, nothing runs, waking fails; an orphan claim.
pub(super) const DEAF: &str = "deaf";
/// It has just died on the same message for the third time.
pub(super) const POISONED: &str = "poisoned";
/// It hangs, and has survived a stop; the next one ends it.
pub(super) const ZOMBIE: &str = "zombie";

pub(super) const ALL: &[&str] = &[STUCK, ORPHANS, SERIES, DUE, DEAF, POISONED, ZOMBIE];

/// Each by itself.
pub(super) const EACH: [&[&str]; 7] =
    [&[STUCK], &[ORPHANS], &[SERIES], &[DUE], &[DEAF], &[POISONED], &[ZOMBIE]];

/// When the first calls are made.
pub(super) const BEGIN: Timestamp = NOW.minus(Span::from_mins(8));

/// Brings the sessions of a world to where they are at [`NOW`], with the calls before.
pub(super) async fn make(world: &World) {
    let has = |name| world.sessions.contains(&name);
    if has(POISONED) {
        die_twice(world).await;
    }
    world.clock.set(ago(Span::from_mins(4)));
    if has(STUCK) {
        world.start(STUCK);
    }
    if has(ZOMBIE) {
        survive(world);
    }
    if has(SERIES) {
        fail_early(world);
    }
    sweep(world).await;
    world.clock.set(NOW);
    if has(POISONED) {
        world.runtime.exit(&world.run_of(POISONED).await, 1);
    }
    if has(ZOMBIE) {
        world.runtime.change(&world.run_of(ZOMBIE).await, |run| run.immortal = false);
    }
    let then: [(&str, Make); 5] =
        [(STUCK, stick), (ORPHANS, orphan), (SERIES, recur), (DUE, fall_due), (DEAF, go_deaf)];
    then.into_iter().filter(|(name, _)| has(name)).for_each(|(_, make)| make(world));
}

/// Two deaths with a claim open, and a third life that has claimed again.
async fn die_twice(world: &World) {
    let session = world.session(POISONED);
    session.message(&Message::chat("killer", world.clock.now())).unwrap();
    for life in 1..=3 {
        sweep(world).await;
        world.clock.advance(Span::from_secs(1));
        session.claim("killer", world.clock.now()).unwrap();
        if life < 3 {
            sweep(world).await;
            world.clock.advance(Span::from_secs(1));
            world.runtime.exit(&world.run_of(POISONED).await, 1);
            sweep(world).await;
            world.clock.advance(Span::from_mins(1));
        }
    }
    session.claim("killer", ago(Span::from_millis(4 * 60_000 + 5_000))).unwrap();
}

/// A run that outlives the first stop of it. The incident of it stays open.
fn survive(world: &World) {
    let session = world.session(ZOMBIE);
    let run = world.start(ZOMBIE);
    world.runtime.change(&run, |run| {
        run.started_at = ago(Span::from_mins(9));
        run.immortal = true;
    });
    let claimed = ago(Span::from_mins(8));
    session.message(&Message::chat("undead", claimed)).unwrap();
    session.claim("undead", claimed).unwrap();
}

/// A failure that is news now, and no more at [`NOW`]. The incident of it stays open.
fn fail_early(world: &World) {
    let session = world.session(SERIES);
    let then = ago(Span::from_mins(122));
    session.message(&Message::chat("failed-early", then)).unwrap();
    session.ack("failed-early", "failed", then).unwrap();
}

fn stick(world: &World) {
    let session = world.session(STUCK);
    let (old, young) = (ago(Span::from_mins(3)), ago(Span::from_secs(20)));
    for (id, tries, claimed) in
        [("try-0", 0, old), ("try-4", 4, old), ("try-5", 5, old), ("bystander", 0, young)]
    {
        let message = Message::chat(id, ago(Span::from_mins(5)));
        session.message(&Message { tries: Some(tries), ..message }).unwrap();
        session.claim(id, claimed).unwrap();
    }
    session.heartbeat(ago(Span::from_millis(3 * 60_000 + 500))).unwrap();
}

fn orphan(world: &World) {
    let session = world.session(ORPHANS);
    let then = ago(Span::from_mins(10));
    for (id, tries, put_off) in [
        ("answered", 0, None),
        ("orphan-0", 0, None),
        ("orphan-5", 5, None),
        ("put-off", 1, Some(sql_text(NOW.plus(Span::from_mins(180))))),
    ] {
        let message = Message::chat(id, then);
        let context = Message { trigger: 0, tries: Some(tries), ..message };
        session.message(&Message { process_after: put_off, ..context }).unwrap();
        session.claim(id, then).unwrap();
    }
    let answer = Output::chat("out-1", Some("answered"), then.plus(Span::from_secs(30)));
    session.output(&answer).unwrap();
}

fn recur(world: &World) {
    let session = world.session(SERIES);
    let then = ago(Span::from_mins(30));
    for (id, status, cron) in [
        ("over", "completed", "0 9 * * *"),
        ("acked", "pending", "*/30 * * * *"),
        ("ended-badly", "pending", "15 * * * 1-5"),
        ("held", "paused", "0 0 1 * *"),
        ("never", "completed", "0 0 30 2 *"),
    ] {
        let task = Message::task(id, then, then);
        let (status, recurrence) = (Some(status.to_owned()), Some(cron.to_owned()));
        session.message(&Message { status, recurrence, ..task }).unwrap();
    }
    session.message(&Message::chat("done", then)).unwrap();
    session.message(&Message::chat("failed", then)).unwrap();
    for (id, status) in [
        ("acked", "completed"),
        ("ended-badly", "failed"),
        ("held", "completed"),
        ("done", "completed"),
        ("failed", "failed"),
    ] {
        session.ack(id, status, ago(Span::from_mins(5))).unwrap();
    }
}

fn fall_due(world: &World) {
    let session = world.session(DUE);
    let then = ago(Span::from_mins(2));
    session.message(&Message::chat("due", then)).unwrap();
    session.message(&Message::task("later", then, NOW.plus(Span::from_mins(180)))).unwrap();
    session.claim("due", then).unwrap();
    session.heartbeat(ago(Span::from_mins(20))).unwrap();
}

fn go_deaf(world: &World) {
    let session = world.session(DEAF);
    let then = ago(Span::from_mins(2));
    session.message(&Message::chat("unheard", then)).unwrap();
    session.claim("unheard", then).unwrap();
}

async fn sweep(world: &World) {
    assert!(world.until_quiet(&Fuse::never()).await);
}

const fn ago(span: Span) -> Timestamp {
    NOW.minus(span)
}
