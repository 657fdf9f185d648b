//! Which of the engines answers: Podman, or Docker and whatever else speaks its language.

use hyper::header::{HeaderMap, SERVER};

/// Who answers. Podman is asked otherwise where it would answer otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Docker's own, and every other that does not say it is Podman.
    Docker,
    /// Podman, by its compatible API.
    Podman,
}

impl Engine {
    /// Reads what every answer says of who gives it, e.g. `Server: Libpod/4.3.1 (linux)`.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let server = headers.get(SERVER).and_then(|value| value.to_str().ok());
        match server {
            Some(name) if name.starts_with("Libpod/") => Self::Podman,
            _ => Self::Docker,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn podman_is_known_by_its_answers() {
        for (server, engine) in [
            (Some("Libpod/4.3.1 (linux)"), Engine::Podman),
            (Some("Docker/20.10.24+dfsg1 (linux)"), Engine::Docker),
            (Some("proxy before Libpod/4.3.1"), Engine::Docker),
            (None, Engine::Docker),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(server) = server {
                headers.insert(SERVER, server.parse().unwrap());
            }
            assert_eq!(Engine::of(&headers), engine, "{server:?}");
        }
    }
}
