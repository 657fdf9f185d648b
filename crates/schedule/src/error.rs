//! Why no next run can be named.
//!
//! Every error is for good: the same question has the same answer tomorrow. It does not decide what
//! happens to the task; that is the caller's.

use sweepd_decide::Timestamp;

/// What stands in the way of an answer. None of these is worth a retry without a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither the host's nor the built-in zone data has this zone.
    #[error(
        "unknown time zone {name:?}; use an IANA name such as \"UTC\" or \"Europe/Berlin\" \
         (`timedatectl list-timezones` lists them)"
    )]
    UnknownZone {
        /// The name as given; at most 100 characters of it.
        name: String,
    },
    /// The expression cannot be read, or reads as something its author cannot have meant.
    #[error("bad schedule {expr:?}: {reason}")]
    BadExpression {
        /// The expression as given; at most 100 characters of it.
        expr: String,
        /// What is wrong and, where that helps, what to write instead.
        reason: String,
    },
    /// The expression is well-formed, but none of its dates exists, like 31 April.
    #[error("schedule {expr:?} never runs: no such date exists")]
    NeverRuns {
        /// The expression as given; at most 100 characters of it.
        expr: String,
    },
    /// The instant asked about, or the answer, lies outside the calendar's years.
    #[error("no calendar for a run after {now}: years end at 9999")]
    OutOfCalendar {
        /// The instant asked about.
        now: Timestamp,
    },
}

impl Error {
    pub(crate) fn bad(expr: &str, reason: impl Into<String>) -> Self {
        Self::BadExpression { expr: shortened(expr), reason: reason.into() }
    }
}

/// Text from elsewhere, cut to what a message can carry.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 100;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_quoted_and_cut() {
        let error = Error::bad(&format!("\u{1b}[31m{}", "x".repeat(500)), "why");
        let shown = error.to_string();
        assert!(shown.starts_with(r#"bad schedule "\u{1b}[31mxxx"#), "{shown}");
        assert!(shown.ends_with("x…\": why"), "{shown}");
        assert!(shown.len() < 140, "{shown}");
    }
}
