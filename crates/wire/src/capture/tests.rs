//! Every form of a capture, cut, damaged and joined.

use proptest::prelude::*;

use super::*;

const SECONDS: u32 = 1_643_144_400;

/// Writes words in an order.
#[derive(Clone, Copy)]
struct Writer {
    is_big: bool,
}

impl Writer {
    fn word(self, word: u32) -> [u8; 4] {
        if self.is_big { word.to_be_bytes() } else { word.to_le_bytes() }
    }

    fn half(self, half: u16) -> [u8; 2] {
        if self.is_big { half.to_be_bytes() } else { half.to_le_bytes() }
    }

    fn words(self, words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| self.word(*word)).collect()
    }

    fn pcap(self, magic: u32, link: u32) -> Vec<u8> {
        let version = [self.half(2), self.half(4)].concat();
        [&self.word(magic)[..], &version, &self.words(&[0, 0, 65_535, link])].concat()
    }

    fn record(self, fraction: u32, frame: &[u8]) -> Vec<u8> {
        let length = u32::try_from(frame.len()).unwrap();
        [&self.words(&[SECONDS, fraction, length, 1500])[..], frame].concat()
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let padded = body.len().next_multiple_of(4);
        let length = self.word(u32::try_from(padded + 12).unwrap());
        let padding = vec![0; padded - body.len()];
        [&self.word(kind)[..], &length, body, &padding, &length].concat()
    }

    fn section(self) -> Vec<u8> {
        let version = [self.half(1), self.half(0)].concat();
        self.block(0x0A0D_0D0A, &[&self.word(0x1A2B_3C4D)[..], &version, &[0xFF; 8]].concat())
    }

    fn interface(self, link: u16, options: &[u8]) -> Vec<u8> {
        self.block(1, &[&self.half(link)[..], &[0; 6], options].concat())
    }

    fn resolution(self, resolution: u8) -> Vec<u8> {
        [&self.half(9)[..], &self.half(1), &[resolution, 0, 0, 0], &[0; 4]].concat()
    }

    fn packet(self, interface: u32, time: u64, frame: &[u8]) -> Vec<u8> {
        let (high, low) = (u32::try_from(time >> 32).unwrap(), time & 0xFFFF_FFFF);
        let length = u32::try_from(frame.len()).unwrap();
        let head = [interface, high, u32::try_from(low).unwrap(), length, length];
        self.block(6, &[&self.words(&head)[..], frame].concat())
    }
}

const BOTH: [Writer; 2] = [Writer { is_big: true }, Writer { is_big: false }];

/// Packets, by the microsecond.
type Captured = Vec<(i64, Vec<u8>)>;

/// The packets of a file, and the faults with their places in it.
fn read(file: &[u8]) -> (Captured, Vec<(usize, Cost)>) {
    let (mut capture, mut place, mut last) = (Capture::default(), 0, None);
    let (mut packets, mut faults) = (Vec::new(), Vec::new());
    while place < file.len() {
        let window = &file[place..];
        match capture.frame(window) {
            Ok(Framed::Record(record)) => {
                match capture.read(&record) {
                    Ok(Some(packet)) => {
                        last = Some(packet.at);
                        packets.push((packet.at.micros(), packet.octets.to_vec()));
                    }
                    Ok(None) => {}
                    Err(fault) => faults.push((place, fault.cost)),
                }
                place += record.octets();
            }
            Ok(Framed::NeedMore { octets }) => {
                assert!(octets > window.len(), "enough is there");
                faults.push((place, capture.cut_off(window).unwrap().cost));
                break;
            }
            Err(fault) => {
                faults.push((place, fault.cost));
                let skip = capture.resync(window, last);
                assert!((1..=window.len()).contains(&skip));
                place += skip;
            }
        }
    }
    (packets, faults)
}

fn check(file: &[u8], micros: &[i64]) {
    let (packets, faults) = read(file);
    let start = i64::from(SECONDS) * 1_000_000;
    let expected: Vec<_> =
        micros.iter().map(|micros| (start + micros, b"E-packet".to_vec())).collect();
    assert_eq!((packets, faults), (expected, vec![]));
}

fn pcap_of(writer: Writer, n: u32) -> Vec<u8> {
    let mut file = writer.pcap(0xA1B2_C3D4, 101);
    (0..n).for_each(|n| file.extend(writer.record(n, b"E-packet")));
    file
}

fn time(units_in_a_second: u64, part: u64) -> u64 {
    u64::from(SECONDS) * units_in_a_second + part
}

#[test]
fn pcap_is_read_in_both_orders_and_resolutions() {
    for writer in BOTH {
        check(&pcap_of(writer, 2), &[0, 1]);
        let nanoseconds =
            [writer.pcap(0xA1B2_3C4D, 101), writer.record(7_999, b"E-packet")].concat();
        check(&nanoseconds, &[7]);
        // Length of checksums beside the type of the link.
        let checked = [writer.pcap(0xA1B2_C3D4, 0x5400_0065), writer.record(3, b"E-packet")];
        check(&checked.concat(), &[3]);
    }
}

