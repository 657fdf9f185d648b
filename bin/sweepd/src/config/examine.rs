//! Does a file have only keys that exist, with values of the right kind?
//!
//! What is wrong is noted and taken out, so that the rest can be read on and everything wrong is
//! told in one go. What the values mean is not asked here.

use toml::de::{DeTable, DeValue};

use super::finding::Findings;
use super::later::{LATER, Later};
use super::place::{join, readable};
use super::shape::{Keys, Shape};
use super::suggest::nearest;

/// Takes out of `table` what is not of the shape of `keys`, and notes it.
pub(crate) fn examine(table: &mut DeTable<'_>, keys: &Keys, findings: &mut Findings) {
    Examiner { all: keys, findings }.table("", table, keys);
}

struct Examiner<'a> {
    all: &'a Keys,
    findings: &'a mut Findings,
}

impl Examiner<'_> {
    fn table(&mut self, path: &str, table: &mut DeTable<'_>, keys: &Keys) {
        retain(table, |key, value| {
            let path = join(path, key);
            if let Some((_, shape)) = keys.iter().find(|(known, _)| *known == key) {
                return self.value(&path, value, shape);
            }
            self.stranger(&path, key, value, keys);
            false
        });
    }

    /// Whether the value can stay.
    fn value(&mut self, path: &str, value: &mut DeValue<'_>, shape: &Shape) -> bool {
        match (shape, value) {
            (Shape::Text | Shape::Span | Shape::Size, DeValue::String(_))
            | (Shape::Truth, DeValue::Boolean(_)) => true,
            (Shape::Whole, DeValue::Integer(number)) => {
                let fits = i64::from_str_radix(number.as_str(), number.radix()).is_ok();
                if !fits {
                    self.findings.wrong(path, format_args!("{number} is too large a number"));
                }
                fits
            }
            (Shape::Texts, DeValue::Array(elements)) => {
                let mut fits = true;
                for (nth, element) in elements.iter_mut().enumerate() {
                    let path = format!("{path}[{nth}]");
                    fits &= self.value(&path, element.get_mut(), &Shape::Text);
                }
                fits
            }
            (Shape::TextMap, DeValue::Table(table)) => {
                retain(table, |key, value| self.value(&join(path, key), value, &Shape::Text));
                true
            }
            (Shape::Table(keys), DeValue::Table(table)) => {
                self.table(path, table, keys);
                true
            }
            (Shape::Tables(keys), DeValue::Array(elements)) => self.tables(path, elements, keys),
            (_, found) => {
                self.misfit(path, shape, found);
                false
            }
        }
    }

    fn tables(&mut self, path: &str, tables: &mut toml::de::DeArray<'_>, keys: &Keys) -> bool {
        let mut all_fit = true;
        for (nth, element) in tables.iter_mut().enumerate() {
            let path = format!("{path}[{nth}]");
            let DeValue::Table(table) = element.get_mut() else {
                self.misfit(&path, &Shape::Table(Keys::new()), element.get_ref());
                all_fit = false;
                continue;
            };
            self.table(&path, table, keys);
        }
        all_fit
    }

    fn stranger(&mut self, path: &str, key: &str, value: &DeValue<'_>, keys: &Keys) {
        if let Some(later) = Later::find(&readable(path)) {
            let tables = value.as_array().map_or(1, |tables| tables.len());
            let headers = value
                .as_array()
                .is_some_and(|tables| tables.iter().all(|t| t.get_ref().is_table()));
            for nth in 0..tables {
                let at = if headers { format!("{path}[{nth}]") } else { path.to_owned() };
                self.findings.wrong_key(&at, later.told());
            }
            return;
        }
        let shown = readable(path);
        let here = keys.iter().map(|(key, _)| *key);
        let advice = if let Some(secret) = secret(key, keys) {
            // Whatever stands there is not shown.
            let told = format!(
                "`{shown}`: secrets are not written into this file; write where it is kept: \
                 `{secret}-file` names a file, `{secret}-env` an environment variable"
            );
            return self.findings.wrong_key(path, told);
        } else if let Some(meant) = nearest(key, here.clone()) {
            format!("did you mean `{meant}`?")
        } else if let Some(homes) = self.homes(key) {
            format!("it belongs in {homes}")
        } else if let Some(later) =
            nearest(key, LATER.map(|later| later.path)).filter(|_| key == path)
        {
            format!("did you mean `{later}`? (not part of this version of sweepd)")
        } else {
            let here: Vec<_> = here.map(|key| format!("`{key}`")).collect();
            format!("known here: {}", here.join(", "))
        };
        self.findings.wrong_key(path, format!("unknown key `{shown}`; {advice}"));
    }

    /// The tables that know a key, e.g. `[policy] or [[agent]]`.
    fn homes(&self, key: &str) -> Option<String> {
        let mut homes = Vec::new();
        tables_with(key, "", self.all, false, &mut homes);
        match homes.split_last()? {
            (only, []) => Some(only.clone()),
            (last, rest) => Some(format!("{} or {last}", rest.join(", "))),
        }
    }

    fn misfit(&mut self, path: &str, shape: &Shape, found: &DeValue<'_>) {
        let name = readable(path);
        let advice = match (shape, found) {
            (Shape::Tables(_), DeValue::Table(_)) => {
                format!("there can be several of these; write [[{name}]] instead of [{name}]")
            }
            (Shape::Table(_), DeValue::Array(_)) => {
                format!("there is only one of these; write [{name}] instead of [[{name}]]")
            }
            (Shape::Tables(_), _) => format!("this is a table; write a line [[{name}]]"),
            (Shape::Table(_), _) => format!("this is a table; write a line [{name}]"),
            (Shape::Span, DeValue::Integer(n)) => {
                format!("{n} has no unit; write \"{n}s\", \"{n}m\" or \"{n}h\"")
            }
            // A secret in the wrong place is no less one.
            (_, DeValue::String(_)) if leads_to_a_secret(&name) => {
                format!("this has to be {shape}, not a text")
            }
            _ => format!("this has to be {shape}, not {}", described(found)),
        };
        self.findings.wrong(path, advice);
    }
}

