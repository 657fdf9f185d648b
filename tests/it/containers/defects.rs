//! Defects of the original that only a real engine can show; see `docs/defects.md`.

use agent_sim::fixture::{Message, Session};
use sweepd_decide::{Span, parse_utc};

use super::rig::Rig;
use super::site::Site;
use super::wait::{later_than, now, until};

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [policy]
    claim-tolerance = "1s"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"
    [source.wake]
    kind = "docker"
    image = "IMAGE"
    command = ["/bin/agent-sim", "--behave-file=/workspace/behave", "--poll-ms=200"]
    user = "USER"
"#;

const AGENT: &str = "nanoclaw/ag/same";

/// Both call their agent the same, and a third container has a name like theirs.
#[tokio::test]
async fn defect_0_15_two_installations_on_one_engine_leave_each_other_alone() {
    let Some(rig) = Rig::new() else { return };
    let (ours, theirs) = (Site::new(&rig, "ours"), Site::new(&rig, "theirs"));
    let [hung, well] = [(&ours, "hang-after-claim"), (&theirs, "healthy")].map(|(site, behave)| {
        site.configure(CONFIG);
        let session = site.root("nanoclaw").session("ag", "same", now()).unwrap();
        session.message(&Message::chat("m", now())).unwrap();
        std::fs::write(session.dir().join("behave"), behave).unwrap();
        session
    });
    for site in [&ours, &theirs] {
        assert_eq!(site.sweep(&[]).await.line(AGENT), "running ok none [wake done]");
    }
    let [hung_run, well_run] = [&hung, &well].map(|session| rig.only(session));
    let name = |id: &str| rig.docker(&["inspect", "-f", "{{.Name}}", id]);
    assert_ne!(name(&hung_run), name(&well_run));
    let alike = format!("{}-{}", name(&hung_run).trim_start_matches('/'), rig.name());
    let stranger = rig.run(&["--name", &alike], "exec /bin/busybox sleep 3600");
    until("it acks", || status(&well).as_deref() == Some("completed")).await;
    until("it claims", || status(&hung).as_deref() == Some("processing")).await;
    let claimed = parse_utc(&hung.acks().unwrap()[0].status_changed).unwrap();
    later_than(claimed.max(rig.started(&hung_run)).plus(Span::from_secs(2))).await;
    let standing = [&well_run, &stranger].map(|id| rig.standing(id));

    // Theirs does not stop what hangs here, ours does, and nothing else.
    let call = theirs.sweep(&[]).await;
    assert_eq!(call.line(AGENT), "running ok ok [sync done]");
    assert!(rig.runs(&hung_run), "not theirs");
    let call = ours.sweep(&[]).await;
    let stopped = "stopped failing kill-claim [stop done, release done, retry done]";
    assert_eq!(call.line(AGENT), stopped);
    assert!(!rig.runs(&hung_run));
    assert_eq!([&well_run, &stranger].map(|id| rig.standing(id)), standing);

    // Nor does either remove what has ended at the other's.
    rig.docker(&["kill", "-s", "TERM", &well_run]);
    until("it ends", || !rig.runs(&well_run)).await;
    ours.sweep(&[]).await;
    assert!(rig.standing(&well_run).is_some(), "not ours");
    assert_eq!(rig.standing(&stranger), standing[1]);
    assert_eq!(theirs.events("agent_stopped"), []);
}

/// Of the one message of a session.
fn status(session: &Session) -> Option<String> {
    Some(session.acks().ok()?.first()?.status.clone())
}
