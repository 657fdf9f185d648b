//! What of a service's words may be shown: one line, without any secret.

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

/// The secrets of an attempt: whatever is shown of it is looked through for them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Veil(Vec<SecretString>);

impl Veil {
    /// Hides this secret.
    pub(crate) fn of(secret: &SecretString) -> Self {
        Self::default().and(secret)
    }

    /// Hides this one too.
    pub(crate) fn and(mut self, secret: &SecretString) -> Self {
        self.0.push(secret.clone());
        self
    }

    /// Hides an address that is a secret: all of it, and what of its path and query could be one.
    pub(crate) fn address(mut self, url: &Url) -> Self {
        self.0.push(SecretString::from(url.as_str()));
        let path = url.path().trim_matches('/');
        if path.len() >= 8 {
            self.0.push(SecretString::from(path));
        }
        let parts = url.path().split('/').chain(url.query().unwrap_or_default().split(['&', '=']));
        for part in
            parts.filter(|part| part.len() >= 8 && *part != "services" && *part != "webhooks")
        {
            self.0.push(SecretString::from(part));
        }
        self
    }

    /// This text in one line of at most 200 characters, without control characters or secrets.
    pub(crate) fn line(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            let secret = secret.expose_secret();
            if !secret.is_empty() && text.contains(secret) {
                text = text.replace(secret, "…");
            }
        }
        let words = crate::text::clean(&text);
        if words.chars().count() <= LONGEST {
            return words;
        }
        words.chars().take(LONGEST.saturating_sub(1)).chain(['…']).collect()
    }
}

/// So many characters of a service's words are shown.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_secret_and_no_second_line() {
        let veil = Veil::of(&SecretString::from("PLANTED-password"))
            .address(&"https://x.test/api/webhooks/1234/tok-en-tok-en".parse().unwrap());
        assert_eq!(veil.line("no\r\n PLANTED-password\u{1b}[1m or tok-en-tok-en"), "no … or …");
        assert_eq!(veil.line("at https://x.test/api/webhooks/1234/tok-en-tok-en!"), "at …!");
        assert_eq!(veil.line(&"x".repeat(300)).chars().count(), 200);
    }
}
