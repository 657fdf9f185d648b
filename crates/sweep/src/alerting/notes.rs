//! Notes about sweepd itself: that it watches, once for each sink; and a daily line, whose absence is
//! a signal.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use sweepd_decide::{Alert, News, Note, Occasion, Recheck, Severity, Span, Timestamp};
use sweepd_schedule::next_run;

use super::{Alerting, Digest};
use crate::clean::clean;
use crate::engine::Engine;
use crate::ports::{Filing, NewAlert, Outbox, PortError, SinkNoted, SinkRecord, Standing, Which};
use crate::report::{AgentState, Report};

/// So many open incidents are named in it.
const LINES: usize = 20;
/// What the daily line is about.
const DAY: Span = Span::from_mins(24 * 60);

/// Whom sweepd watches, as of the last pass over everybody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Census {
    agents: usize,
    running: usize,
    /// How many of each source in each mode.
    sources: BTreeMap<(String, &'static str), usize>,
    /// What could not be looked at, and why.
    unseen: Vec<String>,
}

impl Census {
    /// Whoever a report is about.
    pub(crate) fn of(report: &Report) -> Self {
        let unseen = report.trouble.iter().take(LINES).map(|trouble| clean(trouble)).collect();
        let mut census = Self { agents: report.agents.len(), unseen, ..Self::default() };
        for agent in &report.agents {
            census.running += usize::from(agent.state == AgentState::Running);
            *census.sources.entry((agent.source.clone(), agent.mode.as_str())).or_default() += 1;
        }
        census
    }

    /// How far sweepd goes: the mode, or several of them.
    fn modes(&self) -> String {
        let mut modes: Vec<&str> = self.sources.keys().map(|(_, mode)| *mode).collect();
        modes.sort_unstable();
        modes.dedup();
        modes.join(", ")
    }
}

impl Alerting {
    /// Everybody was looked at.
    pub(crate) fn count(&self, report: &Report) {
        let census = Census::of(report);
        *self.census.lock().unwrap_or_else(PoisonError::into_inner) = Some(census);
        self.nudge();
    }
}

impl Engine {
    /// Promises the notes that are due, and says when the next one is.
    pub(super) async fn notes(
        &self,
        alerting: &Alerting,
        outbox: &dyn Outbox,
        standing: &[Standing],
        records: &[SinkRecord],
        now: Timestamp,
    ) -> Result<Recheck, PortError> {
        let census = alerting.census.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(census) = census.filter(|_| outbox.lasts()) else { return Ok(Recheck::OnChange) };
        let mut filing = Filing::new(now);
        let mut recheck = Recheck::OnChange;
        let (mut greeted, mut digested) = (Vec::new(), Vec::new());
        for setup in alerting.setup.sinks.iter().filter(|setup| setup.sink.takes().notes) {
            let record = records.iter().find(|one| one.name == setup.name);
            let noted = SinkNoted {
                name: setup.name.clone(),
                kind: setup.sink.kind().to_owned(),
                greeted: false,
                digested: false,
            };
            let Some(greeted_at) = record.and_then(|record| record.greeted_at) else {
                greeted.push(setup.name.clone());
                filing.noted.push(SinkNoted { greeted: true, ..noted });
                continue;
            };
            let Some(digest) = &alerting.setup.digest else { continue };
            let last = record.and_then(|record| record.digested_at).unwrap_or(greeted_at);
            // A line that is not yet was before the clock was set back.
            let last = if last <= now { last } else { now.minus(DAY) };
            let Some(due) = due(digest, last) else { continue };
            if now < due {
                recheck = recheck.sooner(due.into());
                continue;
            }
            digested.push(setup.name.clone());
            filing.noted.push(SinkNoted { digested: true, ..noted });
        }
        if !greeted.is_empty() {
            filing.alerts.push(self.note(alerting, greeting(&census), greeted, now));
        }
        if !digested.is_empty() {
            let dead = outbox.deliveries(Which::GivenUp).await?.len();
            let past = outbox.standing(now.minus(DAY)).await?;
            let note = daily(&census, standing, &past, dead, now);
            filing.alerts.push(self.note(alerting, note, digested, now));
            recheck = recheck.sooner(now.plus(Span::from_secs(1)).into());
        }
        self.file(outbox, filing).await?;
        Ok(recheck)
    }

