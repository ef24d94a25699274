//! All that watches a run: witnesses, captures, and the files of the collectors while they grow.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use falter_model::{Clock, Timestamp};
use falter_sources::clock::SystemClock;

use super::folder::Folder;
use super::noise::Noise;
use crate::capture::Capture;
use crate::country::Role;
use crate::restamp::{self, Calendar, Watch};
use crate::stage::Stage;
use crate::witness::{Seen, Witnesses};

/// What a capture keeps at most, octets: with everything else well below what a folder may hold.
const MOST_CAPTURED: usize = 12 << 20;
/// How long a table dump may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// BMP as the station keeps it.
const BMP: &str = "bmp.raw";

/// See the module.
pub(super) struct Watchers {
    began: Timestamp,
    collector: PathBuf,
    station: PathBuf,
    table: PathBuf,
    updates: Watch,
    bmp: Watch,
    darknet: Capture,
    observer: Capture,
    noise: Noise,
    witnesses: Witnesses,
}

impl Watchers {
    /// Begins to watch; what is captured is put into `work`. The recording begins with a table dump.
    pub(super) fn begin(stage: &Stage, work: &Path) -> Result<Self> {
        let node = |is: fn(&Role) -> bool, what: &'static str| {
            let node = stage.country().nodes_that(is).next();
            node.map(|node| node.name.clone()).with_context(|| format!("the country has no {what}"))
        };
        let collector = node(|role| *role == Role::Collector, "collector")?;
        let station = node(|role| *role == Role::Station, "station")?;
        let darknet = node(|role| *role == Role::Darknet, "darknet")?;
        let observer = node(|role| matches!(role, Role::Observer(_)), "observer")?;
        let updates = Watch::begin(&stage.folder_of(&collector).join("updates.mrt"));
        let bmp = Watch::begin(&stage.folder_of(&station).join(BMP));
        let darknet =
            Capture::begin(&stage.ns(&darknet), &work.join("darknet.pcap"), MOST_CAPTURED)?;
        let observer =
            Capture::begin(&stage.ns(&observer), &work.join("observer1.pcap"), MOST_CAPTURED)?;
        let began = SystemClock.now();
        let table = work.join("table.mrt");
        stage
            .tell(&collector, &format!("mrt dump table \"master4\" to \"{}\"", table.display()))?;
        let noise = Noise::begin(stage);
        let witnesses = Witnesses::begin(stage.country(), &stage.folder().join("witnesses"))?;
        let (collector, station) = (stage.folder_of(&collector), stage.folder_of(&station));
        Ok(Self {
            began,
            collector,
            station,
            table,
            updates,
            bmp,
            darknet,
            observer,
            noise,
            witnesses,
        })
    }

    /// When the recording began, by the machine's clock.
    pub(super) const fn began(&self) -> Timestamp {
        self.began
    }

    /// Ends it, and writes what collectors and captures have, on the calendar. Captures are left to be
    /// compressed once they were looked at.
    pub(super) fn end(
        self,
        stage: &Stage,
        ended: Timestamp,
        calendar: &Calendar,
        folder: &mut Folder,
    ) -> Result<Seen> {
        let seen = self.witnesses.end();
        self.noise.end();
        let captured = [self.darknet.end(), self.observer.end()];
        let (updates, bmp) = (self.updates.end(), self.bmp.end());
        let seen = seen?;
        for captured in captured {
            captured?;
        }
        let table = whole(&self.table)?;
        let table = restamp::table(&table, self.began, calendar)?;
        folder.write_compressed("collector/rib.mrt", &table)?;
        let octets = std::fs::read(self.collector.join("updates.mrt"))?;
        let octets = restamp::updates(&octets, &updates, (self.began, ended), calendar)?;
        folder.write_compressed("collector/updates.mrt", &octets)?;
        let octets = std::fs::read(self.station.join(BMP)).unwrap_or_default();
        folder.write_compressed("station.bmp", &restamp::messages(&octets, &bmp, calendar))?;
        for name in ["darknet.pcap", "observer1.pcap"] {
            let octets = folder.read(name)?;
            folder.replace(name, &restamp::packets(&octets, calendar))?;
        }
        std::fs::remove_dir_all(stage.folder().join("witnesses")).context("clearing up")?;
        Ok(seen)
    }
}

/// A table dump once it is complete: it no longer grows.
fn whole(path: &Path) -> Result<Vec<u8>> {
    let began = Instant::now();
    let mut last = 0;
    loop {
        let length = std::fs::metadata(path).map_or(0, |file| file.len());
        if length > 0 && length == last {
            return std::fs::read(path).context("reading the table dump");
        }
        if began.elapsed() > PATIENCE {
            bail!("the collector dumped no table within {} s", PATIENCE.as_secs());
        }
        last = length;
        thread::sleep(Duration::from_millis(100));
    }
}
