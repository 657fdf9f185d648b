//! Forty real containers at once: idle ones past the ceiling end in one go, busy ones that look
//! stuck together are held, but for one canary.

use agent_sim::fixture::{Message, Session};
use sweepd_decide::Span;

use super::call::Call;
use super::daemon::Daemon;
use super::rig::Rig;
use super::site::Site;
use super::wait::{later_than, now, until};

const FORTY: usize = 40;
const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [sweep]
    interval = "1s"
    [policy]
    confirmation-gap = "1s"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"
    [source.policy]
    ceiling = "2s"
    claim-tolerance = "2s"
    [source.wake]
    kind = "none"
"#;
/// Longer than both limits.
const OVERDUE: Span = Span::from_secs(4);
/// Ends at once when it is told to.
const POLITE: &str = "trap 'exit 143' TERM; /bin/busybox sleep 3600 & wait";
/// The first process of a container does not hear what it has no handler for.
const DEAF: &str = "exec /bin/busybox sleep 3600";

/// Forty sessions with a container each.
struct Forty<'a> {
    rig: &'a Rig,
    site: Site<'a>,
    sessions: Vec<Session>,
    ids: Vec<String>,
    signals: Signals,
}

/// The signals that the engine sends to a rig's containers, followed as they are sent: it remembers
/// only its last 256 events.
struct Signals {
    following: std::process::Child,
    told: std::path::PathBuf,
}

impl Signals {
    fn follow(rig: &Rig) -> Self {
        let told = rig.dir().join("signals");
        let format = r#"{{.ID}} {{index .Actor.Attributes "signal"}}"#;
        let label = format!("label=sweepd.test={}", rig.tag());
        let since = now().to_string();
        let following = std::process::Command::new("docker")
            .args(["-H", rig.host(), "events", "--since", &since, "--format", format])
            .args(["--filter", "event=kill", "--filter", &label])
            .stdin(std::process::Stdio::null())
            .stdout(std::fs::File::create(&told).unwrap())
            .spawn();
        Self { following: following.unwrap(), told }
    }

    /// The numbers so far, oldest first.
    fn numbers(&self) -> Vec<String> {
        let told = std::fs::read_to_string(&self.told).unwrap();
        let number = |line: &str| Some(line.split_once(' ')?.1.to_owned());
        told.lines().filter_map(number).collect()
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        // It may have ended with its engine.
        drop(self.following.kill());
        drop(self.following.wait());
    }
}

impl<'a> Forty<'a> {
    /// Each runs this script, and has beaten once.
    fn start(rig: &'a Rig, name: &'a str, script: fn(usize) -> &'static str) -> Self {
        let site = Site::new(rig, name);
        let root = site.root("nanoclaw");
        site.configure(CONFIG);
        let session = |n| root.session("ag", &format!("of-{n:02}"), now()).unwrap();
        let sessions: Vec<Session> = (0..FORTY).map(session).collect();
        let run = |n: usize| {
            let bind = format!("{}:/workspace", sessions[n].dir().display());
            let labels = ["--rm", "--label", "nanoclaw-install=0a1b2c3d"];
            rig.run(&[&labels[..], &["-v", &bind]].concat(), script(n))
        };
        let signals = Signals::follow(rig);
        // An engine starts a few at once faster than one after the other.
        let lots: Vec<Vec<String>> = std::thread::scope(|scope| {
            let each = |first| scope.spawn(move || (first..first + FORTY / 4).map(run).collect());
            let lots: Vec<_> = (0..FORTY).step_by(FORTY / 4).map(each).collect();
            lots.into_iter().map(|lot| lot.join().unwrap()).collect()
        });
        let ids = lots.concat();
        let forty = Self { rig, site, sessions, ids, signals };
        forty.beat();
        forty
    }

    fn beat(&self) {
        self.sessions.iter().for_each(|session| session.heartbeat(now()).unwrap());
    }

    /// Each claims a message, and is not heard of again.
    fn get_stuck(&self) {
        for session in &self.sessions {
            session.message(&Message::chat("m", now())).unwrap();
            session.claim("m", now()).unwrap();
        }
    }

    fn up(&self) -> usize {
        let filter = format!("label=sweepd.test={}", self.rig.tag());
        let listed = self.rig.docker(&["ps", "-q", "--no-trunc", "--filter", &filter]);
        let up: Vec<&str> = listed.lines().collect();
        self.ids.iter().filter(|id| up.contains(&id.as_str())).count()
    }

    /// Each got one SIGTERM, and before the first of them was killed.
    async fn all_were_told_before_one_was_killed(&self, deaf: usize) {
        until("all signals", || self.signals.numbers().len() >= FORTY + deaf).await;
        let numbers = self.signals.numbers();
        let first = numbers.iter().position(|number| *number == "9").unwrap_or(numbers.len());
        let count = |all: &[String], number| all.iter().filter(|one| *one == number).count();
        let told = (count(&numbers, "15"), count(&numbers[..first], "15"), count(&numbers, "9"));
        assert_eq!(told, (FORTY, FORTY, deaf), "SIGTERM, before the first SIGKILL, SIGKILL");
    }

