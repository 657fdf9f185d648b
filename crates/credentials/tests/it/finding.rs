//! Which files a path with wildcards means.

use std::fs;
use std::os::unix::fs::symlink;

use sweepd_credentials::{FindError, Kind, MOST_FOUND, Replaced, find, read, replace};
use sweepd_decide::Reading;

use crate::support::{Desk, candidate, claude, in_mins};

impl Desk {
    fn found(&self, pattern: &str) -> Vec<String> {
        let matches = find(self.path(pattern).to_str().unwrap()).unwrap();
        let below = |place: &sweepd_credentials::Place| {
            place.path().strip_prefix(self.dir()).unwrap().to_str().unwrap().to_owned()
        };
        matches.places.iter().map(below).collect()
    }
}

#[test]
fn wildcards_stand_for_characters_of_one_name() {
    let desk = Desk::new();
    for name in
        ["b/claude.json", "a/claude.json", "a/other.json", "ab/claude.json", ".h/claude.json"]
    {
        desk.put(name, "{}");
    }
    desk.put("top.json", "{}");
    fs::create_dir(desk.path("empty")).unwrap();
    assert_eq!(desk.found("*/claude.json"), ["a/claude.json", "ab/claude.json", "b/claude.json"]);
    assert_eq!(desk.found("?/claude.json"), ["a/claude.json", "b/claude.json"]);
    assert_eq!(desk.found("a/*.json"), ["a/claude.json", "a/other.json"]);
    assert_eq!(desk.found("a*/./*"), ["a/claude.json", "a/other.json", "ab/claude.json"]);
    assert_eq!(desk.found(".*/claude.json"), [".h/claude.json"]);
    // Directories are no credentials.
    assert_eq!(desk.found("*"), ["top.json"]);
    assert_eq!(desk.found("[a]/*"), Vec::<String>::new());
    assert_eq!(desk.found("nothing/*/claude.json"), Vec::<String>::new());
    assert_eq!(desk.found("top.json/*"), Vec::<String>::new());
}

#[test]
fn a_path_without_wildcards_is_one_place_whether_there_is_anything_or_not() {
    let desk = Desk::new();
    assert_eq!(desk.found("nothing/claude.json"), ["nothing/claude.json"]);
    let matches = find("relative.json").unwrap();
    assert_eq!(matches.places.first().unwrap().path().to_str(), Some("relative.json"));
}

#[test]
fn a_relative_pattern_is_below_the_current_directory() {
    let places = find("s*c/lib.rs").unwrap().places;
    let paths: Vec<_> = places.iter().map(|it| it.path().to_str().unwrap()).collect();
    assert_eq!(paths, ["src/lib.rs"]);
    assert_ne!(read(&Kind::ClaudeOauth, places.first().unwrap()).reading, Reading::Missing);
}

#[test]
fn below_a_wildcard_no_link_is_followed_and_before_it_every_one() {
    let desk = Desk::new();
    desk.put("real/a/claude.json", claude(in_mins(61)));
    desk.put("real/b/sub/claude.json", claude(in_mins(61)));
    desk.put("elsewhere/claude.json", claude(in_mins(61)));
    symlink(desk.path("real"), desk.path("current")).unwrap();
    symlink(desk.path("elsewhere"), desk.path("real/stray")).unwrap();
    fs::create_dir(desk.path("real/c")).unwrap();
    symlink(desk.path("elsewhere"), desk.path("real/c/sub")).unwrap();
    symlink(desk.path("nothing"), desk.path("real/c/claude.json")).unwrap();
    let found = desk.found("current/*/claude.json");
    assert_eq!(found, ["current/a/claude.json", "current/c/claude.json"]);
    assert_eq!(desk.found("current/*/sub/claude.json"), ["current/b/sub/claude.json"]);
    let matches = find(desk.path("current/*/claude.json").to_str().unwrap()).unwrap();
    let unread: Vec<_> = matches.unread.iter().map(ToString::to_string).collect();
    let [link] = unread.as_slice() else { panic!("{unread:?}") };
    assert!(link.contains("current/stray") && link.contains("symbolic link"), "{link}");
    let found = read(&Kind::ClaudeOauth, matches.places.last().unwrap());
    assert_eq!(found.why.as_deref(), Some("it is a symbolic link, which is not followed"));
}

#[test]
fn a_directory_swapped_for_a_link_after_it_was_found_is_not_followed_either() {
    let desk = Desk::new();
    desk.put("groups/a/claude.json", claude(in_mins(1)));
    desk.put("victim/claude.json", claude(in_mins(1)));
    let found = find(desk.path("groups/*/claude.json").to_str().unwrap()).unwrap();
    let place = found.places.first().unwrap();
    fs::rename(desk.path("groups/a"), desk.path("groups/moved")).unwrap();
    symlink(desk.path("victim"), desk.path("groups/a")).unwrap();
    let words = "it is behind a symbolic link in its path, which is not followed";
    assert_eq!(read(&Kind::ClaudeOauth, place).why.as_deref(), Some(words));
    let replaced = replace(place, &candidate(claude(in_mins(99)))).unwrap();
    let Replaced::NotReplaceable { current: Reading::Unreadable, why } = replaced else {
        panic!("{replaced:?}")
    };
    assert_eq!(why, words);
    assert_eq!(desk.text("victim/claude.json"), claude(in_mins(1)));
}

#[test]
fn what_can_mean_nothing_is_refused_with_a_remedy() {
    let told = |pattern: &str| find(pattern).unwrap_err().to_string();
    assert_eq!(told(""), "read the path ``: it is empty");
    let words = "read the path `/a/**/b`: `**` is not understood; write one `*` for each directory";
    assert_eq!(told("/a/**/b"), words);
    assert!(told("/a/*/../b").contains("`..` after a wildcard"));
    // Before one it is as good as any other.
    assert!(find("/tmp/../tmp/no-such-*").unwrap().places.is_empty());
}

#[test]
fn a_flood_of_names_is_named_and_costs_only_itself() {
    let desk = Desk::wide();
    desk.put("calm/x/claude.json", "{}");
    fs::create_dir_all(desk.path("flood/x")).unwrap();
    for n in 0..=MOST_FOUND {
        fs::create_dir(desk.path(&format!("flood/{n}"))).unwrap();
    }
    let matches = find(desk.path("*/*/claude.json").to_str().unwrap()).unwrap();
    assert_eq!(matches.places.len(), 1);
    let [FindError::Crowded { place, .. }] = matches.unread.as_slice() else {
        panic!("{:?}", matches.unread)
    };
    assert_eq!(*place, desk.path("flood"));
    let alone = find(desk.path("flood/*/claude.json").to_str().unwrap()).unwrap_err();
    assert!(alone.to_string().contains("holds more than 10000 names"), "{alone}");
    for n in 0..3 {
        fs::create_dir(desk.path(&format!("calm/{n}"))).unwrap();
        for m in 0..4000 {
            fs::write(desk.path(&format!("calm/{n}/{m}")), "").unwrap();
        }
    }
    let many = find(desk.path("calm/*/*").to_str().unwrap()).unwrap_err();
    let FindError::TooMany { place, .. } = &many else { panic!("{many}") };
    assert_eq!(*place, desk.path("calm/2"));
}
