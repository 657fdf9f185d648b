//! What scripts rely on: the shape of `--json`, and the exit codes.

use agent_sim::fixture::Message;
use serde_json::{Value, json};

use super::engine::Engine;
use super::files::{assert_same, tree};
use super::host::{Host, ago, ahead, effects, incidents, now};
use super::page::{pretty, redacted};

/// A host on which one call has something to say of every kind.
fn furnish(host: &Host) {
    let stuck = host.due("stuck");
    stuck.claim("m-1", ago(500)).unwrap();
    let acked = host.due("acked");
    acked.ack("m-1", "completed", ago(30)).unwrap();
    let orphan = host.due("orphan");
    orphan.claim("m-1", ago(500)).unwrap();
    orphan.message(&Message { tries: Some(5), ..Message::chat("m-2", ago(60)) }).unwrap();
    orphan.claim("m-2", ago(500)).unwrap();
    let recurrence = Some("0 9 1 1 *".to_owned());
    let status = Some("failed".to_owned());
    let series = Message { recurrence, status, ..Message::task("t-1", ago(600), ago(500)) };
    host.session("series").message(&series).unwrap();
    let idle = host.session("idle");
    idle.message(&Message::task("t-1", ago(60), ahead(86_400))).unwrap();
    std::fs::remove_dir_all(host.session("gone").dir()).unwrap();
    let blind = host.due("unreadable");
    std::fs::write(blind.outbound_path(), "no database".repeat(100)).unwrap();
}

#[test]
fn a_whole_call_as_json_is_schema_version_1() {
    let host = Host::new();
    furnish(&host);
    host.configure("enforce", "[policy]\nconfirmations = 1\n", "");
    let engine = Engine::new(&host);
    engine.run(host.find("stuck").dir(), ago(3600));
    let said = host.sweepd("sweep --json");
    assert_eq!((said.err.as_str(), said.code), ("", 1));
    assert_eq!(said.out.lines().count(), 1, "one object, one line");
    insta::assert_snapshot!("a_whole_call", redacted(&pretty(&said.out), &host));
    assert_schema(&said.json());
}

#[test]
fn every_kind_of_answer_has_the_same_shape() {
    let host = Host::new();
    furnish(&host);
    for mode in ["observe", "assist", "enforce"] {
        host.configure(mode, "", "");
        assert_schema(&host.sweepd("sweep --json").json());
        assert_schema(&host.sweepd("sweep --dry-run --json").json());
    }
    let _engine = Engine::new(&host);
    assert_schema(&host.sweepd("sweep --json").json());
    let lock = sweepd_store::state::lock::StateLock::run(&host.path("state")).unwrap();
    let skipped = host.sweepd("sweep --json").json();
    drop(lock);
    assert_schema(&skipped);
    assert!(skipped["skipped"].is_string());
    for words in
        ["status --json", "why nanoclaw/ag-1/stuck --json", "why nanoclaw/ag-1/gone --json"]
    {
        assert_schema(&host.sweepd(words).json());
    }
    assert_eq!(skipped["summary"], json!({"agents":0,"ok":0,"failing":0,"unknown":0,"effects":0}));
}

/// Words and types of schema version 1, as the contract has them.
#[track_caller]
fn assert_schema(call: &Value) {
    let one_of = |value: &Value, words: &[&str]| {
        assert!(value.as_str().is_some_and(|word| words.contains(&word)), "{value}: {call}");
    };
    let modes = ["observe", "assist", "enforce"];
    assert_eq!(call["schema"], 1);
    one_of(&call["mode"], &modes);
    assert!(
        call["dry_run"].is_boolean() && (call["skipped"].is_null() || call["skipped"].is_string())
    );
    for agent in call["agents"].as_array().unwrap() {
        let mut agent = agent.clone();
        // What `status` has beside it.
        for own in ["seen_at", "next_look_at", "current", "last"] {
            agent.as_object_mut().unwrap().remove(own);
        }
        let agent = &agent;
        keys(agent, &["id", "source", "mode", "runtime", "state", "health", "decision", "effects"]);
        one_of(&agent["mode"], &modes);
        one_of(&agent["runtime"], &["docker", "process"]);
        one_of(&agent["state"], &["running", "stopped", "missing", "unknown"]);
        one_of(&agent["health"], &["ok", "failing", "unknown"]);
        let decision = &agent["decision"];
        keys(decision, &["action", "evidence", "recheck_at"]);
        let kills = ["kill-ceiling", "kill-claim", "kill-silent", "kill-start"];
        one_of(&decision["action"], &[&["ok", "hold", "none"], &kills[..]].concat());
        assert!(decision["evidence"].is_object(), "{agent}");
        for effect in agent["effects"].as_array().unwrap() {
            keys(effect, &["effect", "outcome", "detail"]);
            let rows = ["sync", "release", "retry", "complete", "dead-letter", "recur"];
            let runs = ["wake", "stop", "recreate", "start"];
            one_of(&effect["effect"], &[rows.as_slice(), &runs].concat());
            let outcomes = ["done", "already-done", "planned", "held", "superseded", "failed"];
            one_of(&effect["outcome"], &outcomes);
        }
    }
    for open in call["incidents"].as_array().unwrap() {
        keys(open, &["key", "kind", "severity", "agent", "summary", "opened_at"]);
        one_of(&open["severity"], &["notice", "warning", "error"]);
        let (kind, key) = (open["kind"].as_str().unwrap(), open["key"].as_str().unwrap());
        assert!(key.starts_with(&format!("{kind}:")) && key.len() <= 255, "{key}");
    }
    assert!(call["probes"].is_array());
    keys(&call["summary"], &["agents", "ok", "failing", "unknown", "effects"]);
    let count = |health: &str| {
        call["agents"].as_array().unwrap().iter().filter(|agent| agent["health"] == health).count()
    };
    for health in ["ok", "failing", "unknown"] {
        assert_eq!(call["summary"][health], count(health), "{call}");
    }
}

