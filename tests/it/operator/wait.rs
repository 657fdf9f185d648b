//! Waiting until something is so, for as long as a test may take.

use std::time::Duration;

/// A loaded machine is slow; nothing takes this long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks.
const AGAIN: Duration = Duration::from_millis(10);

/// Waits until `look` finds something.
pub(crate) fn until_some<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..PATIENCE.as_millis() / AGAIN.as_millis() {
        if let Some(found) = look() {
            return found;
        }
        pause(AGAIN);
    }
    panic!("waited {PATIENCE:?} in vain: {what}");
}

/// Waits until it is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    until_some(what, || is_so().then_some(()));
}

/// Between two looks, or before an act whose very instant is what a test is about.
pub(crate) fn pause(span: Duration) {
    #[expect(clippy::disallowed_methods, reason = "another process is waited for")]
    std::thread::sleep(span);
}

/// Says, past the harness, which hides what passing tests print, why a test did nothing.
pub(crate) fn skip(why: &str) {
    use std::io::Write as _;
    std::io::stderr().write_all(format!("skipped: {}\n", why.trim()).as_bytes()).unwrap();
}
