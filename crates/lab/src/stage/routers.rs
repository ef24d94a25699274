//! BIRD: its configuration from the plan, and what operators tell it.

use std::fmt::{self, Display, Formatter, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use falter_model::Asn;

use super::Stage;
use crate::country::{Country, Export, Link, Node, Role, export};

/// What an operator may have set otherwise than usual.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// A filter mistake: exports nothing to anybody, though sessions stay.
    pub exports_nothing: bool,
    /// The country's prefixes are told with the path made longer by so many.
    pub prepended: u8,
}

impl Display for Policy {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self { exports_nothing: true, .. } => f.write_str("exports nothing to anybody"),
            Self { prepended: 0, .. } => f.write_str("exports what it should"),
            Self { prepended, .. } => write!(f, "makes its paths longer by {prepended}"),
        }
    }
}

impl Stage {
    /// Writes a router's configuration; one that runs reads it when told `configure`.
    pub fn configure_router(&self, node: &str, policy: &Policy) -> Result<()> {
        let node = self.country.node(node).with_context(|| format!("no router {node}"))?;
        let folder = self.folder_of(&node.name);
        std::fs::write(
            folder.join("bird.conf"),
            configuration(&self.country, node, &folder, policy),
        )?;
        if node.role == Role::Table {
            std::fs::write(folder.join("table.conf"), table(self.country.table_routes))?;
        }
        Ok(())
    }

    /// A command to a router, as an operator types it; gives the answer.
    pub fn tell(&self, node: &str, words: &str) -> Result<String> {
        let socket = self.folder_of(node).join("bird.ctl");
        let mut arguments = vec!["-s".to_owned(), socket.to_string_lossy().into_owned()];
        arguments.extend(words.split(' ').map(str::to_owned));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.ns(node).run("birdc", &arguments)
    }
}

/// How BIRD is started.
pub(super) fn command(folder: &Path) -> Command {
    let mut command = Command::new("bird");
    command.arg("-f").arg("-c").arg(folder.join("bird.conf"));
    command.arg("-s").arg(folder.join("bird.ctl"));
    command
}

/// The name of the protocol that originates a node's `number`th prefix.
pub(crate) fn own(number: usize) -> String {
    format!("own{number}")
}

/// The name of the session with a neighbor.
pub(crate) fn session(neighbor: &str) -> String {
    format!("bgp_{neighbor}")
}

fn configuration(country: &Country, node: &Node, folder: &Path, policy: &Policy) -> String {
    let folder = folder.display();
    let number = country.nodes.iter().position(|other| other.name == node.name).unwrap_or(0);
    let (high, low) = (number / 250, number % 250 + 1);
    let mut text = format!(
        "router id 10.255.{high}.{low};\nlog \"{folder}/bird.log\" all;\nprotocol device {{ scan time 1; }}\n"
    );
    if node.role == Role::Collector {
        _ = writeln!(text, "mrtdump \"{folder}/updates.mrt\";");
    }
    if node.role.forwards() {
        // The rest of the world's table leads nowhere: it is heard and told, not used.
        text.push_str(
            "protocol kernel { persist; scan time 60; ipv4 { import none; export where net !~ [ 20.0.0.0/8+ ]; }; }\n",
        );
    }
    if node.role == Role::Transit {
        text.push_str("protocol static default_route { ipv4; route 0.0.0.0/0 blackhole; }\n");
    }
    for (number, prefix) in node.originates.iter().enumerate() {
        // A protocol a prefix, so that an operator can withdraw each by itself. Addresses that
        // nobody has are silent.
        let _infallible =
            writeln!(text, "protocol static {} {{ ipv4; route {prefix} blackhole; }}", own(number));
    }
    if node.role == Role::World {
        // While this one is enabled, a route carries a community: switching it makes the usual
        // noise of routing elsewhere without any route going away.
        if let Some(prefix) = node.originates.first() {
            _ = writeln!(
                text,
                "protocol static noise {{ disabled; ipv4 {{ preference 250; }}; route {prefix} blackhole {{ bgp_community.add((65000, 1)); }}; }}"
            );
        }
    }
    if node.role == Role::Table {
        _ = writeln!(text, "include \"{folder}/table.conf\";");
    }
    for (number, link) in country.links_of(&node.name) {
        text.push_str(&session_with(country, node, number, link, policy));
    }
    text
}

