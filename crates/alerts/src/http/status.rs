//! What a status means for what is tried next, and how long a service asks to be left alone.
//!
//! Source: RFC 9110 (HTTP Semantics) §10.2.3 for `Retry-After`; where a service means something else
//! by a status, its own file says so.

use std::time::{Duration, SystemTime};

use reqwest::Url;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use sweepd_decide::{Setback, Span, Timestamp};

use crate::veil::Veil;

/// What a status other than 2xx means.
///
/// * Not now (408, 409, 423, 424, 425, 429, 5xx): later, as soon as the service allows.
/// * Not this (400, 413, 415, 422 and what is unheard of): this alert is refused, others may not be.
/// * Not you, or not here (401–407 but 406, 410, 421, 451, redirects): nothing is taken any more.
pub(crate) fn setback(status: u16, headers: &HeaderMap, now: Timestamp) -> Setback {
    match status {
        408 | 409 | 423 | 424 | 425 | 429 | 500.. | ..=199 => {
            Setback::Later(retry_after(headers, now))
        }
        300..=399 | 401..=405 | 407 | 410 | 421 | 451 => Setback::Stopped,
        _ => Setback::Refused,
    }
}

/// How long the service asks to be left alone: seconds, with or without a fraction, or a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Span> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Some(wait) = seconds(text) {
        return Some(wait);
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let since = date.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let at = Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?);
    Some(at.since(now).max(Span::ZERO))
}

/// Seconds as text, rounded up to a millisecond: `2`, `0.35`. More than can be counted is the longest
/// wait there is, which whoever waits bounds: taken for none it would be tried again at once.
pub(crate) fn seconds(text: &str) -> Option<Span> {
    let secs: f64 = text.parse().ok()?;
    let Ok(wait) = Duration::try_from_secs_f64(secs) else {
        let digits = text.chars().all(|c| c.is_ascii_digit() || c == '.');
        return digits.then_some(Span::MAX);
    };
    let millis = wait.as_nanos().div_ceil(1_000_000);
    Some(i64::try_from(millis).map_or(Span::MAX, Span::from_millis))
}

/// Where a redirect points, as far as that may be shown. One that names no host points to where was
/// `asked`.
pub(super) fn moved(headers: &HeaderMap, asked: &Url, veil: &Veil) -> Option<String> {
    let to = headers.get(LOCATION)?.to_str().ok()?;
    match Url::parse(to) {
        Ok(url) => veil.place(&url),
        // It is on the host of an address that is shown nowhere.
        Err(_) if veil.is_address() => None,
        Err(_) => veil.place(&asked.join(to).ok()?),
    }
}

/// The words for a redirect.
pub(super) fn redirected(status: u16, to: Option<&str>) -> String {
    let to = to.map_or_else(String::new, |to| format!(" to {to}"));
    format!("status {status}: redirects{to}; set the address to where it redirects")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(text: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().unwrap());
        headers
    }

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        // 2026-11-27T10:00:00Z
        let now = Timestamp::from_millis(1_795_773_600_000);
        let told = |text| retry_after(&headers(text), now);
        assert_eq!(told("120"), Some(Span::from_secs(120)));
        assert_eq!(told(" 0.3501 "), Some(Span::from_millis(351)));
        assert_eq!(told("Fri, 27 Nov 2026 10:00:30 GMT"), Some(Span::from_secs(30)));
        assert_eq!(told("Fri, 27 Nov 2026 09:00:00 GMT"), Some(Span::ZERO));
        for long in ["9223372036854775807", "99999999999999999999999", "99999999999999999999999.5"]
        {
            assert_eq!(told(long), Some(Span::MAX), "{long}");
        }
        for senseless in ["-1", "soon", "", "NaN", "inf", "1e300"] {
            assert_eq!(told(senseless), None, "{senseless}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn every_status_has_its_consequence() {
        let now = Timestamp::from_millis(0);
        let of = |status| setback(status, &headers("7"), now);
        for status in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert_eq!(of(status), Setback::Later(Some(Span::from_secs(7))), "{status}");
        }
        for status in [301, 302, 307, 308, 401, 403, 404, 405, 407, 410] {
            assert_eq!(of(status), Setback::Stopped, "{status}");
        }
        for status in [400, 406, 413, 415, 422, 431] {
            assert_eq!(of(status), Setback::Refused, "{status}");
        }
    }
}