/// Takes out what `keep` does not keep. (The map's own `retain` wants other keys than these.)
fn retain<'t>(table: &mut DeTable<'t>, mut keep: impl FnMut(&str, &mut DeValue<'t>) -> bool) {
    let mut unfit = Vec::new();
    for (key, value) in table.iter_mut() {
        if !keep(key.get_ref(), value.get_mut()) {
            unfit.push(key.clone());
        }
    }
    for key in unfit {
        table.remove(&key);
    }
}

fn tables_with(key: &str, path: &str, keys: &Keys, listed: bool, homes: &mut Vec<String>) {
    if !path.is_empty() && keys.iter().any(|(known, _)| *known == key) {
        homes.push(if listed { format!("[[{path}]]") } else { format!("[{path}]") });
    }
    for (name, shape) in keys {
        let (inner, listed) = match shape {
            Shape::Table(inner) => (inner, false),
            Shape::Tables(inner) => (inner, true),
            Shape::Text
            | Shape::Span
            | Shape::Size
            | Shape::Whole
            | Shape::Truth
            | Shape::Texts
            | Shape::TextMap => continue,
        };
        tables_with(key, &join(path, name), inner, listed, homes);
    }
}

/// The secret that a key would hold, had it one: those that are there say where it is kept.
fn secret(key: &str, keys: &Keys) -> Option<String> {
    let key = key.replace('_', "-");
    let known = |name: String| keys.iter().any(|(known, _)| *known == name);
    (known(format!("{key}-file")) && known(format!("{key}-env"))).then_some(key)
}

/// Whether a path names where a secret is kept.
fn leads_to_a_secret(path: &str) -> bool {
    path.split('.').any(|part| part.ends_with("-file") || part.ends_with("-env"))
}

/// A value in words, cut to what a line can carry.
fn described(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.chars().count() > 40 => "a text".to_owned(),
        DeValue::String(text) => format!("the text {text:?}"),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
