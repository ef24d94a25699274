//! The programs that the testbed runs, and the Debian packages that they are in.

use std::path::Path;

use anyhow::{Result, bail};

/// Program and package.
pub const PROGRAMS: [(&str, &str); 15] = [
    ("unshare", "util-linux"),
    ("setpriv", "util-linux"),
    ("ip", "iproute2"),
    ("tc", "iproute2"),
    ("nft", "nftables"),
    ("bird", "bird2"),
    ("birdc", "bird2"),
    ("gobgpd", "gobgpd"),
    ("nsd", "nsd"),
    ("nginx", "nginx-light"),
    ("ping", "iputils-ping"),
    ("fping", "fping"),
    ("dig", "bind9-dnsutils"),
    ("curl", "curl"),
    ("mount", "mount"),
];

/// Says which programs are missing, and in which packages they are.
pub fn check() -> Result<()> {
    let missing: Vec<String> = PROGRAMS
        .iter()
        .filter(|(program, _)| !is_there(program))
        .map(|(program, package)| format!("{program} (Debian package: {package})"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!("missing: {}", missing.join(", "))
}

/// Looked for where shells do, and where Debian keeps what administrators run.
fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(|folder| Path::new(folder).to_owned()))
        .any(|folder| folder.join(program).is_file())
}
