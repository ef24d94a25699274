//! All inputs of one run, merged.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use falter_model::{Interned, Observation, Prefix, Timestamp, VantagePoints};

use super::capture_file::{CaptureFile, DARKNET};
use super::collectors::Collector;
use super::content::Digesting;
use super::elems::{Elems, Sink};
use super::files::{Entry, Files, IMPORT};
use super::head::Class;
use super::listing::list;
use super::merge::{Key, Lane};
use super::mrt_file::MrtFile;
use super::recorded::{Recorded, Start};
use super::{InputArg, InputKind, InputReport, Interest, Place, Progress};
use crate::compression::{BlockDecoders, Feed};
use crate::darknet::{Flows, Scope};
use crate::recording::RecordingHeader;
use crate::series::{BadRow, RowError, SeriesReader, SeriesTable};

/// Why reading can't begin.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// No argument was given.
    #[error("expected at least one input")]
    None,
    /// There is no such file.
    #[error("there is no input {path:?}")]
    Missing {
        /// As it was named.
        path: PathBuf,
    },
    /// It is there and can't be read.
    #[error("could not open {path:?}")]
    Unreadable {
        /// As it was named.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder in which nothing is MRT, a recording, a series or a capture.
    #[error("the folder {path:?} holds no input: no MRT, recording, series or capture")]
    EmptyFolder {
        /// As it was named.
        path: PathBuf,
    },
}

/// Observations that one call appends, but for a last record that has more.
const BATCH: usize = 4096;
/// Records after which a call returns even if they held nothing, so that progress can be shown.
const MOST_RECORDS: usize = 65_536;
/// Inputs that are decompressed ahead at a time, 1.3 MB and a thread each; more that overlap are
/// decompressed when they are read.
const MOST_AHEAD: usize = 32;
/// Inputs whose turn is next that are decompressed ahead already.
const WARM: usize = 1;

/// All inputs of one run as one stream, in the order of time.
///
/// Where nothing is watched of a record, one activity tells that its peer lives; see [`Interest`]. A
/// table dump ends with a [`RibEnd`](falter_model::RibEnd) a minute after its last record.
pub struct Inputs {
    reports: Vec<InputReport>,
    headers: Vec<RecordingHeader>,
    elems: Elems,
    /// What the packets of all captures show.
    flows: Flows,
    /// When they must be told that time has passed.
    flows_due: Timestamp,
    /// By group; those of series and recordings stay unused.
    collectors: Vec<Collector>,
    /// Inputs whose time has not come, the next last.
    waiting: Vec<Waiting>,
    /// Recordings that go on from another one, by its report: they are read after it, whatever their times.
    following: BTreeMap<usize, Vec<Waiting>>,
    /// Inputs that are being read, each at its place in `heap`; ended ones are `None`.
    active: Vec<Option<Active>>,
    heap: BinaryHeap<Reverse<(Key, usize)>>,
    /// The earliest time at which a table dump that is being read counts as complete.
    dump_deadline: Timestamp,
    /// The report of each rank.
    ranks: Vec<usize>,
    /// Inputs that have a thread.
    ahead: usize,
    decoders: BlockDecoders,
    count: Arc<AtomicU64>,
    octets: Option<u64>,
    digests: Digests,
}

/// Whether contents are digested while they are read, which takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digests {
    Spared,
    Taken,
}

/// An input whose time has not come.
struct Waiting {
    /// Of its first record.
    key: Key,
    state: WaitingState,
}

enum WaitingState {
    /// Not opened.
    Closed(Box<Entry>),
    /// Decompressed ahead.
    Started {
        feed: Feed,
        is_ahead: bool,
        kind: InputKind,
        digesting: Option<Digesting>,
        start: Start,
    },
    /// The series, which were read whole.
    Series(SeriesTable),
    /// Could not be opened, which was told.
    Failed,
}

/// An input that is being read.
struct Active {
    lane: Lane,
    report: usize,
    group: u32,
    /// Whether it has a thread.
    is_ahead: bool,
    digesting: Option<Digesting>,
}

