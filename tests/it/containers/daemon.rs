//! `sweepd run` beside real containers: it wakes, it stops, it ends and leaves them alone.

use std::process::Stdio;

use agent_sim::fixture::Message;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use sweepd_decide::Span;
use tokio::process::Child;
use tokio::time::timeout;

use super::call::text;
use super::rig::Rig;
use super::site::{DEADLINE, Site};
use super::wait::{now, until};

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [sweep]
    interval = "1s"
    [policy]
    claim-tolerance = "2s"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"
    [source.wake]
    kind = "docker"
    image = "IMAGE"
    command = ["/bin/agent-sim", "--behave-file=/workspace/behave", "--poll-ms=200"]
    user = "USER"
"#;

#[tokio::test]
async fn the_daemon_wakes_what_is_due_stops_what_hangs_and_leaves_all_standing_when_it_ends() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "daemon");
    let root = site.root("nanoclaw");
    site.configure(CONFIG);
    let well = root.session("ag", "well", now()).unwrap();
    let hangs = root.session("ag", "hangs", now()).unwrap();
    std::fs::write(hangs.dir().join("behave"), "hang-after-claim").unwrap();

    let daemon = Daemon::start(&site);
    until("it has looked", || !site.events("pass_finished").is_empty()).await;
    assert!(rig.all().is_empty(), "nothing is due");

    well.message(&Message::chat("m", now())).unwrap();
    until("it answers", || well.outputs().is_ok_and(|answers| answers.len() == 1)).await;
    let done = || well.messages().unwrap()[0].status.as_deref() == Some("completed");
    until("the ack is carried over", done).await;
    let awake = rig.standing(&rig.only(&well));

    // While it runs, a call from cron steps back, and says before whom.
    let call = site.sweep(&[]).await;
    let who = format!("locked by pid {}", daemon.pid().as_raw_nonzero());
    assert_eq!((call.code, text(&call.report["skipped"])), (Some(0), who), "{}", call.stderr);

    hangs.message(&Message::chat("m", now())).unwrap();
    until("it claims", || hangs.acks().is_ok_and(|acks| acks.len() == 1)).await;
    let hung = rig.only(&hangs);
    std::fs::write(hangs.dir().join("behave"), "healthy").unwrap();
    until("it is stopped", || !site.events("agent_stopped").is_empty()).await;
    assert!(!rig.runs(&hung));
    let stops = site.events("agent_stopped");
    assert_eq!(stops[0].0.as_deref(), Some("nanoclaw/ag/hangs"));
    assert_eq!(stops[0].1["reason"], "claim");
    // Its message is tried again five seconds later, by an heir that works.
    until("its heir answers", || hangs.outputs().is_ok_and(|answers| answers.len() == 1)).await;
    let row = || hangs.messages().unwrap()[0].clone();
    until("the ack is carried over", || row().status.as_deref() == Some("completed")).await;
    assert_eq!((row().tries, rig.standing(&hung)), (Some(1), None));

    let heir = rig.standing(&rig.only(&hangs));
    assert_eq!(daemon.terminate().await, Some(0));
    assert_eq!(rig.standing(&rig.only(&well)), awake);
    assert_eq!(rig.standing(&rig.only(&hangs)), heir);
    let stopped: Vec<_> = site.events("agent_stopped").iter().map(|stop| stop.1.clone()).collect();
    assert_eq!(stopped.len(), 1, "{stopped:#?}");
    assert_eq!(stopped[0]["idle"], json!(false));
}

#[tokio::test]
async fn the_daemon_sees_what_falls_due_when_it_does_and_not_at_its_next_look_at_everybody() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "agenda");
    let root = site.root("nanoclaw");
    site.configure(&CONFIG.replace(r#"interval = "1s""#, r#"interval = "10m""#));
    let hangs = root.session("ag", "hangs", now()).unwrap();
    hangs.message(&Message::chat("m", now())).unwrap();
    let hung = rig.nanoclaw(&hangs, "--behave=hang-after-claim");
    until("it claims", || hangs.acks().is_ok_and(|acks| acks.len() == 1)).await;
    let later = root.session("ag", "later", now()).unwrap();
    let due = now().plus(Span::from_secs(8));
    later.message(&Message::task("m", now(), due)).unwrap();

    // The claim's tolerance, the confirmation, the retry's wait, a task's time: each is a deadline
    // of its own, and the next look at everybody is ten minutes away.
    let daemon = Daemon::start(&site);
    until("the task is answered", || later.outputs().is_ok_and(|sent| sent.len() == 1)).await;
    until("the heir answers", || hangs.outputs().is_ok_and(|sent| sent.len() == 1)).await;
    assert_eq!(rig.standing(&hung), None);
    assert_eq!(hangs.messages().unwrap()[0].tries, Some(1));
    assert_eq!(daemon.terminate().await, Some(0));
}

/// The program, running; ended with the test.
pub(super) struct Daemon(Child);

impl Daemon {
    pub(super) fn start(site: &Site<'_>) -> Self {
        let log = std::fs::File::create(site.dir().join("daemon.log")).unwrap();
        let mut sweepd = site.sweepd(&["run"]);
        Self(sweepd.stdout(Stdio::null()).stderr(log).spawn().unwrap())
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.0.id().unwrap().try_into().unwrap()).unwrap()
    }

    /// SIGTERM: the exit code.
    pub(super) async fn terminate(mut self) -> Option<i32> {
        kill_process(self.pid(), Signal::TERM).unwrap();
        let ended = timeout(DEADLINE, self.0.wait()).await;
        ended.expect("it ends within its deadline").unwrap().code()
    }
}
