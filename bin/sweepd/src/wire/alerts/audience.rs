//! What does a sink want to hear?

use std::iter;
use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::Value;
use sweepd_decide::{FindingKind, Severity};
use sweepd_sweep::Audience;
use sweepd_sweep::ports::Incident;

use crate::config::Glob;
use crate::config::alerts::Sink;

/// What is about sweepd itself, or all of it.
const OWN: [FindingKind; 3] =
    [FindingKind::SinkFailed, FindingKind::BrakeEngaged, FindingKind::SelfDegraded];

/// Whom an incident is about, as patterns see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject<'a> {
    /// An agent, by its id.
    Agent(&'a str),
    /// A source as a whole, or something of it that is no agent.
    Source { name: &'a str, subject: &'a str },
    /// sweepd itself, or all of it.
    Sweepd,
}

impl<'a> Subject<'a> {
    /// Whom it is about, given the sources there are.
    pub(super) fn of(incident: &'a Incident, sources: &'a [String]) -> Self {
        if let Some(agent) = &incident.agent {
            return Self::Agent(agent.as_str());
        }
        if OWN.contains(&incident.kind) {
            return Self::Sweepd;
        }
        // What flaps is named by its whole key.
        let of = incident.evidence.get("of").and_then(Value::as_str);
        let key = of.filter(|_| incident.kind == FindingKind::Flapping).unwrap_or(&incident.key);
        let subject = key.split_once(':').map_or("", |(_, subject)| subject);
        let name = subject.split_once('/').map_or(subject, |(name, _)| name);
        match sources.iter().find(|source| *source == name) {
            Some(name) => Self::Source { name, subject },
            None => Self::Sweepd,
        }
    }

    /// Whether any pattern fits: an agent's id; the name of a source, alone or with `/` behind it.
    /// `None`: patterns say nothing of it.
    pub(super) fn fits(&self, patterns: &[Glob]) -> Option<bool> {
        let any = |text: &str| patterns.iter().any(|pattern| pattern.matches(text));
        match self {
            Self::Agent(id) => Some(any(id)),
            Self::Source { name, subject } => {
                Some(any(subject) || any(name) || any(&format!("{name}/")))
            }
            Self::Sweepd => None,
        }
    }
}

/// What a sink was configured to hear.
#[derive(Debug)]
pub(super) struct Wants {
    min_severity: Severity,
    patterns: Vec<Glob>,
    kinds: Vec<FindingKind>,
    except_kinds: Vec<FindingKind>,
    sources: Arc<[String]>,
}

impl Wants {
    pub(super) fn new(sink: &Sink, sources: Arc<[String]>) -> Self {
        Self {
            min_severity: sink.min_severity,
            patterns: sink.patterns.clone(),
            kinds: sink.kinds.clone(),
            except_kinds: sink.except_kinds.clone(),
            sources,
        }
    }
}

impl Audience for Wants {
    fn wants(&self, incident: &Incident) -> bool {
        // Whoever wants to hear of something wants to hear that it comes and goes: of itself nobody is
        // told meanwhile.
        let flaps = flaps(incident);
        let kinds = || iter::once(incident.kind).chain(flaps.map(|(kind, _)| kind));
        let severity = flaps.map_or(incident.severity, |(_, of)| of.max(incident.severity));
        let named = self.kinds.is_empty() || kinds().any(|kind| self.kinds.contains(&kind));
        let about = || Subject::of(incident, &self.sources).fits(&self.patterns).unwrap_or(true);
        severity >= self.min_severity
            && named
            && !kinds().any(|kind| self.except_kinds.contains(&kind))
            && (self.patterns.is_empty() || about())
    }
}