impl Inputs {
    /// Opens what the arguments name and looks at the head of each file. Series are read whole, since
    /// they may be ordered by something else than time.
    ///
    /// Every route is watched, without paths, unless [`watch`](Self::watch) says otherwise.
    pub fn open(arguments: &[InputArg]) -> Result<Self, InputError> {
        Self::open_with(arguments, Digests::Spared)
    }

    /// The same, and digests the content of each input while it is read: see
    /// [`InputReport::content`].
    pub fn open_digesting(arguments: &[InputArg]) -> Result<Self, InputError> {
        Self::open_with(arguments, Digests::Taken)
    }

    fn open_with(arguments: &[InputArg], digests: Digests) -> Result<Self, InputError> {
        let count = Arc::default();
        let Files { reports, entries, headers, octets } = Files::look_at(list(arguments)?, &count)?;
        let mut groups: Vec<_> = entries.iter().map(|entry| entry.group.clone()).collect();
        groups.sort();
        groups.dedup();
        let group = |name: &str| {
            let found = groups.iter().position(|group| &**group == name);
            u32::try_from(found.unwrap_or_default()).unwrap_or(u32::MAX)
        };
        let mut inputs = Self {
            reports,
            headers,
            elems: Elems::new(Interest::default()),
            flows: flows(None),
            flows_due: Timestamp::MAX,
            collectors: groups.iter().cloned().map(Collector::new).collect(),
            waiting: Vec::new(),
            following: BTreeMap::new(),
            active: Vec::new(),
            heap: BinaryHeap::new(),
            dump_deadline: Timestamp::MAX,
            ranks: Vec::new(),
            ahead: 0,
            decoders: BlockDecoders::default(),
            count,
            octets,
            digests,
        };
        let mut series = SeriesTable::default();
        for (rank, entry) in (0..).zip(entries) {
            inputs.ranks.push(entry.report);
            if entry.kind == InputKind::Series {
                inputs.read_series(rank, entry, &mut series);
                continue;
            }
            let first = entry.head.first;
            let key = Key { at: first.at, group: group(&entry.group), class: first.class, rank };
            let follows = entry.follows;
            let waiting = Waiting { key, state: WaitingState::Closed(Box::new(entry)) };
            match follows {
                Some(report) => inputs.following.entry(report).or_default().push(waiting),
                None => inputs.waiting.push(waiting),
            }
        }
        inputs.add_series(series, group(IMPORT));
        inputs.waiting.sort_by_key(|waiting| Reverse(waiting.key));
        Ok(inputs)
    }

    /// Says what is watched from here on: before anything is read, as a rule.
    pub fn watch(&mut self, interest: Interest) {
        self.flows = flows(interest.prefixes.clone());
        self.elems = Elems::new(interest);
    }

    /// Appends the next observations, in the order of time, some thousands at most; false at the end.
    /// It may append none and yet not be at the end. What happened when is in `at` of each: it runs
    /// backwards where the input does.
    pub fn read(&mut self, interned: &mut Interned, into: &mut Vec<Observation>) -> bool {
        let full = into.len() + BATCH;
        let mut records = 0;
        while into.len() < full && records < MOST_RECORDS {
            self.admit(interned);
            let Some(Reverse((key, index))) = self.heap.pop() else {
                self.end_dumps(Timestamp::MAX, interned, into);
                self.flows.finish();
                into.extend(std::iter::from_fn(|| self.flows.pop()));
                return !into.is_empty() && into.len() > full - BATCH;
            };
            let mut key = Some(key);
            // An input goes on as long as it comes before all others.
            let bound = self.bound();
            while let Some(now) = key
                && bound.is_none_or(|bound| now < bound)
                && into.len() < full
                && records < MOST_RECORDS
            {
                records += 1;
                key = self.step(index, now, interned, into);
            }
            if let Some(key) = key {
                self.heap.push(Reverse((key, index)));
            }
        }
        true
    }

