//! How a rendered text becomes what a place takes: escaped, and no longer than it may be.
//!
//! A template writes its own words as they are and every value between two marks, so that the two
//! can be told apart to the end. The marks are code points that are no characters; no text that is
//! shown can hold them.

use super::clean::units;
use super::markup::{APART, Markup, Style, Token, around, atom, data};

/// Data begins, data ends.
pub(super) const DATA: char = '\u{fdd0}';
pub(super) const DATA_END: char = '\u{fdd1}';
/// Bold begins, bold ends.
pub(super) const BOLD: char = '\u{fdd2}';
pub(super) const BOLD_END: char = '\u{fdd3}';
/// Code begins, code ends.
pub(super) const CODE: char = '\u{fdd4}';
pub(super) const CODE_END: char = '\u{fdd5}';

/// Something to be typed begins, it ends.
pub(super) const COMMAND: char = '\u{fdd6}';
pub(super) const COMMAND_END: char = '\u{fdd7}';

/// Whether this is one of the marks.
pub(super) const fn is_mark(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}')
}

/// Whether some place would begin another line after it.
pub(super) const fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What a place takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) markup: Markup,
    pub(crate) unit: Unit,
    /// So many units, at most.
    pub(crate) limit: usize,
    /// A single line.
    pub(crate) single: bool,
}

/// What a place counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// UTF-16 units of the text as written; never fewer than characters.
    Utf16,
    /// UTF-8 bytes of the text as written.
    Bytes,
    /// UTF-16 units of what is seen of it.
    Seen,
}

impl Target {
    pub(crate) const fn new(markup: Markup, unit: Unit, limit: usize) -> Self {
        Self { markup, unit, limit, single: false }
    }

    /// The same, in a single line.
    pub(crate) const fn single(self) -> Self {
        Self { single: true, ..self }
    }

    fn cost(self, written: &str, seen: usize) -> usize {
        match self.unit {
            Unit::Utf16 => units(written),
            Unit::Bytes => written.len(),
            Unit::Seen => seen,
        }
    }
}

/// A text as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fitted {
    pub(super) text: String,
    /// It was longer.
    pub(super) cut: bool,
    /// It was longer, and the template has marks of its own that may be left open now.
    pub(super) torn: bool,
}

/// The text for this target, cut at its end if it is too long.
pub(super) fn fit(rendered: &str, target: Target) -> Fitted {
    let tokens = tidy(tokens(rendered, target), target);
    if let (text, true) = take(&tokens, target, "") {
        return Fitted { text, cut: false, torn: false };
    }
    let torn = raw(rendered).any(|c| !c.is_alphanumeric() && !TAME.contains(c));
    Fitted { text: take(&tokens, target, "…").0, cut: true, torn }
}

/// As many tokens as fit, with `end` after them if not all do; and whether all do.
fn take(tokens: &[Token], target: Target, end: &str) -> (String, bool) {
    let mut room = target.limit.saturating_sub(target.cost(end, units(end)));
    let mut out = String::new();
    let mut open: Vec<&str> = Vec::new();
    let mut all = true;
    for token in tokens {
        let (written, cost) = match token {
            Token::Atom { written, seen } => (written, target.cost(written, *seen)),
            Token::Open { written, close } => {
                (written, target.cost(written, 0).saturating_add(target.cost(close, 0)))
            }
            Token::Close => {
                out.push_str(open.pop().unwrap_or_default());
                continue;
            }
        };
        let Some(left) = room.checked_sub(cost) else {
            all = false;
            break;
        };
        room = left;
        out.push_str(written);
        if let Token::Open { close, .. } = token {
            open.push(close);
        }
    }
    if !all {
        if open.is_empty() {
            out.truncate(out.trim_end().len());
        }
        out.push_str(end);
    }
    out.extend(open.iter().rev().copied());
    (out, all)
}

/// What punctuation of a template is no place's markup.
const TAME: &str = " \n.,:;+-()/?'\"";

/// The words of the template itself.
fn raw(rendered: &str) -> impl Iterator<Item = char> {
    let mut inside = false;
    rendered.chars().filter(move |&c| {
        inside = c == DATA || inside && c != DATA_END;
        !inside && !is_mark(c)
    })
}

