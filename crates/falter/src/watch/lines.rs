//! Lines of a recording as a source: what another vantage point records while it does, or a recording
//! that is fed in as if it happened. A capture of a darknet may stand for either.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use falter_model::{Clock, Fact, Interned};
use falter_sources::clock::SystemClock;
use falter_sources::darknet::looks_like_capture;
use falter_sources::live::TellError;
use falter_sources::recording::{RecordingHeader, read_line};

use super::captured::{Captured, Ticks};
use super::sources::{Darknet, Source, Start, on_a_thread};
use super::status::SourceState;

/// Longer lines are not read: the end of a table dump with the largest number of peers has 6 MB.
const LONGEST_LINE_OCTETS: u64 = 16 << 20;

/// Octets that tell a capture from a recording.
const MAGIC_OCTETS: u64 = 4;

/// A file that grows is looked at so often.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(200);

/// See the module.
#[derive(Debug)]
pub(crate) struct Lines {
    path: PathBuf,
    from: From,
    darknet: Arc<Darknet>,
}

/// Where to begin in a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Beginning,
    End,
}

/// What brings its own time: a whole recording, its header read, or a capture.
pub(crate) struct OwnTime {
    /// What it says of itself; `None` where its first line is an observation. A capture says only when it
    /// begins.
    pub(crate) header: Option<RecordingHeader>,
    content: Content,
    name: String,
}

enum Content {
    Lines { first: Vec<u8>, rest: Box<dyn BufRead + Send> },
    Capture(Box<Captured>),
}

/// What to do at the end of what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AtEnd {
    /// It is the end.
    End,
    /// More comes: a file that grows.
    Wait,
}

impl Lines {
    /// What another vantage point writes to a named pipe or a file; its time is the wall's, so its ticks
    /// are left out. A file is read from where it ends now.
    pub(crate) const fn joining(path: PathBuf, darknet: Arc<Darknet>) -> Self {
        Self { path, from: From::End, darknet }
    }

    /// The same, `-` for standard input; a file is read whole, and what ends has ended.
    pub(crate) const fn from_its_beginning(path: PathBuf, darknet: Arc<Darknet>) -> Self {
        Self { path, from: From::Beginning, darknet }
    }

    /// It as a source.
    pub(crate) fn source(self) -> Source {
        let Self { path, from, darknet } = self;
        Source::new(format!("lines {}", path.display()), move |with: Start| {
            let (path, darknet) = (path.clone(), Arc::clone(&darknet));
            reading(with, move |with| join(&path, from, &darknet, with))
        })
    }
}

impl OwnTime {
    /// Opens a recording or a capture, `-` for standard input, and reads its head.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let doing = || format!("could not read {}", path.display());
        let stream: Box<dyn Read + Send> = if path.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).with_context(doing)?)
        };
        let name = format!("lines {}", path.display());
        let (header, content) = begin(stream).with_context(doing)?;
        Ok(Self { header, content, name })
    }

    /// It as a source that tells all of it, ticks too, as fast as it comes and is taken; once.
    pub(crate) fn source(self, darknet: Darknet) -> Source {
        let darknet = Arc::new(darknet);
        let (name, once) = (self.name.clone(), Mutex::new(Some(self)));
        Source::new(name, move |with: Start| {
            let recording = once.lock().unwrap_or_else(PoisonError::into_inner).take();
            let darknet = Arc::clone(&darknet);
            async move {
                let Some(recording) = recording else { return Ok(()) };
                let all = move |with: &Start| recording.content.tell(&darknet, Ticks::Told, with);
                reading(with, all).await
            }
        })
    }
}

impl Content {
    /// Tells all of it, to its end.
    fn tell(self, darknet: &Darknet, ticks: Ticks, with: &Start) -> anyhow::Result<()> {
        match self {
            Self::Lines { first, rest } => {
                let wanted = |fact: &Fact| ticks == Ticks::Told || *fact != Fact::Tick;
                tell_all(&mut io::Cursor::new(first).chain(rest), with, AtEnd::End, wanted)
            }
            Self::Capture(captured) => {
                with.status.set(SourceState::Up, SystemClock.now());
                captured.tell(darknet.flows(), ticks, with)
            }
        }
    }
}

