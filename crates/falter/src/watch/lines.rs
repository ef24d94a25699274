//! Lines of a recording as a source: what another vantage point records while it does, or a recording
//! that is fed in as if it happened.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use falter_model::{Clock, Fact, Interned, Text, VantagePoint};
use falter_sources::clock::SystemClock;
use falter_sources::live::TellError;
use falter_sources::recording::{RecordingHeader, read_line};

use super::sources::{Source, Start, Wanted, on_a_thread};
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
    pub(crate) fn source(self, wanted: &Wanted<'_>) -> Source {
        let Self { path, from } = self;
        let welcome = Welcome { network: wanted.profile.name.clone(), own: wanted.vantage.clone() };
        Source::new(format!("lines {}", path.display()), move |with: Start| {
            let (path, welcome) = (path.clone(), welcome.clone());
            reading(with, move |with| join(&path, from, &welcome, with))
        })
    }
}

/// Whose lines may join.
#[derive(Debug, Clone)]
struct Welcome {
    /// Those about this network.
    network: Text,
    /// Those of others.
    own: VantagePoint,
}

impl Welcome {
    /// Tells who observes, so that an answer inside is not taken for one to a question from outside.
    fn tell(&self, header: &RecordingHeader, with: &Start) -> anyhow::Result<()> {
        self.check(header)?;
        let mut line = serde_json::to_vec(header)?;
        line.push(b'\n');
        match with.tell.tell_line_blocking(line) {
            // Whoever reads on will notice.
            Ok(()) | Err(TellError::Gone) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn check(&self, header: &RecordingHeader) -> anyhow::Result<()> {
        if let Some(network) = header.network.as_deref().filter(|name| **name != *self.network) {
            anyhow::bail!("expected a recording of {}, found one of {network}", self.network);
        }
        let same = header.vantage_points.iter().find(|point| point.id == self.own.id);
        if let Some(point) = same.filter(|point| **point != self.own) {
            anyhow::bail!(
                "another vantage point is named {} as this one: set vantage.id in its configuration",
                point.id
            );
        }
        Ok(())
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
                    tell_all(&mut recording.lines(), with, AtEnd::End, None, |_| true)
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

fn join(path: &Path, from: From, welcome: &Welcome, with: &Start) -> anyhow::Result<()> {
    let wanted = |fact: &Fact| *fact != Fact::Tick;
    if from == From::Beginning {
        let whole = OwnTime::open(path)?;
        if let Some(header) = &whole.header {
            welcome.tell(header, with)?;
        }
        return tell_all(&mut whole.lines(), with, AtEnd::End, Some(welcome), wanted);
    }
    let doing = || format!("could not read {}", path.display());
    let mut file = File::open(path).with_context(doing)?;
    let grows = file.metadata().with_context(doing)?.is_file();
    if grows {
        let mut first = Vec::new();
        next_line(&mut BufReader::new(&file), &mut first).with_context(doing)?;
        if let Ok(header) = serde_json::from_slice(&first) {
            welcome.tell(&header, with)?;
        }
        file.seek(SeekFrom::End(0)).with_context(doing)?;
    }
    let at_end = if grows { AtEnd::Wait } else { AtEnd::End };
    tell_all(&mut BufReader::new(file), with, at_end, Some(welcome), wanted)?;
    if with.stop.is_cancelled() { Ok(()) } else { Err(anyhow::anyhow!("nobody writes any more")) }
}

/// Tells every line that is wanted, and who observes where a header says so and they are welcome. A line
/// that can't be read costs itself.
fn tell_all(
    lines: &mut impl BufRead,
    with: &Start,
    at_end: AtEnd,
    welcome: Option<&Welcome>,
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
            // A pipe begins with it, and a growing file that is begun anew has it once more.
            Err(error) => match serde_json::from_slice::<RecordingHeader>(&line) {
                Ok(header) => welcome.map_or(Ok(()), |welcome| welcome.tell(&header, with))?,
                Err(_) => tracing::warn!(%error, "Line dropped."),
            },
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
    use falter_model::{Observation, Place, Timestamp};
    use falter_sources::live::channel;
    use falter_sources::recording::write_line;
    use tokio_util::sync::CancellationToken;

    use super::super::status::Status;
    use super::*;

    fn point(id: &str, place: Place) -> VantagePoint {
        VantagePoint { id: id.into(), asn: None, place }
    }

    fn welcome() -> Welcome {
        Welcome { network: "kp".into(), own: point("here", Place::Outside) }
    }

    fn header(network: &str, points: &[VantagePoint]) -> RecordingHeader {
        let mut header = RecordingHeader::new(Some(network), Timestamp::EPOCH);
        header.vantage_points = points.to_vec();
        header
    }

    #[test]
    fn who_observes_is_told_before_what_was_observed_and_ticks_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut text) = (folder.path().join("lines"), Vec::new());
        let header = header("kp", &[point("in-1", Place::Inside)]);
        serde_json::to_writer(&mut text, &header).unwrap();
        text.push(b'\n');
        write_line(&mut text, &Observation::tick(Timestamp::EPOCH), &Interned::new()).unwrap();
        let probe = r#"{"at":"2026-01-01T00:00:00Z","vantage":"in-1","probe":{"target":"192.0.2.1","method":"icmp","timeout":{"after_us":3000000}}}"#;
        text.extend_from_slice(format!("{probe}\n").as_bytes());
        std::fs::write(&path, text).unwrap();
        let (tell, mut told) = channel(8);
        let status = Status::new("lines".to_owned());
        let with = Start { tell, stop: CancellationToken::new(), status };
        join(&path, From::Beginning, &welcome(), &with).unwrap();
        let first = told.next_now().unwrap();
        assert_eq!(serde_json::from_slice::<RecordingHeader>(&first).unwrap(), header);
        assert_eq!(told.next_now().unwrap().trim_ascii_end(), probe.as_bytes());
        assert!(told.next_now().is_none());
    }

    #[test]
    fn lines_of_another_network_or_of_a_namesake_do_not_join() {
        let check = |network: &str, points: &[VantagePoint]| {
            welcome().check(&header(network, points)).map_err(|error| error.to_string())
        };
        assert_eq!(check("kp", &[point("in-1", Place::Inside)]), Ok(()));
        assert_eq!(check("kp", &[point("here", Place::Outside)]), Ok(()));
        let other = check("ug", &[]).unwrap_err();
        assert_eq!(other, "expected a recording of kp, found one of ug");
        assert!(check("kp", &[point("here", Place::Inside)]).unwrap_err().contains("vantage.id"));
    }
}
