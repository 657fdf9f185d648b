//! Those that are disabled cause nothing, ever.

use serde_json::json;

use super::super::daemon::Daemon;
use super::super::rig::Rig;
use super::super::wait::until;
use super::yard::{Yard, id};

#[tokio::test]
async fn whatever_happens_to_one_that_is_disabled_nothing_follows() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "rest");
    let names: Vec<String> = (0..4).map(|_| rig.name()).collect();
    let [host_mode, removed, stopped, awake] = names.as_slice() else { panic!("four") };
    let db = rusqlite::Connection::open(yard.site.dir().join("agents.db")).unwrap();
    db.execute_batch("CREATE TABLE agents (name TEXT, enabled INTEGER)").unwrap();
    for name in [host_mode, removed] {
        db.execute("INSERT INTO agents VALUES (?1, 0)", [name]).unwrap();
    }
    yard.configure(&format!(
        "on-stopped = \"start\"\nremove-orphans = \"1ms\"\n[source.registry]\n\
         path = \"HERE/agents.db\"\nquery = \"SELECT name, enabled FROM agents\"\n\
         [[source.container]]\nname = \"{stopped}\"\nenabled = false\n\
         [[source.container]]\nname = \"{awake}\"\n"
    ));
    yard.start(removed, &[]);
    yard.start(stopped, &[]);
    yard.start(awake, &[]);
    let daemon = Daemon::start(&yard.site);
    until("it has looked", || !yard.site.events("pass_finished").is_empty()).await;
    yard.remove(removed);
    rig.docker(&["kill", stopped]);
    // What comes after it was seen to: the hints of those before are served as well.
    yard.remove(awake);
    until("the other is back", || yard.told(awake).contains(&"container_recreated".to_owned()))
        .await;
    let call = yard.site.sweep(&[]).await;
    let listed = call.report["agents"].as_array().unwrap().iter().map(|one| one["id"].clone());
    assert_eq!(listed.collect::<Vec<_>>(), [json!(id(awake))]);
    assert_eq!(call.incidents(), Vec::<String>::new());
    assert_eq!(daemon.terminate().await, Some(0));
    for name in [host_mode, removed, stopped] {
        assert_eq!(yard.site.about(&id(name)), 0, "{name}");
    }
    assert_eq!(yard.standing(removed), None);
    assert_eq!(yard.standing(stopped).unwrap().status, "exited");
}
