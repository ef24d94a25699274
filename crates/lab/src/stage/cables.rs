//! What can be done to a cable.

use anyhow::{Context, Result};

use super::Stage;
use super::{filters, links};
use crate::action::Cable;
use crate::country::Link;

impl Stage {
    /// Both ends go down; what led through them is gone.
    pub(super) fn sever(&self, cable: &Cable) -> Result<()> {
        let (_, link) = self.link(cable)?;
        for end in [&link.left, &link.right] {
            self.ns(end).run("ip", &["link", "set", &link.device(end), "down"])?;
        }
        Ok(())
    }

    /// Both ends are up, with their addresses and routes.
    pub(super) fn splice(&self, cable: &Cable) -> Result<()> {
        let (number, link) = self.link(cable)?;
        for end in [&link.left, &link.right] {
            let node = self.country.node(end).with_context(|| format!("no node {end}"))?;
            let batch = links::device(&self.country, node, number, &link);
            self.ns(end).feed("ip", &["-batch", "-"], &batch)?;
        }
        Ok(())
    }

    /// Nothing arrives at either end.
    pub(super) fn hush(&self, cable: &Cable) -> Result<()> {
        self.at_both_ends(cable, "hush", &|device| Some(filters::hushed(device)))
    }

    /// Everything arrives again.
    pub(super) fn unhush(&self, cable: &Cable) -> Result<()> {
        self.at_both_ends(cable, "hush", &|_| None)
    }

    /// A share of what is sent arrives at neither end; with zero, all arrives.
    pub(super) fn lose(&self, cable: &Cable, per_mille: u16) -> Result<()> {
        self.at_both_ends(cable, "lose", &|device| {
            (per_mille > 0).then(|| filters::lossy(device, per_mille))
        })
    }

    /// Both directions carry so much; zero is as planned.
    pub(super) fn squeeze(&self, cable: &Cable, kbit: u32) -> Result<()> {
        let (_, link) = self.link(cable)?;
        let back = Link { left: link.right.clone(), right: link.left.clone(), ..link.clone() };
        links::limit(&link, if kbit == 0 { link.rate_kbit } else { kbit })?;
        links::limit(&back, kbit)
    }

    /// The link that a cable is, with its number.
    pub(super) fn link(&self, cable: &Cable) -> Result<(usize, Link)> {
        let found = self.country.links.iter().enumerate().find(|(_, link)| cable.is(link));
        let (number, link) = found.with_context(|| format!("there is no {cable}"))?;
        Ok((number, link.clone()))
    }

    /// Sets a table at both ends, or takes it away where there are no chains.
    fn at_both_ends(
        &self,
        cable: &Cable,
        what: &str,
        chains: &dyn Fn(&str) -> Option<String>,
    ) -> Result<()> {
        let (_, link) = self.link(cable)?;
        for end in [&link.left, &link.right] {
            let table = format!("{what}_{}", link.other(end));
            match chains(&link.device(end)) {
                Some(chains) => filters::put(&self.ns(end), &table, &chains)?,
                None => filters::take(&self.ns(end), &table)?,
            }
        }
        Ok(())
    }
}
