//! The ports implemented for the leaf crates' types.

#[cfg(feature = "sqlite")]
mod nanoclaw;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub use nanoclaw::NanoclawSource;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteState;
