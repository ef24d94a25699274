//! Lines of a recording as a source: what another vantage point records while it does, or a recording
//! that is fed in as if it happened.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use falter_model::{Clock, Fact, Interned};
use falter_sources::clock::SystemClock;
use falter_sources::live::TellError;
use falter_sources::recording::{RecordingHeader, read_line};

use super::sources::{Source, Start, on_a_thread};
use super::status::SourceState;

/// Longer lines are not read: the end of a table dump with the largest number of peers has 6 MB.
const LONGEST_LINE_OCTETS: u64 = 16 << 20;

/// A file that grows is looked at so often.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(200);

/// See the module.
#[derive(Debug)]
pub(crate) struct Lines {
    path: PathBuf,
    from: From,
}

/// Where to begin in a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Beginning,
    End,
}

/// Lines that bring their own time: a whole recording, its header read.
pub(crate) struct OwnTime {
    /// What it says of itself; `None` where its first line is an observation.
    pub(crate) header: Option<RecordingHeader>,
    first: Vec<u8>,
    rest: Box<dyn BufRead + Send>,
    name: String,
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
    pub(crate) const fn joining(path: PathBuf) -> Self {
        Self { path, from: From::End }
    }

    /// The same, `-` for standard input; a file is read whole, and what ends has ended.
    pub(crate) const fn from_its_beginning(path: PathBuf) -> Self {
        Self { path, from: From::Beginning }
    }

    /// It as a source.
    pub(crate) fn source(self) -> Source {
        let Self { path, from } = self;
        Source::new(format!("lines {}", path.display()), move |with: Start| {
            let path = path.clone();
            reading(with, move |with| join(&path, from, with))
        })
    }
}

impl OwnTime {
    /// Opens a recording, `-` for standard input, and reads its header.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let name = format!("lines {}", path.display());
        let doing = || format!("could not read {}", path.display());
        let rest: Box<dyn BufRead + Send> = if path.as_os_str() == "-" {
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(path).with_context(doing)?))
        };
        let mut rest = rest;
        let mut first = Vec::new();
        next_line(&mut rest, &mut first).with_context(doing)?;
        let header = serde_json::from_slice::<RecordingHeader>(&first).ok();
        if header.is_some() {
            first.clear();
        }
        Ok(Self { header, first, rest, name })
    }

    fn lines(self) -> impl BufRead {
        io::Cursor::new(self.first).chain(self.rest)
    }

    /// It as a source that tells all lines, ticks too, as fast as they come and are taken; once.
    pub(crate) fn source(self) -> Source {
        let (name, once) = (self.name.clone(), Mutex::new(Some(self)));
        Source::new(name, move |with: Start| {
            let recording = once.lock().unwrap_or_else(PoisonError::into_inner).take();
            async move {
                let Some(recording) = recording else { return Ok(()) };
                let all = move |with: &Start| {
                    tell_all(&mut recording.lines(), with, AtEnd::End, |_| true)
                };
                reading(with, all).await
            }
        })
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

fn join(path: &Path, from: From, with: &Start) -> anyhow::Result<()> {
    let wanted = |fact: &Fact| *fact != Fact::Tick;
    if from == From::Beginning {
        let whole = OwnTime::open(path)?;
        return tell_all(&mut whole.lines(), with, AtEnd::End, wanted);
    }
    let doing = || format!("could not read {}", path.display());
    let mut file = File::open(path).with_context(doing)?;
    let grows = file.metadata().with_context(doing)?.is_file();
    if grows {
        file.seek(SeekFrom::End(0)).with_context(doing)?;
    }
    let at_end = if grows { AtEnd::Wait } else { AtEnd::End };
    tell_all(&mut BufReader::new(file), with, at_end, wanted)?;
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
