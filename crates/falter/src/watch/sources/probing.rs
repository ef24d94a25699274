//! Probes to a network's addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::Context;
use falter_model::{Clock, ControlKind, Method, Profile, Text};
use falter_sources::clock::SystemClock;
use falter_sources::probing::{
    self, Answering, Attention, ControlTarget, Handshake, PacePlan, ProbingPlan, ProbingStatus,
    RoundsPlan, SweepPlan, Target, TracePlan,
};

use super::{Source, Start, Wanted, on_a_thread};
use crate::config::{Probing, Tcp};
use crate::watch::met::Met;
use crate::watch::status::SourceState;

/// The sweep takes this share of all packets at most.
const SWEEP_SHARE: f64 = 0.1;
/// So often probing is asked how it fares, and whether the sweep found others than those that are probed.
const ASKED_EVERY: Duration = Duration::from_secs(2);
/// Ways to so many targets are traced: hops before the border are the same for most.
const TRACED: usize = 3;
/// So often.
const TRACED_EVERY: Duration = Duration::from_mins(10);
/// No way is longer in practice; what answers beyond does not matter.
const MOST_HOPS: u8 = 30;
/// What is thought of an address that somebody named and no sweep has asked yet.
const NAMED: f64 = 0.9;
/// Of one that was met on the way to something else: it need not answer probes.
const MET: f64 = 0.5;

/// What stays the same however often probing is started.
struct Plan {
    profile: Arc<Profile>,
    probing: Probing,
    vantage: Text,
    contact: String,
    found: PathBuf,
    attention: Attention,
    met: Met,
}

/// Probes a network on threads of its own, in the name of `contact`.
pub(super) fn source(contact: &str, wanted: &Wanted<'_>) -> Source {
    let plan = Arc::new(Plan {
        profile: Arc::clone(wanted.profile),
        probing: wanted.config.probing.clone(),
        vantage: wanted.vantage.id.clone(),
        contact: contact.to_owned(),
        found: wanted.store.join(format!("answering-{}.json", wanted.profile.name)),
        attention: wanted.attention.clone(),
        met: wanted.met.clone(),
    });
    Source::new("probing", move |with: Start| run(Arc::clone(&plan), with))
}

/// Probes until `stop`; begins again whenever the sweep found others.
async fn run(plan: Arc<Plan>, with: Start) -> anyhow::Result<()> {
    while !with.stop.is_cancelled() {
        let targets = plan.targets()?;
        let probing = probing::Probing::new(plan.of(&targets))
            .with_context(|| format!("could not probe {}", plan.profile.name))?
            .attending(plan.attention.clone());
        let status = probing.status();
        let (tell, stop) = (with.tell.clone(), with.stop.child_token());
        let running = {
            let stop = stop.clone();
            on_a_thread("probing", move || Ok(probing.run(&SystemClock, &tell, &stop)?))
        };
        tokio::pin!(running);
        loop {
            tokio::select! {
                ended = &mut running => {
                    ended?;
                    if !stop.is_cancelled() {
                        return Ok(());
                    }
                    break;
                }
                () = tokio::time::sleep(ASKED_EVERY) => {
                    let counted = status.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    with.status.set(state(&counted), SystemClock.now());
                }
            }
            if plan.targets().is_ok_and(|now| !now.keys().eq(targets.keys())) {
                stop.cancel();
            }
        }
    }
    Ok(())
}

/// In trouble while the last probe could not be sent.
fn state(counted: &ProbingStatus) -> SourceState {
    match &counted.last_fault {
        Some((at, why)) if counted.last_sent.is_none_or(|sent| sent <= *at) => {
            SourceState::Down { why: why.to_string() }
        }
        _ => SourceState::Up,
    }
}

impl Plan {
    /// Who is probed, and how often each answers: those that somebody named, those that the sweep found, and
    /// those of IPv6 that were met.
    fn targets(&self) -> anyhow::Result<BTreeMap<IpAddr, f64>> {
        let is_own =
            |address: &IpAddr| self.profile.prefixes.iter().any(|prefix| prefix.contains(*address));
        let services = self.profile.services.iter().map(|service| service.address);
        let named = self.probing.targets.iter().copied().chain(services).filter(is_own);
        let met = self.met.addresses().into_iter().map(|address| (address, MET));
        let named = named.map(|address| (address, NAMED));
        let mut targets: BTreeMap<IpAddr, f64> = met.chain(named).collect();
        let found = Answering::read(&self.found)?;
        targets.extend(
            found.addresses.iter().map(|(address, known)| (*address, known.availability())),
        );
        targets.retain(|address, _| {
            !self.probing.opt_out.iter().any(|prefix| prefix.contains(*address))
        });
        Ok(targets)
    }

    fn of(&self, targets: &BTreeMap<IpAddr, f64>) -> ProbingPlan {
        let methods: Vec<Method> =
            self.probing.methods.iter().filter_map(|text| method(text)).collect();
        let target = |(address, availability): (&IpAddr, &f64)| Target {
            address: *address,
            methods: methods.clone(),
            availability: *availability,
        };
        let controls = &self.profile.controls;
        let control = |kind| {
            move |address: &IpAddr| ControlTarget { kind, address: *address, method: Method::Icmp }
        };
        let far = controls.far.iter().map(control(ControlKind::Far));
        let near = controls.near.iter().map(control(ControlKind::Near));
        let total_pps = f64::from(self.probing.packets_per_second);
        let traced: Vec<IpAddr> = targets.keys().take(TRACED).copied().collect();
        // Traces take a packet a second: of two there is nothing left.
        let trace = (!traced.is_empty() && total_pps >= 10.0).then_some(TracePlan {
            targets: traced,
            every: TRACED_EVERY,
            most_hops: MOST_HOPS,
        });
        ProbingPlan {
            vantage: self.vantage.clone(),
            contact: self.contact.as_str().into(),
            targets: targets.iter().map(target).collect(),
            controls: far.chain(near).collect(),
            opt_out: self.probing.opt_out.clone(),
            pace: PacePlan { total_pps, per_target: duration(self.probing.per_target) },
            rounds: RoundsPlan::default(),
            sweep: Some(SweepPlan {
                prefixes: self.profile.prefixes.clone(),
                pps: total_pps * SWEEP_SHARE,
                every: duration(self.probing.sweep_every),
                state: self.found.clone(),
            }),
            handshake: match self.probing.tcp {
                Tcp::Connect => Handshake::Whole,
                Tcp::Syn => Handshake::Half,
            },
            trace,
        }
    }
}

/// `icmp`, `tcp:80`, `udp:53`; the configuration was checked.
fn method(text: &str) -> Option<Method> {
    match text.split_once(':') {
        None => Some(Method::Icmp),
        Some(("tcp", port)) => port.parse().ok().map(Method::Tcp),
        Some((_, port)) => port.parse().ok().map(Method::Udp),
    }
}

fn duration(span: falter_model::Span) -> Duration {
    Duration::from_micros(span.micros().unsigned_abs())
}
