//! What may happen in a scenario: the verbs, read from their words.
//!
//! Doing it is the world's.

use anyhow::{Context as _, Result, bail, ensure};
use sweepd_decide::Span;
use sweepd_sweep::Mode;

use super::settings::{Settings, mode};
use super::text::{Entry, Words};

mod deed;

pub(super) use deed::{Damage, Deed, Label, NewMessage, Null, Signals};

/// Something that happens at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Act {
    /// Line of the file.
    pub(super) line: usize,
    /// Since the start.
    pub(super) at: Span,
    /// What.
    pub(super) what: What,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// One call, as from cron.
    Sweep,
    /// The daemon starts.
    Run,
    /// The daemon is stopped, and with it the scenario ends.
    End,
    /// sweepd is killed amid what it does. Nothing but the state is left of it.
    Kill,
    /// The next sweepd starts in another mode.
    Mode(Mode),
    /// The next time that sweepd gets to this point it is killed there.
    Crash(Point),
    /// Happens right after the next look, before sweepd acts on what it has seen. What an agent
    /// does then happens after the next look at that agent.
    Amid(Box<Self>),
    /// The host is suspended for so long; nothing else happens meanwhile.
    Suspend(Span),
    /// sweepd alone is held up for so long.
    Stall(Span),
    /// The wall clock jumps by so much; negative: back.
    Step(Span),
    /// The state cannot be written, or can again.
    State {
        /// Whether it can.
        writable: bool,
    },
    /// The runtime stops or starts answering.
    Runtime {
        /// Whether it answers.
        up: bool,
    },
    /// Asked this, the runtime does not answer until it is up again.
    Silent(Question),
    /// The source's own host comes or goes.
    Host {
        /// Whether it is alive.
        alive: bool,
    },
    /// How wakes go from now on.
    Wakes {
        /// They start a run.
        succeed: bool,
        /// They remove the stale heartbeat first.
        clear_heartbeat: bool,
    },
    /// An agent, or the host on its queue, does something.
    Agent {
        /// Whose directory it is.
        agent: String,
        /// What is done.
        deed: Deed,
    },
}

impl What {
    /// Whether it happens in the world, and not to sweepd.
    pub(super) const fn is_the_worlds(&self) -> bool {
        match self {
            Self::Suspend(_)
            | Self::Stall(_)
            | Self::Step(_)
            | Self::State { .. }
            | Self::Runtime { .. }
            | Self::Silent(_)
            | Self::Host { .. }
            | Self::Wakes { .. }
            | Self::Agent { .. } => true,
            Self::Sweep
            | Self::Run
            | Self::End
            | Self::Kill
            | Self::Mode(_)
            | Self::Crash(_)
            | Self::Amid(_) => false,
        }
    }
}

/// A point at which sweepd can be killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    /// The intent is committed, the row not yet written.
    BeforeWrite,
    /// The row is written, the intent not yet settled.
    AfterWrite,
    /// The stop is committed, the signal not yet sent.
    BeforeStop,
    /// The run has ended, and nothing of it is on record.
    AfterStop,
    /// The run has started, and nothing of it is on record.
    AfterWake,
}

/// What a runtime is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// To start a run. It starts none.
    Wake,
    /// How a run is.
    Inspect,
    /// What has ended.
    Events,
    /// To stop a run. It stops none.
    Stop,
}

/// Reads everything that happens, in order of time; what is written first comes first.
pub(super) fn read<'a>(
    entries: impl Iterator<Item = &'a Entry<'a>>,
    settings: &Settings,
) -> Result<Vec<Act>> {
    let mut acts = Vec::new();
    for entry in entries {
        let Some(at) = entry.at else { continue };
        let line = entry.line;
        let (what, repeat) = what(entry.words, settings).with_context(|| format!("line {line}"))?;
        acts.push(Act { line, at, what: what.clone() });
        let Some((every, until)) = repeat else { continue };
        let mut next = at.plus(every);
        while next <= until {
            acts.push(Act { line, at: next, what: what.clone() });
            next = next.plus(every);
        }
    }
    acts.sort_by_key(|act| act.at);
    Ok(acts)
}

