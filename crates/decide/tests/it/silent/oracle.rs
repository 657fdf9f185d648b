//! What the page says of silence, sentence by sentence and message by message, in whole seconds:
//! answers at one instant, and the instants at which it says that they may change.

use sweepd_decide::silent::{
    Asked, Because, LogLine, MayBeSilent, Output, Role, SessionTalk, Silent, Weighed,
};
use sweepd_decide::{Severity, Span, Timestamp};

use super::dice::Case;

const MINUTE: i64 = 60;

/// The whole second an instant lies in. What is added to it afterwards cannot overflow.
fn second(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1000)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second.saturating_mul(1000))
}

/// A message in a turn.
#[derive(Debug)]
struct Part<'a> {
    asked: &'a Asked,
    begin: i64,
    acked: i64,
    end: i64,
    turn: usize,
}

/// All messages in turns, by their begin.
#[derive(Debug)]
struct Page<'a> {
    case: &'a Case,
    now: i64,
    parts: Vec<Part<'a>>,
}

/// "Per message".
pub(super) fn silent(case: &Case, now: Timestamp) -> (Vec<Silent>, Weighed) {
    let page = Page::of(case, now);
    let over = |part: &&Part<'_>| page.is_over(part.turn);
    let judged: Vec<&Part<'_>> =
        page.parts.iter().filter(over).filter(|part| page.is_judged(part)).collect();
    let weighed = Weighed {
        turns: page.turns(),
        over: (0..page.turns()).filter(|turn| page.is_over(*turn)).count(),
        judged: judged.len(),
        answered: judged.iter().filter(|part| page.is_answered(part)).count(),
    };
    let silent = page.parts.iter().filter(|part| page.is_silent(part));
    (silent.map(|part| page.report(part)).collect(), weighed)
}

/// "The answer is asked for again at the first of these instants at which it differs."
pub(super) fn recheck(case: &Case, now: Timestamp) -> Option<Timestamp> {
    let page = Page::of(case, now);
    let calm = page.moved().map(|last| last + 5 * MINUTE);
    let ends = (0..page.turns()).map(|turn| page.end(turn) + 15 * MINUTE);
    let leaves = page.parts.iter().map(|part| page.leaves(part));
    let mut edges: Vec<i64> = calm.into_iter().chain(ends).chain(leaves).collect();
    edges.retain(|edge| *edge > page.now && at(*edge) < Timestamp::MAX);
    edges.sort_unstable();
    let said = silent(case, now);
    edges.into_iter().map(at).find(|edge| silent(case, *edge) != said)
}

