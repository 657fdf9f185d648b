//! Which ids may become parts of a path: those that cannot leave the directory they are joined to.

/// An id from a database that must not become part of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadId {
    /// Nothing at all.
    #[error("the id is empty")]
    Empty,
    /// `.` or `..`.
    #[error("the id is a dot path")]
    Dots,
    /// Contains `/`; an absolute path does, too.
    #[error("the id contains a slash")]
    Slash,
    /// Contains a NUL byte.
    #[error("the id contains a NUL")]
    Nul,
    /// Longer than a file name can be.
    #[error("the id is longer than 255 bytes")]
    TooLong,
}

/// Passes an id that names exactly one entry of a directory.
pub(crate) fn component(id: &str) -> Result<&str, BadId> {
    match id {
        "" => Err(BadId::Empty),
        "." | ".." => Err(BadId::Dots),
        _ if id.contains('/') => Err(BadId::Slash),
        _ if id.contains('\0') => Err(BadId::Nul),
        _ if id.len() > 255 => Err(BadId::TooLong),
        _ => Ok(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_would_leave_the_tree_are_refused_and_odd_ones_are_not() {
        let long = "x".repeat(256);
        for (id, why) in [
            ("", BadId::Empty),
            (".", BadId::Dots),
            ("..", BadId::Dots),
            ("/etc", BadId::Slash),
            ("a/../b", BadId::Slash),
            ("a\0b", BadId::Nul),
            (long.as_str(), BadId::TooLong),
        ] {
            assert_eq!(component(id), Err(why), "{id:?}");
        }
        for id in ["sess-1776000000000-abc123", "...", ".hidden", "a b", "ä", "a\\b", "%2e%2e"] {
            assert_eq!(component(id), Ok(id));
        }
    }
}
