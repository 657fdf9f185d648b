//! Every state and every wording that reading a credential comes to.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use sweepd_credentials::{Kind, Place, account, read};
use sweepd_decide::{
    CredentialPolicy, CredentialState, Reading, Severity, Span, Timestamp, credential,
};

use crate::support::{Desk, JWT, NOW, claude, in_mins, json, jwt, jwt_at};

fn state(reading: Reading) -> (CredentialState, Option<Severity>) {
    credential(&CredentialPolicy::default(), reading, NOW).action
}

#[test]
fn claude_credentials_are_ok_expiring_or_expired() {
    let desk = Desk::new();
    let cases = [
        (in_mins(61).to_string(), 61, CredentialState::Ok),
        (in_mins(59).to_string(), 59, CredentialState::Expiring),
        (in_mins(0).to_string(), 0, CredentialState::Expired),
        (in_mins(-12).to_string(), -12, CredentialState::Expired),
        // Seconds instead of milliseconds.
        ((in_mins(61) / 1000).to_string(), 61, CredentialState::Ok),
        ((in_mins(-12) / 1000).to_string(), -12, CredentialState::Expired),
        // As text: digits, or a time.
        (format!("\"{}\"", in_mins(59)), 59, CredentialState::Expiring),
        (format!("\"{}\"", in_mins(59) / 1000), 59, CredentialState::Expiring),
        ("\"2026-11-22T10:59:00Z\"".into(), 59, CredentialState::Expiring),
        ("\"2026-11-22T10:59:00+01:00\"".into(), -1, CredentialState::Expired),
        // A float that is whole.
        ("1.79534e12".into(), -27, CredentialState::Expired),
    ];
    for (end, mins, expected) in cases {
        let found = desk.told(&Kind::ClaudeOauth, claude(&end));
        let Reading::Until(until) = found.reading else { panic!("{end}: {found:?}") };
        let left = until.since(NOW);
        assert!((left.minus(Span::from_mins(mins))).as_millis().abs() < 60_000, "{end}: {left}");
        assert_eq!(state(found.reading).0, expected, "{end}");
        assert_eq!(found.why, None);
    }
    let over = desk.told(&Kind::ClaudeOauth, claude(in_mins(-12)));
    let Reading::Until(end) = over.reading else { panic!("{over:?}") };
    assert_eq!(format!("expired {} ago", NOW.since(end)), "expired 12 min ago");
}

