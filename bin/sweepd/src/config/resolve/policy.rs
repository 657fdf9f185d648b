//! Reads the keys of a policy into changes.

use sweepd_decide::{IdleStop, Span};

use super::value;
use crate::config::file::{PolicyFile, SpanText};
use crate::config::finding::Findings;
use crate::config::policy::{Change, NEVER, PROFILES, SILENCE_ACTIONS, UNSET};

/// The changes a table makes; it stands at `at`.
pub(super) fn changes(file: &PolicyFile, at: &str, findings: &mut Findings) -> Vec<Change> {
    let PolicyFile {
        profile,
        ceiling,
        claim_tolerance,
        declared_cap,
        declared_grace,
        skew,
        silence,
        silence_action,
        start_deadline,
        never_beat,
        unclaimed,
        hard_cap,
        idle_stop,
        confirmations,
        confirmation_gap,
        retry,
        wake_backoff,
        poison,
    } = file;
    let mut reader = Reader { at, findings, changes: Vec::new() };
    reader.choice("profile", profile.as_deref(), &PROFILES, Change::Profile);
    reader.span("ceiling", ceiling.as_ref(), Change::Ceiling);
    reader.span("claim-tolerance", claim_tolerance.as_ref(), Change::ClaimTolerance);
    reader.span_or_none("declared-cap", declared_cap.as_ref(), Change::DeclaredCap);
    reader.span_or_none("declared-grace", declared_grace.as_ref(), Change::DeclaredGrace);
    reader.span_or_none("skew", skew.as_ref(), Change::Skew);
    reader.limit("silence", silence.as_ref(), Change::Silence);
    let silence_action = silence_action.as_deref();
    reader.choice("silence-action", silence_action, &SILENCE_ACTIONS, Change::SilenceAction);
    reader.limit("start-deadline", start_deadline.as_ref(), Change::StartDeadline);
    reader.limit("never-beat", never_beat.as_ref(), Change::NeverBeat);
    reader.limit("unclaimed", unclaimed.as_ref(), Change::Unclaimed);
    reader.limit("hard-cap", hard_cap.as_ref(), Change::HardCap);
    reader.idle_stop(idle_stop.as_ref());
    reader.count("confirmations", *confirmations, 1, Change::Confirmations);
    reader.span_or_none("confirmation-gap", confirmation_gap.as_ref(), Change::ConfirmationGap);
    reader.tries(retry.max_tries);
    reader.span("retry.base", retry.base.as_ref(), Change::RetryBase);
    reader.cap("retry.cap", retry.cap.as_ref(), Change::RetryCap);
    reader.span("wake-backoff.base", wake_backoff.base.as_ref(), Change::WakeBase);
    reader.cap("wake-backoff.cap", wake_backoff.cap.as_ref(), Change::WakeCap);
    reader.count("poison.deaths", poison.deaths, 0, Change::PoisonDeaths);
    reader.span("poison.window", poison.window.as_ref(), Change::PoisonWindow);
    reader.span("poison.base", poison.base.as_ref(), Change::PoisonBase);
    reader.cap("poison.cap", poison.cap.as_ref(), Change::PoisonCap);
    reader.changes
}

struct Reader<'a> {
    at: &'a str,
    findings: &'a mut Findings,
    changes: Vec<Change>,
}

impl Reader<'_> {
    fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.at)
    }

    fn choice<T: Copy>(
        &mut self,
        key: &str,
        text: Option<&str>,
        names: &[(&str, T)],
        change: fn(T) -> Change,
    ) {
        let value = value::choice(&self.path(key), text, names, self.findings);
        self.changes.extend(value.map(change));
    }

    /// More than nothing.
    fn span(&mut self, key: &str, text: Option<&SpanText>, change: fn(Span) -> Change) {
        let span = value::some_span(&self.path(key), text, self.findings);
        self.changes.extend(span.map(change));
    }

    /// Nothing is fine too.
    fn span_or_none(&mut self, key: &str, text: Option<&SpanText>, change: fn(Span) -> Change) {
        let span = value::span(&self.path(key), text, self.findings);
        self.changes.extend(span.map(change));
    }

    /// More than nothing, or `never`.
    fn limit(&mut self, key: &str, text: Option<&SpanText>, change: fn(Option<Span>) -> Change) {
        let path = self.path(key);
        let limit = value::span_or(&path, text, &[(NEVER, None)], Some, self.findings);
        self.changes.extend(limit.map(change));
    }

    /// More than nothing, or `never`: without end.
    fn cap(&mut self, key: &str, text: Option<&SpanText>, change: fn(Span) -> Change) {
        let path = self.path(key);
        let cap = value::span_or(&path, text, &[(NEVER, Span::MAX)], |span| span, self.findings);
        self.changes.extend(cap.map(change));
    }

    fn idle_stop(&mut self, text: Option<&SpanText>) {
        let words = [(NEVER, IdleStop::Never), (UNSET, IdleStop::Unset)];
        let path = self.path("idle-stop");
        let limit = value::span_or(&path, text, &words, IdleStop::After, self.findings);
        self.changes.extend(limit.map(Change::IdleStop));
    }

    fn count(&mut self, key: &str, number: Option<i64>, least: u32, change: fn(u32) -> Change) {
        let count = value::whole(&self.path(key), number, least..=1000, self.findings);
        self.changes.extend(count.map(change));
    }

    fn tries(&mut self, number: Option<i64>) {
        let path = self.path("retry.max-tries");
        let tries = value::whole(&path, number, 1..=1_000_000_i64, self.findings);
        self.changes.extend(tries.map(Change::MaxTries));
    }
}
