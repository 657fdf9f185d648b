//! What is said of incidents, in each state they can be in.

use std::fmt::Write as _;

use sweepd_decide::{
    Alert, FindingKind, Moment, News, Note, Occasion, Severity, Span, Story, Timestamp, parse_utc,
};
use sweepd_sweep::ports::{Delivery, Incident, Settled, SinkRecord, Standing, Untold};

use super::Told;
use super::queue::Queue;
use crate::table;

fn at(clock: &str) -> Timestamp {
    parse_utc(&format!("2026-11-27 {clock}:00")).unwrap()
}

fn now() -> Timestamp {
    at("12:00")
}

fn standing(id: i64) -> Standing {
    let agent = sweepd_decide::AgentId::new(format!("nanoclaw/ag-{id}/s-1"));
    let kind = FindingKind::Zombie;
    Standing {
        id,
        incident: Incident {
            key: format!("{}:{agent}", kind.as_str()),
            kind,
            severity: kind.severity(),
            agent: Some(agent),
            summary: format!("the stop of s-{id}\u{1b}[31m did not end its run"),
            evidence: serde_json::Value::Null,
            opened_at: at("10:00"),
            good_looks: 0,
        },
        seen_at: at("11:59"),
        end: None,
        acknowledged: None,
        snoozed_until: None,
        told: None,
        end_told: false,
        untold: None,
    }
}

fn untold(why: &str, until: Option<&str>, cause: Option<i64>) -> Untold {
    Untold { why: why.to_owned(), until: until.map(at), cause }
}

fn delivery(
    id: i64,
    sink: &str,
    one: &Standing,
    moment: Moment,
    settled: Option<Settled>,
) -> Delivery {
    let incident = &one.incident;
    let story = Story {
        moment,
        number: one.id,
        key: incident.key.clone(),
        thread: incident.key.clone(),
        kind: incident.kind,
        severity: incident.severity,
        agent: incident.agent.clone(),
        source: None,
        seen: incident.summary.clone(),
        since: incident.opened_at,
        opened_at: incident.opened_at,
        end: None,
        deeds: Vec::new(),
        held_back: None,
        advice: String::new(),
        facts: Vec::new(),
        folded: 0,
        folded_keys: Vec::new(),
        flaps: 0,
    };
    Delivery {
        id,
        sink: sink.to_owned(),
        incident: Some(one.id),
        thread: story.thread.clone(),
        alert: alert(id, News::Incident(Box::new(story))),
        filed_at: at("10:02"),
        tries: u32::from(settled.is_some()),
        deferred_until: None,
        alone: false,
        remark: None,
        settled: settled.map(|how| (at("10:03"), how)),
    }
}

fn alert(id: i64, news: News) -> Alert {
    Alert { id: id.to_string(), at: at("10:02"), host: "box".to_owned(), from_memory: false, news }
}

fn told(standing: Standing) -> Told {
    Told { standing, deliveries: Vec::new(), cause: None }
}

/// One of each state, with a word on what it is.
fn all() -> Vec<(&'static str, Told)> {
    let mut all = Vec::new();
    let mut push = |what, change: &dyn Fn(&mut Told)| {
        let mut one = told(standing(i64::try_from(all.len()).unwrap() + 1));
        change(&mut one);
        all.push((what, one));
    };
    nobody_was_told(&mut push);
    people_were_told(&mut push);
    push("over before anybody was told", &|one| {
        one.standing.end = Some((at("10:01"), "not seen any more".to_owned()));
        one.standing.untold = Some(untold("never-told", None, None));
    });
    all
}

