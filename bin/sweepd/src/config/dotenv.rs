//! What does a `.env` file say of a key?
//!
//! The simple form that NanoClaw reads: `KEY=value`, optional quotes, `#` comments. Nothing is
//! expanded.

use std::io;
use std::path::Path;

use super::regular;

/// So much of one is read.
pub(super) const LONGEST: u64 = 1 << 20;

/// The value of the last line that sets `key`; empty values count as unset.
pub(crate) fn lookup<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let settings = text.lines().filter_map(setting);
    let value = settings.filter(|(name, _)| *name == key).map(|(_, value)| value).next_back();
    value.filter(|value| !value.is_empty())
}

/// The value of `key` in a file, as it is now.
///
/// # Errors
/// The file cannot be read, or does not say.
pub(crate) fn read(path: &Path, key: &str) -> io::Result<String> {
    let bytes = regular::read(path, LONGEST)?;
    let text = String::from_utf8_lossy(&bytes);
    let unset = || io::Error::new(io::ErrorKind::NotFound, format!("{key} is not set in it"));
    lookup(&text, key).map(str::to_owned).ok_or_else(unset)
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