    /// What became of each input so far, in the order of their paths.
    pub fn reports(&self) -> &[InputReport] {
        &self.reports
    }

    /// How much was read.
    pub fn progress(&self) -> Progress {
        Progress { read_octets: self.count.load(Ordering::Relaxed), all_octets: self.octets }
    }

    /// The first lines of the recordings among the inputs, in the order of their first observations; the
    /// state that they start from stands among the observations.
    pub fn recording_headers(&self) -> &[RecordingHeader] {
        &self.headers
    }

    /// The vantage points that the recordings tell of.
    pub fn vantage_points(&self) -> VantagePoints {
        self.headers.iter().flat_map(|header| header.vantage_points.iter().cloned()).collect()
    }

    /// The key at which another input comes first.
    fn bound(&self) -> Option<Key> {
        let active = self.heap.peek().map(|Reverse((key, _))| *key);
        let waiting = self.waiting.last().map(|waiting| waiting.key);
        match (active, waiting) {
            (Some(active), Some(waiting)) => Some(active.min(waiting)),
            (active, waiting) => active.or(waiting),
        }
    }

    /// Gives what an input has ready and goes on to what it has next.
    #[inline]
    fn step(
        &mut self,
        index: usize,
        key: Key,
        interned: &mut Interned,
        into: &mut Vec<Observation>,
    ) -> Option<Key> {
        if key.at > self.dump_deadline {
            self.end_dumps(key.at, interned, into);
        }
        if key.at >= self.flows_due {
            self.flows.pass(key.at);
            self.tell_attacks(into);
        }
        let slot = self.active.get_mut(index)?;
        let Active { lane, report, .. } = slot.as_mut()?;
        let report = self.reports.get_mut(*report)?;
        let next = match lane {
            Lane::Mrt(file) => {
                let collector = self.collectors.get_mut(key.group as usize)?;
                if key.class == Class::Table {
                    let deadline = collector.dump_goes_on(key.at);
                    self.dump_deadline = self.dump_deadline.min(deadline);
                }
                if let Some((record, offset, table)) = file.record() {
                    let mut sink = Sink { interned, into, report, offset };
                    self.elems.read(&record, table, collector, &mut sink);
                }
                file.advance(report)
            }
            Lane::Recording(file) => {
                report.observations += 1;
                into.extend(file.take());
                file.advance(interned, report).map(|at| (at, Class::Change))
            }
            Lane::Capture(file) => {
                report.observations += 1;
                file.take(&mut self.flows);
                let next = file.advance(report).map(|at| (at, Class::Change));
                self.tell_attacks(into);
                next
            }
            Lane::Series(table) => {
                if let Some((rank, observation)) = table.next() {
                    into.push(observation);
                    let of_rank = self.ranks.get(rank as usize);
                    if let Some(report) = of_rank.and_then(|index| self.reports.get_mut(*index)) {
                        report.observations += 1;
                    }
                }
                table.next_at().map(|at| (at, Class::Change))
            }
        };
        if next.is_none() {
            self.close(index, interned);
        }
        next.map(|(at, class)| Key { at, class, ..key })
    }

    /// Begins to read all inputs whose time has come, and to decompress the ones after.
    fn admit(&mut self, interned: &mut Interned) {
        while let Some(next) = self.waiting.last()
            && self.heap.peek().is_none_or(|Reverse((key, _))| next.key <= *key)
        {
            let Some(waiting) = self.waiting.pop() else { return };
            self.begin(waiting, Timestamp::MIN, interned);
        }
        for behind in 1..=WARM.min(self.waiting.len()) {
            let index = self.waiting.len() - behind;
            let Some(waiting) = self.waiting.get_mut(index) else { continue };
            let state = std::mem::replace(&mut waiting.state, WaitingState::Failed);
            let state = self.start(state);
            if let Some(waiting) = self.waiting.get_mut(index) {
                waiting.state = state;
            }
        }
    }

