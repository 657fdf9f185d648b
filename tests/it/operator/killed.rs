//! sweepd is killed without warning, over and over, at instants spread over a whole call. The
//! calls after that leave everything as one call that nobody killed.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::Duration;

use agent_sim::fixture::{Message, Session};
use serde_json::Value;
use sweepd_decide::{Span, Timestamp};

use super::engine::Engine;
use super::host::{Host, PROCESS, QUICK, ago, effects, now};
use super::wait::{pause, until};

/// How often it is killed in each test.
const KILLS: usize = 32;

/// Everything that can happen to rows in one call: an ack of each kind, an orphan's retry, a last
/// try, a series that ended, one that ends by an ack, one that is given up; and a run to be stopped
/// that has claimed one message long ago and another just now.
fn furnish(host: &Host) {
    let acked = host.due("acked");
    acked.ack("m-1", "completed", ago(30)).unwrap();
    acked.message(&Message::chat("m-2", ago(60))).unwrap();
    acked.ack("m-2", "failed", ago(30)).unwrap();
    let orphan = host.due("orphan");
    orphan.claim("m-1", ago(500)).unwrap();
    orphan.message(&Message { tries: Some(5), ..Message::chat("m-2", ago(60)) }).unwrap();
    orphan.claim("m-2", ago(500)).unwrap();
    let yearly = |id: &str, status: &str, tries: i64| Message {
        recurrence: Some("0 9 1 1 *".to_owned()),
        status: Some(status.to_owned()),
        tries: Some(tries),
        ..Message::task(id, ago(600), ago(500))
    };
    let series = host.session("series");
    series.message(&yearly("t-ended", "completed", 0)).unwrap();
    series.message(&yearly("t-acked", "pending", 0)).unwrap();
    series.ack("t-acked", "completed", ago(30)).unwrap();
    series.message(&yearly("t-last", "pending", 5)).unwrap();
    series.claim("t-last", ago(400)).unwrap();
    let stuck = host.due("stuck");
    stuck.claim("m-1", ago(500)).unwrap();
    stuck.message(&Message::chat("m-2", ago(60))).unwrap();
}

/// A copy of a furnished host, with an engine in which the one agent runs.
fn fresh(template: &Host) -> (Host, Engine) {
    let host = Host::copy(template);
    host.configure("enforce", "[policy]\nconfirmations = 1\n", "");
    let engine = Engine::new(&host);
    let stuck = host.find("stuck");
    // Not with the template: this claim must still be young.
    stuck.claim("m-2", ago(2)).unwrap();
    engine.run(stuck.dir(), ago(3600));
    (host, engine)
}

/// A row as far as it must come out the same in every run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Fate {
    id: String,
    status: String,
    tries: i64,
    process_after: String,
    recurrence: Option<String>,
    series: Option<String>,
}

/// The rows of every session. Instants that depend on when the call was made are checked against
/// its beginning and replaced by what they are relative to it.
fn fates(host: &Host, began: Timestamp) -> BTreeMap<String, Vec<Fate>> {
    let fate = |message: Message| Fate {
        id: without_instant(&message.id),
        status: message.status.unwrap(),
        tries: message.tries.unwrap(),
        process_after: message.process_after.map(|at| relative(&at, began)).unwrap_or_default(),
        recurrence: message.recurrence,
        series: message.series_id,
    };
    let fates = |name: &&str| host.find(name).messages().unwrap().into_iter().map(fate).collect();
    ["acked", "orphan", "series", "stuck"]
        .iter()
        .map(|name| ((*name).to_owned(), fates(name)))
        .collect()
}

/// The keys of open incidents.
fn keys(call: &Value) -> Vec<String> {
    let open = call["incidents"].as_array().unwrap().iter();
    open.map(|one| one["key"].as_str().unwrap().to_owned()).collect()
}

/// `task-<millis>-<hash>` of a clone: the hash says whose clone it is, and for when.
fn without_instant(id: &str) -> String {
    match id.split('-').collect::<Vec<_>>().as_slice() {
        [kind, millis, hash] if millis.len() == 13 => format!("{kind}-*-{hash}"),
        _ => id.to_owned(),
    }
}

