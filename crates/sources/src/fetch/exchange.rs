//! One request over HTTP/1.1, redirects followed.

use std::time::Duration;

use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, HeaderName, LOCATION, USER_AGENT};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use url::{Position, Url};

use super::attempt::Failed;
use super::{FetchError, Interrupted, Limits};
use crate::dial::dial;

/// Who asks.
const AGENT: &str = concat!("falter/", env!("CARGO_PKG_VERSION"));
/// Octets of an answer's head: what servers themselves take, eight times over.
const HEAD_OCTETS: usize = 64 << 10;
/// Fields of an answer's head.
const MOST_FIELDS: usize = 100;

/// An answer whose body has not been read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) fields: HeaderMap,
    pub(super) body: Incoming,
    /// Reads the connection as long as somebody wants the body.
    _connection: AbortOnDropHandle<()>,
}

/// A field of a request.
pub(super) type Field = (HeaderName, String);

/// Asks for a file, under the conditions of these fields.
pub(super) async fn get(limits: &Limits, url: &Url, fields: &[Field]) -> Result<Answer, Failed> {
    let mut at = url.clone();
    for _ in 0..=limits.redirects {
        let answer = timeout(limits.connect, ask(&at, fields)).await;
        let answer = answer.map_err(|_| Failed::Again(Interrupted::NoAnswer(limits.connect)))??;
        let Some(to) = redirect(&answer, &at) else { return Ok(answer) };
        let is_downgrade = at.scheme() == "https" && to.scheme() != "https";
        if is_downgrade || !is_fetched(&to) {
            return Err(FetchError::Scheme { url: url.clone(), to }.into());
        }
        at = to;
    }
    let (url, most) = (url.clone(), limits.redirects);
    Err(FetchError::Redirects { url, most, last: at }.into())
}

/// How long the server asks to wait before another attempt; no longer than the longest wait.
pub(super) fn asked_to_wait(fields: &HeaderMap, limits: &Limits) -> Option<Duration> {
    let seconds: u64 = fields.get("retry-after")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(limits.longest_wait))
}

/// Where an answer sends us, if it does.
fn redirect(answer: &Answer, from: &Url) -> Option<Url> {
    let is_redirect = matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308);
    let to = answer.fields.get(LOCATION).filter(|_| is_redirect)?;
    from.join(to.to_str().ok()?).ok()
}

fn is_fetched(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

async fn ask(url: &Url, fields: &[Field]) -> Result<Answer, Failed> {
    if !is_fetched(url) {
        return Err(FetchError::Scheme { url: url.clone(), to: url.clone() }.into());
    }
    let port = url.port_or_known_default().unwrap_or(80);
    let host = url.host_str().unwrap_or_default();
    let stream = dial(host, port, url.scheme() == "https").await;
    let stream = stream.map_err(|error| Failed::Again(Interrupted::Connect(error)))?;
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_OCTETS).max_headers(MOST_FIELDS);
    let no_http = |error| Failed::Again(Interrupted::NoHttp(error));
    let (mut sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(no_http)?;
    // What goes wrong on it the body tells.
    let connection = AbortOnDropHandle::new(tokio::spawn(async move { drop(connection.await) }));
    let request = request(url, fields)?;
    let (head, body) = sender.send_request(request).await.map_err(no_http)?.into_parts();
    Ok(Answer { status: head.status, fields: head.headers, body, _connection: connection })
}

fn request(url: &Url, fields: &[Field]) -> Result<Request<Empty<Bytes>>, Failed> {
    // These places are there in every URL.
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    let mut request = Request::builder()
        .uri(path)
        .header(HOST, authority)
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close");
    for (name, value) in fields {
        request = request.header(name, value);
    }
    let request = request.body(Empty::new());
    // Nothing but a validator that a server made up can be no field.
    request.map_err(|_| Failed::Again(Interrupted::Changed))
}