/// The tokens of a rendered text.
fn tokens(rendered: &str, target: Target) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut within = None;
    let mut rest = rendered;
    while let Some(at) = rest.find(is_mark) {
        let (raw, marked) = rest.split_at(at);
        tokens.extend(raw.chars().map(atom));
        let mut chars = marked.chars();
        let mark = chars.next().unwrap_or_default();
        rest = chars.as_str();
        match mark {
            DATA => {
                let (value, after) = rest.split_once(DATA_END).unwrap_or((rest, ""));
                data(target.markup, value, within, &mut tokens);
                rest = after;
            }
            BOLD => {
                let (written, close) = around(target.markup, Style::Bold, "");
                tokens.push(Token::Open { written, close });
            }
            CODE | COMMAND => {
                let style = if mark == CODE { Style::Code } else { Style::Command };
                within = Some(style);
                let inside = rest.split([CODE_END, COMMAND_END]).next().unwrap_or_default();
                let (written, close) = around(target.markup, style, inside);
                tokens.push(Token::Open { written, close });
            }
            BOLD_END => tokens.push(Token::Close),
            CODE_END | COMMAND_END => {
                within = None;
                tokens.push(Token::Close);
            }
            _ => {}
        }
    }
    tokens.extend(rest.chars().map(atom));
    tokens
}

/// Without white space at the ends of lines and emphasis, and with one empty line at most; in one
/// line, if that is wanted.
fn tidy(tokens: Vec<Token>, target: Target) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let (mut lines, mut spaces) = (0_usize, 0_usize);
    for token in tokens {
        match &token {
            Token::Atom { written, .. }
                if written == "\n" || target.single && written.chars().all(ends_line) =>
            {
                lines = lines.saturating_add(1);
                spaces = 0;
                continue;
            }
            Token::Atom { written, .. } if written == "\r" => continue,
            Token::Atom { written, .. } if written == " " => {
                spaces = spaces.saturating_add(1);
                continue;
            }
            Token::Atom { .. } | Token::Open { .. } => {
                if !out.is_empty() {
                    let breaks = if target.single { 0 } else { lines.min(2) };
                    let gap = if target.single { spaces.max(lines).min(1) } else { spaces };
                    out.extend(std::iter::repeat_n(atom("\n"), breaks));
                    out.extend(std::iter::repeat_n(atom(" "), gap));
                }
                (lines, spaces) = (0, 0);
                // Two runs of backticks must not be read as one.
                let opens = matches!(token, Token::Open { .. }) && is_fence(&token);
                if opens && out.last().is_some_and(|it| *it == Token::Close || is_fence(it)) {
                    out.push(atom(APART));
                }
            }
            Token::Close => {}
        }
        out.push(token);
    }
    out
}

/// Whether it ends or begins with the mark of code.
fn is_fence(token: &Token) -> bool {
    match token {
        Token::Atom { written, .. } | Token::Open { written, .. } => written.contains('`'),
        Token::Close => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rendered: &str, markup: Markup, limit: usize) -> String {
        fit(rendered, Target::new(markup, Unit::Utf16, limit)).text
    }

    #[test]
    fn words_of_the_template_are_kept_and_values_are_escaped() {
        let rendered =
            format!("\n*a* {DATA}*b*{DATA_END}\n\n\n\n{BOLD}{DATA}c{DATA_END}{BOLD_END}\n");
        assert_eq!(told(&rendered, Markup::Discord, 99), "*a* \\*b\\*\n\n**c**");
        assert_eq!(told(&rendered, Markup::Telegram, 99), "*a* *b*\n\n<b>c</b>");
        let single = Target::new(Markup::Plain, Unit::Bytes, 99).single();
        assert_eq!(fit(&rendered, single).text, "*a* *b* c");
    }

    #[test]
    fn a_cut_leaves_escapes_and_emphasis_whole() {
        let rendered = format!("{BOLD}{DATA}a<b{DATA_END}{BOLD_END}");
        for (limit, left) in
            [(15, "<b>a&lt;b</b>"), (13, "<b>a&lt;b</b>"), (12, "<b>a…</b>"), (8, "<b>…</b>")]
        {
            assert_eq!(told(&rendered, Markup::Telegram, limit), left, "{limit}");
        }
        assert_eq!(told(&rendered, Markup::Telegram, 7), "…");
        let seen = Target::new(Markup::Telegram, Unit::Seen, 3);
        assert_eq!(
            fit(&rendered, seen),
            Fitted { text: "<b>a&lt;b</b>".into(), cut: false, torn: false }
        );
    }

    #[test]
    fn bytes_are_counted_where_bytes_count() {
        let rendered = format!("{DATA}ääää{DATA_END}");
        let of = |limit| fit(&rendered, Target::new(Markup::Plain, Unit::Bytes, limit)).text;
        assert_eq!(of(8), "ääää");
        assert_eq!(of(7), "ää…");
    }
}
