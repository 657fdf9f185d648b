//! The engine is gone, or hangs: don't know, so nothing is done to anybody.

use agent_sim::fixture::{Message, Root, Session};
use sweepd_decide::{Span, parse_utc};

use super::call::{Call, text};
use super::engine::Engine;
use super::rig::{Rig, Standing};
use super::site::{Site, ended};
use super::wait::{ago, later_than, now, until};

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [policy]
    claim-tolerance = "1s"
    [[agent]]
    match = "*/idle"
    ceiling = "1s"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"
    [source.wake]
    kind = "docker"
    image = "IMAGE"
    command = ["/bin/agent-sim", "--poll-ms=200"]
    user = "USER"
    [[source]]
    kind = "nanoclaw"
    name = "still"
    root = "HERE/still"
    [source.wake]
    kind = "none"
"#;

#[tokio::test]
async fn while_the_engine_is_stopped_or_hangs_nothing_is_done_to_anybody() {
    let Some(mut engine) = Engine::start() else { return };
    let rig = Rig::on(&engine.host());
    let site = Site::new(&rig, "lost");
    site.configure(CONFIG);
    let village = Village::found(&site, &rig).await;
    let before = village.standing(&rig);

    engine.stop();
    let call = site.sweep(&[]).await;
    nobody_is_known(&site, &call, 1);
    assert_eq!(village.rows(), before.rows);
    engine.restart();
    assert_eq!(village.standing(&rig), before);

    let frozen = engine.freeze();
    let call = site.sweep(&[]).await;
    nobody_is_known(&site, &call, 2);
    assert_eq!(village.rows(), before.rows);
    drop(frozen);
    assert_eq!(village.standing(&rig), before);

    // It returns, and everything that was due is done, once.
    let call = site.sweep(&[]).await;
    village.is_served(&call);
}

#[tokio::test]
async fn an_engine_that_hangs_or_stops_between_two_looks_saves_whoever_was_to_be_stopped() {
    let Some(mut engine) = Engine::start() else { return };
    let rig = Rig::on(&engine.host());
    for blow in ["hangs", "stops"] {
        let site = Site::new(&rig, blow);
        site.configure(CONFIG);
        let village = Village::found(&site, &rig).await;
        let before = village.standing(&rig);

        let call = site.begin_sweep();
        let held = || site.decisions("nanoclaw/ag/hung") == ["hold"];
        until("the first look is on record", held).await;
        until("the wake is over", || site.events("agent_woken").len() == 1).await;
        let frozen = (blow == "hangs").then(|| engine.freeze());
        if blow == "stops" {
            engine.stop();
        }
        let call = ended(call).await;
        assert_eq!(call.code, Some(3), "{blow}: {}", call.lines());
        let line = call.line("nanoclaw/ag/hung");
        assert!(line.starts_with("unknown ") && line.ends_with(" []"), "{blow}: {line}");
        drop(frozen);
        if blow == "stops" {
            engine.restart();
        }
        let after = village.standing(&rig);
        assert_eq!((after.running, after.hung), (before.running, before.hung), "{blow}");

        let call = site.sweep(&[]).await;
        let stopped = "stopped failing kill-claim [stop done, release done, retry done]";
        assert_eq!(call.line("nanoclaw/ag/hung"), stopped, "{blow}");
    }
}

/// All agents unknown, nothing planned or done, exit 3, and on record.
fn nobody_is_known(site: &Site<'_>, call: &Call, skipped: usize) {
    assert_eq!(call.code, Some(3), "{}", call.stderr);
    for agent in call.report["agents"].as_array().unwrap() {
        let (state, health) = (text(&agent["state"]), text(&agent["health"]));
        assert_eq!((state.as_str(), health.as_str()), ("unknown", "unknown"), "{}", call.lines());
        assert_eq!(agent["effects"], serde_json::json!([]), "{}", call.lines());
    }
    assert_eq!(call.report["summary"]["agents"], 4);
    assert!(call.report["trouble"].as_array().is_some_and(|all| !all.is_empty()));
    assert!(site.events("tick_skipped").len() >= skipped);
}

/// Somebody for each thing that could be done wrongly.
struct Village {
    due: Session,
    hung: Session,
    idle: Session,
    orphan: Session,
    running: [String; 2],
}

#[derive(Debug, PartialEq, Eq)]
struct State {
    running: Vec<Option<Standing>>,
    all: usize,
    hung: Vec<Message>,
    rows: Vec<Message>,
}

impl Village {
    /// Makes it, and returns when its stops are due.
    async fn found(site: &Site<'_>, rig: &Rig) -> Self {
        let (root, still) = (site.root("nanoclaw"), site.root("still"));
        let hung = session(&root, "hung");
        let idle = root.session("ag", "idle", now()).unwrap();
        let running = [
            // Not with --rm: an engine that comes back removes those.
            rig.agent(&[], hung.dir(), "--behave=hang-after-claim"),
            rig.agent(&[], idle.dir(), "--behave=idle"),
        ];
        let due = session(&root, "due");
        due.claim("m", ago(Span::from_mins(10))).unwrap();
        let orphan = session(&still, "orphan");
        orphan.claim("m", ago(Span::from_mins(10))).unwrap();
        until("it claims", || hung.acks().is_ok_and(|acks| acks.len() == 1)).await;
        until("it beats", || idle.heartbeat_at().unwrap().is_some()).await;
        let claimed = parse_utc(&hung.acks().unwrap()[0].status_changed).unwrap();
        let last = claimed.max(idle.heartbeat_at().unwrap().unwrap()).max(rig.started(&running[1]));
        later_than(last.plus(Span::from_secs(2))).await;
        Self { due, hung, idle, orphan, running }
    }

    fn rows(&self) -> Vec<Message> {
        let all = [&self.due, &self.hung, &self.idle, &self.orphan];
        all.iter().flat_map(|session| session.messages().unwrap()).collect()
    }

    fn standing(&self, rig: &Rig) -> State {
        State {
            running: self.running.iter().map(|id| rig.standing(id)).collect(),
            all: rig.all().len(),
            hung: self.hung.messages().unwrap(),
            rows: self.rows(),
        }
    }

    fn is_served(&self, call: &Call) {
        let expected = [
            ("nanoclaw/ag/due", "running ok none [wake done]"),
            (
                "nanoclaw/ag/hung",
                "stopped failing kill-claim [stop done, release done, retry done]",
            ),
            ("nanoclaw/ag/idle", "stopped ok kill-ceiling [stop done]"),
            ("still/ag/orphan", "stopped ok none [release done, retry done]"),
        ];
        for (agent, line) in expected {
            assert_eq!(call.line(agent), line, "{}", call.stderr);
        }
        assert_eq!(call.code, Some(1));
        let tries: Vec<_> = self.rows().iter().map(|row| row.tries.unwrap()).collect();
        assert_eq!(tries, [0, 1, 1], "due, hung, orphan");
    }
}

/// A session with a message that is due.
fn session(root: &Root, name: &str) -> Session {
    let session = root.session("ag", name, now()).unwrap();
    session.message(&Message::chat("m", now())).unwrap();
    session
}
