//! What the testbed's own processes run under; not for people.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use falter_lab::flood;
use falter_lab::keeper;
use falter_lab::stage::{relay, serve_mail};

/// See the module.
#[derive(Debug, Subcommand)]
pub(super) enum Hidden {
    /// Holds a country
    #[command(hide = true)]
    Keeper {
        /// Its name
        #[arg(long)]
        name: String,
        /// Its size, JSON
        #[arg(long)]
        size: String,
        /// Ends when standard input closes
        #[arg(long)]
        tied: bool,
    },
    /// Delays packets
    #[command(hide = true)]
    Relay {
        /// Pairs of devices, JSON
        plan: PathBuf,
    },
    /// Greets on port 25
    #[command(hide = true)]
    ServeMail {
        /// Where
        address: Ipv4Addr,
    },
    /// Sends a flood
    #[command(hide = true)]
    Flood {
        /// What, JSON
        flood: String,
        /// The sender's address
        source: Ipv4Addr,
    },
}

impl Hidden {
    pub(super) fn run(&self) -> Result<()> {
        match self {
            Self::Keeper { size, tied, .. } => keeper::keep(&serde_json::from_str(size)?, *tied),
            Self::Relay { plan } => {
                let pairs: Vec<falter_lab::stage::Pair> =
                    serde_json::from_slice(&std::fs::read(plan)?)?;
                relay(&pairs, &mut std::io::stdout())
            }
            Self::ServeMail { address } => serve_mail(*address),
            Self::Flood { flood, source } => flood::send(&serde_json::from_str(flood)?, *source),
        }
    }
}
