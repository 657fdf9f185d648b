//! Where the binaries are: built beside the tests, or built now.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The program under test.
pub(crate) fn sweepd() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| find("sweepd"))
}

/// The test agent.
pub(crate) fn agent() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| find("agent-sim"))
}

/// `target/<profile>/<name>`; this test is in `deps` below that.
fn find(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let path = own.parent().and_then(Path::parent).unwrap().join(name);
    if !path.exists() {
        let release = path.parent().is_some_and(|dir| dir.ends_with("release"));
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "-p", name, "--locked"]).args(release.then_some("--release"));
        assert!(build.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap().success());
    }
    path
}
