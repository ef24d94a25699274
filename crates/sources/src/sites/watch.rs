//! Visits every site, again and again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use falter_model::{Clock, Fact, Interned, Observation, Site, Text, Timestamp};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::visit::{Visit, Visitor};
use crate::courtesy::due;
use crate::live::Teller;

/// Visits that go on at once: more wait for the next round.
const MOST_AT_ONCE: usize = 32;

/// Which sites to visit, and how often.
#[derive(Clone)]
pub struct SitesPlan {
    /// The sites.
    pub sites: Vec<Site>,
    /// Each is visited once in this time.
    pub every: Duration,
    /// Visits them.
    pub visitor: Arc<Visitor>,
    /// What time it is.
    pub clock: Arc<dyn Clock + Send + Sync>,
}

/// How visiting goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteStatus {
    /// Visits that were told.
    pub told: u64,
    /// Visits for which nothing was asked, and why the last one was not.
    pub unasked: (u64, Option<Text>),
    /// Visits that were left out since too many others went on.
    pub left_out: u64,
}

/// Visits some sites.
pub struct SiteWatch {
    plan: SitesPlan,
    status: Arc<Mutex<SiteStatus>>,
}

impl SiteWatch {
    /// Ready to visit.
    pub fn new(plan: SitesPlan) -> Self {
        Self { plan, status: Arc::default() }
    }

    /// How it goes: read by whoever wants to know, while it runs.
    pub fn status(&self) -> Arc<Mutex<SiteStatus>> {
        Arc::clone(&self.status)
    }

    /// Visits and tells until `stop`.
    pub async fn run(self, tell: Teller, stop: CancellationToken) {
        let mut visits: JoinSet<(Timestamp, Visit)> = JoinSet::new();
        let count = self.plan.sites.len();
        if count == 0 {
            return;
        }
        let mut begun = Instant::now();
        for index in (0..count).cycle() {
            let at = begun + due(self.plan.every, index, count);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    Some(done) = visits.join_next(), if !visits.is_empty() => {
                        if let Ok((at, visit)) = done
                            && !self.tell(at, visit, &tell).await
                        {
                            return;
                        }
                    }
                    () = sleep_until(at) => break,
                }
            }
            self.begin(index, &mut visits);
            if index + 1 == count {
                begun += self.plan.every;
            }
        }
    }

    fn begin(&self, index: usize, visits: &mut JoinSet<(Timestamp, Visit)>) {
        let Some(site) = self.plan.sites.get(index) else { return };
        if visits.len() >= MOST_AT_ONCE {
            self.note(|status| status.left_out += 1);
            return;
        }
        let (visitor, site, at) =
            (Arc::clone(&self.plan.visitor), site.url.clone(), self.plan.clock.now());
        visits.spawn(async move { (at, visitor.visit(&site).await) });
    }

    /// False when nobody listens any more.
    async fn tell(&self, at: Timestamp, visit: Visit, tell: &Teller) -> bool {
        match visit {
            Visit::Told(page) => {
                self.note(|status| status.told += 1);
                let observation = Observation { at, fact: Fact::Page(page) };
                tell.tell(&observation, &Interned::new()).await.is_ok()
            }
            Visit::Unasked(why) => {
                self.note(|status| status.unasked = (status.unasked.0 + 1, Some(why)));
                true
            }
        }
    }

    fn note(&self, change: impl FnOnce(&mut SiteStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl std::fmt::Debug for SiteWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SiteWatch").field("sites", &self.plan.sites).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for SitesPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SitesPlan").field("sites", &self.sites).finish_non_exhaustive()
    }
}
