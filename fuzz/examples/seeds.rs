//! Writes the seeds of the corpora, from values of our own: `cargo run --manifest-path fuzz/Cargo.toml
//! --example seeds`. The seeds are committed; run this after adding one.

use std::net::IpAddr;
use std::path::Path;

use falter_model::{Asn, Prefix, Timestamp};
use falter_wire::bgp::{Aggregator, Community, LargeCommunity, Message, Notification, SegmentKind};
use falter_wire::mrt::{
    ElemPeer, Framed, IndexedPeer, Kind, Record, Route, SessionState, Writer, frame,
};
use falter_wire::packet::{Echo, IcmpVersion, Ipv4, Ipv6};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let updates = updates()?;
    let mut messages = Vec::new();
    let mut octets = updates.as_slice();
    while let Framed::Record(raw) = frame(octets)? {
        octets = &octets[raw.octets()..];
        if matches!(Record::decode(&raw, None), Ok(Record::Message(m)) if matches!(m.message, Message::Update(_)))
        {
            // Microseconds; AS numbers, interface and family; two addresses.
            let micros = if raw.header.kind == Kind::Bgp4mpEt { 4 } else { 0 };
            let addresses = if raw.body[micros + 11] == 1 { 8 } else { 32 };
            let before = micros + 12 + addresses;
            messages.push((raw.header.subtype == 9, raw.body[before..].to_vec()));
        }
    }
    for (number, (add_path, message)) in messages.iter().enumerate() {
        let choice = if *add_path { 2 } else { 0 };
        write("bgp_message", &format!("update-{number}"), &[&[choice], &message[..]].concat())?;
        // Marker, length, type, withdrawn routes and their length.
        let withdrawn = usize::from(u16::from_be_bytes([message[19], message[20]]));
        let at = 21 + withdrawn;
        let length = usize::from(u16::from_be_bytes([message[at], message[at + 1]]));
        let attributes = &message[at + 2..at + 2 + length];
        write("attributes", &format!("update-{number}"), &[&[choice], attributes].concat())?;
    }
    write("mrt", "updates", &updates)?;
    write("mrt", "table", &table()?)?;
    write("mrt", "legacy", &legacy())?;
    packets()?;
    captures()?;
    paths()
}

fn write(target: &str, name: &str, octets: &[u8]) -> Result<(), Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    std::fs::create_dir_all(&folder)?;
    Ok(std::fs::write(folder.join(name), octets)?)
}

/// Echoes of both versions, and a router's word that one could not be delivered.
fn packets() -> Result<(), Failure> {
    let (mut echo, mut reply, mut echo_6) = (Vec::new(), Vec::new(), Vec::new());
    let of = Echo { id: 7, sequence: 9, payload: b"0123456789abcdefme@example.net" };
    of.encode_request(IcmpVersion::V4, &mut echo);
    of.encode_reply(IcmpVersion::V4, &mut reply);
    of.encode_request(IcmpVersion::V6, &mut echo_6);
    let (ours, target, router) = ([192, 0, 2, 1], [198, 51, 100, 1], [203, 0, 113, 1]);
    let v4 = |from: [u8; 4], to: [u8; 4], payload: &[u8]| {
        let mut packet = Vec::new();
        let ip = Ipv4 { from: from.into(), to: to.into(), ttl: 64, protocol: 1, payload };
        ip.encode(&mut packet).map(|()| packet).ok_or("too long")
    };
    let v6 = |payload: &[u8]| {
        let (from, to) = (V6.into(), V6.into());
        let mut packet = Vec::new();
        let ip = Ipv6 { from, to, hop_limit: 64, next_header: 58, payload };
        ip.encode(&mut packet).map(|()| packet).ok_or("too long")
    };
    let asked = v4(ours, target, &echo)?;
    let trouble = [&[3, 1, 0, 0, 0, 0, 0, 0], &asked[..]].concat();
    let trouble_6 = [&[1, 3, 0, 0, 0, 0, 0, 0], &v6(&echo_6)?[..]].concat();
    write("packet", "request", &asked)?;
    write("packet", "reply", &v4(target, ours, &reply)?)?;
    write("packet", "trouble", &v4(router, ours, &trouble)?)?;
    write("packet", "trouble-v6", &v6(&trouble_6)?)
}

