//! A packet capture of our own, as a thread inside a namespace: tcpdump drops privileges, which an ordinary
//! user's namespace does not let it do.
//!
//! Packets are taken at the network layer (`AF_PACKET`, `SOCK_DGRAM`), with the kernel's times, and kept as pcap
//! up to a number of octets.

pub mod pcap;

use std::fs::File;
use std::io::{BufWriter, IoSliceMut, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, bail};
use falter_model::Timestamp;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::sockopt::{RcvBuf, ReceiveTimestampns};
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType,
    recvmsg, setsockopt, socket,
};
use nix::sys::time::TimeSpec;

use crate::stage::Ns;

/// Octets of a packet that are kept: headers of IP and TCP with all options, or a whole DNS question.
const SNAP_OCTETS: usize = 128;
/// How long packets may wait for us: a tenth of a second of 80,000 small packets.
const BUFFER_OCTETS: usize = 8 << 20;
/// How often the end is looked for, milliseconds.
const LOOKS_EVERY_MS: u16 = 50;
/// Hardware type of loopback devices, whose packets nobody sent (`linux/if_arp.h`).
const LOOPBACK: u16 = 772;
/// Only IPv4 is spoken here.
const IPV4: u16 = 0x0800;

/// A capture that goes on.
#[derive(Debug)]
pub struct Capture {
    over: Arc<AtomicBool>,
    keeper: JoinHandle<Result<Captured>>,
}

/// What a capture came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Captured {
    /// Packets that are in the file.
    pub kept: u64,
    /// It was full before the end.
    pub full: bool,
}

impl Capture {
    /// Begins to keep what passes the devices of a namespace, loopback apart, in a file of at most
    /// `most_octets`.
    pub fn begin(ns: &Ns, path: &Path, most_octets: usize) -> Result<Self> {
        let socket = ns.inside(open).with_context(|| format!("capturing in {}", ns.name()))?;
        let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
        let over = Arc::new(AtomicBool::new(false));
        let heard = Arc::clone(&over);
        let keeper = thread::spawn(move || keep(&socket, file, most_octets, &heard));
        Ok(Self { over, keeper })
    }

    /// Ends it.
    pub fn end(self) -> Result<Captured> {
        self.over.store(true, Ordering::Relaxed);
        self.keeper.join().unwrap_or_else(|_| bail!("the capture broke off"))
    }
}

fn open() -> Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let all = SockProtocol::EthAll;
    let socket = socket(AddressFamily::Packet, SockType::Datagram, flags, all)?;
    setsockopt(&socket, ReceiveTimestampns, &true)?;
    // The kernel gives as much as it allows.
    setsockopt(&socket, RcvBuf, &BUFFER_OCTETS)?;
    Ok(socket)
}

fn keep(socket: &OwnedFd, file: File, most: usize, over: &AtomicBool) -> Result<Captured> {
    let mut file = BufWriter::new(file);
    let mut room = most.saturating_sub(pcap::FILE_HEADER);
    file.write_all(&pcap::file_header())?;
    let (mut captured, mut record) = (Captured::default(), Vec::new());
    while !over.load(Ordering::Relaxed) {
        let mut waited = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
        match poll(&mut waited, PollTimeout::from(LOOKS_EVERY_MS)) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error).context("waiting for packets"),
        }
        while let Some(packet) = next(socket)? {
            record.clear();
            pcap::push(&mut record, packet.at, packet.octets(), packet.length);
            let Some(left) = room.checked_sub(record.len()) else {
                captured.full = true;
                file.flush()?;
                return Ok(captured);
            };
            room = left;
            file.write_all(&record)?;
            captured.kept += 1;
        }
    }
    file.flush()?;
    Ok(captured)
}

/// A packet as it came.
struct Packet {
    at: Timestamp,
    snapped: [u8; SNAP_OCTETS],
    /// Octets that it had on the way.
    length: usize,
}

impl Packet {
    fn octets(&self) -> &[u8] {
        self.snapped.get(..self.length.min(SNAP_OCTETS)).unwrap_or_default()
    }
}

/// The next IPv4 packet that waits; `None` where none does.
fn next(socket: &OwnedFd) -> Result<Option<Packet>> {
    loop {
        let mut snapped = [0; SNAP_OCTETS];
        let mut space = nix::cmsg_space!(TimeSpec);
        let mut into = [IoSliceMut::new(&mut snapped)];
        let flags = MsgFlags::MSG_TRUNC;
        let got = recvmsg::<LinkAddr>(socket.as_raw_fd(), &mut into, Some(&mut space), flags);
        let message = match got {
            Ok(message) => message,
            Err(Errno::EAGAIN) => return Ok(None),
            // A device that goes down says so once.
            Err(Errno::EINTR | Errno::ENETDOWN) => continue,
            Err(error) => return Err(error).context("receiving packets"),
        };
        let length = message.bytes;
        let is_ours = message
            .address
            .is_some_and(|from| from.hatype() != LOOPBACK && u16::from_be(from.protocol()) == IPV4);
        let mut at = None;
        for control in message.cmsgs().context("reading the time of a packet")? {
            if let ControlMessageOwned::ScmTimestampns(time) = control {
                at =
                    Some(Timestamp::from_micros(time.tv_sec() * 1_000_000 + time.tv_nsec() / 1000));
            }
        }
        if let (true, Some(at)) = (is_ours, at) {
            return Ok(Some(Packet { at, snapped, length }));
        }
    }
}
