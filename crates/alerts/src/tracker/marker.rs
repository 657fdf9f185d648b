//! How our issues and comments are known again: by a comment of HTML at their very start, which
//! nobody sees.
//!
//! Only what stands first counts. Everything in it is percent-encoded, so no value can end it, and no
//! text that is shown can hold the start of one.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sweepd_decide::Timestamp;

/// What an issue's text says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker {
    /// What belongs together.
    pub(super) key: String,
    /// The alert that it was opened for.
    pub(super) alert: String,
    /// When we closed it; a person, if it is closed and this is not there.
    pub(super) closed: Option<Timestamp>,
}

/// Something that we have said in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) alert: String,
    pub(super) at: Timestamp,
}

impl Marker {
    /// The marker at the start of this text.
    pub(super) fn of(body: &str) -> Option<Self> {
        let (fields, _) = split(body)?;
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, it)| it);
        Some(Self {
            key: field("key")?.clone(),
            alert: field("alert")?.clone(),
            closed: field("closed").and_then(|it| it.parse().ok()).map(Timestamp::from_millis),
        })
    }

    /// This marker, and under it the text, without the one that was there.
    pub(super) fn on(&self, body: &str) -> String {
        let rest = split(body).map_or(body, |(_, rest)| rest);
        let closed =
            self.closed.map_or_else(String::new, |at| format!(" closed={}", at.as_millis()));
        let (key, alert) = (encoded(&self.key), encoded(&self.alert));
        let rest = rest.trim_start_matches(['\r', '\n']);
        format!("{START}key={key} alert={alert}{closed}{END}\n\n{rest}")
    }
}

impl Said {
    /// A comment that tells this alert.
    pub(super) fn written(alert: &str, text: &str) -> String {
        format!("{START}alert={}{END}\n\n{text}", encoded(alert))
    }

    /// What a comment of this time says, if it is one of ours.
    pub(super) fn of(body: &str, at: Timestamp) -> Option<Self> {
        let (fields, _) = split(body)?;
        let alert = fields.into_iter().find(|(name, _)| name == "alert")?.1;
        Some(Self { alert, at })
    }
}

/// The fields of the marker at the start of a text, and the text after it.
fn split(body: &str) -> Option<(Vec<(String, String)>, &str)> {
    let (inside, rest) = body.trim_start().strip_prefix(START)?.split_once(END)?;
    if inside.contains(['\n', '<', '>']) {
        return None;
    }
    let fields = inside
        .split(' ')
        .filter_map(|field| field.split_once('='))
        .map(|(name, value)| {
            (name.to_owned(), percent_decode_str(value).decode_utf8_lossy().into_owned())
        })
        .collect();
    Some((fields, rest))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

const START: &str = "<!-- sweepd ";
const END: &str = " -->";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_marker_at_the_start_counts() {
        let marker = Marker { key: "a:b".into(), alert: "x".into(), closed: None };
        let body = marker.on("text");
        assert_eq!(body, "<!-- sweepd key=a%3Ab alert=x -->\n\ntext");
        assert_eq!(Marker::of(&body), Some(marker.clone()));
        assert_eq!(Marker::of(&format!("hello {body}")), None);
        assert_eq!(Marker::of("<!-- sweepd key=a alert=x"), None);
        let closed = Marker { closed: Some(Timestamp::from_millis(7)), ..marker };
        let edited = closed.on(&body.replace("text", "text of a person"));
        assert_eq!(edited, "<!-- sweepd key=a%3Ab alert=x closed=7 -->\n\ntext of a person");
        assert_eq!(Marker::of(&edited.replace('\n', "\r\n")), Some(closed));
    }

    proptest! {
        #[test]
        fn a_marker_says_what_was_put_in(key: String, alert: String, closed: Option<i64>, text: String) {
            let marker = Marker { key, alert: alert.clone(), closed: closed.map(Timestamp::from_millis) };
            let body = marker.on(&text);
            prop_assert_eq!(Marker::of(&body), Some(marker));
            let at = Timestamp::from_millis(1);
            let said = Said::of(&Said::written(&alert, &text), at);
            prop_assert_eq!(said, Some(Said { alert, at }));
        }
    }
}
