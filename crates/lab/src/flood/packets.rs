//! A flood's packets, with their IP headers (RFC 791), as small as they can be.

use std::net::Ipv4Addr;

use super::Packet;
use crate::country;
use crate::faults::Dice;

/// Octets of a UDP packet: with the 14 of Ethernet a frame of 60, the least there is. Larger ones would
/// let keepalives of 85 octets slip into what is left of a queue.
const SMALL: usize = 46;
/// Octets of a packet of bulk traffic. Beside such a one small packets find room in a queue: they are late,
/// and sessions stay.
const LARGE: usize = 1_400;
/// Octets of an IP header without options.
const IP: usize = 20;
/// Octets of a UDP header.
const UDP: usize = 8;
/// Octets of a TCP header without options.
const TCP: usize = 20;
/// What a flood's packets may pass on their way.
const TTL: u8 = 64;

/// A packet of a flood. The kernel fills in the header's checksum (raw(7)).
pub(super) fn build(
    packet: Packet,
    source: Ipv4Addr,
    target: Ipv4Addr,
    dice: &mut Dice,
) -> Vec<u8> {
    match packet {
        Packet::Udp => discarded(SMALL, source, target, dice),
        Packet::Bulk => discarded(LARGE, source, target, dice),
        Packet::Syn { port } => syn(spoofed(dice), target, port, dice),
        Packet::Question { victim } => {
            let question = question(dice);
            let mut octets = ip(IP + UDP + question.len(), 17, victim, target);
            udp(&mut octets, high_port(dice), 53, question.len());
            octets.extend(question);
            octets
        }
    }
}

/// UDP to the discard service; from any port, so that flows look like many.
fn discarded(length: usize, source: Ipv4Addr, target: Ipv4Addr, dice: &mut Dice) -> Vec<u8> {
    let mut octets = ip(length, 17, source, target);
    udp(&mut octets, high_port(dice), 9, length - IP - UDP);
    octets.resize(length, 0);
    octets
}

fn ip(length: usize, protocol: u8, source: Ipv4Addr, target: Ipv4Addr) -> Vec<u8> {
    let mut octets = Vec::with_capacity(length);
    octets.extend([0x45, 0]);
    octets.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
    octets.extend([0, 0, 0, 0, TTL, protocol, 0, 0]);
    octets.extend(source.octets());
    octets.extend(target.octets());
    octets
}

/// A UDP header without a checksum, which IPv4 allows (RFC 768).
fn udp(octets: &mut Vec<u8>, from: u16, to: u16, content: usize) {
    octets.extend(from.to_be_bytes());
    octets.extend(to.to_be_bytes());
    octets.extend(u16::try_from(UDP + content).unwrap_or(u16::MAX).to_be_bytes());
    octets.extend([0, 0]);
}

/// A SYN (RFC 9293, section 3.1).
fn syn(source: Ipv4Addr, target: Ipv4Addr, port: u16, dice: &mut Dice) -> Vec<u8> {
    let mut tcp = Vec::with_capacity(TCP);
    tcp.extend(high_port(dice).to_be_bytes());
    tcp.extend(port.to_be_bytes());
    tcp.extend(dice.octets());
    // No acknowledgment; five words of header, SYN, a window; checksum and urgent pointer.
    tcp.extend([0, 0, 0, 0, 0x50, 0x02, 0xFF, 0xFF, 0, 0, 0, 0]);
    let sum = checksum(source, target, &tcp);
    if let Some(place) = tcp.get_mut(16..18) {
        place.copy_from_slice(&sum.to_be_bytes());
    }
    let mut octets = ip(IP + TCP, 6, source, target);
    octets.extend(tcp);
    octets
}

