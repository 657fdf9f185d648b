//! Whose credential is this? Said so that twenty copies are seen to be one, and nothing is given away.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::jwt;
use crate::kind::{CLAUDE, Kind};

/// What tells one account from another: `<kind>:` and 16 hex digits.
///
/// They are the beginning of the SHA-256 of the refresh token, where there is one, else of the
/// access token: the same for every copy of a credential, and a token cannot be had back from it.
/// A rotated token has another one. `None`: there is no token in it, or it is no credential.
pub fn account(kind: &Kind, bytes: &[u8]) -> Option<String> {
    match kind {
        Kind::Jwt { pointer: None } => {
            let token = jwt::text(bytes).ok()?;
            fingerprint(kind, token)
        }
        Kind::ClaudeOauth | Kind::Json { .. } | Kind::Jwt { pointer: Some(_) } => {
            of_value(kind, &serde_json::from_slice(bytes).ok()?)
        }
    }
}

/// The same for a JSON that was read already.
pub(crate) fn of_value(kind: &Kind, value: &Value) -> Option<String> {
    let token = match kind {
        Kind::ClaudeOauth => {
            token_in(value.get(CLAUDE)?, &REFRESH).or_else(|| token_in(value.get(CLAUDE)?, &ACCESS))
        }
        Kind::Json { pointer } => {
            let near = value.pointer(pointer.parent());
            [near, Some(value)]
                .into_iter()
                .flatten()
                .find_map(|it| token_in(it, &REFRESH).or_else(|| token_in(it, &ACCESS)))
        }
        Kind::Jwt { pointer } => {
            let pointer = pointer.as_ref()?;
            let near = value.pointer(pointer.parent());
            near.and_then(|near| token_in(near, &REFRESH))
                .or_else(|| value.pointer(pointer.as_str())?.as_str())
        }
    };
    fingerprint(kind, token?.trim())
}

/// What a refresh token is called, in Claude Code's file and by RFC 6749.
const REFRESH: [&str; 2] = ["refreshToken", "refresh_token"];

/// What an access token is called.
const ACCESS: [&str; 3] = ["accessToken", "access_token", "token"];

fn token_in<'a>(object: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| object.get(name)?.as_str().filter(|token| !token.is_empty()))
}

fn fingerprint(kind: &Kind, token: &str) -> Option<String> {
    if token.is_empty() {
        return None;
    }
    let mut text = format!("{}:", kind.as_str());
    for byte in Sha256::digest(token.as_bytes()).iter().take(8) {
        write!(text, "{byte:02x}").ok()?;
    }
    Some(text)
}
