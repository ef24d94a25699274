//! ICMP of both versions: echo, and troubles with packets that somebody sent.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |     Type      |     Code      |          Checksum             |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |  echo: Identifier             |  Sequence Number              |
//! |  trouble: unused, MTU or pointer                              |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |  echo: data; trouble: the packet that could not be delivered
//! ```

use super::checksum::Checksum;
use super::quoted::Quoted;
use crate::Malformed;
use crate::cursor::Cursor;

/// Which ICMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IcmpVersion {
    /// RFC 792, over IPv4.
    V4,
    /// RFC 4443, over IPv6. Its checksum covers a pseudo header, which the kernel adds.
    V6,
}

/// An echo, asked or answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Echo<'a> {
    /// Who asked: the kernel chooses it for datagram sockets.
    pub id: u16,
    /// Which question.
    pub sequence: u16,
    /// Comes back as it went.
    pub payload: &'a [u8],
}

/// A message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icmp<'a> {
    /// Somebody asks.
    Request(Echo<'a>),
    /// Somebody answers.
    Reply(Echo<'a>),
    /// A packet could not be delivered.
    Trouble(Trouble<'a>),
    /// Anything else, by type.
    Other(u8),
}

/// That a packet could not be delivered, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble<'a> {
    /// Of which version the numbers are.
    pub version: IcmpVersion,
    /// Type: unreachable, time exceeded, packet too big, parameter problem.
    pub kind: u8,
    /// Code, by type.
    pub code: u8,
    /// The packet, as much of it as was quoted; `None` where that can't be read.
    pub quoted: Option<Quoted<'a>>,
}

impl IcmpVersion {
    /// Type of an echo request.
    pub const fn request(self) -> u8 {
        match self {
            Self::V4 => 8,
            Self::V6 => 128,
        }
    }

    /// Type of an echo reply.
    pub const fn reply(self) -> u8 {
        match self {
            Self::V4 => 0,
            Self::V6 => 129,
        }
    }

    /// True for types that tell of an undelivered packet.
    pub const fn is_trouble(self, kind: u8) -> bool {
        match self {
            // Unreachable, source quench, time exceeded, parameter problem.
            Self::V4 => matches!(kind, 3 | 4 | 11 | 12),
            // All types below 128 are errors (RFC 4443 section 2.1); these have a meaning.
            Self::V6 => matches!(kind, 1..=4),
        }
    }
}

impl Echo<'_> {
    /// Appends it as a request. The checksum of version 6 is left to the kernel.
    pub fn encode_request(&self, version: IcmpVersion, to: &mut Vec<u8>) {
        self.encode(version.request(), version, to);
    }

    /// Appends it as a reply.
    pub fn encode_reply(&self, version: IcmpVersion, to: &mut Vec<u8>) {
        self.encode(version.reply(), version, to);
    }

    fn encode(&self, kind: u8, version: IcmpVersion, to: &mut Vec<u8>) {
        let ([id_0, id_1], [seq_0, seq_1]) = (self.id.to_be_bytes(), self.sequence.to_be_bytes());
        let head = [kind, 0, 0, 0, id_0, id_1, seq_0, seq_1];
        let [sum_0, sum_1] = match version {
            IcmpVersion::V4 => Checksum::default().with(&head).with(self.payload).finish(),
            IcmpVersion::V6 => 0,
        }
        .to_be_bytes();
        to.extend_from_slice(&[kind, 0, sum_0, sum_1, id_0, id_1, seq_0, seq_1]);
        to.extend_from_slice(self.payload);
    }
}

impl<'a> Icmp<'a> {
    /// Reads a message, without the header of IP. The checksum is not looked at: a reply is known by the
    /// keyed hash that it carries.
    pub fn decode(octets: &'a [u8], version: IcmpVersion) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(octets, 0);
        let kind = cursor.u8("ICMP type")?;
        let code = cursor.u8("ICMP code")?;
        cursor.u16("ICMP checksum")?;
        if version.is_trouble(kind) {
            cursor.u32("ICMP unused")?;
            let quoted = Quoted::decode(cursor.rest(), version).ok();
            return Ok(Self::Trouble(Trouble { version, kind, code, quoted }));
        }
        if kind != version.request() && kind != version.reply() {
            return Ok(Self::Other(kind));
        }
        let id = cursor.u16("ICMP identifier")?;
        let sequence = cursor.u16("ICMP sequence number")?;
        let echo = Echo { id, sequence, payload: cursor.rest() };
        Ok(if kind == version.reply() { Self::Reply(echo) } else { Self::Request(echo) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::checksum;
    use super::*;

    proptest! {
        #[test]
        fn an_echo_is_read_as_it_was_written(
            id: u16,
            sequence: u16,
            payload in proptest::collection::vec(any::<u8>(), 0..100),
            six: bool,
        ) {
            let version = if six { IcmpVersion::V6 } else { IcmpVersion::V4 };
            let echo = Echo { id, sequence, payload: &payload };
            let mut octets = Vec::new();
            echo.encode_request(version, &mut octets);
            prop_assert_eq!(Icmp::decode(&octets, version), Ok(Icmp::Request(echo)));
            prop_assert!(six || checksum(&octets) == 0);
            octets.clear();
            echo.encode_reply(version, &mut octets);
            prop_assert_eq!(Icmp::decode(&octets, version), Ok(Icmp::Reply(echo)));
            for end in 0..8 {
                prop_assert!(Icmp::decode(&octets[..end], version).is_err());
            }
        }
    }

    #[test]
    fn a_reply_of_ping_is_read() {
        // `ping -c1 127.0.0.1`, cut after eight octets of data.
        let octets = [0, 0, 0x9d, 0x9e, 0x0b, 0x5c, 0, 1, 0x1f, 0x8b, 8, 0, 1, 2, 3, 4];
        let Ok(Icmp::Reply(echo)) = Icmp::decode(&octets, IcmpVersion::V4) else { panic!() };
        assert_eq!((echo.id, echo.sequence, echo.payload.len()), (0x0b5c, 1, 8));
    }

    #[test]
    fn a_trouble_without_its_packet_is_one_still() {
        let octets = [3, 1, 0, 0, 0, 0, 0, 0, 0x45];
        let Ok(Icmp::Trouble(trouble)) = Icmp::decode(&octets, IcmpVersion::V4) else { panic!() };
        assert_eq!((trouble.kind, trouble.code, trouble.quoted), (3, 1, None));
    }
}
