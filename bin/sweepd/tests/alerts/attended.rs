//! `sweepd incidents`: who was told, and what people do about it, with no daemon at all.

use sweepd_decide::FindingKind;
use sweepd_services::Webhook;

use super::host::{AGENT, Host};

fn sink(webhook: &Webhook) -> String {
    format!("[[sink]]\nkind = \"webhook\"\nname = \"ops\"\nurl = \"{}/hook\"\n", webhook.url())
}

/// The moments of the incident that have arrived.
fn moments(webhook: &Webhook) -> Vec<String> {
    let mut moments = Vec::new();
    for body in webhook.taken() {
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        for alert in body["alerts"].as_array().unwrap() {
            let moment = alert["news"]["incident"]["moment"].as_str();
            moments.extend(moment.map(str::to_owned));
        }
    }
    moments
}

#[tokio::test]
async fn an_incident_is_told_acknowledged_snoozed_and_closed() {
    let webhook = Webhook::start().await;
    let host = Host::new(&sink(&webhook));
    for words in ["incidents", "incidents --json", "alert list", "dead-letters", "brake"] {
        let nothing = host.sweepd(words);
        assert_eq!((nothing.out.as_str(), nothing.code), ("", 3), "{words}: {nothing:?}");
        assert!(nothing.err.contains("nothing is known yet: there is no state in HOST/state"));
    }
    host.sweepd("sweep");
    let none = host.sweepd("incidents");
    assert_eq!((none.out.as_str(), none.code), ("no incidents\n", 0), "{none:?}");
    let key = host.opens(FindingKind::Zombie).await;
    let before = host.sweepd("incidents");
    assert_eq!(before.code, 1);
    insta::assert_snapshot!(before.out);

    assert_eq!(host.sweepd("sweep").code, 1);
    assert_eq!(moments(&webhook), ["opened"]);
    let told = host.sweepd("incidents");
    insta::assert_snapshot!(told.out);

    let acked = host.sweepd("incidents ack 1");
    let expected =
        format!("acknowledged #1 {key}: told again only if it gets worse, and when it is over\n");
    assert_eq!((acked.out, acked.err.as_str(), acked.code), (expected, "", 0));
    let snoozed = host.sweepd(&format!("incidents snooze {key} --for 2h"));
    assert_eq!(snoozed.out, format!("snoozed #1 {key} until INSTANT\n"));
    let json = host.json("incidents");
    let one = &json["incidents"][0];
    assert_eq!((&one["telling"]["why"], one["id"].as_i64()), (&"acknowledged".into(), Some(1)));
    assert!(one["snoozed_until"].is_string(), "{json}");
    assert_eq!(host.sweepd("incidents unsnooze #1").code, 0);
    assert!(host.json("incidents")["incidents"][0]["snoozed_until"].is_null());

    let why = host.sweepd(&format!("why {AGENT}"));
    let alerts = why.out.lines().skip_while(|line| *line != "alerts:").take(2);
    insta::assert_snapshot!(alerts.collect::<Vec<_>>().join("\n"));

    let closed = host.sweepd("incidents resolve 1");
    assert_eq!(closed.out, format!("closed #1 {key}: it opens again if it is seen again\n"));
    assert_eq!(host.sweepd("incidents").out, "no incidents\n");
    assert_eq!(host.sweepd("sweep").code, 0);
    assert_eq!(moments(&webhook), ["opened", "resolved"]);
    insta::assert_snapshot!(host.sweepd("incidents --all").out);
    assert_eq!(host.sweepd("incidents --since 0s").out, "no incidents\n");
    assert_eq!(host.json("incidents --all")["ended"].as_array().unwrap().len(), 1);
    assert!(host.sweepd(&format!("why {AGENT}")).out.contains("alerts:\n  #1 zombie since"));
    let again = host.sweepd("incidents ack 1");
    let expected = "sweepd: incident 1 is over since INSTANT: by hand\n  hint: `sweepd incidents` \
                    lists those that are open\n";
    assert_eq!((again.err.as_str(), again.code), (expected, 2));
}

