//! RIS Live against a server that speaks its protocol, drops connections, stalls, and sends garbage.
//! Sockets are real, and so is the time: silence is made short.

use std::sync::Arc;
use std::time::Duration;

use falter_sources::feed::{FeedStatus, Subscriber};
use falter_sources::live::Told;
use falter_sources::ris_live::{RisLive, RisLiveOptions};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use tokio_util::sync::CancellationToken;

use crate::lines::{Going, next, subscriber};

const NOW: i64 = 1_643_144_400;
/// Looked at once a second.
pub(crate) const SILENCE: Duration = Duration::from_secs(2);

pub(crate) struct Server {
    socket: TcpListener,
    pub(crate) status: FeedStatus,
    stop: CancellationToken,
    client: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(subscribers: Vec<Subscriber>) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/v1/ws/", socket.local_addr().unwrap());
        let options = RisLiveOptions {
            url,
            silence: SILENCE,
            first_wait: Duration::from_millis(10),
            ..RisLiveOptions::default()
        };
        let client = RisLive::new(options, subscribers, Arc::new(Going::from(NOW)));
        let (status, stop) = (client.status(), CancellationToken::new());
        let run = client.run(stop.clone());
        let client = tokio::spawn(async move { run.await.unwrap() });
        Self { socket, status, stop, client }
    }

    /// The next connection, with what it asked for.
    pub(crate) async fn accept(&self, asked: usize) -> (Client, Vec<Value>) {
        let (stream, _) = self.socket.accept().await.unwrap();
        let mut client = Client(accept_async(stream).await.unwrap());
        let mut messages = Vec::new();
        while messages.len() < asked {
            messages.push(client.hear().await);
        }
        (client, messages)
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.client.await.unwrap();
    }
}

pub(crate) struct Client(pub(crate) WebSocketStream<TcpStream>);

impl Client {
    async fn hear(&mut self) -> Value {
        let frame = self.0.next().await.unwrap().unwrap();
        serde_json::from_str(frame.to_text().unwrap()).unwrap()
    }

    pub(crate) async fn say(&mut self, text: impl Into<String>) {
        self.0.send(Message::text(text.into())).await.unwrap();
    }

    async fn message(&mut self, kind: &str, fields: Value) {
        let mut data = json!({
            "timestamp": 1_643_144_399.5, "peer": "192.0.2.1", "peer_asn": "3333", "id": "1",
            "host": "rrc00.ripe.net", "type": kind,
        });
        data.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.say(json!({ "type": "ris_message", "data": data }).to_string()).await;
    }

    async fn announce(&mut self, prefix: &str, path: Value) {
        let announcements = json!([{ "next_hop": "192.0.2.1", "prefixes": [prefix] }]);
        self.message("UPDATE", json!({ "path": path, "announcements": announcements })).await;
    }

    async fn withdraw(&mut self, prefix: &str) {
        self.message("UPDATE", json!({ "withdrawals": [prefix] })).await;
    }
}

async fn expect(told: &mut Told, expected: &[&str]) {
    for words in expected {
        assert_eq!(next(told).await, *words);
    }
}

#[tokio::test]
async fn each_network_is_told_what_concerns_it() {
    let (kp, mut told_kp) = subscriber(&["175.45.176.0/22"], &[]);
    let (other, mut told_other) = subscriber(&[], &[64500]);
    let server = Server::start(vec![kp, other]).await;
    let (mut client, asked) = server.accept(6).await;
    let filter = &asked[4]["data"];
    assert_eq!(filter["prefix"], "175.45.176.0/22");
    assert_eq!((&filter["moreSpecific"], &filter["lessSpecific"]), (&json!(true), &json!(true)));
    assert_eq!(asked[5]["data"]["path"], "64500$");
    client.announce("175.45.176.0/24", json!([3333, 4837, 131_279])).await;
    client.announce("198.51.100.0/24", json!([3333, 64500])).await;
    // Withdrawals carry no path: the prefix is asked for by itself from here on.
    assert_eq!(client.hear().await["data"]["prefix"], "198.51.100.0/24");
    client.withdraw("198.51.100.0/24").await;
    client.withdraw("175.45.176.0/24").await;
    let peer = "rrc00 AS3333 192.0.2.1";
    expect(
        &mut told_kp,
        &[
            &format!("{peer} + 175.45.176.0/24 3333 4837 131279"),
            &format!("{peer} - 175.45.176.0/24"),
        ],
    )
    .await;
    expect(
        &mut told_other,
        &[&format!("{peer} + 198.51.100.0/24 3333 64500"), &format!("{peer} - 198.51.100.0/24")],
    )
    .await;
    server.end().await;
}