/// What comes and goes, by its kind and how bad it is.
fn flaps(incident: &Incident) -> Option<(FindingKind, Severity)> {
    let of = incident.evidence.get("of").and_then(Value::as_str);
    let of = of.filter(|_| incident.kind == FindingKind::Flapping)?;
    let word = of.split_once(':').map_or(of, |(word, _)| word);
    let kind = *FindingKind::ALL.iter().find(|kind| kind.as_str() == word)?;
    let severity = incident.evidence.get("severity").map(Severity::deserialize);
    Some((kind, severity.and_then(Result::ok).unwrap_or_else(|| kind.severity())))
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;
    use sweepd_decide::{AgentId, Timestamp};

    use super::*;
    use crate::config::alerts::{Kept, To};

    pub(crate) fn incident(kind: FindingKind, subject: &str, is_agent: bool) -> Incident {
        Incident {
            key: format!("{}:{subject}", kind.as_str()),
            kind,
            severity: kind.severity(),
            agent: is_agent.then(|| AgentId::new(subject)),
            summary: String::new(),
            evidence: Value::Null,
            opened_at: Timestamp::from_millis(0),
            good_looks: 0,
        }
    }

    fn sources() -> Arc<[String]> {
        ["nc", "hooks"].map(str::to_owned).into()
    }

    fn sink(patterns: &[&str]) -> Sink {
        Sink {
            at: "sink[0]".to_owned(),
            is_written: true,
            name: "ops".to_owned(),
            min_severity: Severity::Warning,
            patterns: patterns.iter().map(|pattern| Glob::new(*pattern)).collect(),
            kinds: Vec::new(),
            except_kinds: Vec::new(),
            to: To::Slack { url: Kept::File("/x".into()) },
        }
    }

    #[test]
    fn patterns_choose_agents_by_their_ids_and_sources_by_their_names() {
        let stuck = incident(FindingKind::AgentStuck, "nc/ag-1/s-1", true);
        let down = incident(FindingKind::HostDown, "nc", false);
        let orphan = incident(FindingKind::OrphanContainer, "hooks/x", false);
        let own = incident(FindingKind::BrakeEngaged, "*", false);
        let sink_failed = incident(FindingKind::SinkFailed, "nc", false);
        let cases: [(&[&str], [bool; 5]); 7] = [
            (&[], [true, true, true, true, true]),
            (&["nc/*"], [true, true, false, true, true]),
            (&["nc"], [false, true, false, true, true]),
            (&["nc/ag-1/*"], [true, false, false, true, true]),
            (&["*"], [true, true, true, true, true]),
            (&["hooks/*"], [false, false, true, true, true]),
            (&["hooks/y", "hooks/x"], [false, false, true, true, true]),
        ];
        for (patterns, expected) in cases {
            let wants = Wants::new(&sink(patterns), sources());
            let found = [&stuck, &down, &orphan, &own, &sink_failed].map(|one| wants.wants(one));
            assert_eq!(found, expected, "{patterns:?}");
        }
    }

    #[test]
    fn what_comes_and_goes_is_about_whom_it_comes_and_goes_for() {
        let mut flaps = incident(FindingKind::Flapping, "host-down:hooks", false);
        flaps.evidence = json!({ "of": "host-down:hooks" });
        let wants = |pattern: &str| Wants::new(&sink(&[pattern]), sources()).wants(&flaps);
        assert_eq!((wants("hooks/*"), wants("nc/*")), (true, false));
    }

    #[test]
    fn whoever_wants_to_hear_of_something_hears_that_it_comes_and_goes() {
        let flaps = |of: &str, evidence: Value| {
            let kind = FindingKind::Flapping;
            Incident { evidence, ..incident(kind, of, true) }
        };
        let stuck = flaps("agent-stuck:nc/a/s", json!({ "of": "agent-stuck:nc/a/s" }));
        let worse = json!({ "of": "agent-stuck:nc/a/s", "severity": "error" });
        let worse = flaps("agent-stuck:nc/a/s", worse);
        let zombie = flaps("zombie:nc/a/s", json!({ "of": "zombie:nc/a/s" }));
        let odd = flaps("?", json!({ "of": 7, "severity": "error" }));
        let wants = |change: &dyn Fn(&mut Sink)| {
            let mut sink = sink(&[]);
            change(&mut sink);
            let wants = Wants::new(&sink, sources());
            [&stuck, &worse, &zombie, &odd].map(|one| wants.wants(one))
        };
        assert_eq!(wants(&|_| {}), [true; 4]);
        let errors = wants(&|sink| sink.min_severity = Severity::Error);
        assert_eq!(errors, [false, true, true, false]);
        let only = wants(&|sink| sink.kinds = vec![FindingKind::Zombie]);
        assert_eq!(only, [false, false, true, false]);
        let except = wants(&|sink| sink.except_kinds = vec![FindingKind::Zombie]);
        assert_eq!(except, [true, true, false, true]);
        assert_eq!(wants(&|sink| sink.except_kinds = vec![FindingKind::Flapping]), [false; 4]);
    }

    #[test]
    fn kinds_and_severities_narrow_it_down() {
        let stuck = incident(FindingKind::AgentStuck, "nc/a/s", true);
        let zombie = incident(FindingKind::Zombie, "nc/a/s", true);
        let wants = |change: &dyn Fn(&mut Sink)| {
            let mut sink = sink(&[]);
            change(&mut sink);
            let wants = Wants::new(&sink, sources());
            (wants.wants(&stuck), wants.wants(&zombie))
        };
        assert_eq!(wants(&|sink| sink.min_severity = Severity::Error), (false, true));
        assert_eq!(wants(&|sink| sink.kinds = vec![FindingKind::AgentStuck]), (true, false));
        assert_eq!(wants(&|sink| sink.except_kinds = vec![FindingKind::AgentStuck]), (false, true));
    }
}
