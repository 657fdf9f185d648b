//! Configurations of tests that are not about silence.

/// What makes silence no news, where a configuration says nothing of it: test agents seldom answer.
pub fn unheard(text: &str) -> &'static str {
    if text.contains("[silent-failure]") { "" } else { "\n[silent-failure]\nenabled = false\n" }
}
