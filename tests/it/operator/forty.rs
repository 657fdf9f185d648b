//! Forty containers at once: idle ones past the ceiling are stopped, all in one go; busy ones that
//! look stuck together are held, but for one canary.

use agent_sim::fixture::Session;
use rustix::process::Signal;
use serde_json::Value;

use super::engine::Engine;
use super::host::{Background, Host, Said, ago, now};
use super::journal::Journal;
use super::wait::until;

const FORTY: usize = 40;
/// Everybody is looked at each second, so that a look more or less is a matter of seconds.
const POLICY: &str = "[sweep]\ninterval = \"1s\"\n[policy]\nconfirmation-gap = \"200ms\"\n";

/// Forty sessions whose containers have run for an hour, with a host and its engine.
struct Forty {
    // Before its host: with that goes the socket by which it is ended.
    engine: Engine,
    host: Host,
    sessions: Vec<Session>,
}

impl Forty {
    fn new() -> Self {
        let host = Host::new();
        host.configure("enforce", POLICY, "");
        let engine = Engine::new(&host);
        let sessions = (0..FORTY).map(|n| host.session(&format!("of-{n:02}"))).collect();
        Self { engine, host, sessions }
    }

    /// Nothing to do for longer than the ceiling.
    fn idle(deaf: bool) -> Self {
        let forty = Self::new();
        for session in &forty.sessions {
            session.heartbeat(ago(3000)).unwrap();
            if deaf {
                forty.engine.run_deaf(session.dir(), ago(3600));
            } else {
                forty.engine.run(session.dir(), ago(3600));
            }
        }
        forty
    }

    /// Each has claimed its one message long ago, and has not beaten since.
    fn stuck() -> Self {
        let forty = Self::new();
        for session in &forty.sessions {
            session.message(&agent_sim::fixture::Message::chat("m-1", ago(400))).unwrap();
            session.claim("m-1", ago(300)).unwrap();
            session.heartbeat(ago(350)).unwrap();
            forty.engine.run(session.dir(), ago(3600));
        }
        forty
    }

    /// Everybody beats, and the canary's heir is up.
    fn recover(&self, canary: &str) {
        let session = self.host.find(canary.rsplit('/').next().unwrap());
        // It has been up for a moment when it beats.
        self.engine.run(session.dir(), ago(1));
        self.beat();
    }

    fn beat(&self) {
        self.sessions.iter().for_each(|session| session.heartbeat(now()).unwrap());
    }

    /// How often each signal was sent, and how many SIGTERMs before the first SIGKILL.
    fn signals(&self) -> (usize, usize, usize) {
        let verbs = self.engine.verbs();
        let is = |verb: &String, name: &str| verb.contains("/kill?") && verb.contains(name);
        let count = |name| verbs.iter().filter(|verb| is(verb, name)).count();
        let first = verbs.iter().position(|verb| is(verb, "SIGKILL")).unwrap_or(verbs.len());
        let before = verbs[..first].iter().filter(|verb| is(verb, "SIGTERM")).count();
        (count("SIGTERM"), count("SIGKILL"), before)
    }

    fn journal(&self) -> Journal {
        Journal::of(&self.host)
    }

    /// All have been stopped for idleness and nothing else; there is nothing to tell of.
    fn all_were_reaped(&self) {
        let journal = self.journal();
        let stops = journal.of_kind("agent_stopped");
        assert_eq!((stops.len(), self.engine.up()), (FORTY, 0));
        assert!(stops.iter().all(|stop| stop.data["reason"] == "idle"), "{stops:#?}");
        assert!(journal.of_kind("brake_engaged").is_empty());
        assert!(journal.of_kind("incident_opened").is_empty());
    }

    /// One is stopped, the others run, and that is one incident: who was stopped.
    #[track_caller]
    fn one_is_stopped(&self) -> String {
        let stops = self.journal().of_kind("agent_stopped");
        let canary = stops.first().unwrap().agent.clone().unwrap();
        assert_eq!((stops.len(), self.engine.up()), (1, FORTY - 1), "{stops:#?}");
        let braked = self.journal().canaries();
        assert_eq!(braked.len(), 1, "{braked:#?}");
        assert_eq!(braked[0].agent.as_ref(), Some(&canary));
        let [human, json] = ["status", "status --json"].map(|words| self.host.sweepd(words));
        for said in [&human, &json] {
            assert_eq!((said.err.as_str(), said.code), ("", 1), "{}", said.out);
        }
        let told =
            human.out.matches("error: sweepd: so many look stuck or have vanished at once").count();
        assert_eq!(told, 1, "{}", human.out);
        let open = keys(&json.json());
        assert_eq!(open, [format!("agent-stuck:{canary}"), "brake-engaged:sweepd".to_owned()]);
        canary
    }

