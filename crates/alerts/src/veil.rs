//! What of a service's words may be shown: one line, without any secret.

use percent_encoding::percent_decode_str;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

/// The secrets of an attempt: whatever is shown of it is looked through for them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Veil {
    secrets: Vec<SecretString>,
    /// The address that is asked is one of them.
    address: bool,
}

impl Veil {
    /// Hides this secret.
    pub(crate) fn of(secret: &SecretString) -> Self {
        Self::default().and(secret)
    }

    /// Hides this one too.
    pub(crate) fn and(mut self, secret: &SecretString) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// Hides an address that is a secret: all of it, and what of its path and query could be one.
    pub(crate) fn address(mut self, url: &Url) -> Self {
        self.address = true;
        self.secrets.push(SecretString::from(url.as_str()));
        let path = url.path().trim_matches('/');
        if path.len() >= 8 {
            self.secrets.push(SecretString::from(path));
        }
        let parts = url.path().split('/').chain(url.query().unwrap_or_default().split(['&', '=']));
        for part in
            parts.filter(|part| part.len() >= 8 && *part != "services" && *part != "webhooks")
        {
            self.secrets.push(SecretString::from(part));
        }
        self
    }

    /// An address that a service names, without what may hold a secret: user, query, fragment, and
    /// its path if the address that was asked is secret, or if one is in it, plain or encoded.
    pub(crate) fn place(&self, url: &Url) -> Option<String> {
        let origin = match url.scheme() {
            "http" | "https" => url.origin().ascii_serialization(),
            _ => return None,
        };
        let path = url.path().trim_end_matches('/');
        let plain = percent_decode_str(path).decode_utf8_lossy();
        let is_secret = self.address || self.holds(path) || self.holds(&plain);
        Some(self.line(&if is_secret { origin } else { format!("{origin}{path}") }))
    }

    /// Whether the address that is asked is a secret.
    pub(crate) const fn is_address(&self) -> bool {
        self.address
    }

    /// Whether a secret is in this text.
    fn holds(&self, text: &str) -> bool {
        self.secrets.iter().any(|secret| text.contains(secret.expose_secret()))
    }

    /// This text in one line of at most 200 characters, without control characters or secrets.
    pub(crate) fn line(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
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

    #[test]
    fn a_place_has_its_port_and_its_path_unless_that_may_be_secret() {
        let open = Veil::of(&SecretString::from("PLANTED/token"));
        for (url, told) in [
            ("https://x.test:8443/git/?a=PLANTED#b", Some("https://x.test:8443/git")),
            ("https://me:PLANTED@x.test:443/", Some("https://x.test")),
            ("http://[::1]:80/a%20b", Some("http://[::1]/a%20b")),
            ("https://x.test:1/a/PLANTED/token", Some("https://x.test:1")),
            ("https://x.test:1/PLANTED%2Ftoken/a", Some("https://x.test:1")),
            ("data:text/plain,PLANTED", None),
        ] {
            assert_eq!(open.place(&url.parse().unwrap()).as_deref(), told, "{url}");
        }
        let hidden = Veil::default().address(&"https://x.test/hook/PLANTED".parse().unwrap());
        let moved = "https://y.test:8443/hook/2".parse().unwrap();
        assert_eq!(hidden.place(&moved).as_deref(), Some("https://y.test:8443"));
    }
}
