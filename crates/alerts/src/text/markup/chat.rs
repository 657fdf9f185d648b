//! Data where people chat, and in plain text: character by character.

use unicode_segmentation::UnicodeSegmentation as _;

use super::{APART, MOST_OF_ONE, Markup, Style, Token};

/// Writes data, escaped; `within` the marks of code or of a command, if they are around it.
pub(super) fn text(markup: Markup, text: &str, within: Option<Style>, tokens: &mut Vec<Token>) {
    let mut before = None;
    for (at, whole) in text.grapheme_indices(true) {
        let mut written = String::new();
        let mut seen = 0_usize;
        for (nth, c) in whole.char_indices().take(MOST_OF_ONE) {
            let start = at.saturating_add(nth).saturating_add(c.len_utf8());
            let after = text.get(start..).unwrap_or_default();
            escape(markup, c, within, before.is_none(), &mut written);
            seen = seen.saturating_add(c.len_utf16());
            if splits(markup, before, c, after, within.is_some()) {
                written.push(APART);
                seen = seen.saturating_add(1);
            }
            before = Some(c);
        }
        tokens.push(Token::Atom { written, seen });
    }
}

/// One character, escaped by the place's own rules.
fn escape(markup: Markup, c: char, within: Option<Style>, first: bool, out: &mut String) {
    match (markup, c) {
        (Markup::Discord, '`') if within.is_some() => out.push('\''),
        (Markup::Plain | Markup::Title, '`') if within == Some(Style::Command) => out.push('\''),
        (Markup::Slack, '`') => out.push('\''),
        (Markup::Slack | Markup::Telegram, '&') => out.push_str("&amp;"),
        (Markup::Slack | Markup::Telegram, '<') => out.push_str("&lt;"),
        (Markup::Slack | Markup::Telegram, '>') => out.push_str("&gt;"),
        (Markup::Telegram, '"') => out.push_str("&quot;"),
        (Markup::Discord, _) if within.is_some() => out.push(c),
        (
            Markup::Discord,
            '\\' | '`' | '*' | '_' | '~' | '|' | '<' | '>' | '[' | ']' | '(' | ')' | '#',
        ) => out.extend(['\\', c]),
        (Markup::Discord, '-' | '+') if first => out.extend(['\\', c]),
        _ => out.push(c),
    }
}

/// Whether what follows has to be kept apart from this character.
fn splits(markup: Markup, before: Option<char>, c: char, after: &str, code: bool) -> bool {
    let inside = before.is_some_and(char::is_alphanumeric);
    let next = after.chars().next();
    match c {
        '@' => true,
        '<' => match markup {
            Markup::Plain | Markup::Title => next.is_none_or(|c| matches!(c, '!' | '@' | '#')),
            Markup::Discord => code,
            Markup::Slack | Markup::Telegram | Markup::Tracker => false,
        },
        ':' => after.starts_with("//") && !matches!(markup, Markup::Plain | Markup::Slack),
        '#' | '$' | '/' if markup == Markup::Telegram => !inside && before != Some('/'),
        '#' | '!' | '$' | '%' | '~' | '^' | '&' => markup == Markup::Title,
        _ => false,
    }
}
