//! sweepd is killed again and again while its sink is down: what was promised arrives, once and in
//! order.

use rustix::process::Signal;
use serde_json::Value;
use sweepd_decide::FindingKind;
use sweepd_services::{Fault, Webhook};

use super::host::{Host, pause};

/// The moments of the incident that arrived, in order, and how many different alerts they are.
fn arrived(webhook: &Webhook) -> (Vec<String>, usize) {
    let taken = webhook.requests().into_iter().filter(|request| request.answer == Some(204));
    let alerts = taken.flat_map(|request| request.json()["alerts"].as_array().cloned().unwrap());
    let stories: Vec<Value> =
        alerts.filter(|alert| alert["news"]["incident"].is_object()).collect();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let ids: std::collections::BTreeSet<String> =
        stories.iter().map(|alert| text(&alert["id"])).collect();
    let of = |alert: &Value| {
        let story = &alert["news"]["incident"];
        format!("{} {}", text(&story["moment"]), text(&story["kind"]))
    };
    (stories.iter().map(of).collect(), ids.len())
}

/// Whether something comes to be so within two minutes.
fn until(mut is_so: impl FnMut() -> bool) -> bool {
    (0..2400).any(|_| {
        let so = is_so();
        if !so {
            pause();
        }
        so
    })
}

fn attempts(webhook: &Webhook) -> usize {
    webhook.requests().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_while_the_sink_is_down() {
    let webhook = Webhook::start().await;
    webhook.faults().push(Fault::Status(503, "no".to_owned(), vec![]).always());
    let url = webhook.url();
    let host =
        Host::new(&format!("[[sink]]\nkind = \"webhook\"\nname = \"ops\"\nurl = \"{url}/hook\"\n"));
    host.opens(FindingKind::Zombie).await;
    for _ in 0..3 {
        let before = attempts(&webhook);
        let daemon = host.run();
        let promised = || host.sweepd("incidents").out.contains("told HH:MMZ");
        assert!(until(|| attempts(&webhook) > before && promised()), "nobody is told anything");
        daemon.signal(Signal::KILL);
        drop(daemon);
    }
    assert_eq!(arrived(&webhook), (vec![], 0));
    assert_eq!(host.sweepd("incidents resolve 1").code, 0);
    webhook.faults().clear();
    let daemon = host.run();
    let both = ["opened zombie", "resolved zombie"];
    assert!(until(|| arrived(&webhook).0.len() >= both.len()), "{:?}", arrived(&webhook));
    daemon.end();
    assert_eq!(arrived(&webhook), (both.map(str::to_owned).to_vec(), 2));
}
