//! Which templates somebody has written, and that they work before an alert needs them.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::{Caps, NAMES, Texts, View, engine, sample};

/// A template of one's own that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("use {}: {why}", .path.display())]
#[non_exhaustive]
pub struct TextsError {
    /// The file, or the directory.
    pub path: PathBuf,
    /// What is wrong, with the line where there is one.
    pub why: String,
}

/// Replaces templates by the files of a directory.
pub(super) fn replace(texts: &mut Texts, dir: &Path) -> Result<(), TextsError> {
    let failed = |path: &Path, why: String| TextsError { path: path.to_path_buf(), why };
    let entries = fs::read_dir(dir).map_err(|error| failed(dir, error.to_string()))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| failed(dir, error.to_string()))?.path());
    }
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|it| it == "j2")) {
        let stem = path.file_stem().unwrap_or_default();
        let Some(name) = NAMES.into_iter().find(|name| stem == *name) else {
            let known = NAMES.join(", ");
            return Err(failed(path, format!("there is no such template; there are {known}")));
        };
        let source = read(path).map_err(|why| failed(path, why))?;
        texts
            .own
            .add_template_owned(name, source)
            .map_err(|error| failed(path, engine::told(&error, name)))?;
        texts.replaced.insert(name);
    }
    for name in texts.replaced.iter().copied() {
        try_out(texts, name).map_err(|why| failed(&dir.join(format!("{name}.j2")), why))?;
    }
    Ok(())
}

/// A file's text, at most 64 KiB.
fn read(path: &Path) -> Result<String, String> {
    // A pipe would be waited for.
    if !fs::metadata(path).map_err(|error| error.to_string())?.is_file() {
        return Err("is not a file".to_owned());
    }
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let mut text = String::new();
    let length = file.take(LONGEST + 1).read_to_string(&mut text);
    match length.map_err(|error| error.to_string())? {
        length if u64::try_from(length).unwrap_or(u64::MAX) > LONGEST => {
            Err("is longer than 64 KiB".to_owned())
        }
        _ => Ok(text),
    }
}

/// Renders a template for alerts of every sort.
fn try_out(texts: &Texts, name: &str) -> Result<(), String> {
    let told = |error| engine::told(&error, name);
    if name == "post" {
        let lines = [Value::from("a"), Value::from("b")];
        let view = context! { count => 3, host => "host", lines, more => 1 };
        return engine::render(&texts.own, name, &view).map(drop).map_err(told);
    }
    let only_stories = matches!(name, "issue" | "comment" | "recovered");
    for alert in sample::alerts() {
        let view = View::of(&alert, Caps::MESSAGE);
        let fits = if name == "note" { view.note.is_some() } else { view.note.is_none() };
        if fits || !only_stories && name != "note" {
            let text = engine::render(&texts.own, name, &Value::from(Serde(&view)));
            if text.map_err(told)?.trim().is_empty() && name != "body" {
                return Err("gives no text".to_owned());
            }
        }
    }
    Ok(())
}

/// No template is longer, in bytes.
const LONGEST: u64 = 64 * 1024;
