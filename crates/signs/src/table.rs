//! Of which failure is a text a sign?
//!
//! Source: docs/rules/silence.md, "Signs"; the phrases of the services and of the command line tools
//! as they were logged.

use std::sync::LazyLock;

use regex_lite::Regex;
use sweepd_decide::silent::Sign;

/// What is looked for, in this order: what is particular comes before what is general.
const TABLE: [(Sign, &str); 7] = [
    (
        Sign::ReadOnlyCredential,
        r"(erofs|eacces|eperm|read-only file ?system).{0,200}(\.credentials|claude\.json|credential)",
    ),
    (
        Sign::DiskFull,
        r"enospc|no space left on device|disk quota exceeded|database or disk is full",
    ),
    (Sign::Quota, r"quota|hit your .{0,20}limit|usage limit reached|credit balance|billing_error"),
    (Sign::RateLimit, r"\b429\b|rate.?limit|too many requests"),
    (Sign::Overloaded, r"\b529\b|overloaded"),
    (
        Sign::Authentication,
        r"\b(401|403)\b|authenticat|unauthori[sz]ed|invalid api key|oauth token|please run /login",
    ),
    (Sign::Api, r"api error: ?[45]\d\d\b"),
];

/// The table, ready to be searched.
static READY: LazyLock<Vec<(Sign, Regex)>> = LazyLock::new(|| {
    let ready =
        |(sign, text): (Sign, &str)| Some((sign, Regex::new(&format!("(?is){text}")).ok()?));
    TABLE.into_iter().filter_map(ready).collect()
});

/// So much of a text is searched, in characters.
const LONGEST: usize = 8192;

/// The failure that a text is a sign of.
pub fn sign(text: &str) -> Option<Sign> {
    let text = text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end]);
    READY.iter().find(|(_, regex)| regex.is_match(text)).map(|(sign, _)| *sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_can_be_searched_for() {
        assert_eq!(READY.len(), TABLE.len());
    }
}
