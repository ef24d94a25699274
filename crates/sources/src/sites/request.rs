//! The request for a page, and its answer.

use std::pin::pin;
use std::time::Duration;

use falter_model::Text;
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, LOCATION, USER_AGENT};
use hyper::{Request, Version};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};
use url::{Position, Url};

use super::body::{self, Read};

/// Octets of an answer's head: what servers themselves take, eight times over.
const HEAD_OCTETS: usize = 64 << 10;
/// Fields of an answer's head.
const MOST_FIELDS: usize = 100;

/// An answer.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    /// Where it sends us, if it is a redirect.
    pub(super) location: Option<String>,
    pub(super) body: Read,
    /// Until the head was there, and from then to the end of the body.
    pub(super) took: (Duration, Duration),
}

/// Asks for `url` on a connection that was made for it.
pub(super) async fn get<C>(
    connection: C,
    url: &Url,
    agent: &str,
    patience: Duration,
) -> Result<Response, Text>
where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let begun = Instant::now();
    let deadline = begun + patience;
    let exchange = exchange(connection, url, agent, begun, deadline);
    // The body has the same deadline, and is told as far as it came.
    match timeout_at(deadline + Duration::from_secs(1), exchange).await {
        Ok(response) => response,
        Err(_) => Err("timeout".into()),
    }
}

async fn exchange<C>(
    connection: C,
    url: &Url,
    agent: &str,
    begun: Instant,
    deadline: Instant,
) -> Result<Response, Text>
where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_OCTETS).max_headers(MOST_FIELDS);
    let connected = builder.handshake(TokioIo::new(connection)).await;
    let (mut sender, driver) = connected.map_err(|error| reason(&error))?;
    let asked = async {
        let answer = sender.send_request(request(url, agent)?);
        let answer = timeout_at(deadline, answer).await.map_err(|_| Text::from("timeout"))?;
        let answer = answer.map_err(|error| reason(&error))?;
        let to_head = begun.elapsed();
        let status = answer.status();
        let location = answer.headers().get(LOCATION).filter(|_| status.is_redirection());
        let location = location.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = body::read(answer.into_body(), deadline).await;
        let took = (to_head, begun.elapsed().saturating_sub(to_head));
        Ok(Response { status: status.as_u16(), location, body, took })
    };
    let (mut asked, mut driver) = (pin!(asked), pin!(driver));
    tokio::select! {
        biased;
        response = &mut asked => response,
        // What was read before the end is still there to be taken.
        _ended = &mut driver => asked.await,
    }
}

fn request(url: &Url, agent: &str) -> Result<Request<Empty<Bytes>>, Text> {
    // These places are there in every URL.
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    let request = Request::builder()
        .version(Version::HTTP_11)
        .uri(path)
        .header(HOST, authority)
        .header(USER_AGENT, agent)
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
        .body(Empty::new());
    request.map_err(|_| "not a request".into())
}

/// Why there is no answer, in words.
fn reason(error: &hyper::Error) -> Text {
    // What hyper says of it has a name only in its text.
    let word = if error.is_parse() && error.to_string().contains("too large") {
        "head too large"
    } else if error.is_parse() || error.is_parse_status() {
        "malformed"
    } else if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        "closed"
    } else {
        "reset"
    };
    word.into()
}