#[tokio::test]
async fn what_is_wrongly_asked_changes_nothing() {
    let webhook = Webhook::start().await;
    let host = Host::new(&sink(&webhook));
    host.opens(FindingKind::Zombie).await;
    for (words, told) in [
        ("incidents ack 7", "there is no open incident \"7\""),
        ("incidents ack zombie:nobody", "there is no open incident \"zombie:nobody\""),
        ("incidents ack 1 7", "there is no open incident \"7\""),
        ("incidents snooze 1 --for soon", "--for: \"soon\" is no duration"),
        ("incidents snooze 1 --until 2020-01-01T00:00:00Z", "the end of the snooze is not ahead"),
        ("incidents snooze 1 --until tomorrow", "--until: \"tomorrow\" is no instant"),
        ("incidents snooze 1", "required"),
        ("incidents snooze 1 --for 1h --until 2026-12-24T18:00:00Z", "cannot be used with"),
        ("incidents --since x", "--since: \"x\" is no duration"),
        ("alert retry 4", "no alert with the number 4 was given up"),
    ] {
        let said = host.sweepd(words);
        assert_eq!(said.code, 2, "{words}: {said:?}");
        assert!(said.err.contains(told), "{words}: {}", said.err);
    }
    let one = &host.json("incidents")["incidents"][0];
    assert!(one["acknowledged_at"].is_null() && one["snoozed_until"].is_null(), "{one}");
}

#[tokio::test]
async fn where_nobody_is_configured_that_is_the_reason() {
    let host = Host::new("");
    host.opens(FindingKind::Zombie).await;
    assert_eq!(host.sweepd("sweep").code, 1);
    assert!(
        host.sweepd("incidents")
            .out
            .contains("not told: no-sink: there is no [[sink]] in the configuration")
    );
    assert_eq!(host.json("incidents")["incidents"][0]["telling"]["why"], "no-sink");
}

#[tokio::test]
async fn a_maintenance_and_a_sink_that_does_not_care_are_reasons_of_their_own() {
    let webhook = Webhook::start().await;
    let quiet = "[[maintenance]]\nmatch = [\"nanoclaw/*\"]\nfrom = \"2020-01-01T00:00:00Z\"\nuntil = \
                 \"2120-01-01T00:00:00Z\"\n";
    let host = Host::new(&format!("{}{quiet}", sink(&webhook)));
    host.opens(FindingKind::Zombie).await;
    host.sweepd("sweep");
    let why = |host: &Host| host.json("incidents")["incidents"][0]["telling"]["why"].clone();
    assert_eq!(why(&host), "maintenance");
    for narrow in
        ["except-kinds = [\"zombie\"]", "kinds = [\"agent-stuck\"]", "match = [\"hooks/*\"]"]
    {
        host.configure(&format!("{}{narrow}\n", sink(&webhook)));
        host.sweepd("sweep");
        assert_eq!(why(&host), "no-sink", "{narrow}");
    }
    assert_eq!(moments(&webhook), [""; 0]);
    host.configure(&sink(&webhook));
    host.sweepd("sweep");
    assert_eq!(moments(&webhook), ["opened"]);
}

/// Nothing is sent, and nothing written.
#[tokio::test]
async fn a_dry_run_tells_nobody() {
    let webhook = Webhook::start().await;
    let host = Host::new(&sink(&webhook));
    host.opens(FindingKind::Zombie).await;
    host.sweepd("sweep --dry-run");
    assert!(webhook.requests().is_empty());
    assert!(host.json("incidents")["incidents"][0]["telling"]["why"].is_null());
}

/// Rows that no sweepd of this version wrote.
#[tokio::test]
async fn rows_of_a_newer_version_and_hostile_texts_are_shown_as_far_as_they_can_be() {
    let host = Host::new("");
    host.opens(FindingKind::Zombie).await;
    let db = rusqlite::Connection::open(host.path("state/sweepd.db")).unwrap();
    let hostile = "x\u{202e}\u{200b}\u{1b}[2J".to_owned() + &"y".repeat(100_000);
    let insert = "INSERT INTO incidents (key, kind, severity, summary, evidence, opened_at, \
                  last_seen_at) VALUES (?1, ?2, ?3, ?4, '{}', 1, 1)";
    for (key, kind, severity, summary) in [
        ("zombie:b", "zombie", "critical", "of a newer severity"),
        ("haunted:c", "haunted", "error", "of a newer kind"),
        (hostile.as_str(), "zombie", "warning", hostile.as_str()),
    ] {
        db.execute(insert, [key, kind, severity, summary]).unwrap();
    }
    drop(db);
    let told = host.sweepd("incidents");
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.out.contains("of a newer severity"), "{}", told.out);
    assert!(told.out.ends_with("1 more are open that only a newer version of sweepd can read\n"));
    let odd = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202e}' | '\u{200b}');
    assert!(!told.out.contains(odd), "{}", told.out);
    assert!(told.out.lines().all(|line| line.chars().count() < 2000), "nobody reads such lines");
    assert_eq!(host.json("incidents")["unread"], 1);
}
