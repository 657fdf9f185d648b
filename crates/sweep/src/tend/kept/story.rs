//! What is told about an always-on container: what happened to it, what is decided, what is wrong.

use serde_json::{Map, Value, json};
use sweepd_decide::keep::{KeepEvidence, KeepPolicy, Kept, Sight, Standing, Step, Why};
use sweepd_decide::{Decision, EventKind, RunId, Timestamp};

use super::Found;
use crate::ports::{Expected, Happening};
use crate::report::DecisionReport;
use crate::tend::Tending;

/// So much of what happened to a run is told at the most.
const MOST: usize = 20;

impl Tending<'_> {
    /// Tells that it stands elsewhere than at the look before, with what the runtime remembers of
    /// how that came. `last`: the run that had its name until then.
    pub(super) async fn tell_where(
        &mut self,
        expected: &Expected,
        found: &Found,
        last: Option<RunId>,
        evidence: &KeepEvidence,
    ) {
        let kind = match found.sight {
            Sight::Stopped { .. } => EventKind::ContainerStopped,
            Sight::Missing => EventKind::ContainerMissing,
            Sight::Up | Sight::Renamed => return,
        };
        if !evidence.changed {
            return;
        }
        let ended = found.ended.as_ref();
        let own = ended.map(|ended| ended.run.id.clone()).or_else(|| found.run.clone());
        let last = own.or(last);
        let mut data = Map::from_iter([("name".to_owned(), json!(expected.name))]);
        let code = ended.and_then(|ended| ended.code);
        let inspected = found.inspected.as_ref();
        let code = code.or_else(|| inspected.and_then(|seen| seen.exit_code));
        data.insert("exit_code".to_owned(), json!(code));
        let oom = ended.is_some_and(|ended| ended.oom_killed && !ended.by_us);
        data.insert("oom_killed".to_owned(), json!(oom));
        data.insert("by_us".to_owned(), json!(ended.is_some_and(|ended| ended.by_us)));
        if let Sight::Stopped { restarts } = found.sight {
            data.insert("restart_policy".to_owned(), json!(restarts));
        }
        if let Some(run) = last {
            let history = self.history(&run).await;
            data.insert("run".to_owned(), json!(run));
            data.insert("history".to_owned(), history.iter().map(happening).collect());
        }
        self.turn.event(kind, Value::Object(data));
    }

    /// What the runtime remembers of a run since it was last seen well. Evidence: none is fine.
    async fn history(&mut self, run: &RunId) -> Vec<Happening> {
        let Some(keeper) = self.cx.setup.keeper.clone() else { return Vec::new() };
        let now = self.cx.clock.now();
        let since = now.minus(sweepd_decide::Span::from_mins(60));
        let mut history = self.standing(keeper.history(run, since, now)).await.unwrap_or_default();
        let more = history.len().saturating_sub(MOST);
        history.drain(..more);
        history
    }
}

fn happening(one: &Happening) -> Value {
    let Happening { at, what, exit_code, signal } = one;
    let mut told = Map::from_iter([("at".to_owned(), json!(at.to_string()))]);
    told.insert("what".to_owned(), json!(what));
    for (key, number) in [("exit_code", exit_code), ("signal", signal)] {
        told.extend(number.map(|number| (key.to_owned(), json!(number))));
    }
    Value::Object(told)
}

/// What is decided, in one sentence and with its numbers.
pub(super) fn decision(
    expected: &Expected,
    decision: &Decision<Step, KeepEvidence>,
    paused: bool,
) -> DecisionReport {
    let evidence = &decision.evidence;
    let action = match decision.action {
        Step::Nothing => "ok",
        Step::Wait(_) => "hold",
        Step::Report(_) => "none",
        Step::Start => "start",
        Step::Recreate => "recreate",
    };
    DecisionReport {
        action: action.to_owned(),
        evidence: json!({
            "container": expected.name,
            "standing": evidence.standing,
            "since": evidence.since.to_string(),
            "looks": evidence.looks,
            "attempts": evidence.attempts,
            "not_before": evidence.not_before.map(|at| at.to_string()),
            "last_error": evidence.last_error,
            "sentence": sentence(expected, evidence, decision.action, paused),
        }),
        recheck_at: decision.recheck.at().map(|at| at.to_string()),
    }
}

fn sentence(expected: &Expected, evidence: &KeepEvidence, step: Step, paused: bool) -> String {
    let name = &expected.name;
    let since = evidence.since;
    if evidence.standing == Standing::Up {
        let paused = if paused { "; somebody has paused it" } else { "" };
        return format!("{name} is up, seen so since {since}{paused}");
    }
    format!(
        "{name} {} since {since}: {}",
        stands(evidence.standing),
        next(expected, evidence, step)
    )
}

const fn stands(standing: Standing) -> &'static str {
    match standing {
        Standing::Up => "is up",
        Standing::Stopped => "is stopped",
        Standing::Missing => "is missing",
        Standing::Renamed => "has another name",
    }
}

fn next(expected: &Expected, evidence: &KeepEvidence, step: Step) -> String {
    let policy = &expected.policy;
    let trusted = || evidence.since.plus(policy.trust);
    match step {
        Step::Nothing => "nothing is to be done".to_owned(),
        Step::Start => "it is started".to_owned(),
        Step::Recreate => "it is made anew".to_owned(),
        Step::Wait(why) | Step::Report(why) => match why {
            Why::Confirmation => format!(
                "look {} of {}, {} apart, before it is made anew",
                evidence.looks, policy.looks, policy.apart
            ),
            Why::Settling => {
                "it has only just stopped: whoever removes it is not done yet".to_owned()
            }
            Why::RestartPolicy => {
                format!("its restart policy may bring it back, until {}", trusted())
            }
            Why::Backoff => {
                let at =
                    evidence.not_before.as_ref().map_or_else(String::new, Timestamp::to_string);
                format!("attempt {} is not made before {at}", evidence.attempts.saturating_add(1))
            }
            Why::ByHand => "a person stopped it; `sweepd wake` starts it".to_owned(),
            Why::Compose => {
                "it belongs to a compose project, which is only reported (recreate = \"always\" \
                 makes it anew all the same)"
                    .to_owned()
            }
            Why::Configured if evidence.standing == Standing::Missing => {
                "it is only reported (recreate = \"never\")".to_owned()
            }
            Why::Configured => "it is only reported (on-stopped = \"report\")".to_owned(),
            Why::Renamed => "it lives on, and somebody is at work on it".to_owned(),
        },
    }
}

/// What is wrong with one that is down.
pub(super) fn down(expected: &Expected, evidence: &KeepEvidence, step: Step) -> String {
    format!("{} {}: {}", expected.name, stands(evidence.standing), next(expected, evidence, step))
}

/// What is wrong with one that does not come back, or does not stay.
pub(super) fn failing(policy: &KeepPolicy, evidence: &KeepEvidence) -> String {
    let KeepEvidence { attempts, since, .. } = evidence;
    if evidence.standing == Standing::Up {
        let steady = since.plus(policy.steady);
        return format!(
            "it took {attempts} attempts; up since {since}, it is to stay so until {steady}"
        );
    }
    let how = evidence.last_error.as_ref().map_or_else(
        || "it came back and did not stay".to_owned(),
        |error| format!("the last said: {error}"),
    );
    format!("{attempts} attempts have not brought it back for good; {how}")
}

/// What is wrong after an attempt that failed.
pub(super) fn lacking(kept: &Kept) -> String {
    let error = kept.last_error.as_deref().unwrap_or("no reason is known");
    format!("it cannot be made anew: {error}")
}
