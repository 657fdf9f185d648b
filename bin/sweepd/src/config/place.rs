//! Where in the file does a key stand?
//!
//! Keys are named by path, e.g. `source[0].wake.image`. Offsets are turned into lines and columns
//! here and nowhere else.

use std::collections::BTreeMap;
use std::fmt;
use std::iter;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// A place in a text; both numbers start at 1, and columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// The places of all keys of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    keys: BTreeMap<String, Both>,
}

#[derive(Debug, Clone, Copy)]
struct Both {
    key: Place,
    value: Place,
}

impl Places {
    /// Notes the place of every key and every element of a list.
    pub(crate) fn of(text: &str, table: &DeTable<'_>) -> Self {
        let mut places = Self::default();
        places.table("", &Lines::of(text), table);
        places
    }

    /// Where the key stands; for a table of a list, where its header does.
    pub(crate) fn key(&self, path: &str) -> Option<Place> {
        self.keys.get(path).map(|both| both.key)
    }

    /// Where the key's value stands.
    pub(crate) fn value(&self, path: &str) -> Option<Place> {
        self.keys.get(path).map(|both| both.value)
    }

    /// Where the innermost table around a key stands that is not there itself.
    pub(crate) fn around(&self, path: &str) -> Option<Place> {
        let end = path.rfind(['.', '['])?;
        let outer = path.get(..end)?;
        self.key(outer).or_else(|| self.around(outer))
    }

    fn table(&mut self, path: &str, text: &Lines<'_>, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = join(path, key.get_ref());
            self.entry(path, text, key.span(), value.span(), value.get_ref());
        }
    }

    fn entry(
        &mut self,
        path: String,
        text: &Lines<'_>,
        key: Range<usize>,
        value: Range<usize>,
        inner: &DeValue<'_>,
    ) {
        // Of a table, the header's bracket stands before the key.
        let key = key.start.min(value.start);
        let both = Both { key: text.place(key), value: text.place(value.start) };
        if let Some(table) = inner.as_table() {
            self.table(&path, text, table);
        }
        for (nth, element) in inner.as_array().into_iter().flatten().enumerate() {
            let span = element.span();
            let path = format!("{path}[{nth}]");
            self.entry(path, text, span.clone(), span, element.get_ref());
        }
        self.keys.insert(path, both);
    }
}

/// The line and column of a byte.
pub(crate) fn place(text: &str, offset: usize) -> Place {
    Lines::of(text).place(offset)
}

/// A text, and where its lines begin.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let later = text.match_indices('\n').map(|(newline, _)| newline + 1);
        Self { text, starts: iter::once(0).chain(later).collect() }
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|nth| self.starts.get(nth)).copied();
        let before = start.and_then(|start| self.text.get(start..offset)).unwrap_or_default();
        Place { line, column: before.chars().count() + 1 }
    }
}

/// The path of a key within the table at `path`.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The path as people write it: without the numbers of tables, and without what a terminal would
/// act on.
pub(crate) fn readable(path: &str) -> String {
    let mut shown = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        shown.push_str(before);
        match after.split_once(']') {
            Some((number, after)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                rest = after;
            }
            _ => {
                shown.push('[');
                rest = after;
            }
        }
    }
    shown.push_str(rest);
    shown
        .chars()
        .flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] })
        .collect()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# äöü
mode = 'x'
policy.retry.base = 1
[[source]]
[source.wake]
mounts = [\"ä\", 'b',
  'c']
[[source]]
'we.ird' = 1
";

    #[test]
    fn keys_and_values_are_found_by_their_paths() {
        let places = Places::of(TEXT, DeTable::parse(TEXT).unwrap().get_ref());
        let key = |path| places.key(path).map(|place| place.to_string());
        let value = |path| places.value(path).map(|place| place.to_string());
        assert_eq!(key("mode").as_deref(), Some("2:1"));
        assert_eq!(value("mode").as_deref(), Some("2:8"));
        assert_eq!(key("policy.retry.base").as_deref(), Some("3:14"));
        assert_eq!(key("source[0]").as_deref(), Some("4:1"));
        assert_eq!(key("source[0].wake").as_deref(), Some("5:1"));
        assert_eq!(value("source[0].wake.mounts[1]").as_deref(), Some("6:16"));
        assert_eq!(value("source[0].wake.mounts[2]").as_deref(), Some("7:3"));
        assert_eq!(key("source[1]").as_deref(), Some("8:1"));
        assert_eq!(key("source[1].we.ird").as_deref(), Some("9:1"));
        assert_eq!(key("nothing"), None);
    }

    #[test]
    fn what_is_not_there_is_missed_where_it_would_be() {
        let places = Places::of(TEXT, DeTable::parse(TEXT).unwrap().get_ref());
        let around = |path| places.around(path).map(|place| place.line);
        assert_eq!(around("source[0].wake.image"), Some(5));
        assert_eq!(around("source[1].wake.image"), Some(8));
        assert_eq!(around("state-dir"), None);
    }

    #[test]
    fn shown_paths_have_no_numbers_and_no_control_characters() {
        assert_eq!(readable("source[1].wake.mounts[0]"), "source.wake.mounts");
        assert_eq!(readable("a[b]\u{1b}[2J"), "a[b]\\u{1b}[2J");
    }
}
