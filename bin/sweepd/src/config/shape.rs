//! Which keys are there, and what kind of value has each?
//!
//! Read off the types of `file` by deserializing one from a deserializer that has
//! an answer to every question and writes the questions down. So there is no second list of keys
//! to keep in step. No file is looked at here.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};

/// What a value is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text.
    Text,
    /// A duration, written as text.
    Span,
    /// A size, written as text.
    Size,
    /// A whole number.
    Whole,
    /// `true` or `false`.
    Truth,
    /// A list of texts.
    Texts,
    /// A table whose keys are the writer's, and whose values are texts.
    TextMap,
    /// A table of known keys, in the order of the type.
    Table(Keys),
    /// A table that may be there several times.
    Tables(Keys),
}

/// The keys of a table.
pub(crate) type Keys = Vec<(&'static str, Shape)>;

/// The keys that `T` deserializes from, all the way down.
pub(crate) fn keys_of<'de, T: Deserialize<'de>>() -> Keys {
    let mut shape = Shape::Text;
    // It cannot fail for the types of `file`; the tests below would show it.
    match (T::deserialize(Recorder(&mut shape)), shape) {
        (Ok(_), Shape::Table(keys)) => keys,
        _ => Keys::new(),
    }
}

/// Every key that has a value of its own, with the tables it is in, e.g. `source.wake.image`.
#[cfg(test)]
pub(crate) fn paths(keys: &Keys) -> Vec<(String, &Shape)> {
    let mut paths = Vec::new();
    for (key, shape) in keys {
        match shape {
            Shape::Table(inner) | Shape::Tables(inner) => paths.extend(
                self::paths(inner).into_iter().map(|(path, s)| (format!("{key}.{path}"), s)),
            ),
            Shape::Text
            | Shape::Span
            | Shape::Size
            | Shape::Whole
            | Shape::Truth
            | Shape::Texts
            | Shape::TextMap => paths.push(((*key).to_owned(), shape)),
        }
    }
    paths
}

/// Answers everything with nothing much, and notes what it was asked for.
struct Recorder<'a>(&'a mut Shape);

impl<'de> Deserializer<'de> for Recorder<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("a configuration file has no values of this kind"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        *self.0 = Shape::Text;
        visitor.visit_str("")
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        *self.0 = Shape::Whole;
        visitor.visit_i64(0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        *self.0 = Shape::Truth;
        visitor.visit_bool(false)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = if name == "SizeText" { Shape::Size } else { Shape::Span };
        visitor.visit_newtype_struct(Recorder(&mut Shape::Text))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let mut element = Shape::Text;
        let seen = visitor.visit_seq(Once(Some(&mut element)))?;
        *self.0 = if let Shape::Table(keys) = element { Shape::Tables(keys) } else { Shape::Texts };
        Ok(seen)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        *self.0 = Shape::TextMap;
        visitor.visit_map(Fields { rest: &[], current: None, keys: &mut Keys::new() })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let mut keys = Keys::new();
        let seen = visitor.visit_map(Fields { rest: fields, current: None, keys: &mut keys })?;
        *self.0 = Shape::Table(keys);
        Ok(seen)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 f64 char str bytes byte_buf unit unit_struct tuple
        tuple_struct enum identifier ignored_any
    }
}

/// A list of one element.
struct Once<'a>(Option<&'a mut Shape>);

impl<'de> SeqAccess<'de> for Once<'_> {
    type Error = serde::de::value::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Self::Error> {
        self.0.take().map(|shape| seed.deserialize(Recorder(shape))).transpose()
    }
}

/// A table that has every key it is asked for.
struct Fields<'a> {
    rest: &'static [&'static str],
    current: Option<&'static str>,
    keys: &'a mut Keys,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = serde::de::value::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        let Some((first, rest)) = self.rest.split_first() else { return Ok(None) };
        self.rest = rest;
        self.current = Some(first);
        seed.deserialize(StrDeserializer::new(first)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Self::Error> {
        let mut shape = Shape::Text;
        let value = seed.deserialize(Recorder(&mut shape))?;
        self.keys.extend(self.current.take().map(|key| (key, shape)));
        Ok(value)
    }
}

/// What has to be written, with an example.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a text in quotes",
            Self::Span => "a duration in quotes such as \"30m\"",
            Self::Size => "a size in quotes such as \"10MiB\"",
            Self::Whole => "a whole number",
            Self::Truth => "true or false",
            Self::Texts => "a list of texts such as [\"a\", \"b\"]",
            Self::TextMap => "a table of texts such as { TZ = \"UTC\" }",
            Self::Table(_) => "a table",
            Self::Tables(_) => "a list of tables",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file::ConfigFile;

    #[test]
    fn every_kind_of_value_is_told_apart() {
        let keys = keys_of::<ConfigFile>();
        let paths = paths(&keys);
        let shape = |path| paths.iter().find(|(p, _)| p == path).map(|(_, shape)| *shape);
        assert_eq!(shape("mode"), Some(&Shape::Text));
        assert_eq!(shape("sweep.interval"), Some(&Shape::Span));
        assert_eq!(shape("sweep.concurrency"), Some(&Shape::Whole));
        assert_eq!(shape("source.sole-sweeper"), Some(&Shape::Truth));
        assert_eq!(shape("source.wake.mounts"), Some(&Shape::Texts));
        assert_eq!(shape("source.wake.env"), Some(&Shape::TextMap));
        assert_eq!(shape("source.wake.log-cap"), Some(&Shape::Size));
        assert_eq!(shape("source.policy.retry.max-tries"), Some(&Shape::Whole));
        assert_eq!(shape("agent.match"), Some(&Shape::Text));
        assert_eq!(shape("agent.poison.window"), Some(&Shape::Span));
        assert!(matches!(
            keys.iter().find(|(key, _)| *key == "agent"),
            Some((_, Shape::Tables(_)))
        ));
        assert!(matches!(
            keys.iter().find(|(key, _)| *key == "policy"),
            Some((_, Shape::Table(_)))
        ));
    }
}
