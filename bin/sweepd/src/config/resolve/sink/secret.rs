//! Reads where a secret is kept, and addresses, which may hold one by mistake.
//!
//! What is wrong with either is told without showing it.

use std::collections::BTreeMap;

use crate::config::alerts::Kept;
use crate::config::resolve::Resolver;

/// How a secret is written: by a file, or by a variable.
pub(super) type Written<'a> = (Option<&'a str>, Option<&'a str>);

impl Resolver<'_> {
    /// A secret that has to be there; `what` is asked for.
    pub(super) fn needed(
        &mut self,
        at: &str,
        base: &str,
        written: Written<'_>,
        what: &str,
    ) -> Option<Kept> {
        if matches!(written, (None, None)) {
            let told = format!(
                "{what} Write {base}-file = \"/run/secrets/…\", or {base}-env = \"…\" with the \
                 name of an environment variable"
            );
            self.findings.missing(&format!("{at}.{base}-file"), told);
        }
        self.kept(at, base, written)
    }

    /// A secret that may be there.
    pub(super) fn kept(&mut self, at: &str, base: &str, written: Written<'_>) -> Option<Kept> {
        let (file, env) = (format!("{at}.{base}-file"), format!("{at}.{base}-env"));
        match written {
            (None, None) => None,
            (Some(path), None) => self.secret_file(&file, path),
            (None, Some(name)) => self.variable(&env, name),
            (Some(_), Some(_)) => {
                let told = format!("`{base}-file` is there too: a secret is kept in one place");
                self.findings.wrong(&env, told);
                None
            }
        }
    }

    /// Secrets with names of their own: each in a file or in a variable.
    pub(super) fn kept_by_name(
        &mut self,
        at: &str,
        base: &str,
        files: Option<&BTreeMap<String, String>>,
        envs: Option<&BTreeMap<String, String>>,
    ) -> BTreeMap<String, Kept> {
        let mut all = BTreeMap::new();
        for (name, path) in files.into_iter().flatten() {
            let kept = self.secret_file(&format!("{at}.{base}-file.{name}"), path);
            all.extend(kept.map(|kept| (name.clone(), kept)));
        }
        for (name, variable) in envs.into_iter().flatten() {
            let path = format!("{at}.{base}-env.{name}");
            let kept = self.variable(&path, variable);
            let known = kept.and_then(|kept| all.insert(name.clone(), kept));
            if known.is_some() {
                let told = format!("it is in `{base}-file` too: a secret is kept in one place");
                self.findings.wrong(&path, told);
            }
        }
        all
    }

    /// A file that holds a secret.
    fn secret_file(&mut self, key: &str, text: &str) -> Option<Kept> {
        if looks_like_a_secret(text) {
            let told = "this looks like a secret itself, which is not shown here: it is written into a \
                        file of its own, whose path stands here";
            self.findings.wrong(key, told);
            return None;
        }
        self.path(key, text).map(Kept::File)
    }

    /// A variable that holds a secret. That it is not set is told where the secret is needed: whoever
    /// asks for the status need not have it.
    fn variable(&mut self, path: &str, name: &str) -> Option<Kept> {
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        let usual = name.starts_with(first)
            && name.len() <= 64
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !usual {
            let told = "this is no name of an environment variable: letters, digits and `_`. A \
                        secret itself is not written here";
            self.findings.wrong(path, told);
            return None;
        }
        let value = match self.around.others.of(name).map(|value| value.to_str()) {
            None => None,
            Some(Some(value)) => Some(value.to_owned()),
            Some(None) => {
                self.findings.wrong(path, format_args!("${name} is not UTF-8"));
                return None;
            }
        };
        Some(Kept::Env { name: name.to_owned(), value })
    }

    /// The address of a service.
    pub(in crate::config::resolve) fn address(&mut self, path: &str, text: &str) -> Option<String> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        let odd = text.contains(|c: char| c.is_whitespace() || c.is_control());
        let wrong = match host {
            None | Some("") => "this is no web address; it begins with https:// and a host",
            Some(_) if odd => "there are spaces or control characters in this address",
            Some(host) if host.contains('@') => {
                "there is a user or a password in this address; it is not written into this file"
            }
            Some(_) => return Some(text.to_owned()),
        };
        self.findings.wrong(path, wrong);
        None
    }
}

/// Whether a text that should be a path is long, in one piece, and has letters and digits, as tokens
/// do; or is an address.
fn looks_like_a_secret(text: &str) -> bool {
    let long = text.len() >= 20 && !text.starts_with(['/', '~', '.']);
    let mixed = text.contains(|c: char| c.is_ascii_alphabetic())
        && text.contains(|c: char| c.is_ascii_digit());
    text.contains("://") || (long && mixed && !text.contains('/'))
}
