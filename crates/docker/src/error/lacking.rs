//! What is missing of the things that a container is made of.

use std::fmt;

/// Something that has to be there before a container can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lacking {
    /// The image. Nothing is ever pulled.
    Image {
        /// The image as it was asked for.
        image: String,
        /// The id of the image that the container was made from, if it is known.
        id: Option<String>,
    },
    /// A path of the host that was to be mounted. Nothing is ever created there.
    Source(String),
}

impl Lacking {
    /// Reads an engine's refusal, as Docker and Podman word it.
    pub(super) fn in_words(message: &str) -> Option<Self> {
        if let Some((_, path)) = message.split_once("bind source path does not exist: ") {
            return Some(Self::Source(path.trim().to_owned()));
        }
        if let Some((_, rest)) = message.split_once("statfs ")
            && let Some((path, _)) = rest.split_once(": no such file or directory")
        {
            return Some(Self::Source(path.to_owned()));
        }
        let said = ["No such image: ", "no such image: "];
        let (_, image) = said.iter().find_map(|words| message.split_once(words))?;
        let image = image.trim().trim_end_matches(": image not known");
        Some(Self::Image { image: image.to_owned(), id: None })
    }
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image { image, id: None } => write!(f, "image {image}"),
            Self::Image { image, id: Some(id) } => write!(f, "image {image} ({id})"),
            Self::Source(path) => write!(f, "path {path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_is_about_a_lack_names_it() {
        let source = Some(Lacking::Source("/srv/a b".to_owned()));
        let docker =
            r#"invalid mount config for type "bind": bind source path does not exist: /srv/a b"#;
        assert_eq!(Lacking::in_words(docker), source);
        let podman = "make cli opts(): statfs /srv/a b: no such file or directory";
        assert_eq!(Lacking::in_words(podman), source);
        let image = Lacking::Image { image: "agent:1".to_owned(), id: None };
        assert_eq!(Lacking::in_words("No such image: agent:1"), Some(image.clone()));
        let podman = "no such image: agent:1: image not known";
        assert_eq!(Lacking::in_words(podman), Some(image));
        assert_eq!(Lacking::in_words("port is already allocated"), None);
    }
}
