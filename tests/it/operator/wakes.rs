//! Wake kinds beside `process`: a command that starts the agent elsewhere, and none at all.

use agent_sim::fixture::Message;

use super::engine::Engine;
use super::host::{self, Host, agent, ago, effects, incidents, now};
use super::wait::until;

/// Writes down what it was told; the test starts the container.
const COMMAND: &str = r#"
[source.wake]
kind = "command"
argv = ["/bin/sh", "-c", '''
printf '%s\n' "$@" "$WHO" >"HERE/told.part"
env | cut -d= -f1 | sort | tr '\n' ' ' >"HERE/environment"
mv "HERE/told.part" "HERE/told-$1"
''', "wake", "{session_id}", "{agent_group_id}", "{group_folder}", "{session_dir}", "{root}",
  "{not_ours}"]
env = { PATH = "/usr/bin:/bin", WHO = "{session_id} of {agent_group_id}" }
"#;

#[test]
fn a_command_starts_the_agent_elsewhere_and_the_wake_has_worked_when_it_is_seen() {
    let host = Host::new();
    host.configure("enforce", "", COMMAND);
    let engine = Engine::new(&host);
    let session = host.due("one");
    session.heartbeat(ago(5000)).unwrap();
    let (told, dir, run) = (host.path("told-one"), session.dir().to_owned(), engine.runner());
    let marker = told.clone();
    let elsewhere = std::thread::spawn(move || {
        until("the command", || marker.exists());
        run(&dir, now());
    });
    let said = host.sweepd_with("sweep --json", &[("SECRET", "of sweepd")]);
    elsewhere.join().unwrap();
    let call = said.json();
    assert_eq!((said.err.as_str(), said.code), ("", 0), "{call}");
    assert_eq!(effects(&call, "one"), ["wake done"]);
    assert_eq!(agent(&call, "one")["state"], "running");
    assert_eq!(session.heartbeat_at().unwrap(), None, "the old heartbeat is taken away");
    let (dir, root) =
        (session.dir().canonicalize().unwrap(), host.root.path().canonicalize().unwrap());
    let expected = format!(
        "one\nag-1\nag-1\n{}\n{}\n{{not_ours}}\none of ag-1\n",
        dir.display(),
        root.display()
    );
    assert_eq!(std::fs::read_to_string(told).unwrap(), expected);
    let environment = std::fs::read_to_string(host.path("environment")).unwrap();
    assert!(!environment.contains("SECRET") && environment.contains("WHO"), "{environment}");

    let again = host.sweepd("sweep --json").json();
    assert_eq!(effects(&again, "one"), [""; 0], "it runs: {again}");
    assert_eq!(agent(&again, "one")["state"], "running");
}

#[test]
fn a_command_that_fails_is_told_with_its_words_and_waits_before_it_is_tried_again() {
    let host = Host::new();
    let failing = "[source.wake]\nkind = \"command\"\n\
                   argv = [\"/bin/sh\", \"-c\", \"echo no such image: agent:9 >&2; exit 4\"]";
    host.configure("enforce", "[policy.wake-backoff]\nbase = \"100ms\"\n", failing);
    let _engine = Engine::new(&host);
    let session = host.due("one");
    session.claim("m-1", ago(500)).unwrap();
    let first = host.sweepd("sweep --json").json();
    assert_eq!(effects(&first, "one")[0], "wake failed", "{first}");
    let detail = agent(&first, "one")["effects"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("no such image: agent:9") && detail.contains('4'), "{detail}");
    assert_eq!(effects(&first, "one")[1..], ["release done", "retry done"], "{first}");
    assert_eq!(incidents(&first), [""; 0], "one failure is no incident");

    session.inbound().unwrap().execute("UPDATE messages_in SET process_after = NULL", []).unwrap();
    let mut failures = 1;
    until("three failures", || {
        let call = host.sweepd("sweep --json").json();
        let effects = effects(&call, "one");
        assert!(effects.is_empty() || effects == ["wake failed"], "{call}");
        failures += effects.len();
        incidents(&call).contains(&"wake-failing")
    });
    assert_eq!(failures, 3);
    let said = host.sweepd("status");
    assert_eq!(said.code, 1);
    assert!(said.out.contains("no such image: agent:9"), "{}", said.out);
    assert_eq!(session.messages().unwrap()[0].tries, Some(1), "the claim was charged once");
}

