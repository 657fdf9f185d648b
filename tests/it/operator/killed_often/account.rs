//! What came of everything, by an account of its own: of rows, events and processes.

use std::collections::{BTreeMap, BTreeSet};

use agent_sim::fixture::{Message, Session};

use super::super::journal::{Event, Journal};
use super::herd::{Herd, TRIES};

/// The figures, once everything has been found to be right.
#[derive(Debug, Default)]
#[expect(dead_code, reason = "they are printed")]
pub(super) struct Account {
    messages: usize,
    completed: usize,
    failed: usize,
    given_up: BTreeMap<String, usize>,
    retries: usize,
    events: usize,
    started: usize,
    woken: usize,
    found_again: usize,
    stopped: usize,
    /// Stops of which the event does not say what was stopped.
    stopped_unnamed: usize,
    died: usize,
    running: usize,
    /// Started and dead while no daemon was there to see either.
    unseen: usize,
}

impl Account {
    pub(super) fn of(herd: &Herd) -> Self {
        let journal = Journal::of(&herd.host);
        let events = journal.events();
        let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
        let gapless: Vec<i64> = (1..=i64::try_from(events.len()).unwrap()).collect();
        assert_eq!(seqs, gapless, "numbers of events");
        assert_eq!(journal.intents(), Vec::<String>::new(), "intents");
        let mut account = Self { events: events.len(), ..Self::default() };
        for (name, session) in &herd.sessions {
            let agent = format!("nanoclaw/ag-1/{name}");
            let own: Vec<&Event> =
                events.iter().filter(|event| event.agent.as_ref() == Some(&agent)).collect();
            let no_messages = Vec::new();
            let fed = herd.fed.get(name).unwrap_or(&no_messages);
            let letters = journal.dead_letters(&agent);
            account.count_messages(session, fed, &own, &letters);
            charges_have_reasons(&own, &letters);
            account.count_runs(herd, name, session, &own);
        }
        account
    }

    fn count_messages(
        &mut self,
        session: &Session,
        fed: &[String],
        own: &[&Event],
        letters: &BTreeMap<String, Vec<String>>,
    ) {
        let rows = session.messages().unwrap();
        let ids: Vec<&String> = rows.iter().map(|row| &row.id).collect();
        assert_eq!(ids, fed.iter().collect::<Vec<_>>(), "rows, and messages that were written");
        let acks: BTreeMap<String, String> =
            session.acks().unwrap().into_iter().map(|ack| (ack.message_id, ack.status)).collect();
        let outputs = session.outputs().unwrap();
        let replies: BTreeSet<String> =
            outputs.into_iter().filter_map(|output| output.in_reply_to).collect();
        for row in &rows {
            let about = |kind: &str| {
                let about =
                    |event: &&&Event| event.kind == kind && event.text("message_id") == row.id;
                own.iter().filter(about).copied().collect::<Vec<&Event>>()
            };
            self.messages += 1;
            self.retries += tries_are_as_told(row, &about("message_retried"));
            let told = (about("message_completed").len(), about("message_failed").len());
            let ack = acks.get(&row.id).map(String::as_str);
            let gone = Vec::new();
            let reasons = letters.get(&row.id).unwrap_or(&gone);
            match (row.status.as_deref(), reasons.as_slice()) {
                (Some("completed"), []) => {
                    assert_eq!(told, (1, 0), "{row:?}");
                    assert!(ack == Some("completed") || replies.contains(&row.id), "{row:?}");
                    self.completed += 1;
                }
                (Some("failed"), []) => {
                    assert_eq!((told, ack), ((0, 1), Some("failed")), "{row:?}");
                    self.failed += 1;
                }
                (Some("failed"), [reason]) => {
                    assert_eq!(told, (0, 1), "{row:?}");
                    let used_up = row.tries == Some(TRIES);
                    assert!(reason == "poison" || (reason == "tries" && used_up), "{row:?}");
                    *self.given_up.entry(reason.clone()).or_default() += 1;
                }
                _ => panic!("{row:?}, told {told:?}, ack {ack:?}, dead letters {reasons:?}"),
            }
        }
    }

