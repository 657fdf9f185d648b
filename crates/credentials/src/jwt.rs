//! When does a JSON web token say that it ends?
//!
//! RFC 7519 and 7515. The signature is not looked at.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sweepd_decide::Timestamp;

use crate::end;

/// What a token came to, if not to an end: words that follow "it".
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It is a token, and its end is not to be had.
    NoEnd(String),
    /// It is no token.
    NoToken(&'static str),
}

/// The text of a file that is a token.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is no JWT: it is not UTF-8")?.trim();
    if text.is_empty() { Err("is empty") } else { Ok(text) }
}

/// Its `exp`.
pub(crate) fn end(token: &str) -> Result<Timestamp, Wrong> {
    let parts: Vec<&str> = token.split('.').collect();
    let payload = match parts.as_slice() {
        [header, payload, _signature] => {
            object(header).ok_or(Wrong::NoToken("is no JWT: its header cannot be read"))?;
            object(payload).ok_or(Wrong::NoToken("is no JWT: its payload cannot be read"))?
        }
        [header, _, _, _, _] if object(header).is_some() => {
            return Err(Wrong::NoEnd("is an encrypted JWT, whose `exp` nobody can read".into()));
        }
        _ => return Err(Wrong::NoToken("is no JWT: it has not three parts with dots between")),
    };
    let exp = payload.get("exp").ok_or_else(|| Wrong::NoEnd("is a JWT without `exp`".into()))?;
    end::of_seconds(exp).map_err(|wrong| Wrong::NoEnd(format!("is a JWT whose `exp` {wrong}")))
}

/// One part: a JSON object in base64url without padding.
fn object(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}
