//! BMP against a router of our own that is slow, silent, or speaks nonsense.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use falter_sources::bmp::{BmpListener, BmpOptions};
use falter_sources::feed::{FeedStatus, Subscriber};
use falter_sources::live::Told;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::lines::{Going, next, subscriber, told_next};

const NOW: u32 = 1_643_144_400;

pub(crate) async fn listen(
    subscribers: Vec<Subscriber>,
) -> (SocketAddr, FeedStatus, CancellationToken) {
    let (address, status, stop, _) = listen_on(([127, 0, 0, 1], 0).into(), subscribers).await;
    (address, status, stop)
}

pub(crate) async fn listen_on(
    address: SocketAddr,
    subscribers: Vec<Subscriber>,
) -> (SocketAddr, FeedStatus, CancellationToken, JoinHandle<()>) {
    let clock = Arc::new(Going::from(NOW.into()));
    let stall = Duration::from_secs(1);
    let options = BmpOptions { most_routers: 2, stall, ..BmpOptions::default() };
    let listener = BmpListener::bind(address, options, subscribers, clock).await.unwrap();
    let (address, status) = (listener.address().unwrap(), listener.status());
    let stop = CancellationToken::new();
    let run = listener.run(stop.clone());
    let running = tokio::spawn(async move { run.await.unwrap() });
    (address, status, stop, running)
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 6).unwrap();
    [&[3][..], &length.to_be_bytes(), &[kind], body].concat()
}

/// The header of AS64500 at 192.0.2.1, with these flags.
fn peer(flags: u8) -> Vec<u8> {
    let head = [0, flags, 0, 0, 0, 0, 0, 0, 0, 0];
    let address = [&[0; 12][..], &[192, 0, 2, 1]].concat();
    let rest = [0, 0, 0xFB, 0xF4, 192, 0, 2, 1];
    [&head[..], &address, &rest, &(NOW - 1).to_be_bytes(), &[0; 4]].concat()
}

fn bgp(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 19).unwrap();
    [&[0xFF; 16][..], &length.to_be_bytes(), &[kind], body].concat()
}

fn initiation(name: &str) -> Vec<u8> {
    let length = u16::try_from(name.len()).unwrap().to_be_bytes();
    message(4, &[&[0, 2][..], &length, name.as_bytes()].concat())
}

fn up() -> Vec<u8> {
    let open = bgp(1, &[4, 0xFB, 0xF4, 0, 9, 192, 0, 2, 1, 0]);
    message(3, &[&peer(0)[..], &[0; 20], &open, &open].concat())
}

fn routes(flags: u8, withdrawn: &[u8], announced: &[u8]) -> Vec<u8> {
    let attributes: &[u8] = if announced.is_empty() {
        &[]
    } else {
        &[0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xFB, 0xF4, 0x40, 3, 4, 192, 0, 2, 1]
    };
    let length = |octets: &[u8]| u16::try_from(octets.len()).unwrap().to_be_bytes();
    let update =
        [&length(withdrawn)[..], withdrawn, &length(attributes), attributes, announced].concat();
    message(0, &[&peer(flags)[..], &bgp(2, &update)].concat())
}

const BLOCK: [u8; 4] = [24, 175, 45, 176];
const PEER: &str = "edge AS64500 192.0.2.1";

async fn expect(told: &mut Told, expected: &[&str]) {
    for words in expected {
        assert_eq!(next(told).await, *words);
    }
}

async fn expect_in_time(told: &mut Told, expected: &[&str]) {
    for words in expected {
        assert_eq!(told_next(told).await, *words);
    }
}

#[tokio::test]
async fn one_table_of_a_peer_counts_and_its_end_is_told() {
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let (address, _, stop) = listen(vec![kp]).await;
    let mut router = TcpStream::connect(address).await.unwrap();
    let notification = bgp(3, &[4, 0]);
    let down = message(2, &[&peer(0)[..], &[1], &notification].concat());
    let stream = [
        initiation("edge"),
        up(),
        routes(0, &[], &[&BLOCK[..], &[8, 10]].concat()),
        // After policy, and what is sent to the peer: the same once more.
        routes(0x40, &[], &BLOCK),
        routes(0x10, &BLOCK, &[]),
        routes(0, &[], &[]),
        message(1, &[&peer(0)[..], &[0, 0, 0, 0]].concat()),
        routes(0, &BLOCK, &[]),
        down,
    ]
    .concat();
    // Octet by octet.
    for octet in stream {
        router.write_all(&[octet]).await.unwrap();
    }
    expect(
        &mut told,
        &[
            &format!("{PEER} up: -"),
            &format!("{PEER} + 175.45.176.0/24 64500"),
            &format!("end edge: {PEER} 2/0"),
            &format!("{PEER} - 175.45.176.0/24"),
            &format!("{PEER} down: hold timer expired"),
        ],
    )
    .await;
    stop.cancel();
}

#[tokio::test]
async fn a_lost_router_makes_its_peers_unknown() {
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let (address, status, stop) = listen(vec![kp]).await;
    for last in [&b"GET / HTTP/1.1"[..], &[3, 0, 0, 0, 200, 0, 1], &message(5, &[0, 1, 0, 2, 0, 2])]
    {
        let mut router = TcpStream::connect(address).await.unwrap();
        router
            .write_all(&[initiation("edge"), up(), routes(0, &[], &BLOCK)].concat())
            .await
            .unwrap();
        router.write_all(last).await.unwrap();
        expect(
            &mut told,
            &[
                &format!("{PEER} up: -"),
                &format!("{PEER} + 175.45.176.0/24 64500"),
                &format!("{PEER} down: bmp session lost"),
                &format!("end edge: {PEER} 0/0"),
            ],
        )
        .await;
    }
    assert_eq!(status.health().last_error.as_deref(), Some("router is out of resources"));
    stop.cancel();
}

