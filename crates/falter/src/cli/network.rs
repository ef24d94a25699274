//! `falter network`: profiles, listed, shown, checked, made.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use falter_networks::AddressTable;

use super::Global;
use super::output::{self, Output};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::profiles;

mod check;
mod init;

/// See the module.
#[derive(Debug, Subcommand)]
pub(super) enum Network {
    /// Names of the profiles that can be found
    List,
    /// A profile as TOML
    Show {
        /// A profile's name or path
        #[arg(value_name = "NETWORK")]
        network: String,
    },
    /// Tells what is wrong with a profile
    Check(check::Check),
    /// Writes a profile for a country or an AS from a table dump and address tables
    Init(init::Init),
}

impl Network {
    pub(super) fn run(
        &self,
        global: &Global,
        _config: &Config,
        output: &mut Output,
    ) -> Result<Exit, Failure> {
        match self {
            Self::List => list(global, output),
            Self::Show { network } => {
                let found = profiles::find(network, global.networks.as_deref())?;
                if global.json {
                    output.json(&found.profile)?;
                } else {
                    output.line(&found.text)?;
                }
                Ok(Exit::Done)
            }
            Self::Check(verb) => verb.run(global, output),
            Self::Init(verb) => verb.run(output),
        }
    }
}

fn list(global: &Global, output: &mut Output) -> Result<Exit, Failure> {
    let folder = global.networks.as_deref();
    let mut networks = std::collections::BTreeMap::new();
    for name in profiles::names(folder)? {
        let found = profiles::find(&name, folder)?;
        networks.insert(name, (found.profile.title.to_string(), found.origin));
    }
    if global.json {
        output.json(&networks)?;
    } else {
        for (name, (title, origin)) in &networks {
            output.line(&format!("{name:<12} {title} ({origin})"))?;
        }
    }
    Ok(Exit::Done)
}

/// Reads an address table; told apart by content. Its bad lines are told and left out.
pub(super) fn read_table(path: &Path) -> Result<AddressTable, Failure> {
    let octets = std::fs::read(path)
        .with_context(|| format!("could not read the address table {}", path.display()))
        .map_err(Failure::failed)?;
    let (table, bad) = AddressTable::read(&octets)
        .with_context(|| format!("could not read {}", path.display()))
        .map_err(Failure::usage)?;
    for line in &bad {
        output::tell(&format!("{}: {line}", path.display()));
    }
    Ok(table)
}

/// Writes what was made: to a file, or to stdout.
fn write(to: Option<&PathBuf>, text: &str, output: &mut Output) -> Result<(), Failure> {
    match to {
        None => output.line(text),
        Some(path) => std::fs::write(path, text)
            .with_context(|| format!("could not write {}", path.display()))
            .map_err(Failure::failed),
    }
}
