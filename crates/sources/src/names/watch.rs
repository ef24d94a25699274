//! Asks every server of the zones for their SOA, again and again.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use falter_model::{Clock, Fact, Interned, Name, Observation, Text, Timestamp, Transport, Zone};
use hickory_proto::rr::RecordType;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::answer;
use super::exchange::{self, Exchange};
use super::question::{Question, Recursion};
use super::resolver::{Resolved, Resolver, absolute};
use super::servers::Servers;
use crate::asking::{Asking, due};
use crate::live::Teller;

/// How long a server is waited for.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two looks where the servers are: delegations change rarely, and the root and its
/// children serve the whole world.
const FIND_EVERY: Duration = Duration::from_hours(1);
/// After a look that found not all of them.
const FIND_AGAIN: Duration = Duration::from_mins(5);

/// Whom to ask about names.
#[derive(Clone)]
pub struct NamesPlan {
    /// The vantage point's name.
    pub vantage: Text,
    /// The zones with their servers, by name or address.
    pub zones: Vec<Zone>,
    /// Finds the servers, and knows who may be asked.
    pub resolver: Arc<Resolver>,
    /// Every server is asked once in this time for each of its zones, over UDP and over TCP.
    pub every: Duration,
    /// What time it is.
    pub clock: Arc<dyn Clock + Send + Sync>,
}

/// How asking about names goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameStatus {
    /// How often servers were asked, and whether they can be.
    pub asking: Asking,
    /// Answers to something else, passed over: forged ones, or a broken server's.
    pub foreign: u64,
    /// Servers that could never be found, with the reason.
    pub unknown: Vec<(Text, Text)>,
}

/// Asks all servers of some zones.
pub struct NameWatch {
    plan: NamesPlan,
    servers: Servers,
    status: Arc<Mutex<NameStatus>>,
}

/// What a task comes back with.
enum Done {
    Asked(Box<(Timestamp, Target, Exchange)>),
    Found(Vec<(Text, Result<Vec<IpAddr>, Text>)>),
}

/// How a round ended.
enum Round {
    /// Everybody was asked.
    Over,
    /// It was learned where servers are: the next round asks them.
    Found { all: bool },
    /// Nobody wants to know any more.
    Stopped,
}

/// One question.
#[derive(Debug, Clone)]
struct Target {
    zone: Text,
    server: Text,
    address: IpAddr,
    transport: Transport,
}

impl NameWatch {
    /// Ready to ask.
    pub fn new(plan: NamesPlan) -> Self {
        Self { plan, servers: Servers::default(), status: Arc::default() }
    }

    /// How it goes: read by whoever wants to know, while it runs.
    pub fn status(&self) -> Arc<Mutex<NameStatus>> {
        Arc::clone(&self.status)
    }

    /// Asks and tells until `stop`.
    pub async fn run(mut self, tell: Teller, stop: CancellationToken) {
        let mut tasks = JoinSet::new();
        let mut find_at = Some(Instant::now());
        while !stop.is_cancelled() {
            if find_at.is_some_and(|at| Instant::now() >= at) {
                find_at = None;
                self.find(&mut tasks);
            }
            match self.round(&mut tasks, &tell, &stop).await {
                Round::Over => {}
                Round::Found { all } => {
                    let after = if all { FIND_EVERY } else { FIND_AGAIN };
                    find_at = Some(Instant::now() + after);
                }
                Round::Stopped => return,
            }
        }
    }

    /// Begins to look where the servers are that have names: one after the other, so that it is no
    /// burst at the servers of the root.
    fn find(&self, tasks: &mut JoinSet<Done>) {
        let mut names: Vec<Text> =
            self.plan.zones.iter().flat_map(|zone| zone.servers.iter().cloned()).collect();
        names.retain(|server| Servers::is_name(server));
        names.sort_unstable();
        names.dedup();
        let resolver = Arc::clone(&self.plan.resolver);
        tasks.spawn(async move {
            let mut all = Vec::with_capacity(names.len());
            for name in names {
                let found = found(resolver.resolve(&name).await);
                all.push((name, found));
            }
            Done::Found(all)
        });
    }

    /// Takes what was found; whether every server is known now.
    fn learn(&mut self, all: Vec<(Text, Result<Vec<IpAddr>, Text>)>) -> bool {
        let mut unknown = Vec::new();
        let mut all_found = true;
        for (server, found) in all {
            let why = found.as_ref().err().cloned();
            self.servers.learn(server.clone(), found.ok());
            if let Some(why) = why {
                all_found = false;
                if self.servers.addresses(&server).is_empty() {
                    unknown.push((server, why));
                }
            }
        }
        self.note(|status| {
            for (server, why) in &unknown {
                status.asking.note_unasked(&format!("{server}: {why}"));
            }
            status.unknown = unknown;
        });
        all_found
    }