    /// Nobody was charged but the canary's message, and that once.
    fn one_try_was_charged(&self, canary: &str) {
        for session in &self.sessions {
            let is_canary = session.dir().ends_with(canary.rsplit('/').next().unwrap());
            let rows = session.messages().unwrap();
            assert_eq!(rows[0].tries, Some(i64::from(is_canary)), "{}", session.dir().display());
        }
    }
}

fn keys(answer: &Value) -> Vec<String> {
    let open = answer["incidents"].as_array().unwrap().iter();
    let mut keys: Vec<String> = open.map(|one| one["key"].as_str().unwrap().to_owned()).collect();
    keys.sort_unstable();
    keys
}

fn sweep(host: &Host, code: i32) -> Said {
    let said = host.sweepd("sweep --json");
    assert_eq!((said.err.as_str(), said.code), ("", code), "{:?}", keys(&said.json()));
    said
}

fn start(host: &Host) -> Background {
    let daemon = host.start("run");
    until("a daemon", || daemon.log().contains("sweepd runs"));
    daemon
}

fn ends_well(mut daemon: Background) {
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end().code(), Some(0), "{}", daemon.log());
}

#[test]
fn forty_idle_ones_are_reaped_by_one_call_without_a_word() {
    let forty = Forty::idle(false);
    let call = sweep(&forty.host, 0).json();
    assert_eq!(call["summary"]["failing"], 0);
    assert_eq!(forty.signals(), (FORTY, 0, FORTY));
    forty.all_were_reaped();
    assert_eq!(keys(&sweep(&forty.host, 0).json()), Vec::<String>::new());
}

/// Each takes the whole grace to end. All of them are told before that of the first is over.
#[test]
fn forty_that_do_not_listen_are_all_stopped_by_one_call() {
    let forty = Forty::idle(true);
    let began = now();
    sweep(&forty.host, 0);
    assert_eq!(forty.signals(), (FORTY, FORTY, FORTY), "SIGTERM, SIGKILL, SIGTERM before that");
    forty.all_were_reaped();
    let took = now().since(began).as_millis();
    assert!(took < 20_000, "two graces and more: {took} ms");
}

#[test]
fn forty_idle_ones_are_reaped_by_the_daemon_without_a_word() {
    let forty = Forty::idle(false);
    let daemon = start(&forty.host);
    until("all have ended", || forty.engine.up() == 0);
    until("that is told", || forty.journal().of_kind("agent_stopped").len() == FORTY);
    assert_eq!(forty.signals(), (FORTY, 0, FORTY));
    ends_well(daemon);
    forty.all_were_reaped();
}

#[test]
fn forty_that_do_not_listen_hold_up_nobody_in_the_daemon() {
    let forty = Forty::idle(true);
    let daemon = start(&forty.host);
    until("all have ended", || forty.engine.up() == 0);
    until("that is told", || forty.journal().of_kind("agent_stopped").len() == FORTY);
    assert_eq!(forty.signals(), (FORTY, FORTY, FORTY), "SIGTERM, SIGKILL, SIGTERM before that");
    ends_well(daemon);
    forty.all_were_reaped();
}

#[test]
fn forty_that_look_stuck_are_one_canary_and_one_incident_call_after_call() {
    let forty = Forty::stuck();
    let call = sweep(&forty.host, 1).json();
    assert_eq!(call["summary"]["failing"], FORTY, "{}", call["summary"]);
    let canary = forty.one_is_stopped();
    for _ in 0..3 {
        sweep(&forty.host, 1);
        assert_eq!(forty.one_is_stopped(), canary);
    }
    forty.recover(&canary);
    sweep(&forty.host, 1);
    assert_eq!(keys(&sweep(&forty.host, 0).json()), Vec::<String>::new());
    forty.one_try_was_charged(&canary);
    assert_eq!(forty.engine.up(), FORTY);
    let said = forty.host.sweepd("status --json");
    assert_eq!((said.code, keys(&said.json()).len()), (0, 0), "{}", said.out);
}

#[test]
fn forty_that_look_stuck_are_one_canary_and_one_incident_while_the_daemon_runs() {
    let forty = Forty::stuck();
    let daemon = start(&forty.host);
    until("a canary", || !forty.journal().of_kind("agent_stopped").is_empty());
    let looks = || forty.journal().looks();
    let brake = || forty.journal().opened("brake-engaged:sweepd");
    until("an incident", || brake() == 1);
    let canary = forty.one_is_stopped();
    for look in ["a look at each of the others", "and another"] {
        let before = looks();
        let is_new = |(who, at): (&String, &String)| *who == canary || *at != before[who];
        until(look, || looks().iter().all(is_new));
    }
    assert_eq!(forty.one_is_stopped(), canary);

    forty.recover(&canary);
    until("all is well", || {
        forty.beat();
        forty.journal().open().is_empty()
    });
    ends_well(daemon);
    forty.one_try_was_charged(&canary);
    assert_eq!((forty.engine.up(), brake()), (FORTY, 1));
    assert_eq!(forty.journal().canaries().len(), 1, "one canary");
    assert_eq!(forty.host.sweepd("status --json").code, 0);
}
