//! Calls at every service, again and again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use falter_model::{
    Clock, Fact, Interned, Method, Observation, Outcome, Page, PageDetails, Probe, Service, Span,
    Stage, Text, Timestamp, Unreachable,
};
use tokio_util::sync::CancellationToken;

use super::{Called, Greets, Patience, call};
use crate::asking::{AskingStatus, Next, Rounds};
use crate::courtesy::Courtesy;
use crate::live::Teller;
use crate::reach::Silence;

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

/// Calls at some services.
#[derive(Debug)]
pub struct ServiceWatch {
    plan: ServicesPlan,
    status: AskingStatus,
}

impl ServiceWatch {
    /// Ready to call; services that opted out are left out.
    pub fn new(mut plan: ServicesPlan) -> Self {
        plan.services.retain(|service| plan.courtesy.allows(service.address));
        let status = AskingStatus::of_round(plan.services.len());
        Self { plan, status }
    }

    /// How it goes: read by whoever wants to know, while it runs.
    pub fn status(&self) -> AskingStatus {
        self.status.clone()
    }

    /// Calls and tells until `stop`.
    pub async fn run(self, tell: Teller, stop: CancellationToken) {
        let mut calls = Rounds::new(self.plan.every, self.plan.services.len());
        loop {
            match calls.next(&stop).await {
                Next::Due(index) => self.begin(index, &mut calls),
                Next::Came((at, server, called)) => {
                    if !self.tell(at, server, &called, &tell).await {
                        return;
                    }
                }
                Next::Over => return,
            }
        }
    }

    fn begin(&self, index: usize, calls: &mut Rounds<(Timestamp, SocketAddr, Called)>) {
        let Some(service) = self.plan.services.get(index) else { return };
        let server = SocketAddr::new(service.address, service.tcp);
        let (greets, patience) = ((self.plan.greets)(service.tcp), self.plan.patience);
        let at = self.plan.clock.now();
        if !calls.ask(index, async move { (at, server, call(server, greets, patience).await) }) {
            self.status.unasked("the last call still goes on");
        }
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
            self.status.unasked(&format!("no way to {}", server.ip()));
            return true;
        };
        self.status.told();
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
            Err(Silence::NoRoute | Silence::Own) => return None,
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
}

fn micros(took: Duration) -> u32 {
    u32::try_from(took.as_micros()).unwrap_or(u32::MAX)
}

impl std::fmt::Debug for ServicesPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServicesPlan").field("services", &self.services).finish_non_exhaustive()
    }
}
