//! Whom a text would call, on services where `@name` calls somebody.

/// The text without what is code: fenced blocks and spans between backticks. A fence or a span that
/// is not closed is no code.
pub(crate) fn without_code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let ticks = from.len() - from.trim_start_matches('`').len();
        let (fence, inner) = from.split_at(ticks);
        let end = closing(inner, ticks);
        rest = if let Some(end) = end {
            out.push(' ');
            inner.get(end + ticks..).unwrap_or_default()
        } else {
            out.push_str(fence);
            inner
        };
    }
    out.push_str(rest);
    out
}

/// Where a run of exactly so many backticks begins.
fn closing(text: &str, ticks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text.get(at..)?.find('`') {
        let start = at + found;
        let run = text.get(start..)?;
        let length = run.len() - run.trim_start_matches('`').len();
        if length == ticks {
            return Some(start);
        }
        at = start + length;
    }
    None
}

/// The names after an `@` that stands at the start of a word, outside code.
pub(crate) fn mentions(text: &str) -> Vec<String> {
    let text = without_code(text);
    let mut found = Vec::new();
    let mut before = ' ';
    for (at, sign) in text.char_indices() {
        if sign == '@' && !before.is_alphanumeric() && !matches!(before, '_' | '`' | '/') {
            let name: String = text
                .get(at + 1..)
                .unwrap_or_default()
                .chars()
                .take_while(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_'))
                .collect();
            if name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
                found.push(name);
            }
        }
        before = sign;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_code_call_nobody() {
        assert_eq!(mentions("@ann, mail a@b.c and (@bob-2) /@x"), ["ann", "bob-2"]);
        assert_eq!(mentions("`@ann` ``a ` @bob`` ```\n@eve\n``` @dan"), ["dan"]);
        assert_eq!(mentions("a ` that is not closed @ann"), ["ann"]);
        assert_eq!(mentions("@\u{200b}ann @ ann"), [""; 0]);
    }
}
