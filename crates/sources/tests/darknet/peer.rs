//! Another reader's word on what is in a capture: pcap-parser.

use std::io::{Cursor, Read};
use std::path::Path;

use falter_model::Timestamp;
use falter_sources::darknet::Packets;
use pcap_parser::{Block, PcapBlockOwned, PcapError, create_reader};

use crate::packets::{Form, PLAIN, answer, at, pcapng};

/// When each packet was captured, and its frame.
type Frames = Vec<(Timestamp, Vec<u8>)>;

const BUFFER_OCTETS: usize = 1 << 16;

fn time(seconds: u64, part: u64, per_second: u64) -> Timestamp {
    let micros = i64::try_from(part * 1_000_000 / per_second).unwrap();
    Timestamp::from_micros(i64::try_from(seconds).unwrap() * 1_000_000 + micros)
}

fn of_the_peer(file: &[u8]) -> Frames {
    let mut reader = create_reader(BUFFER_OCTETS, Cursor::new(file)).unwrap();
    let (mut frames, mut resolutions, mut per_second) = (Frames::new(), Vec::new(), 1_000_000);
    loop {
        let consumed = match reader.next() {
            Ok((consumed, block)) => {
                match block {
                    PcapBlockOwned::LegacyHeader(header) if header.is_nanosecond_precision() => {
                        per_second = 1_000_000_000;
                    }
                    PcapBlockOwned::Legacy(packet) => {
                        let at = time(packet.ts_sec.into(), packet.ts_usec.into(), per_second);
                        let captured = usize::try_from(packet.caplen).unwrap();
                        frames.push((at, packet.data[..captured].to_vec()));
                    }
                    PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
                        resolutions.push(interface.ts_resolution().unwrap());
                    }
                    PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                        let resolution = resolutions[usize::try_from(packet.if_id).unwrap()];
                        let (seconds, part) = packet.decode_ts(0, resolution);
                        let at = time(seconds.into(), part.into(), resolution);
                        let captured = usize::try_from(packet.caplen).unwrap();
                        frames.push((at, packet.data[..captured].to_vec()));
                    }
                    PcapBlockOwned::LegacyHeader(_) | PcapBlockOwned::NG(_) => {}
                }
                consumed
            }
            Err(PcapError::Eof) => return frames,
            Err(PcapError::Incomplete(_)) => {
                reader.refill().unwrap();
                continue;
            }
            Err(error) => panic!("{error:?}"),
        };
        reader.consume(consumed);
    }
}

/// Every packet, without what the link put before it.
fn of_ours(file: &[u8]) -> Frames {
    let mut packets = Packets::growing(Box::new(Cursor::new(file.to_vec())));
    let mut frames = Frames::new();
    while let Some(at) = packets.advance(|offset, error| panic!("{offset}: {error}")) {
        frames.push((at, packets.packet().to_vec()));
    }
    frames
}

/// `link` octets stand before each packet.
fn check(file: &[u8], count: usize, link: usize) {
    let mut theirs = of_the_peer(file);
    for (_, frame) in &mut theirs {
        frame.drain(..link);
    }
    assert_eq!(of_ours(file), theirs);
    assert_eq!(theirs.len(), count);
}

#[test]
fn every_packet_is_what_another_reader_finds() {
    let sent: Frames = (0..200).map(|n| (at(i64::from(n) * 7), answer(n))).collect();
    let ethernet = [&[0; 12][..], &[8, 0]].concat();
    for is_big in [false, true] {
        for has_nanoseconds in [false, true] {
            let form = Form { is_big, has_nanoseconds, ..PLAIN };
            check(&form.pcap(&[], &sent), 200, 0);
            check(&Form { link: 1, ..form }.pcap(&ethernet, &sent), 200, ethernet.len());
        }
    }
    for resolution in [3, 6, 9] {
        check(&pcapng(resolution, &sent), 200, 0);
    }
}

#[test]
fn a_capture_of_the_testbed_is_what_another_reader_finds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = path.join("tests/darknet/data/syn-flood-server.pcap.gz");
    let mut file = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_end(&mut file)
        .unwrap();
    check(&file, 390, 0);
}
