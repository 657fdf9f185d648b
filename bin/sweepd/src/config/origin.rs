//! Where does a value come from?

use std::collections::BTreeMap;
use std::fmt;

use super::place::Places;

/// Where the values of a configuration come from, by path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    file: String,
    places: Places,
    elsewhere: BTreeMap<String, String>,
}

/// Where one value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin<'o> {
    /// Nobody set it.
    Default,
    /// A line of the file.
    File { file: &'o str, line: usize },
    /// Something else, in words.
    Elsewhere(&'o str),
}

impl Origins {
    pub(crate) const fn new(file: String, places: Places) -> Self {
        Self { file, places, elsewhere: BTreeMap::new() }
    }

    /// Notes that the value at `path` comes neither from the file nor from the defaults.
    pub(crate) fn elsewhere(&mut self, path: String, from: impl Into<String>) {
        self.elsewhere.insert(path, from.into());
    }

    /// Where the value at `path` comes from.
    pub(crate) fn of(&self, path: &str) -> Origin<'_> {
        if let Some(words) = self.elsewhere.get(path) {
            return Origin::Elsewhere(words);
        }
        match self.places.key(path) {
            Some(place) => Origin::File { file: &self.file, line: place.line },
            None => Origin::Default,
        }
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { file, line } => write!(f, "{file}:{line}"),
            Self::Elsewhere(words) => f.write_str(words),
        }
    }
}
