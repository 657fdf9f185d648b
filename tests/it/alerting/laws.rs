//! Whatever happens to incidents, sinks and sweepd: what every sink has heard at the end.
//!
//! Histories are invented; sinks go down, refuse and come back, sweepd is killed. Then all is well
//! for a day, and each sink's story of each incident is read.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sweepd_decide::{FindingKind, Moment, News, Setback, Span};
use sweepd_sweep::Attention;
use sweepd_sweep::sim::SimSink;

use super::rig::Rig;

const SUBJECTS: [&str; 4] = ["s/a", "s/b", "t/c", "s/d"];
const KINDS: [FindingKind; 3] =
    [FindingKind::Zombie, FindingKind::InClaimSilence, FindingKind::WakeFailing];
const SINKS: [&str; 2] = ["ops", "log"];

#[derive(Debug, Clone)]
enum Turn {
    Find(usize, usize),
    End(usize, usize),
    Cause(bool),
    Down(usize, Setback),
    Up(usize),
    Fail(usize, Setback),
    Acknowledge(usize),
    Snooze(usize, i64),
    Kill,
    Wait(i64),
}

fn setback() -> impl Strategy<Value = Setback> {
    prop_oneof![
        4 => Just(Setback::Later(None)),
        2 => (1..90_i64).prop_map(|mins| Setback::Later(Some(Span::from_mins(mins)))),
        1 => (1..90_i64).prop_map(|mins| Setback::Deferred(Span::from_mins(mins))),
        1 => Just(Setback::Stopped),
    ]
}

fn turn() -> impl Strategy<Value = Turn> {
    let (subject, kind, sink) = (0..SUBJECTS.len(), 0..KINDS.len(), 0..SINKS.len());
    prop_oneof![
        6 => (subject.clone(), kind.clone()).prop_map(|(s, k)| Turn::Find(s, k)),
        5 => (subject, kind).prop_map(|(s, k)| Turn::End(s, k)),
        1 => any::<bool>().prop_map(Turn::Cause),
        2 => (sink.clone(), setback()).prop_map(|(s, how)| Turn::Down(s, how)),
        2 => sink.clone().prop_map(Turn::Up),
        2 => (sink, setback()).prop_map(|(s, how)| Turn::Fail(s, how)),
        1 => (0..9_usize).prop_map(Turn::Acknowledge),
        1 => (0..9_usize, 1..200_i64).prop_map(|(nth, mins)| Turn::Snooze(nth, mins)),
        1 => Just(Turn::Kill),
        12 => prop_oneof![1..10_i64, 10..200_i64].prop_map(Turn::Wait),
    ]
}

fn key(subject: usize, kind: usize) -> String {
    format!("{}:{}", KINDS[kind].as_str(), SUBJECTS[subject])
}

async fn play(rig: &mut Rig, turn: Turn) {
    match turn {
        Turn::Find(subject, kind) => rig.find(KINDS[kind], &[SUBJECTS[subject]]).await,
        Turn::End(subject, kind) => rig.end(&[&key(subject, kind)]).await,
        Turn::Cause(true) => rig.find(FindingKind::RuntimeUnreachable, &["s"]).await,
        Turn::Cause(false) => rig.end(&["runtime-unreachable:s"]).await,
        Turn::Down(sink, how) => rig.sink(SINKS[sink]).down("down", how),
        Turn::Up(sink) => up(rig, sink),
        Turn::Fail(sink, how) => rig.sink(SINKS[sink]).fail_once("once", how),
        Turn::Acknowledge(nth) => {
            let id = i64::try_from(nth).unwrap();
            drop(rig.attend(Attention::Acknowledge(id)).await);
        }
        Turn::Snooze(nth, mins) => {
            let (id, until) = (i64::try_from(nth).unwrap(), rig.now().plus(Span::from_mins(mins)));
            drop(rig.attend(Attention::Snooze(id, Some(until))).await);
        }
        Turn::Kill => rig.restart(),
        Turn::Wait(mins) => rig.minutes(mins),
    }
    rig.tell().await;
}

/// Somebody sees to a sink: it works, and has another token.
fn up(rig: &Rig, sink: usize) {
    let sink = rig.sink(SINKS[sink]);
    sink.up();
    sink.rotate(&rig.now().to_string());
}

/// What a sink heard of each incident, by its number.
fn heard(sink: &SimSink) -> BTreeMap<i64, Vec<Moment>> {
    let mut heard: BTreeMap<i64, Vec<Moment>> = BTreeMap::new();
    for alert in sink.alerts() {
        if let News::Incident(story) = &alert.news {
            heard.entry(story.number).or_default().push(story.moment);
        }
    }
    heard
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_sink_hears_each_incident_from_its_opening_to_its_end(
        turns in prop::collection::vec(turn(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let sinks = SINKS.iter().map(|name| (*name, SimSink::default())).collect();
            let mut rig = Rig::with(sinks, |_| {});
            for turn in turns {
                play(&mut rig, turn).await;
            }
            // All is over, and nothing keeps anybody from hearing it.
            let mut keys = vec!["runtime-unreachable:s".to_owned()];
            for subject in 0..SUBJECTS.len() {
                keys.extend((0..KINDS.len()).map(|kind| key(subject, kind)));
            }
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            rig.end(&keys).await;
            for _ in 0..12 {
                (0..SINKS.len()).for_each(|sink| up(&rig, sink));
                rig.tell().await;
                rig.minutes(61);
            }
            assert_eq!(rig.waiting().await, 0, "everything arrived");
            let given_up = rig.given_up().await;
            for name in SINKS {
                for (number, moments) in heard(rig.sink(name)) {
                    let dead = given_up.iter().any(|one| {
                        one.incident == Some(number) && one.sink == name
                    });
                    let count = |moment| moments.iter().filter(|m| **m == moment).count();
                    if !dead {
                        assert_eq!(moments.first(), Some(&Moment::Opened), "{name} {number} {moments:?}");
                        assert_eq!(count(Moment::Opened), 1, "{name} {number} {moments:?}");
                    }
                    assert_eq!(count(Moment::Resolved), 1, "{name} {number} {moments:?}");
                    assert_eq!(moments.last(), Some(&Moment::Resolved), "{name} {number} {moments:?}");
                }
            }
            // Whoever heard of one, all have: nobody is told alone.
            if given_up.is_empty() {
                let numbers = |name| -> Vec<i64> {
                    let of = heard(rig.sink(name)).into_keys();
                    of.collect()
                };
                let own = |name: &str| rig.sink(name).alerts().into_iter().filter(|alert| {
                    matches!(&alert.news, News::Incident(story) if story.kind == FindingKind::SinkFailed)
                }).count();
                if own("ops") == 0 && own("log") == 0 {
                    assert_eq!(numbers("ops"), numbers("log"));
                }
            }
        });
    }
}
