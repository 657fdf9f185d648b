//! The points themselves.

use std::sync::Arc;

use sweepd_decide::Span;
use sweepd_tests::faulty::{Edge, Fuse};

use super::judge::{Outcome, is_sound, rows};
use super::promises::Killed;
use super::trouble::{ALL, EACH, ZOMBIE};
use super::world::World;

/// The next call begins at the very instant of the kill: nothing may tell that it ever was.
#[tokio::test]
async fn a_kill_on_either_side_of_any_step_changes_nothing_in_the_end() {
    for sessions in EACH {
        for edge in [Edge::Before, Edge::After] {
            a_kill_changes_nothing(sessions, edge).await;
        }
    }
}

/// Nothing that lasts happens between two steps: after one is before the next.
#[tokio::test]
async fn a_kill_in_a_call_that_does_everything_changes_nothing_in_the_end() {
    a_kill_changes_nothing(ALL, Edge::After).await;
}

#[tokio::test]
async fn an_hour_after_a_kill_promises_are_kept_and_nothing_is_doubled() {
    for sessions in EACH {
        let mut world = World::of(sessions).await;
        let given = rows(&world);
        for (n, step) in steps(&world).await.iter().enumerate() {
            world.rewind();
            assert!(!world.until_quiet(&Fuse::at(n, Edge::After)).await);
            let killed = Killed::new(&world, &given);
            world.clock.advance(Span::from_mins(60));
            world.runtime.forget_ends();
            settle(&world).await;
            killed.came_to(&Outcome::of(&world).await, &format!("after step {n}, {step}"));
        }
    }
}

/// A full disk is no kill: that life goes on, and may do nothing that it cannot write down.
#[tokio::test]
async fn while_the_state_takes_no_commits_nothing_is_done() {
    for sessions in EACH {
        let mut world = World::of(sessions).await;
        let given = rows(&world);
        let steps = steps(&world).await;
        for (n, step) in steps.iter().enumerate().filter(|(_, step)| step.starts_with("commit")) {
            world.rewind();
            let fuse = Fuse::forgets_from(n);
            until_blown(&world, &fuse).await;
            let done = fuse.taken().split_off(n);
            assert!(done.is_empty(), "step {n} refused, {step}: and yet {done:?}");
            let killed = Killed::new(&world, &given);
            settle(&world).await;
            killed.came_to(&Outcome::of(&world).await, &format!("step {n} refused, {step}"));
        }
    }
}

/// Nobody can tell whether that stop was made, so it counts as one that did not help.
#[tokio::test]
async fn another_stop_that_was_written_down_and_never_made_is_made_after_its_back_off() {
    let mut world = World::of(&[ZOMBIE]).await;
    let steps = steps(&world).await;
    let stop = steps.iter().position(|step| step.starts_with("stop ")).unwrap();
    world.rewind();
    let killed = Killed::new(&world, &rows(&world));
    assert!(!world.until_quiet(&Fuse::at(stop, Edge::Before)).await);
    let run = world.run_of(ZOMBIE).await;
    for (wait, up) in [(0, 1), (9, 1), (1, 0)] {
        world.clock.advance(Span::from_secs(wait));
        let report = world.life(&Fuse::never()).await.unwrap();
        assert_eq!(report.trouble, Vec::<String>::new());
        assert_eq!(world.runtime.up().len(), up, "after {wait} s");
    }
    settle(&world).await;
    let outcome = Outcome::of(&world).await;
    killed.came_to(&outcome, "before another stop");
    assert_eq!(outcome.times(ZOMBIE, "agent_stopped"), 1);
    assert_eq!(outcome.open.keys().filter(|key| key.starts_with("zombie:")).count(), 0);
    assert_eq!(world.runtime.stops(), [run.clone(), run]);
}

async fn a_kill_changes_nothing(sessions: &'static [&'static str], edge: Edge) {
    let mut world = World::of(sessions).await;
    let steps = steps(&world).await;
    let expected = Outcome::of(&world).await;
    let mut found = Vec::new();
    for (n, step) in steps.iter().enumerate() {
        world.rewind();
        if is_before_another_stop(&world, &steps, n, edge).await {
            continue;
        }
        assert!(!world.until_quiet(&Fuse::at(n, edge)).await);
        // Whatever the runtime still knew of ends is gone as well.
        world.runtime.forget_ends();
        settle(&world).await;
        let outcome = Outcome::of(&world).await;
        if outcome != expected {
            found.push(format!("{edge:?} step {n}, {step}:\n{}", outcome.unlike(&expected)));
        }
    }
    assert!(found.is_empty(), "{} of {}\n{}", found.len(), steps.len(), found.concat());
}

/// That one is told of for itself.
async fn is_before_another_stop(world: &World, steps: &[String], n: usize, edge: Edge) -> bool {
    let next = if edge == Edge::Before { n } else { n + 1 };
    let stop = steps.get(next).filter(|step| step.starts_with("stop "));
    world.sessions.contains(&ZOMBIE)
        && stop == Some(&format!("stop {}", world.run_of(ZOMBIE).await))
}

/// The steps of all calls until there is nothing more to do, without a kill.
async fn steps(world: &World) -> Vec<String> {
    let fuse = Fuse::never();
    assert!(world.until_quiet(&fuse).await);
    fuse.taken()
}

/// Lets the next lives have their say.
async fn settle(world: &World) {
    assert!(world.until_quiet(&Fuse::never()).await);
    is_sound(world);
}

async fn until_blown(world: &World, fuse: &Arc<Fuse>) {
    while !fuse.is_blown() {
        let report = world.life(fuse).await.unwrap();
        assert_eq!(fuse.is_blown(), !report.trouble.is_empty(), "{:?}", report.trouble);
    }
}
