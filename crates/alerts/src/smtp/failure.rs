//! What an error of the server's or the connection's means, and what to set where the two do not
//! agree about TLS.

use std::time::Duration;

use lettre::transport::smtp::Error;
use sweepd_decide::Setback;

use super::{DOING, SmtpTls};
use crate::SinkError;
use crate::http::{is_plain, with_remedy};
use crate::veil::Veil;

/// What an error means.
pub(super) fn failed(error: &Error, tls: SmtpTls, veil: &Veil) -> SinkError {
    let status = error.status().map(u16::from);
    let setback = match status {
        Some(530 | 534 | 535 | 538) => Setback::Stopped,
        Some(500..) => Setback::Refused,
        // The server offers no way to log in that is known here, or does not secure the connection.
        None if error.is_client() => Setback::Stopped,
        _ => Setback::Later(None),
    };
    let mut why = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        why = format!("{why}: {cause}");
        source = cause.source();
    }
    let why = with_remedy(veil.line(&why), remedy(error, tls));
    SinkError { doing: DOING.to_owned(), why, setback }
}

/// It was not done in time.
pub(super) fn late(patience: Duration, tls: SmtpTls) -> SinkError {
    let why = with_remedy(format!("not done within {patience:?}"), unheard(tls));
    SinkError { doing: DOING.to_owned(), why, setback: Setback::Later(None) }
}

fn remedy(error: &Error, tls: SmtpTls) -> Option<&'static str> {
    match tls {
        SmtpTls::Tls if is_plain(error) => Some(
            "that looks like a port without TLS from its start: set `tls` to \"starttls\", or the \
             port that has it (465)",
        ),
        SmtpTls::StartTls if error.is_client() && error.to_string().contains("STARTTLS") => Some(
            "set `tls` to \"tls\" and the port for it (465), or to \"none\" for a server on this \
             host",
        ),
        SmtpTls::None | SmtpTls::StartTls if error.is_response() => unheard(tls),
        SmtpTls::None | SmtpTls::StartTls | SmtpTls::Tls => None,
    }
}

/// A server that waits for a handshake greets nobody.
const fn unheard(tls: SmtpTls) -> Option<&'static str> {
    match tls {
        SmtpTls::None | SmtpTls::StartTls => {
            Some("if that is a port with TLS from its start, as 465 is, set `tls` to \"tls\"")
        }
        SmtpTls::Tls => None,
    }
}
