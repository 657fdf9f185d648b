//! Where does the container engine listen?
//!
//! `docker.host`, else `$DOCKER_HOST`, else Docker's socket, else Podman's if that is the one that
//! is there. Only Unix sockets are spoken to.

use super::Resolver;
use crate::config::surroundings::DOCKER_SOCKET;

impl Resolver<'_> {
    pub(super) fn docker_host(&mut self, set: Option<&str>) -> String {
        match (set, &self.around.docker_host, &self.around.podman) {
            (Some(host), _, _) => {
                if let Err(told) = usable(host) {
                    self.findings.wrong("docker.host", told);
                }
                host.to_owned()
            }
            (None, Some(host), _) => {
                if let Err(told) = usable(host) {
                    self.findings.error_of(format!("$DOCKER_HOST: {told}"));
                }
                self.origins.elsewhere("docker.host".to_owned(), "$DOCKER_HOST");
                host.clone()
            }
            (None, None, Some(podman)) => {
                let words = format!("Podman's socket, since there is no {DOCKER_SOCKET}");
                self.origins.elsewhere("docker.host".to_owned(), words);
                format!("unix://{}", podman.display())
            }
            (None, None, None) => format!("unix://{DOCKER_SOCKET}"),
        }
    }
}

fn usable(host: &str) -> Result<(), String> {
    match host.strip_prefix("unix://") {
        Some(path) if path.starts_with('/') => Ok(()),
        _ => Err(format!(
            "{host:?} is not unix:// and an absolute path, such as \"unix://{DOCKER_SOCKET}\"; \
             only Unix sockets are supported"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unix_sockets_are_usable() {
        assert_eq!(usable("unix:///run/docker.sock"), Ok(()));
        for host in ["tcp://127.0.0.1:2375", "unix://docker.sock", "/var/run/docker.sock", ""] {
            assert!(usable(host).unwrap_err().starts_with(&format!("{host:?} is not unix://")));
        }
    }
}
