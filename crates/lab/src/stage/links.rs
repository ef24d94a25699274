//! Cables between nodes, their addresses, and the routes of nodes that hold no BGP session.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::daemons::Daemon;
use super::namespaces::{Ns, finished};
use super::relay::{self, Pair};
use crate::country::{Country, Link, Node, Role};

/// Settings of the kernel in every node: packets pass, replies are not held back by the kernel's own
/// limits, and addresses may be anywhere.
const SETTINGS: [(&str, &str); 9] = [
    ("net/ipv4/ip_forward", "1"),
    ("net/ipv4/icmp_ratelimit", "0"),
    ("net/ipv4/icmp_msgs_per_sec", "100000"),
    ("net/ipv4/conf/all/rp_filter", "0"),
    ("net/ipv4/conf/default/rp_filter", "0"),
    // Servers as they were before SYN cookies (RFC 4987, section 3): a flood of SYNs can hurt them, and
    // what it left is given up after 3 s, not after a minute.
    ("net/ipv4/tcp_syncookies", "0"),
    ("net/ipv4/tcp_synack_retries", "1"),
    ("net/ipv6/conf/all/disable_ipv6", "1"),
    ("net/ipv6/conf/default/disable_ipv6", "1"),
];

/// Lays every cable. Those with a delay are tun devices that a relay connects.
pub(super) fn connect(country: &Country, folder: &Path) -> Result<Option<Daemon>> {
    for node in &country.nodes {
        let ns = Ns::named(&node.name);
        ns.inside(|| {
            for (key, value) in SETTINGS {
                let path = Path::new("/proc/sys").join(key);
                std::fs::write(&path, value).with_context(|| format!("setting {key}"))?;
            }
            Ok(())
        })?;
    }
    let mut batch = String::new();
    let mut pairs = Vec::new();
    for link in &country.links {
        let (left, right) = (link.device(&link.left), link.device(&link.right));
        if link.delay_us == 0 {
            _ = writeln!(
                batch,
                "link add {left} netns {} type veth peer name {right} netns {}",
                link.left, link.right
            );
        } else {
            pairs.push(Pair {
                left: (link.left.clone(), left),
                right: (link.right.clone(), right),
                delay_us: link.delay_us,
            });
        }
    }
    finished(Command::new("ip").args(["-batch", "-"]), &batch).context("laying cables")?;
    if pairs.is_empty() {
        return Ok(None);
    }
    relay::start(&pairs, folder).map(Some)
}

/// Gives a node's devices their addresses, and the node its routes.
pub(super) fn set_up(country: &Country, node: &Node) -> Result<()> {
    let ns = Ns::named(&node.name);
    let mut batch = String::from("link set lo up\n");
    for address in &node.addresses {
        _ = writeln!(batch, "address replace {}/32 dev lo", address.ip);
    }
    if node.role == Role::Darknet {
        // Nobody answers there, and nothing says so.
        _ = writeln!(batch, "route replace blackhole {}", crate::country::darknet());
    }
    for (number, link) in country.links_of(&node.name) {
        batch.push_str(&device(country, node, number, link));
    }
    ns.feed("ip", &["-batch", "-"], &batch)?;
    Ok(())
}

/// A device's address, and what is behind it.
pub(crate) fn device(country: &Country, node: &Node, number: usize, link: &Link) -> String {
    let (left, right) = Link::ends(number);
    let (own, other) = if link.left == node.name { (left, right) } else { (right, left) };
    let device = link.device(&node.name);
    let mut batch = String::new();
    let peer = if link.delay_us == 0 { String::new() } else { format!(" peer {other}/32") };
    let length = if link.delay_us == 0 { 31 } else { 32 };
    let own = if peer.is_empty() { format!("{own}/{length}") } else { own.to_string() };
    _ = writeln!(batch, "address replace {own}{peer} dev {device}");
    _ = writeln!(batch, "link set {device} up");
    batch.push_str(&routes(country, node, link, &other.to_string()));
    batch
}

/// The routes that go through a link without BGP: a leaf's way out, and a router's way to its leaves.
pub(crate) fn routes(country: &Country, node: &Node, link: &Link, via: &str) -> String {
    let mut batch = String::new();
    let Some(neighbor) = country.node(link.other(&node.name)) else { return batch };
    if !node.role.forwards() && !node.role.speaks_bgp() {
        let source = node.address().map(|ip| format!(" src {ip}")).unwrap_or_default();
        _ = writeln!(batch, "route replace default via {via}{source}");
    } else if node.role.forwards() && !neighbor.role.speaks_bgp() {
        for address in &neighbor.addresses {
            _ = writeln!(batch, "route replace {}/32 via {via}", address.ip);
        }
        if neighbor.role == Role::Darknet {
            let _infallible =
                writeln!(batch, "route replace {} via {via}", crate::country::darknet());
        }
    }
    batch
}

/// Sets what a link carries towards its right end; zero lifts the limit.
pub(crate) fn limit(link: &Link, kbit: u32) -> Result<()> {
    let (ns, device) = (Ns::named(&link.left), link.device(&link.left));
    if kbit == 0 {
        // Where there is no limit there is nothing to lift.
        drop(ns.run("tc", &["qdisc", "delete", "dev", &device, "root"]));
        return Ok(());
    }
    let rate = format!("{kbit}kbit");
    // A queue of 1.2 s: what makes round trips longer before anything is lost.
    let shape = ["burst", "4kb", "latency", "1200ms"];
    let start = ["qdisc", "replace", "dev", &device, "root", "tbf", "rate", &rate];
    let arguments: Vec<&str> = start.into_iter().chain(shape).collect();
    ns.run("tc", &arguments).map(drop)
}
