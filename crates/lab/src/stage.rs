//! The country as it stands: namespaces, links, daemons, and what can be done to each of them.
//!
//! Runs inside the keeper's namespaces only. All files are in memory, under [`Stage::folder`].

mod answering;
mod breaking;
mod cables;
mod daemons;
mod filters;
mod links;
mod mail;
mod mending;
mod moves;
mod namespaces;
mod nulls;
mod power;
mod relay;
mod routers;
mod servers;
mod station;
mod zones;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::country::{Country, Node, Service};

pub use daemons::Daemon;
pub use mail::serve as serve_mail;
pub use namespaces::Ns;
pub use relay::{Pair, relay};
pub use routers::Policy;
pub use zones::ZoneState;

/// See the module.
#[derive(Debug)]
pub struct Stage {
    country: Country,
    folder: PathBuf,
    daemons: BTreeMap<(String, Service), Daemon>,
    relay: Option<Daemon>,
    damage: breaking::Damage,
}

impl Stage {
    /// Builds everything and starts every daemon. What is half built goes with the namespaces.
    pub fn build(country: Country, folder: &Path) -> Result<Self> {
        let mut stage = Self {
            country,
            folder: folder.to_owned(),
            daemons: BTreeMap::new(),
            relay: None,
            damage: breaking::Damage::default(),
        };
        for node in &stage.country.nodes {
            std::fs::create_dir_all(stage.folder.join(&node.name))?;
        }
        namespaces::add(&stage.country)?;
        stage.relay = links::connect(&stage.country, &stage.folder)?;
        let nodes: Vec<Node> = stage.country.nodes.clone();
        for node in &nodes {
            links::set_up(&stage.country, node)
                .with_context(|| format!("links of {}", node.name))?;
            answering::set_up(node).with_context(|| format!("addresses of {}", node.name))?;
        }
        for link in stage.country.links.iter().filter(|link| link.rate_kbit > 0) {
            links::limit(link, link.rate_kbit)?;
        }
        for node in &nodes {
            stage.write_configuration(node)?;
            for service in node.services() {
                stage.start(&node.name, service)?;
            }
        }
        Ok(stage)
    }

    /// What was built.
    pub const fn country(&self) -> &Country {
        &self.country
    }

    /// Where daemons keep their files: a folder a node.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a node's files are.
    pub fn folder_of(&self, node: &str) -> PathBuf {
        self.folder.join(node)
    }

    /// The namespace of a node.
    pub fn ns(&self, node: &str) -> Ns {
        Ns::named(node)
    }

    /// Writes what the node's daemons read, as it is while nothing is wrong.
    pub fn write_configuration(&self, node: &Node) -> Result<()> {
        for service in node.services() {
            match service {
                Service::Bird => self.configure_router(&node.name, &Policy::default())?,
                Service::Gobgp => station::write(&self.country, node, &self.folder_of(&node.name))?,
                Service::Nsd => self.write_zones(&node.name, ZoneState::Right)?,
                Service::Nginx => servers::write(node, &self.folder_of(&node.name), false)?,
                Service::Mail => {}
            }
        }
        Ok(())
    }

    /// Starts a daemon that is not running.
    pub fn start(&mut self, node: &str, service: Service) -> Result<()> {
        let key = (node.to_owned(), service);
        if self.daemons.get_mut(&key).is_some_and(Daemon::runs) {
            return Ok(());
        }
        let folder = self.folder_of(node);
        let command = match service {
            Service::Bird => routers::command(&folder),
            Service::Gobgp => station::command(&folder),
            Service::Nsd => zones::command(&folder),
            Service::Nginx => servers::command(&folder),
            Service::Mail => mail::command(self.country.node(node))?,
        };
        let log = folder.join(format!("{}.log", service.name()));
        let daemon = Daemon::start(&self.ns(node), command, &log)
            .with_context(|| format!("starting {} in {node}", service.name()))?;
        self.daemons.insert(key, daemon);
        if service == Service::Gobgp {
            station::listen(&self.ns(node), &folder)?;
        }
        Ok(())
    }

    /// Ends a daemon: at once and without a word where `killed`, as a power cut would.
    pub fn stop(&mut self, node: &str, service: Service, killed: bool) -> Result<()> {
        match self.daemons.remove(&(node.to_owned(), service)) {
            Some(daemon) => daemon.stop(killed),
            None => Ok(()),
        }
    }

    /// True while the daemon runs.
    pub fn runs(&mut self, node: &str, service: Service) -> bool {
        self.daemons.get_mut(&(node.to_owned(), service)).is_some_and(Daemon::runs)
    }

    /// Process ids of a node's daemons.
    pub fn processes(&self, node: &str) -> Vec<u32> {
        let own = self.daemons.iter().filter(|((of, _), _)| of == node);
        own.map(|(_, daemon)| daemon.id()).collect()
    }
}
