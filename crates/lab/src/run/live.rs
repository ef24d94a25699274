//! falter itself, watching the country while it is broken: from an observer, with probes, questions and
//! visits of its own and the routes that the station sends as BMP.

mod root;
pub mod usage;

use std::fs;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use falter_model::{Place, Profile};

use super::{NETWORK, profile};
use crate::country::{Country, INTRANET_ZONE, Role};
use crate::stage::{Daemon, Stage};
use crate::witness::{Stand, stands};
use usage::Usage;

/// What falter leaves, in the run's folder.
pub(super) const FOLDER: &str = "live";
/// What it records, where it does nothing else.
const RECORD: &str = "record.jsonl";
/// Where falter takes BMP, in the observer's namespace.
const BMP_PORT: u16 = 11_019;
/// Where the station sends it to, in its own.
const STATION_PORT: u16 = 11_020;
/// How long falter may take to listen.
const PATIENCE: Duration = Duration::from_secs(10);

/// falter at work.
pub(super) struct Live {
    daemon: Daemon,
    root: Daemon,
    began: Instant,
    folder: PathBuf,
}

impl Live {
    /// Starts `falter watch`, or `falter record`, in the first observer's place and leads the station's BMP
    /// there.
    pub(super) fn begin(
        stage: &Stage,
        falter: &Path,
        records_only: bool,
        work: &Path,
    ) -> Result<Self> {
        let country = stage.country();
        let folder = work.join(FOLDER);
        fs::create_dir_all(&folder)?;
        let stand = stands(country).into_iter().find(|stand| stand.place == Place::Outside);
        let stand = stand.context("the country has no observer outside")?;
        // The calendar is the machine's: hold times are as they are.
        let network = folder.join("network.toml");
        fs::write(&network, toml::to_string(&seen_outside(profile(country, 1)))?)?;
        let config = folder.join("falter.toml");
        fs::write(&config, configuration(country, &stand))?;
        let mut command = Command::new(falter);
        let verb = if records_only { "record" } else { "watch" };
        command.arg(verb).arg(&network).arg("--synthetic");
        if records_only {
            command.arg("--out").arg(folder.join(RECORD));
        }
        command.arg("--config").arg(&config).arg("--store").arg(folder.join("store"));
        let observer = stage.ns(&stand.node);
        let root = root::start(&observer, &folder)?;
        let began = Instant::now();
        let daemon = Daemon::start(&observer, command, &folder.join("events.txt"))?;
        let station = country.nodes_that(|role| *role == Role::Station).next();
        let station = stage.ns(&station.context("the country has no station")?.name);
        let to = wait_for(|| observer.inside(|| Ok(TcpStream::connect(("127.0.0.1", BMP_PORT))?)))?;
        let from = station.inside(|| Ok(TcpListener::bind(("127.0.0.1", STATION_PORT))?))?;
        thread::spawn(move || lead(&from, to));
        let address = format!("127.0.0.1:{STATION_PORT}");
        station.run("gobgp", &["bmp", "add", &address, "pre"])?;
        Ok(Self { daemon, root, began, folder })
    }

    /// Ends it. What it left, its store and what it said, is in [`FOLDER`].
    pub(super) fn end(self) -> Result<()> {
        let usage = Usage::of(self.daemon.id(), self.began.elapsed())?;
        fs::write(self.folder.join(usage::FILE), toml::to_string(&usage)?)?;
        self.daemon.stop(false)?;
        self.root.stop(false)
    }
}

/// What the world can ask of the country: not its intranet.
fn seen_outside(mut profile: Profile) -> Profile {
    profile.zones.retain(|zone| &*zone.name != INTRANET_ZONE);
    let of_intranet = |url: &str| url.trim_end_matches('/').ends_with(&format!(".{INTRANET_ZONE}"));
    profile.sites.retain(|site| !of_intranet(&site.url));
    profile
}

/// Passes on what the station sends. A station that comes back has lost whom it sent to.
fn lead(from: &TcpListener, mut to: TcpStream) {
    if let Ok((mut stream, _)) = from.accept() {
        // However it ends, falter sees its end.
        _ = io::copy(&mut stream, &mut to);
        _ = to.shutdown(Shutdown::Both);
    }
}

/// What falter is told of itself and of what it may do. RIS Live is beyond the testbed's edge.
fn configuration(country: &Country, stand: &Stand) -> String {
    let addresses: Vec<String> = country
        .nodes
        .iter()
        .flat_map(|node| node.addresses.iter())
        .filter(|address| address.availability > 0)
        .map(|address| format!("\"{}\"", address.ip))
        .collect();
    format!(
        "# {NETWORK} as the testbed has it.\n\
         [vantage]\nid = \"{}\"\nasn = \"{}\"\nplace = \"outside\"\n\
         [routes.ris_live]\nenabled = false\n\
         [routes.bmp]\nlisten = \"127.0.0.1:{BMP_PORT}\"\n\
         [probing]\ncontact = \"nobody@example.org\"\ntargets = [{}]\n\
         [names]\nevery = \"5s\"\nroots = [\"{}\"]\n\
         [sites]\nevery = \"10s\"\n",
        stand.node,
        stand.asn,
        addresses.join(", "),
        root::ADDRESS
    )
}

fn wait_for<T>(mut done: impl FnMut() -> Result<T>) -> Result<T> {
    let began = Instant::now();
    loop {
        match done() {
            Ok(done) => return Ok(done),
            Err(error) if began.elapsed() > PATIENCE => {
                bail!("falter does not listen: {error:#}")
            }
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::Size;

    #[test]
    fn the_world_does_not_ask_the_intranet() {
        let country = Country::new(&Size::default());
        let all = profile(&country, 1);
        let seen = seen_outside(all.clone());
        assert_eq!((all.zones.len() - seen.zones.len(), seen.sites.len()), (1, 32));
        assert!(seen.zones.iter().any(|zone| &*zone.name == "kp"));
    }
}
