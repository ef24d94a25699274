//! The world around the country: two transits, six ASes beyond them, collectors, observers, controls, a
//! darknet and the places that floods come from. AS numbers of the two transits are the country's real
//! ones; all others are documentation numbers (RFC 5398). Addresses are of the benchmark range
//! 198.18.0.0/15 (RFC 2544).

use std::net::{IpAddr, Ipv4Addr};

use falter_model::{Asn, Place, Prefix};

use super::plan::{Address, Country, Link, Node, Role};

/// First address of the darknet: half of the benchmark range, a /16.
pub(crate) const DARKNET: Ipv4Addr = Ipv4Addr::new(198, 19, 0, 0);

/// The name that a reflector answers at length.
pub(crate) const LARGE_NAME: &str = "large.reflector";

/// Transits, with the third octet of their own /24.
const TRANSITS: [(&str, u32, u8); 2] = [("unicom", 4837, 11), ("ttk", 20_485, 12)];

/// ASes of the world have the numbers from this one up, and the /24s of the benchmark range from 1 up.
const FIRST_WORLD: u32 = 64_496;

/// Milliseconds one way between ASes.
const CABLES: [(&str, &str, u32); 13] = [
    ("unicom", "world1", 15),
    ("unicom", "world2", 25),
    ("unicom", "world3", 20),
    ("ttk", "world4", 18),
    ("ttk", "world5", 30),
    ("ttk", "world6", 22),
    ("world1", "world2", 8),
    ("world1", "world4", 12),
    ("world2", "world3", 9),
    ("world2", "world5", 14),
    ("world3", "world6", 11),
    ("world4", "world5", 7),
    ("world5", "world6", 10),
];

/// Nodes without routes of their own: name, role, AS behind which they are, last octet of their address.
const LEAVES: [(&str, Role, &str, u8); 12] = [
    ("observer1", Role::Observer(Place::Outside), "world1", 10),
    ("observer2", Role::Observer(Place::Outside), "world4", 10),
    ("far1", Role::FarControl, "world2", 20),
    ("far2", Role::FarControl, "world5", 20),
    ("far3", Role::FarControl, "world6", 20),
    ("customer1", Role::NearControl, "unicom", 30),
    ("customer2", Role::NearControl, "ttk", 30),
    ("darknet", Role::Darknet, "world3", 40),
    ("bots1", Role::Bots, "unicom", 66),
    ("bots2", Role::Bots, "ttk", 66),
    ("reflector1", Role::Reflector, "unicom", 53),
    ("reflector2", Role::Reflector, "ttk", 53),
];

/// Adds everything outside of the country.
pub(super) fn add(country: &mut Country) {
    for (name, asn, third) in TRANSITS {
        // The last hop before the border answers under an address of its own.
        let own = vec![Address::sure(Ipv4Addr::new(198, 18, third, 1))];
        let transit = router(name, Role::Transit, Asn(asn), vec![block(third)]);
        country.nodes.push(Node { addresses: own, ..transit });
    }
    for number in 1..=6 {
        let mut own = vec![block(number)];
        if number == 3 {
            own.push(darknet());
        }
        let asn = Asn(FIRST_WORLD + u32::from(number) - 1);
        country.nodes.push(router(&format!("world{number}"), Role::World, asn, own));
    }
    country.nodes.push(router("table", Role::Table, Asn(64_509), Vec::new()));
    country.nodes.push(router("collector", Role::Collector, Asn(64_510), Vec::new()));
    country.nodes.push(router("station", Role::Station, Asn(64_511), Vec::new()));
    for (left, right, delay_ms) in CABLES {
        country.links.push(Link::long(left, right, delay_ms * 1000));
    }
    country.links.push(Link::cable("unicom", "ttk"));
    for number in 1..=6 {
        let world = format!("world{number}");
        country.links.push(Link::cable(&world, "table"));
        country.links.push(Link::cable(&world, "collector"));
        if number <= 3 {
            country.links.push(Link::cable(&world, "station"));
        }
    }
    for (name, role, behind, last) in LEAVES {
        let Some(home) = country.node(behind) else { continue };
        let Some(IpAddr::V4(own)) = home.originates.first().map(|prefix| prefix.address()) else {
            continue;
        };
        let [first, second, third, _] = own.octets();
        let (asn, address) = (home.asn, Address::sure(Ipv4Addr::new(first, second, third, last)));
        country.nodes.push(Node {
            name: name.to_owned(),
            role,
            asn,
            originates: Vec::new(),
            addresses: vec![address],
        });
        country.links.push(Link::cable(behind, name));
    }
}

fn router(name: &str, role: Role, asn: Asn, originates: Vec<Prefix>) -> Node {
    Node { name: name.to_owned(), role, asn, originates, addresses: Vec::new() }
}

/// The /24 of the benchmark range with that third octet.
fn block(third: u8) -> Prefix {
    Prefix::host(Ipv4Addr::new(198, 18, third, 0).into()).truncated(24)
}

/// Addresses that nobody has.
pub(crate) fn darknet() -> Prefix {
    Prefix::host(DARKNET.into()).truncated(16)
}
