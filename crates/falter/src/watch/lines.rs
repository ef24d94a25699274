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
use super::sources::{Darknet, Source, Start, Wanted, on_a_thread};
use super::status::SourceState;
use super::welcome::Welcome;

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

    /// It as a source of what is wanted.
    pub(crate) fn source(self, wanted: &Wanted<'_>) -> Source {
        let Self { path, from, darknet } = self;
        let welcome = Welcome { network: wanted.profile.name.clone(), own: wanted.vantage.clone() };
        Source::new(format!("lines {}", path.display()), move |with: Start| {
            let (path, darknet) = (path.clone(), Arc::clone(&darknet));
            let welcome = welcome.clone();
            reading(with, move |with| join(&path, from, &darknet, &welcome, with))
        })
    }
}

/// In which manner lines are told.
#[derive(Debug, Clone, Copy)]
enum Manner<'a> {
    /// All of them: what they bring is the time.
    OwnTime,
    /// Without ticks, for time passes here; with who observes, as far as they are welcome.
    Joining(&'a Welcome),
}

impl Manner<'_> {
    const fn ticks(self) -> Ticks {
        match self {
            Self::OwnTime => Ticks::Told,
            Self::Joining(_) => Ticks::LeftOut,
        }
    }

    fn wants(self, fact: &Fact) -> bool {
        self.ticks() == Ticks::Told || *fact != Fact::Tick
    }

    fn welcome(self, header: &RecordingHeader, with: &Start) -> anyhow::Result<()> {
        match self {
            Self::OwnTime => Ok(()),
            Self::Joining(welcome) => welcome.tell(header, with),
        }
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
                let all =
                    move |with: &Start| recording.content.tell(&darknet, Manner::OwnTime, with);
                reading(with, all).await
            }
        })
    }
}

impl Content {
    /// Tells all of it, to its end.
    fn tell(self, darknet: &Darknet, manner: Manner<'_>, with: &Start) -> anyhow::Result<()> {
        match self {
            Self::Lines { first, rest } => {
                tell_all(&mut io::Cursor::new(first).chain(rest), with, AtEnd::End, manner)
            }
            Self::Capture(captured) => {
                with.status.set(SourceState::Up, SystemClock.now());
                captured.tell(darknet.flows(), manner.ticks(), with)
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

fn join(
    path: &Path,
    from: From,
    darknet: &Darknet,
    welcome: &Welcome,
    with: &Start,
) -> anyhow::Result<()> {
    let manner = Manner::Joining(welcome);
    if from == From::Beginning {
        let OwnTime { header, content, .. } = OwnTime::open(path)?;
        header.map_or(Ok(()), |header| manner.welcome(&header, with))?;
        return content.tell(darknet, manner, with);
    }
    let doing = || format!("could not read {}", path.display());
    let mut file = File::open(path).with_context(doing)?;
    if file.metadata().with_context(doing)?.is_file() {
        let mut first = Vec::new();
        next_line(&mut BufReader::new(&file), &mut first).with_context(doing)?;
        if let Ok(header) = serde_json::from_slice(&first) {
            manner.welcome(&header, with)?;
        }
        file.seek(SeekFrom::End(0)).with_context(doing)?;
        tell_all(&mut BufReader::new(file), with, AtEnd::Wait, manner)?;
    } else {
        let (header, content) = begin(Box::new(file)).with_context(doing)?;
        header.map_or(Ok(()), |header| manner.welcome(&header, with))?;
        content.tell(darknet, manner, with)?;
    }
    if with.stop.is_cancelled() { Ok(()) } else { Err(anyhow::anyhow!("nobody writes any more")) }
}

/// Tells every line that is wanted, and who observes where a header says so and they are welcome. A line
/// that can't be read costs itself.
fn tell_all(
    lines: &mut impl BufRead,
    with: &Start,
    at_end: AtEnd,
    manner: Manner<'_>,
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
            Ok(observation) if manner.wants(&observation.fact) => {
                match with.tell.tell_line_blocking(std::mem::take(&mut line)) {
                    Ok(()) => with.status.told_one(),
                    Err(TellError::Gone) => return Ok(()),
                    Err(error) => tracing::warn!(%error, "Line dropped."),
                }
            }
            Ok(_) => {}
            // A growing file that is begun anew has it once more.
            Err(error) => {
                if let Ok(header) = serde_json::from_slice(&line) {
                    manner.welcome(&header, with)?;
                } else {
                    tracing::warn!(%error, "Line dropped.");
                }
            }
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

#[cfg(test)]
mod tests {
    use falter_model::{Observation, Place, Timestamp, VantagePoint};
    use falter_sources::live::channel;
    use falter_sources::recording::write_line;
    use tokio_util::sync::CancellationToken;

    use super::super::status::Status;
    use super::*;
    use crate::config::Config;

    fn point(id: &str, place: Place) -> VantagePoint {
        VantagePoint { id: id.into(), asn: None, place }
    }

    #[test]
    fn who_observes_is_told_before_what_was_observed_and_ticks_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut text) = (folder.path().join("lines"), Vec::new());
        let mut header = RecordingHeader::new(Some("kp"), Timestamp::EPOCH);
        header.vantage_points = vec![point("in-1", Place::Inside)];
        serde_json::to_writer(&mut text, &header).unwrap();
        text.push(b'\n');
        write_line(&mut text, &Observation::tick(Timestamp::EPOCH), &Interned::new()).unwrap();
        let probe = r#"{"at":"2026-01-01T00:00:00Z","vantage":"in-1","probe":{"target":"192.0.2.1","method":"icmp","timeout":{"after_us":3000000}}}"#;
        text.extend_from_slice(format!("{probe}\n").as_bytes());
        std::fs::write(&path, text).unwrap();
        let (tell, mut told) = channel(8);
        let status = Status::new("lines".to_owned());
        let with = Start { tell, stop: CancellationToken::new(), status };
        let welcome = Welcome { network: "kp".into(), own: point("here", Place::Outside) };
        let config = Config::default();
        let profile = falter_networks::parse(falter_networks::find("kp").unwrap(), "kp").unwrap();
        let darknet = Darknet::of(&profile, &config);
        join(&path, From::Beginning, &darknet, &welcome, &with).unwrap();
        let first = told.next_now().unwrap();
        assert_eq!(serde_json::from_slice::<RecordingHeader>(&first).unwrap(), header);
        assert_eq!(told.next_now().unwrap().trim_ascii_end(), probe.as_bytes());
        assert!(told.next_now().is_none());
    }
}
