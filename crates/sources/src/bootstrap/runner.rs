//! Reads tables whenever the feed asks for them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use falter_model::{Clock, Span, Text, Timestamp};
use tokio_util::sync::CancellationToken;

use super::{BootstrapInput, BootstrapPlan, CollectorTable, Desk, TableError, read};
use crate::archive::InputArg;
use crate::backoff::Backoff;
use crate::collectors::{Collector, fetch_latest};
use crate::fetch::{FetchError, place_of};

/// Archives are read so far past the beginning of the feed: what peers told in this time some heard by the feed
/// already, some not, and the feed's own word is the newer one.
const OVERLAP: Span = Span::from_minutes(1);

/// See the module.
#[derive(Debug)]
pub struct Bootstrap<C> {
    plan: Arc<BootstrapPlan>,
    clock: Arc<C>,
    status: BootstrapStatus,
    /// What was given for the connection that stands, by collector.
    given: BTreeMap<Text, Arc<CollectorTable>>,
}

/// What there is no table of, from any thread.
#[derive(Debug, Clone, Default)]
pub struct BootstrapStatus(Arc<Mutex<BTreeMap<String, String>>>);

impl BootstrapStatus {
    /// In words, where and why; `None` where all is well.
    pub fn lacks(&self) -> Option<String> {
        let lacks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<String> = lacks.iter().map(|(from, why)| format!("{from}: {why}")).collect();
        (!lines.is_empty()).then(|| lines.join("; "))
    }

    fn note(&self, from: &Source, trouble: Option<&Failed>) {
        let mut lacks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Some(error) => _ = lacks.insert(from.to_string(), error.to_string()),
            None => _ = lacks.remove(&from.to_string()),
        }
    }
}

/// Why there is no table from an archive.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("it ends at {reached}, {max_age} or more before the feed begins")]
    TooOld { reached: Timestamp, max_age: Span },
    #[error("no collector is named in the paths, so that nobody knows whose table it is")]
    NoCollector,
    #[error("{collector} has published no table dump lately")]
    NoDump { collector: Collector },
}

/// Where tables come from.
#[derive(Debug, Clone)]
enum Source {
    Collector(Collector),
    Inputs,
}

impl<C: Clock + Send + Sync> Bootstrap<C> {
    /// By this plan; the clock tells which archives are there already.
    pub fn new(plan: BootstrapPlan, clock: Arc<C>) -> Self {
        let (status, given) = (BootstrapStatus::default(), BTreeMap::new());
        Self { plan: Arc::new(plan), clock, status, given }
    }

    /// What is lacking, from any thread.
    pub fn status(&self) -> BootstrapStatus {
        self.status.clone()
    }

