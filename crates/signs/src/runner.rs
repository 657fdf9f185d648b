//! Which lines of a NanoClaw runner's log are about the end of a query?

use std::collections::BTreeSet;

use sweepd_decide::silent::LogLine;
use sweepd_decide::{MessageId, Timestamp, parse_utc};

use crate::reset::reset_at;
use crate::table::sign;

/// So much of a line with a sign is kept as evidence, in characters.
const EXCERPT: usize = 240;
/// Results that begin like this are the agent's own words.
const OWN_WORDS: [&str; 2] = [INTERNAL, "<message"];
const INTERNAL: &str = "<internal>";

/// What a log says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct Heard {
    /// The lines about the ends of queries, in their order.
    pub lines: Vec<RunnerLine>,
    /// Tasks whose scripts let the agent hear of them.
    pub let_through: BTreeSet<MessageId>,
}

/// One line about the end of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain facts")]
pub struct RunnerLine {
    /// What the rule of silence asks about it.
    pub line: LogLine,
    /// What it says, cut, where it is a sign of a failure; empty else.
    pub excerpt: String,
    /// From when on there is more again, where it says so of a limit that passes.
    pub reset_at: Option<Timestamp>,
}

/// Reads a log whose lines begin with a time, as the engine gives it. Lines without one, and those of
/// anything but the end of a query, are passed over.
pub fn heard(log: &str) -> Heard {
    let mut heard = Heard::default();
    for line in log.lines() {
        let Some((stamp, text)) = line.split_once(' ') else { continue };
        let Some(at) = instant(stamp) else { continue };
        if let Some(end) = text.strip_prefix("[poll-loop] ") {
            heard.lines.extend(end_of_query(at, end));
        } else if let Some(task) = text.strip_prefix("[task-script] task ") {
            heard.let_through.extend(let_through(task));
        }
    }
    heard
}

fn end_of_query(at: Timestamp, text: &str) -> Option<RunnerLine> {
    let (what, said) = text.split_once(": ").or_else(|| Some((text.strip_suffix(':')?, "")))?;
    let is_result = match what {
        "Result" => true,
        "Error" | "Query error" => false,
        _ => return None,
    };
    let said = said.trim_start();
    let own = is_result && OWN_WORDS.iter().any(|begin| said.starts_with(begin));
    let sign = if own { None } else { sign(said) };
    let is_internal = is_result && said.starts_with(INTERNAL);
    let excerpt = sign.map(|_| said.chars().take(EXCERPT).collect()).unwrap_or_default();
    let reset_at = sign.filter(|sign| sign.passes()).and_then(|_| reset_at(said, at));
    Some(RunnerLine { line: LogLine { at, is_result, is_internal, sign }, excerpt, reset_at })
}

fn let_through(text: &str) -> Option<MessageId> {
    let (id, rest) = text.split_once(' ')?;
    rest.contains("wakeAgent=true").then(|| MessageId::new(id))
}

/// A time as the engine writes it, to the nanosecond.
fn instant(stamp: &str) -> Option<Timestamp> {
    parse_utc(stamp).or_else(|| {
        let read: jiff::Timestamp = stamp.parse().ok()?;
        Some(Timestamp::from_millis(read.as_millisecond()))
    })
}

#[cfg(test)]
mod tests {
    use sweepd_decide::silent::Sign;

    use super::*;

    const LOG: &str = "\
        2026-05-17T00:59:30.601560403Z [task-script] task t-1 wakeAgent=true, enriching prompt\n\
        2026-05-17T00:59:30.7Z [task-script] task t-2 skipped: wakeAgent=false\n\
        2026-05-17T00:59:31.9Z [poll-loop] Result: Failed to authenticate. API Error: 401 {}\n\
        2026-05-17T00:59:32Z [poll-loop] Error: API retry (retryable: true)\n\
        2026-05-17T00:59:33Z [poll-loop] Query error: Claude Code process exited with code 1\n\
        2026-05-17T00:59:34Z [poll-loop] Result: <internal>the page answers 401</internal>\n\
        2026-05-17T00:59:35Z [poll-loop] Result: <message to=\"x\">401, 429 and quota</message>\n\
        2026-05-17T00:59:36Z [poll-loop] Result: (empty)\n\
        2026-05-17T00:59:37Z [poll-loop] [scratchpad] API Error: 529\n\
        2026-05-17T00:59:38Z somebody says [poll-loop] Result: 401\n\
        [poll-loop] Result: 401\n\
        yesterday [poll-loop] Result: 401\n\
        2026-05-17T00:59:39Z [poll-loop] Result:";

    #[test]
    fn only_the_ends_of_queries_are_heard_and_the_agents_own_words_are_no_sign() {
        let heard = heard(LOG);
        let shown = heard.lines.iter().map(|one| {
            let LogLine { at, is_result, is_internal, sign } = one.line;
            (at.as_millis() % 60_000, is_result, is_internal, sign)
        });
        let failed = Some(Sign::Authentication);
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                (31_900, true, false, failed),
                (32_000, false, false, None),
                (33_000, false, false, None),
                (34_000, true, true, None),
                (35_000, true, false, None),
                (36_000, true, false, None),
                (39_000, true, false, None),
            ]
        );
        assert_eq!(heard.lines[0].excerpt, "Failed to authenticate. API Error: 401 {}");
        assert_eq!(heard.lines[1].excerpt, "", "what is no sign is not kept");
        assert!(heard.lines.iter().all(|line| line.reset_at.is_none()));
        assert_eq!(heard.let_through, [MessageId::new("t-1")].into());
    }

    #[test]
    fn when_a_limit_that_passes_is_over_is_read_and_of_others_nothing() {
        let reset = |said: &str| {
            let heard = heard(&format!("2026-05-17T00:59:30Z [poll-loop] Error: {said}"));
            heard.lines[0].reset_at.map(|at| at.to_string())
        };
        let limited = reset("429 Too Many Requests, retry-after: 90");
        assert_eq!(limited.as_deref(), Some("2026-05-17T01:01:00.000Z"));
        assert_eq!(reset("API Error: 401, try again in 5 minutes"), None);
        assert_eq!(reset("429"), None);
    }
}
