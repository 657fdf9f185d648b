//! What is read out of a tracker's JSON, and written into it.

use serde_json::Value;
use sweepd_decide::{Timestamp, parse_utc};

/// A text field.
pub(super) fn text(json: &Value, pointer: &str) -> Option<String> {
    Some(json.pointer(pointer)?.as_str()?.to_owned())
}

/// A time.
pub(super) fn time(json: &Value, pointer: &str) -> Option<Timestamp> {
    parse_utc(json.pointer(pointer)?.as_str()?)
}

/// A field of each in a list.
pub(super) fn texts(json: &Value, list: &str, field: &str) -> Vec<String> {
    let list = json.get(list).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|one| text(one, field)).collect()
}

/// An object of those fields that have a value.
pub(super) fn fields<'a>(given: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Value {
    let given =
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    Value::Object(given.collect())
}
