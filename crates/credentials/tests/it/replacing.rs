//! A newer credential in the place of an older one: what changes, what stays, and what is refused.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use rustix::fs::{CWD, FileType, FlockOperation, Mode, mknodat};
use sweepd_credentials::{Candidate, Kind, Place, ReplaceError, Replaced, replace};
use sweepd_decide::{Reading, Timestamp};

use crate::support::{Desk, JWT, candidate, claude, in_mins, json, jwt};

fn until(mins: i64) -> Reading {
    Reading::Until(Timestamp::from_millis(in_mins(mins)))
}

fn yes(desk: &Desk, place: &Place, candidate: &Candidate) -> (Reading, Option<u32>) {
    let replaced = replace(place, candidate).unwrap();
    assert!(matches!(replaced, Replaced::Yes { .. }), "{replaced:?}");
    let Replaced::Yes { until, was, narrowed } = replaced else { unreachable!() };
    assert_eq!(until, candidate.until());
    let names = desk.names();
    assert!(names.iter().all(|it| !it.contains("sweepd")), "{names:?}");
    (was, narrowed)
}

#[test]
fn only_the_token_fields_change_and_every_other_byte_stays() {
    let desk = Desk::new();
    let old = format!(
        "{{\r\n\t\"numStartups\": 1e2,\n  \"claudeAiOauth\" : {{ \"scopes\":[ \"a\" ], \"expiresAt\":{}, \"accessToken\":\"PLANTED-old\",\"refreshToken\":\"PLANTED-or\"}},\n  \"zebra\": \"\\u00e4\", \"apple\": null }}\n",
        in_mins(-5)
    );
    let place = desk.put("claude.json", &old);
    let new = format!(
        r#"{{"other":1,"claudeAiOauth":{{"accessToken":"PLANTED-new","refreshToken":"PLANTED-nr","expiresAt":{},"tier":"max"}}}}"#,
        in_mins(90)
    );
    assert_eq!(yes(&desk, &place, &candidate(new)).0, until(-5));
    let meant = old
        .replace(&in_mins(-5).to_string(), &in_mins(90).to_string())
        .replace("PLANTED-old", "PLANTED-new")
        .replace("\"PLANTED-or\"", "\"PLANTED-nr\",\"tier\":\"max\"");
    assert_eq!(desk.text("claude.json"), meant);
}

