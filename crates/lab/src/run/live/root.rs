//! A root of names in the observer's own namespace, so that falter finds the country's name servers as it
//! would in the world: nsd, with a delegation of the country's top zone.

use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::country::ZONES;
use crate::stage::{Daemon, Ns};
use crate::witness::names;

/// Where it listens, on the usual port.
pub(super) const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 53);

/// Starts it; what it needs and says goes into `folder`.
pub(super) fn start(observer: &Ns, folder: &Path) -> Result<Daemon> {
    let place = folder.display();
    fs::write(folder.join("root.zone"), zone()).context("writing the root zone")?;
    let text = format!(
        "server:\n  ip-address: {ADDRESS}\n  username: \"\"\n  chroot: \"\"\n  server-count: 1\n  do-ip6: no\n  \
         zonesdir: \"{place}\"\n  pidfile: \"\"\n  database: \"\"\n  xfrdfile: \"{place}/root.xfrd\"\n  \
         zonelistfile: \"{place}/root.list\"\n  xfrdir: \"{place}\"\n  rrl-ratelimit: 0\n\
         remote-control:\n  control-enable: no\n\
         zone:\n  name: \".\"\n  zonefile: \"root.zone\"\n"
    );
    let file = folder.join("root.conf");
    fs::write(&file, text).context("writing the root server's configuration")?;
    let mut command = Command::new("nsd");
    command.arg("-d").arg("-c").arg(file);
    Daemon::start(observer, command, &folder.join("root.txt"))
}

fn zone() -> String {
    let mut text = format!(
        "$ORIGIN .\n$TTL 86400\n@ SOA a.root. nobody.root. 1 1800 900 604800 86400\n@ NS a.root.\na.root. A {ADDRESS}\n"
    );
    let top = ZONES.first().copied().unwrap_or_default();
    for server in names::servers() {
        _ = writeln!(text, "{top}. NS {}.\n{}. A {}", server.name, server.name, server.address);
    }
    text
}