    /// Opens an input that is closed.
    fn start(&mut self, state: WaitingState) -> WaitingState {
        let WaitingState::Closed(mut entry) = state else { return state };
        let Some((decoder, digesting)) = self.open_content(&mut entry) else {
            return WaitingState::Failed;
        };
        let is_ahead = self.ahead < MOST_AHEAD;
        self.ahead += usize::from(is_ahead);
        let feed = if is_ahead { Feed::ahead(decoder) } else { Feed::direct(decoder) };
        WaitingState::Started { feed, is_ahead, kind: entry.kind, digesting, start: entry.start }
    }

    /// The decompressed content of an input; `None` where it can't be opened, which is told.
    fn open_content(
        &mut self,
        entry: &mut Entry,
    ) -> Option<(Box<dyn Read + Send>, Option<Digesting>)> {
        let opened = match entry.head.take_content() {
            Some(content) => Ok(content),
            None => entry.origin.open(Arc::clone(&self.count), Some(&self.decoders)),
        };
        match (opened, self.digests) {
            (Ok(content), Digests::Spared) => Some((content, None)),
            (Ok(content), Digests::Taken) => {
                let digesting = Digesting::default();
                Some((digesting.through(content), Some(digesting)))
            }
            (Err(error), _) => {
                if let Some(report) = self.reports.get_mut(entry.report) {
                    report.tell(Place::Offset(0), error);
                }
                None
            }
        }
    }

    /// Tells what was read of an input that has ended, of its duplicates too.
    fn tell_content(&mut self, report: usize, digesting: &Digesting) {
        let content = Some(digesting.content());
        let Some(read) = self.reports.get_mut(report) else { return };
        read.content = content;
        let path = Some(read.path.clone());
        for report in self.reports.iter_mut().filter(|report| report.duplicate_of == path) {
            report.content = content;
        }
    }

    /// Reads on to the first record of an input and takes it into the merge, not before the time that
    /// the one before it reached.
    fn begin(&mut self, waiting: Waiting, reached: Timestamp, interned: &mut Interned) {
        let Waiting { key, state } = waiting;
        let Some(report) = self.ranks.get(key.rank as usize).copied() else { return };
        let (mut lane, is_ahead, digesting) = match self.start(state) {
            WaitingState::Started {
                feed,
                is_ahead,
                kind: InputKind::Recording,
                digesting,
                start,
            } => {
                let recorded = Recorded::new(feed, start, reached);
                (Lane::Recording(Box::new(recorded)), is_ahead, digesting)
            }
            WaitingState::Started { feed, is_ahead, kind: InputKind::Pcap, digesting, .. } => {
                (Lane::Capture(Box::new(CaptureFile::new(feed))), is_ahead, digesting)
            }
            WaitingState::Started { feed, is_ahead, digesting, .. } => {
                (Lane::Mrt(Box::new(MrtFile::new(feed))), is_ahead, digesting)
            }
            WaitingState::Series(table) => (Lane::Series(table), false, None),
            WaitingState::Closed(_) | WaitingState::Failed => {
                self.go_on_from(report, reached, interned);
                return;
            }
        };
        let Some(told) = self.reports.get_mut(report) else { return };
        let first = match &mut lane {
            Lane::Mrt(file) => file.advance(told),
            Lane::Recording(file) => file.advance(interned, told).map(|at| (at, Class::Change)),
            Lane::Capture(file) => file.advance(told).map(|at| (at, Class::Change)),
            Lane::Series(table) => table.next_at().map(|at| (at, Class::Change)),
        };
        let index = self.active.len();
        self.active.push(Some(Active { lane, report, group: key.group, is_ahead, digesting }));
        match first {
            Some((at, class)) => self.heap.push(Reverse((Key { at, class, ..key }, index))),
            None => self.close(index, interned),
        }
    }

    /// Begins what goes on from a recording that has ended.
    fn go_on_from(&mut self, report: usize, reached: Timestamp, interned: &mut Interned) {
        for waiting in self.following.remove(&report).unwrap_or_default() {
            self.begin(waiting, reached, interned);
        }
    }

