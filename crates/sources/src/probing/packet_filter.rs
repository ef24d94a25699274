//! What of all that arrives raw sockets are given: other people's traffic wakes nobody.
//!
//! Programs of classic BPF (Linux, Documentation/networking/filter.rst).

use falter_wire::packet::IcmpVersion;
use socket2::SockFilter;

/// Loads an octet, or a half word, at X + k.
const LOAD_BYTE: u16 = 0x50;
const LOAD_HALF: u16 = 0x48;
/// Loads X with the length of the IPv4 header, or with a number.
const LOAD_HEADER_LENGTH: u16 = 0xb1;
const SET_X: u16 = 0x01;
const JUMP_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;

/// All of a packet, or nothing of it.
const TAKE: SockFilter = SockFilter::new(RETURN, 0, 0, u32::MAX);
const DROP: SockFilter = SockFilter::new(RETURN, 0, 0, 0);

/// Lets through echo replies to this identifier, and troubles.
pub(super) fn echoes(version: IcmpVersion, id: u16) -> Vec<SockFilter> {
    let step = SockFilter::new;
    let [one, two, three, four] = match version {
        IcmpVersion::V4 => [3, 4, 11, 12],
        IcmpVersion::V6 => [1, 2, 3, 4],
    };
    vec![
        behind_the_header(version),
        step(LOAD_BYTE, 0, 0, 0),
        step(JUMP_EQUAL, 5, 0, one),
        step(JUMP_EQUAL, 4, 0, two),
        step(JUMP_EQUAL, 3, 0, three),
        step(JUMP_EQUAL, 2, 0, four),
        step(JUMP_EQUAL, 2, 0, version.reply().into()),
        DROP,
        TAKE,
        step(LOAD_HALF, 0, 0, 4),
        step(JUMP_EQUAL, 0, 1, id.into()),
        TAKE,
        DROP,
    ]
}

/// Lets through segments of TCP that are sent to this port.
pub(super) fn segments(version: IcmpVersion, port: u16) -> Vec<SockFilter> {
    let step = SockFilter::new;
    vec![
        behind_the_header(version),
        step(LOAD_HALF, 0, 0, 2),
        step(JUMP_EQUAL, 0, 1, port.into()),
        TAKE,
        DROP,
    ]
}

/// X is where the header of IP ends: a raw socket of IPv6 is given none.
fn behind_the_header(version: IcmpVersion) -> SockFilter {
    match version {
        IcmpVersion::V4 => SockFilter::new(LOAD_HEADER_LENGTH, 0, 0, 0),
        IcmpVersion::V6 => SockFilter::new(SET_X, 0, 0, 0),
    }
}
