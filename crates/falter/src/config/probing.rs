//! `[probing]`: asking addresses whether they answer. Nothing is asked without a contact.

use std::net::IpAddr;

use falter_model::{Prefix, Span};
use serde::Deserialize;

use super::bounds::{self, OutOfBounds};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Probing {
    /// Who answers for the probes: a mail address or URL that probes carry where they can. None by
    /// default: then nothing is probed.
    pub(crate) contact: Option<String>,
    /// Pace in total, in packets a second.
    pub(crate) packets_per_second: u32,
    /// One address is not asked again sooner than this.
    pub(crate) per_target: Span,
    /// Addresses of the network that are asked, besides those that the sweep found.
    pub(crate) targets: Vec<IpAddr>,
    /// Prefixes that are never asked.
    pub(crate) opt_out: Vec<Prefix>,
    /// How to ask: `icmp`, `tcp:PORT`, `udp:53`.
    pub(crate) methods: Vec<String>,
    /// How TCP is asked: `connect` or `syn`.
    pub(crate) tcp: Tcp,
    /// Which addresses answer is asked again so often; IPv6 is never swept.
    pub(crate) sweep_every: Span,
}

/// How much of a TCP connection is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tcp {
    /// All of it, and it is closed at once.
    Connect,
    /// A SYN, and what is agreed to is reset; where raw sockets are allowed.
    Syn,
}

impl Default for Probing {
    fn default() -> Self {
        Self {
            contact: None,
            packets_per_second: 100,
            per_target: Span::from_micros(500_000),
            targets: Vec::new(),
            opt_out: Vec::new(),
            methods: vec!["icmp".to_owned(), "tcp:80".to_owned()],
            tcp: Tcp::Connect,
            sweep_every: Span::from_days(1),
        }
    }
}

impl Probing {
    pub(super) fn check(&self) -> Result<(), OutOfBounds> {
        if let Some(contact) = &self.contact {
            check_contact(contact)?;
        }
        // A thousand small packets a second are half a megabit: what nobody minds.
        bounds::number("probing.packets_per_second", &self.packets_per_second, &(1..=1_000))?;
        let per_target = Span::from_micros(500_000)..=Span::from_hours(1);
        bounds::span("probing.per_target", self.per_target, &per_target)?;
        bounds::span("probing.sweep_every", self.sweep_every, &(HOUR..=Span::from_days(30)))?;
        for method in &self.methods {
            bounds::text("probing.methods", method, is_method, "icmp, tcp:PORT or udp:PORT")?;
        }
        Ok(())
    }
}

const HOUR: Span = Span::from_hours(1);

/// Checks a contact, from the file or the command line.
pub(crate) fn check_contact(contact: &str) -> Result<(), OutOfBounds> {
    let is_good = |contact: &str| {
        let mail = contact.split_once('@').is_some_and(|(who, host)| {
            !who.is_empty() && host.contains('.') && !host.contains('@')
        });
        let reachable = mail || contact.starts_with("https://") || contact.starts_with("http://");
        reachable && contact.len() <= 200 && contact.chars().all(|c| c.is_ascii_graphic())
    };
    bounds::text("probing.contact", contact, is_good, "a mail address or a URL")
}

fn is_method(method: &str) -> bool {
    match method.split_once(':') {
        None => method == "icmp",
        Some((transport, port)) => {
            ["tcp", "udp"].contains(&transport) && port.parse::<u16>().is_ok_and(|port| port > 0)
        }
    }
}
