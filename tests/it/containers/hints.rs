//! Docker's events as hints: what happens to a container is looked into at once, with an hour to go
//! until everybody is looked at.

use agent_sim::fixture::Message;

use super::daemon::{CONFIG, Daemon};
use super::rig::Rig;
use super::site::Site;
use super::wait::{now, until};

#[tokio::test]
async fn a_container_that_is_removed_by_hand_is_missed_at_once_and_work_wakes_another() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "hints");
    let root = site.root("nanoclaw");
    site.configure(&CONFIG.replace(r#"interval = "1s""#, r#"interval = "1h""#));
    let session = root.session("ag", "one", now()).unwrap();
    let daemon = Daemon::start(&site);
    until("it has looked", || !site.events("pass_finished").is_empty()).await;
    session.message(&Message::chat("m-1", now())).unwrap();
    until("it answers", || session.outputs().is_ok_and(|answers| answers.len() == 1)).await;
    let first = rig.only(&session);

    rig.docker(&["rm", "-f", &first]);
    until("its end is told", || !site.events("container_died").is_empty()).await;
    let (agent, data) = site.events("container_died").remove(0);
    assert_eq!(agent.as_deref(), Some("nanoclaw/ag/one"));
    assert_eq!(data["exit_code"], 137, "by the event, for the container is gone");

    session.message(&Message::chat("m-2", now())).unwrap();
    until("another answers", || session.outputs().is_ok_and(|answers| answers.len() == 2)).await;
    assert_ne!(rig.only(&session), first);
    assert!(site.events("resync_caught").is_empty());
    assert_eq!(daemon.terminate().await, Some(0));
}

/// An engine tells of an end before its list does. No limit of the agent is near.
#[tokio::test]
async fn an_agent_that_dies_is_seen_to_have_died_at_once() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "dies");
    let root = site.root("nanoclaw");
    let config = CONFIG.replace(r#"interval = "1s""#, r#"interval = "1h""#);
    site.configure(&config.replace(r#"claim-tolerance = "2s""#, r#"claim-tolerance = "30m""#));
    let session = root.session("ag", "one", now()).unwrap();
    std::fs::write(session.dir().join("behave"), "crash-mid-message=3").unwrap();
    session.message(&Message::chat("m-1", now())).unwrap();
    let daemon = Daemon::start(&site);
    until("its end is told", || !site.events("container_died").is_empty()).await;
    assert_eq!(site.events("container_died")[0].1["exit_code"], 3);
    assert_eq!(daemon.terminate().await, Some(0));
}

/// A container of NanoClaw's own is met when it starts: by its mount, for it has no label of ours.
#[tokio::test]
async fn a_container_that_somebody_starts_is_met_at_once() {
    let Some(rig) = Rig::new() else { return };
    let site = Site::new(&rig, "met");
    let root = site.root("nanoclaw");
    site.configure(&CONFIG.replace(r#"interval = "1s""#, r#"interval = "1h""#));
    let session = root.session("ag", "one", now()).unwrap();
    let daemon = Daemon::start(&site);
    until("it has looked", || !site.events("pass_finished").is_empty()).await;
    let own = rig.nanoclaw(&session, "--behave=idle");
    until("it is seen to run", || site.decided("nanoclaw/ag/one").as_deref() == Some("ok")).await;
    rig.docker(&["kill", &own]);
    until("its end is told", || !site.events("container_died").is_empty()).await;
    assert_eq!(daemon.terminate().await, Some(0));
}
