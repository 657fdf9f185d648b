//! What does not arrive: it waits, is given up, is tried again, and everybody who asks is told.

use sweepd_decide::FindingKind;
use sweepd_services::{Fault, Webhook};

use super::host::{AGENT, Host};

async fn failing(fault: Fault) -> (Host, Webhook) {
    let webhook = Webhook::start().await;
    webhook.faults().push(fault.always());
    let url = webhook.url();
    let sink = format!("[[sink]]\nkind = \"webhook\"\nname = \"ops\"\nurl = \"{url}/hook\"\n");
    let host = Host::new(&sink);
    host.opens(FindingKind::Zombie).await;
    host.sweepd("sweep");
    (host, webhook)
}

fn status(code: u16) -> Fault {
    Fault::Status(code, "no".to_owned(), vec![])
}

#[tokio::test]
async fn an_alert_that_does_not_arrive_waits_and_is_seen_to_wait() {
    let (host, webhook) = failing(status(503)).await;
    let told = host.sweepd("incidents").out;
    assert!(told.contains("told HH:MMZ → ops (pending: post to the webhook: status 503"), "{told}");
    let list = host.json("alert list");
    let alerts = &list["alerts"];
    let opened = |one: &&serde_json::Value| one["moment"] == "opened";
    let waiting = alerts["waiting"].as_array().unwrap().iter().find(opened).unwrap();
    assert_eq!(waiting["what"], format!("opened #1 zombie:{AGENT}"));
    assert_eq!(alerts["sinks"][0]["state"], "failing", "{list}");
    let page = host.sweepd("alert list");
    assert!(page.out.contains("failing since HH:MMZ"), "{}", page.out);
    let status = host.sweepd("status").out;
    assert!(status.contains("alerts: 2 alerts wait for sink ops, failing since"), "{status}");
    assert_eq!(host.json("status")["alerts"]["waiting"], 2, "its first words, and the incident");
    webhook.faults().clear();
    assert_eq!(host.sweepd("alert test").code, 0);
    host.sweepd("sweep");
    assert!(host.sweepd("incidents").out.contains("told HH:MMZ → ops;"));
    assert!(!host.sweepd("status").out.contains("alerts:"));
    assert_eq!(host.sweepd("alert list").code, 0);
}

#[tokio::test]
async fn a_sink_that_is_stopped_is_told_of_until_a_test_gets_through() {
    let (host, webhook) = failing(status(401)).await;
    let list = host.sweepd("alert list");
    assert_eq!(list.code, 1);
    insta::assert_snapshot!(list.out);
    let status = host.sweepd("status").out;
    let lines: Vec<_> = status.lines().filter(|line| line.starts_with("alerts:")).collect();
    insta::assert_snapshot!(lines.join("\n"));
    webhook.faults().clear();
    assert_eq!(host.sweepd("alert test ops").code, 0);
    assert_eq!(host.sweepd("alert list").code, 0);
    host.sweepd("sweep");
    assert!(host.sweepd("incidents").out.contains("told HH:MMZ → ops;"));
}

#[tokio::test]
async fn what_was_refused_is_given_up_and_can_be_tried_again_or_forgotten() {
    let (host, webhook) = failing(status(400)).await;
    let list = host.sweepd("alert list");
    assert!(list.out.contains("\ngiven up:\n") && list.code == 1, "{list:?}");
    assert!(host.sweepd("status").out.contains("alerts: 2 alerts were given up"));
    let told = host.sweepd("incidents").out;
    assert!(told.contains("ops (given up HH:MMZ: post to the webhook: status 400"), "{told}");
    webhook.faults().clear();
    let dead = host.json("alert list")["alerts"]["given_up"].clone();
    let id = dead[0]["id"].as_i64().unwrap();
    let retried = host.sweepd(&format!("alert retry {id}"));
    assert_eq!(retried.out, "1 alert is tried again by the next `sweepd sweep`\n");
    assert_eq!(host.sweepd("alert drop").out, "1 alert is forgotten\n");
    assert_eq!(host.sweepd("alert drop").out, "no alerts were given up\n");
    host.sweepd("sweep");
    let list = host.json("alert list");
    assert_eq!(list["alerts"]["waiting"].as_array().unwrap().len(), 0, "{list}");
}