    /// An input has ended.
    fn close(&mut self, index: usize, interned: &mut Interned) {
        let Some(ended) = self.active.get_mut(index).and_then(Option::take) else { return };
        self.ahead -= usize::from(ended.is_ahead);
        // A table of series has told of its files when it was made.
        if let Some(digesting) = &ended.digesting {
            self.tell_content(ended.report, digesting);
        }
        // Ended inputs at the end need no place.
        while let Some(None) = self.active.last() {
            self.active.pop();
        }
        match ended.lane {
            Lane::Mrt(mut file) => {
                if let Some(collector) = self.collectors.get_mut(ended.group as usize)
                    && let Some(table) = &mut file.table
                {
                    table.settle(collector);
                }
            }
            Lane::Recording(file) => self.go_on_from(ended.report, file.reached(), interned),
            Lane::Capture(_) | Lane::Series(_) => {}
        }
    }

    /// Tells the ends of the table dumps that are complete at `now`, in the order of time and group.
    #[cold]
    fn end_dumps(&mut self, now: Timestamp, interned: &mut Interned, into: &mut Vec<Observation>) {
        let mut complete: Vec<(Timestamp, usize)> = Vec::new();
        self.dump_deadline = Timestamp::MAX;
        for (group, collector) in self.collectors.iter().enumerate() {
            match collector.dump_deadline() {
                Some(deadline) if deadline < now => complete.push((deadline, group)),
                Some(deadline) => self.dump_deadline = self.dump_deadline.min(deadline),
                None => {}
            }
        }
        complete.sort_unstable();
        for (_, group) in complete {
            let Some(collector) = self.collectors.get_mut(group) else { continue };
            let lanes = self.active.iter_mut().flatten();
            for active in lanes.filter(|active| active.group as usize == group) {
                if let Lane::Mrt(file) = &mut active.lane
                    && let Some(table) = &mut file.table
                {
                    table.settle(collector);
                }
            }
            into.extend(collector.end_dump(interned));
        }
    }

    /// Gives what the packets of captures showed, and says until when time need not be told to them.
    fn tell_attacks(&mut self, into: &mut Vec<Observation>) {
        into.extend(std::iter::from_fn(|| self.flows.pop()));
        self.flows_due = self.flows.due().unwrap_or(Timestamp::MAX);
    }

    /// Reads all rows of a series.
    fn read_series(&mut self, rank: u32, mut entry: Entry, series: &mut SeriesTable) {
        let Some((content, digesting)) = self.open_content(&mut entry) else { return };
        let Some(report) = self.reports.get_mut(entry.report) else { return };
        for row in SeriesReader::new(BufReader::new(content)) {
            match row {
                Ok(row) => series.add(rank, row),
                Err(BadRow { line, source: RowError::Read(error) }) => {
                    report.tell(Place::Line(line), error);
                }
                Err(BadRow { line, source }) => report.tell(Place::Line(line), source),
            }
        }
        if let Some(digesting) = &digesting {
            self.tell_content(entry.report, digesting);
        }
    }

    /// Puts the rows of all series into the queue.
    fn add_series(&mut self, mut series: SeriesTable, group: u32) {
        for (rank, line) in series.sort() {
            let of_rank = self.ranks.get(rank as usize);
            if let Some(report) = of_rank.and_then(|index| self.reports.get_mut(*index)) {
                report.tell(Place::Line(line), RowError::Contradiction);
            }
        }
        let Some(at) = series.next_at() else { return };
        // All rows of the same moment come together, whichever file they are from.
        let key = Key { at, group, class: Class::Change, rank: 0 };
        self.waiting.push(Waiting { key, state: WaitingState::Series(series) });
    }
}

/// Attacks on victims in these prefixes; on everybody if `None`.
fn flows(victims: Option<Vec<Prefix>>) -> Flows {
    Flows::new(DARKNET.into(), Scope::of_victims(victims))
}

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs").field("reports", &self.reports).finish_non_exhaustive()
    }
}
