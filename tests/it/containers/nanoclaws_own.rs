//! Containers that NanoClaw itself started: known by their `/workspace` alone, meant by id, and
//! missed when `--rm` has taken them away.

use std::os::unix::fs::symlink;

use agent_sim::fixture::{Message, Root, Session};
use serde_json::json;
use sweepd_decide::{Span, parse_utc};

use super::rig::Rig;
use super::site::{Site, ended};
use super::wait::{ago, later_than, now, until};

const CONFIG: &str = r#"
    state-dir = "HERE/state"
    mode = "enforce"
    [docker]
    host = "ENGINE"
    [policy]
    claim-tolerance = "1s"
    [[source]]
    kind = "nanoclaw"
    root = "HERE/link"
    [source.wake]
    kind = "none"
"#;

#[tokio::test]
async fn what_nanoclaw_started_is_known_by_its_mount_stopped_by_id_and_seen_to_have_ended() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "own");
    let root = site.root("nanoclaw");
    symlink(root.path(), site.dir().join("link")).unwrap();
    site.configure(CONFIG);

    let plain = session(&root, "plain");
    let linked = session(&root, "linked");
    let beneath = session(&root, "beneath");
    let by_link = site.dir().join("link/data/v2-sessions/ag/linked");
    let hung = [
        rig.nanoclaw(&plain, "--behave=hang-after-claim"),
        rig.nanoclaw_at(&by_link, "--behave=hang-after-claim"),
    ];
    // Not its session's container: the directory is mounted, but not as its workspace.
    let bind = format!("{}:/workspace/agent", beneath.dir().display());
    let stranger = rig.run(&["-v", &bind], "exec /bin/busybox sleep 3600");
    beneath.claim("m", ago(Span::from_mins(10))).unwrap();
    for session in [&plain, &linked] {
        until("it claims", || session.acks().is_ok_and(|acks| acks.len() == 1)).await;
    }
    let claimed = parse_utc(&linked.acks().unwrap()[0].status_changed).unwrap();
    let started = rig.started(&hung[1]).max(rig.started(&hung[0]));
    later_than(claimed.max(started).plus(Span::from_secs(2))).await;

    // Between the two looks another container takes the name of the one that is to be stopped.
    let call = site.begin_sweep();
    let held = || site.decisions("nanoclaw/ag/plain") == ["hold"];
    until("the first look is on record", held).await;
    let name = rig.docker(&["inspect", "-f", "{{.Name}}", &hung[0]]);
    rig.docker(&["rename", &hung[0], &rig.name()]);
    let name = name.trim_start_matches('/');
    let heir = rig.run(&["--name", name], "exec /bin/busybox sleep 3600");
    let call = ended(call).await;

    for agent in ["nanoclaw/ag/plain", "nanoclaw/ag/linked"] {
        let expected = "stopped failing kill-claim [stop done, release done, retry done]";
        assert_eq!(call.line(agent), expected, "{}", call.stderr);
    }
    let expected = "stopped ok none [release done, retry done]";
    assert_eq!(call.line("nanoclaw/ag/beneath"), expected);
    assert_eq!(call.code, Some(1));
    assert!(hung.iter().all(|id| rig.standing(id).is_none()), "--rm takes them away");
    assert!(rig.runs(&heir) && rig.runs(&stranger));

    let stops = site.events("agent_stopped");
    let codes: Vec<_> = stops.iter().map(|(_, data)| &data["exit_code"]).collect();
    assert_eq!(codes, [&json!(143), &json!(143)]);
    for session in [&plain, &linked, &beneath] {
        let message = &session.messages().unwrap()[0];
        assert_eq!((message.status.as_deref(), message.tries), (Some("pending"), Some(1)));
    }
}

/// One with a message that is due.
fn session(root: &Root, name: &str) -> Session {
    let session = root.session("ag", name, now()).unwrap();
    session.message(&Message::chat("m", now())).unwrap();
    session
}
