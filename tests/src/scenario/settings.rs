//! The header of a scenario: who is watched, under which policy, in which mode and zone.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use sweepd_decide::{AgentId, IdleStop, Policy, SilenceAction, Span, Timestamp, parse_utc};
use sweepd_schedule::Zone;
use sweepd_sweep::{AgentRules, Mode};

use super::text::{Entry, Words};

/// Source and group that every agent of a scenario belongs to.
pub(super) const PREFIX: &str = "nanoclaw/ag/";

/// What holds for a whole scenario.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// When `+00:00` is.
    pub(super) start: Timestamp,
    /// The agents, in the order of the header.
    pub(super) agents: Vec<String>,
    /// The zones in which the scenario is played: each must come out the same.
    pub(super) zones: Vec<Zone>,
    /// How far sweepd goes.
    pub(super) mode: Mode,
    /// Nothing is written.
    pub(super) dry_run: bool,
    /// The host was built without its own sweep.
    pub(super) sole_sweeper: bool,
    /// Agents are woken; else the wake kind is `none`.
    pub(super) wakes: bool,
    /// The journal's changed decisions are part of the timeline.
    pub(super) decisions: bool,
    /// Limits of everybody, and of single agents.
    pub(super) policies: Policies,
}

/// The limits of everybody, and of single agents.
#[derive(Debug, Clone)]
pub(super) struct Policies {
    all: Policy,
    of: BTreeMap<AgentId, Policy>,
}

impl Settings {
    /// Reads the header: the entries without a time.
    pub(super) fn read<'a>(header: impl Iterator<Item = &'a Entry<'a>>) -> Result<Self> {
        let mut settings = Self {
            start: Timestamp::from_millis(1_795_341_600_000), // 2026-11-22T10:00:00Z, a Sunday
            agents: Vec::new(),
            zones: Vec::new(),
            mode: Mode::Enforce,
            dry_run: false,
            sole_sweeper: false,
            wakes: true,
            decisions: false,
            policies: Policies { all: Policy::default(), of: BTreeMap::new() },
        };
        for entry in header {
            let line = entry.line;
            settings.take(entry.words).with_context(|| format!("line {line}"))?;
        }
        ensure!(!settings.agents.is_empty(), "the header names no agents");
        if settings.zones.is_empty() {
            settings.zones.push(Zone::utc());
        }
        Ok(settings)
    }

    fn take(&mut self, text: &str) -> Result<()> {
        let mut words = Words::new(text);
        match words.word("a setting")? {
            "start" => {
                let at = words.word("an instant")?;
                self.start = parse_utc(at).with_context(|| format!("{at:?} is no instant"))?;
            }
            "agents" => {
                while let Some(agent) = words.maybe() {
                    self.agents.push(agent.to_owned());
                }
            }
            "zone" => {
                while let Some(zone) = words.maybe() {
                    self.zones.push(Zone::parse(zone)?);
                }
            }
            "mode" => self.mode = mode(&mut words)?,
            "dry-run" => self.dry_run = true,
            "sole-sweeper" => self.sole_sweeper = true,
            "without" if words.took("wakes") => self.wakes = false,
            "decisions" => self.decisions = true,
            "policy" => {
                let whom = self.agents.iter().find(|agent| words.took(agent));
                let whom = whom.map(|agent| AgentId::new(format!("{PREFIX}{agent}")));
                self.policies.take(whom, words)?;
                return Ok(());
            }
            other => bail!(
                "{other:?} is no setting; there are start, agents, zone, mode, dry-run, \
                 sole-sweeper, without wakes, decisions and policy, and everything else needs a time"
            ),
        }
        words.end()
    }
}

/// Reads the name of a mode.
pub(super) fn mode(words: &mut Words<'_>) -> Result<Mode> {
    Ok(match words.word("a mode")? {
        "observe" => Mode::Observe,
        "assist" => Mode::Assist,
        "enforce" => Mode::Enforce,
        other => bail!("{other:?} is no mode"),
    })
}

impl Policies {
    fn take(&mut self, whom: Option<AgentId>, mut words: Words<'_>) -> Result<()> {
        let policy = match whom {
            None => &mut self.all,
            Some(agent) => self.of.entry(agent).or_insert_with(|| self.all.clone()),
        };
        while let Some(key) = words.maybe() {
            set(policy, key, &mut words).with_context(|| format!("policy {key:?}"))?;
        }
        Ok(())
    }
}

fn set(policy: &mut Policy, key: &str, words: &mut Words<'_>) -> Result<()> {
    match key {
        "standard" => *policy = Policy::default(),
        "nanoclaw" => *policy = Policy::nanoclaw(),
        "ceiling" => policy.ceiling = words.span()?,
        "claim" => policy.claim_tolerance = words.span()?,
        "cap" => policy.declared_cap = words.span()?,
        "grace" => policy.declared_grace = words.span()?,
        "skew" => policy.skew = words.span()?,
        "silence" => {
            policy.silence_action =
                if words.took("stop") { SilenceAction::Stop } else { SilenceAction::Warn };
            policy.silence = span_or_off(words)?;
        }
        "start" => policy.start_deadline = span_or_off(words)?,
        "never-beat" => policy.never_beat = span_or_off(words)?,
        "unclaimed" => policy.unclaimed = span_or_off(words)?,
        "hard-cap" => policy.hard_cap = span_or_off(words)?,
        "idle-stop" if words.took("never") => policy.idle_stop = IdleStop::Never,
        "idle-stop" => policy.idle_stop = IdleStop::After(words.span()?),
        "confirmations" => policy.confirmations = u32::try_from(words.number()?)?,
        "max-tries" => policy.retry.max_tries = words.number()?,
        other => bail!(
            "{other:?} is no limit; there are standard, nanoclaw, ceiling, claim, cap, grace, \
             skew, silence, start, never-beat, unclaimed, hard-cap, idle-stop, confirmations and \
             max-tries"
        ),
    }
    Ok(())
}

fn span_or_off(words: &mut Words<'_>) -> Result<Option<Span>> {
    if words.took("off") { Ok(None) } else { words.span().map(Some) }
}

impl AgentRules for Policies {
    fn policy(&self, agent: &AgentId) -> Policy {
        self.of.get(agent).unwrap_or(&self.all).clone()
    }

    fn mode(&self, _agent: &AgentId) -> Option<Mode> {
        None
    }
}