    fn count_runs(&mut self, herd: &Herd, name: &str, session: &Session, own: &[&Event]) {
        let read = |file: &str| std::fs::read_to_string(session.dir().join(file));
        assert!(read("doubles").is_err(), "{name}: two at once: {:?}", read("doubles"));
        let starts = read("starts").unwrap_or_default();
        let mut unseen: Vec<&str> = starts.lines().collect();
        let of = |kind: &str| own.iter().filter(|event| event.kind == kind).copied().collect();
        let (woken, stops, died): (Vec<&Event>, Vec<&Event>, Vec<&Event>) =
            (of("agent_woken"), of("agent_stopped"), of("container_died"));
        assert!(woken.iter().all(|one| one.data["already"] == false), "{name}: {woken:#?}");
        let runs: BTreeSet<&str> = woken.iter().map(|one| one.run.as_deref().unwrap()).collect();
        assert_eq!(runs.len(), woken.len(), "{name}: each is another run");
        let running = usize::from(herd.host.agent_of(session).is_some());
        let ended = stops.len() + died.len();
        assert_eq!(woken.len(), ended + running, "{name}: woken, ended and running: {own:#?}");
        let stopped = stops.iter().filter_map(|one| one.run.as_deref());
        let over: Vec<&str> = stopped.chain(died.iter().map(|one| one.text("run"))).collect();
        let over_once: BTreeSet<&str> = over.iter().copied().collect();
        assert_eq!(over_once.len(), over.len(), "{name}: ended twice: {over:?}");
        assert!(over_once.is_subset(&runs), "{name}: ended and never woken: {over:?}");
        self.started += unseen.len();
        for run in &runs {
            let pid = run.strip_prefix("pid:").and_then(|rest| rest.split('@').next()).unwrap();
            let place = unseen.iter().position(|start| *start == pid);
            unseen.remove(place.unwrap_or_else(|| panic!("{name}: {run} was never started")));
        }
        let may_die_alone = name.starts_with("dying") || name.starts_with("poison");
        assert!(unseen.is_empty() || may_die_alone, "{name}: started and not told: {unseen:?}");
        self.unseen += unseen.len();
        self.woken += woken.len();
        self.found_again += woken.iter().filter(|one| one.data["recovered"] == true).count();
        self.stopped += stops.len();
        self.stopped_unnamed += stops.iter().filter(|one| one.run.is_none()).count();
        self.died += died.len();
        self.running += running;
    }
}

/// The number of charges that are told is the number that stands in the row, one after the other.
fn tries_are_as_told(row: &Message, told: &[&Event]) -> usize {
    let counted: Vec<i64> =
        told.iter().map(|event| event.data["after"]["tries"].as_i64().unwrap()).collect();
    let tries = row.tries.unwrap();
    assert_eq!(counted, (1..=tries).collect::<Vec<_>>(), "{row:?}");
    assert!(tries <= TRIES, "{row:?}");
    counted.len()
}

/// What was charged follows a stop for a fault, what was given up as poison a death.
fn charges_have_reasons(own: &[&Event], letters: &BTreeMap<String, Vec<String>>) {
    let mut last = None;
    for event in own {
        let poison = || letters.get(event.text("message_id")).is_some_and(|why| why == &["poison"]);
        match event.kind.as_str() {
            "agent_stopped" | "container_died" => last = Some(event),
            "message_failed" if poison() => {
                assert!(
                    last.is_some_and(|end| end.kind == "container_died"),
                    "{event:?}: {last:?}"
                );
            }
            "message_failed" if !letters.contains_key(event.text("message_id")) => {}
            "message_failed" | "message_retried" => {
                let fault = |end: &Event| end.kind == "agent_stopped" && end.data["idle"] == false;
                assert!(last.is_some_and(|end| fault(end)), "{event:?}: {last:?}");
            }
            _ => {}
        }
    }
}
