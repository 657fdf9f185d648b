//! Which messages were worked on together?

use alloc::vec::Vec;

use super::{Asked, Role, Talk};
use crate::time::{Span, Timestamp};

/// A message that begins so shortly after the end of a turn still belongs to it.
const TOGETHER: Span = Span::from_secs(60);

/// Messages that were worked on together.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub(super) begin: Timestamp,
    pub(super) end: Timestamp,
    /// The next turn's begin.
    pub(super) next: Option<Timestamp>,
    pub(super) members: Vec<Member<'a>>,
}

/// A message of a turn.
#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) asked: &'a Asked,
    pub(super) begin: Timestamp,
    pub(super) acked_at: Timestamp,
    pub(super) is_answered: bool,
}

/// All turns, by their begin.
pub(super) fn turns(talk: &Talk) -> Vec<Turn<'_>> {
    let mut outputs: Vec<Timestamp> =
        talk.outputs.iter().map(|output| output.at.floor_to_second()).collect();
    outputs.sort_unstable();
    let mut members: Vec<(Member<'_>, Timestamp)> =
        talk.asked.iter().filter_map(|asked| member(asked, &outputs)).collect();
    // Messages that begin at once keep the order of the queue.
    members.sort_by_key(|(member, _)| member.begin);
    let mut turns: Vec<Turn<'_>> = Vec::new();
    for (member, end) in members {
        if let Some(turn) = turns.last_mut().filter(|turn| turn.takes(&member)) {
            turn.end = turn.end.max(end);
            turn.members.push(member);
        } else {
            let begin = member.begin;
            turns.push(Turn { begin, end, next: None, members: [member].into() });
        }
    }
    let begins: Vec<Timestamp> = turns.iter().skip(1).map(|turn| turn.begin).collect();
    let mut before = None;
    for (nth, turn) in turns.iter_mut().enumerate() {
        turn.next = begins.get(nth).copied();
        turn.answer(talk, &outputs, before);
        before = Some(turn.end);
    }
    turns
}

/// A message that takes part, and when it ended: when it was acknowledged, or when the agent said
/// something, whatever was first.
fn member<'a>(asked: &'a Asked, outputs: &[Timestamp]) -> Option<(Member<'a>, Timestamp)> {
    let acked_at = asked.acked_at?.floor_to_second();
    if matches!(asked.role, Role::Context | Role::System | Role::Gated) {
        return None;
    }
    let written = asked.written_at.floor_to_second();
    let begin = asked.due_at.map_or(written, |due| due.floor_to_second().max(written));
    let from = outputs.partition_point(|output| *output < begin);
    let end = outputs.get(from).map_or(acked_at, |output| acked_at.min(*output)).max(begin);
    Some((Member { asked, begin, acked_at, is_answered: false }, end))
}

impl Turn<'_> {
    /// Whether a message that begins later belongs to it.
    fn takes(&self, member: &Member<'_>) -> bool {
        let opens_another = member.asked.is_task() && member.begin > self.end;
        member.begin <= self.end.plus(TOGETHER) && !opens_another
    }

    /// Whether the next turn came soon.
    pub(super) fn is_overtaken(&self) -> bool {
        self.next.is_some_and(|next| next < self.end.plus(super::weigh::SOON))
    }

    /// Whether an instant lies in it, the time until the next turn included.
    pub(super) fn holds(&self, at: Timestamp) -> bool {
        self.begin <= at && self.next.is_none_or(|next| at < next)
    }

    /// Says of each message whether it was answered.
    fn answer(&mut self, talk: &Talk, outputs: &[Timestamp], before: Option<Timestamp>) {
        let (next, overtaken) = (self.next, self.is_overtaken());
        for member in &mut self.members {
            // One that is tried again begins later than what may have answered it.
            let from = if member.asked.tries > 0 {
                let written = member.asked.written_at.floor_to_second();
                before.map_or(written, |end| written.max(end.plus(Span::from_secs(1))))
            } else {
                member.begin
            };
            let nth = outputs.partition_point(|output| *output < from);
            let first = outputs.get(nth);
            let in_turn = first.is_some_and(|at| next.is_none_or(|next| *at < next));
            member.is_answered = in_turn
                || (overtaken && talk.outputs.iter().any(|output| replies(output, member, from)));
        }
    }
}

fn replies(output: &super::Output, member: &Member<'_>, from: Timestamp) -> bool {
    output.at.floor_to_second() >= from && output.reply_to.as_ref() == Some(&member.asked.id)
}