impl<'a> Page<'a> {
    fn of(case: &'a Case, now: Timestamp) -> Self {
        let outputs = || case.talk.outputs.iter().map(|output| second(output.at));
        let part = |asked: &'a Asked| {
            let acked = second(asked.acked_at?);
            if matches!(asked.role, Role::Context | Role::System | Role::Gated) {
                return None;
            }
            let written = second(asked.written_at);
            let begin = asked.due_at.map_or(written, |due| written.max(second(due)));
            let first = outputs().filter(|output| *output >= begin).min();
            let end = first.map_or(acked, |first| first.min(acked)).max(begin);
            Some(Part { asked, begin, acked, end, turn: 0 })
        };
        let mut parts: Vec<Part<'a>> = case.talk.asked.iter().filter_map(part).collect();
        // Equal ones stay in the order of the queue.
        parts.sort_by_key(|part| part.begin);
        for nth in 1..parts.len() {
            let before = parts[nth - 1].turn;
            let end = parts[..nth].iter().filter(|it| it.turn == before).map(|it| it.end).max();
            let (part, end) = (&mut parts[nth], end.unwrap());
            let joins = part.begin <= end + MINUTE;
            let task_of_its_own = part.asked.kind == "task" && part.begin > end;
            part.turn = if joins && !task_of_its_own { before } else { before + 1 };
        }
        Self { case, now: second(now), parts }
    }

    fn turns(&self) -> usize {
        self.parts.last().map_or(0, |part| part.turn + 1)
    }

    fn parts_of(&self, turn: usize) -> impl Iterator<Item = &Part<'a>> {
        self.parts.iter().filter(move |part| part.turn == turn)
    }

    fn begin(&self, turn: usize) -> Option<i64> {
        self.parts_of(turn).map(|part| part.begin).min()
    }

    fn end(&self, turn: usize) -> i64 {
        self.parts_of(turn).map(|part| part.end).max().unwrap()
    }

    /// From the begin of a turn up to that of the next.
    fn is_within(&self, turn: usize, instant: Timestamp) -> bool {
        let begun = self.begin(turn).is_some_and(|begin| second(instant) >= begin);
        begun && self.begin(turn + 1).is_none_or(|next| second(instant) < next)
    }

    fn may_be_silent(&self, asked: &Asked) -> bool {
        self.case.policy.may_be_silent.iter().any(|named| match named {
            MayBeSilent::Message(id) => *id == asked.id,
            MayBeSilent::Series(series) => *series == asked.series,
            MayBeSilent::Kind(kind) => *kind == asked.kind,
        })
    }

    fn is_judged(&self, part: &Part<'_>) -> bool {
        let asked = part.asked;
        !matches!(asked.role, Role::OnWake | Role::Command) && !self.may_be_silent(asked)
    }

    /// The last acknowledgement of a message in a turn, output or heartbeat.
    fn moved(&self) -> Option<i64> {
        let acks = self.parts.iter().map(|part| part.acked);
        let outputs = self.case.talk.outputs.iter().map(|output| output.at);
        acks.chain(outputs.chain(self.case.talk.beat_at).map(second)).max()
    }

    fn is_over(&self, turn: usize) -> bool {
        let talk = &self.case.talk;
        let calm = self.moved().is_some_and(|last| self.now >= last + 5 * MINUTE);
        let long_ago = self.now >= self.end(turn) + 15 * MINUTE;
        !talk.is_up || (!talk.is_at_work && (calm || long_ago))
    }

    fn is_overtaken(&self, turn: usize) -> bool {
        self.begin(turn + 1).is_some_and(|next| next < self.end(turn) + 15 * MINUTE)
    }

    fn is_answered(&self, part: &Part<'_>) -> bool {
        let before = part.turn.checked_sub(1).map(|before| self.end(before) + 1);
        let written = second(part.asked.written_at);
        let from = match before {
            _ if part.asked.tries <= 0 => part.begin,
            Some(before) => before.max(written),
            None => written,
        };
        let next = self.begin(part.turn + 1);
        let answers = |output: &Output| {
            let said = second(output.at);
            let in_time = next.is_none_or(|next| said < next);
            let replies = output.reply_to.as_ref() == Some(&part.asked.id);
            said >= from && (in_time || (self.is_overtaken(part.turn) && replies))
        };
        self.case.talk.outputs.iter().any(answers)
    }

    fn leaves(&self, part: &Part<'_>) -> i64 {
        part.acked + second(at(0).plus(self.case.policy.window))
    }

    fn is_silent(&self, part: &Part<'_>) -> bool {
        let reported = self.is_judged(part) && self.now < self.leaves(part);
        reported && self.is_over(part.turn) && !self.is_answered(part)
    }

    fn lines(&self, turn: usize) -> impl DoubleEndedIterator<Item = &LogLine> {
        self.case.talk.log.iter().filter(move |line| self.is_within(turn, line.at))
    }

    fn is_internal(&self, turn: usize) -> bool {
        self.lines(turn).rfind(|line| line.is_result).is_some_and(|line| line.is_internal)
    }

    /// Whether this turn is among the last two or more that were all silent.
    fn is_in_a_row(&self, turn: usize) -> bool {
        let counts = |turn: &usize| {
            self.is_over(*turn) && self.parts_of(*turn).any(|part| self.is_judged(part))
        };
        let breaks = |turn: usize| {
            let mut judged = self.parts_of(turn).filter(|part| self.is_judged(part));
            self.is_internal(turn) || judged.any(|part| self.is_answered(part))
        };
        let counting: Vec<usize> = (0..self.turns()).filter(counts).collect();
        let after_break = counting.iter().rposition(|turn| breaks(*turn)).map_or(0, |nth| nth + 1);
        let row = &counting[after_break..];
        row.len() >= 2 && row.contains(&turn)
    }

    fn report(&self, part: &Part<'_>) -> Silent {
        let turn = part.turn;
        let sign = self.lines(turn).filter_map(|line| line.sign).next_back();
        let of_next = |output: &&Output| {
            self.begin(turn + 1).is_some() && self.is_within(turn + 1, output.at)
        };
        let many_next = self.case.talk.outputs.iter().filter(of_next).count() >= 2;
        let is_task = |part: &Part<'_>| part.asked.kind == "task";
        let has_task = self.parts_of(turn).any(|part| is_task(part) && self.is_silent(part));
        let lines = [
            (sign.is_some(), Because::Sign, Severity::Error),
            (self.is_internal(turn), Because::Internal, Severity::Notice),
            (self.is_overtaken(turn) && many_next, Because::AnsweredTogether, Severity::Notice),
            (has_task, Because::Task, Severity::Error),
            (self.is_in_a_row(turn), Because::InARow, Severity::Error),
            (true, Because::Alone, Severity::Notice),
        ];
        let (_, because, severity) = lines.into_iter().find(|(fits, _, _)| *fits).unwrap();
        let mut later = self.parts.iter().filter(|it| it.turn > turn && self.is_answered(it));
        let of_its_own = |it: &Part<'_>| !is_task(part) || it.asked.series == part.asked.series;
        Silent {
            message_id: part.asked.id.clone(),
            series: part.asked.series.clone(),
            severity,
            because,
            sign,
            begin: at(part.begin),
            acked_at: at(part.acked),
            is_answered_since: later.any(of_its_own),
        }
    }
}

/// "Per session": whether it is silent, and its last acknowledgement.
pub(super) fn all_silent(
    talk: &SessionTalk,
    window: Span,
    now: Timestamp,
) -> (bool, Option<Timestamp>) {
    let within = |it: &&Timestamp| second(now) <= second(**it) + second(at(0).plus(window));
    let acked = talk.acks.iter().filter(within).count();
    let said = talk.outputs.iter().filter(within).count();
    let last = talk.acks.iter().map(|it| second(*it)).max();
    (!talk.is_up && acked >= 1 && said == 0, last.map(at))
}
