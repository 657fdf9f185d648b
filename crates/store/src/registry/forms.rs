//! What does a text mean that stands for many: JSON, lines, or a command line?
//!
//! What is wrong is said by its place and never by its words, which may be secrets.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A command: a JSON array of texts, or words that are split like a shell does.
pub(super) fn command(text: &str) -> Result<Vec<String>, String> {
    if is_array(text) {
        return array(text);
    }
    match shlex::split(&text.replace("\r\n", "\n")) {
        None => Err("has a quote that is not closed, or ends with a backslash".to_owned()),
        Some(words) if words.is_empty() => Err("holds nothing but a comment".to_owned()),
        Some(words) => Ok(words),
    }
}

/// A list: a JSON array of texts, or lines. None of them is empty.
pub(super) fn list(text: &str) -> Result<Vec<String>, String> {
    if !is_array(text) {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        return Ok(lines.map(str::to_owned).collect());
    }
    let items = array(text)?;
    match items.iter().position(|item| item.trim().is_empty()) {
        Some(at) => Err(format!("has an empty item {}", at + 1)),
        None => Ok(items),
    }
}

/// Keys and values: a JSON object of scalars, a JSON array of `K=V`, or lines of `K=V`. No key is
/// empty, holds a blank or a `=`, or comes twice.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    let (pairs, called) = if text.trim_start().starts_with('{') {
        (object(text)?, "pair")
    } else if is_array(text) {
        let items = array(text)?;
        let split = |(at, item): (usize, &String)| pair(item, "item", at + 1);
        (items.iter().enumerate().map(split).collect::<Result<Vec<_>, _>>()?, "item")
    } else {
        (lines(text)?, "pair")
    };
    let mut keys = BTreeSet::new();
    for (at, (key, _)) in pairs.iter().enumerate() {
        let at = at + 1;
        if key.is_empty() {
            return Err(format!("has no key in {called} {at}"));
        }
        if key.contains(|c: char| c == '=' || c.is_whitespace() || c.is_control()) {
            return Err(format!("has a blank or a = in the key of {called} {at}"));
        }
        if !keys.insert(key) {
            return Err(format!("has the key of {called} {at} twice"));
        }
    }
    Ok(pairs)
}

fn is_array(text: &str) -> bool {
    text.trim_start().starts_with('[')
}

fn lines(text: &str) -> Result<Vec<(String, String)>, String> {
    let lines = text.lines().map(str::trim_start).enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(at, line)| pair(line, "line", at + 1))
        .collect()
}

fn pair(text: &str, called: &str, at: usize) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err(format!("has no = in {called} {at}")),
    }
}

fn array(text: &str) -> Result<Vec<String>, String> {
    let items: Vec<Box<RawValue>> = serde_json::from_str(text).map_err(|error| bad(&error))?;
    let texts = items.iter().enumerate().map(|(at, item)| {
        let text: Result<String, _> = serde_json::from_str(item.get());
        let text = text.map_err(|_| format!("has an item {} that is not a text", at + 1))?;
        without_nul(text, "item", at + 1)
    });
    texts.collect()
}

/// An object in its own order. Numbers stay as they are written.
fn object(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut json = serde_json::Deserializer::from_str(text);
    let members = json.deserialize_map(Members).map_err(|error| bad(&error))?;
    json.end().map_err(|error| bad(&error))?;
    let pairs = members.into_iter().enumerate().map(|(at, (key, value))| {
        let value = match value.get() {
            text if text.starts_with('"') => serde_json::from_str(text)
                .map_err(|_| format!("has bad text in pair {}", at + 1))?,
            scalar if scalar == "null" || scalar.starts_with(['{', '[']) => {
                return Err(format!("has no text, number or boolean in pair {}", at + 1));
            }
            scalar => scalar.to_owned(),
        };
        Ok((key, without_nul(value, "pair", at + 1)?))
    });
    pairs.collect()
}

fn without_nul(text: String, called: &str, at: usize) -> Result<String, String> {
    if text.contains('\0') { Err(format!("holds a NUL in {called} {at}")) } else { Ok(text) }
}

fn bad(error: &serde_json::Error) -> String {
    format!("is not JSON at line {}, column {}", error.line(), error.column())
}

/// Takes every member of an object, in order and with its repetitions.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, Box<RawValue>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
