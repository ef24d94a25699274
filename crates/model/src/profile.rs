//! Profiles: what is watched as one network.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{Asn, Entity, Prefix, Span, Text};

/// A network as its profile describes it. The TOML of `networks/*.toml` is read into this, with
/// nothing that it does not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Short name: lower-case letters, digits, dashes.
    pub name: Text,
    /// What people call it.
    pub title: Text,
    /// Entities of the input that are this network: `country/KP`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Entity>,
    /// IANA name of its time zone; `None` where there are several or it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Text>,
    /// Its ASes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asns: Vec<Asn>,
    /// Its prefixes; empty where whatever its ASes originate is meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<Prefix>,
    /// The ASes that carry its traffic to the world.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transits: Vec<Asn>,
    /// Zones and their authoritative servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
    /// Web sites.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<Site>,
    /// Other services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// Addresses by which a vantage point checks itself.
    #[serde(default)]
    pub controls: Controls,
    /// How its routing is judged.
    #[serde(default)]
    pub routing: Routing,
    /// Priors that override falter's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priors: Option<Priors>,
    /// What is known to happen when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendar: Vec<CalendarEntry>,
}

/// A DNS zone of the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Without the dot at its end.
    pub name: Text,
    /// Names of the authoritative servers.
    pub servers: Vec<Text>,
}

/// A web site of the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// With its scheme.
    pub url: Text,
}

/// Another TCP service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Where it listens.
    pub address: IpAddr,
    /// On which port.
    pub tcp: u16,
}

/// Addresses by which a vantage point checks itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controls {
    /// Share no path with the network.
    #[serde(default)]
    pub far: Vec<IpAddr>,
    /// Share all but the last of the path.
    #[serde(default)]
    pub near: Vec<IpAddr>,
}

/// How the network's routing is judged.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// BGP hold time in use at its border, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_time: Option<Span>,
    /// Share of the largest table from which a peer counts as full feed, in (0, 1]; 0.75 if not
    /// given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_feed: Option<f64>,
}

/// Prior probabilities by cause; what is missing shares the rest evenly.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Priors {
    /// In [0, 1].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overload: Option<f64>,
    /// In [0, 1].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<f64>,
    /// In [0, 1].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<f64>,
    /// In [0, 1].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<f64>,
    /// In [0, 1].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shutdown: Option<f64>,
    /// In [0, 1].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<f64>,
}

/// What a calendar entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CalendarKind {
    /// An election.
    Election,
    /// Exams.
    Exam,
    /// Protests.
    Protest,
    /// A holiday.
    Holiday,
    /// Announced work.
    Maintenance,
    /// Trouble of the electricity grid.
    Grid,
    /// A cable fault.
    Cable,
    /// Weather.
    Weather,
}

/// Something that is known to happen at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarEntry {
    /// First day or moment: `2026-01-01` or RFC 3339.
    pub from: Text,
    /// First day or moment after it.
    pub until: Text,
    /// What it is.
    pub kind: CalendarKind,
    /// Where that is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
}

impl Profile {
    /// A profile of which nothing is known but its name, and what people call it.
    pub fn named(name: &str, title: &str) -> Self {
        Self {
            name: name.into(),
            title: title.into(),
            aliases: Vec::new(),
            time_zone: None,
            asns: Vec::new(),
            prefixes: Vec::new(),
            transits: Vec::new(),
            zones: Vec::new(),
            sites: Vec::new(),
            services: Vec::new(),
            controls: Controls::default(),
            routing: Routing::default(),
            priors: None,
            calendar: Vec::new(),
        }
    }

    /// The entity that the profile describes.
    pub fn entity(&self) -> Entity {
        Entity::Network(self.name.clone())
    }
}
