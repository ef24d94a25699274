//! Whom a site's certificate must come from, and when it ends.

use std::sync::{Arc, Mutex, PoisonError};

use falter_model::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::VerifierBuilderError;
use rustls::{DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The authorities that are believed.
#[derive(Debug, Clone)]
pub struct Trust {
    roots: Arc<RootCertStore>,
}

impl Trust {
    /// Those of Mozilla and of this machine.
    pub fn platform() -> Self {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        // What the machine has besides; where it has none, Mozilla's do.
        let found = rustls_native_certs::load_native_certs();
        let _counts = roots.add_parsable_certificates(found.certs);
        Self { roots: Arc::new(roots) }
    }

    /// These alone; `None` where there are none.
    pub fn only(roots: RootCertStore) -> Option<Self> {
        (!roots.is_empty()).then(|| Self { roots: Arc::new(roots) })
    }

    /// Verifies as browsers do, and keeps when the certificate ends, good or bad.
    pub(super) fn verifier(
        &self,
        provider: Arc<CryptoProvider>,
    ) -> Result<Arc<Witness>, VerifierBuilderError> {
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::clone(&self.roots), provider)
            .build()?;
        Ok(Arc::new(Witness { inner, until: Mutex::default() }))
    }
}

/// A verifier that remembers.
#[derive(Debug)]
pub(super) struct Witness {
    inner: Arc<WebPkiServerVerifier>,
    until: Mutex<Option<Timestamp>>,
}

impl Witness {
    /// When the certificate that was shown ends.
    pub(super) fn until(&self) -> Option<Timestamp> {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = end_of(end_entity);
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// The end of a certificate's validity.
fn end_of(certificate: &[u8]) -> Option<Timestamp> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(Timestamp::from_seconds(certificate.validity().not_after.timestamp()))
}
