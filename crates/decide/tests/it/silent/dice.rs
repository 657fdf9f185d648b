//! Sessions at random, most of them on an edge of the rule.

use std::collections::BTreeSet;

use sweepd_decide::silent::{
    Asked, LogLine, MayBeSilent, Output, Role, SessionTalk, Sign, SilencePolicy, Silent, Talk,
    Weighed, silent,
};
use sweepd_decide::{Decision, MessageId, Span, Timestamp};

use crate::dice::{ANY, Dice, ms, span};

/// What a look found, and when that is asked about.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) policy: SilencePolicy,
    pub(super) talk: Talk,
    pub(super) now: Timestamp,
}

pub(super) const BASE: i64 = 1_795_341_600_000;

/// What lies between two instants about which the page has a sentence, in seconds.
const STEPS: [i64; 12] = [0, 0, 1, 2, 10, 59, 60, 61, 299, 300, 900, 901];

/// Instants near each other, or on an edge of those there were before.
#[derive(Debug)]
pub(super) struct Times {
    unit: i64,
    before: Vec<i64>,
}

impl Times {
    /// Forty steps of a few seconds, of a minute, of a quarter of an hour.
    pub(super) fn any(dice: &mut Dice) -> Self {
        Self { unit: dice.pick(&[1, 20, 30, 60, 60, 150, 300, 900]), before: Vec::new() }
    }

    pub(super) fn at(&mut self, dice: &mut Dice) -> Timestamp {
        let from = if self.before.is_empty() { BASE } else { dice.pick(&self.before) };
        let whole = if dice.one_in(2) {
            BASE + 1000 * self.unit * dice.within(0, 40)
        } else {
            from + 1000 * dice.pick(&STEPS)
        };
        self.before.push(whole);
        ms(whole + dice.pick(&[0, 0, 0, 0, 0, 1, -1, 1000, -1000, 999]))
    }

    /// A while after.
    fn after(&mut self, dice: &mut Dice, at: Timestamp) -> Timestamp {
        if dice.one_in(4) {
            return self.at(dice);
        }
        let after = at.as_millis() + 1000 * dice.pick(&STEPS);
        self.before.push(after);
        ms(after)
    }
}

/// One that an agent is asked, and that it has not acknowledged.
pub(super) fn asked(id: &str, kind: &str, written_at: Timestamp) -> Asked {
    Asked {
        id: MessageId::new(id),
        role: Role::Asked,
        kind: kind.to_owned(),
        series: id.to_owned(),
        written_at,
        due_at: None,
        tries: 0,
        acked_at: None,
    }
}

pub(super) fn line(
    at: Timestamp,
    is_result: bool,
    is_internal: bool,
    sign: Option<Sign>,
) -> LogLine {
    LogLine { at, is_result, is_internal, sign }
}

fn role(dice: &mut Dice) -> Role {
    match dice.within(0, 19) {
        0 => Role::Context,
        1 => Role::System,
        2 => Role::Gated,
        3 => Role::Command,
        4 | 5 => Role::OnWake,
        _ => Role::Asked,
    }
}

fn message(dice: &mut Dice, nth: i64, mut at: impl FnMut(&mut Dice) -> Timestamp) -> Asked {
    let id = format!("m{nth}");
    let kind = dice.pick(&["chat", "chat", "chat", "task", "task", "webhook"]);
    let plain = asked(&id, kind, at(dice));
    Asked {
        role: role(dice),
        series: if dice.one_in(2) { id } else { dice.pick(&["m0", "s1", "s2"]).to_owned() },
        due_at: dice.one_in(3).then(|| at(dice)),
        tries: dice.pick(&[0, 0, 0, 0, 1, 2, -1, i64::MIN, i64::MAX]),
        ..plain
    }
}

fn output(dice: &mut Dice, at: Timestamp) -> Output {
    let reply_to = dice.pick(&[None, Some("m0"), Some("m1"), Some("m2"), Some("m3"), Some("x")]);
    Output { at, reply_to: reply_to.map(MessageId::new) }
}

fn logged(dice: &mut Dice, at: Timestamp) -> LogLine {
    let sign = Some(dice.pick(&Sign::ALL));
    match dice.within(0, 9) {
        0..=4 => line(at, true, false, None),
        5 | 6 => line(at, true, true, None),
        7 => line(at, true, false, sign),
        8 => line(at, false, false, sign),
        _ => line(at, false, false, None),
    }
}

