//! Wherever the host's clock hangs, the same is decided at the same instant.

use agent_sim::fixture::{Ack, Message, sql_text};
use serde_json::Value;

use super::engine::Engine;
use super::host::{Host, agent, ago, effects};

const ZONES: [&str; 6] = [
    "UTC",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Madrid",
    "Pacific/Apia",
];

/// Agents whose fate hangs on times without a zone: one claim just over its tolerance and one well
/// within, work due in an hour and an hour ago, and a series.
fn furnish() -> Host {
    let host = Host::new();
    for (name, claimed) in [("overdue", 90), ("in-time", 20)] {
        let session = host.due(name);
        let status_changed = sql_text(ago(claimed));
        let (message_id, status) = ("m-1".to_owned(), "processing".to_owned());
        session.ack_raw(&Ack { message_id, status, status_changed }).unwrap();
    }
    for (name, seconds) in [("due", 3600), ("not-yet", -3600)] {
        let process_after = Some(sql_text(ago(seconds)));
        let message = Message { process_after, ..Message::chat("m-1", ago(7200)) };
        host.session(name).message(&message).unwrap();
    }
    let recurrence = Some("30 9 1 1 *".to_owned());
    let status = Some("completed".to_owned());
    let ended = Message { recurrence, status, ..Message::task("t-1", ago(600), ago(500)) };
    host.session("series").message(&ended).unwrap();
    host
}

/// A call without its own instant: what it decides, plans, finds and does.
fn decided(call: &Value) -> Vec<Value> {
    let instants = |agent: &Value| {
        let mut agent = agent.clone();
        for effect in agent["effects"].as_array_mut().unwrap() {
            if effect["detail"].to_string().contains("not before") {
                effect["detail"] = Value::Null;
            }
        }
        agent
    };
    call["agents"].as_array().unwrap().iter().map(instants).collect()
}

#[test]
fn the_host_s_own_zone_changes_no_decision() {
    let template = furnish();
    let mut all = Vec::new();
    for zone in ZONES {
        let host = Host::copy(&template);
        host.configure("enforce", "[policy]\nconfirmations = 1\n", "");
        let engine = Engine::new(&host);
        for name in ["overdue", "in-time"] {
            engine.run(host.find(name).dir(), started(&template));
        }
        let said = host.sweepd_with("sweep --json", &[("TZ", zone)]);
        let call = said.json();
        assert_eq!(agent(&call, "overdue")["decision"]["action"], "kill-claim", "{zone}: {call}");
        assert_eq!(agent(&call, "in-time")["decision"]["action"], "ok", "{zone}: {call}");
        assert_eq!(agent(&call, "due")["decision"]["evidence"]["due"], true, "{zone}: {call}");
        assert_eq!(effects(&call, "series"), ["recur done"], "{zone}: {call}");
        let clone = &host.find("series").messages().unwrap()[1];
        assert!(
            clone.process_after.as_ref().unwrap().ends_with("-01-01T08:30:00.000Z"),
            "{clone:?}"
        );
        all.push((zone, decided(&call)));
    }
    for (zone, decided) in &all {
        assert_eq!(*decided, all[0].1, "{zone}");
    }
}

#[test]
fn a_series_without_a_zone_of_its_source_runs_in_the_host_s() {
    let template = furnish();
    for (zone, utc) in [("Asia/Kolkata", "04:00"), ("America/Los_Angeles", "17:30")] {
        let host = Host::copy(&template);
        host.configure("enforce", "", "");
        let text = std::fs::read_to_string(host.path("sweepd.toml")).unwrap();
        host.write("sweepd.toml", &text.replace("timezone = \"Europe/Madrid\"\n", ""));
        let _engine = Engine::new(&host);
        host.sweepd_with("sweep", &[("TZ", zone)]);
        let next = host.find("series").messages().unwrap()[1].process_after.clone().unwrap();
        assert!(next.ends_with(&format!("-01-01T{utc}:00.000Z")), "{zone}: {next}");
    }
}

/// One instant for every copy, two hours before the template was made.
fn started(template: &Host) -> sweepd_decide::Timestamp {
    let made = template.find("due").messages().unwrap()[0].timestamp.clone();
    sweepd_decide::parse_utc(&made).unwrap()
}
