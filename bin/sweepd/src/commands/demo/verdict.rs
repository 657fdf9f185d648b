//! Did each part come out right? Judged from the databases and the log, not from intentions.

use std::fmt::Write as _;

use agent_sim::fixture::Session;
use sweepd_decide::{FindingKind, Span};
use sweepd_sweep::ports::Incident;

use super::cast::{Outcome, Part};
use super::log::{Log, Seen};
use super::stage::{self, Stage};

/// How one part came out.
pub(super) struct Verdict {
    part: &'static Part,
    seen_after: Option<Span>,
    done: String,
    wrong: Option<String>,
}

impl Verdict {
    pub(super) const fn is_right(&self) -> bool {
        self.wrong.is_none()
    }
}

/// All parts, in the order of the cast.
pub(super) async fn all(stage: &Stage, log: &Log) -> anyhow::Result<Vec<Verdict>> {
    let open = stage.incidents().await?;
    let judge = |(part, session): &(&'static Part, Session)| judge(part, session, log, &open);
    stage.sessions().iter().map(judge).collect()
}

fn judge(
    part: &'static Part,
    session: &Session,
    log: &Log,
    open: &[Incident],
) -> anyhow::Result<Verdict> {
    let seen = log.of(part);
    let messages = session.messages()?;
    let message = messages.iter().find(|message| message.id == "msg-1");
    let status = message.and_then(|message| message.status.clone()).unwrap_or_default();
    let tries = message.and_then(|message| message.tries).unwrap_or_default();
    let answered = session.outputs()?.len();
    let mut wrong = Vec::new();
    let mut must = |right: bool, what: String| {
        if !right {
            wrong.push(what);
        }
    };
    must(status == part.ends(), format!("its message is {status}, not {}", part.ends()));
    let about = |incident: &&Incident| incident.agent.as_ref() == Some(&stage::agent(part));
    let still: Vec<&str> = open.iter().filter(about).map(|open| open.kind.as_str()).collect();
    let done = match part.outcome {
        Outcome::Answered => {
            must(answered == 1, format!("{answered} answers, not 1"));
            must(seen.stopped.is_none(), "it was stopped".to_owned());
            must(seen.incidents.is_empty(), format!("it raised {:?}", seen.incidents));
            "answered; left alone".to_owned()
        }
        Outcome::Stopped { reason, tries: charged } => {
            let stopped = seen.stopped.as_ref().map(|(_, reason)| reason.as_str());
            must(stopped == Some(reason), format!("stopped for {stopped:?}, not {reason}"));
            must(seen.fault_stops == 1, format!("{} fault stops, not 1", seen.fault_stops));
            must(tries == charged, format!("tries {tries}, not {charged}"));
            must(answered == 1, format!("{answered} answers, not 1"));
            must(still.is_empty(), format!("still open: {still:?}"));
            format!("stopped ({reason}), woken, answered; incident resolved")
        }
        Outcome::DeadLetter => {
            must(seen.deaths == 3, format!("{} deaths, not 3", seen.deaths));
            must(still == ["dead-letter"], format!("open: {still:?}, not the dead letter"));
            "given up after 3 deaths; incident open".to_owned()
        }
        Outcome::Unmasked => {
            let noticed = seen.incidents == [FindingKind::ClockSuspicious];
            must(noticed, format!("raised {:?}, not clock-suspicious", seen.incidents));
            must(reaped(&seen), "it was not reaped".to_owned());
            "noticed (clock-suspicious); reaped all the same".to_owned()
        }
        Outcome::Reaped => {
            must(reaped(&seen), "it was not reaped".to_owned());
            must(seen.incidents.is_empty(), format!("it raised {:?}", seen.incidents));
            "answered; reaped when idle, without a word".to_owned()
        }
    };
    let wrong = (!wrong.is_empty()).then(|| wrong.join("; "));
    let seen_after = seen.noticed.map(|at| log.after(at));
    Ok(Verdict { part, seen_after, done, wrong })
}

fn reaped(seen: &Seen) -> bool {
    seen.stopped.as_ref().is_some_and(|(_, reason)| reason == "idle") && seen.fault_stops == 0
}

/// The table at the end.
pub(super) fn table(verdicts: &[Verdict], took: Span) -> String {
    let mut page = String::from("\n");
    let mut line = |cells: [&str; 5]| {
        let [name, injected, seen, done, verified] = cells;
        // Writing to a string cannot fail.
        let _infallible =
            writeln!(page, "{name:<13} {injected:<34} {seen:<11} {done:<52} {verified}");
    };
    line(["AGENT", "INJECTED", "SEEN AFTER", "DONE", "VERIFIED"]);
    for verdict in verdicts {
        let seen = verdict.seen_after.map_or_else(|| "-".to_owned(), tenths);
        let verified =
            verdict.wrong.as_ref().map_or_else(|| "yes".to_owned(), |wrong| format!("NO: {wrong}"));
        line([verdict.part.name, verdict.part.injected, &seen, &verdict.done, &verified]);
    }
    let right = verdicts.iter().filter(|verdict| verdict.is_right()).count();
    let _infallible =
        writeln!(page, "\n{right} of {} came out right, in {}", verdicts.len(), tenths(took));
    page
}

fn tenths(span: Span) -> String {
    let millis = span.as_millis().max(0);
    format!("{}.{} s", millis / 1000, millis / 100 % 10)
}