#[track_caller]
fn keys(object: &Value, expected: &[&str]) {
    let mut found: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = expected.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn all_well_is_0_and_a_dead_letter_is_1_until_it_is_taken_up_again() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let _engine = Engine::new(&host);
    let session = host.session("s");
    assert_eq!(host.sweepd("sweep").code, 0);
    session.message(&Message { tries: Some(5), ..Message::chat("m-1", ago(60)) }).unwrap();
    session.claim("m-1", ago(500)).unwrap();
    let said = host.sweepd("sweep --json");
    assert_eq!((incidents(&said.json()), said.code), (vec!["dead-letter"], 1));
    for words in ["sweep", "sweep --dry-run", "status", "why nanoclaw/ag-1/s"] {
        assert_eq!(host.sweepd(words).code, 1, "still open: {words}");
    }
    let requeued = "UPDATE messages_in SET status = 'completed' WHERE id = 'm-1'";
    assert_eq!(session.inbound().unwrap().execute(requeued, []).unwrap(), 1);
    assert_eq!(host.sweepd("sweep").code, 0);
    assert_eq!(host.sweepd("status").code, 0);
}

#[test]
fn a_notice_is_shown_but_fails_nothing() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let _engine = Engine::new(&host);
    std::fs::remove_dir_all(host.session("gone").dir()).unwrap();
    let said = host.sweepd("sweep --json");
    assert_eq!((incidents(&said.json()), said.code), (vec!["ghost-session"], 0));
    assert_eq!(host.sweepd("status").code, 0);
}

/// Of an engine that is not there is told once, not for each of its agents.
#[test]
fn a_sweep_says_why_it_knows_nothing_of_an_agent() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let engine = Engine::new(&host);
    let blind = host.due("unreadable");
    std::fs::write(blind.outbound_path(), "no database".repeat(100)).unwrap();
    host.session("fine");
    for words in ["sweep", "sweep --dry-run"] {
        let told: Vec<String> = host.sweepd(words).out.lines().map(str::to_owned).collect();
        let unknown: Vec<_> = told.iter().filter(|line| line.starts_with("unknown: ")).collect();
        assert_eq!(unknown, ["unknown: nanoclaw/ag-1/unreadable: outbound.db is not a database"]);
    }
    drop(engine);
    let said = host.sweepd("sweep");
    assert!(!said.out.contains("unknown: "), "{}", said.out);
    assert!(said.err.contains("engine.sock"), "{}", said.err);
}

#[test]
fn what_is_wrong_with_the_call_itself_is_2() {
    let host = Host::new();
    host.configure("enfoce", "", "");
    for words in ["sweep", "run", "status", "why x/y/z", "sweep --jsn", "sweep now"] {
        let said = host.sweepd(words);
        assert_eq!((said.out.as_str(), said.code), ("", 2), "{words}: {}", said.err);
        assert!(!said.err.is_empty());
    }
    assert!(!host.path("state").exists());
}

#[test]
fn an_engine_that_cannot_be_asked_is_3_and_nobody_is_touched() {
    let host = Host::new();
    furnish(&host);
    host.configure("enforce", "", "");
    let before = tree(host.root.path());
    // No socket at all, then one that nobody listens on.
    for _ in 0..2 {
        let said = host.sweepd("sweep --json");
        let call = said.json();
        assert_eq!(said.code, 3, "{call}");
        for agent in call["agents"].as_array().unwrap() {
            assert_eq!((&agent["state"], &agent["health"]), (&json!("unknown"), &json!("unknown")));
            assert_eq!(agent["decision"]["action"], "none");
            assert_eq!(agent["effects"], json!([]));
        }
        let trouble = call["trouble"].as_array().unwrap();
        assert_eq!(trouble.len(), 1, "{call}");
        assert!(trouble[0].as_str().unwrap().contains("engine.sock"), "which one? {call}");
        assert_same(&before, host.root.path());
        drop(Engine::new(&host));
    }
    let _engine = Engine::new(&host);
    let call = host.sweepd("sweep --json").json();
    assert_eq!(effects(&call, "acked"), ["sync done"], "it is made good: {call}");
}

/// It takes connections and never says a word.
#[test]
fn an_engine_that_hangs_costs_its_deadline_and_nothing_else() {
    let host = Host::new();
    furnish(&host);
    host.configure("enforce", "", "");
    let _silent = std::os::unix::net::UnixListener::bind(host.path("engine.sock")).unwrap();
    let before = tree(host.root.path());
    let began = now();
    let said = host.sweepd("sweep --json");
    let took = now().since(began).as_millis();
    assert_eq!(said.code, 3, "{}", said.out);
    assert!((5_000..15_000).contains(&took), "{took} ms");
    assert_same(&before, host.root.path());
}