#[tokio::test]
async fn what_a_lost_connection_missed_is_unknown() {
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let server = Server::start(vec![kp]).await;
    let peer = "rrc00 AS3333 192.0.2.1";
    let (mut client, _) = server.accept(5).await;
    client.announce("175.45.176.0/24", json!([3333, 131_279])).await;
    expect(&mut told, &[&format!("{peer} + 175.45.176.0/24 3333 131279")]).await;
    drop(client);
    let lost = format!("{peer} down: feed disconnected");
    expect(&mut told, &[&lost, &format!("end rrc00: {peer} 0/0")]).await;
    let (mut client, _) = server.accept(5).await;
    client.withdraw("175.45.176.0/24").await;
    expect(&mut told, &[&format!("{peer} up: -"), &format!("{peer} - 175.45.176.0/24")]).await;
    assert_eq!(server.status.health().failures, 1);
    server.end().await;
}

#[tokio::test]
async fn a_feed_that_only_answers_pings_is_dead() {
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let server = Server::start(vec![kp]).await;
    let (mut client, _) = server.accept(5).await;
    client.message("KEEPALIVE", json!({})).await;
    let begun = tokio::time::Instant::now();
    let pings = tokio::spawn(async move {
        while let Some(Ok(_)) = client.0.next().await {
            client.0.send(Message::text(r#"{"type":"pong"}"#)).await.ok();
        }
    });
    let peer = "rrc00 AS3333 192.0.2.1";
    expect(&mut told, &[&format!("{peer} down: feed silent")]).await;
    let silence = begun.elapsed();
    assert!(silence >= SILENCE && silence < 5 * SILENCE, "{silence:?}");
    pings.await.unwrap();
    server.end().await;
}

#[tokio::test]
async fn a_server_without_keepalives_lives_by_its_pongs() {
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let server = Server::start(vec![kp]).await;
    let (mut client, _) = server.accept(5).await;
    for _ in 0..4 {
        assert_eq!(client.hear().await["type"], "ping");
        client.say(r#"{"type":"pong"}"#).await;
    }
    client.withdraw("175.45.176.0/24").await;
    expect(&mut told, &["rrc00 AS3333 192.0.2.1 - 175.45.176.0/24"]).await;
    assert_eq!(server.status.health().failures, 0);
    server.end().await;
}

#[tokio::test]
async fn garbage_costs_itself() {
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let server = Server::start(vec![kp]).await;
    let (mut client, _) = server.accept(5).await;
    for text in ["", "{", "[]", "null", r#"{"type":"ris_message","data":[]}"#] {
        client.say(text).await;
    }
    client.0.send(Message::binary(vec![0; 9])).await.unwrap();
    client.message("UPDATE", json!({ "withdrawals": ["nonsense"] })).await;
    client.message("UPDATE", json!({ "withdrawals": 7 })).await;
    client.message("SOMETHING", json!({})).await;
    client.say(r#"{"type":"ris_error","data":{"message":"too slow"}}"#).await;
    client.withdraw("175.45.176.0/24").await;
    expect(&mut told, &["rrc00 AS3333 192.0.2.1 - 175.45.176.0/24"]).await;
    let health = server.status.health();
    assert_eq!((health.garbage, health.unknown, health.failures), (8, 1, 0), "{health:?}");
    // More than any message holds: the connection goes, the client comes again.
    client.0.send(Message::text("x".repeat(2 << 20))).await.ok();
    expect(&mut told, &["rrc00 AS3333 192.0.2.1 down: feed disconnected"]).await;
    server.accept(5).await;
    server.end().await;
}

#[tokio::test]
async fn states_of_peers_come_with_their_reason() {
    let (kp, mut told) = subscriber(&["175.45.176.0/22"], &[]);
    let server = Server::start(vec![kp]).await;
    let (mut client, _) = server.accept(5).await;
    client.message("KEEPALIVE", json!({})).await;
    client.message("NOTIFICATION", json!({ "notification": { "code": 4, "subcode": 0 } })).await;
    client.message("RIS_PEER_STATE", json!({ "state": "down" })).await;
    client.message("OPEN", json!({ "direction": "sent" })).await;
    client.message("RIS_PEER_STATE", json!({ "state": "connected" })).await;
    let peer = "rrc00 AS3333 192.0.2.1";
    expect(&mut told, &[&format!("{peer} down: hold timer expired"), &format!("{peer} up: -")])
        .await;
    server.end().await;
}
