//! Reads single values: choices, numbers, durations.
//!
//! Each notes what is wrong and then has no value, so that the reading goes on.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use sweepd_decide::{Span, Timestamp};

use crate::config::duration;
use crate::config::file::SpanText;
use crate::config::finding::Findings;
use crate::config::suggest::{either, nearest};

/// One of several words.
pub(super) fn choice<T: Copy>(
    path: &str,
    text: Option<&str>,
    names: &[(&str, T)],
    findings: &mut Findings,
) -> Option<T> {
    let text = text?;
    let found = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<_> = names.iter().map(|(name, _)| *name).collect();
        findings.wrong(path, not_one_of(text, &names));
    }
    found
}

/// What is told of a word that is none of `names`.
pub(super) fn not_one_of(text: &str, names: &[&str]) -> String {
    let choice = either(names);
    match nearest(text, names.iter().copied()) {
        Some(meant) => format!("{text:?} is not {choice}; did you mean {meant:?}?"),
        None => format!("{text:?} is not {choice}"),
    }
}

/// A whole number of some range.
pub(super) fn whole<T>(
    path: &str,
    number: Option<i64>,
    range: RangeInclusive<T>,
    findings: &mut Findings,
) -> Option<T>
where
    T: TryFrom<i64> + PartialOrd + Display,
{
    let number = number?;
    let fits = T::try_from(number).ok().filter(|number| range.contains(number));
    if fits.is_none() {
        let (least, most) = (range.start(), range.end());
        findings.wrong(path, format_args!("{number} is not between {least} and {most}"));
    }
    fits
}

/// A duration, however short.
pub(super) fn span(path: &str, text: Option<&SpanText>, findings: &mut Findings) -> Option<Span> {
    match duration::parse(&text?.0) {
        Ok(span) => Some(span),
        Err(bad) => {
            findings.wrong(path, bad);
            None
        }
    }
}

/// A duration of more than nothing.
pub(super) fn some_span(
    path: &str,
    text: Option<&SpanText>,
    findings: &mut Findings,
) -> Option<Span> {
    let span = span(path, text, findings)?;
    if span > Span::ZERO {
        return Some(span);
    }
    findings.wrong(path, "this has to be longer than nothing");
    None
}

/// A duration of more than nothing, to be waited for.
pub(super) fn some_time(
    path: &str,
    text: Option<&SpanText>,
    findings: &mut Findings,
) -> Option<Duration> {
    let millis = some_span(path, text, findings)?.as_millis();
    Some(Duration::from_millis(millis.unsigned_abs()))
}

/// A duration of more than nothing, or one of `words`.
pub(super) fn span_or<T>(
    path: &str,
    text: Option<&SpanText>,
    words: &[(&str, T)],
    wrap: impl FnOnce(Span) -> T,
    findings: &mut Findings,
) -> Option<T>
where
    T: Copy,
{
    let text = text?;
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.0) {
        return Some(*value);
    }
    let names: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    match duration::parse(&text.0) {
        Ok(span) if span > Span::ZERO => return Some(wrap(span)),
        Ok(_) => findings
            .wrong(path, format_args!("this has to be longer than nothing, or {}", either(&names))),
        Err(bad) => findings.wrong(path, format_args!("{bad}, or {}", either(&names))),
    }
    None
}

/// An instant of RFC 3339, with its offset.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let read: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(read.as_millisecond()))
}

/// What is told of a text that is none.
pub(crate) fn no_instant(text: &str) -> String {
    format!(
        "{text:?} is no instant with a date, a time and an offset; write for example \
         \"2026-12-24T18:00:00Z\" or \"2026-12-24T18:00:00+01:00\""
    )
}
