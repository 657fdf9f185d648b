//! An agent that dies amid a transaction leaves a hot journal, which only its heir may roll back.

use agent_sim::fixture::Message;
use sweepd_decide::Span;

use super::rig::Rig;
use super::site::Site;
use super::wait::{later_than, now, until};

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [policy.wake-backoff]
    base = "1s"
    cap = "1s"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/nanoclaw"
    [source.wake]
    kind = "docker"
    image = "IMAGE"
    command = ["/bin/agent-sim", "--behave-file=/workspace/behave", "--poll-ms=200"]
    user = "USER"
"#;

const AGENT: &str = "nanoclaw/ag/torn";

#[tokio::test]
async fn a_session_torn_in_mid_transaction_waits_for_the_wake_that_heals_it_and_gets_it_when_due() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "torn");
    let root = site.root("nanoclaw");
    let torn = root.session("ag", "torn", now()).unwrap();
    torn.message(&Message::chat("m", now())).unwrap();
    site.configure(CONFIG);

    std::fs::write(torn.dir().join("behave"), "hot-journal").unwrap();
    let call = site.sweep(&[]).await;
    assert_eq!(call.line(AGENT), "running ok none [wake done]");
    let id = rig.only(&torn);
    until("it dies", || !rig.runs(&id)).await;
    let journal = torn.dir().join("outbound.db-journal");
    assert!(std::fs::metadata(&journal).unwrap().len() > 512, "a hot journal");
    std::fs::write(torn.dir().join("behave"), "healthy").unwrap();
    let torn_bytes = std::fs::read(torn.outbound_path()).unwrap();

    // The message is put off, as a person may do: nothing is due, so nothing is done.
    let due = now().plus(Span::from_secs(5)).floor_to_second();
    let later = "UPDATE messages_in SET process_after = ?1";
    torn.inbound().unwrap().execute(later, [due.to_string()]).unwrap();
    let rows = torn.messages().unwrap();
    for _ in 0..2 {
        let call = site.sweep(&[]).await;
        assert_eq!(call.line(AGENT), "stopped unknown none []", "{}", call.stderr);
        assert!(now() < due, "this machine is too slow for this test");
    }
    assert_eq!(torn.messages().unwrap(), rows);
    assert!(journal.exists(), "it is not ours to roll back");
    assert_eq!(std::fs::read(torn.outbound_path()).unwrap(), torn_bytes);

    later_than(due).await;
    let call = site.sweep(&[]).await;
    assert_eq!(call.line(AGENT), "running unknown none [wake done]", "{}", call.stderr);
    until("it answers", || torn.outputs().is_ok_and(|answers| answers.len() == 1)).await;
    until("it acks", || torn.acks().is_ok_and(|acks| acks[0].status == "completed")).await;
    let call = site.sweep(&[]).await;
    assert_eq!(call.line(AGENT), "running ok ok [sync done]");
    assert_eq!(call.code, Some(0), "{}", call.lines());
    let row = &torn.messages().unwrap()[0];
    assert_eq!((row.status.as_deref(), row.tries), (Some("completed"), Some(0)));
    assert!(!journal.exists());
}
