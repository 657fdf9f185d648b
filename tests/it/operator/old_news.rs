//! `status` does not present as so what was so once.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::engine::Engine;
use super::host::{Host, PROCESS, QUICK, agent, ago};
use super::page::redacted;

/// A host with one agent that runs well, as of one call.
fn looked_at(interval: &str) -> (Host, Engine) {
    let host = Host::new();
    host.configure("enforce", &format!("[sweep]\ninterval = \"{interval}\"\n"), "");
    let engine = Engine::new(&host);
    let fine = host.session("fine");
    fine.heartbeat(ago(1)).unwrap();
    engine.run(fine.dir(), ago(3600));
    assert_eq!(host.sweepd("sweep").code, 0);
    (host, engine)
}

/// Has the last looks be so many minutes older.
fn age(host: &Host, minutes: i64) {
    let db = Connection::open(host.path("state/sweepd.db")).unwrap();
    let changed = db.execute("UPDATE agents SET updated_at = updated_at - ?1 * 60000", [minutes]);
    assert_eq!(changed.unwrap(), 1);
}

#[test]
fn an_old_look_is_shown_as_what_was_and_ends_with_3() {
    let (host, _engine) = looked_at("1m");
    age(&host, 14);
    assert_eq!(host.sweepd("status").code, 0, "cron may call every ten minutes");
    let all = host.sweepd("status --json").json();
    assert_eq!(agent(&all, "fine")["current"], true);

    age(&host, 2);
    let said = host.sweepd("status");
    assert_eq!((said.err.as_str(), said.code), ("", 3));
    insta::assert_snapshot!("status_of_old_looks", redacted(&said.out, &host));
    let said = host.sweepd("status --json");
    let all = said.json();
    assert_eq!(said.code, 3);
    let fine = agent(&all, "fine");
    assert_eq!((&fine["state"], &fine["health"]), (&json!("unknown"), &json!("unknown")));
    assert_eq!(fine["decision"], json!({"action":"none","evidence":{},"recheck_at":null}));
    assert_eq!((&fine["current"], &fine["next_look_at"]), (&json!(false), &Value::Null));
    assert_eq!(fine["last"]["state"], "running");
    assert_eq!(all["summary"], json!({"agents":1,"ok":0,"failing":0,"unknown":1,"effects":0}));

    assert_eq!(host.sweepd("sweep").code, 0);
    assert_eq!(host.sweepd("status").code, 0, "it was looked at again");
}

#[test]
fn whoever_looks_seldom_by_configuration_is_believed_longer() {
    let (host, _engine) = looked_at("1h");
    age(&host, 170);
    assert_eq!(host.sweepd("status").code, 0);
    age(&host, 20);
    assert_eq!(host.sweepd("status").code, 3);
}

#[test]
fn a_runtime_that_is_lost_takes_away_what_was_known_of_its_agents() {
    let (host, engine) = looked_at("1m");
    drop(engine);
    assert_eq!(host.sweepd("sweep").code, 3);
    let said = host.sweepd("status --json");
    let all = said.json();
    assert_eq!(said.code, 3);
    assert!(all["runtime_lost"]["nanoclaw"].is_string(), "{all}");
    let fine = agent(&all, "fine");
    assert_eq!((&fine["state"], &fine["last"]["state"]), (&json!("unknown"), &json!("running")));
}

/// After a stop the decision shown is the one that led to it, and its recheck is over.
#[test]
fn the_next_look_is_the_one_after_what_was_done() {
    let host = Host::new();
    host.configure("enforce", QUICK, PROCESS);
    let stuck = host.due_to("stuck", "hang-after-claim");
    host.hang(&stuck);
    let call = host.sweepd("sweep --json").json();
    assert_eq!(agent(&call, "stuck")["decision"]["action"], "kill-claim", "{call}");
    let retry = stuck.messages().unwrap()[0].process_after.clone();
    let retry = retry.unwrap_or_else(|| panic!("{call}"));
    let due = sweepd_decide::parse_utc(&retry).unwrap().to_string();
    let all = host.sweepd("status --json").json();
    assert_eq!(agent(&all, "stuck")["next_look_at"], due, "{all}");
    let page = host.sweepd("status").out;
    let row =
        page.lines().find(|line| line.trim_start().starts_with("nanoclaw/ag-1/stuck")).unwrap();
    assert!(row.contains(&due), "{page}");
}