#[test]
fn a_command_after_which_nothing_runs_has_failed() {
    let host = Host::new();
    let silent = "[source.wake]\nkind = \"command\"\nargv = [\"/bin/true\"]";
    host.configure("enforce", "", silent);
    let _engine = Engine::new(&host);
    host.due("one");
    let mut call = host.start("sweep --json");
    until("the wait for it to show", || call.is_up());
    drop(call);
    let began = now();
    let said = host.sweepd("sweep --json");
    let call = said.json();
    // The first one was killed in its wait, so this attempt is the first to be counted.
    assert_eq!(effects(&call, "one"), ["wake failed"], "{call}");
    assert!(now().since(began).as_millis() >= 20_000, "a slow start is waited for");
    let detail = agent(&call, "one")["effects"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("nothing runs"), "{detail}");
}

#[test]
fn without_a_wake_nothing_is_started_and_orphans_are_charged() {
    let host = Host::new();
    host.configure("enforce", "", "[source.wake]\nkind = \"none\"");
    let engine = Engine::new(&host);
    let orphan = host.due("orphan");
    orphan.claim("m-1", ago(500)).unwrap();
    let due = host.due("due");
    let answered = host.due("answered");
    answered.claim("m-1", ago(500)).unwrap();
    let answer = agent_sim::fixture::Output::chat("o-1", Some("m-1"), ago(400));
    answered.output(&answer).unwrap();
    let off = host.session("put-off");
    let later = Some(agent_sim::fixture::iso_text(host::ahead(3600)));
    off.message(&Message { process_after: later, ..Message::chat("m-1", ago(60)) }).unwrap();
    off.claim("m-1", ago(500)).unwrap();
    let call = host.sweepd("sweep --json").json();
    assert_eq!(effects(&call, "orphan"), ["release done", "retry done"]);
    assert_eq!(effects(&call, "due"), [""; 0], "{call}");
    assert_eq!(effects(&call, "put-off"), ["release done"], "{call}");
    assert_eq!(answered.messages().unwrap()[0].status.as_deref(), Some("completed"), "{call}");
    assert_eq!(answered.messages().unwrap()[0].tries, Some(0));
    assert_eq!(due.messages().unwrap()[0].status.as_deref(), Some("pending"));
    assert_eq!(off.messages().unwrap()[0].tries, Some(0));
    assert_eq!((engine.verbs(), engine.up()), (Vec::<String>::new(), 0));

    // The claims' rows still stand: they are charged no second time.
    let again = host.sweepd("sweep --json").json();
    assert!(
        again["agents"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["effects"] == serde_json::json!([]))
    );
    assert_eq!(orphan.messages().unwrap()[0].tries, Some(1));
}

#[test]
fn a_process_that_cannot_be_started_is_told_and_leaves_nothing_behind() {
    let host = Host::new();
    let wrong =
        "[source.wake]\nkind = \"process\"\nargv = [\"/nonexistent/agent\", \"{session_dir}\"]";
    host.configure("enforce", "", wrong);
    host.due("one");
    let call = host.sweepd("sweep --json").json();
    assert_eq!(effects(&call, "one"), ["wake failed"], "{call}");
    let detail = agent(&call, "one")["effects"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("/nonexistent/agent"), "{detail}");
    let waits = host.sweepd("sweep --json").json();
    assert_eq!(agent(&waits, "one")["decision"]["action"], "hold", "{waits}");
    assert_eq!(agent(&waits, "one")["decision"]["evidence"]["wake_failures"], 1, "{waits}");
    assert!(agent(&waits, "one")["decision"]["recheck_at"].is_string(), "{waits}");
}

/// A process that ends by itself, over and over, without a claim: each is a failing wake.
#[test]
fn an_agent_that_ends_at_once_is_a_failing_wake_and_three_are_an_incident() {
    let host = Host::new();
    let policy = "[policy.wake-backoff]\nbase = \"100ms\"\n";
    host.configure("enforce", policy, host::PROCESS);
    let session = host.due_to("one", "exit-at-once=3");
    let mut wakes = 0;
    until("an incident", || {
        let call = host.sweepd("sweep --json").json();
        wakes += effects(&call, "one").iter().filter(|effect| *effect == "wake done").count();
        incidents(&call).contains(&"wake-failing")
    });
    assert!((3..=4).contains(&wakes), "{wakes} wakes");
    assert_eq!(session.messages().unwrap()[0].tries, Some(0), "nobody claimed it");
    // It gets well, and the incident ends.
    std::fs::write(session.dir().join("behave"), "healthy").unwrap();
    until("an answer", || {
        host.sweepd("sweep --json");
        !session.outputs().unwrap().is_empty()
    });
}
