//! One sweepd per state directory.

use std::fs;

use sweepd_store::state::lock::StateLock;
use sweepd_store::{Holder, LockError};

#[test]
fn a_state_directory_has_one_holder_and_says_who() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("state");
    let held = StateLock::run(&dir).unwrap();
    for attempt in [StateLock::run(&dir), StateLock::sweep(&dir)] {
        let error = attempt.unwrap_err();
        let pid = std::process::id();
        let words = format!("{}/sweepd.lock is locked by pid {pid} (run)", dir.display());
        assert_eq!(error.to_string(), words);
        let LockError::Held { holder, .. } = error else { panic!("held") };
        assert_eq!(holder, Some(Holder { pid, what: Some("run".into()) }));
    }
    drop(held);
    assert!(dir.join("sweepd.lock").exists());
    let sweep = StateLock::sweep(&dir).unwrap();
    let error = StateLock::run(&dir).unwrap_err();
    assert!(error.to_string().ends_with("(sweep)"), "{error}");
    drop(sweep);
}

#[test]
fn an_old_pid_in_the_lock_file_is_not_believed() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join("sweepd.lock"), "1 run with a long tail that stays\n").unwrap();
    let held = StateLock::sweep(temp.path()).unwrap();
    let text = fs::read_to_string(temp.path().join("sweepd.lock")).unwrap();
    assert_eq!(text, format!("{} sweep\n", std::process::id()));
    drop(held);
}

#[test]
fn a_lock_that_cannot_be_tried_is_no_lock() {
    let temp = tempfile::tempdir().unwrap();
    fs::create_dir(temp.path().join("sweepd.lock")).unwrap();
    assert!(matches!(StateLock::run(temp.path()), Err(LockError::Lock { .. })));
}
