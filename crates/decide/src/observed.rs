//! Three-valued facts: *there is none* is not *I could not look*.

/// A fact as one look found it.
///
/// The law that every rule obeys: replacing a known or absent fact by [`Observed::Unknown`] may
/// turn an action into none, never the other way round. Ignorance never destroys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "a host must handle all three")]
pub enum Observed<T> {
    /// Seen, and this is its value.
    Known(T),
    /// Looked for, and there is none: an agent that has not beaten yet.
    Absent,
    /// Could not look: permission denied, Docker down. The default.
    #[default]
    Unknown,
}

impl<T> Observed<T> {
    /// `Known` or `Absent`; never `Unknown`.
    pub fn from_option(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Known)
    }

    /// The value, if there is one to be had.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unknown => None,
        }
    }

    /// Whether the look failed.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}
