//! What every attempt over HTTP has in common: its secret, and a digest of what it depends on.

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sweepd_decide::Setback;

use crate::veil::Veil;
use crate::{Secret, SinkError};

/// Reads a secret for an attempt. One that cannot be read stops the sink until it can.
pub(crate) async fn secret(doing: &str, secret: &Secret) -> Result<SecretString, SinkError> {
    secret.read().await.map_err(|error| {
        let source = std::error::Error::source(&error).map(|it| format!(": {it}"));
        stopped(doing, format!("{error}{}", source.unwrap_or_default()))
    })
}

/// An address that is a secret, and what of it must not be shown.
pub(crate) async fn address(doing: &str, url: &Secret) -> Result<(Url, Veil), SinkError> {
    let text = secret(doing, url).await?;
    let url: Url = text
        .expose_secret()
        .parse()
        .map_err(|error| stopped(doing, format!("the secret address is none: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(stopped(doing, "the secret address does not begin with https://"));
    }
    let veil = Veil::of(&text).address(&url);
    Ok((url, veil))
}

/// A request with a token in `Authorization`, which is marked as not to be shown.
pub(crate) fn authorized(
    doing: &str,
    request: RequestBuilder,
    scheme: &str,
    token: &SecretString,
) -> Result<RequestBuilder, SinkError> {
    let value = header(doing, &format!("{scheme} {}", token.expose_secret()))?;
    Ok(request.header(AUTHORIZATION, value))
}

/// A secret as the value of a header.
pub(crate) fn header(doing: &str, text: &str) -> Result<HeaderValue, SinkError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| stopped(doing, "the token cannot be sent in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Nothing will be taken until somebody changes something.
pub(crate) fn stopped(doing: &str, why: impl Into<String>) -> SinkError {
    SinkError { doing: doing.to_owned(), why: why.into(), setback: Setback::Stopped }
}

/// A digest of what a sink depends on, 16 hexadecimal digits. It changes with the content of a
/// secret, and when one cannot be read.
pub(crate) fn fingerprint<'a>(
    kind: &str,
    parts: impl IntoIterator<Item = &'a str>,
    secrets: impl IntoIterator<Item = &'a Secret>,
) -> String {
    let mut digest = Sha256::new();
    let mut add = |tag: &str, part: &str| {
        // With its length, so that no two lists of parts read the same.
        digest.update(format!("{tag}{}:", part.len()));
        digest.update(part);
    };
    add("kind", kind);
    parts.into_iter().for_each(|part| add("part", part));
    for secret in secrets {
        match secret.peek() {
            Some(secret) => add("secret", secret.expose_secret()),
            None => add("unreadable", ""),
        }
    }
    hex(&digest.finalize()).chars().take(16).collect()
}

/// Sets a field of a JSON object.
pub(crate) fn set(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digits(byte >> 4), digits(byte & 15)]).collect()
}

/// The same 25 characters for the same alerts, and others for others: receivers tell doubles by it.
pub(crate) fn nonce<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new();
    for id in ids {
        digest.update(format!("{}:{id}", id.len()));
    }
    hex(&digest.finalize()).chars().take(25).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_changes_with_everything_it_depends_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let secret = Secret::file(&path);
        let unreadable = fingerprint("x", ["a", "b"], [&secret]);
        std::fs::write(&path, "one\n").unwrap();
        let one = fingerprint("x", ["a", "b"], [&secret]);
        std::fs::write(&path, "two\n").unwrap();
        let two = fingerprint("x", ["a", "b"], [&secret]);
        let mut all = vec![
            unreadable,
            one,
            two.clone(),
            fingerprint("y", ["a", "b"], [&secret]),
            fingerprint("x", ["ab"], [&secret]),
            fingerprint("x", ["a", "b"], []),
        ];
        assert!(all.iter().all(|it| it.len() == 16 && !it.contains("two")));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
        assert_eq!(two, fingerprint("x", ["a", "b"], [&Secret::value("two")]));
    }
}
