//! Calls at every service, again and again.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use falter_model::{
    Clock, Fact, Interned, Method, Observation, Outcome, Page, PageDetails, Probe, Service, Span,
    Stage, Text, Timestamp, Unreachable,
};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{Called, Greets, Patience, call};
use crate::courtesy::{Courtesy, due};
use crate::live::Teller;
use crate::reach::Silence;

/// Calls that go on at once: more are left out.
const MOST_AT_ONCE: usize = 64;

/// Which services to call, and how often.
#[derive(Clone)]
pub struct ServicesPlan {
    /// The vantage point's name.
    pub vantage: Text,
    /// The services.
    pub services: Vec<Service>,
    /// Each is called once in this time.
    pub every: Duration,
    /// Who may be asked.
    pub courtesy: Courtesy,
    /// How long each is waited for.
    pub patience: Patience,
    /// Who speaks first at a port: [`Greets::of`].
    pub greets: fn(u16) -> Greets,
    /// What time it is.
    pub clock: Arc<dyn Clock + Send + Sync>,
}

/// How calling goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceStatus {
    /// Calls that were told.
    pub told: u64,
    /// Calls that could not be made since this machine has no route.
    pub without_route: u64,
    /// Calls that were left out since too many others went on.
    pub left_out: u64,
}

/// Calls at some services.
pub struct ServiceWatch {
    plan: ServicesPlan,
    status: Arc<Mutex<ServiceStatus>>,
}

impl ServiceWatch {
    /// Ready to call; services that opted out are left out.
    pub fn new(mut plan: ServicesPlan) -> Self {
        plan.services.retain(|service| plan.courtesy.allows(service.address));
        Self { plan, status: Arc::default() }
    }

    /// How it goes: read by whoever wants to know, while it runs.
    pub fn status(&self) -> Arc<Mutex<ServiceStatus>> {
        Arc::clone(&self.status)
    }

    /// Calls and tells until `stop`.
    pub async fn run(self, tell: Teller, stop: CancellationToken) {
        let mut calls: JoinSet<(Timestamp, SocketAddr, Called)> = JoinSet::new();
        let count = self.plan.services.len();
        if count == 0 {
            return;
        }
        let mut begun = Instant::now();
        for index in (0..count).cycle() {
            let at = begun + due(self.plan.every, index, count);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    Some(done) = calls.join_next(), if !calls.is_empty() => {
                        if let Ok((at, server, called)) = done
                            && !self.tell(at, server, &called, &tell).await
                        {
                            return;
                        }
                    }
                    () = sleep_until(at) => break,
                }
            }
            self.begin(index, &mut calls);
            if index + 1 == count {
                begun += self.plan.every;
            }
        }
    }

    fn begin(&self, index: usize, calls: &mut JoinSet<(Timestamp, SocketAddr, Called)>) {
        let Some(service) = self.plan.services.get(index) else { return };
        if calls.len() >= MOST_AT_ONCE {
            self.note(|status| status.left_out += 1);
            return;
        }
        let server = SocketAddr::new(service.address, service.tcp);
        let (greets, patience) = ((self.plan.greets)(service.tcp), self.plan.patience);
        let at = self.plan.clock.now();
        calls.spawn(async move { (at, server, call(server, greets, patience).await) });
    }

    /// False when nobody listens any more.
    async fn tell(
        &self,
        at: Timestamp,
        server: SocketAddr,
        called: &Called,
        tell: &Teller,
    ) -> bool {
        let Some(outcome) = self.outcome(called) else {
            self.note(|status| status.without_route += 1);
            return true;
        };
        self.note(|status| status.told += 1);
        let probe = Probe {
            vantage: self.plan.vantage.clone(),
            target: server.ip(),
            method: Method::Tcp(server.port()),
            outcome,
        };
        let page = called.greeted.as_ref().map(|greeted| self.page(server, called, greeted));
        let facts = [Some(Fact::Probe(Box::new(probe))), page.map(|p| Fact::Page(Box::new(p)))];
        for fact in facts.into_iter().flatten() {
            if tell.tell(&Observation { at, fact }, &Interned::new()).await.is_err() {
                return false;
            }
        }
        true
    }

    /// What the connection says as a probe; `None` where nothing was asked.
    fn outcome(&self, called: &Called) -> Option<Outcome> {
        Some(match called.connected {
            Ok(()) => Outcome::Reply { rtt_us: micros(called.took), ttl: None },
            Err(Silence::NoRoute) => return None,
            // Only the target itself refuses.
            Err(Silence::Refused | Silence::Malformed) => {
                Outcome::Reset { rtt_us: micros(called.took) }
            }
            Err(Silence::Timeout) => {
                let after = i64::try_from(self.plan.patience.connect.as_micros());
                Outcome::Timeout { after: Span::from_micros(after.unwrap_or(i64::MAX / 4)) }
            }
            Err(Silence::Unreachable) => {
                Outcome::Unreachable(Unreachable { code: "host".into(), from: None })
            }
        })
    }

    /// What the greeting says as a visit.
    fn page(&self, server: SocketAddr, called: &Called, greeted: &Result<Duration, Text>) -> Page {
        let mut times_us: Vec<(Text, u64)> = Vec::new();
        let stages = [("connect", Some(called.took)), ("request", greeted.clone().ok())];
        for (stage, took) in stages {
            times_us.extend(took.map(|took| (stage.into(), u64::from(micros(took)))));
        }
        Page {
            vantage: self.plan.vantage.clone(),
            site: format!("tcp://{server}/").as_str().into(),
            stage: if greeted.is_ok() { Stage::Status } else { Stage::Request },
            error: greeted.clone().err(),
            status: None,
            address: Some(server.ip()),
            times_us,
            details: PageDetails::default(),
        }
    }

    fn note(&self, change: impl FnOnce(&mut ServiceStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn micros(took: Duration) -> u32 {
    u32::try_from(took.as_micros()).unwrap_or(u32::MAX)
}

impl std::fmt::Debug for ServiceWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceWatch").field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ServicesPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServicesPlan").field("services", &self.services).finish_non_exhaustive()
    }
}
