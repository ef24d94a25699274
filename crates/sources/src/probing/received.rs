//! What the kernel says of a message that a raw or datagram socket received.

use std::net::IpAddr;
use std::time::Duration;

use falter_model::Clock as _;
use falter_wire::packet::{IcmpVersion, Ipv4};
use nix::sys::socket::{ControlMessageOwned, RecvMsg, SockaddrStorage};

use crate::clock::SystemClock;

/// Whether a socket is given the header of IPv4 too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    Given,
    TakenOff,
}

/// A message behind its IP header, and how it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Received<'a> {
    pub(super) from: IpAddr,
    pub(super) ttl: Option<u8>,
    /// How long it waited to be read, as the kernel's stamp says.
    pub(super) waited: Duration,
    pub(super) octets: &'a [u8],
}

/// Reads it; `None` where its header can't be read.
pub(super) fn received<'a>(
    message: &RecvMsg<'_, 'a, SockaddrStorage>,
    version: IcmpVersion,
    header: Header,
) -> Option<Received<'a>> {
    let from = address(message)?;
    let octets = message.iovs().next()?;
    let (mut ttl, mut waited) = (None, Duration::ZERO);
    for control in message.cmsgs().ok()? {
        match control {
            ControlMessageOwned::ScmTimestampns(stamp) => {
                let stamp = stamp.tv_sec() * 1_000_000 + stamp.tv_nsec() / 1_000;
                let micros = u64::try_from(SystemClock.now().micros() - stamp).unwrap_or(0);
                waited = Duration::from_micros(micros);
            }
            ControlMessageOwned::Ipv6HopLimit(hops) | ControlMessageOwned::Ipv4Ttl(hops) => {
                ttl = u8::try_from(hops).ok();
            }
            _ => {}
        }
    }
    if version == IcmpVersion::V4 && header == Header::Given {
        let packet = Ipv4::decode(octets).ok()?;
        return Some(Received { from, ttl: Some(packet.ttl), waited, octets: packet.payload });
    }
    Some(Received { from, ttl, waited, octets })
}

/// Who sent it; of an error, to whom what met it was sent.
pub(super) fn address(message: &RecvMsg<'_, '_, SockaddrStorage>) -> Option<IpAddr> {
    let storage = message.address.as_ref()?;
    let v4 = storage.as_sockaddr_in().map(|address| IpAddr::from(address.ip()));
    v4.or_else(|| storage.as_sockaddr_in6().map(|address| IpAddr::from(address.ip())))
}
