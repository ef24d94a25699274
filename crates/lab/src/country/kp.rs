//! The country itself, after the profile `kp`: AS131279, four /24s, two transits; the twenty addresses
//! that answer are those of the sweeps of September 2021 and the mail server, with the same
//! availabilities where the sweeps show any below one.

use std::net::Ipv4Addr;

use falter_model::{Asn, Place, Prefix};

use super::plan::{Address, Country, Link, Machine, Node, Role};
use super::sites::Site;

/// The country's AS.
const COUNTRY: Asn = Asn(131_279);

/// The two name servers' addresses for the zones.
pub(crate) const AUTHORITIES: [Ipv4Addr; 2] =
    [Ipv4Addr::new(175, 45, 176, 15), Ipv4Addr::new(175, 45, 176, 16)];

/// What the way from a transit into the country carries, kbit/s. Small, so that a flood of which a lab is
/// capable is seventy times as much.
const BORDER_KBIT: u32 = 512;

/// Addresses that answer, with their availability in a thousand: (machine, third and last octet,
/// availability, replies a second). Of 25 sweeps 175.45.176.71 answered 15 and 175.45.178.139 two;
/// the latter stands here at the lowest availability that a target should have.
const ANSWERING: [(&str, u8, u8, u16, u16); 20] = [
    ("mail", 176, 10, 1000, 0),
    ("mail", 176, 21, 960, 0),
    ("mail", 176, 22, 960, 0),
    ("web2", 176, 68, 1000, 0),
    ("web2", 176, 69, 1000, 0),
    ("web2", 176, 71, 600, 0),
    ("web2", 176, 72, 980, 10),
    ("web2", 176, 73, 1000, 10),
    ("web3", 176, 75, 1000, 0),
    ("web3", 176, 76, 1000, 0),
    ("web3", 176, 79, 990, 0),
    ("web3", 176, 91, 1000, 5),
    ("web1", 176, 80, 1000, 0),
    ("web1", 176, 81, 1000, 0),
    ("web1", 176, 83, 1000, 0),
    ("web1", 176, 85, 990, 20),
    ("host1", 178, 129, 1000, 0),
    ("host1", 178, 130, 1000, 5),
    ("host2", 178, 139, 500, 0),
    ("host2", 178, 161, 1000, 0),
];

/// The host of sixteen sites, and the rest: (machine, last octet of 175.45.176.0/24, names).
const SITES: [(&str, u8, &[&str]); 6] = [
    (
        "web1",
        81,
        &[
            "airkoryo.com.kp",
            "cooks.org.kp",
            "friend.com.kp",
            "gnu.rep.kp",
            "kass.org.kp",
            "kftrade.com.kp",
            "kiyctc.com.kp",
            "knic.com.kp",
            "koredufund.org.kp",
            "korelcfund.org.kp",
            "korfilm.com.kp",
            "ma.gov.kp",
            "masikryong.com.kp",
            "naenara.com.kp",
            "nta.gov.kp",
            "portal.net.kp",
        ],
    ),
    ("web1", 83, &["primary.com.kp", "vok.rep.kp"]),
    ("web2", 69, &["kcna.kp", "rodong.rep.kp", "sdprk.org.kp", "silibank.net.kp"]),
    ("web2", 73, &["tourismdprk.gov.kp", "youth.rep.kp", "minzu.rep.kp"]),
    ("web3", 76, &["rcc.net.kp", "mfa.gov.kp", "mediaryugyong.com.kp"]),
    (
        "web3",
        79,
        &["ryongnamsan.edu.kp", "kut.edu.kp", "manmulsang.com.kp", "pyongyangtimes.com.kp"],
    ),
];

