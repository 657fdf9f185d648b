//! Does a pattern fit an id?
//!
//! `*` stands for any run of characters, `/` included, and `?` for one. Nothing else is special.

use std::fmt;

/// A pattern over agent ids, e.g. `nanoclaw/ag-slow/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob(String);

impl Glob {
    pub(crate) fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    /// Whether the whole of `id` fits.
    pub(crate) fn matches(&self, id: &str) -> bool {
        let (mut pattern, mut text) = (self.0.chars(), id.chars());
        // Where to go on when it does not fit: after the last `*`, having it eat one more.
        let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
        loop {
            let rest = text.clone();
            match (pattern.next(), text.next()) {
                (None, None) => return true,
                (Some('*'), _) => {
                    retry = Some((pattern.clone(), rest.clone()));
                    text = rest;
                }
                (Some('?'), Some(_)) => {}
                (Some(wanted), Some(found)) if wanted == found => {}
                _ => {
                    let Some((after_star, mut eaten)) = retry.take() else { return false };
                    if eaten.next().is_none() {
                        return false;
                    }
                    (pattern, text) = (after_star.clone(), eaten.clone());
                    retry = Some((after_star, eaten));
                }
            }
        }
    }

    /// Whether it has what is special in other programs' patterns: `[ab]`, `{a,b}`.
    pub(crate) fn looks_like_a_choice(&self) -> bool {
        [('[', ']'), ('{', '}')].iter().any(|(open, close)| {
            self.0.split_once(*open).is_some_and(|(_, rest)| rest.contains(*close))
        })
    }

    /// Whether any id that starts with `prefix` can fit.
    pub(crate) fn can_start_with(&self, prefix: &str) -> bool {
        let mut pattern = self.0.chars();
        for wanted in prefix.chars() {
            match pattern.next() {
                // It eats the rest of the prefix, whatever comes behind it.
                Some('*') => return true,
                Some('?') => {}
                Some(found) if found == wanted => {}
                _ => return false,
            }
        }
        true
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_star_fits_any_run_and_a_question_mark_one_character() {
        let cases = [
            ("nanoclaw/ag-slow/*", "nanoclaw/ag-slow/s-1", true),
            ("nanoclaw/ag-slow/*", "nanoclaw/ag-slow/", true),
            ("nanoclaw/ag-slow/*", "nanoclaw/ag-fast/s-1", false),
            ("*", "", true),
            ("*", "a/b", true),
            ("*/s-1", "nanoclaw/ag-1/s-1", true),
            ("*/s-1", "nanoclaw/ag-1/s-12", false),
            ("n*/ag-?/s-*1", "nanoclaw/ag-7/s-0101", true),
            ("n*/ag-?/s-*1", "nanoclaw/ag-77/s-0101", false),
            ("", "", true),
            ("", "a", false),
            ("a", "", false),
            ("ä?", "äö", true),
            ("[ab]", "a", false),
            ("a*b*c", "a-b-b-c-c", true),
            ("**", "x", true),
        ];
        for (pattern, id, fits) in cases {
            assert_eq!(Glob::new(pattern).matches(id), fits, "{pattern} {id}");
        }
    }

    #[test]
    fn a_pattern_that_misses_the_source_is_seen() {
        let cases = [
            ("ag-slow/*", false),
            ("nanoclaw/ag-slow/*", true),
            ("nano*", true),
            ("*slow*", true),
            ("nanoclaw", false),
            ("nanoclaw?ag", true),
            ("?anoclaw/", true),
        ];
        for (pattern, can) in cases {
            assert_eq!(Glob::new(pattern).can_start_with("nanoclaw/"), can, "{pattern}");
        }
    }

    /// The definition, spelled out.
    fn fits(pattern: &[char], id: &[char]) -> bool {
        match (pattern.split_first(), id.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) => (0..=id.len()).any(|eaten| fits(rest, &id[eaten..])),
            (Some(('?', rest)), Some((_, more))) => fits(rest, more),
            (Some((wanted, rest)), Some((found, more))) => wanted == found && fits(rest, more),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matching_is_what_the_definition_says(pattern in "[ab*?]{0,8}", id in "[ab]{0,10}") {
            let spelled = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(
                Glob::new(&*pattern).matches(&id),
                fits(&spelled(&pattern), &spelled(&id)),
            );
        }

        #[test]
        fn what_matches_could_start_with_its_own_start(pattern in "[ab*?]{0,8}", id in "[ab]{0,10}") {
            let glob = Glob::new(pattern);
            if glob.matches(&id) {
                prop_assert!((0..=id.len()).all(|end| glob.can_start_with(&id[..end])));
            }
        }
    }
}
