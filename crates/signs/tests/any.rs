//! Whatever is written, nothing panics and nothing is believed that cannot be.

use proptest::prelude::*;
use sweepd_decide::silent::Sign;
use sweepd_decide::{Span, Timestamp};
use sweepd_signs::{heard, reset_at, sign};

#[test]
fn signs_are_told_apart() {
    for (text, expect) in [
        ("API Error: 401 {\"type\":\"error\"}", Some(Sign::Authentication)),
        ("OAuth token has expired", Some(Sign::Authentication)),
        ("Invalid API key · Please run /login", Some(Sign::Authentication)),
        ("403", Some(Sign::Authentication)),
        ("API Error: 429 {\"error\":{\"type\":\"rate_limit_error\"}}", Some(Sign::RateLimit)),
        ("You've hit your session limit", Some(Sign::Quota)),
        ("You’ve hit your weekly limit · resets 3pm", Some(Sign::Quota)),
        ("Your credit balance is too low", Some(Sign::Quota)),
        ("insufficient_quota, 429", Some(Sign::Quota)),
        ("API Error: 529 overloaded_error", Some(Sign::Overloaded)),
        ("API Error: 500 internal", Some(Sign::Api)),
        ("API Error:503", Some(Sign::Api)),
        ("EROFS: read-only file system, open '/home/x/.claude/.credentials.json'", READ_ONLY),
        ("EROFS: read-only file system, open '/data/notes.txt'", None),
        ("ENOSPC: no space left on device, write", Some(Sign::DiskFull)),
        ("Disk quota exceeded", Some(Sign::DiskFull)),
        ("API Error: 4010", None),
        ("port 4290 and 1429", None),
        ("all is well", None),
        ("", None),
    ] {
        assert_eq!(sign(text), expect, "{text}");
    }
}

const READ_ONLY: Option<Sign> = Some(Sign::ReadOnlyCredential);

/// Words that the tables look for, among anything else.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("resets at ".to_owned()),
        Just("limit reached|".to_owned()),
        Just("retry-after: ".to_owned()),
        Just("try again in ".to_owned()),
        Just("[poll-loop] Result: ".to_owned()),
        Just("2026-05-17T00:59:32Z ".to_owned()),
        Just("EROFS ".to_owned()),
        Just("\n".to_owned()),
        "[0-9]{1,20}",
        "(am|pm|h|m|s|:[0-9]{2}| \\([A-Z][a-z]+/[A-Z][a-z]+\\))",
        "\\PC{0,12}",
    ];
    proptest::collection::vec(word, 0..12).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in text(), at in any::<i64>()) {
        let at = Timestamp::from_millis(at);
        drop((sign(&text), heard(&text)));
        if let Some(found) = reset_at(&text, at) {
            prop_assert!(found > at && found <= at.plus(Span::from_mins(8 * 24 * 60)));
        }
    }
}
