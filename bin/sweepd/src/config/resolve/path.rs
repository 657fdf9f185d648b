//! Reads a path: `~/` is the home directory, and what is relative stands beside the file.

use std::path::{Path, PathBuf};

use super::Resolver;

impl Resolver<'_> {
    /// The absolute path that `text` means; `key` is where it stands.
    pub(super) fn path(&mut self, key: &str, text: &str) -> Option<PathBuf> {
        if text.is_empty() {
            self.findings.wrong(key, "a path is missing between the quotes");
            return None;
        }
        if text.contains('\0') {
            self.findings.wrong(key, "no path has a NUL in it");
            return None;
        }
        if let Some(rest) = text.strip_prefix('~') {
            return self.below_home(key, text, rest);
        }
        let path = Path::new(text);
        if path.is_absolute() {
            return Some(path.to_owned());
        }
        let full = self.base.join(path.strip_prefix(".").unwrap_or(path));
        let told = format!(
            "{text:?} is relative to the file's directory and means {}; write it in full",
            full.display()
        );
        self.findings.warn(key, told);
        Some(full)
    }

    fn below_home(&mut self, key: &str, text: &str, rest: &str) -> Option<PathBuf> {
        let inner = if rest.is_empty() { Some("") } else { rest.strip_prefix('/') };
        match (inner, &self.around.home) {
            (Some(inner), Some(home)) => Some(home.join(inner)),
            (Some(_), None) => {
                self.findings.wrong(key, format_args!("{text:?} needs $HOME, which is not set"));
                None
            }
            (None, _) => {
                let told = "only ~/ is understood, not the home directories of others";
                self.findings.wrong(key, told);
                None
            }
        }
    }
}
