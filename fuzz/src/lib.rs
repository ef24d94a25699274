//! What each fuzz target does with its octets: plain functions, which libFuzzer calls on nightly and
//! a test calls on stable, over the corpora and mutations of them.
//!
//! A target decodes everything that can be decoded, and checks what must hold for any input. To add
//! one: a function and a line in [`TARGETS`] here, a file in `targets/`, a `[[bin]]` in Cargo.toml, and
//! seeds in `corpus/NAME/`.

use std::hint::black_box;
use std::io::Write as _;

use falter_model::Interned;
use falter_networks::AddressTable;
use falter_sources::archive::{InputArg, Inputs};
use falter_sources::recording;
use falter_sources::series::SeriesReader;
use falter_wire::bgp::{AddPath, AsPath, AsnWidth, Attributes, Message, Session};
use falter_wire::backscatter::heard;
use falter_wire::bmp;
use falter_wire::capture::{Capture, Framed};
use falter_wire::mrt::{self, Line, StateLine, Told};
use falter_wire::ris_live::Frame;
use falter_wire::packet::{Datagram, Icmp, IcmpVersion, Ipv4, Ipv6, trouble_name};

/// A fuzz target: its name, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by name.
pub const TARGETS: &[Target] = &[
    ("mrt", mrt as fn(&[u8])),
    ("bgp_message", bgp_message),
    ("attributes", attributes),
    ("as_path", as_path),
    ("packet", packet),
    ("capture", capture),
    ("recording", recording),
    ("series", series),
    ("profile", profile),
    ("address_table", address_table),
    ("archive", archive),
    ("bmp", bmp),
    ("ris_live", ris_live),
];

/// A whole archive: framing, all records, all elems as text. Records are told in order and once, and
/// faults lie within the archive.
pub fn mrt(octets: &[u8]) {
    let mut last = 0;
    black_box(mrt::looks_like_mrt(octets));
    mrt::read(octets, |told| match told {
        Told::Elem(record, elem) => {
            black_box(Line::new(record, elem).to_string());
        }
        Told::State(record, state) => {
            black_box(StateLine::new(record, state).to_string());
        }
        Told::Fault { record, fault } => {
            assert!(record >= last, "a record at {record} after one at {last}");
            assert!(record + fault.what.offset() <= octets.len(), "beyond the archive: {fault}");
            last = record;
        }
    });
}

/// One BGP message. The first octet chooses what the session agreed on.
pub fn bgp_message(octets: &[u8]) {
    let Some((choice, octets)) = octets.split_first() else { return };
    if let Ok(Message::Update(update)) = Message::decode(octets, session(*choice)) {
        update.visit(|route| match route {
            Ok(route) => {
                if let Some(attributes) = route.attributes {
                    ask_everything(attributes);
                }
                black_box(route.prefix.to_string());
            }
            Err(fault) => {
                assert!(fault.what.offset() <= octets.len(), "beyond the message: {fault}")
            }
        });
    }
}

/// The attributes of an update. The first octet chooses what the session agreed on.
pub fn attributes(octets: &[u8]) {
    let Some((choice, octets)) = octets.split_first() else { return };
    let mut n_faults = 0;
    let (attributes, usable) = Attributes::decode(octets, session(*choice), |fault| {
        n_faults += 1;
        assert!(fault.what.offset() <= octets.len(), "beyond the attributes: {fault}");
    });
    assert!(usable || n_faults > 0, "not usable, but nothing is wrong");
    ask_everything(&attributes);
}

/// A path. The first octet chooses the width of AS numbers and how much of the rest is AS4_PATH.
pub fn as_path(octets: &[u8]) {
    let Some((choice, octets)) = octets.split_first() else { return };
    let width = session(*choice).width;
    let as4 = if width == AsnWidth::Two { usize::from(*choice >> 1).min(octets.len()) } else { 0 };
    let (as4, own) = octets.split_at(as4);
    let Ok(path) = AsPath::decode(own, width, as4) else { return };
    let mut flat = Vec::new();
    path.flatten(&mut flat);
    let asns: usize = path.segments().map(|segment| segment.asns().len()).sum();
    assert_eq!(flat.len(), asns);
    if let Some(origin) = path.origin_asn() {
        assert_eq!(flat.last(), Some(&origin));
    }
    black_box(path.to_string());
}

/// A packet that a probe may hear, from its IP header on. What can be read as an echo is written the
/// same again.
pub fn packet(octets: &[u8]) {
    let (version, payload) = match (Ipv4::decode(octets), Ipv6::decode(octets)) {
        (Ok(packet), _) => (IcmpVersion::V4, packet.payload),
        (_, Ok(packet)) => (IcmpVersion::V6, packet.payload),
        _ => return,
    };
    let mut written = Vec::new();
    match Icmp::decode(payload, version) {
        Ok(Icmp::Request(echo)) => {
            echo.encode_request(version, &mut written);
            assert_eq!(Icmp::decode(&written, version), Ok(Icmp::Request(echo)));
        }
        Ok(Icmp::Reply(echo)) => {
            echo.encode_reply(version, &mut written);
            assert_eq!(Icmp::decode(&written, version), Ok(Icmp::Reply(echo)));
        }
        Ok(Icmp::Trouble(trouble)) => {
            black_box(trouble_name(version, trouble.kind, trouble.code));
        }
        Ok(Icmp::Other(_)) | Err(_) => {}
    }
}

