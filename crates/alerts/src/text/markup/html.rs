//! Whether Telegram would take a text: it refuses the whole message for one tag that is not closed.

/// Whether every tag is known and closed in its turn, and every `&` begins an entity.
pub(super) fn is_sound(text: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>', '&']) {
        let (_, from) = rest.split_at(at);
        let (inside, after) = match from.chars().next() {
            Some('<') => match from.get(1..).and_then(|it| it.split_once('>')) {
                Some(found) => found,
                None => return false,
            },
            Some('&') => match from.get(1..).and_then(|it| it.split_once(';')) {
                Some((name, after)) if is_entity(name) => {
                    rest = after;
                    continue;
                }
                _ => return false,
            },
            _ => return false,
        };
        if let Some(name) = inside.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else {
            let name = inside.split(' ').next().unwrap_or_default();
            if !TAGS.contains(&name) {
                return false;
            }
            open.push(name);
        }
        rest = after;
    }
    open.is_empty()
}

fn is_entity(name: &str) -> bool {
    matches!(name, "amp" | "lt" | "gt" | "quot")
        || name.strip_prefix('#').is_some_and(|it| {
            !it.is_empty() && it.len() < 8 && it.chars().all(|c| c.is_ascii_alphanumeric())
        })
}

/// Those of the Bot API, "HTML style".
const TAGS: [&str; 16] = [
    "a",
    "b",
    "blockquote",
    "code",
    "del",
    "em",
    "i",
    "ins",
    "pre",
    "s",
    "span",
    "strike",
    "strong",
    "tg-emoji",
    "tg-spoiler",
    "u",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_telegram_would_refuse_is_not_sound() {
        for sound in ["", "a &amp; b &#39;", "<b>x <a href=\"https://x.test\">y</a></b>"] {
            assert!(is_sound(sound), "{sound}");
        }
        for broken in
            ["a & b", "a < b", "<b>", "</b>", "<b><i></b></i>", "<h1>x</h1>", "a > b", "&nbsp;"]
        {
            assert!(!is_sound(broken), "{broken}");
        }
    }
}
