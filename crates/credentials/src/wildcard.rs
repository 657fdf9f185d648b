//! Does a name match one component of a pattern? `*` is any run of characters, `?` any one.

/// Whether a component of a pattern holds a wildcard.
pub(crate) fn is_wild(component: &[u8]) -> bool {
    component.iter().any(|byte| matches!(byte, b'*' | b'?'))
}

/// Whether a name matches. A hidden name only matches a component that begins with a dot.
///
/// Takes time of at most the product of both lengths, whatever the names are.
pub(crate) fn matches(component: &[u8], name: &[u8]) -> bool {
    if name.first() == Some(&b'.') && component.first() != Some(&b'.') {
        return false;
    }
    let (mut at, mut from) = (0, 0);
    // The last star met, and where in the name what follows it is tried next.
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = name.get(from) {
        match component.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(b'?') => {
                at += 1;
                from += char_at(name, from);
            }
            Some(literal) if literal == byte => {
                at += 1;
                from += 1;
            }
            Some(_) | None => {
                let Some((back, tried)) = star else { return false };
                star = Some((back, tried + 1));
                at = back + 1;
                from = tried + 1;
            }
        }
    }
    component.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

/// How many bytes the character there has; a byte that is no UTF-8 is one by itself.
fn char_at(name: &[u8], from: usize) -> usize {
    let rest = name.get(from..).unwrap_or_default();
    let rest = rest.get(..4).unwrap_or(rest);
    let valid = match std::str::from_utf8(rest) {
        Ok(text) => text,
        Err(error) => {
            let valid = rest.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
    };
    valid.chars().next().map_or(1, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Tries everything.
    fn slow(pattern: &[char], name: &[char]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) => {
                slow(rest, name) || name.split_first().is_some_and(|(_, less)| slow(pattern, less))
            }
            (Some(('?', rest)), Some((_, less))) => slow(rest, less),
            (Some((a, rest)), Some((b, less))) => a == b && slow(rest, less),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_trying_everything(pattern in "[ab*?ä]{0,8}", name in "[abä€]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let slow = slow(&chars(&pattern), &chars(&name));
            prop_assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), slow);
        }

        #[test]
        fn no_bytes_make_it_fail(pattern: Vec<u8>, name: Vec<u8>) {
            let _either = matches(&pattern, &name);
        }
    }

    #[test]
    fn hidden_names_are_matched_only_where_the_pattern_says_so() {
        assert!(!matches(b"*", b".hidden"));
        assert!(!matches(b"?hidden", b".hidden"));
        assert!(matches(b".*", b".hidden"));
        assert!(matches(b"*", b"plain"));
    }

    #[test]
    fn brackets_and_braces_and_backslashes_are_letters() {
        assert!(matches(br"[a]{b}\*", br"[a]{b}\c"));
        assert!(!matches(b"[ab]*", b"a"));
    }

    #[test]
    fn many_stars_take_no_long_time() {
        assert!(!matches(&b"*a".repeat(100), &b"b".repeat(255)));
    }
}
