//! Whom to trust: the system's authorities, Mozilla's where there are none, and a private one.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::HttpError;

/// A client's side of TLS. No provider is installed for the whole process.
pub(super) fn tls(ca_file: Option<&Path>) -> Result<ClientConfig, HttpError> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if let Some(path) = ca_file {
        for certificate in pems(path)? {
            roots.add(certificate).map_err(|error| unusable(path, &error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpError { doing: "set up TLS".to_owned(), why: error.to_string() })?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The system's authorities and a private one, where Mozilla's are trusted already.
pub(crate) fn trusted(ca_file: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, HttpError> {
    let mut trusted = rustls_native_certs::load_native_certs().certs;
    if let Some(path) = ca_file {
        trusted.extend(pems(path)?);
    }
    Ok(trusted)
}

/// The certificates in a PEM file; at least one.
fn pems(path: &Path) -> Result<Vec<CertificateDer<'static>>, HttpError> {
    // A pipe would be waited for.
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(unusable(path, "it is not a file")),
        Err(error) => return Err(unusable(path, &error.to_string())),
    }
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unusable(path, &error.to_string()))?;
    if found.is_empty() {
        return Err(unusable(path, "there is no certificate in it"));
    }
    Ok(found)
}

fn unusable(path: &Path, why: &str) -> HttpError {
    HttpError {
        doing: format!("use the certificates of `ca-file` {}", path.display()),
        why: why.to_owned(),
    }
}
