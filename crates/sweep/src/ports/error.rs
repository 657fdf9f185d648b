//! What can go wrong at a port, sorted by what the engine can do about it.

use std::error::Error as StdError;

/// A port could not do what it was asked.
///
/// The engine only distinguishes whether the world answered: [`PortError::Refused`] is an answer,
/// [`PortError::Unreachable`] means *don't know*, on which nothing is done to anybody.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortError {
    /// The other side did not answer, or not in time.
    #[error("{doing}")]
    Unreachable {
        /// What we were doing.
        doing: String,
        /// Why it failed.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// The other side answered, and said no.
    #[error("{doing}")]
    Refused {
        /// What we were doing.
        doing: String,
        /// Why it failed.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// The other side answered: something that it would take is not there, and trying again is of
    /// no use before a person has seen to it.
    #[error("{doing}")]
    Lacking {
        /// What we were doing.
        doing: String,
        /// What is not there.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// The thing named is another one by now; it was left alone.
    #[error("{doing}: it has been started anew meanwhile")]
    Superseded {
        /// What we were doing.
        doing: String,
    },
    /// The thing named is not there any more.
    #[error("{doing}: it is gone")]
    Gone {
        /// What we were doing.
        doing: String,
    },
}

impl PortError {
    /// Don't know.
    pub fn unreachable(
        doing: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Unreachable { doing: doing.into(), source: Some(source.into()) }
    }

    /// A refusal.
    pub fn refused(
        doing: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Refused { doing: doing.into(), source: Some(source.into()) }
    }

    /// A refusal for want of something.
    pub fn lacking(
        doing: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Lacking { doing: doing.into(), source: Some(source.into()) }
    }

    /// The whole chain in one line: what we were doing, and why it failed.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}