/// A capture: framing, all packets, and what they are at a darknet. Records lie one after the other, faults and
/// packets within them, and the next record is searched for further on.
pub fn capture(octets: &[u8]) {
    let (mut capture, mut last, mut rest) = (Capture::default(), None, octets);
    while !rest.is_empty() {
        let length = match capture.frame(rest) {
            Ok(Framed::Record(record)) => {
                match capture.read(&record) {
                    Ok(Some(packet)) => {
                        assert!(packet.octets.len() <= record.octets());
                        last = Some(packet.at);
                        if let Ok(datagram) = Datagram::decode(packet.octets) {
                            assert!(datagram.payload.len() <= packet.octets.len());
                            black_box(heard(&datagram));
                        }
                    }
                    Ok(None) => {}
                    Err(fault) => assert!(fault.what.offset() <= record.octets(), "{fault}"),
                }
                record.octets()
            }
            Ok(Framed::NeedMore { octets }) => {
                assert!(octets > rest.len() && capture.cut_off(rest).is_some());
                return;
            }
            Err(fault) => {
                assert!(fault.what.offset() <= rest.len(), "beyond the window: {fault}");
                capture.resync(rest, last)
            }
        };
        assert!((1..=rest.len()).contains(&length), "{length} of {}", rest.len());
        rest = &rest[length..];
    }
}

fn session(choice: u8) -> Session {
    let width = if choice & 1 == 0 { AsnWidth::Four } else { AsnWidth::Two };
    Session { width, add_path: AddPath::of_all(choice & 2 != 0) }
}

fn ask_everything(attributes: &Attributes<'_>) {
    let mut path = Vec::new();
    attributes.path(&mut path);
    black_box((path.len(), attributes.origin_asn(), attributes.is_blackholed()));
    black_box((attributes.origin(), attributes.med(), attributes.local_pref()));
    black_box((attributes.aggregator(), attributes.communities().count()));
    black_box(attributes.large_communities().count());
    for family in [falter_model::Family::V4, falter_model::Family::V6] {
        black_box(attributes.next_hop(family));
    }
}

/// Lines of a recording. What can be read can be written, and reads the same again.
pub fn recording(octets: &[u8]) {
    let mut interned = Interned::new();
    for line in octets.split(|octet| *octet == b'\n') {
        let Ok(observation) = recording::read_line(line, &mut interned) else { continue };
        let mut written = Vec::new();
        if recording::write_line(&mut written, &observation, &interned).is_ok() {
            let again = recording::read_line(&written, &mut interned);
            assert_eq!(again.ok(), Some(observation), "{}", String::from_utf8_lossy(&written));
        }
    }
}

/// A series as CSV.
pub fn series(octets: &[u8]) {
    for row in SeriesReader::new(octets) {
        if let Ok(row) = row {
            assert!(row.value.value.is_none_or(f64::is_finite), "{row:?}");
        }
    }
}

/// The TOML of a profile, and what is found wrong with it.
pub fn profile(octets: &[u8]) {
    if let Ok(text) = std::str::from_utf8(octets)
        && let Ok(profile) = falter_networks::parse(text, "fuzz")
    {
        black_box(falter_networks::check(&profile));
    }
}

/// An address table, MMDB or CSV.
pub fn address_table(octets: &[u8]) {
    if let Ok((table, bad)) = AddressTable::read(octets) {
        black_box((table.len(), bad.len()));
    }
}

/// A file of any kind, compressed or not, as `falter replay` reads it.
pub fn archive(octets: &[u8]) {
    let Ok(mut file) = tempfile::NamedTempFile::new() else { return };
    if file.write_all(octets).is_err() {
        return;
    }
    let Ok(mut inputs) = Inputs::open(&[InputArg::from(file.path().to_path_buf())]) else { return };
    let (mut interned, mut batch, mut observations) = (Interned::new(), Vec::new(), 0);
    while inputs.read(&mut interned, &mut batch) {
        observations += batch.len();
        batch.clear();
        // An octet can say little: this many are a hang, or memory without a bound.
        assert!(observations < 10_000_000, "{observations} observations");
    }
}

/// A stream of BMP, however it is cut. Updates are read as if path identifiers were agreed on and as if
/// they were not; what is told lies within the message.
pub fn bmp(octets: &[u8]) {
    let mut rest = octets;
    while let Ok(bmp::Framed::Message(raw)) = bmp::frame(rest) {
        assert!(raw.octets() <= rest.len());
        match raw.decode() {
            Ok(bmp::Message::RouteMonitoring(routes)) => {
                for add_path in [AddPath::NONE, AddPath::of_all(true)] {
                    if let Ok(Message::Update(update)) = routes.message(add_path) {
                        black_box(update.end_of_rib());
                        update.visit(|route| {
                            black_box(route.is_ok());
                        });
                    }
                }
            }
            Ok(bmp::Message::PeerDown(down)) => {
                black_box(down.reason.to_string());
            }
            Ok(bmp::Message::PeerUp(up)) => {
                black_box(up.add_path());
            }
            Ok(other) => {
                black_box(other);
            }
            Err(fault) => assert!(fault.what.offset() <= raw.octets(), "beyond: {fault}"),
        }
        rest = &rest[raw.octets()..];
    }
}

/// A frame of RIS Live.
pub fn ris_live(octets: &[u8]) {
    match Frame::decode(octets) {
        Ok(frame) => {
            black_box(frame);
        }
        Err(falter_wire::ris_live::FrameError::Json { offset, .. }) => {
            assert!(offset <= octets.len(), "beyond the frame: {offset}");
        }
        Err(error) => {
            black_box(error.to_string());
        }
    }
}
