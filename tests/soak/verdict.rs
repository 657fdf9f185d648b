//! What was told, compared with what was done and with what Docker saw.

use std::collections::BTreeMap;

use sweepd_decide::{Span, Timestamp};

use crate::actor::Actor;
use crate::cast::{Fault, Part};
use crate::hearer::Hearer;
use crate::journal::{Event, word};
use crate::stage::Stage;

/// Between two looks at everybody, and a little.
const RESYNC: Span = Span::from_secs(65);
/// An end is a hint of Docker's: it is seen at once, and not at some later look.
const LATE: Span = Span::from_secs(2);

/// One question, with whatever speaks against it.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) question: &'static str,
    pub(crate) against: Vec<String>,
}

/// A change that only the resync saw.
#[derive(Debug)]
pub(crate) struct Caught {
    pub(crate) at: Timestamp,
    pub(crate) agent: String,
    pub(crate) what: String,
    /// What changed before it, and who should have told.
    pub(crate) why: String,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) checks: Vec<Check>,
    pub(crate) caught: Vec<Caught>,
}

impl Verdict {
    pub(crate) fn is_well(&self) -> bool {
        self.checks.iter().all(|check| check.against.is_empty())
    }
}

pub(crate) fn judge(
    stage: &Stage,
    actors: &[(Actor, Part)],
    hearer: &Hearer,
    code: Option<i32>,
    interrupted: bool,
) -> Verdict {
    let caught = caught(stage);
    let check = |question, against| Check { question, against };
    let ended = if interrupted { vec!["it was interrupted".to_owned()] } else { Vec::new() };
    let code = if code == Some(0) { Vec::new() } else { vec![format!("{code:?}")] };
    let unexplained = caught.iter().filter(|caught| caught.why.is_empty());
    let unexplained = unexplained.map(|caught| format!("{} {}", caught.at, caught.agent)).collect();
    let checks = vec![
        check("the run was not interrupted", ended),
        check("sweepd ended with 0", code),
        check("every fault was played", missing(stage)),
        check("each time with exactly what it calls for", episodes(stage)),
        check("nobody was touched besides", besides(stage, actors)),
        check("whatever was waited for came", stage.complaints.borrow().clone()),
        check("each start and each end was told once", ends(stage, actors)),
        check("each end was told within two seconds", late_ends(stage)),
        check("no two containers of one agent at once", stage.timeline.borrow().twins()),
        check("events without a gap", gaps(stage)),
        check("no try without its charge, no message left", messages(stage, actors)),
        check("each alert arrived once, with its end, and in order", hearer.against()),
        check("no doubt about time; no brake, but in a short run", doubts(stage)),
        check("what only the resync saw is explained", unexplained),
    ];
    Verdict { checks, caught }
}

fn missing(stage: &Stage) -> Vec<String> {
    let episodes = stage.episodes.borrow();
    let played = |fault: &&Fault| !episodes.iter().any(|episode| episode.fault == **fault);
    Fault::ALL.iter().filter(played).map(|fault| fault.name().to_owned()).collect()
}

fn episodes(stage: &Stage) -> Vec<String> {
    let episodes = stage.episodes.borrow();
    let differ = episodes.iter().filter(|episode| episode.told != episode.called_for);
    differ
        .map(|episode| {
            format!(
                "{} {} ({}): told {:?}, called for {:?}",
                episode.began,
                episode.agent,
                episode.fault.name(),
                episode.told,
                episode.called_for
            )
        })
        .collect()
}

/// Outside its episodes an agent's messages are completed, and nothing else is told of it.
fn besides(stage: &Stage, actors: &[(Actor, Part)]) -> Vec<String> {
    let (journal, episodes) = (stage.journal.borrow(), stage.episodes.borrow());
    let known = |event: &&Event| {
        let (agent, seq) = (event.agent.as_deref(), event.seq);
        let holds = |from: i64, to: i64| from < seq && seq <= to;
        let of_one = episodes.iter().filter(|episode| Some(episode.agent.as_str()) == agent);
        of_one.map(|episode| episode.events).any(|(from, to)| holds(from, to))
    };
    let is_ours = |agent: &str| actors.iter().any(|(actor, _)| actor.id == agent);
    let others = journal.events.iter().filter(|event| !known(event));
    let others = others.filter(|event| event.agent.as_deref().is_some_and(is_ours));
    let told = others.filter_map(|event| Some((event, word(event)?)));
    told.filter(|(_, word)| word != "completed")
        .map(|(event, word)| {
            format!("{} {}: {word}", event.at, event.agent.as_deref().unwrap_or_default())
        })
        .collect()
}

fn ends(stage: &Stage, actors: &[(Actor, Part)]) -> Vec<String> {
    let (journal, timeline) = (stage.journal.borrow(), stage.timeline.borrow());
    let mut against = Vec::new();
    for (actor, _) in actors {
        let at_once =
            |event: &Event| usize::from(word(event).is_some_and(|word| word.starts_with("died")));
        let (mut starts, mut ends) = (0, 0);
        for event in journal.of(&actor.id, 0) {
            match event.kind.as_str() {
                "agent_woken" if event.data["already"] == false => starts += 1,
                "agent_stopped" | "container_died" => ends += 1,
                "wake_failed" => {
                    starts += at_once(event);
                    ends += at_once(event);
                }
                _ => {}
            }
        }
        let started = timeline.of(&actor.id, "start").count();
        let ended = timeline.of(&actor.id, "die").count();
        if (started, ended) != (starts, ends) {
            against.push(format!(
                "{}: {started} starts, {starts} told; {ended} ends, {ends} told",
                actor.id
            ));
        }
    }
    against
}

