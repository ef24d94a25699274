//! The log of observations: segments in the form of recordings, a file an hour, in small zstd frames of
//! their own, so that what was flushed survives whatever happens to the process.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use falter_model::{Observation, Interned, Span, Timestamp, VantagePoint};
use falter_sources::recording::{RecordingHeader, write_line};

/// A segment is a file of one hour, named by its beginning.
const HOUR: Span = Span::from_hours(1);

/// Fast, and still a fifth of the size: a frame is a second's lines.
const LEVEL: i32 = 1;

const ENDING: &str = ".jsonl.zst";

/// Segments of one network, of which one process writes.
#[derive(Debug)]
pub(super) struct Log {
    folder: PathBuf,
    network: String,
    points: Vec<VantagePoint>,
    open: Option<Segment>,
    /// Held while this process writes.
    _lock: File,
}

#[derive(Debug)]
struct Segment {
    hour: Timestamp,
    file: File,
    length: u64,
}

impl Log {
    /// The log of a network in a store's folder; an error where another process writes it.
    pub(super) fn open(store: &Path, network: &str, points: Vec<VantagePoint>) -> io::Result<Self> {
        let folder = store.join("observations").join(network);
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        if let Err(error) = lock.try_lock() {
            return Err(match error {
                fs::TryLockError::WouldBlock => io::Error::new(
                    io::ErrorKind::ResourceBusy,
                    "another process watches this network into this store",
                ),
                fs::TryLockError::Error(error) => error,
            });
        }
        let log = Self { folder, network: network.to_owned(), points, open: None, _lock: lock };
        // Before anything is read: what is cut off now must not be read and then be gone.
        if let Some((_, path)) = log.segments()?.pop() {
            mend(&path)?;
        }
        Ok(log)
    }

    /// Where the segments are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Appends lines that became known up to `now`: all of them or none. They are on the disk when this
    /// returns.
    pub(super) fn append(&mut self, lines: &[u8], now: Timestamp) -> io::Result<()> {
        let hour = hour_of(now);
        if self.open.as_ref().is_none_or(|open| open.hour < hour) {
            self.open = Some(self.begin(hour, now)?);
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        open.append(lines)
    }

    /// Lines of all segments that reach beyond `from`, in the order in which they became known.
    pub(super) fn read(&self, from: Timestamp, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        for path in self.segments()?.into_iter().filter(|(hour, _)| *hour + HOUR > from).map(|s| s.1) {
            let mut lines = BufReader::new(zstd::Decoder::new(File::open(&path)?)?);
            let mut line = Vec::new();
            loop {
                line.clear();
                match lines.read_until(b'\n', &mut line) {
                    Ok(0) => break,
                    Ok(_) if line.ends_with(b"\n") => take(&line),
                    Ok(_) => break,
                    // The frame that was being written when the machine stopped.
                    Err(error) => {
                        tracing::warn!(segment = %path.display(), %error, "Segment is cut off.");
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Removes whole segments that are older than `keep`, and the oldest while all take more than `most`
    /// octets; never the one that is written.
    pub(super) fn prune(&self, now: Timestamp, keep: Span, most: u64) -> io::Result<()> {
        let mut segments = self.segments()?;
        segments.pop();
        let size = |path: &Path| fs::metadata(path).map_or(0, |is| is.len());
        let mut all: u64 = segments.iter().map(|(_, path)| size(path)).sum();
        for (hour, path) in segments {
            if hour + HOUR + keep >= now && all <= most {
                break;
            }
            all = all.saturating_sub(size(&path));
            fs::remove_file(path)?;
        }
        Ok(())
    }

    fn segments(&self) -> io::Result<Vec<(Timestamp, PathBuf)>> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let hour = name.strip_suffix(ENDING).and_then(|hour| format!("{hour}:00Z").parse().ok());
            segments.extend(hour.map(|hour| (hour, path.clone())));
        }
        segments.sort();
        Ok(segments)
    }

    /// Goes on with a segment, or begins it with a header and the time that all before it reached.
    fn begin(&self, hour: Timestamp, now: Timestamp) -> io::Result<Segment> {
        let text = hour.to_string();
        let name = text.get(..13).unwrap_or(&text);
        let path = self.folder.join(format!("{name}{ENDING}"));
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let mut segment = Segment { hour, length: file.metadata()?.len(), file };
        if segment.length == 0 {
            let mut header = RecordingHeader::new(Some(&self.network), now);
            header.vantage_points.clone_from(&self.points);
            let mut lines = serde_json::to_vec(&header)?;
            lines.push(b'\n');
            let tick = Observation::tick(now.floor_second());
            write_line(&mut lines, &tick, &Interned::new()).map_err(io::Error::other)?;
            segment.append(&lines)?;
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(segment)
    }
}

impl Segment {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let frame = zstd::bulk::compress(lines, LEVEL)?;
        let written = self.file.write_all(&frame).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => {
                self.length += frame.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Half a frame would hide all that comes after it.
                self.file.set_len(self.length)?;
                Err(error)
            }
        }
    }
}

/// Cuts off the frame that was being written when the process ended.
fn mend(path: &Path) -> io::Result<()> {
    let octets = fs::read(path)?;
    let mut whole = 0;
    while let Some(rest) = octets.get(whole..).filter(|rest| !rest.is_empty()) {
        match zstd::zstd_safe::find_frame_compressed_size(rest) {
            Ok(length) if length > 0 => whole += length,
            _ => break,
        }
    }
    if whole < octets.len() {
        OpenOptions::new().write(true).open(path)?.set_len(whole as u64)?;
    }
    Ok(())
}

fn hour_of(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros().div_euclid(HOUR.micros()) * HOUR.micros())
}
