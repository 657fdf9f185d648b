//! So many are missing at once that somebody may mean it.

use super::yard::{Yard, at, open};

fn names() -> Vec<String> {
    (0..200).map(|n| format!("c{n:03}")).collect()
}

fn many() -> Yard {
    let names = names();
    Yard::with(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

#[tokio::test]
async fn of_two_hundred_sixty_are_removed_and_the_brake_holds_all_but_one() {
    let yard = many();
    yard.at(70_000, |yard| {
        for name in names().iter().take(60) {
            yard.remove(name);
        }
    });
    let report = yard.run_until(1_000_000).await;
    assert_eq!(yard.keeper.recreations().len(), 1, "the canary");
    let brakes = open(&report).into_iter().filter(|key| key.starts_with("brake-engaged"));
    assert_eq!(brakes.count(), 1);
}

#[tokio::test]
async fn a_person_lets_them_go() {
    let yard = many();
    yard.sweep().await;
    for name in names().iter().take(60) {
        yard.remove(name);
    }
    yard.clock.set(at(60_000));
    yard.sweep().await;
    yard.clock.set(at(120_000));
    yard.sweep().await;
    assert_eq!(yard.keeper.recreations().len(), 1);
    let engine = yard.engine();
    engine.release_brake().await.unwrap();
    yard.clock.set(at(130_000));
    yard.sweep().await;
    assert_eq!(yard.keeper.recreations().len(), 60);
    assert_eq!(yard.runtime.up().len(), 200);
}

#[tokio::test]
async fn forty_that_a_fifth_allows_are_made_anew_without_it() {
    let yard = many();
    yard.at(70_000, |yard| {
        for name in names().iter().take(30) {
            yard.remove(name);
        }
    });
    let report = yard.run_until(300_000).await;
    assert_eq!(yard.runtime.up().len(), 200);
    assert_eq!(open(&report), Vec::<&str>::new());
}

/// Each is back before the next is gone.
#[tokio::test]
async fn one_after_the_other_is_not_many_at_once() {
    let yard = Yard::with(&["a", "b", "c", "d", "e"]);
    for (nth, name) in (1..).zip(["a", "b", "c", "d", "e"]) {
        yard.at(nth * 60_000 - 1_000, move |yard| yard.remove(name));
    }
    let report = yard.run_until(400_000).await;
    assert_eq!(yard.keeper.recreations().len(), 5);
    assert_eq!(open(&report), Vec::<&str>::new());
}
