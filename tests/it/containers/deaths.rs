//! Agents that die by themselves, again and again: bounded, whatever they leave behind.

use agent_sim::fixture::{Message, Root, Session};
use sweepd_decide::{Timestamp, parse_utc};

use super::call::{Call, text};
use super::rig::Rig;
use super::site::Site;
use super::wait::{later_than, now, until};

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [policy.wake-backoff]
    base = "4s"
    cap = "4s"
    [policy.poison]
    base = "4s"
    cap = "4s"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"
    [source.wake]
    kind = "docker"
    image = "IMAGE"
    command = ["/bin/agent-sim", "--behave-file=/workspace/behave", "--poll-ms=200"]
    user = "USER"
"#;

const POISONED: &str = "nanoclaw/ag/poisoned";
const TORN: &str = "nanoclaw/ag/torn";

#[tokio::test]
async fn agents_that_die_each_time_wait_between_their_wakes_and_are_given_up_or_reported() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "deaths");
    let root = site.root("nanoclaw");
    site.configure(CONFIG);
    let poisoned = dies(&root, "poisoned", "crash-mid-message=7");
    let torn = dies(&root, "torn", "hot-journal");

    let mut not_before = now();
    for death in 1..=3 {
        later_than(not_before).await;
        let call = site.sweep(&[]).await;
        for agent in [POISONED, TORN] {
            let line = call.line(agent);
            assert!(line.ends_with(" none [wake done]"), "death {death}: {agent}: {line}");
        }
        for session in [&poisoned, &torn] {
            until("it dies", || rig.of(session).iter().all(|id| !rig.runs(id))).await;
        }
        let call = site.sweep(&[]).await;
        if death < 3 {
            not_before = held(&call, POISONED).max(held(&call, TORN));
            assert_eq!((call.code, call.incidents().len()), (Some(0), 0), "{}", call.lines());
        } else {
            held(&call, TORN);
            let expected = "stopped failing none [dead-letter done, release done]";
            assert_eq!(call.line(POISONED), expected);
            assert_eq!(call.code, Some(1));
            let letter = format!("dead-letter:{POISONED}/m");
            assert_eq!(call.incidents(), [letter, format!("wake-failing:{TORN}")]);
        }
    }
    let [given_up, untouched] = [&poisoned, &torn].map(|session| session.messages().unwrap());
    assert_eq!(given_up[0].status.as_deref(), Some("failed"));
    assert_eq!((untouched[0].status.as_deref(), untouched[0].tries), (Some("pending"), Some(0)));
    let died = site.events("container_died");
    let codes = |agent: &str| {
        let of_it = died.iter().filter(|(whose, _)| whose.as_deref() == Some(agent));
        of_it.map(|(_, data)| data["exit_code"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(codes(POISONED), [7, 7, 7]);
    // Process 1 of a container is deaf to its own SIGKILL and ends itself by a trap.
    assert_eq!(codes(TORN), [139, 139, 139]);
}

/// Its wake is held: until when.
fn held(call: &Call, agent: &str) -> Timestamp {
    let line = call.line(agent);
    assert!(line.starts_with("stopped ") && line.ends_with(" hold []"), "{agent}: {line}");
    let not_before = text(&call.agent(agent)["decision"]["evidence"]["not_before"]);
    parse_utc(&not_before).unwrap()
}

/// A session with a message that is due, and an agent that dies of it.
fn dies(root: &Root, name: &str, behave: &str) -> Session {
    let session = root.session("ag", name, now()).unwrap();
    session.message(&Message::chat("m", now())).unwrap();
    std::fs::write(session.dir().join("behave"), behave).unwrap();
    session
}

/// It claims and dies within milliseconds: whether the wake still saw it running is chance, and makes
/// no difference.
#[tokio::test]
async fn an_agent_that_dies_of_its_message_before_it_was_seen_is_charged_no_try() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "quick-deaths");
    let root = site.root("nanoclaw");
    let quick = CONFIG.replace("\"--poll-ms=200\"", "\"--poll-ms=200\", \"--work-ms=0\"");
    site.configure(&quick.replace("\"4s\"", "\"500ms\""));
    let sessions: Vec<Session> =
        (0..4).map(|n| dies(&root, &format!("quick-{n}"), "crash-mid-message=7")).collect();
    let row = |session: &Session| session.messages().unwrap().remove(0);
    let over = |session: &Session| row(session).status.as_deref() == Some("failed");
    let mut calls = 0;
    while !sessions.iter().all(over) {
        site.sweep(&[]).await;
        calls += 1;
        assert!(calls < 60, "{:?}", sessions.iter().map(row).collect::<Vec<_>>());
    }
    for session in &sessions {
        assert_eq!(row(session).tries, Some(0), "{:?}", row(session));
    }
    // A claim made anew within the same second looks like the same claim, and counts once.
    let died = site.events("container_died");
    assert!(died.len() >= 3 * sessions.len(), "{died:?}");
    assert_eq!(site.events("wake_failed"), []);
}

/// NanoClaw starts its containers with `--rm`: only the engine's memory of its events knows why.
#[tokio::test]
async fn an_agent_that_had_too_little_memory_is_said_to_have_died_of_that() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "memory");
    let root = site.root("nanoclaw");
    site.configure(CONFIG);
    let session = root.session("ag", "small", now()).unwrap();
    let bind = format!("{}:/workspace", session.dir().display());
    let small = ["--rm", "--memory=16m", "--memory-swap=16m", "-v", &bind];
    let eats = "until [ -e /workspace/hungry ]; do usleep 10000; done; exec tail /dev/zero";
    let run = rig.run(&small, eats);
    assert_eq!(site.sweep(&[]).await.line("nanoclaw/ag/small"), "running ok ok []");
    std::fs::write(session.dir().join("hungry"), "").unwrap();
    until("it is gone", || rig.standing(&run).is_none()).await;

    assert_eq!(site.sweep(&[]).await.line("nanoclaw/ag/small"), "stopped ok none []");
    let agent = Some("nanoclaw/ag/small".to_owned());
    let oom = serde_json::json!({ "run": run });
    assert_eq!(site.events("container_oom"), [(agent.clone(), oom)]);
    let died = serde_json::json!({ "run": run, "exit_code": 137 });
    assert_eq!(site.events("container_died"), [(agent, died)]);
}
