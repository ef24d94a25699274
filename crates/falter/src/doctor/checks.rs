//! The checks, a function each.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use falter_sources::darknet::{ListenError, can_listen};
use falter_sources::probing::{Allowed, privileges};

use super::{Finding, Grade};
use crate::config::{Config, Tcp};
use crate::machine::{self, LITTLE_ROOM_OCTETS, Synchronized};
use crate::profiles::Found;

/// Sessions of 256 routers, the segments and the store, with room to spare.
const ENOUGH_FILES: u64 = 1_024;

/// How to be allowed raw sockets.
const CAP_NET_RAW: &str = "give the program CAP_NET_RAW: setcap cap_net_raw+ep falter, or \
                           AmbientCapabilities=CAP_NET_RAW in its unit";

/// Who does not answer within this is not reachable.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn configuration(error: Option<&String>) -> Finding {
    match error {
        None => Finding::good("configuration", "is valid"),
        Some(error) => {
            let mend = "mend the file; docs/falter.example.toml shows every key";
            Finding::worse("configuration", Grade::Bad, error.as_str(), mend)
        }
    }
}

pub(super) fn profiles(networks: &Result<Vec<Found>, String>) -> Finding {
    match networks {
        Ok(found) => {
            let names: Vec<&str> = found.iter().map(|found| &*found.profile.name).collect();
            Finding::good("profiles", format!("{} can be watched", names.join(", ")))
        }
        Err(error) => {
            let mend = "falter network list shows the profiles, falter network check what is wrong";
            Finding::worse("profiles", Grade::Bad, error.as_str(), mend)
        }
    }
}

pub(super) fn store(folder: Result<&Path, &String>) -> Vec<Finding> {
    let folder = match folder {
        Ok(folder) => folder,
        Err(error) => {
            let mend = "give --store DIR, or set FALTER_STORE";
            return vec![Finding::worse("store", Grade::Bad, error.as_str(), mend)];
        }
    };
    let writable = match write_in(folder) {
        Ok(()) => Finding::good("store", format!("{} can be written", folder.display())),
        Err(error) => {
            let says = format!("{} can't be written: {error}", folder.display());
            let mend = "make it the folder of whoever runs falter, or give another with --store";
            Finding::worse("store", Grade::Bad, says, mend)
        }
    };
    let room = match machine::free_octets(folder) {
        Ok(free) if free >= LITTLE_ROOM_OCTETS => {
            Finding::good("disk", format!("{:.1} GB are free", free as f64 / 1e9))
        }
        Ok(free) => {
            let says = format!("only {} MB are free", free / 1_000_000);
            let mend = "make room, or lower store.keep_days and store.keep_megabytes";
            Finding::worse("disk", Grade::Limited, says, mend)
        }
        Err(error) => {
            Finding::worse("disk", Grade::Limited, error.to_string(), "see whether it is mounted")
        }
    };
    vec![writable, room]
}

/// Makes the folder as watching would, and writes a file that it takes away again.
fn write_in(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(".doctor");
    std::fs::write(&probe, b"falter")?;
    std::fs::remove_file(probe)
}

pub(super) fn probing(config: &Config) -> Finding {
    let has_contact = config.probing.contact.is_some();
    match (privileges().icmp_v4, has_contact) {
        (Allowed::Raw, true) => Finding::good("probing", "raw sockets may be used"),
        (_, false) => {
            let says = "no contact is configured: only what is heard passively is watched";
            let mend = "set probing.contact, or give --contact you@example.org";
            Finding::worse("probing", Grade::Limited, says, mend)
        }
        (Allowed::Datagram, true) => {
            let whole = match config.probing.tcp {
                Tcp::Connect => "",
                Tcp::Syn => "; TCP connections are made whole",
            };
            let says = format!(
                "only the kernel's own ping: what routers say of unreachable hosts is not heard{whole}"
            );
            Finding::worse("probing", Grade::Limited, says, CAP_NET_RAW)
        }
        (Allowed::Nothing, true) => {
            let says = "no ICMP from here: only TCP can be asked";
            let mend = format!(
                "{CAP_NET_RAW}; or allow its group to ping: sysctl net.ipv4.ping_group_range=\"0 2147483647\""
            );
            Finding::worse("probing", Grade::Limited, says, mend)
        }
    }
}

