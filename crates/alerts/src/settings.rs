//! What is wrong with a sink's settings, and what would do.

use reqwest::Url;

/// A setting that cannot be used. Found before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` {wrong}: {remedy}")]
#[non_exhaustive]
pub struct SettingsError {
    /// The setting, as it is written in the configuration.
    pub key: &'static str,
    /// What is wrong with it.
    pub wrong: String,
    /// What to do about it.
    pub remedy: String,
}

/// A setting is wrong.
pub(crate) fn wrong(
    key: &'static str,
    wrong: impl Into<String>,
    remedy: impl Into<String>,
) -> SettingsError {
    SettingsError { key, wrong: wrong.into(), remedy: remedy.into() }
}

/// An address that requests can be sent to: `http` or `https`, with a host, and nothing that belongs
/// elsewhere.
pub(crate) fn base(key: &'static str, url: &Url) -> Result<(), SettingsError> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong(key, "is no web address", "it begins with https:// and a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(key, "holds a user or a password", "give the token by its own setting"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong(key, "has a query or a fragment", "leave out everything from ? or # on"));
    }
    Ok(())
}

/// `base` with these segments after its path, each escaped where it has to be.
pub(crate) fn join<'a>(base: &Url, segments: impl IntoIterator<Item = &'a str>) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// A name that goes into a path or a header: not empty, one word, no control characters.
pub(crate) fn word(key: &'static str, text: &str) -> Result<(), SettingsError> {
    if text.is_empty() {
        return Err(wrong(key, "is empty", "fill it in, or leave the sink out"));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(wrong(key, "holds spaces or control characters", "it is a single word"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_with_and_without_a_slash() {
        let told = |base: &str| join(&base.parse().unwrap(), ["a", "b/c?d"]).to_string();
        assert_eq!(told("https://x.test"), "https://x.test/a/b%2Fc%3Fd");
        assert_eq!(told("https://x.test/y/"), "https://x.test/y/a/b%2Fc%3Fd");
        assert_eq!(told("https://x.test/y"), "https://x.test/y/a/b%2Fc%3Fd");
    }

    #[test]
    fn what_is_no_base_is_refused_with_the_key() {
        let told = |url: &str| base("url", &url.parse().unwrap()).unwrap_err().to_string();
        assert_eq!(
            told("ftp://x.test"),
            "`url` is no web address: it begins with https:// and a host"
        );
        assert!(told("https://u:p@x.test").contains("user or a password"));
        assert!(told("https://x.test?a=b").contains("query"));
        assert!(base("url", &"http://127.0.0.1:1/x".parse().unwrap()).is_ok());
    }
}
