//! Whoever removes a container stops it first, and a runtime tells of both.

use std::sync::Arc;

use super::yard::{Told, Yard, at};

fn told(names: &[&str]) -> (Yard, Arc<Told>) {
    let mut yard = Yard::with(names);
    let told = Arc::new(Told::default());
    yard.hints = Some(Arc::clone(&told));
    (yard, told)
}

/// The run is not up any more when its end is told of, and nobody has it when its removal is.
#[tokio::test]
async fn a_removal_is_met_although_its_end_was_met_before_and_only_the_removal_is_told() {
    let (yard, told) = told(&["a", "b"]);
    let run = yard.runtime.named("a").unwrap();
    let (ended, gone) = (Arc::clone(&told), told);
    let (first, second) = (run.clone(), run);
    yard.at(10_000, move |yard| {
        yard.runtime.exit(&first, 137);
        ended.tell(&first);
    });
    yard.at(10_300, move |yard| {
        yard.runtime.vanish(&second);
        gone.tell(&second);
    });
    yard.run_until(60_000).await;
    assert_eq!(
        yard.events("a"),
        [
            (10_000, "container_died"),
            (10_300, "container_missing"),
            (15_300, "container_recreated"),
        ]
    );
    assert_eq!(yard.events("b"), []);
}

#[tokio::test]
async fn a_stop_that_lasts_is_told_a_moment_later_with_how_it_came() {
    let (yard, told) = told(&["a"]);
    let run = yard.runtime.named("a").unwrap();
    yard.at(10_000, move |yard| {
        yard.runtime.exit(&run, 3);
        told.tell(&run);
    });
    yard.run_until(30_000).await;
    assert_eq!(yard.events("a"), [(10_000, "container_died"), (11_000, "container_stopped")]);
    assert_eq!(yard.last("container_stopped")["exit_code"], 3);
}

/// Whatever happens to anybody's container is a reason to look, and none to tell that again.
#[tokio::test]
async fn that_a_roster_cannot_be_read_is_not_told_at_every_hint() {
    let (yard, told) = told(&["a"]);
    super::lock(&yard.roster).unread = Some("the registry is torn".to_owned());
    let run = yard.runtime.named("a").unwrap();
    for nth in 1..40 {
        let (told, run) = (Arc::clone(&told), run.clone());
        yard.at(nth * 200, move |_| told.tell(&run));
    }
    yard.run_until(8_000).await;
    let events = yard.store.events();
    let early = events.iter().filter(|(told, _)| *told <= at(8_000));
    let skipped = early.filter(|(_, event)| event.kind.as_str() == "tick_skipped");
    assert_eq!(skipped.count(), 2, "at once, and again after 5 s");
}