fn may_be_silent(dice: &mut Dice) -> Vec<MayBeSilent> {
    let any = [
        MayBeSilent::Message(MessageId::new("m1")),
        MayBeSilent::Series("s1".to_owned()),
        MayBeSilent::Kind("webhook".to_owned()),
        MayBeSilent::Kind("task".to_owned()),
    ];
    any.into_iter().filter(|_| dice.one_in(8)).collect()
}

/// A session of a few messages close to each other.
pub(super) fn session(dice: &mut Dice) -> Case {
    let mut times = Times::any(dice);
    let many = dice.within(0, 6);
    let mut asked: Vec<Asked> =
        (0..many).map(|nth| message(dice, nth, |dice| times.at(dice))).collect();
    for message in &mut asked {
        let begin = message.due_at.map_or(message.written_at, |due| due.max(message.written_at));
        let unseen = dice.one_in(10);
        message.acked_at = (!unseen).then(|| times.after(dice, begin));
    }
    let outputs = (0..dice.within(0, 5)).map(|_| {
        let at = times.at(dice);
        output(dice, at)
    });
    let outputs = outputs.collect();
    let lines = if dice.one_in(2) { 0 } else { dice.within(1, 6) };
    let log = (0..lines).map(|_| {
        let at = times.at(dice);
        logged(dice, at)
    });
    let mut log: Vec<LogLine> = log.collect();
    if !dice.one_in(8) {
        log.sort_by_key(|line| line.at);
    }
    let talk = Talk {
        is_up: !dice.one_in(3),
        is_at_work: dice.one_in(8),
        beat_at: dice.one_in(3).then(|| times.at(dice)),
        asked,
        outputs,
        log,
    };
    let window = span(1000 * dice.pick(&[7200, 7200, 7200, 1800, 600, 60, 0]));
    let policy = SilencePolicy { window, may_be_silent: may_be_silent(dice) };
    let mut case = Case { policy, talk, now: ms(0) };
    case.now = dice.near(&case.edges());
    if dice.one_in(4) {
        case.now = case.now.plus(span(dice.pick(&[-1000, 1000, 999])));
    }
    case
}

/// The first and the last second are no whole ones: nothing is asked in them.
pub(super) fn asked_at(dice: &mut Dice) -> Timestamp {
    ANY.at(dice).clamp(ms(i64::MIN + 1000), ms(i64::MAX - 1000))
}

/// A window of whole seconds, however long.
pub(super) fn window(dice: &mut Dice) -> Span {
    span(ANY.span(dice).as_millis().max(0) / 1000 * 1000)
}

/// Whatever can be written down.
pub(super) fn odd(dice: &mut Dice) -> Case {
    let mut case = session(dice);
    for message in &mut case.talk.asked {
        message.written_at = ANY.at(dice);
        message.due_at = ANY.maybe_at(dice);
        message.acked_at = ANY.maybe_at(dice);
    }
    for output in &mut case.talk.outputs {
        output.at = ANY.at(dice);
    }
    for line in &mut case.talk.log {
        line.at = ANY.at(dice);
        line.is_internal = dice.one_in(2);
    }
    case.talk.beat_at = ANY.maybe_at(dice);
    case.policy.window = ANY.span(dice);
    case.now = ANY.at(dice);
    case
}

/// What a session acknowledged and said.
pub(super) fn session_talk(dice: &mut Dice) -> SessionTalk {
    let mut times = Times::any(dice);
    let mut some = |dice: &mut Dice| (0..dice.within(0, 3)).map(|_| times.at(dice)).collect();
    SessionTalk { is_up: dice.one_in(4), acks: some(dice), outputs: some(dice) }
}

impl Case {
    pub(super) fn ask(&self, now: Timestamp) -> Decision<Vec<Silent>, Weighed> {
        silent(&self.policy, &self.talk, now)
    }

    /// Each instant of it, and what lies as long after it as the page names.
    pub(super) fn edges(&self) -> Vec<Timestamp> {
        let talk = &self.talk;
        let asked = talk.asked.iter().flat_map(|it| [Some(it.written_at), it.due_at, it.acked_at]);
        let outputs = talk.outputs.iter().map(|output| Some(output.at));
        let instants: Vec<Timestamp> =
            asked.chain(outputs).chain([talk.beat_at, Some(ms(BASE))]).flatten().collect();
        let spans = [span(0), span(300_000), span(900_000), self.policy.window];
        let later = |at: &Timestamp| spans.map(|span| at.floor_to_second().plus(span));
        let edges: BTreeSet<Timestamp> = instants.iter().flat_map(later).collect();
        edges.into_iter().collect()
    }
}
