//! All inputs of a run after their heads were looked at: which are read, in which order, and which
//! are the same.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use falter_model::{Text, Timestamp};

use super::capture_file::DARKNET;
use super::collector::{self, collector_of};
use super::head::{First, Head, Sum, whole_sum};
use super::listing::Listed;
use super::origin::Origin;
use super::recorded::Start;
use super::{Fault, InputError, InputKind, InputReport, Place};
use crate::recording::{LineError, RecordingHeader, is_before};

/// The group of series.
pub(super) const IMPORT: &str = "import";
/// The group of recordings.
const RECORDING: &str = "recording";

/// An input that will be read.
pub(super) struct Entry {
    /// Where its report stands.
    pub(super) report: usize,
    pub(super) kind: InputKind,
    pub(super) origin: Origin,
    pub(super) head: Head,
    /// The collector, or what stands for one.
    pub(super) group: Text,
    /// Of the whole content, where the head did not tell it from another's.
    sum: Option<Sum>,
    /// The report of the recording that it goes on from, where that is read too.
    pub(super) follows: Option<usize>,
    /// What it starts from, where it is read without the one before it.
    pub(super) start: Start,
}

/// The inputs of a run.
pub(super) struct Files {
    /// What becomes of each, in the order of their paths.
    pub(super) reports: Vec<InputReport>,
    /// Those that are read, in the order in which they go where nothing else decides: group, first
    /// record, digest.
    pub(super) entries: Vec<Entry>,
    /// First lines of the recordings among them, but for the state that they start from.
    pub(super) headers: Vec<RecordingHeader>,
    /// Octets on disk; `None` where something is streamed.
    pub(super) octets: Option<u64>,
}

impl Files {
    /// Looks at the head of each input.
    pub(super) fn look_at(listed: Vec<Listed>, count: &Arc<AtomicU64>) -> Result<Self, InputError> {
        let is_only = listed.len() == 1;
        let heads = read_heads(&listed, is_only, count);
        let mut files =
            Self { reports: Vec::new(), entries: Vec::new(), headers: Vec::new(), octets: None };
        // Whether a folder that was named holds anything.
        let mut folders: BTreeMap<PathBuf, bool> = BTreeMap::new();
        for (listed, head) in listed.into_iter().zip(heads) {
            let Listed { path, folder, .. } = listed;
            let (origin, head) = match head {
                Ok(read) => read,
                Err(source) if folder.is_none() => {
                    return Err(InputError::Unreadable { path, source });
                }
                Err(source) => {
                    folders.entry(folder.unwrap_or_default()).or_default();
                    let mut report = InputReport::new(path, None);
                    report.tell(Place::Offset(0), source);
                    files.reports.push(report);
                    continue;
                }
            };
            if let Some(folder) = folder {
                *folders.entry(folder).or_default() |= head.kind.is_some();
            }
            files.add(path, origin, head);
        }
        if let Some((path, _)) = folders.into_iter().find(|(_, is_read)| !is_read) {
            return Err(InputError::EmptyFolder { path });
        }
        files.drop_doubles();
        files.entries.sort_by(|a, b| a.rank().cmp(&b.rank()));
        files.take_headers();
        files.octets = files.entries.iter().map(|entry| entry.origin.octets()).sum();
        Ok(files)
    }

    fn add(&mut self, path: PathBuf, origin: Origin, mut head: Head) {
        let mut report = InputReport::new(path, head.kind);
        let Some(kind) = head.kind else {
            tell_unread(&mut report, &mut head);
            self.reports.push(report);
            return;
        };
        let group = match kind {
            InputKind::Series => IMPORT.into(),
            InputKind::Recording => RECORDING.into(),
            InputKind::Pcap => DARKNET.into(),
            InputKind::Mrt => collector_of(&report.path),
        };
        let index = self.reports.len();
        self.reports.push(report);
        self.entries.push(Entry {
            report: index,
            kind,
            origin,
            head,
            group,
            sum: None,
            follows: None,
            start: Start::default(),
        });
    }

