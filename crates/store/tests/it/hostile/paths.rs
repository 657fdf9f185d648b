//! Names that are not files, and files that are elsewhere.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sweepd_decide::{Observed, Timestamp};
use sweepd_store::nanoclaw::{self, LookRequest, Part, Unreadable};

use super::{instead, is_not_a_file, named_pipe};
use crate::session::Session;

#[test]
fn a_named_pipe_does_not_hang_the_look() {
    let why = instead(named_pipe).outbound_is();
    assert!(is_not_a_file(&why, "named pipe"), "{why:?}");
    assert_eq!(why.to_string(), "outbound.db is a named pipe, not a file");
}

#[test]
fn a_socket_is_not_a_database() {
    let why = instead(|path| drop(UnixListener::bind(path).unwrap())).outbound_is();
    assert!(is_not_a_file(&why, "socket"), "{why:?}");
}

#[test]
fn a_directory_is_not_a_database() {
    let why = instead(|path| fs::create_dir(path).unwrap()).outbound_is();
    assert!(is_not_a_file(&why, "directory"), "{why:?}");
}

#[test]
fn a_link_is_not_followed_even_to_a_good_database() {
    let other = Session::new();
    let why = instead(|path| symlink(other.file("outbound.db"), path).unwrap()).outbound_is();
    assert_eq!(why, Unreadable::Symlink { file: "outbound.db".into() });
}

#[test]
fn a_link_to_nowhere_is_a_link_and_not_a_missing_file() {
    let why = instead(|path| symlink("/nonexistent", path).unwrap()).outbound_is();
    assert_eq!(why, Unreadable::Symlink { file: "outbound.db".into() });
}

#[test]
fn a_linked_session_directory_is_not_entered() {
    let session = Session::new();
    let group = session.dir.parent().unwrap();
    symlink(&session.dir, group.join("sess-2")).unwrap();
    symlink(group, group.parent().unwrap().join("ag-2")).unwrap();
    for (group, id) in [("ag-1", "sess-2"), ("ag-2", "sess-1")] {
        let look = session.look_as(LookRequest::new(session.root.path(), group, id));
        let why = Unreadable::Symlink { file: "the session directory".into() };
        assert_eq!(look.inbound, Part::Unreadable(why.clone()));
        assert_eq!(look.outbound, Part::Unreadable(why));
        assert_eq!(look.heartbeat, Observed::Unknown);
    }
}

#[test]
fn a_second_name_of_a_file_elsewhere_is_refused() {
    let other = Session::new();
    let why = instead(|path| fs::hard_link(other.file("outbound.db"), path).unwrap()).outbound_is();
    assert_eq!(why, Unreadable::HardLink { file: "outbound.db".into() });
}

#[test]
fn ids_that_lead_elsewhere_are_refused() {
    let session = Session::new();
    for (group, id) in [("..", "x"), ("ag-1", ".."), ("ag-1", "a/b"), ("", "x"), ("ag-1", "a\0b")] {
        let look = session.look_as(LookRequest::new(session.root.path(), group, id));
        let why = look.inbound.unreadable().unwrap();
        assert!(matches!(why, Unreadable::BadId { .. }), "{group:?} {id:?}: {why:?}");
        assert!(look.outbound.unreadable().is_some());
    }
}

#[test]
fn a_heartbeat_that_is_no_file_is_unknown() {
    let beat = |put: &dyn Fn(&Path)| {
        let session = Session::new();
        put(&session.file(".heartbeat"));
        session.look().heartbeat
    };
    assert_eq!(beat(&|path| named_pipe(path)), Observed::Unknown);
    assert_eq!(beat(&|path| fs::create_dir(path).unwrap()), Observed::Unknown);
    assert_eq!(beat(&|path| symlink("/etc/hostname", path).unwrap()), Observed::Unknown);
    assert_eq!(beat(&|_| ()), Observed::Absent);
    let known = beat(&|path| {
        let file = File::create(path).unwrap();
        let at = std::time::UNIX_EPOCH + Duration::from_nanos(1_778_547_600_123_999_999);
        file.set_modified(at).unwrap();
    });
    assert_eq!(known, Observed::Known(Timestamp::from_millis(1_778_547_600_123)));
}

#[test]
fn a_heartbeat_from_before_the_epoch_is_floored_too() {
    let session = Session::new();
    let file = File::create(session.file(".heartbeat")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH - Duration::from_nanos(1)).unwrap();
    assert_eq!(session.look().heartbeat, Observed::Known(Timestamp::from_millis(-1)));
}

#[test]
fn names_that_change_all_the_time_never_lead_to_another_session() {
    let other = Session::new();
    other.sql("outbound.db", "INSERT INTO processing_ack VALUES ('secret', 'processing', 't')");
    let session = Session::new();
    let (path, spare) = (session.file("outbound.db"), session.file("spare"));
    let good = fs::read(&path).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                match turn % 3 {
                    0 => symlink(other.file("outbound.db"), &spare).unwrap(),
                    1 => fs::write(&spare, "garbage".repeat(1000)).unwrap(),
                    _ => fs::write(&spare, &good).unwrap(),
                }
                fs::rename(&spare, &path).unwrap();
            }
        });
        for _ in 0..300 {
            let look = nanoclaw::look(&session.request());
            let claims = look.outbound.seen().map(|outbound| outbound.claims.len());
            assert!(matches!(claims, None | Some(0)), "{:?}", look.outbound);
        }
        over.store(true, Ordering::Relaxed);
    });
}
