//! A connection to a server by its name or address, plain or with TLS.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Plain or TLS.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Socket for S {}

/// Connects, and with TLS makes sure that it is the server that was asked for. `host` may be an address
/// of IPv6 in brackets. Waits as long as the system does: the caller sets a limit.
pub(crate) async fn dial(host: &str, port: u16, is_secure: bool) -> io::Result<Box<dyn Socket>> {
    let host = host.trim_matches(['[', ']']);
    let plain = match host.parse::<IpAddr>() {
        Ok(address) => TcpStream::connect((address, port)).await?,
        Err(_) => TcpStream::connect((host, port)).await?,
    };
    if !is_secure {
        return Ok(Box::new(plain));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let config = crate::tls::client().map_err(io::Error::other)?;
    Ok(Box::new(TlsConnector::from(Arc::new(config)).connect(name, plain).await?))
}
