//! The map: who is linked with whom, and what stands where.

use falter_model::Place;

use crate::country::{Country, Link, Node, Role};

/// The map and what is on it.
pub(super) fn section(country: &Country) -> String {
    let lines = [
        "## The map".to_owned(),
        String::new(),
        "Numbers at cables are milliseconds one way; cables without a number are short. The two ways into the country"
            .to_owned(),
        format!(
            "carry {} kbit/s each, so that a flood of which a lab is capable is many times as much.",
            border(country)
        ),
        String::new(),
        "```mermaid".to_owned(),
        "graph TD".to_owned(),
        drawing(country),
        "```".to_owned(),
        String::new(),
        nodes(country),
    ];
    lines.join("\n")
}

/// What the ways into the country carry, kbit/s.
fn border(country: &Country) -> u32 {
    country.links.iter().map(|link| link.rate_kbit).max().unwrap_or(0)
}

/// A part of the drawing: its title, and what belongs to it.
type Part = (&'static str, fn(&Role) -> bool);

/// Parts in the order in which they are drawn.
const PARTS: [Part; 4] = [
    ("Watching", |role| {
        matches!(role, Role::Collector | Role::Station | Role::Observer(Place::Outside))
    }),
    ("World", |role| matches!(role, Role::World | Role::Table | Role::FarControl | Role::Darknet)),
    ("Transit", |role| {
        matches!(role, Role::Transit | Role::NearControl | Role::Bots | Role::Reflector)
    }),
    ("Country", |role| {
        matches!(
            role,
            Role::Gateway
                | Role::Edge
                | Role::Operator
                | Role::Machine(_)
                | Role::Observer(Place::Inside)
        )
    }),
];

fn drawing(country: &Country) -> String {
    let mut lines = Vec::new();
    for (title, belongs) in PARTS {
        lines.push(format!("  subgraph {title}"));
        lines.extend(country.nodes_that(belongs).map(|node| format!("    {}", label(node))));
        lines.push("  end".to_owned());
    }
    lines.extend(country.links.iter().map(cable));
    lines.join("\n")
}

fn label(node: &Node) -> String {
    let shape = |text: String| match node.role {
        Role::Machine(_) => format!("[{text}]"),
        Role::Observer(_) | Role::Collector | Role::Station => format!("([{text}])"),
        _ => format!("({text})"),
    };
    let asn = if node.role.speaks_bgp() { format!("<br/>{}", node.asn) } else { String::new() };
    format!("{}{}", node.name, shape(format!("\"{}{asn}\"", node.name)))
}

fn cable(link: &Link) -> String {
    let length = match link.delay_us {
        0 => String::new(),
        delay => format!("|{}|", delay / 1000),
    };
    format!("  {} ---{length} {}", link.left, link.right)
}

/// What stands in each node.
fn nodes(country: &Country) -> String {
    let row = |node: &Node| {
        let (name, asn, addresses) = (&node.name, node.asn, addresses(node));
        format!("| {name} | {asn} | {} | {addresses} |", role(node))
    };
    let rows: Vec<String> = country.nodes.iter().map(row).collect();
    format!(
        "| node | AS | is | addresses or prefixes |\n|---|---|---|---|\n{}\n\n\
         {} addresses of the country answer pings, with availabilities from 0.5 to 1; the rest are silent. Its {} sites\n\
         stand on three hosts, sixteen of them on one address.\n",
        rows.join("\n"),
        country.answering().len(),
        country.sites().len()
    )
}

fn addresses(node: &Node) -> String {
    let own = node.addresses.iter().map(|address| address.ip.to_string());
    let all: Vec<String> = if node.role == Role::Darknet {
        vec![crate::country::darknet().to_string()]
    } else {
        node.originates.iter().map(ToString::to_string).chain(own).collect()
    };
    all.join(", ")
}

fn role(node: &Node) -> String {
    match &node.role {
        Role::Gateway => "the country's border router (BIRD)".to_owned(),
        Role::Edge => "a router of the country (BIRD)".to_owned(),
        Role::Operator => "another operator of the country (BIRD)".to_owned(),
        Role::Transit => "sells the country its way to the world (BIRD)".to_owned(),
        Role::World => "an AS of the world (BIRD)".to_owned(),
        Role::Table => "tells the rest of the world's routes (BIRD)".to_owned(),
        Role::Collector => "route collector: MRT (BIRD)".to_owned(),
        Role::Station => "route collector: BMP (gobgpd)".to_owned(),
        Role::Machine(machine) if machine.intranet => {
            "name server and sites for the inside only (nsd, nginx)".to_owned()
        }
        Role::Machine(machine) if !machine.names.is_empty() => "name server (nsd)".to_owned(),
        Role::Machine(machine) if !machine.sites.is_empty() => {
            format!("web server of {} sites (nginx)", machine.sites.len())
        }
        Role::Machine(machine) if machine.mail.is_some() => "mail, TCP port 25".to_owned(),
        Role::Machine(_) => "answers".to_owned(),
        Role::Observer(Place::Outside) => "observer outside".to_owned(),
        Role::Observer(Place::Inside) => "observer inside".to_owned(),
        Role::FarControl => "far control: shares no path with the country".to_owned(),
        Role::NearControl => "near control: another customer of the transit".to_owned(),
        Role::Darknet => "darknet: receives what is sent to addresses that nobody has".to_owned(),
        Role::Bots => "where floods come from".to_owned(),
        Role::Reflector => "answers a small question with a large answer (nsd)".to_owned(),
    }
}
