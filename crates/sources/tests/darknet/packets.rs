//! Packets of victims, and captures of them.

use std::net::Ipv4Addr;

use falter_model::{Attack, Fact, Observation, Timestamp};

pub(crate) const VICTIM: Ipv4Addr = Ipv4Addr::new(175, 45, 176, 81);
pub(crate) const INSIDE: &str = "175.45.176.0/22";
/// A moment that no slot of ten seconds divides: 2022-01-25T21:00:03Z.
pub(crate) const START: i64 = 1_643_144_403;

/// So many milliseconds after [`START`].
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_micros(START * 1_000_000 + ms * 1000)
}

/// A packet of TCP with these control bits.
pub(crate) fn tcp(from: Ipv4Addr, to: Ipv4Addr, bits: u8) -> Vec<u8> {
    let mut octets = vec![0; 40];
    octets[0] = 0x45;
    octets[3] = 40;
    octets[9] = 6;
    octets[12..16].copy_from_slice(&from.octets());
    octets[16..20].copy_from_slice(&to.octets());
    octets[33] = bits;
    octets
}

/// What a victim answers to a SYN from a forged source in one of three /16.
pub(crate) fn answer(number: u32) -> Vec<u8> {
    tcp(VICTIM, forged(number % 3), 0x12)
}

/// An address of the darknet, in a /16 of this number.
pub(crate) fn forged(number: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(0xC612_0000 + (number << 16) + 5)
}

/// Milliseconds: `count` of them, every `step` from `from` on.
pub(crate) fn every(from: i64, step: i64, count: i64) -> impl Iterator<Item = i64> + Clone {
    (0..count).map(move |n| from + n * step)
}

/// The attacks that were told, each at its end.
pub(crate) fn attacks(told: impl IntoIterator<Item = Observation>) -> Vec<Attack> {
    let attack = |observation: Observation| {
        let Fact::Attack(attack) = observation.fact else { panic!("an attack") };
        assert_eq!(observation.at, attack.until);
        assert!(attack.from <= attack.until);
        *attack
    };
    told.into_iter().map(attack).collect()
}

/// How a capture is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    pub(crate) link: u32,
    pub(crate) is_big: bool,
    pub(crate) has_nanoseconds: bool,
}

/// Raw IP, little-endian, with microseconds.
pub(crate) const PLAIN: Form = Form { link: 101, is_big: false, has_nanoseconds: false };

impl Form {
    /// A pcap of these packets, with `before` in front of each.
    pub(crate) fn pcap(self, before: &[u8], packets: &[(Timestamp, Vec<u8>)]) -> Vec<u8> {
        let word = |word: u32| if self.is_big { word.to_be_bytes() } else { word.to_le_bytes() };
        let magic = if self.has_nanoseconds { 0xA1B2_3C4D } else { 0xA1B2_C3D4 };
        let version = if self.is_big { [0, 2, 0, 4] } else { [2, 0, 4, 0] };
        let mut file = word(magic).to_vec();
        file.extend(version);
        file.extend([0, 0, 65_535, self.link].map(word).concat());
        for (at, packet) in packets {
            let frame = [before, packet].concat();
            let part = at.micros() % 1_000_000 * if self.has_nanoseconds { 1000 } else { 1 };
            let length = u32::try_from(frame.len()).unwrap();
            let (seconds, part) =
                (u32::try_from(at.seconds()).unwrap(), u32::try_from(part).unwrap());
            file.extend([seconds, part, length, length].map(word).concat());
            file.extend(frame);
        }
        file
    }
}

/// A pcapng of these packets, little-endian, raw IP, with times in units of 10^-`digits` s.
pub(crate) fn pcapng(digits: u8, packets: &[(Timestamp, Vec<u8>)]) -> Vec<u8> {
    let block = |kind: u32, body: &[u8]| {
        let length = u32::try_from(body.len() + 12).unwrap().to_le_bytes();
        [&kind.to_le_bytes()[..], &length, body, &length].concat()
    };
    let section = [&0x1A2B_3C4D_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xFF; 8]].concat();
    let interface =
        [&[101, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, digits, 0, 0, 0][..], &[0; 4]].concat();
    let mut file = [block(0x0A0D_0D0A, &section), block(1, &interface)].concat();
    for (at, packet) in packets {
        let units = u128::try_from(at.micros()).unwrap() * 10_u128.pow(digits.into()) / 1_000_000;
        let units = u64::try_from(units).unwrap();
        let (high, low) = (u32::try_from(units >> 32).unwrap(), units & 0xFFFF_FFFF);
        let length = u32::try_from(packet.len()).unwrap();
        let head =
            [0, high, u32::try_from(low).unwrap(), length, length].map(u32::to_le_bytes).concat();
        file.extend(block(6, &[&head[..], packet].concat()));
    }
    file
}
