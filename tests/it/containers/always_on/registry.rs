//! Somebody's own database says who is expected, and what they are made of.

use rusqlite::Connection;

use super::super::rig::Rig;
use super::yard::{Yard, id};

const QUERY: &str = "[source.registry]\npath = \"HERE/agents.db\"\nquery = \"SELECT slug AS name, \
     mode <> 'host' AS enabled, image, cmd AS command, env, volumes, labels, restart FROM agents\"\n";

fn registry(yard: &Yard<'_>) -> Connection {
    let db = Connection::open(yard.site.dir().join("agents.db")).unwrap();
    db.execute_batch(
        "CREATE TABLE agents (slug TEXT PRIMARY KEY, mode TEXT, image TEXT, cmd TEXT, env TEXT,
         volumes TEXT, labels TEXT, restart TEXT)",
    )
    .unwrap();
    db
}

#[tokio::test]
async fn its_rows_fill_the_spec_and_the_default_image_the_rest() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "rows");
    let (full, bare, table, volume) = (rig.name(), rig.name(), rig.name(), yard.volume());
    let db = registry(&yard);
    let labels = format!("{{\"sweepd.test\": \"{}\", \"n\": 1}}", rig.tag());
    let command = "/bin/busybox sh -c 'echo $A >/state/a; exec busybox sleep 600'";
    db.execute(
        "INSERT INTO agents VALUES (?1, 'container', ?2, ?3, '{\"A\": \"b c\"}', ?4, ?5, 'always')",
        [&full, rig.image(), command, &format!("[\"{volume}:/state\"]"), &labels],
    )
    .unwrap();
    let command = "[\"/bin/busybox\", \"sleep\", \"600\"]";
    db.execute(
        "INSERT INTO agents VALUES (?1, 'container', NULL, ?2, NULL, '', ?3, NULL)",
        [&bare, command, &labels],
    )
    .unwrap();
    yard.configure(&format!(
        "default-image = \"IMAGE\"\n{QUERY}[[source.container]]\nname = \"{table}\"\n\
         command = [\"/bin/busybox\", \"sleep\", \"600\"]\nlabels = {{ TAG }}\n"
    ));
    let call = yard.sweep_twice().await;
    for name in [&full, &bare, &table] {
        assert_eq!(call.line(&id(name)), "running ok recreate [recreate done]", "{}", call.stderr);
    }
    let seen = |format: &str| rig.docker(&["inspect", "-f", format, &full]);
    assert_eq!(
        seen("{{.HostConfig.RestartPolicy.Name}} {{index .Config.Labels \"n\"}}"),
        "always 1"
    );
    let read = "until busybox test -s /state/a; do busybox sleep 0.1; done; busybox cat /state/a";
    assert_eq!(rig.docker(&["exec", &full, "busybox", "sh", "-c", read]), "b c");
    // A restart policy would bring them back; the rig removes them.
    yard.remove(&full);
}

#[tokio::test]
async fn one_that_cannot_be_read_is_not_one_without_anybody() {
    let Some(rig) = Rig::new() else { return };
    let yard = Yard::new(&rig, "torn");
    let (listed, table) = (rig.name(), rig.name());
    let db = registry(&yard);
    db.execute("INSERT INTO agents (slug, mode) VALUES (?1, 'container')", [&listed]).unwrap();
    yard.configure(&format!(
        "remove-orphans = \"1ms\"\n{QUERY}[[source.container]]\nname = \"{table}\"\n"
    ));
    yard.start(&listed, &[]);
    yard.start(&table, &[]);
    yard.site.sweep(&[]).await;
    // It carries our label, and would be an orphan if it were not expected.
    yard.remove(&listed);
    yard.sweep_twice().await;
    let before = yard.standing(&listed).unwrap();
    let told = yard.told(&listed);
    drop(db);

    let file = yard.site.dir().join("agents.db");
    let good = std::fs::read(&file).unwrap();
    for damage in [&b"no database at all"[..], &[], &good[..good.len() / 2]] {
        std::fs::write(&file, damage).unwrap();
        let skipped = yard.site.events("tick_skipped").len();
        let call = yard.site.sweep(&[]).await;
        assert_eq!(call.incidents(), ["unreadable:yard"], "{}", call.stderr);
        assert_eq!(yard.site.events("tick_skipped").len(), skipped + 1);
        assert_eq!(call.line(&id(&table)), "running ok ok []", "those by name are served");
        assert_eq!(
            (yard.standing(&listed).unwrap(), yard.told(&listed)),
            (before.clone(), told.clone())
        );
    }
    std::fs::write(&file, &good).unwrap();
    yard.remove(&listed);
    let call = yard.sweep_until_it_runs(&listed).await;
    assert_eq!(call.line(&id(&listed)), "running ok recreate [recreate done]");
    let call = yard.site.sweep(&[]).await;
    assert_eq!(call.incidents(), Vec::<String>::new(), "two good looks");
}
