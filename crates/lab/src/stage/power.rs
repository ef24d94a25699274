//! Nodes that lose their power and have it again.

use anyhow::{Context, Result};

use super::Stage;
use super::{filters, links};
use crate::action::{Cable, Signal};
use crate::country::Node;

impl Stage {
    /// The node is silent from one moment to the next. First nothing leaves it any more, then its
    /// programs go: otherwise the kernel would close their sessions in order.
    pub(super) fn power_off(&mut self, name: &str, signal: Signal) -> Result<()> {
        let node = self.planned(name)?;
        filters::put(&self.ns(name), filters::DARK, &filters::dark())?;
        if signal == Signal::Lost {
            for cable in self.cables_of(name) {
                self.sever(&cable)?;
            }
        }
        for service in node.services() {
            self.stop(name, service, true)?;
        }
        Ok(())
    }

    /// The node boots: cables, addresses, programs.
    pub(super) fn power_on(&mut self, name: &str) -> Result<()> {
        let node = self.planned(name)?;
        links::set_up(&self.country, &node)?;
        for cable in self.cables_of(name) {
            self.splice(&cable)?;
        }
        filters::take(&self.ns(name), filters::DARK)?;
        for service in node.services() {
            self.start(name, service)?;
        }
        Ok(())
    }

    /// A node as it is planned.
    pub(super) fn planned(&self, name: &str) -> Result<Node> {
        self.country.node(name).cloned().with_context(|| format!("no node {name}"))
    }

    fn cables_of(&self, name: &str) -> Vec<Cable> {
        let links = self.country.links_of(name);
        links.map(|(_, link)| Cable::between(&link.left, &link.right)).collect()
    }
}
