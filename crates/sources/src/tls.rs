//! TLS as a client: by the root certificates of the Web, which come bundled, with one provider.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// A configuration that trusts the bundled roots.
pub(crate) fn client() -> Result<ClientConfig, rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
