//! Fills a table of a million prefixes from twenty peers, plays updates into it, and prints what
//! that took: `cargo run --release -p falter-signals --example full_table`.
#![expect(clippy::print_stdout, reason = "a program that prints its result")]

use std::net::IpAddr;

use falter_model::{
    Asn, Change, Fact, Interned, Observation, PathId, Peer, PeerId, Prefix, RibEnd, Route,
    Timestamp,
};
use falter_signals::{Engine, Output, Plan};

const PREFIXES: u32 = 1_000_000;
const PEERS: u8 = 20;
const ORIGINS: u32 = 80_000;
const UPDATES: u32 = 5_000_000;
/// Elems a second, about what twenty full feeds send on a quiet day.
const RATE: u32 = 500;

fn main() {
    let mut interned = Interned::new();
    let peers: Vec<PeerId> = (0..PEERS)
        .map(|n| {
            interned.peer_id(&Peer {
                collector: "rrc00".into(),
                asn: Asn(64_500 + u32::from(n)),
                address: IpAddr::from([192, 0, 2, n]),
            })
        })
        .collect();
    let mut engine = Engine::new(Plan::default());
    let mut out = Output::default();
    let start = 1_643_068_800_i64;
    let mut readings = 0_usize;

    let began = cpu_ns();
    for n in 0..PREFIXES {
        for peer in &peers {
            let change = Change::Tabled { origin: Some(origin(n)), path: PathId::NONE };
            let at = Timestamp::from_seconds(start);
            let route = Route { at, peer: *peer, prefix: prefix(n), change };
            engine.observe(&Observation::route(route), &interned, &mut out);
        }
    }
    let at = Timestamp::from_seconds(start);
    let end = RibEnd {
        collector: "rrc00".into(),
        from: at,
        peers: peers.iter().map(|peer| (*peer, PREFIXES, 0)).collect(),
    };
    let fact = Fact::RibEnd(Box::new(end));
    engine.observe(&Observation { at, fact }, &interned, &mut out);
    let entries = f64::from(PREFIXES) * f64::from(PEERS);
    println!("dump: {:.0} ns an entry", (cpu_ns() - began) / entries);

    let began = cpu_ns();
    let at = Timestamp::from_seconds(start + 1);
    engine.observe(&Observation::tick(at), &interned, &mut out);
    println!("first count: {:.0} ms", (cpu_ns() - began) / 1e6);

    let began = cpu_ns();
    let mut random = 1_u64;
    for n in 0..UPDATES {
        // Knuth's generator (MMIX): any stream without a pattern does.
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Nine of ten updates are about one prefix of twenty: few prefixes make most of the noise.
        let noisy = if n % 10 == 0 { PREFIXES } else { PREFIXES / 20 };
        let row = u32::try_from((random >> 33) % u64::from(noisy)).unwrap_or(0);
        let peer = peers.get(usize::try_from(random >> 16 & 0xFFFF).unwrap_or(0) % peers.len());
        let Some(peer) = peer.copied() else { continue };
        let change = if (random >> 8).trailing_zeros() >= 4 {
            Change::Withdrawn
        } else {
            Change::Announced { origin: Some(origin(row)), path: PathId::NONE, blackholed: false }
        };
        let at = Timestamp::from_seconds(start + 2 + i64::from(n / RATE));
        let route = Route { at, peer, prefix: prefix(row), change };
        engine.observe(&Observation::route(route), &interned, &mut out);
        readings += out.readings.len();
        out.readings.clear();
    }
    let took = (cpu_ns() - began) / f64::from(UPDATES);
    println!("updates: {took:.0} ns an elem, {readings} readings, {} s of feed", UPDATES / RATE);

    // Linux tells the peak; elsewhere there is nothing to print.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|line| line.starts_with("VmHWM")) {
        println!("{line}");
    }
}

/// Time that this thread was on a processor so far, in nanoseconds: wall time would measure whatever
/// else the machine does. Zero where the system does not tell (not Linux).
fn cpu_ns() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

fn origin(n: u32) -> Asn {
    Asn(n * 7919 % ORIGINS + 1)
}

/// Distinct /24s, from 1.0.0.0 on.
fn prefix(n: u32) -> Prefix {
    let address = IpAddr::from(((1 << 24) + (n << 8)).to_be_bytes());
    Prefix::new(address, 24).unwrap_or_else(|_| Prefix::host(address))
}
