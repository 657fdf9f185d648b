//! Placeholders in a spec: `{session_dir}` and its like, replaced by what an agent has there.

use std::collections::BTreeMap;

/// A placeholder that an agent has no value for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{{{name}}} in {text:?} has no value for this agent")]
pub(super) struct NoValue {
    name: String,
    text: String,
}

/// Replaces every `{name}` that is a known placeholder; other braces stand for themselves.
pub(super) fn fill(text: &str, places: &BTreeMap<&'static str, String>) -> Result<String, NoValue> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let name = after.split_once('}').filter(|(name, _)| PLACES.contains(name));
        if let Some((name, after)) = name {
            let none = || NoValue { name: name.to_owned(), text: text.to_owned() };
            filled.push_str(places.get(name).ok_or_else(none)?);
            rest = after;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Fills each of several texts.
pub(super) fn fill_all(
    texts: &[String],
    places: &BTreeMap<&'static str, String>,
) -> Result<Vec<String>, NoValue> {
    texts.iter().map(|text| fill(text, places)).collect()
}

/// Every placeholder there is.
pub(super) const PLACES: &[&str] =
    &["session_dir", "agent_group_id", "session_id", "group_folder", "root"];

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> BTreeMap<&'static str, String> {
        BTreeMap::from([("session_dir", "/d".to_owned()), ("session_id", "s-1".to_owned())])
    }

    #[test]
    fn placeholders_are_replaced_and_other_braces_stay() {
        let filled = fill("{session_dir}:/workspace/{session_id}/{x}{", &places());
        assert_eq!(filled.unwrap(), "/d:/workspace/s-1/{x}{");
    }

    #[test]
    fn a_placeholder_without_a_value_is_named() {
        let error = fill("{group_folder}", &places()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "{group_folder} in \"{group_folder}\" has no value for this agent"
        );
    }
}
