//! What is left when a container has ended: ours goes once its exit was read, nobody else's does.

use agent_sim::fixture::{Message, Root, Session};
use serde_json::json;

use super::rig::Rig;
use super::site::Site;
use super::wait::{now, until};

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
    command = ["/bin/agent-sim", "--behave-file=/workspace/behave", "--poll-ms=200"]
    user = "USER"
"#;

#[tokio::test]
async fn a_container_of_ours_is_removed_once_its_end_was_read_and_nobody_else_s_is() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "leftovers");
    let root = site.root("nanoclaw");
    site.configure(CONFIG);
    let ended = due(&root, "ended", "healthy");
    let stopped = due(&root, "stopped", "hang-after-claim");
    // Another installation's, with the same name for the agent and the same directory; over.
    let bind = format!("{}:/workspace", ended.dir().display());
    let labels = ["--label", "sweepd.install=another", "--label", "sweepd.agent=nanoclaw/ag/ended"];
    let foreign = rig.run(&[&labels[..], &["-v", &bind]].concat(), "exit 0");
    let plain = rig.run(&["-v", &bind], "exit 0");
    let others = [foreign, plain];
    until("they have ended", || others.iter().all(|id| !rig.runs(id))).await;

    let call = site.sweep(&[]).await;
    for agent in ["nanoclaw/ag/ended", "nanoclaw/ag/stopped"] {
        assert_eq!(call.line(agent), "running ok none [wake done]");
    }
    let ours = rig.of(&ended).into_iter().find(|id| !others.contains(id)).unwrap();
    let hung = rig.only(&stopped);
    until("it acks", || ended.acks().is_ok_and(|acks| status(&acks) == ["completed"])).await;
    until("it claims", || stopped.acks().is_ok_and(|acks| status(&acks) == ["processing"])).await;
    rig.docker(&["kill", "-s", "TERM", &ours]);
    until("it ends", || !rig.runs(&ours)).await;
    assert!(rig.standing(&ours).is_some(), "ours are not started with --rm");

    // One ended by itself, the other is stopped in this call: both are read, then removed.
    let overdue = rig.started(&hung).plus(sweepd_decide::Span::from_secs(2));
    super::wait::later_than(overdue).await;
    let call = site.sweep(&[]).await;
    assert_eq!(call.line("nanoclaw/ag/ended"), "stopped ok none [sync done]");
    let expected = "stopped failing kill-claim [stop done, release done, retry done]";
    assert_eq!(call.line("nanoclaw/ag/stopped"), expected);
    assert_eq!((rig.standing(&ours), rig.standing(&hung)), (None, None));
    let died = site.events("container_died");
    let read: Vec<_> = died.iter().map(|(_, data)| (&data["run"], &data["exit_code"])).collect();
    assert_eq!(read, [(&json!(ours), &json!(143))]);
    for id in &others {
        let left = rig.standing(id).expect("what is not ours stays");
        assert_eq!(left.status, "exited");
    }
}

#[tokio::test]
async fn a_name_that_somebody_else_has_taken_is_a_failed_wake_that_names_the_holder() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "names");
    let root = site.root("nanoclaw");
    site.configure(CONFIG);
    let taken = due(&root, "taken", "healthy");
    let agent = "nanoclaw/ag/taken";

    // A first wake shows the name, which is the same for every wake.
    assert_eq!(site.sweep(&[]).await.line(agent), "running ok none [wake done]");
    let first = rig.only(&taken);
    let name = rig.docker(&["inspect", "-f", "{{.Name}}", &first]);
    let name = name.trim_start_matches('/').to_owned();
    assert!(name.starts_with("sweepd-nanoclaw-ag-taken"), "{name}");
    until("it acks", || taken.acks().is_ok_and(|acks| status(&acks) == ["completed"])).await;
    rig.docker(&["rm", "-f", &first]);
    let holder = rig.run(&["--name", &name], "exec /bin/busybox sleep 3600");
    taken.message(&Message::chat("m-2", now())).unwrap();

    let call = site.sweep(&[]).await;
    assert!(call.line(agent).contains("wake failed"), "{}", call.line(agent));
    let words = call.detail(agent, "wake");
    assert!(words.contains(&name) && words.contains(&holder), "{words}");
    assert!(rig.runs(&holder), "it is not ours");

    rig.docker(&["rm", "-f", &holder]);
    let held = site.sweep_until_it_runs(agent).await;
    assert!(held <= 1, "one wait after one failure");
    assert_ne!(rig.only(&taken), first);
}

fn status(acks: &[agent_sim::fixture::Ack]) -> Vec<&str> {
    acks.iter().map(|ack| ack.status.as_str()).collect()
}

/// A session with a message that is due, and an agent that behaves like this.
fn due(root: &Root, name: &str, behave: &str) -> Session {
    let session = root.session("ag", name, now()).unwrap();
    session.message(&Message::chat("m", now())).unwrap();
    std::fs::write(session.dir().join("behave"), behave).unwrap();
    session
}