#[test]
fn a_credential_without_an_end_says_so_with_the_name_of_the_field() {
    let desk = Desk::new();
    let oauth = Kind::ClaudeOauth;
    let cases = [
        (&oauth, "{}".to_owned(), "it has no `/claudeAiOauth/expiresAt`"),
        (&oauth, r#"{"claudeAiOauth":null}"#.into(), "it has no `/claudeAiOauth/expiresAt`"),
        (
            &oauth,
            r#"{"claudeAiOauth":{"accessToken":"PLANTED"}}"#.into(),
            "it has no `/claudeAiOauth/expiresAt`",
        ),
        (&oauth, claude("null"), "it says no end: `/claudeAiOauth/expiresAt` is null"),
        (&oauth, claude("-1"), "it says no end: `/claudeAiOauth/expiresAt` is negative"),
        (&oauth, claude("1.5"), "it says no end: `/claudeAiOauth/expiresAt` is no whole number"),
        (
            &oauth,
            claude("9223372036854775808"),
            "it says no end: `/claudeAiOauth/expiresAt` is later than the year 9999",
        ),
        (
            &oauth,
            claude("[\"PLANTED\"]"),
            "it says no end: `/claudeAiOauth/expiresAt` is neither number nor text",
        ),
        (
            &oauth,
            claude("\"PLANTED\""),
            "it says no end: `/claudeAiOauth/expiresAt` is a text, and neither a number nor a time (RFC 3339)",
        ),
        (&json("/a~1b/1"), r#"{"a/b":[1]}"#.into(), "it has no `/a~1b/1`"),
        (
            &json("/end"),
            r#"{"end":"2026-11-22T10:00:00"}"#.into(),
            "it says no end: `/end` is a time without seconds or zone (RFC 3339)",
        ),
        (&JWT, jwt("{}"), "it is a JWT without `exp`"),
        (&JWT, jwt(r#"{"exp":"PLANTED"}"#), "it is a JWT whose `exp` is a text, and no number"),
        (
            &JWT,
            jwt(r#"{"exp":1795341600000}"#),
            "it is a JWT whose `exp` is later than the year 9999",
        ),
        (&JWT, format!("{}.x.y", jwt("{}")), "it is an encrypted JWT, whose `exp` nobody can read"),
        (&jwt_at("/t"), "{}".into(), "it has no `/t`"),
        (
            &jwt_at("/t"),
            format!(r#"{{"t":"{}"}}"#, jwt("{}")),
            "it says no end: `/t` is a JWT without `exp`",
        ),
    ];
    for (kind, content, words) in cases {
        let found = desk.told(kind, &content);
        assert_eq!((found.reading, found.why.as_deref()), (Reading::NoEnd, Some(words)));
        assert_eq!(state(found.reading), (CredentialState::Unknown, Some(Severity::Notice)));
    }
}

#[test]
fn what_is_no_credential_is_unreadable_and_says_what_it_is() {
    let desk = Desk::new();
    let oauth = Kind::ClaudeOauth;
    let deep = "[".repeat(200) + &"]".repeat(200);
    let not_three = "it is no JWT: it has not three parts with dots between";
    let cases: [(&Kind, &[u8], &str); 19] = [
        (&oauth, b"", "it is empty"),
        (&oauth, b" \r\n", "it is empty"),
        (&oauth, b"PLANTED", "it is not JSON (line 1, column 1)"),
        (&oauth, b"{\r\n\"a\":PLANTED", "it is not JSON (line 2, column 5)"),
        (&oauth, b"{}{}", "it is not JSON (line 1, column 3)"),
        (
            &oauth,
            br#"{"claudeAiOauth":{"accessToken":"PLANT"#,
            "it is not JSON: it ends too early, like a file half written",
        ),
        (&oauth, b"\xef\xbb\xbf{}", "it is not JSON: it starts with a byte order mark"),
        (&oauth, b"{\"a\":\"\xff\"}", "it is not JSON: it is not UTF-8"),
        (&oauth, b"{\"a\":1e999}", "it is not JSON (line 1, column 10)"),
        (&oauth, deep.as_bytes(), "it is not read: it is nested too deep (line 1, column 128)"),
        (&oauth, b"[]", "it is JSON, but no object"),
        (&oauth, b"3", "it is JSON, but no object"),
        (&JWT, b"", "it is empty"),
        (&JWT, b"PLANTED", not_three),
        (&JWT, b"a.b.c", "it is no JWT: its header cannot be read"),
        (&JWT, b"eyJhIjoxfQ.W10.c", "it is no JWT: its payload cannot be read"),
        (&JWT, b"\xff.b.c", "it is no JWT: it is not UTF-8"),
        (&jwt_at("/t"), br#"{"t":1}"#, "it is no credential: `/t` is no text"),
        (
            &jwt_at("/t"),
            br#"{"t":"PLANTED"}"#,
            "it is no credential: `/t` is no JWT: it has not three parts with dots between",
        ),
    ];
    for (kind, content, words) in cases {
        let found = desk.told(kind, content);
        assert_eq!((found.reading, found.why.as_deref()), (Reading::Unreadable, Some(words)));
        assert_eq!(state(found.reading), (CredentialState::Unreadable, Some(Severity::Error)));
    }
}

#[test]
fn what_is_no_file_is_not_opened_and_says_what_it_is() {
    let desk = Desk::new();
    let told = |name: &str| {
        let found = read(&Kind::ClaudeOauth, &desk.place(name));
        assert_eq!(found.account, None);
        (found.reading, found.why.unwrap())
    };
    let unreadable = |words: &str| (Reading::Unreadable, words.to_owned());
    desk.put("real", claude(in_mins(61)));
    symlink(desk.path("real"), desk.path("link")).unwrap();
    symlink(desk.path("nothing"), desk.path("dangling")).unwrap();
    symlink(desk.path("loop"), desk.path("loop")).unwrap();
    fs::create_dir(desk.path("directory")).unwrap();
    mknodat(CWD, desk.path("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let _socket = UnixListener::bind(desk.path("socket")).unwrap();
    fs::write(desk.path("large"), vec![b' '; 2 << 20]).unwrap();
    for link in ["link", "dangling", "loop"] {
        assert_eq!(told(link), unreadable("it is a symbolic link, which is not followed"));
    }
    assert_eq!(told("directory"), unreadable("it is a directory, and no file"));
    assert_eq!(told("pipe"), unreadable("it is a named pipe, and no file"));
    assert_eq!(told("socket"), unreadable("it is a socket, and no file"));
    assert_eq!(told("large"), unreadable("it is larger than 1 MiB, as no credential is"));
    let words = "it has a file in its path where a directory is needed";
    assert_eq!(told("real/credential"), unreadable(words));
    let words = "it is behind a symbolic link in its path, which is not followed";
    assert_eq!(told("loop/credential"), unreadable(words));
    let missing = (Reading::Missing, "it is not there".to_owned());
    assert_eq!(told("nothing"), missing);
    let missing = (Reading::Missing, "it is not there, and neither is its directory".to_owned());
    assert_eq!(told("nothing/credential"), missing);
    for device in ["/dev/null", "/dev/zero"] {
        let found = read(&Kind::ClaudeOauth, &Place::at(device));
        assert_eq!(found.why.as_deref(), Some("it is a device, and no file"));
    }
    for path in ["/", "", ".", "/tmp/.."] {
        let found = read(&Kind::ClaudeOauth, &Place::at(path));
        assert_eq!(found.why.as_deref(), Some("it is a directory, and no file"), "{path}");
    }
    let long = "x".repeat(300);
    assert!(told(&long).1.starts_with("it cannot be opened: "), "{:?}", told(&long));
    assert_eq!(told("with\0nul").0, Reading::Unreadable);
}

#[test]
fn a_file_closed_to_us_is_unreadable() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let place = desk.put("closed/in/credential", claude(in_mins(61)));
    let mode = |name: &str, mode| {
        fs::set_permissions(desk.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    // Root may read everything.
    if rustix::process::geteuid().is_root() {
        return;
    }
    let closed = [
        ("closed/in/credential", "it may not be read by the user sweepd runs as"),
        ("closed/in", "it may not be read by the user sweepd runs as"),
        ("closed", "it is in a directory closed to the user sweepd runs as"),
    ];
    for (name, words) in closed {
        mode(name, 0o0);
        let found = read(&Kind::ClaudeOauth, &place);
        mode(name, 0o700);
        assert_eq!((found.reading, found.why.as_deref()), (Reading::Unreadable, Some(words)));
    }
}

#[test]
fn a_link_to_its_directory_that_somebody_wrote_is_followed() {
    let desk = Desk::new();
    desk.put("real/credential", claude(in_mins(61)));
    symlink(desk.path("real"), desk.path("current")).unwrap();
    let found = read(&Kind::ClaudeOauth, &desk.place("current/credential"));
    assert_eq!(found.reading, Reading::Until(Timestamp::from_millis(in_mins(61))));
}

#[test]
fn json_and_jwt_say_their_end_where_they_are_told_to() {
    let desk = Desk::new();
    let until = |mins| Reading::Until(Timestamp::from_millis(in_mins(mins)));
    let seconds = in_mins(5) / 1000;
    let cases = [
        (json("/a~1b/m~0n/1"), format!(r#"{{"a/b":{{"m~n":[0,{}]}}}}"#, in_mins(5))),
        (json("/end"), format!(r#"{{"end":{seconds}}}"#)),
        (json("/end"), r#"{"end":"2026-11-22T10:05:00.000Z"}"#.into()),
        (json(""), seconds.to_string()),
        (JWT, jwt(&format!(r#"{{"exp":{seconds}}}"#))),
        (JWT, format!("\n{}\r\n", jwt(&format!(r#"{{"exp":{seconds}.9}}"#)))),
        (
            jwt_at("/tokens/0/id"),
            format!(
                r#"{{"tokens":[{{"id":"{}"}}]}}"#,
                jwt(&format!(r#"{{"exp":{seconds},"nbf":1}}"#))
            ),
        ),
    ];
    for (kind, content) in cases {
        let found = desk.told(&kind, content);
        assert_eq!((found.reading, found.why), (until(5), None), "{kind:?}");
    }
    // The last of a name that is twice counts, as for the agents.
    let found = desk.told(&json("/end"), format!(r#"{{"end":1,"end":{seconds}}}"#));
    assert_eq!(found.reading, until(5));
}

#[test]
fn copies_of_one_account_have_one_fingerprint() {
    let desk = Desk::new();
    let of = |content: &str| desk.told(&Kind::ClaudeOauth, content).account;
    let one = of(&claude(1)).unwrap();
    // The refresh token counts, not the access token.
    assert_eq!(of(&claude(2)).unwrap(), one);
    assert_ne!(of(&claude(1).replace("PLANTED-r", "PLANTED-q")).unwrap(), one);
    let (kind, hex) = one.split_once(':').unwrap();
    assert_eq!((kind, hex.len()), ("claude-oauth", 16));
    assert!(hex.bytes().all(|it| it.is_ascii_hexdigit()));
    let bare = r#"{"claudeAiOauth":{"accessToken":"PLANTED-x"}}"#;
    assert!(of(bare).is_some_and(|it| it != one));
    assert_eq!(of(r#"{"claudeAiOauth":{"accessToken":""}}"#), None);
    assert_eq!(of("{}"), None);
    assert_eq!(of("PLANTED"), None);
    let kinds = [
        (json("/token/expires_at"), r#"{"token":{"expires_at":1,"refresh_token":"PLANTED-r"}}"#),
        (json("/expires_at"), r#"{"expires_at":1,"access_token":"PLANTED-a"}"#),
        (jwt_at("/id"), r#"{"id":"a.b.c"}"#),
        (JWT, "a.b.c\n"),
    ];
    for (kind, content) in kinds {
        let account = account(&kind, content.as_bytes()).unwrap();
        assert!(account.starts_with(kind.as_str()), "{account}");
    }
    assert_eq!(account(&JWT, b"a.b.c"), account(&jwt_at("/id"), br#"{"id":"a.b.c"}"#));
}

#[test]
fn a_pointer_is_checked_when_it_is_written() {
    use sweepd_credentials::Pointer;
    assert_eq!(Pointer::new("/a~01").unwrap().as_str(), "/a~01");
    let told = |text: &str| Pointer::new(text).unwrap_err().to_string();
    assert!(
        told("a/b").starts_with("read `a/b` as a JSON pointer: it does not begin with a slash")
    );
    for text in ["/a~", "/a~2", "/~~0"] {
        assert!(told(text).contains("it has a lone tilde; write it like"), "{text}");
    }
}