#[test]
fn pcapng_is_read_in_both_orders_with_every_resolution() {
    for writer in BOTH {
        let mut file = [writer.section(), writer.interface(101, &[])].concat();
        file.extend(writer.interface(101, &writer.resolution(9)));
        file.extend(writer.interface(101, &writer.resolution(0x80 | 0x0a)));
        // Statistics, and a block of nobody.
        file.extend([writer.block(5, &[0; 12]), writer.block(0x0000_0BAD, b"local")].concat());
        file.extend(writer.packet(0, time(1_000_000, 1), b"E-packet"));
        file.extend(writer.packet(1, time(1_000_000_000, 2_000), b"E-packet"));
        file.extend(writer.packet(2, time(1024, 512), b"E-packet"));
        check(&file, &[1, 2, 500_000]);
    }
}

#[test]
fn an_offset_of_seconds_is_added() {
    let writer = BOTH[1];
    let option = [&writer.half(14)[..], &writer.half(8), &(-7_i64).to_le_bytes()].concat();
    let mut file = [writer.section(), writer.interface(101, &option)].concat();
    file.extend(writer.packet(0, time(1_000_000, 7_000_001), b"E-packet"));
    check(&file, &[1]);
}

#[test]
fn files_that_were_joined_are_read_on() {
    check(&[pcap_of(BOTH[0], 1), pcap_of(BOTH[1], 2)].concat(), &[0, 0, 1]);
    let section = |writer: Writer| {
        let packet = writer.packet(0, time(1_000_000, 1), b"E-packet");
        [writer.section(), writer.interface(101, &[]), packet].concat()
    };
    check(&[section(BOTH[0]), section(BOTH[1])].concat(), &[1, 1]);
}

#[test]
fn what_is_unknown_costs_its_packets_and_is_told_once() {
    let writer = BOTH[1];
    let file = [writer.pcap(0xA1B2_C3D4, 147), writer.record(1, b"E"), writer.record(2, b"E")];
    assert_eq!(read(&file.concat()), (vec![], vec![(0, Cost::Packets)]));
    let mut file = [writer.section(), writer.interface(147, &[])].concat();
    let second = file.len();
    // A resolution that 64 bits do not hold.
    file.extend(writer.interface(101, &writer.resolution(99)));
    file.extend(writer.packet(0, time(1_000_000, 1), b"E"));
    file.extend(writer.packet(1, time(1_000_000, 1), b"E"));
    let third = file.len();
    file.extend(writer.packet(2, time(1_000_000, 1), b"E"));
    let fourth = file.len();
    file.extend(writer.block(3, &[0; 8]));
    let (packets, faults) = read(&file);
    assert!(packets.is_empty());
    let costs = [Cost::Packets, Cost::Packets, Cost::Record, Cost::Record];
    let places = [writer.section().len(), second, third, fourth];
    assert_eq!(faults, places.into_iter().zip(costs).collect::<Vec<_>>());
}

#[test]
fn damage_costs_itself() {
    for writer in BOTH {
        let mut file = pcap_of(writer, 5);
        // The second packet claims gigabytes.
        let second = 24 + 24;
        file[second + 8..second + 12].fill(0xFF);
        let (packets, faults) = read(&file);
        assert_eq!((packets.len(), faults), (4, vec![(second, Cost::Framing)]));

        let mut file = [writer.section(), writer.interface(101, &[])].concat();
        let first = file.len();
        (0..5).for_each(|n| file.extend(writer.packet(0, time(1_000_000, n), b"E-packet")));
        let length = (file.len() - first) / 5;
        for damaged in [first + length + 4, first + 2 * length - 1] {
            let mut file = file.clone();
            file[damaged] ^= 0x55;
            let (packets, faults) = read(&file);
            assert_eq!((packets.len(), faults), (4, vec![(first + length, Cost::Framing)]));
        }
    }
}

#[test]
fn a_capture_is_known_by_its_head() {
    for writer in BOTH {
        assert!(looks_like_capture(&pcap_of(writer, 0)));
        assert!(looks_like_capture(&writer.section()));
        assert!(!looks_like_capture(&writer.word(0xA1B2_C3D5)));
    }
    assert_eq!(read(b"no capture").1, [(0, Cost::Framing)]);
}

proptest! {
    #[test]
    fn every_truncation_gives_what_is_whole(cut in 0_usize..1000, is_big: bool, is_ng: bool) {
        let writer = Writer { is_big };
        let file = if is_ng {
            let head = [writer.section(), writer.interface(101, &[])].concat();
            let packets = (0..9).flat_map(|n| writer.packet(0, time(1_000_000, n), b"E-packet"));
            head.into_iter().chain(packets).collect()
        } else {
            pcap_of(writer, 9)
        };
        let whole = read(&file).0;
        let file = &file[..cut.min(file.len())];
        let (packets, faults) = read(file);
        prop_assert_eq!(&packets[..], &whole[..packets.len()]);
        prop_assert!(faults.len() <= 1);
    }

    #[test]
    fn octets_of_any_kind_are_survived(
        is_big: bool,
        is_ng: bool,
        octets in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let writer = Writer { is_big };
        let head = if is_ng { writer.section() } else { writer.pcap(0xA1B2_C3D4, 1) };
        read(&[&head[..], &octets].concat());
        read(&octets);
    }
}
