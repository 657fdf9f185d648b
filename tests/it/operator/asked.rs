//! `status` and `why`: what an operator is told at three in the morning, with everything down.

use agent_sim::fixture::Message;

use super::engine::Engine;
use super::host::{Host, PROCESS, QUICK, Said, ago, ahead};
use super::page::redacted;

#[track_caller]
fn page(host: &Host, said: &Said, code: i32) -> String {
    assert_eq!((said.err.as_str(), said.code), ("", code), "{}", said.out);
    redacted(&said.out, host)
}

#[test]
fn before_the_first_call_status_lists_everybody_as_never_seen() {
    let host = Host::new();
    host.configure("enforce", "", "");
    host.due("one");
    host.due("two");
    insta::assert_snapshot!("status_before_the_first_call", page(&host, &host.sweepd("status"), 0));
    assert!(!host.path("state").exists());
}

#[test]
fn with_the_daemon_and_the_engine_down_status_tells_all_it_knows() {
    let host = Host::new();
    // One after the other: incidents are listed in the order in which they were opened.
    host.configure("enforce", "[policy]\nconfirmations = 1\n[sweep]\nconcurrency = 1\n", "");
    let engine = Engine::new(&host);
    let stuck = host.due("stuck");
    stuck.claim("m-1", ago(500)).unwrap();
    let fine = host.session("fine");
    for session in [&stuck, &fine] {
        engine.run(session.dir(), ago(3600));
    }
    fine.heartbeat(ago(10)).unwrap();
    let later = host.session("later");
    later.message(&Message::task("t-1", ago(60), ahead(86_400))).unwrap();
    let blind = host.due("unreadable");
    std::fs::write(blind.outbound_path(), "no database".repeat(100)).unwrap();
    std::fs::remove_dir_all(host.session("gone").dir()).unwrap();
    let letter = host.session("letter");
    letter.message(&Message { tries: Some(5), ..Message::chat("m-1", ago(60)) }).unwrap();
    letter.claim("m-1", ago(500)).unwrap();
    assert_eq!(host.sweepd("sweep").code, 1);
    drop(engine);
    host.root.set_status("later", "archived").unwrap();
    host.due("newcomer");
    let db = host.root.central().unwrap();
    let slip =
        "INSERT INTO sessions (id, agent_group_id, created_at) VALUES ('../x', 'ag-1', 'now')";
    db.execute(slip, []).unwrap();
    drop(db);

    let said = host.sweepd("status");
    insta::assert_snapshot!("status_with_everything_down", page(&host, &said, 1));
    let all = host.sweepd("status --json").json();
    assert_eq!(all["schema"], 1);
    let ids: Vec<&str> =
        all["agents"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    let names = ["fine", "gone", "letter", "newcomer", "stuck", "unreadable"];
    assert_eq!(ids, names.map(|name| format!("nanoclaw/ag-1/{name}")));
    assert_eq!(all["not_watched"].as_array().unwrap().len(), 3, "{all}");

    // What is believed of a runtime that does not answer is not shown as if it were known.
    assert_eq!(host.sweepd("sweep").code, 3);
    let said = host.sweepd("status");
    insta::assert_snapshot!("status_after_a_call_in_the_dark", page(&host, &said, 3));
}

#[test]
fn why_explains_a_hold_a_stop_and_a_wait_with_their_evidence() {
    let host = Host::new();
    let session = host.due_to("hung", "hang-after-claim");
    host.configure("enforce", QUICK, PROCESS);
    host.hang(&session);
    let why = || host.sweepd("why nanoclaw/ag-1/hung");
    insta::assert_snapshot!("why_a_stop_is_held", page(&host, &why(), 0));
    assert_eq!(host.sweepd("sweep").code, 1);
    insta::assert_snapshot!("why_one_was_stopped_and_waits", page(&host, &why(), 1));
    let past = host.sweepd("why nanoclaw/ag-1/hung --json").json();
    let kinds: Vec<&str> = past["past"]["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"agent_stopped") && kinds.contains(&"message_retried"), "{past}");
    let actions: Vec<&str> = past["past"]["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|decision| decision["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["kill-claim", "hold"]);
}

#[test]
fn why_explains_agents_that_are_well_or_cannot_be_seen() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let engine = Engine::new(&host);
    let fine = host.session("fine");
    fine.heartbeat(ago(10)).unwrap();
    engine.run(fine.dir(), ago(3600));
    let blind = host.due("unreadable");
    std::fs::write(blind.outbound_path(), "no database".repeat(100)).unwrap();
    insta::assert_snapshot!(
        "why_one_is_well",
        page(&host, &host.sweepd("why nanoclaw/ag-1/fine"), 0)
    );
    let said = host.sweepd("why nanoclaw/ag-1/unreadable");
    assert!(said.out.contains("not a database"), "the reason: {}", said.out);
    drop(engine);
    let said = host.sweepd("why nanoclaw/ag-1/fine");
    insta::assert_snapshot!("why_in_the_dark", page(&host, &said, 3));
}

#[test]
fn why_says_of_one_that_is_no_longer_active_what_it_remembers() {
    let host = Host::new();
    host.configure("enforce", "", "");
    let _engine = Engine::new(&host);
    host.due("old").ack("m-1", "completed", ago(30)).unwrap();
    host.session("other");
    host.sweepd("sweep");
    host.root.set_status("old", "archived").unwrap();
    let said = host.sweepd("why nanoclaw/ag-1/old");
    insta::assert_snapshot!("why_one_that_is_gone", page(&host, &said, 0));
}

#[test]
fn why_of_an_agent_that_is_nobody_s_is_2_with_a_hint() {
    let host = Host::new();
    host.configure("enforce", "", "");
    host.due("hung");
    let _engine = Engine::new(&host);
    for id in ["nanoclaw/ag-1/hang", "hung", "elsewhere/ag-1/hung", "../x"] {
        let said = host.sweepd(&format!("why {id}"));
        assert_eq!((said.out.as_str(), said.code), ("", 2));
        let told =
            format!("sweepd: there is no agent {id:?}\n  hint: `sweepd status` lists them\n");
        assert_eq!(said.err, told);
    }
}

/// The agent writes into its own database whatever it likes; the operator's terminal is not its.
#[test]
fn what_an_agent_wrote_is_shown_without_control_characters_and_on_its_own_line() {
    let host = Host::new();
    host.configure("enforce", "[policy]\nconfirmations = 1\n", "");
    let engine = Engine::new(&host);
    let session = host.due("hostile");
    session
        .claim("m-1\u{1b}]0;mine\u{7}\u{1b}[2J\r\nerror: all is lost\u{9b}31m", ago(500))
        .unwrap();
    engine.run(session.dir(), ago(3600));
    let first = host.sweepd("sweep");
    assert!(first.out.contains("stop done"), "{}", first.out);
    let pages = [
        ("sweep", first),
        ("status", host.sweepd("status")),
        ("why", host.sweepd("why nanoclaw/ag-1/hostile")),
        ("sweep --dry-run", host.sweepd("sweep --dry-run")),
    ];
    for (words, said) in pages {
        let text = format!("{}{}", said.out, said.err);
        let control = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(control), "{words}: {text:?}");
        let forged = text.lines().any(|line| line.trim_start().starts_with("error: all is lost"));
        assert!(!forged, "{words}: {text}");
    }
}
