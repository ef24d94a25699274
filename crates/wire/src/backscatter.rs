//! What arrives at addresses that nobody uses: answers of victims to packets whose sources were forged,
//! and what is none of that.

use std::net::IpAddr;

use crate::capture::{Captured, ICMP, ICMP_V6, TCP, UDP};

/// What a packet at a darknet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// An answer to what nobody here asked.
    Backscatter(Backscatter),
    /// Somebody looks for machines.
    Scan,
    /// Neither, as far as one packet tells: misdirected, or a question over UDP.
    Other,
}

/// An answer to what nobody here asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backscatter {
    /// Who was flooded.
    pub victim: IpAddr,
    /// With what: `tcp`, `udp`, `icmp`; `other` for the rest.
    pub protocol: &'static str,
    /// The address here that was forged as the flood's source.
    pub forged: IpAddr,
}

/// Flags of TCP (RFC 9293, section 3.1).
const SYN: u8 = 0x02;
/// See [`SYN`].
const RST: u8 = 0x04;
/// See [`SYN`].
const ACK: u8 = 0x10;

/// Says what a packet at a darknet is, by Moore, Voelker and Savage, "Inferring Internet Denial-of-Service
/// Activity" (USENIX Security 2001), as CAIDA's corsaro has it: SYN with ACK or RST of TCP; of ICMP
/// replies (0, 14, 16, 18) and errors (3, 4, 5, 11, 12), whose quoted packet names victim and
/// protocol, since a router may tell of the victim. Of `ICMPv6` the replies (129) and errors (1 to 4).
pub fn heard(packet: &Captured<'_>) -> Heard {
    let answer = |victim, protocol| {
        Heard::Backscatter(Backscatter { victim, protocol, forged: packet.destination })
    };
    match packet.protocol {
        TCP => match packet.payload.get(13) {
            Some(flags) if flags & RST != 0 => answer(packet.source, "tcp"),
            Some(flags) if flags & (SYN | ACK) == SYN | ACK => answer(packet.source, "tcp"),
            Some(flags) if flags & (SYN | ACK) == SYN => Heard::Scan,
            _ => Heard::Other,
        },
        ICMP => match packet.payload.first() {
            Some(0 | 14 | 16 | 18) => answer(packet.source, "icmp"),
            Some(3 | 4 | 5 | 11 | 12) => error(packet),
            Some(8 | 13 | 15 | 17) => Heard::Scan,
            _ => Heard::Other,
        },
        ICMP_V6 => match packet.payload.first() {
            Some(129) => answer(packet.source, "icmp"),
            Some(1..=4) => error(packet),
            Some(128) => Heard::Scan,
            _ => Heard::Other,
        },
        _ => Heard::Other,
    }
}

/// An ICMP error, by the packet that it quotes behind eight octets.
fn error(packet: &Captured<'_>) -> Heard {
    let quoted = packet.payload.get(8..).and_then(|quoted| Captured::decode(quoted).ok());
    let Some(quoted) = quoted else { return Heard::Other };
    let protocol = match quoted.protocol {
        TCP => "tcp",
        UDP => "udp",
        ICMP | ICMP_V6 => "icmp",
        _ => "other",
    };
    let (victim, forged) = (quoted.destination, packet.destination);
    Heard::Backscatter(Backscatter { victim, protocol, forged })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTER: [u8; 4] = [192, 0, 2, 1];
    const DARK: [u8; 4] = [198, 19, 3, 4];
    const VICTIM: [u8; 4] = [175, 45, 176, 81];

    fn check(protocol: u8, payload: &[u8], expected: Option<([u8; 4], &str)>) {
        let (source, destination) = (ROUTER.into(), DARK.into());
        let packet = Captured { source, destination, protocol, payload };
        let found = match heard(&packet) {
            Heard::Backscatter(found) => {
                assert_eq!(found.forged, IpAddr::from(DARK));
                Some((found.victim, found.protocol))
            }
            Heard::Scan | Heard::Other => None,
        };
        let expected = expected.map(|(victim, protocol)| (IpAddr::from(victim), protocol));
        assert_eq!(found, expected, "{protocol} {payload:?}");
    }

    fn tcp(flags: u8) -> Vec<u8> {
        let mut header = vec![0; 20];
        header[13] = flags;
        header
    }

    fn error(kind: u8, protocol: u8) -> Vec<u8> {
        let mut octets =
            vec![kind, 1, 0, 0, 0, 0, 0, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 1, protocol, 0, 0];
        octets.extend(DARK);
        octets.extend(VICTIM);
        octets.extend([0; 8]);
        octets
    }

    #[test]
    fn answers_are_told_from_questions() {
        for flags in [SYN | ACK, RST, RST | ACK] {
            check(TCP, &tcp(flags), Some((ROUTER, "tcp")));
        }
        for flags in [SYN, ACK, 0, 0x01] {
            check(TCP, &tcp(flags), None);
        }
        for kind in 0..=20 {
            let is_reply = [0, 14, 16, 18].contains(&kind);
            let is_error = [3, 4, 5, 11, 12].contains(&kind);
            let expected = match (is_reply, is_error) {
                (true, _) => Some((ROUTER, "icmp")),
                (_, true) => Some((VICTIM, "udp")),
                _ => None,
            };
            check(ICMP, &error(kind, UDP), expected);
        }
        check(UDP, &[0; 8], None);
        check(TCP, &[0; 5], None);
        check(ICMP, &error(3, UDP)[..20], None);
    }

    #[test]
    fn scans_are_told_apart() {
        let (source, destination) = (ROUTER.into(), DARK.into());
        let of =
            |protocol, payload: &[u8]| heard(&Captured { source, destination, protocol, payload });
        assert_eq!(of(TCP, &tcp(SYN)), Heard::Scan);
        assert_eq!(of(ICMP, &[8, 0, 0, 0]), Heard::Scan);
        assert_eq!(of(TCP, &tcp(ACK)), Heard::Other);
    }
}
