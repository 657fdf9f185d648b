//! What does a `{session_dir}` in a text stand for?
//!
//! A text of the configuration with holes that are filled per agent. Braces around anything but a
//! known placeholder are text like any other, so that JSON and shell lines need no escapes; a slip
//! of a placeholder's name is an error.

use std::fmt;

use super::suggest::nearest;

/// What a hole is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placeholder {
    /// The session's directory, absolute.
    SessionDir,
    /// The id of the agent group.
    AgentGroupId,
    /// The id of the session.
    SessionId,
    /// The agent group's folder, below `groups/`.
    GroupFolder,
    /// The source's root, absolute.
    Root,
}

/// A text with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole(Placeholder),
}

impl Placeholder {
    pub(crate) const ALL: [Self; 5] =
        [Self::SessionDir, Self::AgentGroupId, Self::SessionId, Self::GroupFolder, Self::Root];

    /// How it is written, without the braces.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::SessionDir => "session_dir",
            Self::AgentGroupId => "agent_group_id",
            Self::SessionId => "session_id",
            Self::GroupFolder => "group_folder",
            Self::Root => "root",
        }
    }
}

impl Template {
    /// Reads a text; `strict` if there is no other use of braces in it.
    ///
    /// # Errors
    ///
    /// A sentence naming what is in braces and no placeholder: in a strict text whatever it is,
    /// else if it looks like a slip.
    pub(crate) fn parse(text: &str, strict: bool) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            literal.push_str(before);
            rest = after;
            let word = after.split_once('}').map(|(word, _)| word);
            let word = word.filter(|word| is_word(word) || strict);
            let known =
                word.and_then(|word| Placeholder::ALL.into_iter().find(|p| p.name() == word));
            if let Some(placeholder) = known {
                parts.extend(text_part(&mut literal));
                parts.push(Part::Hole(placeholder));
                rest = after.split_once('}').map_or("", |(_, rest)| rest);
                continue;
            }
            if let Some(told) = word.and_then(|word| stranger(word, strict)) {
                return Err(told);
            }
            literal.push('{');
        }
        literal.push_str(rest);
        parts.extend(text_part(&mut literal));
        Ok(Self(parts))
    }

    /// The text with its holes filled; `None` as soon as `value` has none for one of them.
    pub(crate) fn fill<'v>(
        &self,
        mut value: impl FnMut(Placeholder) -> Option<&'v str>,
    ) -> Option<String> {
        let parts = self.0.iter();
        parts
            .map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Hole(placeholder) => value(*placeholder),
            })
            .collect()
    }

    /// Whether the filled text is an absolute path for sure.
    pub(crate) fn is_absolute(&self) -> bool {
        match self.0.first() {
            Some(Part::Text(text)) => text.starts_with('/'),
            Some(Part::Hole(Placeholder::SessionDir | Placeholder::Root)) => true,
            Some(Part::Hole(
                Placeholder::AgentGroupId | Placeholder::SessionId | Placeholder::GroupFolder,
            ))
            | None => false,
        }
    }
}

/// The text as it was written.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Hole(placeholder) => write!(f, "{{{}}}", placeholder.name()),
        })
    }
}

fn text_part(literal: &mut String) -> Option<Part> {
    if literal.is_empty() { None } else { Some(Part::Text(std::mem::take(literal))) }
}

/// What is told of a word in braces that is no placeholder; `None` if it may be meant as it is.
fn stranger(word: &str, strict: bool) -> Option<String> {
    let meant = nearest(word, Placeholder::ALL.map(Placeholder::name));
    // `nearest` takes `-` for `_`, which is what a slip looks like here too.
    match meant {
        Some(meant) => Some(format!(
            "there is no placeholder {{{}}}; did you mean {{{meant}}}?",
            word.escape_debug()
        )),
        None if strict => {
            let all = Placeholder::ALL.map(|p| format!("{{{}}}", p.name())).join(", ");
            Some(format!("there is no placeholder {{{}}}; there are {all}", word.escape_debug()))
        }
        None => None,
    }
}

fn is_word(text: &str) -> bool {
    text.len() > 2 && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(text: &str) -> Result<Option<String>, String> {
        Template::parse(text, false).map(|template| {
            template.fill(|placeholder| match placeholder {
                Placeholder::SessionDir => Some("/r/data/s"),
                Placeholder::AgentGroupId => Some("ag-1"),
                Placeholder::SessionId => Some("s-1"),
                Placeholder::GroupFolder => None,
                Placeholder::Root => Some("/r"),
            })
        })
    }

    #[test]
    fn holes_are_filled_and_other_braces_stay() {
        let cases = [
            ("{session_dir}", "/r/data/s"),
            ("{root}/x/{agent_group_id}-{session_id}.log", "/r/x/ag-1-s-1.log"),
            ("plain", "plain"),
            ("", ""),
            (r#"{"a":{"b":1}}"#, r#"{"a":{"b":1}}"#),
            ("awk '{print $1}'", "awk '{print $1}'"),
            ("awk '{print}'", "awk '{print}'"),
            ("${HOME}", "${HOME}"),
            ("{", "{"),
            ("}{{root}}", "}{/r}"),
            ("{{root}", "{/r"),
            ("{}", "{}"),
        ];
        for (text, expected) in cases {
            assert_eq!(filled(text), Ok(Some(expected.to_owned())), "{text}");
        }
        assert_eq!(filled("/groups/{group_folder}"), Ok(None));
    }

    #[test]
    fn a_slip_is_told_with_what_was_meant() {
        let told = |text, strict| Template::parse(text, strict).unwrap_err();
        assert_eq!(
            told("{session-dir}:/workspace", false),
            "there is no placeholder {session-dir}; did you mean {session_dir}?"
        );
        assert_eq!(
            told("{sesion_id}", false),
            "there is no placeholder {sesion_id}; did you mean {session_id}?"
        );
        assert_eq!(
            told("/x/{home}", true),
            "there is no placeholder {home}; there are {session_dir}, {agent_group_id}, \
             {session_id}, {group_folder}, {root}"
        );
        assert!(Template::parse("/x/{home}", false).is_ok());
    }

    proptest! {
        #[test]
        fn a_template_is_shown_as_it_was_written(text in "[{}a_/]{0,12}(\\{root\\})?.{0,6}") {
            if let Ok(template) = Template::parse(&text, false) {
                prop_assert_eq!(template.to_string(), text);
            }
        }
    }
}