#[test]
fn of_other_kinds_the_whole_content_is_replaced_but_for_the_line_end() {
    let desk = Desk::new();
    let place = desk.put("json", "{\"end\": 1, \"foreign\": 2}");
    let new = Candidate::new(&json("/end"), b"{\"end\":7}\n".to_vec()).unwrap();
    assert_eq!(yes(&desk, &place, &new).0, Reading::Until(Timestamp::from_millis(1000)));
    assert_eq!(desk.text("json"), "{\"end\":7}");
    let token = |end: i64| jwt(&format!(r#"{{"exp":{end}}}"#));
    let place = desk.put("jwt", token(5) + "\r\n");
    let new = Candidate::new(&JWT, token(9).into_bytes()).unwrap();
    yes(&desk, &place, &new);
    assert_eq!(desk.text("jwt"), token(9) + "\r\n");
}

#[test]
fn only_one_that_is_good_for_strictly_longer_is_put_in() {
    let desk = Desk::new();
    let place = desk.put("claude.json", claude(in_mins(10)));
    for mins in [10, 9, -100] {
        let replaced = replace(&place, &candidate(claude(in_mins(mins)))).unwrap();
        assert_eq!(replaced, Replaced::NotNewer { current: until(10) });
        assert_eq!(desk.text("claude.json"), claude(in_mins(10)));
        assert_eq!(desk.names(), ["claude.json"]);
    }
    // One that is over, but not for as long, has the later refresh token.
    let place = desk.put("claude.json", claude(in_mins(-20)));
    yes(&desk, &place, &candidate(claude(in_mins(-10))));
}

#[test]
fn one_that_says_no_end_is_replaced_and_one_that_is_missing_or_broken_never() {
    let desk = Desk::new();
    let newer = candidate(claude(in_mins(90)));
    for old in ["{}", "{\"claudeAiOauth\":7}", "{\"claudeAiOauth\":{\"expiresAt\":\"soon\"}}\n"] {
        let place = desk.put("claude.json", old);
        assert_eq!(yes(&desk, &place, &newer).0, Reading::NoEnd);
        assert!(desk.text("claude.json").contains(&in_mins(90).to_string()));
    }
    for (old, words) in [("", "it is empty"), ("[]", "it is JSON, but no object")] {
        let place = desk.put("claude.json", old);
        let why = words.to_owned();
        let current = Reading::Unreadable;
        let refused = Replaced::NotReplaceable { current, why };
        assert_eq!(replace(&place, &newer).unwrap(), refused);
        assert_eq!(desk.text("claude.json"), old);
    }
    for (name, words) in [
        ("missing", "it is not there"),
        ("no/directory", "it is not there, and neither is its directory"),
    ] {
        let why = words.to_owned();
        let refused = Replaced::NotReplaceable { current: Reading::Missing, why };
        assert_eq!(replace(&desk.place(name), &newer).unwrap(), refused);
    }
    assert_eq!(desk.names(), ["claude.json"]);
}

#[test]
fn a_link_is_not_replaced_and_what_it_leads_to_not_written() {
    let desk = Desk::new();
    desk.put("real", claude(in_mins(1)));
    symlink(desk.path("real"), desk.path("claude.json")).unwrap();
    let place = desk.place("claude.json");
    let replaced = replace(&place, &candidate(claude(in_mins(90)))).unwrap();
    let why = "it is a symbolic link, which is not followed".to_owned();
    assert_eq!(replaced, Replaced::NotReplaceable { current: Reading::Unreadable, why });
    assert_eq!(desk.text("real"), claude(in_mins(1)));
    assert_eq!(desk.names(), ["claude.json", "real"]);
}

#[test]
fn the_new_file_is_for_its_owner_alone_who_is_the_old_ones() {
    let desk = Desk::new();
    let place = desk.put("claude.json", claude(in_mins(1)));
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o640)).unwrap();
    let root = rustix::process::geteuid().is_root();
    if root {
        std::os::unix::fs::chown(place.path(), Some(1000), Some(1001)).unwrap();
    }
    let before = fs::metadata(place.path()).unwrap();
    let (_, narrowed) = yes(&desk, &place, &candidate(claude(in_mins(90))));
    assert_eq!(narrowed, Some(0o640));
    let after = fs::metadata(place.path()).unwrap();
    assert_eq!(after.mode() & 0o7777, 0o600);
    assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
    let (_, narrowed) = yes(&desk, &place, &candidate(claude(in_mins(91))));
    assert_eq!(narrowed, None);
}

#[test]
fn somebody_who_holds_the_lock_is_not_disturbed() {
    let desk = Desk::new();
    let place = desk.put("claude.json", claude(in_mins(1)));
    let newer = candidate(claude(in_mins(90)));
    let lock = fs::File::create(desk.path(".claude.json.sweepd-lock")).unwrap();
    rustix::fs::flock(&lock, FlockOperation::LockExclusive).unwrap();
    desk.put(".claude.json.sweepd-new", "theirs");
    assert_eq!(replace(&place, &newer).unwrap(), Replaced::Held);
    assert_eq!(desk.text(".claude.json.sweepd-new"), "theirs");
    drop(lock);
    // A lock file alone means nothing: its holder is dead.
    yes(&desk, &place, &newer);
}

#[test]
fn what_a_killed_one_left_is_removed_or_put_in_by_its_worth() {
    let desk = Desk::new();
    let place = desk.put("claude.json", claude(in_mins(10)));
    let old = candidate(claude(in_mins(5)));
    desk.put(".claude.json.sweepd-part", "half PLANT");
    desk.put(".claude.json.sweepd-new", claude(in_mins(9)));
    desk.put(".claude.json.sweepd-lock", "");
    assert_eq!(replace(&place, &old).unwrap(), Replaced::NotNewer { current: until(10) });
    assert_eq!(desk.names(), ["claude.json"]);
    desk.put(".claude.json.sweepd-new", claude(in_mins(11)));
    assert_eq!(replace(&place, &old).unwrap(), Replaced::NotNewer { current: until(11) });
    assert_eq!(desk.text("claude.json"), claude(in_mins(11)));
    assert_eq!(desk.names(), ["claude.json"]);
    // Nobody's pattern takes them for credentials.
    desk.put(".claude.json.sweepd-new", claude(in_mins(11)));
    let matches = sweepd_credentials::find(desk.path(".*").to_str().unwrap()).unwrap();
    assert_eq!(matches.places, []);
}

