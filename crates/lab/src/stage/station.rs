//! gobgpd: a collector that passes on what it hears as BMP (RFC 7854), and the file that keeps it.

use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result};

use super::namespaces::Ns;
use crate::country::{Country, Link, Node, export};

/// Where BMP is taken, on loopback inside the station's namespace.
const BMP_PORT: u16 = 11_019;
/// What is kept of BMP at most, octets.
const MOST_KEPT: u64 = 64 << 20;

/// How gobgpd is started.
pub(super) fn command(folder: &Path) -> Command {
    let mut command = Command::new("gobgpd");
    command.arg("-f").arg(folder.join("gobgpd.toml")).arg("--api-hosts").arg("127.0.0.1:50051");
    command
}

/// Writes gobgpd's configuration. A collector tells nobody anything: else it would be a way through the
/// world.
pub(super) fn write(country: &Country, node: &Node, folder: &Path) -> Result<()> {
    let mut text = format!(
        "[global.config]\nas = {}\nrouter-id = \"10.255.255.1\"\n\
         [global.apply-policy.config]\ndefault-export-policy = \"reject-route\"\n\
         [[bmp-servers]]\n[bmp-servers.config]\naddress = \"127.0.0.1\"\nport = {BMP_PORT}\n\
         route-monitoring-policy = \"pre-policy\"\nstatistics-timeout = 3600\n",
        node.asn.0
    );
    for (number, link) in country.links_of(&node.name) {
        let Some(neighbor) = country.node(link.other(&node.name)) else { continue };
        if export(&neighbor.role, &node.role).is_none() {
            continue;
        }
        let (left, right) = Link::ends(number);
        let (ours, theirs) = if link.left == node.name { (left, right) } else { (right, left) };
        _ = write!(
            text,
            "[[neighbors]]\n[neighbors.config]\npeer-as = {}\nneighbor-address = \"{theirs}\"\n\
             [neighbors.timers.config]\nhold-time = {}\nkeepalive-interval = {}\nconnect-retry = 1\n\
             [neighbors.transport.config]\nlocal-address = \"{ours}\"\n",
            neighbor.asn.0,
            country.hold_time_s,
            country.hold_time_s / 3
        );
    }
    std::fs::write(folder.join("gobgpd.toml"), text).context("writing gobgpd.toml")
}

/// Takes BMP and keeps it in `bmp.raw`, together with when each piece came in `bmp.times`.
pub(super) fn listen(ns: &Ns, folder: &Path) -> Result<()> {
    let listener =
        ns.inside(|| TcpListener::bind(("127.0.0.1", BMP_PORT)).context("listening for BMP"));
    // After a restart of gobgpd the listener is still there.
    let Ok(listener) = listener else { return Ok(()) };
    let mut kept = File::options().create(true).append(true).open(folder.join("bmp.raw"))?;
    thread::spawn(move || {
        let mut room = MOST_KEPT;
        for stream in listener.incoming().flatten() {
            let Ok(copied) = std::io::copy(&mut stream.take(room), &mut kept) else { return };
            room = room.saturating_sub(copied);
            if room == 0 {
                return;
            }
        }
    });
    Ok(())
}
