//! What of an untrusted text is shown: its visible characters in one line, and only so many.

use unicode_segmentation::UnicodeSegmentation as _;

/// This text without anything that is not seen: escape sequences of terminals, control characters,
/// what turns the direction of writing, what has no width, tags, and code points that are no
/// characters. White space, line ends among it, becomes one space.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut gap = false;
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_control(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut chars),
            c if c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}') => gap = true,
            c if is_unseen(c) => {}
            c => {
                if gap && !out.is_empty() {
                    out.push(' ');
                }
                gap = false;
                out.push(c);
            }
        }
    }
    out
}

/// The rest of a sequence that began with ESC.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            skip_control(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            skip_string(chars);
        }
        Some(' '..='~') => {
            chars.next();
        }
        _ => {}
    }
}

/// Parameters and the final character of a control sequence.
fn skip_control(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while chars.next_if(|c| matches!(c, ' '..='?')).is_some() {}
    chars.next_if(|c| matches!(c, '@'..='~'));
}

/// A string for the terminal up to its end: BEL, ST or the line's end. One without an end is text.
fn skip_string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let mut ahead = chars.clone();
    while let Some(c) = ahead.next() {
        match c {
            '\u{7}' | '\u{9c}' => {
                *chars = ahead;
                return;
            }
            '\u{1b}' if ahead.peek() == Some(&'\\') => {
                ahead.next();
                *chars = ahead;
                return;
            }
            '\n' | '\r' => return,
            _ => {}
        }
    }
}

/// Whether nothing is seen of this character, or only what it does to others.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'          // controls, C1 too
        | '\u{ad}' | '\u{34f}' | '\u{61c}'             // soft hyphen, joiner, Arabic mark
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // fillers
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'                      // no width, and direction marks
        | '\u{2028}'..='\u{202e}'                      // lines, paragraphs, embeddings
        | '\u{2060}'..='\u{206f}'                      // invisible operators, isolates
        | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0e}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}'..='\u{ffff}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'                    // tags and further variations
    ) || u32::from(c) & 0xfffe == 0xfffe
}

/// At most `most` UTF-16 units of a text, cut between what people see as characters; a cut is
/// marked with "…".
pub(crate) fn cut(text: &str, most: usize) -> String {
    if units(text) <= most {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(1);
    let mut out = String::new();
    for seen in text.graphemes(true) {
        let Some(rest) = left.checked_sub(units(seen)) else { break };
        left = rest;
        out.push_str(seen);
    }
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// The length of a text in UTF-16 units.
pub(crate) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_seen_is_left() {
        for (raw, left) in [
            ("a\r\n\tb  c ", "a b c"),
            ("\u{1b}[31mred\u{1b}[0m \u{9b}1mbold", "red bold"),
            ("\u{1b}]0;title\u{7}x \u{1b}]8;;http://e\u{1b}\\link", "x link"),
            ("\u{1b}]0;no end\nnext", "0;no end next"),
            ("\u{1b}(Bx\u{1b}", "Bx"),
            ("a\u{202e}b\u{2066}c\u{200b}d\u{feff}e\u{e0041}f\u{fdd0}g", "abcdefg"),
            ("\u{2028}x\u{85}y\u{0}z", "x yz"),
            ("e\u{301} 👩\u{200d}🚀", "e\u{301} 👩🚀"),
        ] {
            assert_eq!(clean(raw), left, "{raw:?}");
        }
    }

    #[test]
    fn a_cut_is_marked_and_leaves_characters_whole() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("ab cd", 4), "ab…");
        assert_eq!(cut("a🚀b", 3), "a…");
        assert_eq!(cut("ae\u{301}\u{302}b", 3), "a…");
        assert_eq!(cut("ab", 0), "…");
    }
}
