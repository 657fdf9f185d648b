//! What a credential is made of, and where in it its end is said.

use std::fmt;

/// What a credential is made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// What Claude Code keeps: JSON with an object `claudeAiOauth`, whose `expiresAt` is the end.
    ClaudeOauth,
    /// Any JSON that says its end somewhere.
    Json {
        /// Where: a number of milliseconds or seconds since 1970, or RFC 3339.
        pointer: Pointer,
    },
    /// A JSON web token. Its signature is not checked: who made it does not matter for its end.
    Jwt {
        /// Where in a JSON the token is; `None`, the file is the token.
        pointer: Option<Pointer>,
    },
}

impl Kind {
    /// The word for it in a configuration.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::ClaudeOauth => "claude-oauth",
            Self::Json { .. } => "json",
            Self::Jwt { .. } => "jwt",
        }
    }
}

/// The object of Claude Code's file that is the credential.
pub(crate) const CLAUDE: &str = "claudeAiOauth";

/// Where in it its end is said.
pub(crate) const CLAUDE_END: &str = "/claudeAiOauth/expiresAt";

/// A place in a JSON document, as RFC 6901 writes it: `/token/expires_at`, `/tokens/0`.
///
/// `~1` stands for a slash in a name and `~0` for a tilde; the empty one is the whole document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

/// The text is no [`Pointer`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "read `{text}` as a JSON pointer: {wrong}; write it like `/token/expires_at`, with `~1` for a slash in a name and `~0` for a tilde"
)]
pub struct PointerError {
    text: String,
    wrong: &'static str,
}

impl Pointer {
    /// Reads a pointer.
    ///
    /// # Errors
    ///
    /// It is not empty and does not begin with a slash, or has a tilde before anything but 0 or 1.
    pub fn new(text: impl Into<String>) -> Result<Self, PointerError> {
        let text = text.into();
        let bare = |rest: &str| !rest.starts_with(['0', '1']);
        if !text.is_empty() && !text.starts_with('/') {
            Err(PointerError { text, wrong: "it does not begin with a slash" })
        } else if text.split('~').skip(1).any(bare) {
            Err(PointerError { text, wrong: "it has a lone tilde" })
        } else {
            Ok(Self(text))
        }
    }

    /// As RFC 6901 writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pointer to what holds the thing pointed at; of the whole document, itself.
    pub(crate) fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(parent, _)| parent)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
