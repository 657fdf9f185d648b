//! A credential that was found elsewhere and may be put in place of another.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretSlice};
use serde_json::Value;
use sweepd_decide::{Reading, Timestamp};

use crate::kind::{CLAUDE, Kind};
use crate::read::MOST_BYTES;
use crate::understand::understand;

/// A whole credential whose end is known. Neither its `Debug` nor anything else shows a value of it.
#[derive(Clone)]
pub struct Candidate {
    kind: Kind,
    bytes: SecretSlice<u8>,
    until: Timestamp,
    account: Option<String>,
}

impl Candidate {
    /// Takes bytes for a credential of this kind, in the format of its file.
    ///
    /// # Errors
    ///
    /// In words that follow its name, and without a value: it is no credential, it says no end, or it
    /// has no access token.
    pub fn new(kind: &Kind, bytes: Vec<u8>) -> Result<Self, String> {
        if bytes.len() > MOST_BYTES {
            return Err("it is larger than 1 MiB, as no credential is".into());
        }
        let found = understand(kind, &bytes);
        let Reading::Until(until) = found.reading else {
            return Err(found.why.unwrap_or_else(|| "it says no end".into()));
        };
        // An end alone would make an old token look new.
        if *kind == Kind::ClaudeOauth && !has_access_token(&bytes) {
            return Err(format!("it has no `/{CLAUDE}/accessToken`"));
        }
        Ok(Self { kind: kind.clone(), bytes: bytes.into(), until, account: found.account })
    }

    /// What it is made of.
    pub const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// How long it is good for.
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// The same as a reading.
    pub const fn reading(&self) -> Reading {
        Reading::Until(self.until)
    }

    /// Whose it is, see [`account`](crate::account).
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The credential itself. Never leaves the crate but into the file.
    pub(crate) fn expose(&self) -> &[u8] {
        self.bytes.expose_secret()
    }
}

fn has_access_token(bytes: &[u8]) -> bool {
    let value: Option<Value> = serde_json::from_slice(bytes).ok();
    let token = value.as_ref().and_then(|it| it.get(CLAUDE)?.get("accessToken")?.as_str());
    token.is_some_and(|token| !token.is_empty())
}

/// Its kind, its end and whose it is.
impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("kind", &self.kind)
            .field("until", &self.until)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}
