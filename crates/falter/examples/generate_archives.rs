//! Writes BGP archives of the size that collectors write, for `make bench`: `generate_archives DIR` writes
//! `updates` (1,000,000 records, 2.0 M elements, a day) and `rib` (400,000 prefixes from 20 peers);
//! `generate_archives DIR large` writes `large-rib.zst` (1,000,000 prefixes from 20 peers). The same
//! octets each time.

#![expect(clippy::print_stderr, reason = "a tool talks")]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use falter_model::{Asn, Prefix, PrefixError, Span, Timestamp};
use falter_wire::bgp::Community;
use falter_wire::mrt::{ElemPeer, IndexedPeer, Route, Writer};

const PEERS: u16 = 20;
/// Records are handed on in pieces of about this size.
const PIECE_OCTETS: usize = 1 << 22;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("usage: generate_archives DIR [large]");
        std::process::exit(2);
    };
    let folder = Path::new(&folder);
    let plain = |name: &str| File::create(folder.join(name)).map(BufWriter::new);
    if arguments.next().as_deref() == Some("large") {
        let mut to = zstd::Encoder::new(plain("large-rib.zst")?, 3)?;
        rib(1_000_000, &mut to)?;
        to.finish()?.flush()?;
    } else {
        let mut to = plain("updates")?;
        updates(1_000_000, 400_000, &mut to)?;
        to.flush()?;
        let mut to = plain("rib")?;
        rib(400_000, &mut to)?;
        to.flush()?;
    }
    Ok(())
}

/// Numbers that look random and are always the same (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

fn mixed(seed: u64) -> u64 {
    let mut z = seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn small(n: u64) -> u32 {
    u32::try_from(n & 0xFFFF_FFFF).unwrap_or(0)
}

fn peer_address(peer: u16) -> IpAddr {
    let [high, low] = peer.to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(192, 0, high, low.wrapping_add(1)))
}

fn peer_asn(peer: u16) -> Asn {
    Asn(3000 + u32::from(peer) * 17)
}

/// The n-th prefix: mostly /24s, as in the table of the Internet, under 1.0.0.0 and up.
fn prefix(n: u32) -> Result<Prefix, PrefixError> {
    let address = 0x0100_0000_u32.wrapping_add(n.wrapping_mul(256));
    let length = [24, 24, 24, 24, 23, 22, 24, 20][(mixed(u64::from(n)) % 8) as usize];
    Prefix::v4(address, length)
}

/// The path from a peer to the n-th prefix: 3 to 6 hops, the origin being one of some 70,000. Most
/// peers' paths of neighboring prefixes are alike, as they are in the world.
fn route(peer: u16, n: u32, variant: u64) -> Route {
    let group = n / 6;
    let mut numbers = Numbers(u64::from(group) ^ variant << 40);
    let hops = 1 + numbers.below(4);
    let mut path = vec![peer_asn(peer)];
    path.extend((0..hops).map(|_| Asn(1000 + small(numbers.below(5_000)))));
    path.push(Asn(10_000 + group % 70_000));
    let mut route = Route::new(&path, peer_address(peer));
    // A peer adds communities of its own, which differ from prefix to prefix.
    let mut own = Numbers(u64::from(n) << 8 | u64::from(peer) ^ variant << 40);
    let communities = 3 + numbers.below(6);
    route.communities =
        (0..communities).map(|_| Community(u32::from(peer) << 16 | small(own.below(16)))).collect();
    route
}

fn rib(prefixes: u32, to: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let start = Timestamp::from_seconds(1_640_995_200);
    let peers: Vec<IndexedPeer> = (0..PEERS)
        .map(|peer| IndexedPeer {
            bgp_id: Ipv4Addr::new(192, 0, 2, 1),
            address: peer_address(peer),
            asn: peer_asn(peer),
        })
        .collect();
    let mut writer = Writer::new();
    writer.peer_index(start, Ipv4Addr::new(198, 51, 100, 1), "", &peers)?;
    for n in 0..prefixes {
        let routes: Vec<Route> = (0..PEERS).map(|peer| route(peer, n, 0)).collect();
        let entries: Vec<(u16, Option<u32>, &Route)> =
            (0..PEERS).zip(&routes).map(|(peer, route)| (peer, None, route)).collect();
        let at = start + Span::from_seconds(i64::from(n / 20_000));
        writer.rib(at, n, prefix(n)?, &entries)?;
        if writer.octets().len() > PIECE_OCTETS {
            to.write_all(&std::mem::take(&mut writer).into_octets())?;
        }
    }
    to.write_all(writer.octets())?;
    Ok(())
}

fn updates(records: u32, prefixes: u64, to: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let start = 1_640_995_200_000_000_i64;
    let mut numbers = Numbers(1);
    let mut writer = Writer::new();
    for n in 0..records {
        // A day of updates.
        let at = Timestamp::from_micros(start + i64::from(n) * 86_400 + 1);
        let peer = (mixed(u64::from(n)) % u64::from(PEERS)).try_into().unwrap_or(0);
        let told = ElemPeer { asn: peer_asn(peer), address: peer_address(peer), number: None };
        let first = small(numbers.below(prefixes - 4));
        // Of ten updates, one withdraws; two elements each on average.
        let count = 1 + small(numbers.below(3));
        let nlri = (first..first + count)
            .map(|n| Ok((prefix(n)?, None)))
            .collect::<Result<Vec<_>, PrefixError>>()?;
        if numbers.below(10) == 0 {
            writer.update(at, told, &nlri, None)?;
        } else {
            writer.update(at, told, &[], Some((&route(peer, first, numbers.below(4)), &nlri)))?;
        }
        if writer.octets().len() > PIECE_OCTETS {
            to.write_all(&std::mem::take(&mut writer).into_octets())?;
        }
    }
    to.write_all(writer.octets())?;
    Ok(())
}
