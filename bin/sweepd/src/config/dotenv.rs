//! What does a `.env` file say of a key?
//!
//! The simple form that NanoClaw reads: `KEY=value`, optional quotes, `#` comments. Nothing is
//! expanded.

/// The value of the last line that sets `key`; empty values count as unset.
pub(crate) fn lookup<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let settings = text.lines().filter_map(setting);
    let value = settings.filter(|(name, _)| *name == key).map(|(_, value)| value).next_back();
    value.filter(|value| !value.is_empty())
}

fn setting(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
    let value = value.trim();
    let quoted = ['"', '\''].iter().find_map(|quote| {
        let inner = value.strip_prefix(*quote)?;
        inner.split_once(*quote).map(|(inner, _)| inner)
    });
    let plain = || value.split(" #").next().unwrap_or(value).trim_end();
    Some((name.trim(), quoted.unwrap_or_else(plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_comments_and_repetitions_are_understood() {
        let text = "\
# TZ=Mars/Olympus
A=1
export TZ=Europe/Berlin
TZ = \"Europe/Madrid\"   # where we are
QUOTED='a # b'
PLAIN=a#b # c
EMPTY=
";
        assert_eq!(lookup(text, "TZ"), Some("Europe/Madrid"));
        assert_eq!(lookup(text, "QUOTED"), Some("a # b"));
        assert_eq!(lookup(text, "PLAIN"), Some("a#b"));
        assert_eq!(lookup(text, "EMPTY"), None);
        assert_eq!(lookup(text, "B"), None);
    }
}