/// How long after Docker's own event each end by itself, or by hand, was told: milliseconds, by
/// agent.
pub(crate) fn delays(stage: &Stage) -> Vec<(i64, String)> {
    let (journal, timeline) = (stage.journal.borrow(), stage.timeline.borrow());
    let of = journal.events.iter().filter(|event| event.kind == "container_died");
    let delay = |event: &Event| {
        let end = timeline.end_of(event.data["run"].as_str()?)?;
        let agent = event.agent.clone().unwrap_or_default();
        Some((event.at.since(end).as_millis(), format!("{} {agent}", event.at)))
    };
    let mut delays: Vec<_> = of.filter_map(delay).collect();
    delays.sort();
    delays
}

fn late_ends(stage: &Stage) -> Vec<String> {
    let late = delays(stage).into_iter().filter(|(ms, _)| *ms > LATE.as_millis());
    late.map(|(ms, about)| format!("{about}: {ms} ms after Docker told it")).collect()
}

fn gaps(stage: &Stage) -> Vec<String> {
    let journal = stage.journal.borrow();
    let pairs = journal.events.iter().zip(journal.events.iter().skip(1));
    let first = journal.events.first().filter(|event| event.seq != 1);
    let first = first.map(|event| format!("the first is {}", event.seq));
    let gap = pairs.filter(|(one, next)| next.seq != one.seq + 1);
    first.into_iter().chain(gap.map(|(one, next)| format!("{}..{}", one.seq, next.seq))).collect()
}

/// Read at the end from the queues themselves.
fn messages(stage: &Stage, actors: &[(Actor, Part)]) -> Vec<String> {
    let journal = stage.journal.borrow();
    let mut told: BTreeMap<&str, i64> = BTreeMap::new();
    let retried = journal.events.iter().filter(|event| event.kind == "message_retried");
    for event in retried {
        *told.entry(event.data["message_id"].as_str().unwrap_or_default()).or_default() += 1;
    }
    let mut against = Vec::new();
    for (actor, _) in actors {
        let rows = actor.messages();
        if rows.len() != usize::try_from(actor.sent().get()).unwrap() {
            against.push(format!("{}: {} messages", actor.id, rows.len()));
        }
        for (id, status, tries) in rows {
            let charged = told.get(id.as_str()).copied().unwrap_or(0);
            if tries > charged || !["completed", "failed"].contains(&status.as_str()) {
                against.push(format!("{id}: {status}, {tries} tries, {charged} charges told"));
            }
        }
    }
    against
}

fn doubts(stage: &Stage) -> Vec<String> {
    let journal = stage.journal.borrow();
    let is_doubt = |event: &&Event| {
        let brake = event.kind == "brake_engaged" || event.data["kind"] == "brake-engaged";
        event.kind == "clock_stepped" || (brake && !stage.is_short())
    };
    let told = |event: &Event| format!("{} {} {}", event.at, event.kind, event.data);
    journal.events.iter().filter(is_doubt).map(told).collect()
}

/// What only the resync saw, with what had changed within the minute before.
fn caught(stage: &Stage) -> Vec<Caught> {
    let (journal, timeline) = (stage.journal.borrow(), stage.timeline.borrow());
    let sent = stage.sent.borrow();
    let seen = journal.events.iter().filter(|event| event.kind == "resync_caught");
    seen.map(|event| {
        let agent = event.agent.clone().unwrap_or_default();
        let recent = |at: Timestamp| at <= event.at && event.at.since(at) <= RESYNC;
        let ago = |at: Timestamp| event.at.since(at).as_millis();
        let moments = timeline.moments.iter().filter(|one| one.agent == agent && recent(one.at));
        let mut why: Vec<(i64, String)> = moments
            .map(|one| (ago(one.at), format!("container {} (Docker's events)", one.action)))
            .collect();
        let written = sent.iter().filter(|(at, to)| *to == agent && recent(*at));
        why.extend(written.map(|(at, _)| (ago(*at), "a message (inbound.db)".to_owned())));
        let lost = journal.of(&agent, event.seq - 1).take_while(|one| ago(one.at) > -2000);
        let lost = lost.filter(|one| one.data["kind"] == "unreadable").map(|one| {
            (ago(one.at), "the third failed look in a row (no look is due after one)".to_owned())
        });
        why.extend(lost.take(1));
        let told = journal.of(&agent, 0).filter(|one| one.seq < event.seq && recent(one.at));
        why.extend(told.map(|one| (ago(one.at), format!("told: {}", one.kind))));
        why.sort();
        let why: Vec<String> =
            why.into_iter().take(4).map(|(ms, what)| format!("{ms} ms ago: {what}")).collect();
        let (data, why) = (&event.data, why.join("; "));
        let what = format!(
            "{} -> {} {}, done {}",
            data["before"], data["state"], data["action"], data["done"]
        );
        Caught { at: event.at, agent, what, why }
    })
    .collect()
}
