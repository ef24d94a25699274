//! Files by URL into a folder that keeps them: whole and checked, or not at all.
//!
//! A file grows under another name (`.part`) and gets its own once all of it is there, is as long as the
//! server said, and its compression holds to the last checksum. What was broken off is resumed where it
//! ended, in this run or a later one, provided that the server says by an entity tag or a time of change
//! that it is the same file still (RFC 9110, sections 13.1.5 and 14). Whoever writes holds a lock: another process
//! waits, and finds the file. What has a date in its name never changes; of anything else the server is asked
//! each time whether it did.
//!
//! **Nothing waits or grows without bound**: connecting, silence of the server, the whole time, octets,
//! redirects and failures in a row have limits, and what does not keep them is told with the URL and the
//! offset that was reached.

mod attempt;
mod check;
mod current;
mod error;
mod exchange;
mod part;
mod place;
mod prune;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use falter_model::Clock;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::backoff::Backoff;
use crate::clock::SystemClock;
use attempt::Failed;
pub use error::{FetchError, Interrupted};
use part::Part;
pub use place::place_of;

/// What a download may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// To connect and to get the head of an answer.
    pub connect: Duration,
    /// A server that sends nothing for so long has stalled.
    pub stall: Duration,
    /// All of a file, with all attempts and the wait for whoever holds its lock.
    pub total: Duration,
    /// Octets of a file.
    pub octets: u64,
    /// Redirects on the way to a file.
    pub redirects: u32,
    /// Attempts in a row that brought no octet.
    pub attempts: u32,
    /// The first wait before another attempt; each further one is twice as long.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
}

impl Default for Limits {
    /// The largest table dumps of RIS have half a gigabyte: an hour for them is 140 kB a second.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            stall: Duration::from_mins(1),
            total: Duration::from_hours(1),
            octets: 8 << 30,
            redirects: 5,
            attempts: 6,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_mins(1),
        }
    }
}

/// How far a download has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Of what.
    pub url: &'a Url,
    /// Octets that are here.
    pub octets: u64,
    /// Octets in all, where the server says.
    pub total: Option<u64>,
}

/// Told how far a download has come, often.
pub type Watcher<'a> = &'a (dyn Fn(Progress<'_>) + Send + Sync);

/// Downloads into a folder.
#[derive(Debug, Clone)]
pub struct Fetcher {
    folder: PathBuf,
    limits: Limits,
    keep_octets: u64,
}

/// Times that a file is begun anew because it changed under way or turned out damaged: what was damaged on
/// the way once is not twice.
const MOST_RESTARTS: u32 = 2;

impl Fetcher {
    /// Downloads into `folder`, which is made when it is needed. Beyond `keep_octets` what was not used for the
    /// longest time goes when something is added; what was used in the last hours stays.
    pub const fn new(folder: PathBuf, limits: Limits, keep_octets: u64) -> Self {
        Self { folder, limits, keep_octets }
    }

    /// The file at `url`, kept as `place` below the folder: downloaded if it is not there yet. Cancel-safe:
    /// what was downloaded stays, and is gone on with the next time.
    pub async fn fetch(
        &self,
        url: &Url,
        place: &Path,
        watcher: Watcher<'_>,
    ) -> Result<PathBuf, FetchError> {
        let path = self.folder.join(place);
        if path.exists() {
            if current::is_dated(&path) || current::is_current(&self.limits, url, &path).await {
                mark_used(&path);
                return Ok(path);
            }
            fs::remove_file(&path)
                .map_err(|source| FetchError::Io { path: path.clone(), source })?;
        }
        let deadline = Instant::now() + self.limits.total;
        let io = |source| FetchError::Io { path: path.clone(), source };
        let mut part = match timeout_at(deadline, Part::lock(&path, url)).await {
            Ok(Ok(Some(part))) => part,
            // Whoever held the lock has finished it.
            Ok(Ok(None)) => return Ok(path),
            Ok(Err(error)) => return Err(io(error)),
            Err(_) => return Err(FetchError::Locked { path }),
        };
        let downloaded = timeout_at(deadline, self.download(url, &mut part, watcher)).await;
        let Ok(downloaded) = downloaded else {
            let (url, offset, after) = (url.clone(), part.octets(), self.limits.total);
            return Err(FetchError::TooSlow { url, offset, after });
        };
        downloaded?;
        part.finish(&path).await.map_err(io)?;
        if let Err(error) = prune::prune(&self.folder, self.keep_octets, now()) {
            tracing::warn!(folder = %self.folder.display(), %error, "Old archives can't be removed.");
        }
        Ok(path)
    }

    /// Tries until all of it is there and checked.
    async fn download(
        &self,
        url: &Url,
        part: &mut Part,
        watcher: Watcher<'_>,
    ) -> Result<(), FetchError> {
        let mut backoff = Backoff::new(self.limits.first_wait, self.limits.longest_wait);
        let (mut failed, mut restarts) = (0, 0);
        loop {
            let before = part.octets();
            let attempted = match attempt::attempt(&self.limits, url, part, watcher).await {
                Ok(()) => check::whole(part.path(), url).await.map_err(Failed::Again),
                Err(failed) => Err(failed),
            };
            let why = match attempted {
                Ok(()) => return Ok(()),
                Err(Failed::Final(error)) => return Err(*error),
                Err(Failed::Again(why)) => why,
            };
            let offset = part.octets();
            let gave_up = |why| FetchError::Interrupted { url: url.clone(), offset, why };
            if why.spoils() {
                part.restart().await.map_err(|source| part.cannot(source))?;
                restarts += 1;
                if restarts > MOST_RESTARTS {
                    return Err(gave_up(why));
                }
            } else if offset > before {
                failed = 0;
                backoff.succeeded();
            } else {
                failed += 1;
                if failed >= self.limits.attempts {
                    return Err(gave_up(why));
                }
            }
            tracing::info!(%url, offset, %why, "Download interrupted.");
            let wait = backoff.wait();
            tokio::time::sleep(why.asked_to_wait().map_or(wait, |asked| asked.max(wait))).await;
        }
    }
}

/// So that it is not the next to go. Where that fails it only goes sooner.
fn mark_used(path: &Path) {
    drop(File::options().write(true).open(path).and_then(|file| file.set_modified(now())));
}

fn now() -> SystemTime {
    let since = u64::try_from(SystemClock.now().micros()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_micros(since)
}