/// A retry is put off by five seconds, counted from a whole second of one of the calls.
fn relative(text: &str, began: Timestamp) -> String {
    let at = sweepd_decide::parse_utc(text).unwrap();
    let early = began.floor_to_second().plus(Span::from_secs(5));
    if at >= early && at <= now().plus(Span::from_secs(5)) {
        "soon".to_owned()
    } else {
        text.to_owned()
    }
}

/// Kills `sweepd sweep` after so many thousandths of `whole`. Whether it was in time.
fn kill(host: &Host, whole: Duration, thousandths: usize) -> bool {
    let mut command = host.command("sweep");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    pause(whole * u32::try_from(thousandths).unwrap() / 1000);
    child.kill().unwrap();
    child.wait().unwrap().signal() == Some(9)
}

/// Instants that fill a span evenly, however many of them are taken.
fn spread(nth: usize) -> usize {
    nth * 618 % 1000
}

/// How long a call takes that nobody kills.
fn duration_of(call: impl FnOnce()) -> Duration {
    let began = now();
    call();
    Duration::from_millis(u64::try_from(now().since(began).as_millis()).unwrap())
}

fn killed_at_many_instants(offset: usize, recovery_too: bool) {
    let template = Host::new();
    furnish(&template);
    let (host, _engine) = fresh(&template);
    let began = now();
    let mut whole = duration_of(|| {
        let call = host.sweepd("sweep --json").json();
        assert_eq!(effects(&call, "stuck"), ["stop done", "release done", "retry done"], "{call}");
    });
    let (expected, open) = (fates(&host, began), keys(&host.sweepd("sweep --json").json()));
    assert_eq!(open.len(), 4, "{open:?}");
    assert_eq!(expected["series"].iter().filter(|row| row.recurrence.is_some()).count(), 3);

    let mut landed = 0;
    for nth in 0.. {
        let (host, engine) = fresh(&template);
        let began = now();
        if kill(&host, whole, spread(nth + offset)) {
            landed += 1;
        } else {
            whole = whole * 9 / 10;
        }
        if recovery_too {
            kill(&host, whole, spread(nth * 7 + offset));
        }
        for call in ["the next call", "the call after it"] {
            let said = host.sweepd("sweep --json");
            assert_eq!((said.err.as_str(), said.code), ("", 1), "{}", said.out);
            assert_eq!(fates(&host, began), expected, "{call} after kill {nth}: {}", said.out);
        }
        assert_eq!(engine.up(), 0);
        let told = keys(&host.sweepd("sweep --json").json());
        assert_eq!(told, open, "incidents after kill {nth} at {}", spread(nth + offset));
        if landed == KILLS {
            return;
        }
    }
}

#[test]
fn killed_at_any_instant_a_call_is_made_good_by_the_next() {
    killed_at_many_instants(0, false);
}

#[test]
fn killed_twice_in_a_row_it_is_made_good_all_the_same() {
    killed_at_many_instants(500, true);
}

#[test]
fn killed_while_it_wakes_agents_it_leaves_no_two_for_one_session() {
    let template = Host::new();
    let names: Vec<String> = (0..6).map(|n| format!("due-{n}")).collect();
    for name in &names {
        template.due_to(name, "idle");
    }
    let calm = Host::copy(&template);
    calm.configure("enforce", QUICK, PROCESS);
    let mut whole = duration_of(|| drop(calm.sweepd("sweep")));
    let mut landed = 0;
    for nth in 0.. {
        let host = Host::copy(&template);
        host.configure("enforce", QUICK, PROCESS);
        if kill(&host, whole, spread(nth)) {
            landed += 1;
        } else {
            whole = whole * 9 / 10;
        }
        host.sweepd("sweep");
        let sessions: Vec<Session> = names.iter().map(|name| host.find(name)).collect();
        until("an agent for each", || sessions.iter().all(|one| host.agent_of(one).is_some()));
        assert_eq!(host.agents().len(), names.len());
        if landed == KILLS {
            return;
        }
    }
}
