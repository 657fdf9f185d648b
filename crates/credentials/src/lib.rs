//! How long an agent's credential is good for, and a newer one put in its place.
//!
//! A leaf: it reads files, runs commands and renames files, and knows of sweepd the nouns only. What
//! a reading means, and when people hear of it, says `sweepd_decide::credential`. Everything is
//! blocking; within tokio it belongs into `spawn_blocking`.
//!
//! # Theory of operation
//!
//! [`find`] says which files a configured path means, [`read`] how long each is good for. When one
//! ends soon, [`fetch`] looks for a newer one at a [`Step`], and [`replace`] puts it in, if it is good
//! for strictly longer and nobody has written meanwhile.
//!
//! What lies under an agent's directory is the agent's to write. No link there is followed, no pipe is
//! waited for, no device is opened, at most 1 MiB is read, and what cannot be understood never
//! looks good.
//!
//! # What it does not do
//!
//! No clock is read but for the time a command may take; nothing is retried; no decision. No token is
//! checked against the service that gave it. No value of a credential is in any error, `Debug` or
//! other text: an [`account`] is the beginning of a hash.
//!
//! # Examples
//!
//! ```
//! use sweepd_credentials::{Kind, Replaced, Step, fetch, find, read, replace};
//! use sweepd_decide::{CredentialPolicy, CredentialState, Timestamp, credential};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("group-1").join("claude.json");
//! # std::fs::create_dir(dir.path().join("group-1"))?;
//! # let token = |end: i64| format!(
//! #     r#"{{"claudeAiOauth":{{"accessToken":"PLANTED-{end}","expiresAt":{end}}}}}"#);
//! # std::fs::write(&path, token(1_795_300_000_000))?;
//! # std::fs::write(dir.path().join("newer"), token(1_795_400_000_000))?;
//! let pattern = format!("{}/*/claude.json", dir.path().display());
//! let now = Timestamp::from_millis(1_795_341_600_000);
//! for place in find(&pattern)?.places {
//!     let found = read(&Kind::ClaudeOauth, &place);
//!     let (state, _) = credential(&CredentialPolicy::default(), found.reading, now).action;
//!     assert_eq!(state, CredentialState::Expired);
//!     let newer = fetch(&Step::file(dir.path().join("newer")), &Kind::ClaudeOauth)?;
//!     assert!(matches!(replace(&place, &newer)?, Replaced::Yes { .. }));
//! }
//! # Ok(())
//! # }
//! ```

mod account;
mod candidate;
mod end;
mod find;
mod jwt;
mod kind;
mod place;
mod read;
mod replace;
mod run;
mod step;
mod understand;
mod wildcard;

pub use account::account;
pub use candidate::Candidate;
pub use find::{FindError, MOST_FOUND, Matches, find};
pub use kind::{Kind, Pointer, PointerError};
pub use place::Place;
pub use read::{MOST_BYTES, read};
pub use replace::{ReplaceError, Replaced, replace};
pub use run::RunError;
pub use step::{CLAUDE_KEYCHAIN, FetchError, STEP_TIMEOUT, Step, fetch};
pub use understand::{Found, understand};
