//! Whatever is not expected and not ours is never touched.

use super::super::rig::Rig;
use super::yard::{Yard, id};

/// Two installations of sweepd, with the same prefix and the same source on one engine.
#[tokio::test]
async fn another_installation_with_the_same_prefix_is_left_alone() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "one");
    let other = Yard::new(&rig, "two");
    let prefix = format!("{}-", rig.name());
    let (ours, theirs) = (format!("{prefix}ours"), format!("{prefix}theirs"));
    let strange = format!("{prefix}strange");
    let scope = format!("name-prefix = \"{prefix}\"\nremove-orphans = \"1ms\"");
    yard.expect(&[&ours], &scope);
    other.expect(&[&theirs], &scope);
    for name in [&ours, &theirs, &strange] {
        yard.start(name, &[]);
    }
    yard.site.sweep(&[]).await;
    other.site.sweep(&[]).await;
    // Both are made anew by their own, and carry the labels of that.
    yard.remove(&ours);
    other.remove(&theirs);
    yard.sweep_twice().await;
    other.sweep_twice().await;
    let before = [&ours, &theirs, &strange].map(|name| yard.standing(name));
    assert!(before.iter().flatten().all(|it| it.status == "running"), "{before:?}");

    for _ in 0..3 {
        let call = yard.site.sweep(&[]).await;
        assert_eq!((call.code, call.line(&id(&ours))), (Some(0), "running ok ok []".to_owned()));
        assert_eq!(call.incidents(), Vec::<String>::new());
        other.site.sweep(&[]).await;
    }
    // Nobody of ours is expected any more: theirs is still theirs.
    let nobody = format!("{prefix}nobody");
    yard.expect(&[&nobody], &format!("{scope}\nrecreate = \"never\""));
    yard.site.sweep(&[]).await;
    yard.site.sweep(&[]).await;
    assert_eq!(yard.standing(&ours), None, "an orphan of ours goes, as configured");
    let after = [&theirs, &strange].map(|name| yard.standing(name));
    assert_eq!(after.as_slice(), &before[1..]);
}

#[tokio::test]
async fn a_name_without_the_prefix_is_refused_and_its_container_left_alone() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "refused");
    let (name, registry) = (rig.name(), yard.site.dir().join("agents.db"));
    let db = rusqlite::Connection::open(&registry).unwrap();
    db.execute_batch("CREATE TABLE agents (name TEXT, enabled INTEGER)").unwrap();
    db.execute("INSERT INTO agents VALUES (?1, 1)", [&name]).unwrap();
    yard.configure(
        "name-prefix = \"hooks-\"\n[source.registry]\npath = \"HERE/agents.db\"\n\
         query = \"SELECT * FROM agents\"\n",
    );
    let run = yard.start(&name, &[]);
    yard.site.sweep(&[]).await;
    yard.remove(&run);
    let call = yard.sweep_twice().await;
    assert_eq!(yard.standing(&name), None);
    let summary = call.report["incidents"][0]["summary"].to_string();
    assert!(summary.contains("hooks-") && summary.contains(&name), "{}", call.lines());
}
