//! Putting everything back as planned.

use anyhow::{Context, Result};

use super::breaking::Damage;
use super::{Policy, Stage, ZoneState, filters};
use crate::action::Outcome;
use crate::country::{Node, Service};

impl Stage {
    /// Puts everything back as planned, whatever was done. Twice is as good as once: what could not be
    /// mended is tried again the next time. Sessions and routes need some seconds more to come back.
    pub fn restore(&mut self) -> Result<()> {
        for (_, flood) in std::mem::take(&mut self.damage.floods) {
            // One that has ended by itself is as it should be.
            drop(flood.stop(true));
        }
        let damage = std::mem::take(&mut self.damage);
        let mended = self.mend(&damage).and_then(|()| self.start_all());
        if mended.is_err() {
            self.damage = damage;
        }
        mended.context("putting everything back")
    }

    /// From the ground up: power, cables, addresses, filters, then what programs were told.
    fn mend(&mut self, damage: &Damage) -> Result<()> {
        for node in &damage.dark {
            self.power_on(node)?;
        }
        for cable in &damage.severed {
            self.splice(cable)?;
        }
        for cable in &damage.hushed {
            self.unhush(cable)?;
        }
        for cable in &damage.lossy {
            self.lose(cable, 0)?;
        }
        for cable in &damage.squeezed {
            self.squeeze(cable, 0)?;
        }
        for (node, moves) in &damage.moved {
            self.renumber_back(node, moves)?;
        }
        for node in &damage.filtered {
            filters::take(&self.ns(node), filters::RULE)?;
        }
        for ((node, prefix), remainder) in &damage.null_routes {
            self.lift_null_route(node, *prefix, remainder);
        }
        for node in &damage.zones {
            self.set_zones(node, ZoneState::Right)?;
        }
        for node in &damage.sites {
            self.upgrade(node, Outcome::Right)?;
        }
        for node in &damage.misled {
            self.set_policy(node, &Policy::default())?;
        }
        // A router that does not run will come up as planned.
        for (node, prefix) in &damage.withdrawn {
            if self.runs(node, Service::Bird) {
                self.switch_prefix(node, *prefix, "enable")?;
            }
        }
        for node in &damage.noisy {
            if self.runs(node, Service::Bird) {
                self.tell(node, "disable noise")?;
            }
        }
        Ok(())
    }

    /// Starts every program that does not run.
    fn start_all(&mut self) -> Result<()> {
        let nodes: Vec<Node> = self.country.nodes.clone();
        for node in &nodes {
            for service in node.services() {
                self.start(&node.name, service)?;
            }
        }
        Ok(())
    }
}