/// What is done with each of them.
type Push<'a> = &'a mut dyn FnMut(&'static str, &dyn Fn(&mut Told));

fn nobody_was_told(push: Push<'_>) {
    push("nobody has asked", &|_| {});
    push("a notice", &|one| {
        one.standing.incident.severity = Severity::Notice;
        one.standing.untold = Some(untold("notice", None, None));
    });
    for (why, until) in [
        ("flapping", None),
        ("maintenance", Some("14:30")),
        ("paused", Some("13:00")),
        ("gathering", Some("12:00")),
        ("no-sink", None),
        ("a-later-word", Some("13:00")),
    ] {
        push(why, &|one| one.standing.untold = Some(untold(why, until, None)));
    }
    push("paused without end", &|one| {
        let until = Some(Timestamp::MAX);
        one.standing.untold = Some(Untold { why: "paused".to_owned(), until, cause: None });
    });
    push("folded", &|one| {
        one.standing.untold = Some(untold("folded", None, Some(12)));
        one.cause = Some("runtime-unreachable:nanoclaw".to_owned());
    });
    push("folded under what is over and not read", &|one| {
        one.standing.untold = Some(untold("folded", Some("12:01"), Some(12)));
    });
    push("acknowledged before anybody was told", &|one| {
        one.standing.acknowledged = Some((Severity::Error, at("11:00")));
        one.standing.untold = Some(untold("gathering", Some("10:00"), None));
    });
    push("snoozed", &|one| one.standing.snoozed_until = Some(at("13:30")));
    push("snoozed until a while ago", &|one| {
        one.standing.snoozed_until = Some(at("11:30"));
        one.standing.untold = Some(untold("snoozed", Some("11:30"), None));
    });
    push("acknowledged, and worse since", &|one| {
        one.standing.acknowledged = Some((Severity::Warning, at("11:00")));
        one.standing.untold = Some(untold("acknowledged", None, None));
    });
}

fn people_were_told(push: Push<'_>) {
    let promised = |one: &mut Told| {
        one.standing.told = Some((at("10:02"), Severity::Error));
        let delivered = Some(Settled::Delivered);
        one.deliveries = vec![delivery(1, "ops", &one.standing, Moment::Opened, delivered)];
    };
    push("told", &|one| {
        promised(one);
        one.standing.untold = Some(untold("told", Some("12:02"), None));
    });
    push("told, and acknowledged", &|one| {
        promised(one);
        one.standing.acknowledged = Some((Severity::Error, at("10:30")));
        one.standing.untold = Some(untold("told", Some("12:02"), None));
    });
    push("told, and folded since", &|one| {
        promised(one);
        one.standing.untold = Some(untold("folded", None, Some(12)));
        one.cause = Some("host-down:nanoclaw".to_owned());
    });
    push("told here, pending there, given up and dropped elsewhere", &|one| {
        promised(one);
        let own = one.standing.clone();
        let mut more = |id, sink, settled, remark: Option<&str>, tries| {
            let mut new = delivery(id, sink, &own, Moment::Opened, settled);
            new.remark = remark.map(str::to_owned);
            new.tries = tries;
            one.deliveries.push(new);
        };
        more(2, "tracker", None, Some("create the issue: status 503"), 4);
        more(3, "mail", Some(Settled::GivenUp), Some("status 550: no such user"), 1);
        more(4, "old", Some(Settled::Dropped), Some("its sink is no longer configured"), 0);
        more(5, "pager", None, None, 0);
        one.standing.untold = Some(untold("under-way", None, None));
    });
    push("told again, which is pending", &|one| {
        promised(one);
        let mut again = delivery(2, "ops", &one.standing, Moment::Still, None);
        again.tries = 1;
        one.deliveries.push(again);
    });
    push("over, and told", &|one| {
        promised(one);
        one.standing.end = Some((at("11:00"), "not seen any more".to_owned()));
        one.standing.end_told = true;
        let delivered = Some(Settled::Delivered);
        let end = delivery(2, "ops", &one.standing, Moment::Resolved, delivered);
        one.deliveries.push(end);
    });
    push("over a moment ago", &|one| {
        promised(one);
        one.standing.end = Some((at("11:59"), "by hand".to_owned()));
    });
}

#[test]
fn each_state_of_an_incident_is_said_in_one_sentence() {
    let mut page = String::new();
    for (what, one) in all() {
        writeln!(page, "{what}\n    {}", one.sentence(true, now())).unwrap();
    }
    let nobody = told(standing(1)).sentence(false, now());
    writeln!(page, "no sinks at all\n    {nobody}").unwrap();
    insta::assert_snapshot!(page);
}

#[test]
fn the_table_has_what_was_seen_and_who_was_told() {
    let all: Vec<Told> = all().into_iter().map(|(_, one)| one).collect();
    let page = table::incidents(&all, 0, true, now());
    assert!(!page.contains('\u{1b}'), "{page}");
    insta::assert_snapshot!(page);
    assert_eq!(table::incidents(&[], 0, true, now()), "no incidents\n");
}

#[test]
fn json_has_the_published_word_and_what_became_of_each_delivery() {
    let found = |what: &str| all().into_iter().find(|(name, _)| *name == what).unwrap().1;
    insta::assert_json_snapshot!(found("folded").json(true, now()));
    let pending = found("told here, pending there, given up and dropped elsewhere");
    insta::assert_json_snapshot!(pending.json(true, now()));
    let acknowledged = found("acknowledged before anybody was told").json(true, now());
    assert_eq!(acknowledged["telling"]["why"], "acknowledged");
    let snoozed = found("snoozed").json(true, now());
    assert_eq!(snoozed["telling"]["until"], "2026-11-27T13:30:00.000Z");
}

const SINKS: &str = "[[sink]]\nkind = 'slack'\nname = 'ops'\nurl-file = '/x'\n[[sink]]\nkind = \
                     'github'\nname = 'tracker'\nrepo = 'a/b'\ntoken-file = '/x'\n[[sink]]\nkind = \
                     'ntfy'\ntopic = 'x'\n[[sink]]\nkind = 'pagerduty'\nrouting-key-file = '/x'\n\
                     [[sink]]\nkind = 'telegram'\nchat-id = '1'\ntoken-file = '/x'\n";

fn record(name: &str, remark: Option<&str>) -> SinkRecord {
    SinkRecord {
        name: name.to_owned(),
        kind: "slack".to_owned(),
        state: sweepd_decide::outbox::SinkState::default(),
        fingerprint: String::new(),
        greeted_at: None,
        digested_at: None,
        remark: remark.map(str::to_owned),
    }
}

fn queue() -> Queue {
    let alerts = crate::config::alerts_of(SINKS);
    let one = standing(12);
    let mut failing = record("tracker", Some("create the issue: status 503: try later"));
    failing.state.failures = 5;
    failing.state.failing_since = Some(at("11:40"));
    failing.state.failed_at = Some(at("12:00").minus(Span::from_secs(1)));
    let mut stopped = record("ntfy", Some("publish: status 401: unauthorized"));
    stopped.state.stopped_at = Some(at("09:00"));
    let mut refused = record("pagerduty", Some("send the event: status 400"));
    refused.state.refused_at = Some(at("11:00"));
    let records = vec![record("ops", None), failing, stopped, refused, record("gone", None)];
    let mut waiting = vec![
        delivery(41, "tracker", &one, Moment::Opened, None),
        delivery(42, "gone", &one, Moment::Opened, None),
        delivery(43, "ntfy", &one, Moment::Opened, None),
        delivery(44, "ops", &one, Moment::Still, None),
    ];
    waiting[0].tries = 5;
    waiting[0].remark = Some("create the issue: status 503: try later".to_owned());
    waiting[3].deferred_until = Some(at("12:10"));
    let mut dead = delivery(7, "pagerduty", &one, Moment::Opened, Some(Settled::GivenUp));
    dead.remark = Some("send the event: status 400".to_owned());
    let title = "sweepd on box watches 40 agents".to_owned();
    let note = Note { occasion: Occasion::Start, title, lines: Vec::new() };
    let mut start = delivery(8, "ops", &one, Moment::Opened, Some(Settled::GivenUp));
    start.alert = alert(8, News::Note(note));
    Queue::of(&alerts, records, waiting, vec![dead, start], now())
}

#[test]
fn a_sink_that_somebody_has_seen_to_is_not_called_well_before_it_takes_something() {
    let alerts = crate::config::alerts_of(SINKS);
    let mut doubted = record("ops", Some("post: not now"));
    doubted.state.doubted_at = Some(at("11:00"));
    let queue = Queue::of(&alerts, vec![doubted], Vec::new(), Vec::new(), now());
    let page = table::alerts(&queue, now());
    assert!(
        page.contains("had stopped 11:00Z; seen to since, and nothing has arrived yet"),
        "{page}"
    );
    assert_eq!(queue.json(now())["sinks"][0]["state"], "doubted");
    assert!(!queue.is_well(now()));
}

#[test]
fn the_queue_says_how_each_sink_stands_what_waits_and_what_was_given_up() {
    let queue = queue();
    insta::assert_snapshot!(table::alerts(&queue, now()));
    insta::assert_snapshot!(queue.trouble(now()).join("\n"));
    insta::assert_json_snapshot!(queue.json(now()), { ".waiting" => "[…]", ".given_up" => "[…]" });
    assert!(!queue.is_well(now()));
    let calm = Queue::of(&crate::config::alerts_of(SINKS), vec![], vec![], vec![], now());
    assert!(calm.is_well(now()) && calm.trouble(now()).is_empty());
}

#[test]
fn where_nobody_is_configured_the_queue_says_so() {
    let queue = Queue::of(&crate::config::alerts_of(""), vec![], vec![], vec![], now());
    let page = table::alerts(&queue, now());
    assert_eq!(page, "nobody is told: there is no [[sink]] in the configuration\n");
}