#[test]
fn what_lies_in_our_way_is_named_and_the_credential_stays() {
    let desk = Desk::new();
    let place = desk.put("claude.json", claude(in_mins(1)));
    let newer = candidate(claude(in_mins(90)));
    fs::create_dir(desk.path(".claude.json.sweepd-part")).unwrap();
    let error = replace(&place, &newer).unwrap_err();
    assert!(matches!(error, ReplaceError::Remove { .. }), "{error}");
    assert!(error.to_string().contains(".claude.json.sweepd-part; remove it by hand"), "{error}");
    fs::remove_dir(desk.path(".claude.json.sweepd-part")).unwrap();
    let lock = desk.path(".claude.json.sweepd-lock");
    for _ in 0..2 {
        // A pipe first, then a link: neither is opened.
        if desk.names().len() == 1 {
            mknodat(CWD, &lock, FileType::Fifo, Mode::RUSR, 0).unwrap();
        } else {
            fs::remove_file(&lock).unwrap();
            symlink(desk.path("elsewhere"), &lock).unwrap();
        }
        let error = replace(&place, &newer).unwrap_err();
        assert!(matches!(error, ReplaceError::Lock { .. }), "{error}");
    }
    fs::remove_file(&lock).unwrap();
    // Planted links under our own names are removed, not followed.
    desk.put("victim", "precious");
    symlink(desk.path("victim"), desk.path(".claude.json.sweepd-part")).unwrap();
    symlink(desk.path("victim"), desk.path(".claude.json.sweepd-new")).unwrap();
    yes(&desk, &place, &newer);
    assert_eq!(desk.text("victim"), "precious");
}

#[test]
fn a_failure_leaves_the_credential_and_no_file_of_ours() {
    let desk = Desk::new();
    // The lock and the part would have names longer than a name can be.
    let name = "x".repeat(250);
    let place = desk.put(&name, claude(in_mins(1)));
    let error = replace(&place, &candidate(claude(in_mins(90)))).unwrap_err();
    assert!(matches!(error, ReplaceError::Lock { .. }), "{error}");
    assert_eq!(desk.names(), std::slice::from_ref(&name));
    assert_eq!(desk.text(&name), claude(in_mins(1)));
    // A credential that grows beyond what is ever read.
    let old = claude(in_mins(1)).replace("PLANTED-r", &"r".repeat((1 << 20) - 200));
    let place = desk.put("claude.json", &old);
    let fat = claude(in_mins(90)).replace("PLANTED-a", &"a".repeat(1000));
    let error = replace(&place, &candidate(fat.replace("refreshToken", "other"))).unwrap_err();
    assert!(matches!(error, ReplaceError::Unfit { .. }), "{error}");
    assert_eq!(desk.text("claude.json"), old);
    assert_eq!(desk.names().len(), 2);
}

#[test]
fn a_directory_closed_to_us_is_named_and_nothing_is_left_in_it() {
    // Root may write everywhere.
    if rustix::process::geteuid().is_root() {
        return;
    }
    let desk = Desk::new();
    let place = desk.put("in/claude.json", claude(in_mins(1)));
    fs::set_permissions(desk.path("in"), fs::Permissions::from_mode(0o500)).unwrap();
    let error = replace(&place, &candidate(claude(in_mins(90)))).unwrap_err();
    fs::set_permissions(desk.path("in"), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(matches!(error, ReplaceError::Lock { .. }), "{error}");
    assert_eq!(fs::read_dir(desk.path("in")).unwrap().count(), 1);
}

#[test]
fn the_kind_of_the_candidate_decides_what_is_read() {
    let desk = Desk::new();
    let place = desk.put("claude.json", claude(in_mins(1)));
    let new = Candidate::new(&Kind::ClaudeOauth, claude(in_mins(90)).into_bytes()).unwrap();
    assert_eq!(new.kind(), &Kind::ClaudeOauth);
    assert_eq!(new.reading(), until(90));
    yes(&desk, &place, &new);
}
