//! Wake kind `docker`: what a failing wake says, how long it is left alone, and how it recovers.

use agent_sim::fixture::{Message, Root, Session};
use sweepd_decide::{Timestamp, parse_utc};

use super::call::{Call, text};
use super::rig::Rig;
use super::site::Site;
use super::wait::{later_than, now, until};

/// `start` is a script in the session's directory, so that a test can mend it.
const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [policy.wake-backoff]
    base = "4s"
    cap = "4s"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"
    [source.wake]
    kind = "docker"
    image = "IMAGE"
    command = ["/bin/busybox", "sh", "/workspace/start"]
    user = "USER"
    [[source]]
    kind = "nanoclaw"
    name = "nowhere"
    root = "HERE/nowhere"
    [source.wake]
    kind = "docker"
    image = "sweepd-test-no-such-image:1"
"#;

const BROKEN: &str = "nanoclaw/ag/broken";
const DYING: &str = "nanoclaw/ag/dying";
const NOWHERE: &str = "nowhere/ag/nowhere";

#[tokio::test]
async fn a_failing_wake_says_why_is_left_alone_for_a_while_becomes_an_incident_and_recovers() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "wakes");
    let root = site.root("nanoclaw");
    let (broken, dying) = (due(&root, "broken"), due(&root, "dying"));
    let nowhere = due(&site.root("nowhere"), "nowhere");
    start(&broken, "echo no token in .claude >&2; exit 3");
    start(&dying, "/bin/busybox sleep 0.3; echo cannot find module foo >&2; exit 4");
    site.configure(CONFIG);

    let mut not_before = now();
    for attempt in 1..=3 {
        later_than(not_before).await;
        let call = site.sweep(&[]).await;
        the_missing_image_is_told(&call);
        for session in [&broken, &dying] {
            until("it has ended", || rig.of(session).iter().all(|id| !rig.runs(id))).await;
        }
        // The next minute's call, if it comes at once.
        let call = site.sweep(&[]).await;
        not_before = held(&call, attempt);
        let news = if attempt < 3 { (Some(0), 0) } else { (Some(1), 3) };
        assert_eq!((call.code, call.incidents().len()), news, "{}", call.lines());
        if attempt == 3 {
            the_incidents_say_why(&call);
        }
    }
    assert!(rig.of(&nowhere).is_empty());
    for session in [&broken, &dying, &nowhere] {
        let row = &session.messages().unwrap()[0];
        let unharmed = (row.status.as_deref(), row.tries, &row.process_after);
        assert_eq!(unharmed, (Some("pending"), Some(0), &None), "nobody is charged for it");
    }

    start(&broken, "exec /bin/agent-sim --poll-ms 200");
    later_than(not_before).await;
    let call = site.sweep(&[]).await;
    assert!(call.line(BROKEN).ends_with("[wake done]"), "{}", call.line(BROKEN));
    until("it answers", || broken.outputs().is_ok_and(|answers| answers.len() == 1)).await;
    until("it acks", || broken.acks().is_ok_and(|acks| acks[0].status == "completed")).await;
    let call = site.sweep(&[]).await;
    assert_eq!(text(&call.agent(BROKEN)["state"]), "running");
    assert_eq!(broken.messages().unwrap()[0].status.as_deref(), Some("completed"));
}

fn the_missing_image_is_told(call: &Call) {
    let line = call.line(NOWHERE);
    assert!(line.starts_with("stopped ") && line.contains("[wake failed"), "{line}");
    let words = call.detail(NOWHERE, "wake");
    assert!(words.contains("No such image: sweepd-test-no-such-image:1"), "{words}");
}

fn the_incidents_say_why(call: &Call) {
    let whys = [
        (BROKEN, "exit code 3", "no token in .claude"),
        (DYING, "exit code 4", "cannot find module foo"),
        (NOWHERE, "No such image", "sweepd-test-no-such-image:1"),
    ];
    for (agent, how, why) in whys {
        let key = format!("wake-failing:{agent}");
        let all = call.report["incidents"].as_array().unwrap();
        let found = all.iter().find(|incident| incident["key"] == key.as_str());
        let words = text(&found.unwrap_or_else(|| panic!("no {key}"))["summary"]);
        assert!(words.contains(how) && words.contains(why), "{words}");
    }
}

/// All wakes have failed so often and are held: until when.
fn held(call: &Call, failures: u64) -> Timestamp {
    let until = |agent| {
        let seen = call.agent(agent);
        assert!(call.line(agent).starts_with("stopped "), "{}", call.line(agent));
        assert!(call.line(agent).ends_with(" hold []"), "{}", call.line(agent));
        let evidence = &seen["decision"]["evidence"];
        assert_eq!(evidence["wake_failures"], failures, "{agent}: {evidence}");
        let not_before = text(&evidence["not_before"]);
        assert_eq!(text(&seen["decision"]["recheck_at"]), not_before);
        parse_utc(&not_before).unwrap()
    };
    until(BROKEN).max(until(DYING)).max(until(NOWHERE))
}

fn start(session: &Session, script: &str) {
    std::fs::write(session.dir().join("start"), script).unwrap();
}

/// A session with a message that is due.
fn due(root: &Root, name: &str) -> Session {
    let session = root.session("ag", name, now()).unwrap();
    session.message(&Message::chat("m", now())).unwrap();
    session
}