    /// Reads what has the same content as another once.
    ///
    /// Digests of the head (64 KiB after decompression) are known. Only where two agree are those of
    /// the whole content computed, which costs reading these inputs twice: as good as always they
    /// are doubles, and of those all but one are not read again.
    fn drop_doubles(&mut self) {
        let mut by_head: BTreeMap<(InputKind, Sum), Vec<usize>> = BTreeMap::new();
        for (index, entry) in self.entries.iter().enumerate() {
            by_head.entry((entry.kind, entry.head.sum)).or_default().push(index);
        }
        for index in by_head.into_values().filter(|same| same.len() > 1).flatten() {
            if let Some(entry) = self.entries.get_mut(index) {
                entry.sum = if entry.head.is_whole {
                    Some(entry.head.sum)
                } else {
                    whole_sum(&mut entry.origin).ok()
                };
            }
        }
        // Of doubles, one whose path names a collector is kept, then the first path.
        self.entries.sort_by(|a, b| a.preference().cmp(&b.preference()));
        let mut kept: BTreeMap<(InputKind, Sum), usize> = BTreeMap::new();
        let reports = &mut self.reports;
        self.entries.retain(|entry| {
            let Some(sum) = entry.sum else { return true };
            let first = *kept.entry((entry.kind, sum)).or_insert(entry.report);
            if first == entry.report {
                return true;
            }
            let original = reports.get(first).map(|report| report.path.clone());
            if let Some(report) = reports.get_mut(entry.report) {
                report.duplicate_of = original;
            }
            false
        });
    }

    /// Takes the headers of recordings; those of a form that is not known here are not read.
    fn take_headers(&mut self) {
        let Self { reports, entries, headers, .. } = self;
        // Report and header by the time at which a recording begins.
        let mut known: BTreeMap<Option<Timestamp>, Vec<(usize, usize)>> = BTreeMap::new();
        entries.retain_mut(|entry| {
            let error = match entry.head.recording.take() {
                None => return true,
                Some(Ok(mut header)) if header.version <= RecordingHeader::VERSION => {
                    entry.start = Start::of(&mut header);
                    known.entry(header.from).or_default().push((entry.report, headers.len()));
                    headers.push(header);
                    return true;
                }
                Some(Ok(header)) => LineError::Version { found: header.version },
                Some(Err(error)) => LineError::Json(error),
            };
            if let Some(report) = reports.get_mut(entry.report) {
                report.tell(Place::Line(1), error);
            }
            false
        });
        let mut of_recordings = headers.iter();
        for entry in entries.iter_mut().filter(|entry| entry.kind == InputKind::Recording) {
            let Some(header) = of_recordings.next() else { break };
            let earlier = known.get(&header.follows).into_iter().flatten();
            let mut before = earlier.filter(|(_, earlier)| {
                headers.get(*earlier).is_some_and(|earlier| is_before(earlier, header))
            });
            entry.follows = before.next().map(|(report, _)| *report);
        }
        for entry in entries.iter_mut() {
            entry.begin_with_start();
        }
    }
}

impl Entry {
    fn rank(&self) -> (&Text, First, Sum, Option<Sum>) {
        (&self.group, self.head.first, self.head.sum, self.sum)
    }

    /// What is known at the start comes before the first line, unless the recording before it told that.
    fn begin_with_start(&mut self) {
        if self.follows.is_some() {
            self.start = Start::default();
        } else if let Some(at) = self.start.begins() {
            self.head.first.at = at;
        }
    }

    fn preference(&self) -> (bool, &Text, usize) {
        (&*self.group == collector::NONE, &self.group, self.report)
    }
}

/// Says why an input is not read.
fn tell_unread(report: &mut InputReport, head: &mut Head) {
    let fault = match head.fault.take() {
        Some(error) if head.shown.is_empty() => Fault::Read(error),
        _ if head.shown.is_empty() => Fault::Empty,
        _ => Fault::Unknown { found: head.shown.escape_ascii().to_string().into() },
    };
    report.tell(Place::Offset(0), fault);
}

type HeadRead = io::Result<(Origin, Head)>;

/// Reads all heads, on all cores: of bzip2 a whole block must be decoded for the first octet.
fn read_heads(listed: &[Listed], is_only: bool, count: &Arc<AtomicU64>) -> Vec<HeadRead> {
    let read = |listed: &Listed| {
        let mut origin = Origin::of(listed, is_only)?;
        let head = Head::read(&mut origin, count)?;
        Ok((origin, head))
    };
    let next = AtomicUsize::new(0);
    let heads: Vec<Mutex<Option<HeadRead>>> = listed.iter().map(|_| Mutex::new(None)).collect();
    let work = || {
        while let Some(index) = Some(next.fetch_add(1, Ordering::Relaxed))
            && let (Some(listed), Some(head)) = (listed.get(index), heads.get(index))
        {
            *head.lock().unwrap_or_else(PoisonError::into_inner) = Some(read(listed));
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(listed.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system gives no thread, this one does it all.
            drop(thread::Builder::new().spawn_scoped(scope, work));
        }
        work();
    });
    let lost = || Err(io::Error::other("the thread that read the head was lost"));
    heads
        .into_iter()
        .map(|head| head.into_inner().unwrap_or_else(PoisonError::into_inner))
        .map(|head| head.unwrap_or_else(lost))
        .collect()
}
