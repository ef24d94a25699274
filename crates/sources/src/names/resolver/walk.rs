//! One way down from the root, with bounds on depth, questions and time.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use falter_model::{Text, Transport};
use hickory_proto::op::Message;
use hickory_proto::rr::{Name, RecordType};
use tokio::time::Instant;

use super::{MOST_QUESTIONS, PATIENCE, ResolveError, ResolveFailure, Roots};
use crate::courtesy::Courtesy;
use crate::names::exchange;
use crate::names::question::{Question, Recursion, rcode};
use crate::names::referral::{self, Cut, Step};
use crate::random::random;
use crate::reach::Silence;

/// Zones on the way to a name: it can't have more labels that matter.
const MOST_CUTS: usize = 16;
/// Aliases that are followed in all.
const MOST_ALIASES: usize = 8;
/// Names of servers that must be resolved before servers can be asked, within one another.
const MOST_DEPTH: usize = 4;
/// Servers of a zone that are asked before it counts as failed.
const MOST_SERVERS: usize = 6;
/// Servers without addresses of which the addresses are looked up.
const MOST_LOOKED_UP: usize = 3;

/// A resolution that is going on.
pub(super) struct Walk<'a> {
    pub(super) roots: &'a Roots,
    pub(super) courtesy: &'a Courtesy,
    pub(super) deadline: Instant,
    pub(super) asked: u32,
    /// The name that it is all about.
    pub(super) sought: Option<Name>,
    /// What delegations say of it.
    pub(super) told_above: Vec<IpAddr>,
}

/// A server of a zone at one of its addresses.
#[derive(Debug, Clone)]
struct At {
    name: Option<Name>,
    address: IpAddr,
}

impl At {
    /// In words: name and address.
    fn who(&self) -> Text {
        let Self { name, address } = self;
        match name {
            Some(name) => {
                let name = name.to_ascii();
                format!("{} ({address})", name.trim_end_matches('.')).as_str().into()
            }
            None => format!("root ({address})").as_str().into(),
        }
    }
}

type Found = Result<Vec<IpAddr>, ResolveError>;

