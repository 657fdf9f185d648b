//! The engine falls silent in the middle of a call: at each request in turn.

use agent_sim::fixture::{Message, Session};
use futures_util::future::join_all;
use sweepd_decide::{Span, parse_utc};

use super::proxy::{Proxy, Silence};
use super::rig::Rig;
use super::site::Site;
use super::wait::{ago, later_than, now, until};

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [policy]
    claim-tolerance = "1s"
    [policy.wake-backoff]
    base = "1s"
    cap = "1s"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"
    [source.wake]
    kind = "docker"
    image = "IMAGE"
    command = ["/bin/agent-sim", "--poll-ms=200"]
    user = "USER"
"#;

const AGENT: &str = "nanoclaw/ag/s";

/// The requests of a call that stops a container, and of one that wakes an agent.
const LIST: fn(&str) -> bool = |asked| asked.contains("/containers/json");
const INSPECT: fn(&str) -> bool = |asked| asked.ends_with("/json") && !LIST(asked);
const SIGNAL: fn(&str) -> bool = |asked| asked.contains("/kill?");
const CREATE: fn(&str) -> bool = |asked| asked.contains("/containers/create");
const START: fn(&str) -> bool = |asked| asked.ends_with("/start");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_falls_silent_at_any_request_gets_nobody_charged_or_started_twice() {
    let Some(rig) = Rig::new() else { return };
    let stops = stops(&rig).await;
    let wakes = wakes(&rig);
    let stopping = join_all(stops.iter().map(|(case, id)| case.stop_in_silence(&rig, id)));
    let waking = join_all(wakes.iter().map(|case| case.wake_in_silence(&rig)));
    let (stopping, waking) = tokio::join!(stopping, waking);
    let wrong = [stopping.concat(), waking.concat()].concat();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Containers that are to be stopped, and the request at which their engine falls silent.
async fn stops(rig: &Rig) -> Vec<(Case<'_>, String)> {
    let lost = |asks, nth| Silence { nth, asks, heard: false };
    let cases = [
        ("first-list", Silence { nth: 1, asks: LIST, heard: true }),
        ("first-inspect", lost(INSPECT, 1)),
        ("second-list", lost(LIST, 2)),
        ("before-the-stop", lost(INSPECT, 2)),
        ("at-the-stop", lost(INSPECT, 3)),
        ("signal-lost", lost(SIGNAL, 1)),
        ("signal-answer-lost", Silence { nth: 1, asks: SIGNAL, heard: true }),
    ];
    let mut hung = Vec::new();
    for (name, silence) in cases {
        let case = Case::new(rig, name, silence);
        let id = rig.agent(&[], case.session.dir(), "--behave=hang-after-claim");
        until("it claims", || case.session.acks().is_ok_and(|acks| acks.len() == 1)).await;
        hung.push((case, id));
    }
    let claimed = &hung.last().unwrap().0.session.acks().unwrap()[0].status_changed;
    later_than(parse_utc(claimed).unwrap().plus(Span::from_secs(3))).await;
    hung
}

/// Agents that are to be woken, with a claim that their predecessor left open.
fn wakes(rig: &Rig) -> Vec<Case<'_>> {
    let cases = [
        ("create-lost", Silence { nth: 1, asks: CREATE, heard: false }),
        ("create-answer-lost", Silence { nth: 1, asks: CREATE, heard: true }),
        ("start-answer-lost", Silence { nth: 1, asks: START, heard: true }),
        ("inspect-lost", Silence { nth: 1, asks: INSPECT, heard: false }),
    ];
    let made = |(name, silence)| {
        let case = Case::new(rig, name, silence);
        case.session.claim("m", ago(Span::from_mins(10))).unwrap();
        case
    };
    cases.into_iter().map(made).collect()
}

/// A sweepd of its own, with one agent, behind a line that goes dead.
struct Case<'a> {
    name: &'a str,
    site: Site<'a>,
    session: Session,
    proxy: Proxy,
}

impl<'a> Case<'a> {
    fn new(rig: &'a Rig, name: &'a str, silence: Silence) -> Self {
        let site = Site::new(rig, name);
        let root = site.root("nanoclaw");
        let session = root.session("ag", "s", now()).unwrap();
        session.message(&Message::chat("m", now())).unwrap();
        let proxy = Proxy::listen(&site.dir().join("docker.sock"), rig.host(), silence);
        site.configure_for(proxy.host(), CONFIG);
        Self { name, site, session, proxy }
    }

    /// What went wrong.
    async fn stop_in_silence(&self, rig: &Rig, id: &str) -> Vec<String> {
        let before = rig.standing(id);
        let mut wrong = self.call_into_silence().await;
        if self.name == "signal-answer-lost" {
            until("the signal is heard", || !rig.runs(id)).await;
        } else if rig.standing(id) != before {
            wrong.push(format!("{}: {:?}", self.name, rig.standing(id)));
        }
        // The engine is back: it is stopped, or found stopped, and charged once.
        self.site.configure(CONFIG);
        let call = self.site.sweep(&[]).await;
        let line = call.line(AGENT);
        let charged = line.starts_with("stopped ") && line.ends_with("release done, retry done]");
        let tries = self.session.messages().unwrap()[0].tries;
        if !charged || rig.runs(id) || tries != Some(1) {
            wrong.push(format!("{}, engine back: {line}, {tries:?} tries", self.name));
        }
        wrong
    }

    /// What went wrong.
    async fn wake_in_silence(&self, rig: &Rig) -> Vec<String> {
        let mut wrong = self.call_into_silence().await;
        self.site.configure(CONFIG);
        self.site.sweep_until_it_runs(AGENT).await;
        let answers = || self.session.outputs().is_ok_and(|answers| answers.len() == 1);
        until("it answers", answers).await;
        let runs = rig.of(&self.session).len();
        let tries = self.session.messages().unwrap()[0].tries;
        if runs != 1 || tries != Some(0) {
            wrong.push(format!("{}, engine back: {runs} containers, {tries:?} tries", self.name));
        }
        wrong
    }

    /// Nothing is concluded from silence, and it is told.
    async fn call_into_silence(&self) -> Vec<String> {
        let rows = self.session.messages().unwrap();
        let call = self.site.sweep(&[]).await;
        let told = call.code == Some(3) || !self.site.events("tick_skipped").is_empty();
        let claims = [
            (self.proxy.is_silent(), "the request never came"),
            (self.session.messages().unwrap() == rows, "somebody is charged"),
            (!call.line(AGENT).contains("done"), "something is done"),
            (told, "it is not told"),
        ];
        let wrong = claims.into_iter().filter(|(holds, _)| !holds);
        let line = format!("{}, exit {:?}", call.line(AGENT), call.code);
        wrong.map(|(_, wrong)| format!("{}: {wrong}: {line}", self.name)).collect()
    }
}
