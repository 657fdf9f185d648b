//! How do the token fields of one JSON get into another without a change to anything else?
//!
//! By bytes. `serde_json` keeps the order of names only with its feature `preserve_order`, which would
//! hold for the whole workspace, and it would not keep spaces, numbers and escapes as they were
//! written. So the places of the fields are looked for here, in text that `serde_json` has read
//! before, and `serde_json` reads the result afterwards to see that it is what was meant.

use std::ops::Range;

use serde_json::Value;

use crate::kind::CLAUDE;

/// Puts the fields of the credential in `new` into `old`: those that are there are changed, others
/// come at the end, and what only `old` has stays. `None`: it could not be done, and nothing was.
pub(super) fn claude(old: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    let meant = meant(old, new)?;
    let from = members(new, skip_space(new, 0))?;
    let from = last(new, &from, CLAUDE)?.value.clone();
    let fields = members(new, from.start)?;
    let top = members(old, skip_space(old, 0))?;
    let mut edits = Vec::new();
    match last(old, &top, CLAUDE) {
        Some(there) if old.get(there.value.start) == Some(&b'{') => {
            let present = members(old, there.value.start)?;
            let mut added = Vec::new();
            for field in &fields {
                let value = new.get(field.value.clone())?;
                let name = text(new, field.name.clone())?;
                // Where a name is twice, the last one counts.
                if last(new, &fields, &name)?.value != field.value {
                    continue;
                }
                match last(old, &present, &name) {
                    Some(place) => edits.push((place.value.clone(), value.to_vec())),
                    None => added.push((new.get(field.name.clone())?, value)),
                }
            }
            edits.extend(append(old, there.value.start, &present, &added)?);
        }
        Some(there) => edits.push((there.value.clone(), new.get(from)?.to_vec())),
        None => {
            let name = format!("\"{CLAUDE}\"");
            let added = [(name.as_bytes(), new.get(from)?)];
            edits.extend(append(old, skip_space(old, 0), &top, &added)?);
        }
    }
    let spliced = apply(old, edits)?;
    let got: Value = serde_json::from_slice(&spliced).ok()?;
    (got == meant).then_some(spliced)
}

/// The same on what `serde_json` has read: the bytes have to come to this.
fn meant(old: &[u8], new: &[u8]) -> Option<Value> {
    let mut whole: Value = serde_json::from_slice(old).ok()?;
    let new: Value = serde_json::from_slice(new).ok()?;
    let fields = new.get(CLAUDE)?.as_object()?;
    let place = whole.as_object_mut()?.entry(CLAUDE).or_insert(Value::Null);
    if let Some(there) = place.as_object_mut() {
        there.extend(fields.clone());
    } else {
        *place = Value::Object(fields.clone());
    }
    Some(whole)
}

/// Where one member of an object is. The name's range has its quotes.
#[derive(Debug, Clone)]
struct Member {
    name: Range<usize>,
    value: Range<usize>,
}

type Edit = (Range<usize>, Vec<u8>);

/// Further members at the end of the object that begins at `start`, spaced like its last one.
fn append(
    old: &[u8],
    start: usize,
    present: &[Member],
    added: &[(&[u8], &[u8])],
) -> Option<Vec<Edit>> {
    if added.is_empty() {
        return Some(Vec::new());
    }
    let end = present.last().map_or(start + 1, |last| last.value.end);
    let (before, between): (&[u8], &[u8]) = match present.last() {
        Some(last) => {
            let gap = old.get(..last.name.start)?;
            let spaces = gap.iter().rev().take_while(|byte| is_space(**byte)).count();
            let before = gap.get(gap.len() - spaces..)?;
            (before, old.get(last.name.end..last.value.start)?)
        }
        None => (b"", b":"),
    };
    let mut text = Vec::new();
    for (index, (name, value)) in added.iter().enumerate() {
        if index > 0 || !present.is_empty() {
            text.push(b',');
        }
        for part in [before, name, between, value] {
            text.extend_from_slice(part);
        }
    }
    Some(vec![(end..end, text)])
}

fn apply(old: &[u8], mut edits: Vec<Edit>) -> Option<Vec<u8>> {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = Vec::with_capacity(old.len());
    let mut at = 0;
    for (range, text) in edits {
        out.extend_from_slice(old.get(at..range.start)?);
        out.extend_from_slice(&text);
        at = range.end;
    }
    out.extend_from_slice(old.get(at..)?);
    Some(out)
}

/// The member of that name that counts: the last.
fn last<'a>(json: &[u8], members: &'a [Member], name: &str) -> Option<&'a Member> {
    members.iter().rev().find(|it| text(json, it.name.clone()).as_deref() == Some(name))
}

/// What a string says, its escapes undone.
fn text(json: &[u8], range: Range<usize>) -> Option<String> {
    serde_json::from_slice(json.get(range)?).ok()
}

/// The members of the object that begins at `start`.
fn members(json: &[u8], start: usize) -> Option<Vec<Member>> {
    let mut found = Vec::new();
    let mut at = skip_space(json, start.checked_add(1).filter(|_| json.get(start) == Some(&b'{'))?);
    while json.get(at) == Some(&b'"') {
        let name = at..skip_value(json, at)?;
        let colon = skip_space(json, name.end);
        let begin = skip_space(json, colon + 1);
        let value = begin..skip_value(json, begin)?;
        at = skip_space(json, value.end);
        found.push(Member { name, value });
        if json.get(at) == Some(&b',') {
            at = skip_space(json, at + 1);
        }
    }
    (json.get(at) == Some(&b'}')).then_some(found)
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn skip_space(json: &[u8], from: usize) -> usize {
    let rest = json.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| is_space(**byte)).count()
}

/// The end of the value that begins at `start`.
fn skip_value(json: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match json.get(at)? {
            b'"' => {
                at = string_end(json, at)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ if depth == 0 => {
                // A number or a word: it ends where punctuation or space begins.
                let rest = json.get(at..)?;
                let ends = |byte: &u8| is_space(*byte) || matches!(byte, b',' | b'}' | b']');
                return Some(at + rest.iter().position(ends).unwrap_or(rest.len()));
            }
            _ => at += 1,
        }
    }
}

/// The end of the string that begins at `start` with its quote.
fn string_end(json: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match json.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests;
