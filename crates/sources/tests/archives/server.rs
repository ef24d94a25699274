//! A server of HTTP/1.1 that answers as a test says, good or bad.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) path: String,
    /// From which octet on.
    pub(crate) from: Option<usize>,
    pub(crate) if_range: Option<String>,
    /// Only if it is not this one.
    pub(crate) if_none_match: Option<String>,
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) then: Then,
}

/// What comes after the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// The connection is closed.
    Close,
    /// Nothing, for ever.
    Stall,
    /// The same body again and again, as fast as it is taken.
    Repeat,
    /// An octet now and then.
    Dribble,
}

pub(crate) struct Server {
    url: Url,
    seen: Arc<Mutex<Vec<Request>>>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Answers each request by its number, from 0.
    pub(crate) async fn start(
        answer: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", socket.local_addr().unwrap()).parse().unwrap();
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (notes, answer) = (Arc::clone(&seen), Arc::new(answer));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let (notes, answer) = (Arc::clone(&notes), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut stream = stream;
                    let Some(request) = read(&mut stream).await else { return };
                    let number = {
                        let mut seen = notes.lock().unwrap();
                        seen.push(request.clone());
                        seen.len() - 1
                    };
                    send(&mut stream, answer(number, &request)).await;
                });
            }
        });
        Self { url, seen, accepting }
    }

    pub(crate) fn root(&self) -> &Url {
        &self.url
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.url.join(path).unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// From which octet on each request asked.
    pub(crate) fn asked_from(&self) -> Vec<Option<usize>> {
        self.seen().iter().map(|request| request.from).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Reply {
    pub(crate) fn new(status: &str, fields: &[String], body: &[u8]) -> Self {
        let mut head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
        for field in fields {
            head.push_str(field);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        Self { head, body: body.to_vec(), then: Then::Close }
    }

    /// A whole file.
    pub(crate) fn file(octets: &[u8], tag: &str) -> Self {
        let fields = [length(octets.len()), etag(tag)];
        Self::new("200 OK", &fields, octets)
    }

    /// What an honest server answers: the rest of a file that is the same still, else all of it.
    pub(crate) fn honest(request: &Request, octets: &[u8], tag: &str) -> Self {
        let quoted = format!("\"{tag}\"");
        if request.if_none_match.as_deref() == Some(&quoted) {
            return Self::new("304 Not Modified", &[etag(tag)], b"");
        }
        let is_same = request.if_range.as_deref() == Some(&quoted);
        match request.from.filter(|_| is_same) {
            Some(from) => Self::rest(octets, from, tag),
            None => Self::file(octets, tag),
        }
    }

    /// The rest of a file.
    pub(crate) fn rest(octets: &[u8], from: usize, tag: &str) -> Self {
        let rest = octets.get(from..).unwrap_or_default();
        let last = octets.len().saturating_sub(1);
        let range = format!("Content-Range: bytes {from}-{last}/{}", octets.len());
        Self::new("206 Partial Content", &[length(rest.len()), range, etag(tag)], rest)
    }

    pub(crate) fn missing() -> Self {
        Self::new("404 Not Found", &[length(0)], b"")
    }

    /// Breaks off after so many octets of the body.
    pub(crate) fn cut(mut self, after: usize) -> Self {
        self.body.truncate(after);
        self
    }

    pub(crate) fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }
}

pub(crate) fn length(octets: usize) -> String {
    format!("Content-Length: {octets}")
}

pub(crate) fn etag(tag: &str) -> String {
    format!("ETag: \"{tag}\"")
}

/// Reads the head of a request.
async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let field = |name: &str| {
        lines.clone().find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let from = field("range")
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let (if_range, if_none_match) = (field("if-range"), field("if-none-match"));
    Some(Request { path, from, if_range, if_none_match })
}

async fn send(stream: &mut TcpStream, reply: Reply) {
    let Reply { head, body, then } = reply;
    if stream.write_all(head.as_bytes()).await.is_err() || stream.write_all(&body).await.is_err() {
        return;
    }
    match then {
        Then::Close => _ = stream.shutdown().await,
        Then::Stall => std::future::pending().await,
        Then::Repeat => while stream.write_all(&body).await.is_ok() {},
        Then::Dribble => {
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}
