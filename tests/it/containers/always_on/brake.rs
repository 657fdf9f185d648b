//! So many vanish at once that somebody may mean it: nobody is brought back but one, until a
//! person lets go.
//!
//! Of 20, 6 vanish; with `SWEEPD_CROWD=200` of 200, 60.

use super::super::rig::Rig;
use super::super::wait::{later_than, now};
use super::yard::Yard;

#[tokio::test]
async fn the_brake_holds_with_one_incident_and_a_person_brings_them_back() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "brake");
    let names: Vec<String> = (0..crowd()).map(|_| rig.name()).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    yard.expect(&all, "");
    for name in &names {
        yard.start(name, &[]);
    }
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.code, Some(0), "{}", call.lines());
    let (gone, left) = all.split_at(all.len() * 3 / 10);
    let ids = |yard: &Yard<'_>| left.iter().map(|name| yard.standing(name)).collect::<Vec<_>>();
    let before = ids(&yard);

    rig.docker(&[&["rm", "-f"], gone].concat());
    for _ in 0..3 {
        yard.site.sweep(&[]).await;
    }
    later_than(now().plus(sweepd_decide::Span::from_secs(6))).await;
    let call = yard.site.sweep(&[]).await;
    let back = |yard: &Yard<'_>| gone.iter().filter(|name| yard.standing(name).is_some()).count();
    assert_eq!(back(&yard), 1, "the canary: {}", call.lines());
    assert_eq!(call.incidents(), ["brake-engaged:sweepd"]);
    assert_eq!(yard.site.events("container_recreated").len(), 1);

    let released = yard.site.sweepd(&["brake", "release"]).output().await.unwrap();
    assert!(released.status.success(), "{released:?}");
    let call = yard.site.sweep(&[]).await;
    assert_eq!(back(&yard), gone.len(), "{}", call.lines());
    yard.site.sweep(&[]).await;
    let call = yard.site.sweep(&[]).await;
    assert_eq!((call.incidents(), call.code), (vec![], Some(0)), "{}", call.lines());
    assert_eq!(ids(&yard), before, "nobody else was touched");
}

#[expect(clippy::disallowed_methods, reason = "how many, for the long version")]
fn crowd() -> usize {
    std::env::var("SWEEPD_CROWD").ok().and_then(|crowd| crowd.parse().ok()).unwrap_or(20)
}
