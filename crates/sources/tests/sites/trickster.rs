//! A web server of our own that does what no real one would.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::Duration;

/// What it does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trick {
    /// Nothing.
    Silent,
    /// Ends the connection.
    Hangup,
    /// Says what is no HTTP.
    Garbage,
    /// Fields without end.
    EndlessHead,
    /// A body without end, as fast as it can.
    EndlessBody,
    /// A body that comes octet by octet.
    DripBody,
    /// Less than it promised.
    ShortBody,
}

/// The server.
pub(crate) struct Trickster {
    pub(crate) port: u16,
    heard: Arc<Mutex<String>>,
    task: JoinHandle<()>,
}

impl Trickster {
    pub(crate) async fn start(address: IpAddr, trick: Trick) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(String::new()));
        let last = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ended = serve(stream, trick, &last).await;
            }
        });
        Self { port, heard, task }
    }

    /// The last request.
    pub(crate) fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Trickster {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, trick: Trick, heard: &Mutex<String>) -> std::io::Result<()> {
    let mut request = vec![0; 4096];
    let length = stream.read(&mut request).await?;
    *heard.lock().unwrap() = String::from_utf8_lossy(&request[..length]).into_owned();
    let ok = "HTTP/1.1 200 OK\r\n";
    match trick {
        Trick::Silent => std::future::pending().await,
        Trick::Hangup => Ok(()),
        Trick::Garbage => stream.write_all(b"\x00\x01\x02 what?\r\n\r\n").await,
        Trick::EndlessHead => {
            stream.write_all(ok.as_bytes()).await?;
            loop {
                stream
                    .write_all("X-Field: value value value value value\r\n".repeat(50).as_bytes())
                    .await?;
            }
        }
        Trick::EndlessBody => {
            stream.write_all(format!("{ok}\r\n").as_bytes()).await?;
            loop {
                stream.write_all(&[b'x'; 4096]).await?;
            }
        }
        Trick::DripBody => {
            stream.write_all(format!("{ok}\r\n").as_bytes()).await?;
            loop {
                stream.write_all(b"x").await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Trick::ShortBody => {
            stream.write_all(format!("{ok}Content-Length: 100\r\n\r\nx").as_bytes()).await
        }
    }
}
