//! What arrives at addresses that nobody uses: answers of victims to packets whose sources were forged,
//! and what is none of that.

use std::net::IpAddr;

use crate::packet::{ACK, Datagram, RST, SYN, Tcp};

/// What a packet at an unused address is.
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

/// Numbers of protocols (IANA).
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP_V6: u8 = 58;

/// Octets of an ICMP error before the packet that it quotes (RFC 792, RFC 4443).
const BEFORE_QUOTED: usize = 8;

/// Says what a packet at an unused address is, by Moore, Voelker and Savage, "Inferring Internet
/// Denial-of-Service Activity" (USENIX Security 2001), as the plugin `dos` of CAIDA's corsaro has it: SYN
/// with ACK or RST of TCP; of ICMP replies (0, 14, 16, 18) and errors (3, 4, 5, 11, 12), whose quoted
/// packet names victim and protocol, since a router may tell of the victim. Of `ICMPv6` likewise the reply
/// (129) and errors (1 to 4).
pub fn heard(packet: &Datagram<'_>) -> Heard {
    let answer = |protocol| {
        Heard::Backscatter(Backscatter { victim: packet.from, protocol, forged: packet.to })
    };
    match packet.protocol {
        TCP => match Tcp::decode(packet.payload) {
            Ok(tcp) if tcp.bits & RST != 0 => answer("tcp"),
            Ok(tcp) if tcp.bits & (SYN | ACK) == SYN | ACK => answer("tcp"),
            Ok(tcp) if tcp.bits & (SYN | ACK) == SYN => Heard::Scan,
            _ => Heard::Other,
        },
        ICMP => match packet.payload.first() {
            Some(0 | 14 | 16 | 18) => answer("icmp"),
            Some(3 | 4 | 5 | 11 | 12) => error(packet),
            Some(8 | 13 | 15 | 17) => Heard::Scan,
            _ => Heard::Other,
        },
        ICMP_V6 => match packet.payload.first() {
            Some(129) => answer("icmp"),
            Some(1..=4) => error(packet),
            Some(128) => Heard::Scan,
            _ => Heard::Other,
        },
        _ => Heard::Other,
    }
}

/// An ICMP error, by the packet that it quotes.
fn error(packet: &Datagram<'_>) -> Heard {
    let quoted = packet.payload.get(BEFORE_QUOTED..);
    let Some(quoted) = quoted.and_then(|quoted| Datagram::decode(quoted).ok()) else {
        return Heard::Other;
    };
    let protocol = match quoted.protocol {
        TCP => "tcp",
        UDP => "udp",
        ICMP | ICMP_V6 => "icmp",
        _ => "other",
    };
    Heard::Backscatter(Backscatter { victim: quoted.to, protocol, forged: packet.to })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTER: [u8; 4] = [192, 0, 2, 1];
    const DARK: [u8; 4] = [198, 19, 3, 4];
    const VICTIM: [u8; 4] = [175, 45, 176, 81];

    fn of(protocol: u8, payload: &[u8]) -> Heard {
        heard(&Datagram { from: ROUTER.into(), to: DARK.into(), protocol, payload })
    }

    fn check(protocol: u8, payload: &[u8], expected: Option<([u8; 4], &str)>) {
        let found = match of(protocol, payload) {
            Heard::Backscatter(found) => {
                assert_eq!(found.forged, IpAddr::from(DARK));
                Some((found.victim, found.protocol))
            }
            Heard::Scan | Heard::Other => None,
        };
        let expected = expected.map(|(victim, protocol)| (IpAddr::from(victim), protocol));
        assert_eq!(found, expected, "{protocol} {payload:?}");
    }

    fn tcp(bits: u8) -> Vec<u8> {
        let mut header = vec![0; 20];
        header[13] = bits;
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
        for bits in [SYN | ACK, RST, RST | ACK] {
            check(TCP, &tcp(bits), Some((ROUTER, "tcp")));
        }
        for bits in [SYN, ACK, 0, 0x01] {
            check(TCP, &tcp(bits), None);
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
        check(ICMP, &error(3, 47), Some((VICTIM, "other")));
    }

    #[test]
    fn icmp_of_version_6_is_told_likewise() {
        let mut quoted = vec![1, 4, 0, 0, 0, 0, 0, 0, 0x60, 0, 0, 0, 0, 8, UDP, 64];
        quoted.extend([0; 16]);
        quoted.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
        let Heard::Backscatter(found) = of(ICMP_V6, &quoted) else { panic!("an answer") };
        assert_eq!((found.victim.to_string(), found.protocol), ("2001:db8::9".to_owned(), "udp"));
        check(ICMP_V6, &[129, 0, 0, 0], Some((ROUTER, "icmp")));
        check(ICMP_V6, &[135, 0, 0, 0], None);
        assert_eq!(of(ICMP_V6, &[128, 0, 0, 0]), Heard::Scan);
    }

    #[test]
    fn scans_are_told_apart() {
        assert_eq!(of(TCP, &tcp(SYN)), Heard::Scan);
        assert_eq!(of(ICMP, &[8, 0, 0, 0]), Heard::Scan);
        assert_eq!(of(TCP, &tcp(ACK)), Heard::Other);
    }
}