    fn all_were_reaped(&self) {
        let stops = self.site.events("agent_stopped");
        assert_eq!((stops.len(), self.up()), (FORTY, 0));
        assert!(stops.iter().all(|(_, data)| data["reason"] == "idle"), "{stops:#?}");
        for kind in ["brake_engaged", "incident_opened"] {
            assert!(self.site.events(kind).is_empty(), "{:#?}", self.site.events(kind));
        }
    }

    /// One is stopped, the others run, and that is one incident: who was stopped.
    async fn one_is_stopped(&self) -> String {
        let stops = self.site.events("agent_stopped");
        assert_eq!((stops.len(), self.up()), (1, FORTY - 1), "{stops:#?}");
        let canary = stops[0].0.clone().unwrap();
        let status = self.status().await;
        let mut open = status.incidents();
        open.sort_unstable();
        let expected = [format!("agent-stuck:{canary}"), "brake-engaged:sweepd".to_owned()];
        assert_eq!((status.code, open), (Some(1), expected.to_vec()), "{}", status.stderr);
        canary
    }

    async fn status(&self) -> Call {
        let began = now();
        let output = self.site.sweepd(&["status", "--json"]).output().await.unwrap();
        Call::new(output, began, now())
    }

    /// Who was stopped although the brake was on.
    fn canaries(&self) -> Vec<String> {
        let braked = self.site.events("brake_engaged").into_iter();
        let canaries = braked.filter(|(_, data)| data["what"] == "canary");
        canaries.filter_map(|(agent, _)| agent).collect()
    }

    /// How often all were looked at.
    fn rounds(&self) -> usize {
        let all = self.site.events("pass_finished");
        all.iter().filter(|(_, data)| data["whole"] == true).count()
    }
}

#[tokio::test]
async fn forty_idle_containers_end_in_one_call_whether_they_listen_or_not() {
    let Some(rig) = Rig::new() else { return };
    let half = |n: usize| if n.is_multiple_of(2) { POLITE } else { DEAF };
    let forty = Forty::start(&rig, "idle", half);
    let began = now();
    later_than(began.plus(OVERDUE)).await;
    let call = forty.site.sweep(&[]).await;
    assert_eq!((call.code, call.incidents().len()), (Some(0), 0), "{}", call.stderr);
    forty.all_were_told_before_one_was_killed(FORTY / 2).await;
    forty.all_were_reaped();
}

#[tokio::test]
async fn forty_idle_containers_end_beside_each_other_under_the_daemon() {
    let Some(rig) = Rig::new() else { return };
    let half = |n: usize| if n.is_multiple_of(2) { POLITE } else { DEAF };
    let forty = Forty::start(&rig, "idle", half);
    let daemon = Daemon::start(&forty.site);
    until("all were stopped", || forty.site.events("agent_stopped").len() == FORTY).await;
    assert_eq!(daemon.terminate().await, Some(0));
    forty.all_were_told_before_one_was_killed(FORTY / 2).await;
    forty.all_were_reaped();
}

#[tokio::test]
async fn forty_busy_containers_that_look_stuck_are_one_canary_and_one_incident() {
    let Some(rig) = Rig::new() else { return };
    let forty = Forty::start(&rig, "busy", |_| POLITE);
    forty.get_stuck();
    later_than(now().plus(OVERDUE)).await;
    // Call after call, and then under a daemon, which knows what was before it.
    let call = forty.site.sweep(&[]).await;
    assert_eq!(call.code, Some(1), "{}", call.stderr);
    let canary = forty.one_is_stopped().await;
    for _ in 0..2 {
        assert_eq!(forty.site.sweep(&[]).await.code, Some(1));
        assert_eq!(forty.one_is_stopped().await, canary);
    }
    let daemon = Daemon::start(&forty.site);
    let before = forty.rounds();
    until("three rounds", || forty.rounds() >= before + 3).await;
    assert_eq!(forty.one_is_stopped().await, canary);

    until("the brake is off", || {
        forty.beat();
        !forty.site.events("incident_resolved").is_empty()
    })
    .await;
    assert_eq!(daemon.terminate().await, Some(0));
    assert_eq!(forty.site.events("incident_resolved")[0].1["key"], "brake-engaged:sweepd");
    assert_eq!((forty.up(), forty.canaries()), (FORTY - 1, vec![canary.clone()]));
    // What is left is the canary, which nobody is there to wake.
    assert_eq!(forty.status().await.incidents(), [format!("agent-stuck:{canary}")]);
}

#[tokio::test]
async fn forty_busy_containers_under_a_daemon_from_the_start_are_one_canary_too() {
    let Some(rig) = Rig::new() else { return };
    let forty = Forty::start(&rig, "busy", |_| DEAF);
    forty.get_stuck();
    let daemon = Daemon::start(&forty.site);
    let stopped = || forty.site.events("agent_stopped").len();
    // It ignores SIGTERM; the others are held all that while.
    until("a canary", || stopped() > 0).await;
    let before = forty.rounds();
    until("three rounds", || forty.rounds() >= before + 3).await;
    let canary = forty.one_is_stopped().await;
    assert_eq!(daemon.terminate().await, Some(0));
    assert_eq!(forty.canaries(), [canary]);
}
