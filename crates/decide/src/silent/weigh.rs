//! Which turns are over, which of their messages are silent, and how bad is that?

use alloc::vec::Vec;

use super::turns::{Member, Turn};
use super::{Because, LogLine, Role, SilencePolicy, Silent, Talk, Weighed};
use crate::finding::Severity;
use crate::id::MessageId;
use crate::time::{Span, Timestamp};

/// A turn is over when nothing has moved for so long.
const CALM: Span = Span::from_mins(5);
/// A turn is over so long after its end; and is overtaken by one that begins before that.
pub(super) const SOON: Span = Span::from_mins(15);
/// So many silent turns in a row, up to the last, are no chance.
const ROW: usize = 2;
/// The next turn answered for this one if it has so many outputs.
const TWO: usize = 2;

/// The silent messages at an instant, and how much was weighed.
pub(super) fn weigh(
    policy: &SilencePolicy,
    talk: &Talk,
    turns: &[Turn<'_>],
    now: Timestamp,
) -> (Vec<Silent>, Weighed) {
    let moved = moved(talk, turns);
    let mut weighed = Weighed { turns: turns.len(), ..Weighed::default() };
    let over: Vec<usize> =
        (0..turns.len()).filter(|nth| is_over(talk, turns, *nth, moved, now)).collect();
    let in_a_row = in_a_row(policy, talk, turns, &over);
    let mut silent = Vec::new();
    for nth in over {
        let Some(turn) = turns.get(nth) else { continue };
        weighed.over += 1;
        let judged = || turn.members.iter().filter(|member| is_judged(policy, member));
        weighed.judged += judged().count();
        weighed.answered += judged().filter(|member| member.is_answered).count();
        let dumb: Vec<&Member<'_>> = judged()
            .filter(|member| !member.is_answered && now < member.acked_at.plus(policy.window))
            .collect();
        let sign = sign(talk, turn);
        let (because, severity) = match () {
            () if sign.is_some() => (Because::Sign, Severity::Error),
            () if is_internal(talk, turn) => (Because::Internal, Severity::Notice),
            () if turn.is_overtaken() && outputs(talk, turns.get(nth + 1)) >= TWO => {
                (Because::AnsweredTogether, Severity::Notice)
            }
            () if dumb.iter().any(|member| member.asked.is_task()) => {
                (Because::Task, Severity::Error)
            }
            () if in_a_row.contains(&nth) => (Because::InARow, Severity::Error),
            () => (Because::Alone, Severity::Notice),
        };
        silent.extend(dumb.into_iter().map(|member| Silent {
            message_id: member.asked.id.clone(),
            series: member.asked.series.clone(),
            severity,
            because,
            sign,
            begin: member.begin,
            acked_at: member.acked_at,
            is_answered_since: is_answered_since(member, turns.get(nth + 1..).unwrap_or_default()),
        }));
    }
    (silent, weighed)
}

/// Every instant at which the answer may differ.
pub(super) fn edges(policy: &SilencePolicy, talk: &Talk, turns: &[Turn<'_>]) -> Vec<Timestamp> {
    let mut edges = Vec::new();
    if talk.is_up && !talk.is_at_work {
        let calm = moved(talk, turns).map(|at| at.plus(CALM));
        edges.extend(calm);
        // Once all is calm they are over anyway.
        let long = turns.iter().map(|turn| turn.end.plus(SOON));
        edges.extend(long.filter(|at| calm.is_none_or(|calm| *at < calm)));
    }
    let members = turns.iter().flat_map(|turn| &turn.members);
    let dumb = members.filter(|member| !member.is_answered);
    edges.extend(dumb.map(|member| member.acked_at.plus(policy.window)));
    edges
}

/// The last acknowledgement, output or heartbeat.
fn moved(talk: &Talk, turns: &[Turn<'_>]) -> Option<Timestamp> {
    let acks = turns.iter().flat_map(|turn| turn.members.iter().map(|member| member.acked_at));
    let outputs = talk.outputs.iter().map(|output| output.at);
    acks.chain(outputs).chain(talk.beat_at).max().map(Timestamp::floor_to_second)
}

fn is_over(
    talk: &Talk,
    turns: &[Turn<'_>],
    nth: usize,
    moved: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    let calm = moved.is_none_or(|moved| now >= moved.plus(CALM));
    let long = turns.get(nth).is_some_and(|turn| now >= turn.end.plus(SOON));
    !talk.is_up || (!talk.is_at_work && (calm || long))
}

/// Whether silence of it would be news.
fn is_judged(policy: &SilencePolicy, member: &Member<'_>) -> bool {
    let asked = member.asked;
    let may = policy.may_be_silent(&asked.id, &asked.series, Some(&asked.kind));
    !matches!(asked.role, Role::Command | Role::OnWake) && !may
}

/// Whether a message is answered, whatever is over.
pub(super) fn is_answered(turns: &[Turn<'_>], id: &MessageId) -> bool {
    let mut members = turns.iter().flat_map(|turn| &turn.members);
    members.any(|member| member.asked.id == *id && member.is_answered)
}

/// The last sign of a failure in the log of a turn.
fn sign(talk: &Talk, turn: &Turn<'_>) -> Option<super::Sign> {
    let of_turn = |line: &&LogLine| turn.holds(line.at.floor_to_second());
    talk.log.iter().rfind(|line| of_turn(line) && line.sign.is_some())?.sign
}

/// Whether the last result of a turn was meant for nobody.
fn is_internal(talk: &Talk, turn: &Turn<'_>) -> bool {
    let of_turn = |line: &&LogLine| turn.holds(line.at.floor_to_second());
    let last = talk.log.iter().rfind(|line| of_turn(line) && line.is_result);
    last.is_some_and(|line| line.is_internal)
}

/// How much was said in a turn.
fn outputs(talk: &Talk, turn: Option<&Turn<'_>>) -> usize {
    let holds = |at: Timestamp| turn.is_some_and(|turn| turn.holds(at.floor_to_second()));
    talk.outputs.iter().filter(|output| holds(output.at)).count()
}

/// The last turns that are over and have messages that may not be silent, if all of those are silent
/// and they are at least two. A result that was meant for nobody breaks the row.
fn in_a_row(policy: &SilencePolicy, talk: &Talk, turns: &[Turn<'_>], over: &[usize]) -> Vec<usize> {
    let mut row = Vec::new();
    for nth in over.iter().rev() {
        let Some(turn) = turns.get(*nth) else { continue };
        let mut judged = turn.members.iter().filter(|member| is_judged(policy, member)).peekable();
        if judged.peek().is_none() {
            continue;
        }
        if judged.any(|member| member.is_answered) || is_internal(talk, turn) {
            break;
        }
        row.push(*nth);
    }
    if row.len() < ROW {
        row.clear();
    }
    row
}

/// Whether a later turn was answered: of the same series for a task, any for others.
fn is_answered_since(member: &Member<'_>, later: &[Turn<'_>]) -> bool {
    let fits =
        |other: &&Member<'_>| !member.asked.is_task() || other.asked.series == member.asked.series;
    later.iter().flat_map(|turn| &turn.members).filter(fits).any(|other| other.is_answered)
}