/// Captures in both forms and orders: an answer to a SYN, and that a datagram could not be delivered.
fn captures() -> Result<(), Failure> {
    let (victim, dark) = ([175, 45, 176, 81], [198, 19, 3, 4]);
    let packet = |protocol: u8, from: [u8; 4], to: [u8; 4], payload: &[u8]| {
        let mut packet = Vec::new();
        let ip = Ipv4 { from: from.into(), to: to.into(), ttl: 64, protocol, payload };
        ip.encode(&mut packet).map(|()| packet).ok_or("too long")
    };
    let answer = packet(6, victim, dark, &[&[0; 13][..], &[0x12], &[0; 6]].concat())?;
    let datagram = packet(17, dark, victim, &[0; 8])?;
    let refused = packet(1, victim, dark, &[&[3, 3, 0, 0, 0, 0, 0, 0], &datagram[..]].concat())?;
    let little = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let big = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect();
    // Little-endian with microseconds, raw IP.
    write("capture", "pcap", &pcap(little, &[0xA1B2_C3D4, 0x0004_0002], 101, &answer, &refused)?)?;
    // Big-endian with nanoseconds, Ethernet.
    let ethernet = |packet: &[u8]| [&[0; 12][..], &[8, 0], packet].concat();
    let (answer, refused) = (ethernet(&answer), ethernet(&refused));
    let head = [0xA1B2_3C4D, 0x0002_0004];
    write("capture", "pcap-big", &pcap(big, &head, 1, &answer, &refused)?)?;
    for (name, writer, version) in
        [("pcapng", little as Words, 1), ("pcapng-big", big as Words, 1 << 16)]
    {
        let mut file = block(writer, 0x0A0D_0D0A, &writer(&[0x1A2B_3C4D, version, !0, !0]))?;
        // The link type and two reserved octets are halves of a word; an option: nanoseconds.
        let (link, option) = if name == "pcapng" { (1, 0x0001_0009) } else { (1 << 16, 9 << 16 | 1) };
        let resolution = [&writer(&[link, 0, option])[..], &[9, 0, 0, 0], &[0; 4]].concat();
        file.extend(block(writer, 1, &resolution)?);
        for frame in [&answer, &refused] {
            let nanos = u64::try_from(at().micros())? * 1000;
            let length = u32::try_from(frame.len())?;
            let time = [u32::try_from(nanos >> 32)?, u32::try_from(nanos & 0xFFFF_FFFF)?];
            let head = writer(&[0, time[0], time[1], length, length]);
            file.extend(block(writer, 6, &[&head[..], frame].concat())?);
        }
        write("capture", name, &file)?;
    }
    Ok(())
}

/// Writes words in an order of octets.
type Words = fn(&[u32]) -> Vec<u8>;

fn pcap(
    words: Words,
    head: &[u32],
    link: u32,
    first: &[u8],
    second: &[u8],
) -> Result<Vec<u8>, Failure> {
    let mut file = words(head);
    file.extend(words(&[0, 0, 65_535, link]));
    for frame in [first, second] {
        let length = u32::try_from(frame.len())?;
        file.extend(words(&[u32::try_from(at().seconds())?, 250_000, length, length]));
        file.extend(frame);
    }
    Ok(file)
}

/// A block of pcapng, its body padded to words.
fn block(words: Words, kind: u32, body: &[u8]) -> Result<Vec<u8>, Failure> {
    let padding = body.len().next_multiple_of(4) - body.len();
    let length = u32::try_from(12 + body.len() + padding)?;
    Ok([&words(&[kind, length])[..], body, &vec![0; padding], &words(&[length])].concat())
}

fn at() -> Timestamp {
    Timestamp::from_micros(1_643_144_400_250_000)
}

fn peer(address: impl Into<IpAddr>) -> ElemPeer {
    ElemPeer { asn: Asn(64500), address: address.into(), number: None }
}

/// A route with everything that a route can have.
fn full(next_hop: impl Into<IpAddr>) -> Route {
    let mut route = Route::new(&[Asn(64500), Asn(4837), Asn(131279)], next_hop.into());
    route.path.push((SegmentKind::Set, vec![Asn(65551), Asn(65550)]));
    route.med = Some(10);
    route.local_pref = Some(100);
    route.atomic_aggregate = true;
    route.aggregator = Some(Aggregator { asn: Asn(131279), id: [175, 45, 176, 1].into() });
    route.communities = vec![Community::BLACKHOLE, Community::NO_EXPORT, Community(4837 << 16 | 7)];
    route.large_communities = vec![LargeCommunity(131279, 1, 2)];
    route
}

const V6: [u16; 8] = [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1];