    /// Asks every server once, spread over the time of a round; ends early when servers were found.
    async fn round(
        &mut self,
        tasks: &mut JoinSet<Done>,
        tell: &Teller,
        stop: &CancellationToken,
    ) -> Round {
        let targets = self.targets();
        let in_a_round = u64::try_from(targets.len()).unwrap_or(u64::MAX);
        self.note(|status| status.asking.in_a_round = in_a_round);
        let (begun, count) = (Instant::now(), targets.len());
        let end = begun + self.plan.every;
        let mut due = targets
            .into_iter()
            .enumerate()
            .map(|(index, target)| (begun + due(self.plan.every, index, count), Some(target)));
        let mut next = due.next().unwrap_or((end, None));
        loop {
            tokio::select! {
                () = stop.cancelled() => return Round::Stopped,
                Some(done) = tasks.join_next(), if !tasks.is_empty() => match done {
                    Ok(Done::Asked(asked)) => {
                        if !self.tell(*asked, tell).await {
                            return Round::Stopped;
                        }
                    }
                    Ok(Done::Found(all)) => return Round::Found { all: self.learn(all) },
                    Err(error) => tracing::error!(%error, "A question ended badly."),
                },
                () = sleep_until(next.0) => {
                    let Some(target) = next.1 else { return Round::Over };
                    self.ask(target, tasks);
                    next = due.next().unwrap_or((end, None));
                }
            }
        }
    }

    /// Every server of every zone at each of its addresses, over both transports.
    fn targets(&self) -> Vec<Target> {
        let courtesy = self.plan.resolver.courtesy();
        let mut targets = Vec::new();
        // All of one transport first: a server's two questions are half a round apart.
        for transport in [Transport::Udp, Transport::Tcp] {
            for zone in &self.plan.zones {
                for server in &zone.servers {
                    let addresses = self.servers.addresses(server);
                    for address in addresses.into_iter().filter(|address| courtesy.allows(*address))
                    {
                        let (zone, server) = (zone.name.clone(), server.clone());
                        targets.push(Target { zone, server, address, transport });
                    }
                }
            }
        }
        targets
    }

    fn ask(&self, target: Target, tasks: &mut JoinSet<Done>) {
        let Some(zone) = absolute(&target.zone) else { return };
        let question = Question::new(zone, RecordType::SOA, Recursion::No);
        let server = SocketAddr::new(target.address, self.plan.resolver.port());
        let at = self.plan.clock.now();
        tasks.spawn(async move {
            let exchange = exchange::ask(&question, server, target.transport, PATIENCE).await;
            Done::Asked(Box::new((at, target, exchange)))
        });
    }

    /// False when nobody listens any more.
    async fn tell(&self, asked: (Timestamp, Target, Exchange), tell: &Teller) -> bool {
        let (at, target, exchange) = asked;
        let own_fault = exchange.answer.as_ref().err().filter(|silence| silence.is_own());
        let own_fault = own_fault.map(|silence| format!("{}: {silence}", target.address));
        self.note(|status| {
            status.foreign += u64::from(exchange.foreign);
            match &own_fault {
                Some(why) => status.asking.note_unasked(why),
                None => status.asking.note_told(),
            }
        });
        if own_fault.is_some() {
            // Nothing was asked: the machine's own fault is no fact about the server.
            return true;
        }
        let Some(zone) = absolute(&target.zone) else { return true };
        let answer = exchange.answer.map(|(message, rtt)| answer::of(&message, &zone, rtt, at));
        let name = Name {
            vantage: self.plan.vantage.clone(),
            server: target.server,
            zone: target.zone,
            transport: target.transport,
            answer: answer.map_err(|silence| silence.to_string().as_str().into()),
        };
        let observation = Observation { at, fact: Fact::Name(Box::new(name)) };
        tell.tell(&observation, &Interned::new()).await.is_ok()
    }

    fn note(&self, change: impl FnOnce(&mut NameStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Where a server is: as it says itself or, while it says nothing, as the zone above says.
fn found(resolved: Resolved) -> Result<Vec<IpAddr>, Text> {
    match resolved.addresses {
        Err(_) if !resolved.told_above.is_empty() => Ok(resolved.told_above),
        found => found.map_err(|error| error.to_string().as_str().into()),
    }
}

impl std::fmt::Debug for NameWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NameWatch").field("zones", &self.plan.zones).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for NamesPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NamesPlan").field("zones", &self.zones).finish_non_exhaustive()
    }
}
