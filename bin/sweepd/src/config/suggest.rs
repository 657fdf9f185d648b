//! Which word was meant?
//!
//! Knows nothing of keys: it is given what was written and what could have been.

/// The candidate that `word` is most likely a slip of, if it is near enough to any.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = plain(word);
    candidates
        .into_iter()
        .filter_map(|candidate| Some((distance(&word, candidate)?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The candidates in quotes, as a choice: `"a", "b" or "c"`.
pub(crate) fn either(candidates: &[&str]) -> String {
    let quoted: Vec<_> = candidates.iter().map(|candidate| format!("{candidate:?}")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// How far a slip is from what was meant; `None` if it is none.
fn distance(word: &str, candidate: &str) -> Option<usize> {
    let slips = strsim::damerau_levenshtein(word, &plain(candidate));
    let allowed = (candidate.chars().count() / 3).clamp(1, 3);
    if slips <= allowed {
        return Some(slips);
    }
    // Half of a two-part name, e.g. `tolerance` for `claim-tolerance`.
    (word.len() >= 4 && candidate.split('-').any(|part| part == word)).then_some(allowed + 1)
}

fn plain(word: &str) -> String {
    word.to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_word_and_other_words_find_nothing() {
        let keys = ["ceiling", "claim-tolerance", "silence", "silence-action", "skew", "mode"];
        let cases = [
            ("ceilling", Some("ceiling")),
            ("celing", Some("ceiling")),
            ("claim_tolerance", Some("claim-tolerance")),
            ("ClaimTolerance", Some("claim-tolerance")),
            ("tolerance", Some("claim-tolerance")),
            ("silense", Some("silence")),
            ("Mode", Some("mode")),
            ("mod", Some("mode")),
            ("timeout", None),
            ("x", None),
            ("", None),
        ];
        for (word, meant) in cases {
            assert_eq!(nearest(word, keys), meant, "{word}");
        }
    }

    #[test]
    fn a_choice_is_written_as_one_would_say_it() {
        assert_eq!(either(&["a"]), r#""a""#);
        assert_eq!(either(&["a", "b"]), r#""a" or "b""#);
        assert_eq!(either(&["a", "b", "c"]), r#""a", "b" or "c""#);
    }
}
