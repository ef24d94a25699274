//! The types of the plan.

use std::net::Ipv4Addr;

use falter_model::{Asn, Place, Prefix};

use super::larger::{self, Size};
use super::sites::Site;
use super::{kp, world};

/// Everything that stands in the lab.
#[derive(Debug, Clone)]
pub struct Country {
    /// Nodes, in the order in which they are built and shown.
    pub nodes: Vec<Node>,
    /// Links between them.
    pub links: Vec<Link>,
    /// Seconds until a silent BGP session is given up, 3 to 9.
    pub hold_time_s: u32,
    /// How many routes the rest of the world has.
    pub table_routes: u32,
}

/// A network namespace with what runs in it.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name, at most twelve characters.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// The AS it belongs to.
    pub asn: Asn,
    /// Prefixes that it originates, where it is a router.
    pub originates: Vec<Prefix>,
    /// Addresses of its own besides those of its links; the first is its source address.
    pub addresses: Vec<Address>,
}

/// What a node is; it decides what runs there and which routes it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// The country's border router.
    Gateway,
    /// A router of the country behind the gateway, on the way to its machines.
    Edge,
    /// Another AS of a larger country, a customer of the gateway.
    Operator,
    /// Sells the country its way to the world.
    Transit,
    /// An AS of the world.
    World,
    /// Where the rest of the world's routes come from.
    Table,
    /// A route collector: BIRD, which writes MRT.
    Collector,
    /// A route collector that passes on what it hears as BMP: gobgpd.
    Station,
    /// A server of the country, or one that only answers.
    Machine(Machine),
    /// Where measurements are made.
    Observer(Place),
    /// Answers; shares no path with the country.
    FarControl,
    /// Answers; another customer of a transit.
    NearControl,
    /// Receives what is sent to addresses that nobody has.
    Darknet,
    /// Where floods come from.
    Bots,
    /// Answers a small question with a large answer, to whoever seems to have asked.
    Reflector,
}

/// What a machine serves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// Addresses at which nsd answers for the zones.
    pub names: Vec<Ipv4Addr>,
    /// Sites that nginx serves.
    pub sites: Vec<Site>,
    /// Where mail is taken.
    pub mail: Option<Ipv4Addr>,
    /// It is reached from inside only.
    pub intranet: bool,
}

/// An address, and how reliably it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub ip: Ipv4Addr,
    /// Chance in a thousand that an echo request is answered; zero is silent.
    pub availability: u16,
    /// Echo replies a second at most; zero is without a limit.
    pub replies_per_second: u16,
}

/// A cable between two nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// One end.
    pub left: String,
    /// The other.
    pub right: String,
    /// Fixed delay each way, microseconds; with a delay the link is a pair of tun devices and a relay.
    pub delay_us: u32,
    /// What the link carries at most, kbit/s towards `right`; zero is without a limit.
    pub rate_kbit: u32,
}

/// A program that runs in a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// BIRD, a router.
    Bird,
    /// gobgpd, which exports BMP.
    Gobgp,
    /// nsd, a name server.
    Nsd,
    /// nginx, a web server.
    Nginx,
    /// A greeting on TCP port 25.
    Mail,
}

impl Country {
    /// The default country, or a larger one.
    pub fn new(size: &Size) -> Self {
        let mut country = Self {
            nodes: Vec::new(),
            links: Vec::new(),
            hold_time_s: size.hold_time_s,
            table_routes: size.table_routes,
        };
        kp::add(&mut country);
        world::add(&mut country);
        larger::add(&mut country, size);
        country
    }

