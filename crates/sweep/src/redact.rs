//! Secrets in what agents write: what looks like one is not kept and not shown.
//!
//! A guess on the safe side. It knows the marks of common tokens, `NAME=value` and `NAME: value`
//! where the name speaks of a secret, and long random words; an id or a hash may fall to it too.

use crate::clean::clean;

/// What stands in a secret's place.
pub(crate) const REDACTED: &str = "[redacted]";
/// Marks that tokens begin with.
const MARKS: &[&str] = &[
    "sk-",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "AKIA",
    "ASIA",
    "eyJ",
    "ya29.",
    "AIza",
    "hf_",
    "npm_",
];
/// Parts of names whose values are secrets.
const NAMES: &[&str] = &[
    "token",
    "secret",
    "password",
    "passwd",
    "api_key",
    "apikey",
    "api-key",
    "authorization",
    "bearer",
];
/// Those after which the secret comes without a mark.
const SCHEMES: &[&str] = &["authorization", "bearer"];
/// A word after a name is its value if it has a digit, or is this long.
const ODD: usize = 16;
/// A word of letters and digits alike that is this long is taken for a secret.
const RANDOM: usize = 32;

/// A known secret is struck out if it has so many bytes.
#[cfg(feature = "docker")]
const SECRET: usize = 6;

/// So many characters of last words are kept.
const LAST_WORDS: usize = 300;

/// The newest lines of an output that fit into one, without secrets. The last line is always
/// among them, and cut if it alone is too long.
pub(crate) fn last_words(output: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut left = LAST_WORDS;
    for line in output.lines().rev().map(|line| redact(line.trim())).filter(|line| !line.is_empty())
    {
        let length = line.chars().count();
        if length > left && !lines.is_empty() {
            lines.push("…".to_owned());
            break;
        }
        left = left.saturating_sub(length);
        lines.push(line.chars().take(LAST_WORDS).collect());
    }
    lines.reverse();
    lines.join(" | ")
}

/// A text without values that are known to be secret. Short ones are words like any other.
#[cfg(feature = "docker")]
pub(crate) fn strike<'a>(text: &str, secrets: impl Iterator<Item = &'a str>) -> String {
    let mut secrets: Vec<&str> = secrets.filter(|secret| secret.len() >= SECRET).collect();
    // One may hold another.
    secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, REDACTED))
}

/// Whether a name speaks of a secret.
pub(crate) fn is_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    NAMES.iter().any(|part| lower.contains(part))
}

/// A line without secrets, fit to be shown.
pub(crate) fn redact(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut named = false;
    // A name that a blank follows is mostly a word of a sentence: `no token in …`.
    let mut maybe = false;
    for word in clean(line).split_inclusive([' ', ',', '"', '\'', '=', ':', '&', '?']) {
        let plain = word.trim_end_matches([' ', ',', '"', '\'', '=', ':', '&', '?']);
        let rest = word.get(plain.len()..).unwrap_or_default();
        let lower = plain.to_ascii_lowercase();
        let speaks = is_name(plain);
        // What is left of an escape sequence that colors the value.
        let empty = plain.is_empty() || (plain.starts_with('[') && plain.ends_with('m'));
        let odd = plain.len() >= ODD || plain.bytes().any(|b| b.is_ascii_digit());
        let secret = !speaks && !empty && (named || (maybe && odd) || is_token(plain));
        kept.push_str(if secret { REDACTED } else { plain });
        kept.push_str(rest);
        // `Authorization: Bearer x`: names stand one after the other, and blanks between.
        let sentence = rest.starts_with(' ')
            && !plain.starts_with('-')
            && !SCHEMES.iter().any(|name| lower.contains(name));
        let assigns = rest.contains(['=', ':', '"', '\'']);
        named = (speaks && !sentence) || (empty && (named || (maybe && assigns)));
        maybe = (speaks && sentence) || (empty && maybe);
    }
    kept
}

fn is_token(word: &str) -> bool {
    let marked = MARKS.iter().any(|mark| {
        word.strip_prefix(mark).is_some_and(|rest| rest.len() >= 8 && !rest.contains('/'))
    });
    let random = word.len() >= RANDOM
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=_-.".contains(&b))
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_alphabetic())
        && !word.starts_with('/');
    marked || random
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "docker")]
    #[test]
    fn what_is_known_to_be_secret_is_struck_out_wherever_it_stands() {
        let text = "no PLANTED2-longer, only PLANTED2 and on";
        let secrets = ["PLANTED2", "PLANTED2-longer", "on", ""];
        assert_eq!(strike(text, secrets.into_iter()), "no [redacted], only [redacted] and on");
    }

    #[test]
    fn secrets_are_left_out_and_what_is_said_about_them_stays() {
        for (line, kept) in [
            ("ANTHROPIC_API_KEY=sk-ant-api03-abcdefgh", "ANTHROPIC_API_KEY=[redacted]"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
            ("got token: PLANTED2, retrying", "got token: [redacted], retrying"),
            (r#"{"password":"pa ss","user":"x"}"#, r#"{"password":"[redacted] ss","user":"x"}"#),
            ("pushed with ghp_0123456789abcdef", "pushed with [redacted]"),
            ("using token abc123 now", "using token [redacted] now"),
            ("the secret correcthorsebatterystaple", "the secret [redacted]"),
            ("run --password hunter", "run --password [redacted]"),
            ("PASSWORD = hunter", "PASSWORD = [redacted]"),
            ("jwt eyJhbGciOiJIUzI1NiJ9.e30.x", "jwt [redacted]"),
            ("id 0123456789abcdef0123456789abcdef", "id [redacted]"),
        ] {
            assert_eq!(redact(line), kept);
        }
    }

    #[test]
    fn plain_words_paths_and_short_ids_are_kept() {
        for line in [
            "[poll-loop] Error: API Error: 401 invalid credentials",
            "no token in the agent's home, and no password either",
            "TypeError: undefined is not a function (/app/src/index.ts:1234:56)",
            "listening on 127.0.0.1:8080, pid 42",
            "/srv/nanoclaw/data/v2-sessions/ag-1/sess-1795341600789-abc123/outbound.db is locked",
        ] {
            assert_eq!(redact(line), line);
        }
    }

    #[test]
    fn last_words_are_the_newest_lines_that_fit() {
        assert_eq!(last_words(""), "");
        assert_eq!(last_words("one\n\ntoken=x\nthree\n"), "one | token=[redacted] | three");
        let long = format!("first\n{}\n{}", "a".repeat(200), "b".repeat(101));
        assert_eq!(last_words(&long), format!("… | {}", "b".repeat(101)));
        assert_eq!(
            last_words(&format!("first\n{}", "b ".repeat(190))),
            format!("… | {}", "b ".repeat(150))
        );
    }

    #[test]
    fn control_characters_and_endless_lines_are_no_way_out() {
        assert_eq!(redact("token:\u{1b}[0m PLANTED2"), "token: [0m [redacted]");
        assert!(redact(&"x".repeat(10_000)).chars().count() <= 401);
    }
}
