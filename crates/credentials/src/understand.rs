//! What does the content of a credential say? Pure: bytes in, a reading and words out.

use std::fmt;

use serde_json::Value;
use serde_json::error::Category;
use sweepd_decide::{Reading, Timestamp};

use crate::account::{self, account};
use crate::end;
use crate::jwt;
use crate::kind::{CLAUDE_END, Kind};

/// What reading a credential came to. Holds no value of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// How long it is good for.
    pub reading: Reading,
    /// Why it is not [`Reading::Until`], for people: `it is not JSON (line 3, column 1)`.
    pub why: Option<String>,
    /// Whose it is, see [`account`](crate::account).
    pub account: Option<String>,
}

impl Found {
    pub(crate) fn missing(why: impl fmt::Display) -> Self {
        Self { reading: Reading::Missing, why: Some(format!("it {why}")), account: None }
    }

    pub(crate) fn unreadable(why: impl fmt::Display) -> Self {
        Self { reading: Reading::Unreadable, why: Some(format!("it {why}")), account: None }
    }

    fn no_end(why: impl fmt::Display, account: Option<String>) -> Self {
        Self { reading: Reading::NoEnd, why: Some(format!("it {why}")), account }
    }

    const fn until(end: Timestamp, account: Option<String>) -> Self {
        Self { reading: Reading::Until(end), why: None, account }
    }
}

/// Says what the content of a credential means. Where a name occurs twice in an object the last one
/// counts, as it does for the agents.
///
/// Never fails: what cannot be understood is [`Reading::NoEnd`] or [`Reading::Unreadable`].
pub fn understand(kind: &Kind, bytes: &[u8]) -> Found {
    match kind {
        Kind::Jwt { pointer: None } => match jwt::text(bytes) {
            Ok(token) => of_token(token, "", account(kind, bytes)),
            Err(wrong) => Found::unreadable(wrong),
        },
        Kind::ClaudeOauth | Kind::Json { .. } | Kind::Jwt { pointer: Some(_) } => {
            match json(bytes) {
                Ok(value) => of_value(kind, &value),
                Err(wrong) => Found::unreadable(wrong),
            }
        }
    }
}

fn of_value(kind: &Kind, value: &Value) -> Found {
    let account = account::of_value(kind, value);
    let (pointer, is_token) = match kind {
        Kind::ClaudeOauth if !value.is_object() => {
            return Found::unreadable("is JSON, but no object");
        }
        Kind::ClaudeOauth => (CLAUDE_END, false),
        Kind::Json { pointer } => (pointer.as_str(), false),
        Kind::Jwt { pointer } => (pointer.as_ref().map_or("", |it| it.as_str()), true),
    };
    let Some(said) = value.pointer(pointer) else {
        return Found::no_end(format!("has no `{pointer}`"), account);
    };
    if !is_token {
        return match end::of_any(said) {
            Ok(end) => Found::until(end, account),
            Err(wrong) => Found::no_end(format!("says no end: `{pointer}` {wrong}"), account),
        };
    }
    match said.as_str().map(str::trim) {
        None => Found::unreadable(format!("is no credential: `{pointer}` is no text")),
        Some("") => Found::unreadable(format!("is no credential: `{pointer}` is empty")),
        Some(token) => of_token(token, pointer, account),
    }
}

fn of_token(token: &str, pointer: &str, account: Option<String>) -> Found {
    let said = |lead: &str, wrong: &str| match pointer {
        "" => wrong.to_owned(),
        pointer => format!("{lead}: `{pointer}` {wrong}"),
    };
    match jwt::end(token) {
        Ok(end) => Found::until(end, account),
        Err(jwt::Wrong::NoEnd(wrong)) => Found::no_end(said("says no end", &wrong), account),
        Err(jwt::Wrong::NoToken(wrong)) => Found::unreadable(said("is no credential", wrong)),
    }
}

/// The JSON in these bytes, or words for what is there instead. serde's own words are not used: they
/// may quote.
fn json(bytes: &[u8]) -> Result<Value, String> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err("is empty".into());
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err("is not JSON: it starts with a byte order mark".into());
    }
    if std::str::from_utf8(bytes).is_err() {
        return Err("is not JSON: it is not UTF-8".into());
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.to_string().starts_with("recursion limit") {
            return format!("is not read: it is nested too deep (line {line}, column {column})");
        }
        match error.classify() {
            Category::Eof => "is not JSON: it ends too early, like a file half written".into(),
            Category::Io | Category::Syntax | Category::Data => {
                format!("is not JSON (line {line}, column {column})")
            }
        }
    })
}
