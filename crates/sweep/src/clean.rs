//! Text that somebody else wrote, made fit to be shown: no control characters, no end without end.
//!
//! Agents write ids, statuses and logs; a terminal or a chat must not obey them.

/// The longest text that is kept of what somebody else wrote.
const LONGEST: usize = 400;

/// Replaces what is not text, and cuts what is too long.
pub fn clean(text: &str) -> String {
    let mut cleaned: String =
        text.chars().take(LONGEST).map(|c| if is_text(c) { c } else { ' ' }).collect();
    if text.chars().nth(LONGEST).is_some() {
        cleaned.push('…');
    }
    cleaned
}

/// No control character of either set, no line or paragraph separator, nothing that turns the
/// direction of reading, nothing that takes no place at all. Joiners stay: scripts need them.
fn is_text(c: char) -> bool {
    let turns = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    let hidden = matches!(c, '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
        || matches!(c, '\u{e0000}'..='\u{e007f}');
    !(c.is_control() || turns || hidden || matches!(c, '\u{2028}' | '\u{2029}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_newlines_and_turns_become_blanks() {
        let hostile = "a\x1b]0;x\x07\r\n\u{9b}31m\u{202e}b\u{2028}";
        assert_eq!(clean(hostile), "a ]0;x    31m b ");
        assert_eq!(clean("a\u{200b}b\u{feff}c\u{e0041}d\u{61c}e"), "a b c d e");
        let joined = "plain, äöü ✓ می\u{200c}خواهم 👩\u{200d}🔧";
        assert_eq!(clean(joined), joined);
    }

    #[test]
    fn what_is_too_long_is_cut() {
        assert_eq!(clean(&"x".repeat(400)).chars().count(), 400);
        let cut = clean(&"x".repeat(401));
        assert!(cut.ends_with('…') && cut.chars().count() == 401);
    }
}
