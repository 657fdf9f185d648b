//! Which stops are due at one instant, and what is wrong without one?
//!
//! Every rule is asked, in order of precedence; which of them decides is not said here.

use sweepd_decide::stuck::Rule;
use sweepd_decide::{IdleStop, SilenceAction, Span};

use super::ExpectedFinding;
use super::facts::{Acked, Facts, Open};

/// A stop that is due.
pub(super) struct Stop<'a> {
    pub(super) rule: Rule,
    pub(super) claim: Option<&'a sweepd_decide::Claim>,
    pub(super) idle: bool,
    pub(super) since: i128,
    pub(super) limit: i128,
    pub(super) budget_end: Option<i128>,
    pub(super) overdue_at: i128,
}

/// Every stop that is due, by rule, then in input order.
pub(super) fn stops<'a>(facts: &Facts<'a>) -> Vec<Stop<'a>> {
    let Some(start) = facts.start else { return Vec::new() };
    let mut due = Vec::new();
    due.extend(ceiling(facts, start));
    due.extend(claim(facts, start));
    if facts.policy.silence_action == SilenceAction::Stop {
        due.extend(silence(facts, start));
    }
    due.extend(start_deadline(facts, start));
    due.extend(never_beat(facts, start));
    due.extend(measure(facts, Rule::HardCap, start, facts.policy.hard_cap, None));
    for stop in &mut due {
        let may_be_idle = matches!(stop.rule, Rule::Ceiling | Rule::NeverBeat | Rule::HardCap);
        stop.idle = may_be_idle && facts.idle();
    }
    due
}

/// Every finding, in the order of the vectors.
pub(super) fn findings(facts: &Facts<'_>) -> Vec<ExpectedFinding> {
    let suspicious = facts.heartbeat.and_then(|beat| beat.suspicious_since);
    let suspicious = suspicious.map(|since| finding("clock-suspicious", None, since));
    let silent = match (facts.start, facts.policy.silence_action) {
        (Some(start), SilenceAction::Warn) => silence(facts, start).into_iter().next(),
        (Some(_) | None, SilenceAction::Stop) | (None, SilenceAction::Warn) => None,
    };
    let silent = silent.map(|stop| {
        let id = stop.claim.map(|claim| claim.message_id.as_str());
        finding("in-claim-silence", id, stop.since)
    });
    let stalled = facts.start.and_then(|start| unclaimed(facts, start));
    suspicious.into_iter().chain(silent).chain(stalled).collect()
}

fn ceiling<'a>(facts: &Facts<'a>, start: i128) -> Option<Stop<'a>> {
    let limit = idle_limit(facts, Some(facts.policy.ceiling));
    lifeless(facts, start, Rule::Ceiling, limit).filter(|_| has_beaten(facts) == Some(true))
}

fn never_beat<'a>(facts: &Facts<'a>, start: i128) -> Option<Stop<'a>> {
    let limit = idle_limit(facts, facts.policy.never_beat);
    lifeless(facts, start, Rule::NeverBeat, limit).filter(|_| has_beaten(facts) == Some(false))
}

fn lifeless<'a>(
    facts: &Facts<'a>,
    start: i128,
    rule: Rule,
    limit: Option<Span>,
) -> Option<Stop<'a>> {
    facts.tool?;
    measure(facts, rule, facts.last_life(start)?, limit, facts.budget_end(start))
}

fn has_beaten(facts: &Facts<'_>) -> Option<bool> {
    facts.heartbeat.map(|beat| beat.at.is_some())
}

/// The limit of an idle agent, where it has one of its own.
fn idle_limit(facts: &Facts<'_>, otherwise: Option<Span>) -> Option<Span> {
    match facts.policy.idle_stop {
        IdleStop::After(limit) if facts.idle() => Some(limit),
        IdleStop::Never if facts.idle() => None,
        IdleStop::After(_) | IdleStop::Never | IdleStop::Unset => otherwise,
    }
}

fn claim<'a>(facts: &Facts<'a>, start: i128) -> Vec<Stop<'a>> {
    per_claim(facts, |open, t, beat| {
        let alive = beat.is_some_and(|beat| beat > t + 999);
        let limit = (!alive).then_some(facts.policy.claim_tolerance);
        let budget = facts.budget_end(start);
        let stop = measure(facts, Rule::Claim, t.max(start), limit, budget)?;
        Some(Stop { claim: Some(open.claim), ..stop })
    })
}

fn silence<'a>(facts: &Facts<'a>, start: i128) -> Vec<Stop<'a>> {
    per_claim(facts, |open, t, beat| {
        let since = t.max(start).max(beat.unwrap_or(start));
        let budget = facts.budget_end(start);
        let stop = measure(facts, Rule::Silence, since, facts.policy.silence, budget)?;
        Some(Stop { claim: Some(open.claim), ..stop })
    })
}

/// Asks for each claim whose time can be read, with the heartbeat that is believed.
fn per_claim<'a>(
    facts: &Facts<'a>,
    ask: impl Fn(&Open<'a>, i128, Option<i128>) -> Option<Stop<'a>>,
) -> Vec<Stop<'a>> {
    let (Some(beat), Some(_), Some(claims)) = (facts.heartbeat, facts.tool, &facts.claims) else {
        return Vec::new();
    };
    claims.iter().filter_map(|open| ask(open, open.t?, beat.at)).collect()
}

fn start_deadline<'a>(facts: &Facts<'a>, start: i128) -> Option<Stop<'a>> {
    let beaten = has_beaten(facts)?;
    let claimed = facts.claims.as_ref()?.iter().any(|open| !open.void);
    let acked = match facts.ack? {
        Acked::Never => false,
        Acked::Unreadable => true,
        Acked::At { void, .. } => !void,
    };
    let oldest = facts.due.as_ref()?.iter().map(|(at, _)| *at).min()?;
    if beaten || claimed || acked {
        return None;
    }
    measure(facts, Rule::Start, oldest.max(start), facts.policy.start_deadline, None)
}

fn unclaimed(facts: &Facts<'_>, start: i128) -> Option<ExpectedFinding> {
    let claims = facts.claims.as_ref()?;
    let (oldest, first) = facts.due.as_ref()?.iter().min()?;
    let taken = |id: &str| claims.iter().any(|o| !o.void && o.claim.message_id.as_str() == id);
    if facts.due.as_ref()?.iter().any(|(at, id)| at == oldest && taken(id)) {
        return None;
    }
    let since = (*oldest).max(start);
    let limit = i128::from(facts.policy.unclaimed?.as_millis());
    let overdue = facts.now > since + limit + facts.slept(since);
    overdue.then(|| finding("not-progressing", Some(first), since))
}

/// A stop by `rule`, if it is due by now; a rule without a limit is off.
fn measure<'a>(
    facts: &Facts<'a>,
    rule: Rule,
    since: i128,
    limit: Option<Span>,
    budget_end: Option<i128>,
) -> Option<Stop<'a>> {
    let limit = i128::from(limit?.as_millis());
    let plain = since + limit + facts.slept(since);
    let last_allowed = budget_end.map_or(plain, |end| end.max(plain));
    let overdue_at = last_allowed + 1;
    (facts.now > last_allowed).then_some(Stop {
        rule,
        claim: None,
        idle: false,
        since,
        limit,
        budget_end,
        overdue_at,
    })
}

fn finding(kind: &'static str, message_id: Option<&str>, since: i128) -> ExpectedFinding {
    ExpectedFinding { kind, message_id: message_id.map(str::to_owned), since: super::narrow(since) }
}
