//! Null routes: what is announced and thrown away.

use std::net::Ipv4Addr;

use anyhow::Result;
use falter_model::Prefix;

use super::Stage;
use crate::country::Link;

impl Stage {
    /// Throws away what is for a prefix but not what is for the remainder.
    pub(super) fn null_route(
        &self,
        node: &str,
        prefix: Prefix,
        remainder: &[Ipv4Addr],
    ) -> Result<()> {
        for ip in remainder.iter().filter(|ip| prefix.contains((**ip).into())) {
            if let Some(via) = self.way(node, prefix) {
                let (ip, via) = (format!("{ip}/32"), via.to_string());
                self.ns(node).run("ip", &["route", "replace", &ip, "via", &via])?;
            }
        }
        // Before whatever BIRD has put there: its routes have the metric 32.
        let words = ["route", "replace", "blackhole", &prefix.to_string(), "metric", "1"];
        self.ns(node).run("ip", &words).map(drop)
    }

    /// Forwards again.
    pub(super) fn lift_null_route(&self, node: &str, prefix: Prefix, remainder: &[Ipv4Addr]) {
        let within = remainder.iter().copied().filter(|ip| prefix.contains((*ip).into()));
        self.unroute(node, &within.collect::<Vec<Ipv4Addr>>());
        // One that is gone already is as it should be.
        let words = ["route", "del", "blackhole", &prefix.to_string(), "metric", "1"];
        drop(self.ns(node).run("ip", &words));
    }

    /// The next router on the way from `node` to a prefix of one of its neighbors.
    fn way(&self, node: &str, prefix: Prefix) -> Option<Ipv4Addr> {
        self.country.links_of(node).find_map(|(number, link)| {
            let neighbor = self.country.node(link.other(node))?;
            let (left, right) = Link::ends(number);
            let theirs = if link.left == neighbor.name { left } else { right };
            neighbor.originates.contains(&prefix).then_some(theirs)
        })
    }
}