fn session_with(
    country: &Country,
    node: &Node,
    number: usize,
    link: &Link,
    policy: &Policy,
) -> String {
    let Some(neighbor) = country.node(link.other(&node.name)) else { return String::new() };
    let Some(told) = export(&node.role, &neighbor.role) else { return String::new() };
    let (left, right) = Link::ends(number);
    let (ours, theirs) = if link.left == node.name { (left, right) } else { (right, left) };
    let told = if policy.exports_nothing { Export::Nothing } else { told };
    let filter = filter(country, node, neighbor, told, policy.prepended);
    let hold = country.hold_time_s;
    let dump = if node.role == Role::Collector { "mrtdump { states, messages }; " } else { "" };
    // Inside an AS, BIRD looks next hops up in a table that it does not fill here.
    let (direct, gateway) =
        if node.asn == neighbor.asn { ("direct; ", "gateway direct; ") } else { ("", "") };
    // Inside an AS, what one router tells is passed on to no other but by a reflector (RFC 4456).
    let reflects = node.role == Role::Gateway && neighbor.role == Role::Edge;
    let direct = if reflects { "direct; rr client; " } else { direct };
    format!(
        "protocol bgp {} {{ {direct}local {ours} as {}; neighbor {theirs} as {}; hold time {hold}; keepalive time {}; \
         connect delay time 1; connect retry time 1; error wait time 1, 2; {dump}\
         ipv4 {{ {gateway}import {}; export {filter}; next hop self; }}; }}\n",
        session(&neighbor.name),
        node.asn.0,
        neighbor.asn.0,
        hold / 3,
        // gobgpd tells its peers what it hears from others, which nobody should believe of a collector:
        // routes that are gone would live on in a circle.
        if node.role == Role::Table || matches!(neighbor.role, Role::Collector | Role::Station) {
            "none"
        } else {
            "all"
        },
    )
}

/// BIRD's words for what is told.
fn filter(country: &Country, node: &Node, neighbor: &Node, told: Export, prepended: u8) -> String {
    match told {
        Export::Nothing => "none".to_owned(),
        Export::Everything => "where net != 0.0.0.0/0".to_owned(),
        Export::Reachable => "where net !~ [ 0.0.0.0/0, 20.0.0.0/8+ ]".to_owned(),
        // Without the rest of the country, its parts would lose each other when both transits go.
        Export::Default => {
            format!("where net = 0.0.0.0/0{}", of_customers(country, node, neighbor))
        }
        Export::OwnAndCustomers => {
            let mut accepted = String::from("source = RTS_STATIC && net != 0.0.0.0/0");
            accepted.push_str(&of_customers(country, node, neighbor));
            let prepend = prepend(node.asn, prepended);
            format!("filter {{ if ({accepted}) then {{ {prepend}accept; }} reject; }}")
        }
    }
}

/// ` || proto = ...` for each customer but the neighbor itself.
fn of_customers(country: &Country, node: &Node, neighbor: &Node) -> String {
    let mut accepted = String::new();
    for customer in country.neighbors(&node.name) {
        let is_customer = matches!(
            (&node.role, &customer.role),
            (Role::Transit, Role::Gateway) | (Role::Gateway, Role::Edge | Role::Operator)
        );
        if is_customer && customer.name != neighbor.name {
            let _infallible = write!(accepted, " || proto = \"{}\"", session(&customer.name));
        }
    }
    accepted
}

fn prepend(asn: Asn, times: u8) -> String {
    format!("bgp_path.prepend({}); ", asn.0).repeat(usize::from(times))
}

/// The rest of the world's routes: mostly /24s of 20.0.0.0/8 from some thousands of origins.
fn table(routes: u32) -> String {
    let mut text = String::from("protocol static table_routes { ipv4;\n");
    for number in 0..routes {
        let first = 0x1400_0000_u32.wrapping_add(number.wrapping_mul(256) & 0x00FF_FFFF);
        let transit = 1_000 + number % 61;
        let origin = 100_000 + number / 4;
        _ = writeln!(
            text,
            "route {}/24 blackhole {{ bgp_path.prepend({origin}); bgp_path.prepend({transit}); }};",
            std::net::Ipv4Addr::from(first)
        );
    }
    text.push_str("}\n");
    text
}
