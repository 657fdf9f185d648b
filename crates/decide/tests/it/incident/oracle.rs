//! What the page says of incidents, line by line: answers at one instant, and nothing about when to
//! ask again.

use sweepd_decide::incident::{
    Case, Cause, Change, Course, FlapPolicy, Flapping, Life, Quiet, Sight, Stage, Tell, TellPolicy,
    Why,
};
use sweepd_decide::{FindingKind, Severity, Span, Timestamp};

/// Kinds that last.
pub(super) const LASTING: [&str; 10] = [
    "agent-stuck",
    "dead-letter",
    "message-failed",
    "wake-failing",
    "zombie",
    "recreate-failing",
    "silent-failure",
    "credential",
    "sink-failed",
    "flapping",
];

/// "Life": the first line that fits decides.
pub(super) fn life<'a>(
    kind: FindingKind,
    open: Option<&Life>,
    sight: Sight<'a>,
    now: Timestamp,
) -> Course<'a> {
    let Some(open) = open else {
        return if sight == Sight::Seen { Course::Opens } else { Course::Nothing };
    };
    let ending = match sight {
        Sight::Ended(how) => how,
        Sight::Seen | Sight::Unseen | Sight::Blind => "",
    };
    let day = Span::from_mins(24 * 60);
    let old = kind == FindingKind::MessageFailed && now >= open.opened_at.plus(day);
    let soon = open.looked_at.is_some_and(|at| now < at.plus(Span::from_secs(5)));
    let lines = [
        (sight == Sight::Seen, Course::Stays),
        (sight == Sight::Ended(ending), Course::Ends(ending)),
        (old, Course::Ends("aged-out")),
        (LASTING.contains(&kind.as_str()), Course::Waits),
        (sight == Sight::Blind, Course::Waits),
        (soon, Course::Waits),
        (open.good_looks == 0, Course::Good(1)),
        (true, Course::Ends("not seen any more")),
    ];
    lines.into_iter().find(|(fits, _)| *fits).unwrap().1
}

/// "Flapping". The evidence is the oldest opening that counts, where it begins.
pub(super) fn flap(
    policy: &FlapPolicy,
    changes: &[Change],
    flapped: bool,
    now: Timestamp,
) -> (Flapping, Option<Timestamp>) {
    if flapped {
        let newest = changes.iter().map(|change| change.at()).filter(|at| *at <= now).max();
        let over = newest.is_none_or(|at| now >= at.plus(policy.calm.max(policy.window)));
        return (if over { Flapping::No } else { Flapping::Yes }, None);
    }
    let counting = changes.iter().filter_map(|change| match change {
        Change::Opened(at) => (*at > now.minus(policy.window) && *at <= now).then_some(*at),
        Change::Ended(_) => None,
    });
    let counting: Vec<Timestamp> = counting.collect();
    if counting.len() > usize::try_from(policy.openings).unwrap() {
        (Flapping::Yes, counting.into_iter().min())
    } else {
        (Flapping::No, None)
    }
}

/// "Telling": the first line that fits decides.
pub(super) fn tell(policy: &TellPolicy, case: &Case, now: Timestamp) -> (Tell, Why) {
    let over = case.stage != Stage::Open;
    let end_promised = case.stage == Stage::EndTold;
    let before = |until: Option<Timestamp>| until.is_some_and(|until| now < until);
    let (maintenance, paused) = match case.quiet {
        None => (None, None),
        Some(Quiet::Maintenance(until)) => (Some(until), None),
        Some(Quiet::Paused(until)) => (None, Some(until)),
    };
    let folded = match case.cause {
        None => false,
        Some(Cause::Open) => true,
        Some(Cause::Over(end)) => now < end.plus(policy.after_cause),
    };
    let untold = case.told.is_none();
    let worse = case.told.is_some_and(|told| case.severity > told.severity);
    let again = case.told.zip(policy.repeat).map(|(told, repeat)| told.at.plus(repeat));
    let lines = [
        (over && !untold && !end_promised, Tell::End, Why::Over),
        (over && end_promised, Tell::Nothing, Why::Ended),
        (over, Tell::Nothing, Why::NeverTold),
        (case.severity == Severity::Notice, Tell::Nothing, Why::Notice),
        (case.flaps, Tell::Nothing, Why::Flapping),
        (folded, Tell::Nothing, Why::Folded),
        (case.acknowledged.is_some_and(|at| at >= case.severity), Tell::Nothing, Why::Acknowledged),
        (before(case.snoozed_until), Tell::Nothing, Why::Snoozed),
        (before(maintenance), Tell::Nothing, Why::Maintenance),
        (before(paused), Tell::Nothing, Why::Paused),
        (untold && now < case.opened_at.plus(policy.wait), Tell::Nothing, Why::Gathering),
        (untold, Tell::Opening, Why::New),
        (worse, Tell::Opening, Why::Worse),
        (case.under_way, Tell::Nothing, Why::UnderWay),
        (policy.repeat.is_none(), Tell::Nothing, Why::Told),
        (before(again), Tell::Nothing, Why::Told),
        (true, Tell::Still, Why::Lasts),
    ];
    let (_, tell, why) = lines.into_iter().find(|(fits, _, _)| *fits).unwrap();
    (tell, why)
}
