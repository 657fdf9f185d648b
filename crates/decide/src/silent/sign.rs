//! What failures show in an agent's words.

/// What a failure is a sign of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "published words")]
pub enum Sign {
    /// The service does not take the credential: 401, 403, a token that is over.
    Authentication,
    /// Too much was asked in a short time: 429.
    RateLimit,
    /// All that was paid for is used up.
    Quota,
    /// The service cannot keep up: 529.
    Overloaded,
    /// Another answer of the service that is none: 4xx, 5xx.
    Api,
    /// The credential cannot be renewed because its file cannot be written.
    ReadOnlyCredential,
    /// There is no room on the disk.
    DiskFull,
}

impl Sign {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Authentication,
        Self::RateLimit,
        Self::Quota,
        Self::Overloaded,
        Self::Api,
        Self::ReadOnlyCredential,
        Self::DiskFull,
    ];

    /// The published word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::RateLimit => "rate-limit",
            Self::Quota => "quota",
            Self::Overloaded => "overloaded",
            Self::Api => "api",
            Self::ReadOnlyCredential => "read-only-credential",
            Self::DiskFull => "disk-full",
        }
    }

    /// Whether it passes by itself: nobody is at fault, and nothing is gained by trying at once.
    pub const fn passes(self) -> bool {
        match self {
            Self::RateLimit | Self::Quota | Self::Overloaded => true,
            Self::Authentication | Self::Api | Self::ReadOnlyCredential | Self::DiskFull => false,
        }
    }
}