#[tokio::test]
async fn one_router_too_many_is_turned_away_and_a_returning_one_takes_its_name_over() {
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let (address, _, stop) = listen(vec![kp]).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(&[initiation("edge"), up()].concat()).await.unwrap();
    expect(&mut told, &[&format!("{PEER} up: -")]).await;
    let mut again = TcpStream::connect(address).await.unwrap();
    again.write_all(&initiation("other")).await.unwrap();
    let mut third = TcpStream::connect(address).await.unwrap();
    assert_eq!(third.read(&mut [0; 8]).await.unwrap_or(0), 0);
    again.write_all(&routes(0, &[], &BLOCK)).await.unwrap();
    drop(again);
    // The place is free once the listener has noticed.
    let mut again = loop {
        let mut again = TcpStream::connect(address).await.unwrap();
        again.write_all(&[initiation("edge"), up()].concat()).await.unwrap();
        let mut octet = [0];
        let closed = tokio::time::timeout(Duration::from_millis(500), again.read(&mut octet));
        if closed.await.is_err() {
            break again;
        }
    };
    let lost = [format!("{PEER} down: bmp session lost"), format!("end edge: {PEER} 0/0")];
    expect(&mut told, &[&lost[0], &lost[1], &format!("{PEER} up: -")]).await;
    assert_eq!(first.read(&mut [0; 8]).await.unwrap_or(0), 0);
    again.write_all(&routes(0, &[], &BLOCK)).await.unwrap();
    expect(&mut told, &[&format!("{PEER} + 175.45.176.0/24 64500")]).await;
    stop.cancel();
}

/// Time passes where all wait: so long that what the kernel holds back for a moment arrives within it.
#[tokio::test(start_paused = true)]
async fn a_table_whose_end_is_not_told_is_whole_after_ten_minutes() {
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let (address, _, stop) = listen(vec![kp]).await;
    let mut router = TcpStream::connect(address).await.unwrap();
    router.set_nodelay(true).unwrap();
    let more = [&BLOCK[..], &[8, 10], &BLOCK].concat();
    router.write_all(&[initiation("edge"), up(), routes(0, &[], &more)].concat()).await.unwrap();
    let announced = format!("{PEER} + 175.45.176.0/24 64500");
    expect_in_time(&mut told, &[&format!("{PEER} up: -"), &announced, &announced]).await;
    tokio::time::sleep(Duration::from_mins(5)).await;
    router.write_all(&routes(0, &BLOCK, &[])).await.unwrap();
    expect_in_time(&mut told, &[&format!("{PEER} - 175.45.176.0/24")]).await;
    tokio::time::sleep(Duration::from_mins(7)).await;
    expect_in_time(&mut told, &[&format!("end edge: {PEER} 1/0")]).await;
    // Once is enough.
    router.write_all(&routes(0, &[], &[])).await.unwrap();
    drop(router);
    expect_in_time(&mut told, &[&format!("{PEER} down: bmp session lost")]).await;
    stop.cancel();
}

#[tokio::test]
async fn identifiers_that_were_agreed_on_but_left_out_are_not_looked_for() {
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let (address, status, stop) = listen(vec![kp]).await;
    let mut router = TcpStream::connect(address).await.unwrap();
    // AS64500 sends several paths to AS65001, which puts itself before them.
    let open = |asn: u16, direction: u8| {
        let [high, low] = asn.to_be_bytes();
        bgp(1, &[4, high, low, 0, 9, 192, 0, 2, 1, 8, 2, 6, 69, 4, 0, 1, 1, direction])
    };
    let up = message(3, &[&peer(0)[..], &[0; 20], &open(65001, 1), &open(64500, 2)].concat());
    let path = [0x40, 2, 10, 2, 2, 0, 0, 0xFD, 0xE9, 0, 0, 0xFB, 0xF4];
    let attributes = [&[0x40, 1, 1, 0][..], &path, &[0x40, 3, 4, 192, 0, 2, 1]].concat();
    let announce = |prefixes: &[u8]| {
        let length = u16::try_from(attributes.len()).unwrap().to_be_bytes();
        let update = [&[0, 0][..], &length, &attributes, prefixes].concat();
        message(0, &[&peer(0)[..], &bgp(2, &update)].concat())
    };
    let with_id = |id: u8, prefix: &[u8]| [&[0, 0, 0, id][..], prefix].concat();
    let two = [&BLOCK[..], &[24, 175, 45, 177]].concat();
    let stream = [
        initiation("edge"),
        up,
        announce(&with_id(1, &BLOCK)),
        announce(&with_id(2, &BLOCK)),
        // The first that can't be read as agreed shows it.
        announce(&BLOCK),
        announce(&two),
        routes(0, &[], &[]),
    ];
    router.write_all(&stream.concat()).await.unwrap();
    let first = format!("{PEER} + 175.45.176.0/24 64500");
    expect(
        &mut told,
        &[
            &format!("{PEER} up: -"),
            &first,
            &first,
            &first,
            &first,
            &format!("{PEER} + 175.45.177.0/24 64500"),
            &format!("end edge: {PEER} 2/0"),
        ],
    )
    .await;
    assert_eq!(status.health().garbage, 0);
    stop.cancel();
}
