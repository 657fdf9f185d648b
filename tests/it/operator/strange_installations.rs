//! Installations that are older, newer, larger or worse than usual.

use std::process::Command;

use agent_sim::fixture::Message;
use rusqlite::Connection;

use super::engine::Engine;
use super::files::{assert_same, tree};
use super::host::{self, Host, ago, effects, incidents};

/// Leaves a queue as an old version of NanoClaw made it: no trigger, no series, no `on_wake`.
fn age(session: &agent_sim::fixture::Session) {
    let db = session.inbound().unwrap();
    db.execute_batch(
        "DROP INDEX IF EXISTS idx_messages_in_series;
         ALTER TABLE messages_in DROP COLUMN trigger; ALTER TABLE messages_in DROP COLUMN on_wake;
         ALTER TABLE messages_in DROP COLUMN series_id;
         ALTER TABLE messages_in DROP COLUMN source_session_id;
         DROP TABLE destinations; DROP TABLE session_routing;",
    )
    .unwrap();
}

fn columns(db: &Connection) -> Vec<String> {
    let mut info = db.prepare("SELECT name FROM pragma_table_info('messages_in')").unwrap();
    info.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn an_old_schema_is_served_and_stays_as_it_is() {
    let host = Host::new();
    host.configure("enforce", "[policy]\nconfirmations = 1\n", "");
    let engine = Engine::new(&host);
    let acked = host.due("acked");
    acked.ack("m-1", "completed", ago(30)).unwrap();
    let orphan = host.due("orphan");
    orphan.claim("m-1", ago(500)).unwrap();
    let series = host.session("series");
    let recurrence = Some("0 9 1 1 *".to_owned());
    let status = Some("completed".to_owned());
    let ended = Message { recurrence, status, ..Message::task("t-1", ago(600), ago(500)) };
    series.message(&ended).unwrap();
    let stuck = host.due("stuck");
    stuck.claim("m-1", ago(500)).unwrap();
    engine.run(stuck.dir(), ago(3600));
    let all = [&acked, &orphan, &series, &stuck];
    for session in &all {
        age(session);
    }
    let before: Vec<Vec<String>> =
        all.iter().map(|session| columns(&session.inbound().unwrap())).collect();

    let said = host.sweepd("sweep --json");
    let call = said.json();
    assert_eq!(effects(&call, "acked"), ["sync done"], "{call}");
    assert_eq!(effects(&call, "orphan"), ["release done", "retry done"], "{call}");
    assert_eq!(effects(&call, "series"), ["recur done"], "{call}");
    assert_eq!(effects(&call, "stuck"), ["stop done", "release done", "retry done"], "{call}");
    assert_eq!(incidents(&call), ["agent-stuck"], "known to be absent, and no news: {call}");
    let clone =
        "SELECT count(*) FROM messages_in WHERE status = 'pending' AND recurrence = '0 9 1 1 *'";
    let db = series.inbound().unwrap();
    assert_eq!(db.query_row(clone, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    for (session, before) in all.iter().zip(before) {
        assert_eq!(columns(&session.inbound().unwrap()), before);
    }
}

#[test]
fn columns_tables_triggers_and_views_of_a_fork_are_left_alone() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let _engine = Engine::new(&host);
    let acked = host.due("acked");
    acked.ack("m-1", "completed", ago(30)).unwrap();
    let recurrence = Some("0 9 1 1 *".to_owned());
    let status = Some("completed".to_owned());
    let ended = Message { recurrence, status, ..Message::task("t-1", ago(600), ago(500)) };
    acked.message(&ended).unwrap();
    let db = acked.inbound().unwrap();
    db.execute_batch(
        "ALTER TABLE messages_in ADD COLUMN priority INTEGER NOT NULL DEFAULT 7;
         ALTER TABLE messages_in ADD COLUMN notes TEXT;
         UPDATE messages_in SET priority = 9, notes = 'kept';
         CREATE TABLE audit (what TEXT); CREATE VIEW open AS SELECT * FROM messages_in;
         CREATE TRIGGER told AFTER UPDATE ON messages_in BEGIN INSERT INTO audit VALUES ('update'); END;",
    )
    .unwrap();
    let out = acked.outbound().unwrap();
    out.execute_batch("ALTER TABLE processing_ack ADD COLUMN worker TEXT; CREATE TABLE extra (x);")
        .unwrap();
    drop((db, out));
    let call = host.sweepd("sweep --json").json();
    assert_eq!(effects(&call, "acked"), ["sync done", "recur done"], "{call}");
    assert_eq!(incidents(&call), [""; 0], "{call}");
    let db = acked.inbound().unwrap();
    let kept = "SELECT count(*) FROM messages_in WHERE priority = 9 AND notes = 'kept'";
    assert_eq!(db.query_row(kept, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
    let fired = db.query_row("SELECT count(*) FROM audit", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(fired, 0, "nobody else's code runs in our writes");
}

#[test]
fn a_table_that_a_step_needs_and_is_not_there_costs_that_step_only() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let _engine = Engine::new(&host);
    let fork = host.due("fork");
    fork.ack("m-1", "completed", ago(30)).unwrap();
    fork.outbound().unwrap().execute("DROP TABLE container_state", []).unwrap();
    let gutted = host.due("gutted");
    gutted.outbound().unwrap().execute("DROP TABLE processing_ack", []).unwrap();
    let said = host.sweepd("sweep --json");
    let call = said.json();
    assert_eq!(effects(&call, "fork"), ["sync done"], "{call}");
    assert_eq!(incidents(&call), ["foreign-schema"], "{call}");
    let gutted = host::agent(&call, "gutted");
    assert_eq!((&gutted["state"], &gutted["health"]), (&"unknown".into(), &"unknown".into()));
    assert_eq!(said.code, 0, "a notice");
}

#[test]
fn two_hundred_idle_sessions_are_looked_at_in_one_call_and_nothing_is_written() {
    let host = Host::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/gen.py");
    let generate =
        Command::new("python3").arg(script).arg(host.path("big")).args(["200", "idle"]).output();
    let generated = match generate {
        Ok(output) => output,
        Err(error) => return super::wait::skip(&format!("no python3: {error}")),
    };
    assert!(generated.status.success(), "{generated:?}");
    host.configure("enforce", "", "");
    let text = std::fs::read_to_string(host.path("sweepd.toml")).unwrap();
    host.write("sweepd.toml", &text.replace("HERE/root", "HERE/big").replace("/root\"", "/big\""));
    let _engine = Engine::new(&host);
    let before = tree(&host.path("big"));
    for _ in 0..2 {
        let said = host.sweepd("sweep --json");
        let call = said.json();
        assert_eq!((said.err.as_str(), said.code), ("", 0));
        assert_eq!(call["summary"]["agents"], 200);
        assert_eq!(call["summary"]["ok"], 200);
        assert_eq!(call["summary"]["effects"], 0);
        assert_same(&before, &host.path("big"));
    }
    let said = host.sweepd("sweep");
    assert_eq!(said.out, "200 agents: 200 ok, 0 failing, 0 unknown; 0 effects\n");
    let status = host.sweepd("status").out;
    let agents = status.lines().filter(|line| line.trim_start().starts_with("nanoclaw/"));
    assert_eq!(agents.count(), 200, "{status}");
}

#[test]
fn ids_that_would_leave_the_tree_are_refused_and_named_and_others_are_served() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let _engine = Engine::new(&host);
    host.due("good").ack("m-1", "completed", ago(30)).unwrap();
    // What they would lead to is there, and would be changed if it were served.
    let outside = host.due("outside");
    outside.ack("m-1", "completed", ago(30)).unwrap();
    std::fs::rename(outside.dir(), host.root.data().join("x")).unwrap();
    let db = host.root.central().unwrap();
    db.execute("DELETE FROM sessions WHERE id = 'outside'", []).unwrap();
    db.pragma_update(None, "foreign_keys", "OFF").unwrap();
    let long = "l".repeat(300);
    let slips = ["../../x", "..", "a/b", "/etc", "a\0b", "", &long];
    for id in slips {
        let sql =
            "INSERT INTO sessions (id, agent_group_id, created_at) VALUES (?1, 'ag-1', 'now')";
        db.execute(sql, [id]).unwrap();
    }
    let sql = "INSERT INTO sessions (id, agent_group_id, created_at) VALUES (?1, ?2, 'now')";
    db.execute(sql, ["s-1", "../ag-1"]).unwrap();
    db.execute(sql, rusqlite::params![b"\xff\xfe", "ag-1"]).unwrap();
    db.execute(sql, ["s-2", "ag-nobody"]).unwrap();
    drop(db);
    let before = tree(&host.root.data().join("x"));

    let said = host.sweepd("sweep --json");
    let call = said.json();
    assert_eq!(effects(&call, "good"), ["sync done"], "{call}");
    let ids: Vec<&str> =
        call["agents"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["nanoclaw/ag-1/good", "nanoclaw/ag-nobody/s-2"]);
    assert_eq!(call["agents"][1]["state"], "missing");
    assert_same(&before, &host.root.data().join("x"));
    assert!(!host.root.data().join("v2-sessions/ag-nobody").exists(), "nothing is made");
    assert_eq!(said.code, 1, "a warning is open: {call}");
    for open in call["incidents"].as_array().unwrap() {
        let summary = open["summary"].as_str().unwrap();
        assert!(!summary.contains("process_after"), "that is another matter: {summary}");
    }

    let said = host.sweepd("status");
    let page: Vec<&str> =
        said.out.lines().filter(|line| line.starts_with("not watched: session ")).collect();
    assert_eq!(page.len(), slips.len() + 2, "{}", said.out);
    for why in ["a slash", "a dot path", "a NUL", "is empty", "longer than 255", "not a text"] {
        assert!(page.iter().any(|line| line.contains(why)), "{why}: {}", said.out);
    }
    assert!(said.out.contains("\"ag-1/../../x\""), "{}", said.out);
    assert!(!said.out.contains('\0'), "control characters are shown, not sent: {}", said.out);
}
