//! Routes of a lab run over RIS Live: what is told must equal, line by line, what is read from the archive
//! that the collector wrote, though the connection is dropped, stalls, and brings garbage.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bgpkit_parser::BgpkitParser;
use bgpkit_parser::models::{
    AsPathSegment, AttributeValue, Bgp4MpEnum, BgpMessage, BgpUpdateMessage, Community,
    MetaCommunity, MrtMessage, MrtRecord,
};
use falter_model::{Fact, Interned, Observation};
use falter_sources::archive::{InputArg, Inputs};
use falter_sources::live::Told;
use falter_sources::recording::write_line;
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::lines::subscriber;
use crate::ris_live::{Client, SILENCE, Server};

const WATCHED: &[&str] = &["175.45.176.0/22"];
/// What the reader of archives calls a collector whose name no path tells.
const COLLECTOR: &str = "mrt";

fn archive(scenario: &str) -> PathBuf {
    let scenarios = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios"));
    scenarios.join(scenario).join("collector-1/updates.mrt.gz")
}

/// The lines of all routes in an archive.
fn lines(archive: &Path) -> Vec<String> {
    let mut inputs = Inputs::open(&[InputArg::from(archive.to_owned())]).unwrap();
    inputs.watch(subscriber(WATCHED, &[]).0.interest);
    let (mut interned, mut all) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut all) {}
    assert_eq!(inputs.reports()[0].bad_count, 0);
    let routes = all.iter().filter(|one| matches!(one.fact, Fact::Route(_)));
    routes.map(|route| line(route, &interned)).collect()
}

fn line(observation: &Observation, interned: &Interned) -> String {
    let mut line = Vec::new();
    write_line(&mut line, observation, interned).unwrap();
    String::from_utf8(line).unwrap()
}

/// The messages of an archive as RIS Live spells them, read by bgpkit-parser.
fn frames(archive: &Path) -> Vec<String> {
    let file = flate2::read::MultiGzDecoder::new(File::open(archive).unwrap());
    let records = BgpkitParser::from_reader(file).into_record_iter();
    records.enumerate().filter_map(|(number, record)| frame(number, &record)).collect()
}

fn frame(number: usize, record: &MrtRecord) -> Option<String> {
    let MrtMessage::Bgp4Mp(Bgp4MpEnum::Message(message)) = &record.message else { return None };
    let header = &record.common_header;
    let micros = header.microsecond_timestamp.unwrap_or(0);
    let mut data = json!({
        "timestamp": f64::from(header.timestamp) + f64::from(micros) / 1e6,
        "peer": message.peer_ip, "peer_asn": message.peer_asn.to_u32().to_string(),
        "id": format!("00-{}-{number}", message.peer_ip), "host": COLLECTOR,
    });
    let (kind, fields) = match &message.bgp_message {
        BgpMessage::Update(update) => ("UPDATE", fields(update)),
        BgpMessage::KeepAlive => ("KEEPALIVE", json!({})),
        other => panic!("{other:?}"),
    };
    data["type"] = kind.into();
    data.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    Some(json!({ "type": "ris_message", "data": data }).to_string())
}

fn fields(update: &BgpUpdateMessage) -> Value {
    let mut fields = json!({});
    if !update.withdrawn_prefixes.is_empty() {
        let prefixes: Vec<String> =
            update.withdrawn_prefixes.iter().map(|prefix| prefix.prefix.to_string()).collect();
        fields["withdrawals"] = prefixes.into();
    }
    if update.announced_prefixes.is_empty() {
        return fields;
    }
    let mut path: Vec<Value> = Vec::new();
    for segment in update.attributes.as_path().unwrap().iter_segments() {
        match segment {
            AsPathSegment::AsSequence(asns) => {
                path.extend(asns.iter().map(|asn| asn.to_u32().into()));
            }
            AsPathSegment::AsSet(asns) => {
                path.push(asns.iter().map(bgpkit_parser::models::Asn::to_u32).collect());
            }
            other => panic!("{other:?}"),
        }
    }
    let communities =
        update.attributes.iter_communities().filter_map(|community| match community {
            MetaCommunity::Plain(Community::Custom(asn, value)) => {
                Some(json!([asn.to_u32(), value]))
            }
            _ => None,
        });
    fields["community"] = communities.collect();
    fields["path"] = path.into();
    fields["origin"] = update.attributes.origin().to_string().to_lowercase().into();
    let prefixes: Vec<String> =
        update.announced_prefixes.iter().map(|prefix| prefix.prefix.to_string()).collect();
    let next_hop = update.attributes.iter().find_map(|value| match value {
        AttributeValue::NextHop(address) => Some(*address),
        _ => None,
    });
    fields["announcements"] = json!([{ "next_hop": next_hop.unwrap(), "prefixes": prefixes }]);
    fields
}