/// Adds the country's routers and machines.
pub(super) fn add(country: &mut Country) {
    let of_the_country = |name: &str, role, addresses| Node {
        name: name.to_owned(),
        role,
        asn: COUNTRY,
        originates: Vec::new(),
        addresses,
    };
    country.nodes.push(of_the_country("gateway", Role::Gateway, Vec::new()));
    for (edge, thirds) in [("edge1", [176, 177]), ("edge2", [178, 179])] {
        let originates =
            thirds.iter().map(|third| Prefix::host(at(*third, 0).into()).truncated(24)).collect();
        country.nodes.push(Node { originates, ..of_the_country(edge, Role::Edge, Vec::new()) });
        country.links.push(Link::cable("gateway", edge));
    }
    for (name, edge) in [
        ("dns1", "edge1"),
        ("dns2", "edge1"),
        ("mail", "edge1"),
        ("web1", "edge1"),
        ("web2", "edge1"),
        ("web3", "edge1"),
        ("host1", "edge2"),
        ("host2", "edge2"),
        ("intranet", "edge2"),
    ] {
        let machine = machine(name);
        let mut addresses = answering(name);
        addresses.extend(machine.names.iter().map(|ip| Address::silent(*ip)));
        if machine.intranet {
            addresses.extend(machine.sites.first().map(|site| Address::sure(site.address)));
            addresses.dedup_by_key(|address| address.ip);
        }
        country.nodes.push(of_the_country(name, Role::Machine(machine), addresses));
        country.links.push(Link::cable(edge, name));
    }
    let inside = vec![Address::silent(at(179, 66))];
    country.nodes.push(of_the_country("inside", Role::Observer(Place::Inside), inside));
    country.links.push(Link::cable("edge2", "inside"));
    for transit in ["unicom", "ttk"] {
        country.links.push(Link { rate_kbit: BORDER_KBIT, ..Link::cable(transit, "gateway") });
    }
}

const fn at(third: u8, last: u8) -> Ipv4Addr {
    Ipv4Addr::new(175, 45, third, last)
}

fn answering(name: &str) -> Vec<Address> {
    let own = ANSWERING.iter().filter(|(machine, ..)| *machine == name);
    own.map(|&(_, third, last, availability, replies_per_second)| Address {
        ip: at(third, last),
        availability,
        replies_per_second,
    })
    .collect()
}

fn machine(name: &str) -> Machine {
    let sites =
        SITES.iter().filter(|(machine, ..)| *machine == name).flat_map(|(_, last, names)| {
            names.iter().map(|site| Site { name: (*site).to_owned(), address: at(176, *last) })
        });
    let sites: Vec<Site> = sites.collect();
    match name {
        "dns1" => Machine { names: vec![at(176, 15)], ..Machine::default() },
        "dns2" => Machine { names: vec![at(176, 16)], ..Machine::default() },
        "mail" => Machine { mail: Some(at(176, 10)), ..Machine::default() },
        "intranet" => {
            let address = Ipv4Addr::new(10, 66, 0, 10);
            let site = |name: &str| Site { name: name.to_owned(), address };
            Machine {
                names: vec![address],
                sites: vec![site("portal.intra"), site("library.intra"), site("news.intra")],
                intranet: true,
                ..Machine::default()
            }
        }
        _ => Machine { sites, ..Machine::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::Size;

    #[test]
    fn twenty_addresses_answer_on_fewer_machines() {
        let country = Country::new(&Size::default());
        let answering = country.answering();
        assert_eq!(answering.len(), 20);
        assert!(answering.iter().all(|address| (500..=1000).contains(&address.availability)));
        let machines = country.nodes_that(|role| matches!(role, Role::Machine(_))).count();
        assert!(machines < answering.len());
    }

    #[test]
    fn sixteen_sites_stand_on_one_host() {
        let country = Country::new(&Size::default());
        let sites = country.sites();
        assert_eq!(sites.len(), 32);
        let shared = sites.iter().filter(|(_, site)| site.address == at(176, 81)).count();
        assert_eq!(shared, 16);
    }

    #[test]
    fn both_name_servers_share_a_block() {
        assert_eq!(AUTHORITIES.map(|ip| ip.octets()[2]), [176, 176]);
    }
}
