//! Was anything worked on and never answered, and does what is said reach anybody?

use std::time::Duration;

use serde_json::{Value, json};
use sweepd_decide::incident::AGED_OUT;
use sweepd_decide::silent::{
    self, ANSWERED, Hearing, KeptLine, MayBeSilent, SessionTalk, Silent, Talk, all_silent, ended,
    undelivered,
};
use sweepd_decide::{Ended, EventKind, Finding, FindingKind, RunId, Severity, Timestamp, Written};
use sweepd_signs::heard;
use tokio::time::timeout;

use super::Tending;
use crate::clean::clean;
use crate::ports::{Exchange, SessionFacts};
use crate::redact::redact;
use crate::setup::{Silence, SilenceRule};
use crate::turn::Graded;

/// So long its log is waited for.
const WITHIN: Duration = Duration::from_secs(2);
/// So many of its last lines are read.
const LINES: usize = 200;
/// So many messages are named.
const NAMED: usize = 20;
/// So many outputs that reach nobody are remembered.
const UNHEARD: usize = 100;

impl Tending<'_> {
    /// Hears what was said, if that is due, and finds whatever is silent. `run` is what runs, where it
    /// is one; `over` what has just ended, whose log goes with it.
    pub(super) async fn hear(
        &mut self,
        facts: &SessionFacts,
        up: bool,
        run: Option<&RunId>,
        over: Option<&Ended>,
    ) {
        let Some(mut silence) = self.cx.setup.silence.clone() else {
            if self.turn.is_open(FindingKind::SilentFailure) {
                let how = "it is not looked for any more".to_owned();
                self.turn.over.push((FindingKind::SilentFailure, how));
            }
            return;
        };
        // Where that cannot be read, people hear once more of what they know.
        let expected = self.cx.ledger.state().expected(self.agent()).await.unwrap_or_default();
        let is_new = self.turn.memory.hearing.expected != expected;
        let series = expected.iter().cloned().map(MayBeSilent::Series);
        silence.policy.may_be_silent.extend(series);
        let ack = facts.last_ack.known().and_then(Written::raw).map(str::to_owned);
        let shown = (ack.as_deref(), up);
        let due = over.is_some()
            || is_new
            || !self.cx.daemon
            || self.turn.memory.hearing.is_due(shown, silence.every, self.now);
        if due {
            let horizon = Hearing::horizon(silence.policy.window, self.now);
            let heard = self.cx.setup.source.exchange(self.agent(), horizon);
            let heard = timeout(self.cx.options.agent_budget, heard).await;
            let hearing = &mut self.turn.memory.hearing;
            match heard {
                Ok(Ok(Some(exchange))) => {
                    hearing.shown = Some((ack, up));
                    hearing.expected = expected;
                    hearing.at = Some(self.now);
                    hearing.unread = None;
                    // That of one that is over was listened to when that was seen.
                    if let Some(run) = run.filter(|_| over.is_none()) {
                        self.listen(&run.clone(), horizon).await;
                    }
                    self.weigh(&silence, exchange, facts, up, horizon);
                }
                // It talks to nobody of ours.
                Ok(Ok(None)) => return,
                // What was found before stands.
                Ok(Err(error)) => hearing.unheard(error.chain(), self.now),
                Err(_) => hearing.unheard("it took too long".to_owned(), self.now),
            }
        }
        self.find_silence(&silence);
        if let Some(why) = self.turn.memory.hearing.cannot_be_heard(self.now) {
            let why = format!("nobody can tell whether it is silent: {}", clean(why));
            self.find(FindingKind::Unreadable, why);
        }
    }

    /// Takes note of the log of a run that has ended.
    pub(super) async fn listen_last(&mut self, ended: &Ended) {
        let Some(silence) = &self.cx.setup.silence else { return };
        let horizon = Hearing::horizon(silence.policy.window, self.now);
        self.listen(&ended.run.id.clone(), horizon).await;
    }

    /// Takes note of its log. That there is none to be had is no news: then the rows tell alone.
    pub(super) async fn listen(&mut self, run: &RunId, horizon: Timestamp) {
        let log = timeout(WITHIN, self.cx.fleet.runtime().dated_logs(run, LINES)).await;
        let Ok(Ok(log)) = log else { return };
        let heard = heard(&log);
        let hearing = &mut self.turn.memory.hearing;
        let kept = |one: sweepd_signs::RunnerLine| KeptLine {
            line: one.line,
            excerpt: redact(&clean(&one.excerpt)),
            until: one.reset_at,
        };
        hearing.listen(heard.lines.into_iter().map(kept).collect(), horizon);
        hearing.let_through.extend(heard.let_through);
    }

    fn weigh(
        &mut self,
        silence: &Silence,
        exchange: Exchange,
        facts: &SessionFacts,
        is_up: bool,
        horizon: Timestamp,
    ) {
        let Exchange { mut asked, outputs, statuses, uttered, .. } = exchange;
        let stamps: Vec<Timestamp> = asked.iter().filter_map(|asked| asked.acked_at).collect();
        let hearing = &mut self.turn.memory.hearing;
        hearing.acknowledge(&mut asked, horizon);
        let unheard = undelivered(&uttered, silence.policy.window, self.now);
        let named = unheard.action.iter().take(UNHEARD).map(|one| one.id.clone());
        hearing.undelivered = named.collect();
        let mut until = unheard.recheck;
        match silence.rule {
            SilenceRule::PerMessage => {
                let claims = !facts.queue.claims.is_empty();
                let tool = facts.tool.known().is_some_and(|tool| tool.name.is_some());
                let talk = Talk {
                    is_up,
                    is_at_work: claims || tool,
                    beat_at: facts.heartbeat.known().copied(),
                    asked,
                    outputs,
                    log: hearing.log.iter().map(|kept| kept.line).collect(),
                };
                let answer = silent::reported(&silence.policy, &talk, &hearing.silent, self.now);
                until = until.sooner(answer.recheck);
                self.reported(silence, answer.action);
            }
            SilenceRule::PerSession => {
                let outputs = outputs.into_iter().map(|output| output.at).chain(statuses);
                // While it is up it is not judged: what was silent before stays so until it speaks.
                let talk = SessionTalk { is_up: false, acks: stamps, outputs: outputs.collect() };
                let answer = all_silent(&talk, silence.policy.window, self.now);
                until = until.sooner(answer.recheck);
                let since = if is_up { hearing.silent_since } else { answer.evidence };
                hearing.silent_since = since.filter(|_| answer.action);
                // Where the acknowledgement still counts, it is an output that makes it no silence.
                let counts = |ack: Timestamp| self.now <= ack.plus(silence.policy.window);
                let spoke = answer.evidence.is_some_and(counts);
                if self.turn.memory.hearing.silent_since.is_none()
                    && self.turn.is_open(FindingKind::SilentFailure)
                {
                    let how = if spoke { ANSWERED } else { AGED_OUT };
                    self.turn.over.push((FindingKind::SilentFailure, how.to_owned()));
                }
            }
        }
        self.turn.memory.hearing.until = until.at();
    }

    /// What the rule reports now: what is new is told as it happens, and what is over is over.
    fn reported(&mut self, silence: &Silence, now: Vec<Silent>) {
        let before = std::mem::take(&mut self.turn.memory.hearing.silent);
        let how = ended(&silence.policy, &before, &now, self.now);
        let is_open = now.iter().any(|silent| !silent.is_answered_since);
        if let Some(how) = how {
            self.turn.memory.hearing.inquiry = None;
            self.turn.over.push((FindingKind::SilentFailure, how.to_owned()));
        }
        for silent in &now {
            let known = before.iter().any(|known| known.message_id == silent.message_id);
            if !known && is_open {
                self.turn.event(EventKind::SilentFailure, told(silent));
            }
        }
        self.turn.memory.hearing.silent = now;
    }

    /// Finds what was reported last.
    fn find_silence(&mut self, silence: &Silence) {
        let hearing = &self.turn.memory.hearing;
        let unheard: Vec<Finding> = hearing
            .undelivered
            .first()
            .map(|first| Finding {
                kind: FindingKind::Undelivered,
                message_id: Some(first.clone()),
                since: hearing.at.unwrap_or(self.now),
                detail: Some(others(hearing.undelivered.len())),
            })
            .into_iter()
            .collect();
        let open: Vec<&Silent> =
            hearing.silent.iter().filter(|silent| !silent.is_answered_since).collect();
        let graded = match silence.rule {
            SilenceRule::PerMessage => per_message(&open, hearing),
            SilenceRule::PerSession => hearing.silent_since.map(per_session),
        };
        let is_open = self.turn.is_open(FindingKind::SilentFailure);
        let ends = self.turn.over.iter().any(|(kind, _)| *kind == FindingKind::SilentFailure);
        if graded.is_none() && is_open && !ends && hearing.at.is_some() {
            self.turn.memory.hearing.inquiry = None;
            self.turn.over.push((FindingKind::SilentFailure, AGED_OUT.to_owned()));
        }
        self.turn.graded.extend(graded);
        self.found(unheard);
    }
}

