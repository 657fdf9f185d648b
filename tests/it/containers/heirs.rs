//! A fresh container beside what its predecessor left behind: stories F1 and F2.

use agent_sim::fixture::{Message, Root, Session};
use sweepd_decide::Span;

use super::call::text;
use super::rig::Rig;
use super::site::Site;
use super::wait::{ago, later_than, now, until};

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [[agent]]
    match = "*/patient"
    claim-tolerance = "8s"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"
    [source.wake]
    kind = "docker"
    image = "IMAGE"
    command = ["/bin/agent-sim", "--poll-ms=200", "--work-ms=500"]
    user = "USER"
"#;

#[tokio::test]
async fn a_fresh_container_is_never_stopped_for_its_predecessor_s_heartbeat_or_claim() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "heirs");
    let root = site.root("nanoclaw");
    site.configure(CONFIG);
    // One is woken by us; in the other its host has started a container that does nothing yet,
    // so that every trace of the predecessor still stands.
    let woken = inherited(&root, "woken");
    let slow = inherited(&root, "slow");
    let fresh = rig.nanoclaw(&slow, "--behave=never-start");
    let standing = rig.standing(&fresh);

    let first = site.sweep(&[]).await;
    assert_eq!(first.line("nanoclaw/ag/woken"), "running ok none [wake done]");
    assert_eq!(first.line("nanoclaw/ag/slow"), "running ok ok []");
    let heir = rig.standing(&rig.only(&woken));
    // Every call is a restart of sweepd: nothing but its state database remembers.
    for _ in 0..3 {
        let call = site.sweep(&[]).await;
        assert_eq!(call.code, Some(0), "{}", call.lines());
        for agent in ["nanoclaw/ag/woken", "nanoclaw/ag/slow"] {
            let seen = call.line(agent);
            assert!(seen.starts_with("running ok ok ["), "{agent}: {seen}");
        }
    }
    until("it answers", || woken.outputs().is_ok_and(|answers| answers.len() == 1)).await;
    until("it acks", || woken.acks().is_ok_and(|acks| acks[0].status == "completed")).await;
    let last = site.sweep(&[]).await;
    assert_eq!(last.code, Some(0), "{}", last.lines());
    assert_eq!(woken.messages().unwrap()[0].status.as_deref(), Some("completed"));
    assert_eq!(woken.outputs().unwrap()[0].in_reply_to.as_deref(), Some("m"));

    assert!(site.events("agent_stopped").is_empty());
    assert_eq!(rig.standing(&fresh), standing);
    assert_eq!(rig.standing(&rig.only(&woken)), heir);
    let untouched = &slow.messages().unwrap()[0];
    assert_eq!((untouched.status.as_deref(), untouched.tries), (Some("pending"), Some(0)));
}

#[tokio::test]
async fn an_heir_gets_a_full_tolerance_for_the_claim_it_inherited_and_no_more() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "patient");
    let root = site.root("nanoclaw");
    site.configure(CONFIG);
    let patient = inherited(&root, "patient");
    let id = rig.nanoclaw(&patient, "--behave=never-start");
    let start = rig.started(&id);
    let overdue = start.plus(Span::from_millis(8_001));

    let call = site.sweep(&[]).await;
    assert!(call.ended < overdue, "this machine is too slow for this test");
    assert_eq!(call.line("nanoclaw/ag/patient"), "running ok ok []");
    let recheck = &call.agent("nanoclaw/ag/patient")["decision"]["recheck_at"];
    assert_eq!(text(recheck), overdue.to_string());

    later_than(overdue).await;
    let call = site.sweep(&[]).await;
    let stopped = "stopped failing kill-claim [stop done, release done, retry done]";
    assert_eq!(call.line("nanoclaw/ag/patient"), stopped);
    let evidence = &call.agent("nanoclaw/ag/patient")["decision"]["evidence"];
    assert_eq!(text(&evidence["since"]), start.to_string());
    assert_eq!(text(&evidence["overdue_at"]), overdue.to_string());
}

/// A session whose agent died two hours ago amid a message.
fn inherited(root: &Root, name: &str) -> Session {
    let long_ago = ago(Span::from_mins(120));
    let session = root.session("ag", name, now()).unwrap();
    session.message(&Message::chat("m", long_ago)).unwrap();
    session.claim("m", long_ago).unwrap();
    session.heartbeat(long_ago).unwrap();
    session
}