pub(super) fn darknet(config: &Config) -> Option<Finding> {
    let interface = config.darknet.interface.as_ref()?;
    Some(match can_listen(interface) {
        Ok(()) => Finding::good("darknet", format!("{interface} can be listened to")),
        Err(error) => {
            let mend = match error {
                ListenError::NotAllowed => CAP_NET_RAW,
                _ => "set darknet.interface to one that `ip link` shows, and set that up",
            };
            Finding::worse("darknet", Grade::Limited, error.to_string(), mend)
        }
    })
}

pub(super) fn controls(config: &Config, networks: &[Found]) -> Finding {
    let without: Vec<&str> = networks
        .iter()
        .filter(|found| found.profile.controls.far.is_empty())
        .map(|found| &*found.profile.name)
        .collect();
    if without.is_empty() || config.probing.contact.is_none() {
        return Finding::good("controls", "every network that is asked has far controls");
    }
    let says = format!(
        "no far controls for {}: an own uplink that dies can't be told",
        without.join(", ")
    );
    Finding::worse("controls", Grade::Limited, says, "add addresses to [controls] of the profile")
}

pub(super) fn clock() -> Finding {
    match machine::synchronized() {
        Synchronized::Yes => Finding::good("clock", "is synchronized"),
        Synchronized::No => Finding::worse(
            "clock",
            Grade::Limited,
            "is not synchronized: times of outages may be off",
            "start a keeper of time, such as systemd-timesyncd or chrony",
        ),
        Synchronized::Unknown => Finding::worse(
            "clock",
            Grade::Limited,
            "nobody here can tell whether it is synchronized",
            "start a keeper of time, such as systemd-timesyncd or chrony",
        ),
    }
}

pub(super) fn open_files() -> Finding {
    match machine::most_open_files() {
        Ok(most) if most >= ENOUGH_FILES => {
            Finding::good("open files", format!("up to {most} at once"))
        }
        Ok(most) => {
            let says = format!("only {most} at once: sessions of many routers do not fit");
            let mend =
                format!("ulimit -n {ENOUGH_FILES}, or LimitNOFILE={ENOUGH_FILES} in its unit");
            Finding::worse("open files", Grade::Limited, says, mend)
        }
        Err(error) => {
            Finding::worse("open files", Grade::Limited, error.to_string(), "ask getrlimit(2)")
        }
    }
}

pub(super) fn feeds(config: &Config, online: bool) -> Vec<Finding> {
    let ris = &config.routes.ris_live;
    let mut findings = Vec::new();
    if ris.enabled && online {
        findings.push(match reach(&ris.url) {
            Ok(()) => Finding::good("ris-live", format!("{} answers", ris.url)),
            Err(error) => {
                let says = format!("{} does not answer: {error}", ris.url);
                let mend = "see whether this machine reaches the Internet, or set \
                            routes.ris_live.enabled = false";
                Finding::worse("ris-live", Grade::Limited, says, mend)
            }
        });
    }
    let none = !ris.enabled
        && config.routes.bmp.listen.is_none()
        && config.probing.contact.is_none()
        && config.darknet.interface.is_none()
        && config.sources.lines.is_empty();
    if none {
        let says = "no source is configured: nothing can be seen";
        let mend = "enable routes.ris_live, routes.bmp.listen, or give a contact";
        findings.push(Finding::worse("sources", Grade::Bad, says, mend));
    }
    findings
}

/// Connects to the host of a URL, and no more.
fn reach(url: &str) -> io::Result<()> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let port = if scheme == "wss" { 443 } else { 80 };
    let to = if has_port { host.to_owned() } else { format!("{host}:{port}") };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in to.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_store_that_can_t_be_written_makes_watching_impossible() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"").unwrap();
        let grades = |path: &Path| store(Ok(path)).iter().map(|f| f.grade).max().unwrap();
        assert_eq!(grades(&file.join("store")), Grade::Bad);
        assert_ne!(grades(&folder.path().join("store")), Grade::Bad);
    }

    #[test]
    fn a_feed_is_asked_at_its_own_port() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        assert!(reach(&format!("ws://{at}/v1/ws/")).is_ok());
        drop(listener);
        assert!(reach(&format!("ws://{at}/v1/ws/")).is_err());
    }

    #[test]
    fn without_any_source_nothing_can_be_seen() {
        let mut config = Config::default();
        assert!(feeds(&config, false).is_empty());
        config.routes.ris_live.enabled = false;
        assert_eq!(feeds(&config, false).first().map(|f| f.grade), Some(Grade::Bad));
    }
}
