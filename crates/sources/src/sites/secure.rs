//! The stage of TLS: a session, or why there is none.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use falter_model::{Clock, Text, Timestamp};
use rustls::client::Resumption;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, Error};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificate::Trust;

/// What came of a handshake.
pub(super) struct Handshake {
    /// The session, or why there is none.
    pub(super) session: Result<TlsStream<TcpStream>, Text>,
    /// When the server's certificate ends, if it showed one.
    pub(super) certificate_until: Option<Timestamp>,
}

/// Speaks TLS on a connection.
pub(super) async fn handshake(
    stream: TcpStream,
    host: &str,
    trust: &Trust,
    clock: Arc<dyn Clock + Send + Sync>,
    patience: Duration,
) -> Handshake {
    let refused = |why: &str| Handshake { session: Err(why.into()), certificate_until: None };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let Ok(verifier) = trust.verifier(Arc::clone(&provider)) else {
        return refused("no authorities to believe");
    };
    let Ok(name) = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()) else {
        return refused("no name for a certificate");
    };
    let config = ClientConfig::builder_with_details(provider, Arc::new(Time(clock)));
    let Ok(config) = config.with_safe_default_protocol_versions() else {
        return refused("no protocol");
    };
    let verifying = config.dangerous().with_custom_certificate_verifier(verifier.clone());
    let mut config = verifying.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A session that goes on would hide a broken handshake.
    config.resumption = Resumption::disabled();
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let session = match timeout(patience, connecting).await {
        Ok(connected) => connected.map_err(|error| reason(&error).into()),
        Err(_) => Err("timeout".into()),
    };
    Handshake { session, certificate_until: verifier.until() }
}

/// Why a handshake failed, in words.
fn reason(error: &io::Error) -> &'static str {
    let of_tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match of_tls {
        Some(Error::InvalidCertificate(error)) => of_certificate(error),
        Some(Error::AlertReceived(_)) => "alert",
        Some(Error::InvalidMessage(_) | Error::NoCertificatesPresented) => "malformed",
        Some(Error::PeerIncompatible(_)) => "nothing in common",
        Some(_) => "failed",
        None => match error.kind() {
            ErrorKind::UnexpectedEof => "closed",
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => "reset",
            _ => "failed",
        },
    }
}

const fn of_certificate(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "certificate expired"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "certificate not valid yet"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "certificate of another name"
        }
        CertificateError::UnknownIssuer => "certificate of an unknown issuer",
        CertificateError::Revoked => "certificate revoked",
        _ => "bad certificate",
    }
}

/// The clock that was handed in, as rustls asks for it.
struct Time(Arc<dyn Clock + Send + Sync>);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().seconds()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

impl std::fmt::Debug for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Time")
    }
}