fn updates() -> Result<Vec<u8>, Failure> {
    let (v4, v6) = (peer([192, 0, 2, 1]), peer(V6));
    let blocks = [Prefix::v4(0xAF2D_B000, 22)?, Prefix::v4(0xAF2D_B100, 24)?];
    let wide = Prefix::v6(0x2001_0db8 << 96, 32)?;
    let plain = |prefix| (prefix, None);
    let mut writer = Writer::new();
    writer.state_change(at(), v4, SessionState(5), SessionState::ESTABLISHED)?;
    writer.update(at(), v4, &[], Some((&full([192, 0, 2, 1]), &blocks.map(plain))))?;
    writer.update(at().floor_second(), v4, &blocks.map(plain), None)?;
    writer.update(at(), v6, &[plain(wide)], Some((&full(V6), &[plain(wide)])))?;
    let numbered = [(blocks[0], Some(1)), (blocks[0], Some(2))];
    writer.update(at(), v4, &numbered, Some((&full([192, 0, 2, 1]), &numbered)))?;
    writer.keepalive(at(), v4)?;
    writer.notification(at(), v4, Notification { code: 4, subcode: 0 })?;
    writer.state_change(at(), v4, SessionState::ESTABLISHED, SessionState::IDLE)?;
    Ok(writer.into_octets())
}

fn table() -> Result<Vec<u8>, Failure> {
    let id = [192, 0, 2, 9].into();
    let indexed = |address: IpAddr| IndexedPeer { bgp_id: id, address, asn: Asn(64500) };
    let peers = [indexed([192, 0, 2, 1].into()), indexed(V6.into())];
    let (v4, v6) = (full([192, 0, 2, 1]), full(V6));
    let mut writer = Writer::new();
    writer.peer_index(at(), id, "view", &peers)?;
    writer.rib(at(), 0, Prefix::v4(0xAF2D_B000, 22)?, &[(0, None, &v4), (1, None, &v4)])?;
    writer.rib(at(), 1, Prefix::v6(0x2001_0db8 << 96, 32)?, &[(1, None, &v6)])?;
    writer.rib(at(), 2, Prefix::v4(0, 0)?, &[(0, Some(1), &v4), (0, Some(2), &v4)])?;
    Ok(writer.into_octets())
}

/// What only old programs wrote: TABLE_DUMP with two-octet AS numbers, and the type 5 of MRTd.
fn legacy() -> Vec<u8> {
    // ORIGIN, AS_PATH with AS_TRANS, NEXT_HOP, AS4_PATH.
    let attributes = [
        &[0x40, 1, 1, 0, 0x40, 2, 6, 2, 2, 0xFB, 0xF4, 0x5B, 0xA0][..],
        &[0x40, 3, 4, 192, 0, 2, 1],
        &[0xC0, 17, 6, 2, 1, 0, 2, 0, 0xCF],
    ]
    .concat();
    let length = u8::try_from(attributes.len()).unwrap_or(0);
    let mut entry = vec![0, 0, 0, 1, 175, 45, 176, 0, 22, 1, 0x3D, 0x3C, 0x5E, 0x2B];
    entry.extend([192, 0, 2, 1, 0xFB, 0xF4, 0, length]);
    entry.extend(&attributes);
    let mut update = vec![0xFB, 0xF4, 192, 0, 2, 1, 0xFB, 0xF0, 192, 0, 2, 9, 0, 0, 0, length];
    update.extend(&attributes);
    update.extend([22, 175, 45, 176]);
    let state = [0xFB, 0xF4, 192, 0, 2, 1, 0, 6, 0, 1];
    let records = [(12_u8, 1_u8, &entry[..]), (5, 1, &update), (5, 3, &state)];
    let mut octets = Vec::new();
    for (kind, subtype, body) in records {
        octets.extend([0x3D, 0x3C, 0x5E, 0x2B, 0, kind, 0, subtype]);
        octets.extend([0, 0, 0, u8::try_from(body.len()).unwrap_or(0)]);
        octets.extend(body);
    }
    octets
}

fn paths() -> Result<(), Failure> {
    write("as_path", "four", &[0, 2, 2, 0, 0, 0xFB, 0xF4, 0, 2, 0, 0xCF, 1, 1, 0, 1, 0, 1])?;
    write("as_path", "two", &[1, 2, 2, 0xFB, 0xF4, 0x5B, 0xA0, 3, 1, 0xFF, 1])?;
    // Twelve octets of AS4_PATH, then an AS_PATH of three hops.
    let merged =
        [25, 2, 1, 0, 2, 0, 0xCF, 1, 1, 0, 1, 0, 1, 2, 3, 0xFB, 0xF4, 0x5B, 0xA0, 0x5B, 0xA0];
    write("as_path", "merged", &merged)
}
