//! What is wrong with a configuration, and where?
//!
//! Findings are gathered, not thrown: whoever mends a file wants to hear of all that is wrong at
//! once. They are put in the file's order when they are told.

use std::fmt;

use super::place::{Place, Places, readable};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// It works, but hardly as meant.
    Warning,
    /// Nothing is done with such a configuration.
    Error,
}

/// Something wrong with a configuration. `Display` is one line: place, severity if it is only a
/// warning, what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    file: String,
    place: Option<Place>,
    text: String,
}

/// Everything found so far, and what it takes to say where.
#[derive(Debug)]
pub(crate) struct Findings {
    file: String,
    places: Places,
    list: Vec<Finding>,
    misshapen: bool,
}

impl Findings {
    /// For a file shown as `file`.
    pub(crate) const fn new(file: String, places: Places) -> Self {
        Self { file, places, list: Vec::new(), misshapen: false }
    }

    /// Something is wrong at a place in the text.
    pub(crate) fn error_at(&mut self, place: Place, text: String) {
        self.push(Severity::Error, Some(place), text);
    }

    /// Something is wrong with a key itself. `text` names it.
    pub(crate) fn wrong_key(&mut self, path: &str, text: String) {
        let place = self.places.key(path);
        self.push(Severity::Error, place, text);
    }

    /// Something is wrong with a key's value. `text` goes on from the key's name.
    pub(crate) fn wrong(&mut self, path: &str, text: impl fmt::Display) {
        self.push(Severity::Error, self.nearest(path), format!("`{}`: {text}", readable(path)));
    }

    /// Ends the examination of the shape. If it found errors, what is missing from now on may be
    /// there under a wrong name, and is not told.
    pub(crate) fn shape_is_known(&mut self) {
        self.misshapen = self.has_errors();
    }

    /// A key has to be there. `text` goes on from the key's name.
    pub(crate) fn missing(&mut self, path: &str, text: impl fmt::Display) {
        if self.misshapen {
            return;
        }
        let text = format!("`{}` is missing: {text}", readable(path));
        self.push(Severity::Error, self.nearest(path), text);
    }

    /// Something is wrong that no key is to blame for.
    pub(crate) fn error_of(&mut self, text: String) {
        self.push(Severity::Error, None, text);
    }

    /// A key's value is hardly meant. `text` goes on from the key's name.
    pub(crate) fn warn(&mut self, path: &str, text: impl fmt::Display) {
        self.push(Severity::Warning, self.nearest(path), format!("`{}`: {text}", readable(path)));
    }

    /// Something is hardly meant that no key is to blame for.
    pub(crate) fn warn_of(&mut self, text: impl Into<String>) {
        self.push(Severity::Warning, None, text.into());
    }

    /// Whether a key is in the file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.places.key(path).is_some()
    }

    /// Whether anything found forbids to go on.
    pub(crate) fn has_errors(&self) -> bool {
        self.list.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// All of it, in the file's order; what has no place comes last.
    pub(crate) fn into_sorted(mut self) -> Vec<Finding> {
        fn order(finding: &Finding) -> (bool, Option<Place>, &str) {
            (finding.place.is_none(), finding.place, &finding.text)
        }
        self.list.sort_by(|a, b| order(a).cmp(&order(b)));
        // The same may be found on several ways, e.g. of an override that fits two sources.
        self.list.dedup();
        self.list
    }

    fn nearest(&self, path: &str) -> Option<Place> {
        self.places.value(path).or_else(|| self.places.around(path))
    }

    fn push(&mut self, severity: Severity, place: Option<Place>, text: String) {
        let finding = Finding { severity, file: self.file.clone(), place, text };
        self.list.push(finding);
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { severity, file, place, text } = self;
        f.write_str(file)?;
        if let Some(place) = place {
            write!(f, ":{place}")?;
        }
        match severity {
            Severity::Warning => write!(f, ": warning: {text}"),
            Severity::Error => write!(f, ": {text}"),
        }
    }
}
