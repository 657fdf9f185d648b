//! Lines in blocks, their columns aligned, blocks that say the same folded into one.

use std::fmt::Write as _;

use anyhow::Result;
use sweepd_decide::Timestamp;

use super::NEVER;
use crate::scenario::time::Origin;

/// One call, or one pass of the daemon.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    pub(super) lines: Vec<Line>,
}

/// When, who, what, and the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    at: Timestamp,
    who: String,
    what: String,
    rest: String,
}

/// More instants than this are not all listed.
const LISTED: usize = 6;
/// Least widths of the columns: as wide as most files need them, so that they seldom move.
const WHO: usize = 8;
const WHAT: usize = 12;

impl Line {
    /// A line whose time is yet to be told.
    pub(super) fn new(
        who: impl Into<String>,
        what: impl Into<String>,
        rest: impl Into<String>,
    ) -> Self {
        Self { at: NEVER, who: who.into(), what: what.into(), rest: rest.into() }
    }

    /// More about the line before: it has no time and nobody of its own.
    pub(super) fn more(rest: impl Into<String>) -> Self {
        Self::new("", "", rest)
    }

    /// This line at its instant, its texts made plain.
    pub(super) fn at(self, at: Timestamp, plain: impl Fn(&str) -> String) -> Self {
        Self { at, who: plain(&self.who), what: self.what, rest: plain(&self.rest) }
    }

    fn is_more(&self) -> bool {
        self.who.is_empty() && self.what.is_empty()
    }
}

impl Block {
    fn begins(&self) -> Timestamp {
        self.lines.first().map_or(NEVER, |line| line.at)
    }

    /// Whether both say the same, each from its own beginning on.
    fn says_like(&self, other: &Self) -> bool {
        let words = |block: &Self| {
            let (begins, lines) = (block.begins(), block.lines.clone());
            let from = |line: Line| (line.at.since(begins), line.who, line.what, line.rest);
            lines.into_iter().map(from).collect::<Vec<_>>()
        };
        words(self) == words(other)
    }
}

/// All blocks as one text.
pub(super) fn text(blocks: &[Block], origin: Origin) -> Result<String> {
    let blocks: Vec<&Block> = blocks.iter().filter(|block| !block.lines.is_empty()).collect();
    let all = || blocks.iter().flat_map(|block| &block.lines);
    let width = |of: fn(&Line) -> &str| all().map(|line| of(line).chars().count()).max();
    let time = all().map(|line| origin.show(line.at).len()).max().unwrap_or(0);
    let who = width(|line| &line.who).unwrap_or(0).max(WHO);
    let what = width(|line| &line.what).unwrap_or(0).max(WHAT);
    let mut text = String::new();
    let mut rest = blocks.as_slice();
    while let Some((block, others)) = rest.split_first() {
        let same = others.iter().take_while(|other| other.says_like(block)).count();
        let (same, others) = others.split_at_checked(same).unwrap_or((&[], others));
        if !text.is_empty() {
            text.push('\n');
        }
        for line in &block.lines {
            let at = if line.is_more() { String::new() } else { origin.show(line.at) };
            let Line { who: whom, what: did, rest, .. } = line;
            let shown = format!("{at:<time$}  {whom:<who$}  {did:<what$}  {rest}");
            writeln!(text, "{}", shown.trim_end())?;
        }
        let again: Vec<String> = same.iter().map(|block| origin.show(block.begins())).collect();
        match again.as_slice() {
            [] => {}
            [first, .., last] if again.len() > LISTED => {
                let times = again.len();
                writeln!(text, "{:<time$}  the same {times} times, {first} to {last}", "")?;
            }
            listed => writeln!(text, "{:<time$}  the same at {}", "", listed.join(", "))?,
        }
        rest = others;
    }
    Ok(text)
}