fn others(count: usize) -> String {
    if count == 1 { "not within ten minutes".to_owned() } else { format!("and {} more", count - 1) }
}

/// The silent messages of a session as one finding.
fn per_message(open: &[&Silent], hearing: &Hearing) -> Option<Graded> {
    let worst = open.iter().max_by_key(|silent| (silent.severity, silent.acked_at))?;
    let since = open.iter().map(|silent| silent.acked_at).min()?;
    let line =
        hearing.log.iter().rfind(|kept| kept.line.sign.is_some() && !kept.excerpt.is_empty());
    let excerpt = line.filter(|_| worst.sign.is_some()).map(|kept| kept.excerpt.clone());
    let named: Vec<&str> = open.iter().take(3).map(|silent| silent.message_id.as_str()).collect();
    let many = open.len().saturating_sub(named.len());
    let more = if many > 0 { format!(" and {many} more") } else { String::new() };
    let cause = match (worst.sign, &excerpt) {
        (Some(sign), Some(excerpt)) => format!(" ({}: {excerpt})", sign.as_str()),
        (Some(sign), None) => format!(" ({})", sign.as_str()),
        (None, _) => String::new(),
    };
    let detail = format!("{}{more}{cause}", named.join(", "));
    let evidence = json!({
        "rule": "per-message",
        "messages": open.iter().take(NAMED).map(|silent| told(silent)).collect::<Vec<_>>(),
        "count": open.len(),
        "sign": worst.sign,
        "log": excerpt,
    });
    let kind = FindingKind::SilentFailure;
    let finding = Finding { kind, message_id: None, since, detail: Some(detail) };
    Some(Graded { finding, severity: worst.severity, evidence })
}

fn per_session(acked_at: Timestamp) -> Graded {
    let detail = Some("it acknowledged messages and said nothing at all".to_owned());
    let kind = FindingKind::SilentFailure;
    let finding = Finding { kind, message_id: None, since: acked_at, detail };
    let evidence = json!({ "rule": "per-session", "acked_at": acked_at.to_string() });
    Graded { finding, severity: Severity::Warning, evidence }
}

/// A silent message, as events and evidence have it.
fn told(silent: &Silent) -> Value {
    json!({
        "message_id": clean(silent.message_id.as_str()),
        "series": clean(&silent.series),
        "severity": silent.severity,
        "because": silent.because,
        "sign": silent.sign,
        "began_at": silent.begin.to_string(),
        "acked_at": silent.acked_at.to_string(),
    })
}
