//! Reads a configuration: file, shape, meaning.
//!
//! All that is wrong comes back at once, each with its place.

use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use toml::de::DeTable;

use super::examine::examine;
use super::file::ConfigFile;
use super::find::{FindError, find};
use super::finding::{Finding, Findings};
use super::origin::Origins;
use super::place::{Places, place};
use super::resolve::resolve;
use super::shape::keys_of;
use super::{Config, Surroundings};

/// A configuration, and what is known about it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    /// The file, as it was found.
    pub(crate) path: PathBuf,
    /// The file, as it is shown.
    pub(crate) name: String,
    /// Where each value comes from.
    pub(crate) origins: Origins,
    /// Warnings, in the file's order; more are `check`'s to find.
    pub(crate) findings: Findings,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    /// No file, or it cannot be read.
    #[error(transparent)]
    Find(#[from] FindError),
    /// The file was read. One line per finding, each with its place; at least one is an error.
    #[error("{}", lines(.0))]
    Invalid(Vec<Finding>),
}

/// Finds the file, reads it and resolves it.
pub(crate) fn load(flag: Option<&Path>, around: &Surroundings) -> Result<Loaded, LoadError> {
    let found = find(flag, around)?;
    let named = found.path.display().to_string();
    let named = named.strip_prefix("./").unwrap_or(&named).to_owned();
    let text = match String::from_utf8(found.bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes());
            let mut findings = Findings::new(named, Places::default());
            findings.error_at(place(&text, valid), "this byte is not UTF-8".to_owned());
            return Err(LoadError::Invalid(findings.into_sorted()));
        }
    };
    let base = std::path::absolute(&found.path).ok();
    let base = base.as_deref().and_then(Path::parent).unwrap_or_else(|| Path::new("/"));
    read(&named, &text, base, around, found.path)
}

/// Reads a file's text; `base` is the directory its relative paths are taken from.
fn read(
    named: &str,
    text: &str,
    base: &Path,
    around: &Surroundings,
    path: PathBuf,
) -> Result<Loaded, LoadError> {
    let (mut table, syntax) = DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        return Err(LoadError::Invalid(syntax_findings(named, text, &syntax)));
    }
    let places = Places::of(text, table.get_ref());
    let mut origins = Origins::new(named.to_owned(), places.clone());
    let mut findings = Findings::new(named.to_owned(), places);
    examine(table.get_mut(), &keys_of::<ConfigFile>(), &mut findings);
    findings.shape_is_known();
    match ConfigFile::deserialize(toml::Deserializer::from(table)) {
        Ok(file) => {
            let config = resolve(&file, base, around, &mut origins, &mut findings);
            if !findings.has_errors() {
                return Ok(Loaded { config, path, name: named.to_owned(), origins, findings });
            }
        }
        // Nothing that `examine` let through; the library's own words if it does.
        Err(error) => {
            let at = place(text, error.span().map_or(0, |span| span.start));
            findings.error_at(at, error.message().to_owned());
        }
    }
    Err(LoadError::Invalid(findings.into_sorted()))
}

fn syntax_findings(named: &str, text: &str, errors: &[toml::de::Error]) -> Vec<Finding> {
    let mut findings = Findings::new(named.to_owned(), Places::default());
    for error in errors {
        let span = error.span().unwrap_or_default();
        let words = match error.message() {
            "duplicate key" => {
                let key = text.get(span.clone()).unwrap_or_default().escape_debug();
                format!("`{key}` is already there; every key and every [table] can be set once")
            }
            message => {
                let message = message.strip_suffix(", expected literal string").unwrap_or(message);
                format!("not TOML: {message}")
            }
        };
        findings.error_at(place(text, span.start), words);
    }
    findings.into_sorted()
}

fn lines(findings: &[Finding]) -> String {
    let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[cfg(test)]
pub(super) fn load_text(text: &str, around: &Surroundings) -> Result<Loaded, LoadError> {
    read("sweepd.toml", text, Path::new("/etc/sweepd"), around, PathBuf::from("sweepd.toml"))
}