    /// A note as an alert.
    pub(super) fn note(
        &self,
        alerting: &Alerting,
        note: Note,
        sinks: Vec<String>,
        now: Timestamp,
    ) -> NewAlert {
        let install: String = self.install().chars().take(8).collect();
        let word = match note.occasion {
            Occasion::Start => "start",
            Occasion::Digest => "digest",
            Occasion::Test => "test",
        };
        let alert = Alert {
            id: format!("{install}-{word}-{}", now.as_millis()),
            at: now,
            host: alerting.setup.host.clone(),
            from_memory: false,
            news: News::Note(note),
        };
        NewAlert { incident: None, thread: format!("{word}:sweepd"), alert, sinks }
    }
}

/// When the daily line after `last` is due.
fn due(digest: &Digest, last: Timestamp) -> Option<Timestamp> {
    next_run(&digest.cron, &digest.zone, last).ok()
}

fn greeting(census: &Census) -> Note {
    let line = |((source, mode), count): (&(String, &str), &usize)| {
        format!("{source}: {} in {mode}", agents(*count))
    };
    let modes = census.modes();
    let within = if modes.is_empty() { String::new() } else { format!(" in {modes}") };
    let unseen = if census.unseen.is_empty() { "" } else { ", and could not look everywhere" };
    Note {
        occasion: Occasion::Start,
        title: format!("sweepd is watching {}{within}{unseen}", agents(census.agents)),
        lines: census.sources.iter().map(line).chain(census.unseen.iter().cloned()).collect(),
    }
}

fn daily(
    census: &Census,
    standing: &[Standing],
    past: &[Standing],
    dead: usize,
    now: Timestamp,
) -> Note {
    let told = |one: &&Standing| one.incident.severity > Severity::Notice;
    let open: Vec<&Standing> =
        standing.iter().filter(told).filter(|one| one.end.is_none()).collect();
    let day = now.minus(DAY);
    let opened = past.iter().filter(told).filter(|one| one.incident.opened_at >= day).count();
    let ended = past.iter().filter(told).filter(|one| one.end.is_some()).count();
    let title = format!(
        "daily: {} watched, {} running, {} open",
        agents(census.agents),
        census.running,
        incidents(open.len())
    );
    let mut lines = vec![format!("in the last 24 h: {opened} opened, {ended} ended")];
    lines.extend(census.unseen.iter().map(|why| format!("could not look: {why}")));
    let shown = open.iter().take(LINES).map(|one| {
        format!("#{} since {}: {}", one.id, instant(one.incident.opened_at), one.incident.summary)
    });
    lines.extend(shown);
    if open.len() > LINES {
        lines.push(format!("and {} more: `sweepd incidents`", open.len() - LINES));
    }
    if dead > 0 {
        lines.push(format!("{dead} alerts could not be delivered: `sweepd alert list`"));
    }
    Note { occasion: Occasion::Digest, title, lines }
}

fn agents(count: usize) -> String {
    format!("{count} agent{}", if count == 1 { "" } else { "s" })
}

fn incidents(count: usize) -> String {
    format!("{count} incident{}", if count == 1 { "" } else { "s" })
}

/// An instant as people read it.
fn instant(at: Timestamp) -> String {
    format!("{} UTC", at.to_sqlite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode::Mode;

    #[test]
    fn what_could_not_be_looked_at_is_told_with_those_who_are_watched() {
        let mut report = Report::empty(Mode::Observe, false);
        assert_eq!(greeting(&Census::of(&report)).title, "sweepd is watching 0 agents");
        report.trouble = vec!["source nc: its\nroot is gone".to_owned()];
        let census = Census::of(&report);
        let Note { title, lines, .. } = greeting(&census);
        assert_eq!(title, "sweepd is watching 0 agents, and could not look everywhere");
        assert_eq!(lines, ["source nc: its root is gone"]);
        let daily = daily(&census, &[], &[], 0, Timestamp::from_millis(0));
        assert_eq!(daily.lines[1], "could not look: source nc: its root is gone");
    }
}