/// One entry, and how it is repeated: each so often, until then.
fn what(text: &str, settings: &Settings) -> Result<(What, Option<(Span, Span)>)> {
    let mut words = Words::new(text);
    if words.took("amid a look") {
        let (what, repeat) = what_follows(words, settings)?;
        ensure!(repeat.is_none(), "what happens amid a look happens once");
        ensure!(what.is_the_worlds(), "that cannot happen amid a look");
        return Ok((What::Amid(Box::new(what)), None));
    }
    what_follows(words, settings)
}

fn what_follows(mut words: Words<'_>, settings: &Settings) -> Result<(What, Option<(Span, Span)>)> {
    let mut repeat = None;
    let subject = words.word("somebody")?;
    let what = match subject {
        "sweep" => {
            repeat = repeated(&mut words)?;
            What::Sweep
        }
        "run" => What::Run,
        "end" => What::End,
        "kill" => What::Kill,
        "mode" => What::Mode(mode(&mut words)?),
        "crash" => What::Crash(point(&mut words)?),
        "suspend" => What::Suspend(words.span()?),
        "stall" => What::Stall(words.span()?),
        "step" if words.took("back") => What::Step(Span::ZERO.minus(words.span()?)),
        "step" => What::Step(words.span()?),
        "state" => What::State { writable: one_of(&mut words, "writable", "unwritable")? },
        "runtime" if words.took("silent on") => What::Silent(question(&mut words)?),
        "runtime" => What::Runtime { up: one_of(&mut words, "up", "down")? },
        "host" => What::Host { alive: one_of(&mut words, "appears", "goes")? },
        "wakes" => {
            let succeed = one_of(&mut words, "work", "fail")?;
            let clear_heartbeat = !words.took("and leave the heartbeat");
            What::Wakes { succeed, clear_heartbeat }
        }
        agent if settings.agents.iter().any(|known| known == agent) => {
            let deed = Deed::read(&mut words)?;
            if matches!(deed, Deed::Beats { at: None }) {
                repeat = repeated(&mut words)?;
            }
            What::Agent { agent: agent.to_owned(), deed }
        }
        other => bail!(
            "{other:?} is no agent of the header, and none of sweep, run, end, kill, mode, crash, \
             suspend, stall, step, state, runtime, host and wakes"
        ),
    };
    words.end()?;
    Ok((what, repeat))
}

fn repeated(words: &mut Words<'_>) -> Result<Option<(Span, Span)>> {
    if !words.took("every") {
        return Ok(None);
    }
    let every = words.span()?;
    ensure!(every > Span::ZERO, "nothing can be repeated every 0 ms");
    ensure!(words.took("until"), "`every` needs an `until`");
    Ok(Some((every, words.offset()?)))
}

fn point(words: &mut Words<'_>) -> Result<Point> {
    for (text, point) in [
        ("before a write", Point::BeforeWrite),
        ("after a write", Point::AfterWrite),
        ("before a stop", Point::BeforeStop),
        ("after a stop", Point::AfterStop),
        ("after a wake", Point::AfterWake),
    ] {
        if words.took(text) {
            return Ok(point);
        }
    }
    bail!("sweepd crashes before or after a write, before or after a stop, after a wake")
}

fn question(words: &mut Words<'_>) -> Result<Question> {
    Ok(match words.word("a question")? {
        "wakes" => Question::Wake,
        "inspects" => Question::Inspect,
        "events" => Question::Events,
        "stops" => Question::Stop,
        other => bail!("a runtime is silent on wakes, inspects, events or stops, not on {other:?}"),
    })
}

fn one_of(words: &mut Words<'_>, yes: &str, no: &str) -> Result<bool> {
    if words.took(yes) {
        return Ok(true);
    }
    ensure!(words.took(no), "either {yes:?} or {no:?} has to follow");
    Ok(false)
}
