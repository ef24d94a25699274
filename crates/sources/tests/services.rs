//! Services by their greeting: a mail server's, one that accepts and says nothing, one that is closed.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails must stop the test"
)]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use falter_model::{Fact, Interned, Method, Outcome, Service, Stage};
use falter_sources::clock::SystemClock;
use falter_sources::courtesy::Courtesy;
use falter_sources::live;
use falter_sources::recording::read_line;
use falter_sources::services::{Greets, Patience, ServiceWatch, ServicesPlan};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

const HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 81, 0, 1));
/// A busy machine needs more.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that greets, or hangs up, or does nothing; its port.
async fn server(greeting: Option<&'static str>) -> u16 {
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut kept: Vec<TcpStream> = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            match greeting {
                None => kept.push(stream),
                Some(greeting) => stream.write_all(greeting.as_bytes()).await.unwrap(),
            }
        }
    });
    port
}

/// What is told of one service: the probe, and stage and error of the visit.
async fn told(port: u16, greets: fn(u16) -> Greets) -> (Outcome, Option<(Stage, Option<String>)>) {
    let watch = ServiceWatch::new(ServicesPlan {
        vantage: "test".into(),
        services: vec![Service { address: HOST, tcp: port }],
        every: Duration::from_millis(400),
        courtesy: Courtesy::new("who@example.org", vec![]).unwrap(),
        patience: Patience { connect: PATIENCE, greeting: Duration::from_millis(300) },
        greets,
        clock: Arc::new(SystemClock),
    });
    let ((tell, mut told), stop) = (live::channel(16), CancellationToken::new());
    let running = tokio::spawn(watch.run(tell, stop.clone()));
    let mut next = async || {
        let line = tokio::time::timeout(PATIENCE, told.next()).await.expect("a fact").unwrap();
        read_line(&line, &mut Interned::new()).unwrap().fact
    };
    let Fact::Probe(probe) = next().await else { panic!("a probe") };
    assert_eq!((probe.target, probe.method), (HOST, Method::Tcp(port)));
    let page = match next().await {
        Fact::Page(page) => Some((page.stage, page.error.as_deref().map(str::to_owned))),
        Fact::Probe(_) => None,
        other => panic!("{other:?}"),
    };
    stop.cancel();
    tokio::time::timeout(PATIENCE, running).await.expect("an end").unwrap();
    (probe.outcome, page)
}

fn first(_: u16) -> Greets {
    Greets::First
}

#[tokio::test]
async fn a_greeting_shows_the_program_and_a_connection_the_host() {
    let (outcome, page) = told(server(Some("220 mail.kp ESMTP\r\n")).await, first).await;
    assert!(matches!(outcome, Outcome::Reply { .. }), "{outcome:?}");
    assert_eq!(page, Some((Stage::Status, None)));

    let (outcome, page) = told(server(None).await, first).await;
    assert!(matches!(outcome, Outcome::Reply { .. }), "{outcome:?}");
    assert_eq!(page, Some((Stage::Request, Some("timeout".to_owned()))));

    let (outcome, page) = told(server(Some("")).await, first).await;
    assert!(matches!(outcome, Outcome::Reply { .. }), "{outcome:?}");
    assert_eq!(page, Some((Stage::Request, Some("closed".to_owned()))));

    // Nobody is expected to speak there.
    let (outcome, page) = told(server(None).await, Greets::of).await;
    assert!(matches!(outcome, Outcome::Reply { .. }), "{outcome:?}");
    assert_eq!(page, None);

    let closed = TcpListener::bind((HOST, 0)).await.unwrap().local_addr().unwrap().port();
    let (outcome, page) = told(closed, first).await;
    assert!(matches!(outcome, Outcome::Reset { .. }), "{outcome:?}");
    assert_eq!(page, None);
}

#[tokio::test]
async fn who_opted_out_is_not_called() {
    let watch = ServiceWatch::new(ServicesPlan {
        vantage: "test".into(),
        services: vec![Service { address: HOST, tcp: 25 }],
        every: Duration::from_millis(400),
        courtesy: Courtesy::new("who@example.org", vec!["127.81.0.0/16".parse().unwrap()]).unwrap(),
        patience: Patience::default(),
        greets: Greets::of,
        clock: Arc::new(SystemClock),
    });
    let (tell, mut told) = live::channel(16);
    // Nothing to do: it ends by itself.
    watch.run(tell, CancellationToken::new()).await;
    assert!(told.next().await.is_none());
}
