//! Visits every site, again and again.

use std::sync::Arc;
use std::time::Duration;

use falter_model::{Fact, Interned, Observation, Site};
use tokio_util::sync::CancellationToken;

use super::visit::{Visit, Visitor};
use crate::asking::{AskingStatus, Next, Rounds};
use crate::live::Teller;

/// Which sites to visit, and how often.
#[derive(Debug, Clone)]
pub struct SitesPlan {
    /// The sites.
    pub sites: Vec<Site>,
    /// Each is visited once in this time.
    pub every: Duration,
    /// Visits them.
    pub visitor: Arc<Visitor>,
}

/// Visits some sites.
#[derive(Debug)]
pub struct SiteWatch {
    plan: SitesPlan,
    status: AskingStatus,
}

impl SiteWatch {
    /// Ready to visit.
    pub fn new(plan: SitesPlan) -> Self {
        let status = AskingStatus::of_round(plan.sites.len());
        Self { plan, status }
    }

    /// How it goes: read by whoever wants to know, while it runs.
    pub fn status(&self) -> AskingStatus {
        self.status.clone()
    }

    /// Visits and tells until `stop`.
    pub async fn run(self, tell: Teller, stop: CancellationToken) {
        let mut visits = Rounds::new(self.plan.every, self.plan.sites.len());
        loop {
            match visits.next(&stop).await {
                Next::Due(index) => self.begin(index, &mut visits),
                Next::Came(visit) => {
                    if !self.tell(visit, &tell).await {
                        return;
                    }
                }
                Next::Over => return,
            }
        }
    }

    fn begin(&self, index: usize, visits: &mut Rounds<Visit>) {
        let Some(site) = self.plan.sites.get(index) else { return };
        let (visitor, site) = (Arc::clone(&self.plan.visitor), site.url.clone());
        if !visits.ask(index, async move { visitor.visit(&site).await }) {
            self.status.unasked("the last visit still goes on");
        }
    }

    /// False when nobody listens any more.
    async fn tell(&self, visit: Visit, tell: &Teller) -> bool {
        match visit {
            Visit::Told(at, page) => {
                self.status.told();
                let observation = Observation { at, fact: Fact::Page(page) };
                tell.tell(&observation, &Interned::new()).await.is_ok()
            }
            Visit::Unasked(why) => {
                self.status.unasked(&why);
                true
            }
        }
    }
}