/// Reads on a thread, which may block for ever: nobody waits for it after `stop`.
async fn reading(
    with: Start,
    work: impl FnOnce(&Start) -> anyhow::Result<()> + Send + 'static,
) -> anyhow::Result<()> {
    let stop = with.stop.clone();
    tokio::select! {
        ended = on_a_thread("lines", move || work(&with)) => ended,
        () = stop.cancelled() => Ok(()),
    }
}

/// Reads the head of a recording or a capture: told apart by their first octets.
fn begin(mut stream: Box<dyn Read + Send>) -> io::Result<(Option<RecordingHeader>, Content)> {
    let mut head = Vec::new();
    stream.by_ref().take(MAGIC_OCTETS).read_to_end(&mut head)?;
    let is_capture = looks_like_capture(&head);
    let stream = io::Cursor::new(head).chain(stream);
    if is_capture {
        let captured = Captured::open(Box::new(stream));
        let header = captured.begins().map(|begins| RecordingHeader::new(None, begins));
        return Ok((header, Content::Capture(Box::new(captured))));
    }
    let mut rest = Box::new(BufReader::new(stream));
    let mut first = Vec::new();
    next_line(&mut rest, &mut first)?;
    let header = serde_json::from_slice::<RecordingHeader>(&first).ok();
    if header.is_some() {
        first.clear();
    }
    Ok((header, Content::Lines { first, rest }))
}

fn join(path: &Path, from: From, darknet: &Darknet, with: &Start) -> anyhow::Result<()> {
    if from == From::Beginning {
        return OwnTime::open(path)?.content.tell(darknet, Ticks::LeftOut, with);
    }
    let doing = || format!("could not read {}", path.display());
    let mut file = File::open(path).with_context(doing)?;
    let grows = file.metadata().with_context(doing)?.is_file();
    if grows {
        file.seek(SeekFrom::End(0)).with_context(doing)?;
        let wanted = |fact: &Fact| *fact != Fact::Tick;
        tell_all(&mut BufReader::new(file), with, AtEnd::Wait, wanted)?;
    } else {
        let (_, content) = begin(Box::new(file)).with_context(doing)?;
        content.tell(darknet, Ticks::LeftOut, with)?;
    }
    if with.stop.is_cancelled() { Ok(()) } else { Err(anyhow::anyhow!("nobody writes any more")) }
}

/// Tells every line that is wanted. One that can't be read costs itself.
fn tell_all(
    lines: &mut impl BufRead,
    with: &Start,
    at_end: AtEnd,
    wanted: impl Fn(&Fact) -> bool,
) -> anyhow::Result<()> {
    with.status.set(SourceState::Up, SystemClock.now());
    let mut interned = Interned::new();
    let mut line = Vec::new();
    while !with.stop.is_cancelled() {
        let whole = next_line(lines, &mut line)?;
        if !whole {
            match at_end {
                AtEnd::Wait => {
                    wait_for_more();
                    continue;
                }
                AtEnd::End => {
                    if !line.is_empty() {
                        tracing::warn!("The last line is cut off.");
                    }
                    return Ok(());
                }
            }
        }
        match read_line(&line, &mut interned) {
            Ok(observation) if wanted(&observation.fact) => {
                match with.tell.tell_line_blocking(std::mem::take(&mut line)) {
                    Ok(()) => with.status.told_one(),
                    Err(TellError::Gone) => return Ok(()),
                    Err(error) => tracing::warn!(%error, "Line dropped."),
                }
            }
            Ok(_) => {}
            // A growing file that is begun anew has its header once more.
            Err(_) if serde_json::from_slice::<RecordingHeader>(&line).is_ok() => {}
            Err(error) => tracing::warn!(%error, "Line dropped."),
        }
        line.clear();
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a file that grows gives no sign")]
fn wait_for_more() {
    thread::sleep(LOOKED_AT_EVERY);
}

/// Goes on with a line until its line feed; false where there is none yet.
fn next_line(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    let room = LONGEST_LINE_OCTETS.saturating_sub(line.len() as u64);
    from.take(room).read_until(b'\n', line)?;
    let whole = line.ends_with(b"\n");
    if !whole && line.len() as u64 >= LONGEST_LINE_OCTETS {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a line goes on and on"));
    }
    Ok(whole)
}