/// Everything that is told from now on, until the feed ends.
fn listen(mut told: Told) -> tokio::task::JoinHandle<Vec<String>> {
    tokio::spawn(async move {
        let mut lines = Vec::new();
        while let Some(line) = told.next().await {
            lines.push(String::from_utf8(line).unwrap());
        }
        lines
    })
}

/// Waits until the client has understood so many messages.
async fn understood(server: &Server, messages: u64) {
    while server.status.health().messages < messages {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

const GARBAGE: [&str; 3] = ["{", "[]", r#"{"type":"ris_message","data":{"timestamp":"soon"}}"#];

/// How a connection ends.
#[derive(Clone, Copy)]
enum End {
    Dropped,
    Stalled,
    Closed,
}

async fn end(mut client: Client, how: End) {
    match how {
        End::Dropped => {}
        End::Stalled => tokio::time::sleep(2 * SILENCE).await,
        End::Closed => client.0.send(Message::Close(None)).await.unwrap(),
    }
}

async fn check(scenario: &str) {
    let (expected, frames) = (lines(&archive(scenario)), frames(&archive(scenario)));
    let announced = expected.iter().filter(|line| line.contains(r#""announce""#)).count();
    assert!(announced > 10 && announced < expected.len(), "{announced} of {}", expected.len());
    let (network, told) = subscriber(WATCHED, &[]);
    let server = Server::start(vec![network]).await;
    let all = listen(told);
    let ends = [End::Dropped, End::Stalled, End::Closed, End::Dropped];
    let (mut sent, mut last): (u64, &[String]) = (0, &[]);
    for (piece, how) in frames.chunks(frames.len().div_ceil(ends.len())).zip(ends) {
        let (mut client, _) = server.accept(5).await;
        // What was told before the connection ended comes once more, as servers may do.
        for frame in last.iter().chain(piece) {
            client.say(frame.as_str()).await;
            sent += 1;
            if sent.is_multiple_of(50) {
                client.say(GARBAGE[usize::try_from(sent / 50).unwrap() % GARBAGE.len()]).await;
            }
        }
        understood(&server, sent).await;
        end(client, how).await;
        last = piece.split_at(piece.len() - piece.len().min(20)).1;
    }
    // Until the last loss is told.
    let (client, _) = server.accept(5).await;
    let health = server.status.health();
    assert_eq!((health.failures, health.garbage), (4, sent / 50), "{health:?}");
    server.end().await;
    drop(client);

    let told = all.await.unwrap();
    let routes: Vec<&String> = told.iter().filter(|line| line.contains(r#""route":"#)).collect();
    for (told, expected) in routes.iter().zip(&expected) {
        assert_eq!(*told, expected);
    }
    assert_eq!(routes.len(), expected.len());
    losses(&told);
}

/// Each loss makes every peer down, once, and each peer is up again before it tells a route.
fn losses(told: &[String]) {
    let (mut down, mut reasons) = (BTreeSet::new(), BTreeMap::new());
    for line in told {
        let line: Value = serde_json::from_str(line).unwrap();
        if let Some(peer) = line.get("peer") {
            let address = peer["address"].to_string();
            if peer["state"] == "down" {
                assert!(down.insert(address), "{line}");
                *reasons.entry(peer["reason"].to_string()).or_insert(0) += 1;
            } else {
                assert!(down.remove(&address), "{line}");
            }
        } else if let Some(route) = line.get("route") {
            assert!(!down.contains(&route["peer"]["address"].to_string()), "{line}");
        }
    }
    let peers = down.len();
    assert!(peers > 0);
    let expected =
        [("\"feed disconnected\"".to_owned(), 3 * peers), ("\"feed silent\"".to_owned(), peers)];
    assert_eq!(reasons, BTreeMap::from(expected));
}

#[tokio::test]
async fn a_clean_withdrawal_is_told_as_the_archive_tells_it() {
    check("clean-withdrawal").await;
}

#[tokio::test]
async fn a_flapping_session_is_told_as_the_archive_tells_it() {
    check("hold-timer-flap").await;
}
