//! Data in a tracker's Markdown: a word of which a link could be made is code, where nothing is.
//!
//! Trackers make links, mentions and commands of many things (`@name`, `#12`, `!3`, `GH-4`, a commit,
//! an address, `:smile:`, `/close` at the start of a line), and not one of them inside code. So a
//! word is text only if it holds nothing but letters, digits and punctuation that is known to be
//! harmless.

use unicode_segmentation::UnicodeSegmentation as _;

use super::{APART, MOST_OF_ONE, Token, atom};
use crate::text::clean::units;

/// Writes data as text, word by word.
pub(super) fn text(text: &str, tokens: &mut Vec<Token>) {
    for (nth, word) in text.split(' ').enumerate() {
        if nth > 0 {
            tokens.push(atom(" "));
        }
        let bare = word.trim_end_matches([',', '.', ';', '?', '!', ')', '"', '\'', ':', '%']);
        let (bare, tail) = word.split_at(bare.len());
        // Behind code or an emphasis no line begins.
        let first = nth == 0 && tokens.last() != Some(&Token::Close);
        if is_quiet(bare) {
            quiet(word, first, tokens);
        } else {
            let (written, close) = fence(bare);
            tokens.push(Token::Open { written, close });
            code(bare, tokens);
            tokens.push(Token::Close);
            quiet(tail, false, tokens);
        }
    }
}

/// Writes data between the marks of code.
pub(super) fn code(text: &str, tokens: &mut Vec<Token>) {
    for (at, whole) in text.grapheme_indices(true) {
        let mut written: String = whole.chars().take(MOST_OF_ONE).collect();
        if text.get(at..).is_some_and(|rest| rest.starts_with("<!--")) {
            written.push(APART);
        }
        tokens.push(atom(written));
    }
}

/// The marks around code: more backticks than it has in a row, and a space if it has any.
pub(super) fn fence(inside: &str) -> (String, String) {
    let longest = inside.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let marks = "`".repeat(longest.saturating_add(1));
    if longest == 0 { (marks.clone(), marks) } else { (format!("{marks} "), format!(" {marks}")) }
}

/// A word of which nothing is made, with emphasis escaped; `first` at the start of the data, where a
/// list or a heading could begin.
fn quiet(word: &str, first: bool, tokens: &mut Vec<Token>) {
    let numbered = word.starts_with(|c: char| c.is_ascii_digit());
    for (nth, whole) in word.graphemes(true).enumerate() {
        let mut written = String::new();
        for c in whole.chars().take(MOST_OF_ONE) {
            let begins = first
                && (nth == 0 && c.is_ascii_punctuation() || numbered && matches!(c, '.' | ')'));
            if begins || matches!(c, '*' | '_' | '~' | '[' | ']') {
                written.push('\\');
            }
            written.push(c);
        }
        tokens.push(Token::Atom { written, seen: units(whole) });
    }
}

/// Whether no tracker makes anything of this word.
fn is_quiet(word: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let harmless = |(at, c): (usize, char)| match c {
        '.' | ',' | ';' | '?' | '\'' | '"' | '(' | ')' | '-' | '_' | '+' | '*' => true,
        '/' => at > 0,
        ':' => {
            let (left, right) = word.split_at(at);
            digit(left.chars().next_back()) && digit(right.chars().nth(1))
        }
        c => c.is_alphanumeric() || !c.is_ascii(),
    };
    word.char_indices().all(harmless)
        && !word.contains("//")
        && !word.to_ascii_lowercase().contains("www.")
        && !word.split(|c: char| !c.is_ascii_alphanumeric()).any(is_commit)
        && !is_reference(word)
}

/// Seven hexadecimal digits or more.
fn is_commit(run: &str) -> bool {
    run.len() >= 7 && run.chars().all(|c| c.is_ascii_hexdigit())
}

/// `GH-12`, `ABC-7`: letters, a hyphen, digits.
fn is_reference(word: &str) -> bool {
    word.split('-').zip(word.split('-').skip(1)).any(|(left, right)| {
        left.ends_with(|c: char| c.is_ascii_uppercase())
            && right.starts_with(|c: char| c.is_ascii_digit())
    })
}
