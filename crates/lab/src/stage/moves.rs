//! Machines that move to other addresses.

use std::fmt::Write;
use std::net::Ipv4Addr;

use anyhow::Result;

use super::{Stage, answering, filters, links};
use crate::country::Node;

impl Stage {
    /// The machine and its router know the new addresses instead of the old ones.
    pub(super) fn renumber(&self, name: &str, moves: &[(Ipv4Addr, Ipv4Addr)]) -> Result<()> {
        self.change_addresses(&self.planned(name)?, &self.renumbered(name, moves)?)
    }

    /// The machine and its router know the planned addresses instead of others.
    pub(super) fn renumber_back(&self, name: &str, moves: &[(Ipv4Addr, Ipv4Addr)]) -> Result<()> {
        self.change_addresses(&self.renumbered(name, moves)?, &self.planned(name)?)
    }

    /// A machine as it is after its moves.
    fn renumbered(&self, name: &str, moves: &[(Ipv4Addr, Ipv4Addr)]) -> Result<Node> {
        let mut node = self.planned(name)?;
        for address in &mut node.addresses {
            if let Some((_, to)) = moves.iter().find(|(from, _)| *from == address.ip) {
                address.ip = *to;
            }
        }
        Ok(node)
    }

    fn change_addresses(&self, before: &Node, after: &Node) -> Result<()> {
        let gone: Vec<Ipv4Addr> = before
            .addresses
            .iter()
            .map(|address| address.ip)
            .filter(|ip| after.addresses.iter().all(|address| address.ip != *ip))
            .collect();
        let mut country = self.country.clone();
        if let Some(own) = country.nodes.iter_mut().find(|own| own.name == after.name) {
            *own = after.clone();
        }
        for (_, link) in self.country.links_of(&after.name) {
            let neighbor = self.planned(link.other(&after.name))?;
            self.unroute(&neighbor.name, &gone);
            links::set_up(&country, &neighbor)?;
        }
        for ip in gone {
            // One that is gone already is as it should be.
            drop(
                self.ns(&after.name)
                    .run("ip", &["address", "del", &format!("{ip}/32"), "dev", "lo"]),
            );
        }
        links::set_up(&country, after)?;
        filters::take(&self.ns(&after.name), answering::TABLE)?;
        answering::set_up(after)
    }

    /// Takes the routes to single addresses away, where they are.
    pub(super) fn unroute(&self, node: &str, addresses: &[Ipv4Addr]) {
        let batch = addresses.iter().fold(String::new(), |mut batch, ip| {
            _ = writeln!(batch, "route del {ip}/32");
            batch
        });
        // `-force` goes on after a route that is not there, and then says that it failed.
        drop(self.ns(node).feed("ip", &["-force", "-batch", "-"], &batch));
    }
}