    /// The node of that name.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// Nodes of a role.
    pub fn nodes_that<'a>(
        &'a self,
        is: impl Fn(&Role) -> bool + 'a,
    ) -> impl Iterator<Item = &'a Node> + 'a {
        self.nodes.iter().filter(move |node| is(&node.role))
    }

    /// The links of a node, with their numbers.
    pub fn links_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (usize, &'a Link)> + 'a {
        self.links
            .iter()
            .enumerate()
            .filter(move |(_, link)| link.left == name || link.right == name)
    }

    /// The nodes next to a node.
    pub fn neighbors<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> + 'a {
        self.links_of(name).filter_map(move |(_, link)| self.node(link.other(name)))
    }

    /// Addresses of the country that answer echo requests, in order.
    pub fn answering(&self) -> Vec<Address> {
        let machines = self.nodes_that(|role| {
            matches!(role, Role::Machine(machine) if !machine.intranet) || *role == Role::Operator
        });
        let mut found: Vec<Address> = machines
            .flat_map(|node| node.addresses.iter().copied())
            .filter(|address| address.availability > 0)
            .collect();
        found.sort_unstable_by_key(|address| address.ip);
        found
    }

    /// Sites that the world can reach, with the node that serves each.
    pub fn sites(&self) -> Vec<(&Node, &Site)> {
        let machines = self.nodes.iter().filter_map(|node| match &node.role {
            Role::Machine(machine) if !machine.intranet => Some((node, machine)),
            _ => None,
        });
        machines
            .flat_map(|(node, machine)| machine.sites.iter().map(move |site| (node, site)))
            .collect()
    }

    /// Prefixes of the country, by the node that originates each.
    pub fn prefixes(&self) -> Vec<(&Node, Prefix)> {
        self.nodes_that(|role| matches!(role, Role::Edge | Role::Operator))
            .flat_map(|node| node.originates.iter().map(move |prefix| (node, *prefix)))
            .collect()
    }
}

impl Node {
    /// Its source address: the first of its own; routers without one speak from their links.
    pub fn address(&self) -> Option<Ipv4Addr> {
        self.addresses.first().map(|address| address.ip)
    }

    /// What runs there.
    pub fn services(&self) -> Vec<Service> {
        match &self.role {
            Role::Station => vec![Service::Gobgp],
            Role::Machine(machine) => {
                let mut services = Vec::new();
                if !machine.names.is_empty() {
                    services.push(Service::Nsd);
                }
                if !machine.sites.is_empty() {
                    services.push(Service::Nginx);
                }
                if machine.mail.is_some() {
                    services.push(Service::Mail);
                }
                services
            }
            Role::Reflector => vec![Service::Nsd],
            role if role.speaks_bgp() => vec![Service::Bird],
            _ => Vec::new(),
        }
    }

    /// True for what the country itself runs, observers apart.
    pub fn is_of_the_country(&self) -> bool {
        matches!(self.role, Role::Gateway | Role::Edge | Role::Operator | Role::Machine(_))
    }
}

impl Role {
    /// True for routers and collectors.
    pub const fn speaks_bgp(&self) -> bool {
        matches!(
            self,
            Self::Gateway
                | Self::Edge
                | Self::Operator
                | Self::Transit
                | Self::World
                | Self::Table
                | Self::Collector
                | Self::Station
        )
    }

    /// True for nodes that pass packets on.
    pub const fn forwards(&self) -> bool {
        matches!(self, Self::Gateway | Self::Edge | Self::Operator | Self::Transit | Self::World)
    }
}

impl Link {
    /// A cable inside a room.
    pub(crate) fn cable(left: &str, right: &str) -> Self {
        Self { left: left.to_owned(), right: right.to_owned(), delay_us: 0, rate_kbit: 0 }
    }

    /// A cable of a length.
    pub(crate) fn long(left: &str, right: &str, delay_us: u32) -> Self {
        Self { delay_us, ..Self::cable(left, right) }
    }

    /// The end that is not `name`.
    pub fn other(&self, name: &str) -> &str {
        if self.left == name { &self.right } else { &self.left }
    }

    /// The device of the link at `name`'s end.
    pub fn device(&self, name: &str) -> String {
        format!("to-{}", self.other(name))
    }

    /// The addresses of the link's ends: left, right. 100.64.0.0/10 (RFC 6598) holds two million
    /// links of two.
    pub fn ends(number: usize) -> (Ipv4Addr, Ipv4Addr) {
        let first = 0x6440_0000 + 2 * u32::try_from(number).unwrap_or(0);
        (Ipv4Addr::from(first), Ipv4Addr::from(first + 1))
    }
}

impl Address {
    /// Answers always.
    pub(crate) const fn sure(ip: Ipv4Addr) -> Self {
        Self { ip, availability: 1000, replies_per_second: 0 }
    }

    /// Never answers echo requests.
    pub(crate) const fn silent(ip: Ipv4Addr) -> Self {
        Self { ip, availability: 0, replies_per_second: 0 }
    }
}

impl Service {
    /// The name by which it is spoken of.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bird => "bird",
            Self::Gobgp => "gobgpd",
            Self::Nsd => "nsd",
            Self::Nginx => "nginx",
            Self::Mail => "mail",
        }
    }
}
