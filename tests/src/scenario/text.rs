//! The text of a scenario: its two halves, its lines, and the words in them.
//!
//! What a word means is not known here.

use anyhow::{Context as _, Result, bail};
use sweepd_decide::Span;

use super::time;

/// The line between what happens and what comes of it.
const DIVIDER: &str = "----";

/// Splits a scenario into its upper half and what is expected, both without the divider.
pub(super) fn halves(text: &str) -> (&str, Option<&str>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == DIVIDER {
            return (text.get(..at).unwrap_or(text), text.get(at + line.len()..));
        }
        at += line.len();
    }
    (text, None)
}

/// A scenario with another lower half.
pub(super) fn with_expected(text: &str, expected: &str) -> String {
    let (upper, _) = halves(text);
    format!("{}\n{DIVIDER}\n{expected}", upper.trim_end())
}

/// One thing that happens: when, and the words that say what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// Line of the file, from 1.
    pub(super) line: usize,
    /// Since the start; `None` in the header.
    pub(super) at: Option<Span>,
    /// The rest.
    pub(super) words: &'a str,
}

/// Every entry of the upper half. `#` at the start or after a space starts a comment; a time that
/// follows two spaces starts another entry on the same line.
pub(super) fn entries(upper: &str) -> Result<Vec<Entry<'_>>> {
    let mut entries = Vec::new();
    for (index, line) in upper.lines().enumerate() {
        let number = index + 1;
        let comment = line.match_indices('#').map(|(at, _)| at);
        let mut comment = comment.filter(|at| {
            line.get(..*at).is_none_or(|before| before.is_empty() || before.ends_with(' '))
        });
        let line = comment.next().and_then(|at| line.get(..at)).unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        for piece in pieces(line) {
            let (first, rest) = piece.split_once(char::is_whitespace).unwrap_or((piece, ""));
            let at = time::offset(first);
            if at.is_none() && first.starts_with(['+', '-']) {
                bail!("line {number}: {first:?} is no time; write +MM:SS or +H:MM:SS");
            }
            let words = if at.is_some() { rest.trim() } else { piece };
            if words.is_empty() {
                bail!("line {number}: nothing happens at {first}");
            }
            entries.push(Entry { line: number, at, words });
        }
    }
    Ok(entries)
}

/// Cuts a line before every time that stands after two or more spaces.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line.trim();
    'pieces: loop {
        for (at, _) in rest.match_indices("  ") {
            let (piece, next) = rest.split_at_checked(at).unwrap_or((rest, ""));
            let next = next.trim_start();
            let word = next.split_whitespace().next().unwrap_or_default();
            if time::offset(word).is_some() && time::offset(piece.trim()).is_none() {
                pieces.push(piece.trim());
                rest = next;
                continue 'pieces;
            }
        }
        pieces.push(rest);
        return pieces;
    }
}

/// The words of an entry, read one after the other. Quoted words may hold spaces.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text.trim() }
    }

    /// The next word, if there is one.
    pub(super) fn maybe(&mut self) -> Option<&'a str> {
        let (word, rest) = if let Some(quoted) = self.rest.strip_prefix('"') {
            quoted.split_once('"')?
        } else {
            self.rest.split_once(char::is_whitespace).unwrap_or((self.rest, ""))
        };
        let found = (!self.rest.is_empty()).then_some(word);
        self.rest = rest.trim_start();
        found
    }

    /// The next word; `what` says which one is missing.
    pub(super) fn word(&mut self, what: &str) -> Result<&'a str> {
        self.maybe().with_context(|| format!("{what} is missing"))
    }

    /// Takes the next words if they are these.
    pub(super) fn took(&mut self, words: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(words) else { return false };
        let whole = rest.is_empty() || rest.starts_with(char::is_whitespace);
        if whole {
            self.rest = rest.trim_start();
        }
        whole
    }

    /// Whether the next word is quoted.
    pub(super) fn is_quoted(&self) -> bool {
        self.rest.starts_with('"')
    }

    /// The next word as a span.
    pub(super) fn span(&mut self) -> Result<Span> {
        let word = self.word("a span")?;
        time::span(word).with_context(|| format!("{word:?} is no span; write 500ms, 60s, 30m, 2h"))
    }

    /// The next word as a time.
    pub(super) fn offset(&mut self) -> Result<Span> {
        let word = self.word("a time")?;
        time::offset(word).with_context(|| format!("{word:?} is no time; write +MM:SS or +H:MM:SS"))
    }

    /// The next word as a number.
    pub(super) fn number(&mut self) -> Result<i64> {
        let word = self.word("a number")?;
        word.parse().with_context(|| format!("{word:?} is no number"))
    }

    /// Nothing may be left.
    pub(super) fn end(&self) -> Result<()> {
        anyhow::ensure!(self.rest.is_empty(), "{:?} is not understood", self.rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_hold_several_entries_and_times_as_arguments() {
        let upper = "mode enforce\n+00:00  w1 starts      +00:10  w1 gets m1 after +05:00  # why\n";
        let entries = entries(upper).unwrap();
        let found: Vec<_> = entries.iter().map(|entry| (entry.at, entry.words)).collect();
        let expected = [
            (None, "mode enforce"),
            (time::offset("+00:00"), "w1 starts"),
            (time::offset("+00:10"), "w1 gets m1 after +05:00"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_bad_time_is_named_with_its_line() {
        let error = entries("\n+0:0  w1 starts\n").unwrap_err();
        assert_eq!(error.to_string(), "line 2: \"+0:0\" is no time; write +MM:SS or +H:MM:SS");
    }

    #[test]
    fn the_lower_half_is_replaced_and_the_upper_half_kept() {
        assert_eq!(halves("a\n----\nb\n"), ("a\n", Some("b\n")));
        assert_eq!(with_expected("a\n----\nb\n", "c\n"), "a\n----\nc\n");
        assert_eq!(with_expected("a\n", "c\n"), "a\n----\nc\n");
    }

    #[test]
    fn quoted_words_keep_their_spaces() {
        let mut words = Words::new("every \"0 9 * * *\" tries 4");
        assert!(words.took("every"));
        assert_eq!(words.maybe(), Some("0 9 * * *"));
        assert!(words.took("tries"));
        assert_eq!(words.number().unwrap(), 4);
        assert!(words.end().is_ok());
        assert_eq!(words.maybe(), None);
    }
}
