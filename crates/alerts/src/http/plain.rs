//! What it looks like where one side speaks TLS and the other does not, and what to set.

use std::error::Error;
use std::io;

use rustls::InvalidMessage;

/// What to set after a request to an address of this scheme that has failed so.
pub(super) fn remedy(scheme: &str, error: &(dyn Error + 'static)) -> Option<&'static str> {
    match scheme {
        "https" if is_plain(error) => Some(
            "that looks like a port without TLS: set the port that has it, or write http:// for a \
             server on this host",
        ),
        "http" if is_no_http(error) => Some(WRITE_HTTPS),
        _ => None,
    }
}

/// What to set where a web server says in its own page that its port wants TLS.
pub(super) fn refused(status: u16, page: &str) -> Option<&'static str> {
    let says = ["HTTP request was sent to HTTPS port", "plain HTTP to an SSL-enabled server port"];
    (status == 400 && says.iter().any(|it| page.contains(it))).then_some(WRITE_HTTPS)
}

const WRITE_HTTPS: &str = "that looks like a port with TLS: write https://";

/// What went wrong, and what to set.
pub(crate) fn with_remedy(why: String, remedy: Option<&str>) -> String {
    match remedy {
        Some(remedy) => format!("{why}; {remedy}"),
        None => why,
    }
}

/// Whether the other side has answered a TLS handshake with something that is none.
pub(crate) fn is_plain(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| {
        let cause = cause.downcast_ref::<rustls::Error>();
        matches!(cause, Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)))
    })
}

/// Whether the other side has answered a request with something that is no HTTP: a TLS server sends
/// an alert. The type that would say so is not reached from here; a test holds its words.
fn is_no_http(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.to_string() == "invalid HTTP version parsed")
}

/// An error and what it comes from. What an I/O error wraps is no source of it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}