impl Walk<'_> {
    /// IPv4 addresses of a name or, where there is none, IPv6 addresses.
    pub(super) async fn addresses(&mut self, name: &Name) -> Found {
        match self.walk(name.clone(), RecordType::A, 0).await {
            Err(ResolveError { failure: ResolveFailure::NoAddress, .. }) => {
                self.walk(name.clone(), RecordType::AAAA, 0).await
            }
            found => found,
        }
    }

    /// From the root to the servers of `name`, and on to what it is an alias of.
    fn walk(
        &mut self,
        mut name: Name,
        kind: RecordType,
        depth: usize,
    ) -> Pin<Box<dyn Future<Output = Found> + Send + '_>> {
        Box::pin(async move {
            if depth > MOST_DEPTH {
                return Err(ResolveError { failure: ResolveFailure::Loop, who: None });
            }
            for _ in 0..MOST_ALIASES {
                match self.down(&name, kind, depth).await? {
                    Ok(addresses) => return Ok(addresses),
                    Err(alias) => name = alias,
                }
            }
            Err(ResolveError { failure: ResolveFailure::Loop, who: None })
        })
    }

    /// From the root to the servers of `name`: its addresses, or what it is an alias of.
    async fn down(
        &mut self,
        name: &Name,
        kind: RecordType,
        depth: usize,
    ) -> Result<Result<Vec<IpAddr>, Name>, ResolveError> {
        let mut zone = Name::root();
        let mut servers: Vec<At> =
            self.roots.servers.iter().map(|root| At { name: None, address: *root }).collect();
        for _ in 0..MOST_CUTS {
            let asked = self.ask_servers(&servers, &zone, name, kind).await;
            let (step, who) = asked.map_err(|error| error.at(&zone))?;
            let failure = match step {
                Step::Addresses(addresses) => return self.public(addresses, who).map(Ok),
                Step::Alias(alias) => return Ok(Err(alias)),
                Step::Down(cut) => {
                    self.note(&cut);
                    zone = cut.zone.clone();
                    servers = self.servers_of(cut, depth).await;
                    if servers.is_empty() {
                        let failure = ResolveFailure::NoServers;
                        return Err(ResolveError { failure, who: Some(who) });
                    }
                    continue;
                }
                Step::NoAddress => ResolveFailure::NoAddress,
                Step::NoName => ResolveFailure::Rcode("NXDOMAIN".into()),
                Step::Failed(code) => ResolveFailure::Rcode(rcode(code)),
                Step::Lame => ResolveFailure::Lame,
            };
            return Err(ResolveError { failure, who: Some(who) });
        }
        Err(ResolveError { failure: ResolveFailure::Loop, who: None })
    }

    /// Those of a name's addresses that it may lead to.
    fn public(&self, mut addresses: Vec<IpAddr>, who: Text) -> Found {
        let refused = addresses.iter().copied().find(|address| !self.roots.may_lead_to(*address));
        addresses.retain(|address| self.roots.may_lead_to(*address));
        match refused.filter(|_| addresses.is_empty()) {
            Some(address) => {
                let failure = ResolveFailure::NotPublic(address);
                Err(ResolveError { failure, who: Some(who) })
            }
            None => Ok(addresses),
        }
    }

    /// Keeps what a delegation says of the name that is sought.
    fn note(&mut self, cut: &Cut) {
        let told = self.sought.as_ref().and_then(|sought| cut.servers.get(sought));
        let mut told = told.cloned().unwrap_or_default();
        told.retain(|address| self.roots.may_lead_to(*address));
        if !told.is_empty() {
            self.told_above = told;
        }
    }

    /// The addresses of a zone's servers: as told with the delegation, else looked up.
    async fn servers_of(&mut self, cut: Cut, depth: usize) -> Vec<At> {
        let mut found = Vec::new();
        let mut without = Vec::new();
        for (server, mut addresses) in cut.servers {
            addresses.retain(|address| self.roots.may_lead_to(*address));
            if addresses.is_empty() {
                without.push(server);
            } else {
                let at = |address| At { name: Some(server.clone()), address };
                found.extend(addresses.into_iter().map(at));
            }
        }
        if found.is_empty() {
            for server in without.into_iter().take(MOST_LOOKED_UP) {
                let kind = RecordType::A;
                let addresses = self.walk(server.clone(), kind, depth.saturating_add(1)).await;
                let at = |address| At { name: Some(server.clone()), address };
                found.extend(addresses.unwrap_or_default().into_iter().map(at));
            }
        }
        found
    }

    /// Asks servers of a zone in turn until one has something to say; what the last one did, if none has.
    async fn ask_servers(
        &mut self,
        servers: &[At],
        zone: &Name,
        name: &Name,
        kind: RecordType,
    ) -> Result<(Step, Text), ResolveError> {
        let mut last = ResolveError { failure: ResolveFailure::NoServers, who: None };
        let mut failed: Option<(Step, Text)> = None;
        let allowed: Vec<&At> =
            servers.iter().filter(|at| self.courtesy.allows(at.address)).collect();
        let first = usize::from(random()) % allowed.len().max(1);
        for at in allowed.iter().cycle().skip(first).take(allowed.len().min(MOST_SERVERS)) {
            if self.asked >= MOST_QUESTIONS || Instant::now() >= self.deadline {
                let failure = ResolveFailure::TooMany;
                return failed.ok_or(ResolveError { failure, who: Some(at.who()) });
            }
            match self.ask(name, kind, at.address).await {
                Ok(message) => match referral::read(&message, zone, name, kind) {
                    step @ (Step::Failed(_) | Step::Lame) => failed = Some((step, at.who())),
                    step => return Ok((step, at.who())),
                },
                // What another server did says more of the zone than what this machine can't do.
                Err(silence) if silence.is_own() && last.who.is_some() => {}
                Err(silence) => {
                    last = ResolveError { failure: silence.into(), who: Some(at.who()) };
                }
            }
        }
        // A server that says that it failed tells more than one that says nothing.
        failed.ok_or(last)
    }

    /// Over UDP, and over TCP what does not fit.
    async fn ask(
        &mut self,
        name: &Name,
        kind: RecordType,
        address: IpAddr,
    ) -> Result<Message, Silence> {
        let question = Question::new(name.clone(), kind, Recursion::No);
        let server = SocketAddr::new(address, self.roots.port);
        let left = self.deadline.saturating_duration_since(Instant::now());
        let patience = PATIENCE.min(left);
        self.asked = self.asked.saturating_add(1);
        let over = exchange::ask(&question, server, Transport::Udp, patience).await;
        let (message, _) = over.answer?;
        if !message.metadata.truncation {
            return Ok(message);
        }
        self.asked = self.asked.saturating_add(1);
        let over = exchange::ask(&question, server, Transport::Tcp, patience).await;
        over.answer.map(|(message, _)| message)
    }
}
