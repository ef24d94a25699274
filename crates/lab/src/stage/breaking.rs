//! What can be done to the country: each action, and the note of it that mending needs.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::process::Command;

use anyhow::{Context, Result};
use falter_model::Prefix;

use super::{Daemon, Policy, Stage, ZoneState, filters, routers, servers};
use crate::action::{Action, Cable, Outcome};
use crate::country::Service;
use crate::flood::Flood;

/// What is not as planned any more. A note is made before anything is done, and goes when all is mended.
#[derive(Debug, Default)]
pub(super) struct Damage {
    pub(super) severed: BTreeSet<Cable>,
    pub(super) hushed: BTreeSet<Cable>,
    pub(super) lossy: BTreeSet<Cable>,
    pub(super) squeezed: BTreeSet<Cable>,
    pub(super) dark: BTreeSet<String>,
    pub(super) withdrawn: BTreeSet<(String, Prefix)>,
    pub(super) misled: BTreeSet<String>,
    pub(super) noisy: BTreeSet<String>,
    pub(super) zones: BTreeSet<String>,
    pub(super) sites: BTreeSet<String>,
    pub(super) filtered: BTreeSet<String>,
    pub(super) null_routes: BTreeMap<(String, Prefix), Vec<Ipv4Addr>>,
    pub(super) floods: BTreeMap<String, Daemon>,
    pub(super) moved: BTreeMap<String, Vec<(Ipv4Addr, Ipv4Addr)>>,
}

impl Stage {
    /// Does it.
    pub fn perform(&mut self, action: &Action) -> Result<()> {
        self.act(action).with_context(|| action.to_string())
    }

    fn act(&mut self, action: &Action) -> Result<()> {
        match action {
            Action::Sever(cable) => {
                self.damage.severed.insert(cable.clone());
                self.sever(cable)
            }
            Action::Splice(cable) => self.splice(cable),
            Action::Hush(cable) => {
                self.damage.hushed.insert(cable.clone());
                self.hush(cable)
            }
            Action::Unhush(cable) => self.unhush(cable),
            Action::Lose { cable, per_mille } => {
                self.damage.lossy.insert(cable.clone());
                self.lose(cable, *per_mille)
            }
            Action::Squeeze { cable, kbit } => {
                self.damage.squeezed.insert(cable.clone());
                self.squeeze(cable, *kbit)
            }
            Action::PowerOff { node, signal } => {
                self.damage.dark.insert(node.clone());
                self.power_off(node, *signal)
            }
            Action::PowerOn { node } => self.power_on(node),
            Action::Stop { node, service } => self.stop(node, *service, false),
            Action::Crash { node, service } => self.stop(node, *service, true),
            Action::Start { node, service } => self.start(node, *service),
            Action::Withdraw { node, prefix } => {
                self.damage.withdrawn.insert((node.clone(), *prefix));
                self.switch_prefix(node, *prefix, "disable")
            }
            Action::Announce { node, prefix } => self.switch_prefix(node, *prefix, "enable"),
            Action::SetPolicy { node, policy } => {
                self.damage.misled.insert(node.clone());
                self.set_policy(node, policy)
            }
            Action::ResetSession { node, neighbor } => {
                self.tell(node, &format!("restart {}", routers::session(neighbor))).map(drop)
            }
            Action::Churn { node, changed } => {
                self.damage.noisy.insert(node.clone());
                let verb = if *changed { "enable" } else { "disable" };
                self.tell(node, &format!("{verb} noise")).map(drop)
            }
            Action::SetZones { node, state } => {
                self.damage.zones.insert(node.clone());
                self.set_zones(node, *state)
            }
            Action::Upgrade { node, outcome } => {
                self.damage.sites.insert(node.clone());
                self.upgrade(node, *outcome)
            }
            Action::Filter { node, drops } => {
                self.damage.filtered.insert(node.clone());
                filters::put(&self.ns(node), filters::RULE, &filters::rule(drops))
            }
            Action::Unfilter { node } => filters::take(&self.ns(node), filters::RULE),
            Action::NullRoute { node, prefix, remainder } => {
                let key = (node.clone(), *prefix);
                self.damage.null_routes.insert(key, remainder.clone());
                self.null_route(node, *prefix, remainder)
            }
            Action::LiftNullRoute { node, prefix } => {
                let known = self.damage.null_routes.remove(&(node.clone(), *prefix));
                self.lift_null_route(node, *prefix, &known.unwrap_or_default());
                Ok(())
            }
            Action::Flood { node, flood } => self.flood(node, flood),
            Action::EndFlood { node } => self.end_flood(node),
            Action::Renumber { node, moves } => {
                self.damage.moved.insert(node.clone(), moves.clone());
                self.renumber(node, moves)
            }
            Action::RenumberBack { node } => match self.damage.moved.get(node) {
                Some(moves) => self.renumber_back(node, moves),
                None => Ok(()),
            },
            // What a clock shows is the recorder's affair.
            Action::SetClock { .. } => Ok(()),
        }
    }

    pub(super) fn switch_prefix(&self, node: &str, prefix: Prefix, verb: &str) -> Result<()> {
        let planned = self.planned(node)?;
        let number = planned.originates.iter().position(|own| *own == prefix);
        let number = number.with_context(|| format!("{node} does not announce {prefix}"))?;
        self.tell(node, &format!("{verb} {}", routers::own(number))).map(drop)
    }

    pub(super) fn set_policy(&mut self, node: &str, policy: &Policy) -> Result<()> {
        self.configure_router(node, policy)?;
        if self.runs(node, Service::Bird) {
            self.tell(node, "configure")?;
        }
        Ok(())
    }

    /// A name server that runs is restarted: one that only reads its files anew keeps what it had where
    /// they are broken.
    pub(super) fn set_zones(&mut self, node: &str, state: ZoneState) -> Result<()> {
        let runs = self.runs(node, Service::Nsd);
        self.stop(node, Service::Nsd, true)?;
        self.write_zones(node, state)?;
        if runs { self.start(node, Service::Nsd) } else { Ok(()) }
    }

    pub(super) fn upgrade(&mut self, node: &str, outcome: Outcome) -> Result<()> {
        let runs = self.runs(node, Service::Nginx);
        servers::write(&self.planned(node)?, &self.folder_of(node), outcome == Outcome::Broken)?;
        self.stop(node, Service::Nginx, false)?;
        if runs { self.start(node, Service::Nginx) } else { Ok(()) }
    }

    fn flood(&mut self, node: &str, flood: &Flood) -> Result<()> {
        self.end_flood(node)?;
        let source = self.planned(node)?.address().context("a flood from nowhere")?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("flood").arg(serde_json::to_string(flood)?).arg(source.to_string());
        let daemon =
            Daemon::start(&self.ns(node), command, &self.folder_of(node).join("flood.log"))?;
        self.damage.floods.insert(node.to_owned(), daemon);
        Ok(())
    }

    fn end_flood(&mut self, node: &str) -> Result<()> {
        match self.damage.floods.remove(node) {
            Some(daemon) => daemon.stop(true),
            None => Ok(()),
        }
    }
}
