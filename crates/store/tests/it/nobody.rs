//! What a process without rights is told. Root has them all, so another process does the looking.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use sweepd_decide::Timestamp;
use sweepd_store::Error;
use sweepd_store::nanoclaw::{self, LookRequest, MonitorError, MonitorPlan, Root, Unreadable};
use sweepd_store::registry::{self, DEADLINE_MS};
use sweepd_store::state::StateDb;

use crate::session::Session;

const NOBODY: u32 = 65534;

#[test]
fn a_process_without_rights_is_told_so() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let session = Session::new();
    let root = session.root.path();
    fs::set_permissions(root, Permissions::from_mode(0o755)).unwrap();
    let private = Permissions::from_mode(0o600);
    fs::set_permissions(session.file("outbound.db"), private).unwrap();
    chown(root.join("data"), Some(4321), None).unwrap();
    let central = rusqlite::Connection::open(root.join("data/v2.db")).unwrap();
    central.execute_batch("CREATE TABLE agent_groups (id, name, folder, created_at)").unwrap();
    drop(central);
    fs::write(root.join("agents.db"), "private").unwrap();
    fs::set_permissions(root.join("agents.db"), Permissions::from_mode(0o600)).unwrap();

    let outcome = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "nobody::looks_from_the_current_directory", "--ignored"])
        .current_dir(root)
        .uid(NOBODY)
        .gid(NOBODY)
        .output();

    match outcome {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {} // may not run this file
        Err(error) => assert_eq!(error.to_string(), "", "it runs"),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(said.contains("1 passed"), "{output:?}");
        }
    }
}

#[test]
#[ignore = "run by the test above, as nobody"]
fn looks_from_the_current_directory() {
    let root = Root::open(".".as_ref()).unwrap();
    let look = nanoclaw::look(&LookRequest::new(root.path(), "ag-1", "sess-1"));
    assert!(look.inbound.seen().is_some(), "{:?}", look.inbound);
    let denied = Unreadable::Denied { file: "outbound.db".into() };
    assert_eq!(look.outbound.unreadable(), Some(&denied));

    let registry = registry::read("agents.db".as_ref(), "SELECT 1", DEADLINE_MS).unwrap_err();
    let words = "the registry agents.db may not be read by this user: give it the right to read the \
                 file and its directory";
    assert_eq!(registry.to_string(), words);

    let owner = root.check_owner().unwrap_err();
    assert!(matches!(owner, Error::NotOwner { owner: 4321, euid: NOBODY, .. }), "{owner:?}");

    let monitor = nanoclaw::bootstrap(&root, &MonitorPlan::default(), Timestamp::from_millis(0));
    assert!(matches!(monitor, Err(MonitorError::ReadOnly { .. })), "{monitor:?}");

    let state = StateDb::open(&root.path().join("state"), Timestamp::from_millis(0)).unwrap_err();
    assert!(matches!(state, Error::Unwritable { .. }), "{state:?}");
}