    /// Serves the feed at the other end until it is gone or `stop` is cancelled.
    pub async fn run(mut self, mut desk: Desk, stop: CancellationToken) {
        loop {
            let wanted = *desk.wants.borrow_and_update();
            let mut news = desk.wants.clone();
            let served = async {
                if let Some(since) = wanted {
                    self.serve(since, &desk).await;
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = served => {}
                changed = news.changed() => if changed.is_err() { return },
                () = stop.cancelled() => return,
            }
        }
    }

    /// Gives all tables for a feed that is connected since `since`; again, until archives reach past it.
    async fn serve(&mut self, since: Timestamp, desk: &Desk) {
        self.given.clear();
        let collectors = self.plan.collectors.iter().cloned().map(Source::Collector);
        let inputs = (!self.plan.inputs.is_empty()).then_some(Source::Inputs);
        let mut open: Vec<Source> = collectors.chain(inputs).collect();
        let mut backoff = Backoff::new(self.plan.first_wait, self.plan.longest_wait);
        loop {
            let mut later = Vec::new();
            for from in open {
                match self.tables(&from, since).await {
                    Ok(tables) => {
                        self.status.note(&from, None);
                        let reach = tables.iter().all(|table| table.reached >= since + OVERLAP);
                        if !self.give(tables, since, desk).await {
                            return;
                        }
                        // Files on this machine are what they are.
                        if !reach && matches!(from, Source::Collector(_)) {
                            later.push(from);
                        }
                    }
                    Err(error) => {
                        self.status.note(&from, Some(&error));
                        tracing::warn!(%from, %error, "No table to begin with.");
                        later.push(from);
                    }
                }
            }
            open = later;
            if open.is_empty() {
                return;
            }
            tokio::time::sleep(backoff.wait()).await;
        }
    }

    /// Gives tables that say something else than what was given already.
    async fn give(&mut self, tables: Vec<CollectorTable>, since: Timestamp, desk: &Desk) -> bool {
        for table in tables {
            let before = self.given.get(&table.collector);
            if before.is_some_and(|before| before.says_the_same(&table)) {
                continue;
            }
            let table = Arc::new(table);
            self.given.insert(table.collector.clone(), Arc::clone(&table));
            if !desk.give(since, table).await {
                return false;
            }
        }
        true
    }

    async fn tables(&self, from: &Source, since: Timestamp) -> Result<Vec<CollectorTable>, Failed> {
        let (files, until) = match from {
            Source::Collector(collector) => {
                let (fetcher, mirrors) = (&self.plan.fetcher, &self.plan.mirrors);
                let now = self.clock.now();
                let heard = fetch_latest(fetcher, mirrors, collector, now, &|_| {}).await?;
                if heard.files.is_empty() {
                    return Err(Failed::NoDump { collector: collector.clone() });
                }
                (heard.files, heard.until)
            }
            Source::Inputs => (self.inputs().await?, None),
        };
        let mut tables = self.read(files, since + OVERLAP).await?;
        tables.retain(|table| table.collector.parse::<Collector>().is_ok());
        if tables.is_empty() {
            return Err(Failed::NoCollector);
        }
        for table in &mut tables {
            // A file of updates tells of its time to the end, however quiet that was.
            table.reached = table.reached.max(until.unwrap_or(Timestamp::MIN));
            let (reached, max_age) = (table.reached, self.plan.max_age);
            if reached < since - max_age {
                return Err(Failed::TooOld { reached, max_age });
            }
            let (collector, peers, routes) = (&table.collector, table.n_peers(), table.n_routes());
            tracing::info!(%collector, %reached, peers, routes, "A table to begin with.");
        }
        Ok(tables)
    }

    async fn inputs(&self) -> Result<Vec<PathBuf>, FetchError> {
        let mut files = Vec::new();
        for input in &self.plan.inputs {
            files.push(match input {
                BootstrapInput::Path(path) => path.clone(),
                BootstrapInput::Url(url) => {
                    let place = self.plan.mirrors.place_of(url).unwrap_or_else(|| place_of(url));
                    self.plan.fetcher.fetch(url, &place, &|_| {}).await?
                }
            });
        }
        Ok(files)
    }

    /// Reads on a thread that may block, and ends soon after nobody waits for it.
    async fn read(
        &self,
        files: Vec<PathBuf>,
        until: Timestamp,
    ) -> Result<Vec<CollectorTable>, TableError> {
        let arguments: Vec<InputArg> = files.into_iter().map(InputArg::Path).collect();
        let (stop, interest) = (Arc::new(AtomicBool::new(false)), self.plan.interest.clone());
        let _stops = StopsWhenDropped(Arc::clone(&stop));
        let reading = tokio::task::spawn_blocking(move || read(&arguments, interest, until, &stop));
        reading.await.unwrap_or(Err(TableError::Stopped))
    }
}

/// Whoever waits for the reading is gone.
struct StopsWhenDropped(Arc<AtomicBool>);

impl Drop for StopsWhenDropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Collector(collector) => collector.fmt(f),
            Self::Inputs => f.write_str("routes.bootstrap.inputs"),
        }
    }
}
