//! The scripts: calm work, and one episode of each fault.

use sweepd_decide::{Span, Timestamp};

use crate::actor::Actor;
use crate::cast::{Fault, Part, Role};
use crate::clock::{now, pause};
use crate::journal::Tally;
use crate::stage::{Episode, Stage};

/// Whatever takes longer than this will not come.
const PATIENCE: Span = Span::from_mins(4);
/// A started agent has read by then how it is to behave.
const READ: Span = Span::from_secs(3);
/// What belongs to an episode is told by then.
const LATE: Span = Span::from_secs(3);
/// So long somebody keeps an agent paused: longer than any tolerance.
const PAUSED: Span = Span::from_secs(45);

/// One agent's part, to the end of the run.
pub(crate) async fn part(stage: &Stage, actor: &Actor, part: &Part) {
    // Thirty at once would be another test.
    stage.rest((0, 6)).await;
    let Role::Faulty(fault, after) = part.role else {
        return calm(stage, actor, part.role, stage.over()).await;
    };
    let mut until = now().plus(Span::from_secs(after));
    loop {
        calm(stage, actor, part.role, until.min(stage.over())).await;
        if !stage.cue(fault).await {
            return;
        }
        episode(stage, actor, fault).await;
        until = now().plus(Span::from_secs(40 + stage.random(80)));
    }
}

/// Messages and answers, at least one.
async fn calm(stage: &Stage, actor: &Actor, role: Role, until: Timestamp) {
    loop {
        let from = stage.journal.borrow().last();
        let more = if matches!(role, Role::Worker) { stage.random(2) } else { 0 };
        for _ in 0..=more {
            let message = stage.send(actor);
            if more == 0 {
                settled(stage, actor, from, &message).await;
            }
            pause(Span::from_millis(300)).await;
        }
        let all = usize::try_from(more + 1).unwrap();
        let done = || stage.journal.borrow().tally(&actor.id, from).get("completed") >= Some(&all);
        if !stage.until(PATIENCE, done).await {
            stage.complain(actor, "not all messages were completed");
        }
        if now() >= until {
            return;
        }
        stage.rest(role.pace()).await;
        if now() >= until {
            return;
        }
    }
}

async fn settled(stage: &Stage, actor: &Actor, from: i64, message: &str) {
    let settled = || stage.journal.borrow().is_settled(&actor.id, from, message);
    if !stage.until(PATIENCE, settled).await {
        stage.complain(actor, &format!("{message} is not settled"));
    }
}

/// Waits until a word was said about an agent.
async fn told(stage: &Stage, actor: &Actor, from: i64, word: &str) {
    let told = || stage.journal.borrow().tally(&actor.id, from).contains_key(word);
    if !stage.until(PATIENCE, told).await {
        stage.complain(actor, &format!("in vain: {word}"));
    }
}

/// One fault, from the first bad start to the answer of a healthy heir.
async fn episode(stage: &Stage, actor: &Actor, fault: Fault) {
    let (began, from) = (now(), stage.journal.borrow().last());
    let mut called_for = Tally::new();
    for word in fault.calls_for() {
        *called_for.entry((*word).to_owned()).or_default() += 1;
    }
    // How it behaves is read at its start.
    remove(stage, actor, &mut called_for).await;
    actor.direct(fault.words());
    if fault == Fault::GarbageDatabase {
        garbage(stage, actor, from).await;
    } else {
        act(stage, actor, fault, from, &mut called_for).await;
    }
    actor.calm_down();
    pause(LATE).await;
    let journal = stage.journal.borrow();
    let (events, told) = ((from, journal.last()), journal.tally(&actor.id, from));
    let told: Tally =
        told.into_iter().filter(|(word, _)| !fault.may_tell().contains(&word.as_str())).collect();
    let (agent, ended) = (actor.id.clone(), now());
    let episode = Episode { fault, agent, began, ended, events, called_for, told };
    stage.episodes.borrow_mut().push(episode);
}

async fn act(stage: &Stage, actor: &Actor, fault: Fault, from: i64, called_for: &mut Tally) {
    let before = now();
    let message = stage.send(actor);
    let up = || stage.timeline.borrow().started(&actor.id, before).is_some();
    if !stage.until(PATIENCE, up).await {
        stage.complain(actor, "not woken");
    }
    match fault {
        Fault::BootCrash | Fault::QuitAtOnce => {
            // Its heir is well, however soon it comes.
            let died = || stage.timeline.borrow().died(&actor.id, before).is_some();
            if !stage.until(PATIENCE, died).await {
                stage.complain(actor, "it did not die");
            }
            actor.calm_down();
            told(stage, actor, from, fault.calls_for()[0]).await;
        }
        Fault::FailAck | Fault::FutureBeat => {
            settled(stage, actor, from, &message).await;
            for word in fault.calls_for() {
                told(stage, actor, from, word).await;
            }
            actor.calm_down();
            remove(stage, actor, called_for).await;
        }
        Fault::LockedDatabase => {
            told(stage, actor, from, "opened: unreadable").await;
            actor.calm_down();
            remove(stage, actor, called_for).await;
        }
        Fault::RemovedByHand | Fault::PausedByHand => {
            if !stage.until(PATIENCE, || actor.has_claimed(&message)).await {
                stage.complain(actor, "no claim");
            }
            pause(READ).await;
            actor.calm_down();
            if fault == Fault::RemovedByHand {
                stage.remove(actor).await;
            } else {
                put_aside(stage, actor).await;
            }
        }
        Fault::GarbageDatabase
        | Fault::HangAfterClaim
        | Fault::HangAfterBeat
        | Fault::Silent
        | Fault::NeverStart
        | Fault::IgnoreTerm
        | Fault::DieWithClaim => {
            pause(READ).await;
            actor.calm_down();
        }
    }
    settled(stage, actor, from, &message).await;
}

/// Nothing runs; its own database cannot be read, although work is due; then it can again.
async fn garbage(stage: &Stage, actor: &Actor, from: i64) {
    let whole = actor.spoil();
    let began = now();
    told(stage, actor, from, "opened: unreadable").await;
    let message = stage.send(actor);
    pause(Span::from_secs(8)).await;
    if stage.timeline.borrow().started(&actor.id, began).is_some() {
        stage.complain(actor, "woken although its database cannot be read");
    }
    actor.mend(&whole);
    settled(stage, actor, from, &message).await;
}

/// Somebody removes what runs for an agent; then it has died, and that is told once more.
async fn remove(stage: &Stage, actor: &Actor, called_for: &mut Tally) {
    let from = stage.journal.borrow().last();
    if stage.remove(actor).await {
        *called_for.entry("died: 137".to_owned()).or_default() += 1;
        // With which code is for the verdict to say.
        let died = || {
            let tally = stage.journal.borrow().tally(&actor.id, from);
            tally.keys().any(|word| word.starts_with("died"))
        };
        if !stage.until(PATIENCE, died).await {
            stage.complain(actor, "its end by hand is not told");
        }
    }
}

async fn put_aside(stage: &Stage, actor: &Actor) {
    let Some(up) = stage.timeline.borrow().up(&actor.id).map(str::to_owned) else { return };
    if !stage.docker(&["pause", &up]).await {
        stage.complain(actor, "cannot be paused");
    }
    pause(PAUSED).await;
    if !stage.docker(&["unpause", &up]).await {
        stage.complain(actor, "cannot be unpaused");
    }
}