/// The Internet checksum (RFC 1071) of a TCP segment with its pseudo header.
fn checksum(source: Ipv4Addr, target: Ipv4Addr, segment: &[u8]) -> u16 {
    let [high, low] = u16::try_from(segment.len()).unwrap_or(u16::MAX).to_be_bytes();
    let pseudo = [source.octets(), target.octets(), [0, 6, high, low]].concat();
    let sum: u32 = pseudo
        .chunks(2)
        .chain(segment.chunks(2))
        .map(|pair| match *pair {
            [first, second] => u32::from(u16::from_be_bytes([first, second])),
            [first] => u32::from(first) << 8,
            _ => 0,
        })
        .sum();
    let folded = (sum & 0xFFFF) + (sum >> 16);
    let folded = (folded & 0xFFFF) + (folded >> 16);
    !u16::try_from(folded).unwrap_or(u16::MAX)
}

/// A source that nobody asked: half of them in the darknet, where the answers are seen, the others
/// anywhere in the rest of the world's table, where nobody looks.
fn spoofed(dice: &mut Dice) -> Ipv4Addr {
    let [first, second, third, choice] = dice.octets();
    if choice < 128 {
        let [high, low, ..] = country::DARKNET.octets();
        Ipv4Addr::new(high, low, first, second)
    } else {
        Ipv4Addr::new(20, first, second, third)
    }
}

/// What `dig +bufsize=4096 large.reflector TXT` asks (RFC 1035, section 4; RFC 6891, section 6.1).
fn question(dice: &mut Dice) -> Vec<u8> {
    let [first, second, ..] = dice.octets();
    let mut octets = vec![first, second, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1];
    for label in country::LARGE_NAME.split('.') {
        octets.push(u8::try_from(label.len()).unwrap_or(63));
        octets.extend(label.bytes());
    }
    // The root; type TXT, class IN; then OPT with room for 4,096 octets.
    octets.extend([0, 0, 16, 0, 1]);
    octets.extend([0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0]);
    octets
}

/// A port above the well-known ones.
fn high_port(dice: &mut Dice) -> u16 {
    let [first, second, ..] = dice.octets();
    u16::from_be_bytes([first | 0x40, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: Ipv4Addr = Ipv4Addr::new(198, 18, 11, 66);
    const TARGET: Ipv4Addr = Ipv4Addr::new(175, 45, 176, 81);

    #[test]
    fn a_frame_is_as_small_as_frames_are() {
        let packet = build(Packet::Udp, SOURCE, TARGET, &mut Dice::new(1));
        assert_eq!(packet.len() + 14, 60);
        assert_eq!(packet[12..20], [198, 18, 11, 66, 175, 45, 176, 81]);
    }

    #[test]
    fn bulk_is_as_long_as_it_says() {
        let packet = build(Packet::Bulk, SOURCE, TARGET, &mut Dice::new(1));
        assert_eq!((packet.len(), u16::from_be_bytes([packet[2], packet[3]])), (1_400, 1_400));
    }

    #[test]
    fn half_of_the_answers_to_a_syn_go_to_the_darknet() {
        let mut dice = Dice::new(1);
        let sources = (0..1000).map(|_| build(Packet::Syn { port: 80 }, SOURCE, TARGET, &mut dice));
        let dark = sources.filter(|packet| packet[12..14] == [198, 19]).count();
        assert!((400..600).contains(&dark), "{dark}");
    }

    #[test]
    fn a_segment_with_its_checksum_sums_to_nothing() {
        let packet = build(Packet::Syn { port: 179 }, SOURCE, TARGET, &mut Dice::new(3));
        let source = Ipv4Addr::new(packet[12], packet[13], packet[14], packet[15]);
        assert_eq!(checksum(source, TARGET, &packet[20..]), 0);
    }

    #[test]
    fn a_question_comes_from_the_victim() {
        let packet = build(Packet::Question { victim: TARGET }, SOURCE, SOURCE, &mut Dice::new(3));
        assert_eq!(packet[12..16], TARGET.octets());
        assert!(packet.windows(9).any(|window| window == b"reflector"));
    }
}
