//! nsd: the zones of the country, the intranet's, and the large answer of a reflector.

use std::fmt::{self, Display, Formatter, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;

use super::Stage;
use crate::country::{AUTHORITIES, Country, INTRANET_ZONE, Node, Role, Service, ZONES};

/// Serial of the zones (of the .kp zone in the transfers of 2016-09-19).
pub(crate) const SERIAL: u32 = 2_013_083_001;

/// How a name server's zones are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneState {
    /// As they should be.
    Right,
    /// With a mistake that no server loads: every question is refused or fails.
    Broken,
    /// Not served any more: a secondary that could not refresh, past the SOA's expiry.
    Expired,
    /// An older copy, restored from a backup: the serial is turned back.
    TurnedBack,
}

impl Display for ZoneState {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Right => "right",
            Self::Broken => "broken by a mistake in the files",
            Self::Expired => "expired",
            Self::TurnedBack => "an older copy, with the serial turned back",
        })
    }
}

impl Stage {
    /// Writes a name server's zones; one that runs reads them anew.
    pub fn write_zones(&self, node: &str, state: ZoneState) -> Result<()> {
        let node = self.country.node(node).with_context(|| format!("no name server {node}"))?;
        let folder = self.folder_of(&node.name);
        write(&self.country, node, &folder, state)?;
        match self.daemons.get(&(node.name.clone(), Service::Nsd)) {
            Some(daemon) => daemon.signal(Signal::SIGHUP),
            None => Ok(()),
        }
    }
}

/// How nsd is started.
pub(super) fn command(folder: &Path) -> Command {
    let mut command = Command::new("nsd");
    command.arg("-d").arg("-c").arg(folder.join("nsd.conf"));
    command
}

fn write(country: &Country, node: &Node, folder: &Path, state: ZoneState) -> Result<()> {
    let mut zones: Vec<(String, String)> = Vec::new();
    let addresses: Vec<String> = match &node.role {
        Role::Machine(machine) if machine.intranet => {
            zones.push((INTRANET_ZONE.to_owned(), intranet(machine)));
            machine.names.iter().map(ToString::to_string).collect()
        }
        Role::Machine(machine) => {
            zones.extend(
                ZONES.iter().map(|zone| ((*zone).to_owned(), public(country, zone, state))),
            );
            machine.names.iter().map(ToString::to_string).collect()
        }
        _ => {
            zones.push(("reflector".to_owned(), reflector()));
            node.addresses.iter().map(|address| address.ip.to_string()).collect()
        }
    };
    let place = folder.display();
    let listen: Vec<String> = addresses.iter().map(|ip| format!("  ip-address: {ip}\n")).collect();
    let listen = listen.concat();
    let mut text = format!(
        "server:\n  username: \"\"\n  chroot: \"\"\n  server-count: 1\n  ip-transparent: yes\n  do-ip6: no\n{listen}  \
         zonesdir: \"{place}\"\n  pidfile: \"{place}/nsd.pid\"\n  database: \"\"\n  xfrdfile: \"{place}/xfrd.state\"\n  \
         zonelistfile: \"{place}/zone.list\"\n  xfrdir: \"{place}\"\n  zonefiles-check: yes\n  rrl-ratelimit: 0\n  ipv4-edns-size: 4096\n\
         remote-control:\n  control-enable: no\n"
    );
    for (zone, content) in zones {
        std::fs::write(folder.join(format!("{zone}.zone")), content)?;
        _ = write!(text, "zone:\n  name: \"{zone}\"\n  zonefile: \"{zone}.zone\"\n");
    }
    std::fs::write(folder.join("nsd.conf"), text).context("writing nsd.conf")
}

/// A public zone of the country.
fn public(country: &Country, zone: &str, state: ZoneState) -> String {
    if state == ZoneState::Broken {
        return format!("{}this line is no record\n", head(zone, SERIAL));
    }
    if state == ZoneState::Expired {
        return String::new();
    }
    let serial = if state == ZoneState::TurnedBack { SERIAL - 40_000 } else { SERIAL };
    let mut text = head(zone, serial);
    if zone == "kp" {
        for (number, ip) in AUTHORITIES.iter().enumerate() {
            _ = writeln!(text, "ns{}.kptc.kp. 432000 IN A {ip}", number + 1);
        }
        for child in ZONES.iter().filter(|child| **child != zone) {
            for number in 1..=AUTHORITIES.len() {
                _ = writeln!(text, "{child}. 432000 IN NS ns{number}.kptc.kp.");
            }
        }
    }
    for (_, site) in country.sites() {
        let parent = site.name.split_once('.').map_or("", |(_, parent)| parent);
        if parent == zone {
            _ = writeln!(text, "{}. 432000 IN A {}", site.name, site.address);
        }
    }
    text
}

fn head(zone: &str, serial: u32) -> String {
    let mut text = format!(
        "$ORIGIN {zone}.\n$TTL 432000\n@ IN SOA ns1.kptc.kp. root.kptc.kp. {serial} 28800 86400 1209600 86400\n"
    );
    for number in 1..=AUTHORITIES.len() {
        _ = writeln!(text, "@ IN NS ns{number}.kptc.kp.");
    }
    text
}

fn intranet(machine: &crate::country::Machine) -> String {
    let mut text = format!(
        "$ORIGIN {INTRANET_ZONE}.\n$TTL 3600\n@ IN SOA ns.{INTRANET_ZONE}. root.{INTRANET_ZONE}. 1 3600 600 86400 600\n@ IN NS ns.{INTRANET_ZONE}.\n"
    );
    for ip in &machine.names {
        _ = writeln!(text, "ns.{INTRANET_ZONE}. IN A {ip}");
    }
    for site in &machine.sites {
        _ = writeln!(text, "{}. IN A {}", site.name, site.address);
    }
    text
}

/// A name whose answer is some forty times the question.
fn reflector() -> String {
    let mut text = String::from(
        "$ORIGIN reflector.\n$TTL 60\n@ IN SOA ns.reflector. root.reflector. 1 3600 600 86400 60\n@ IN NS ns.reflector.\n",
    );
    for number in 0..16 {
        _ = writeln!(text, "large IN TXT \"{number:02} {}\"", "x".repeat(80));
    }
    text
}
