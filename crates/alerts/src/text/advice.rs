//! sweepd's own advice: sentences with commands between backticks, which are shown as commands.
//!
//! Nothing of it is trusted for that: an agent's name is in the commands. Words and commands are data
//! like any other, and only where a command begins and ends is taken from the text. A name that has
//! backticks ends none.

use minijinja::Value;
use serde::{Serialize, Serializer};

use super::clean::{clean, cut, units};
use super::pieces::{COMMAND, COMMAND_END, DATA, DATA_END};

/// Advice, in its pieces. A template is given it with its commands marked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Advice(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(String),
    Command(String),
}

impl Advice {
    /// The advice about `whom`, cleaned, of at most so many UTF-16 units.
    pub(super) fn of(advice: &str, whom: &str, most: usize) -> Self {
        let (advice, whom) = (clean(advice), clean(whom));
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut is_command = false;
        let mut rest = advice.as_str();
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix(&whom).filter(|_| !whom.is_empty()) {
                text.push_str(&whom);
                rest = after;
                continue;
            }
            if c == '`' {
                pieces.push(Piece::new(std::mem::take(&mut text), is_command));
                is_command = !is_command;
            } else {
                text.push(c);
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        pieces.push(Piece::new(text, is_command));
        pieces.retain(|piece| !piece.text().is_empty());
        Self(within(pieces, most))
    }

    /// As a template writes it.
    fn marked(&self) -> String {
        let marked = |piece: &Piece| match piece {
            Piece::Words(text) => format!("{DATA}{text}{DATA_END}"),
            Piece::Command(text) => format!("{COMMAND}{DATA}{text}{DATA_END}{COMMAND_END}"),
        };
        self.0.iter().map(marked).collect()
    }
}

impl Piece {
    /// Nothing but a space is no command: it would be two marks without anything between.
    fn new(text: String, is_command: bool) -> Self {
        if is_command && !text.trim().is_empty() { Self::Command(text) } else { Self::Words(text) }
    }

    fn text(&self) -> &str {
        let (Self::Words(text) | Self::Command(text)) = self;
        text
    }
}

/// These pieces, of at most so many UTF-16 units in all; a cut is marked.
fn within(pieces: Vec<Piece>, most: usize) -> Vec<Piece> {
    let mut left = Some(most);
    let cut = |piece: Piece| {
        let room = left?;
        left = room.checked_sub(units(piece.text()));
        Some(Piece::new(cut(piece.text(), room), matches!(piece, Piece::Command(_))))
    };
    pieces.into_iter().map_while(cut).collect()
}

impl Serialize for Advice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_safe_string(self.marked()).serialize(serializer)
    }
}

#[cfg(test)]
mod tests;
