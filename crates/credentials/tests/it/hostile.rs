//! Whatever is in a file, reading it ends, does not fail, and does not look good by accident.

use proptest::prelude::*;
use sweepd_credentials::{Candidate, Kind, account, understand};
use sweepd_decide::{Reading, Timestamp};

use crate::support::{JWT, claude, json, jwt, jwt_at};

fn kinds() -> [Kind; 6] {
    [Kind::ClaudeOauth, json(""), json("/a"), json("/a/0"), JWT, jwt_at("/a")]
}

fn everything(bytes: &[u8]) {
    for kind in kinds() {
        let found = understand(&kind, bytes);
        assert_eq!(found.why.is_none(), matches!(found.reading, Reading::Until(_)));
        assert!(found.why.is_none_or(|why| why.starts_with("it ") && !why.contains("PLANTED")));
        if let Reading::Until(end) = found.reading {
            assert!((0..253_402_300_800_000).contains(&end.as_millis()), "{end}");
        }
        let _either = account(&kind, bytes);
        let _either = Candidate::new(&kind, bytes.to_vec());
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail(bytes: Vec<u8>) {
        everything(&bytes);
    }

    #[test]
    fn no_text_like_json_makes_it_fail(
        text in r#"([\[\]{},: ]|"a"|"PLANTED"|"claudeAiOauth"|"expiresAt"|null|-?[0-9]{1,25}(\.[0-9]{1,3})?(e[0-9]{1,3})?){0,20}"#,
    ) {
        everything(text.as_bytes());
        everything(format!(r#"{{"a":{text}}}"#).as_bytes());
    }

    #[test]
    fn any_number_is_a_time_within_reach_or_none(
        whole in "-?(0|[1-9][0-9]{0,30})",
        rest in r"(\.[0-9]{1,5})?(e[+-]?[0-9]{1,3})?",
    ) {
        everything(claude(format!("{whole}{rest}")).as_bytes());
        everything(claude(format!("\"{whole}{rest}\"")).as_bytes());
        everything(format!(r#"{{"a":{whole}{rest}}}"#).as_bytes());
        everything(jwt(&format!(r#"{{"exp":{whole}{rest}}}"#)).as_bytes());
    }

    #[test]
    fn no_text_like_a_token_makes_it_fail(text in "[eyJ0-9A-Za-z_=+/-]{0,30}(\\.[eyJ0-9A-Za-z_-]{0,30}){0,5}") {
        everything(text.as_bytes());
        everything(format!(r#"{{"a":"{text}"}}"#).as_bytes());
    }

    #[test]
    fn a_credential_cut_anywhere_never_looks_good(cut in 0..110_usize) {
        let whole = claude(1_795_341_600_000_i64);
        let part = whole.get(..cut.min(whole.len() - 1)).unwrap();
        prop_assert_eq!(understand(&Kind::ClaudeOauth, part.as_bytes()).reading, Reading::Unreadable);
    }
}

#[test]
fn much_of_anything_is_read_in_time() {
    for unit in ["[", "[]", "{\"a\":", "\"", "\\", "1,", "\u{0}", "ä", ".", "-"] {
        everything(unit.repeat((1 << 20) / unit.len()).as_bytes());
    }
    everything(format!("[{}0]", "0,".repeat(500_000)).as_bytes());
    everything(format!("{{{}\"a\":7}}", "\"a\":1,".repeat(150_000)).as_bytes());
    let twice = format!(r#"{{{}"a":7}}"#, r#""a":1,"#.repeat(3));
    let found = understand(&json("/a"), twice.as_bytes());
    assert_eq!(found.reading, Reading::Until(Timestamp::from_millis(7000)));
}
