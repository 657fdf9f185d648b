//! Which secrets go over a network in the open: what `config check` warns of.
//!
//! It is no error: a tunnel or a network of one's own may be what is meant.

use std::net::IpAddr;

use reqwest::Url;
use secrecy::ExposeSecret as _;

use crate::settings::wrong;
use crate::{Secret, SettingsError};

/// The warning about an address that `what` is sent to, if anybody on the way can read it.
pub(crate) fn exposed(key: &'static str, url: &Url, what: &str) -> Option<SettingsError> {
    let open = url.scheme() == "http" && !url.host_str().is_some_and(is_here);
    let remedy = "begin it with https://; http:// is for a server on this host";
    open.then(|| wrong(key, format!("sends the {what} in the open"), remedy))
}

/// The warning about an address that is itself the secret. It is read for that; whether it can be is
/// told elsewhere.
pub(crate) fn exposed_address(key: &'static str, url: &Secret) -> Option<SettingsError> {
    exposed(key, &url.peek()?.expose_secret().parse().ok()?, "address, which is the secret,")
}

/// Whether this host is the one that asks: what is sent there leaves it on no wire.
pub(crate) fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = host.parse::<IpAddr>() {
        return address.to_canonical().is_loopback();
    }
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_open_but_on_this_host() {
        let told = |url: &str| exposed("url", &url.parse().unwrap(), "token");
        for here in [
            "https://x.test",
            "http://localhost:8000",
            "http://a.localhost",
            "http://127.0.0.9",
            "http://[::1]:9093",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert_eq!(told(here), None, "{here}");
        }
        for open in
            ["http://x.test", "http://10.0.0.1", "http://localhost.test", "http://[fe80::1]"]
        {
            assert!(told(open).is_some(), "{open}");
        }
        assert!(!is_here("127.0.0.1.x.test"));
    }

    #[test]
    fn a_secret_address_is_read_and_not_shown() {
        let told = |url: &str| exposed_address("url", &Secret::value(url));
        assert_eq!(
            told("http://x.test/PLANTED").unwrap().to_string(),
            "`url` sends the address, which is the secret, in the open: begin it with https://; \
             http:// is for a server on this host"
        );
        assert_eq!(told("https://x.test/PLANTED"), None);
        assert_eq!(told("PLANTED"), None);
        assert_eq!(exposed_address("url", &Secret::file("/nowhere/at/all")), None);
    }
}
