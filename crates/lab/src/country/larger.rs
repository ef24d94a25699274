//! A larger country: more operators behind the gateway, each with prefixes and hosts of its own.

use std::net::Ipv4Addr;

use falter_model::{Asn, Prefix};

use super::plan::{Address, Country, Link, Node, Role};

/// What can be asked of a country.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Size {
    /// ASes of the country, at least one.
    pub ases: u32,
    /// Prefixes in all, at least four; those over four are /24s of the further ASes.
    pub prefixes: u32,
    /// Answering addresses in all, at least twenty.
    pub hosts: u32,
    /// Routes of the rest of the world.
    pub table_routes: u32,
    /// Seconds until a silent BGP session is given up, 3 to 9.
    pub hold_time_s: u32,
}

/// AS numbers of the further operators: private use (RFC 6996).
const FIRST_OPERATOR: u32 = 4_200_000_001;
/// Their /24s: of 10.64.0.0/10, which nobody routes.
const FIRST_BLOCK: u32 = 0x0A40_0000;
/// The most that one machine should hold.
const LIMITS: Size =
    Size { ases: 200, prefixes: 5_000, hosts: 20_000, table_routes: 200_000, hold_time_s: 9 };

impl Default for Size {
    fn default() -> Self {
        Self { ases: 1, prefixes: 4, hosts: 20, table_routes: 20_000, hold_time_s: 9 }
    }
}

impl Size {
    /// The same within what can be built: hold times from 3 to 9 s (RFC 4271 allows no less), and no
    /// more than one machine holds.
    #[must_use]
    pub fn bounded(&self) -> Self {
        let least = Self { hold_time_s: 3, table_routes: 100, ..Self::default() };
        Self {
            ases: self.ases.clamp(least.ases, LIMITS.ases),
            prefixes: self.prefixes.clamp(least.prefixes, LIMITS.prefixes),
            hosts: self.hosts.clamp(least.hosts, LIMITS.hosts),
            table_routes: self.table_routes.clamp(least.table_routes, LIMITS.table_routes),
            hold_time_s: self.hold_time_s.clamp(least.hold_time_s, LIMITS.hold_time_s),
        }
    }
}

/// Adds the further ASes, their prefixes and hosts shared out evenly.
pub(super) fn add(country: &mut Country, size: &Size) {
    let small = Size::default();
    let operators = size.ases.saturating_sub(small.ases);
    let prefixes = size.prefixes.saturating_sub(small.prefixes).max(operators);
    let hosts = size.hosts.saturating_sub(small.hosts);
    let (mut next_block, mut placed) = (0, 0);
    for number in 0..operators {
        let last_block = share(prefixes, number + 1, operators);
        let own: Vec<u32> = (next_block..last_block).map(|n| FIRST_BLOCK + n * 256).collect();
        next_block = last_block;
        let until = share(hosts, number + 1, operators);
        // Hosts stand in the operator's blocks in turn, from .1 up.
        let blocks = own.len().max(1);
        let addresses = (placed..until).zip(0_usize..).filter_map(|(_, n)| {
            let block = own.get(n % blocks)?;
            let last = u32::try_from(1 + n / blocks).ok().filter(|last| *last < 255)?;
            Some(Address::sure(Ipv4Addr::from(block + last)))
        });
        let addresses: Vec<Address> = addresses.collect();
        placed = until;
        let name = format!("as{}", number + 1);
        country.links.push(Link::cable("gateway", &name));
        country.nodes.push(Node {
            name,
            role: Role::Operator,
            asn: Asn(FIRST_OPERATOR + number),
            originates: own
                .iter()
                .map(|first| Prefix::host(Ipv4Addr::from(*first).into()).truncated(24))
                .collect(),
            addresses,
        });
    }
}

/// The first `part` of `parts` equal shares of `all`.
fn share(all: u32, part: u32, parts: u32) -> u32 {
    let share = u64::from(all) * u64::from(part) / u64::from(parts.max(1));
    u32::try_from(share).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_stands() {
        let size = Size { ases: 50, prefixes: 500, hosts: 2000, ..Size::default() };
        let country = Country::new(&size);
        assert_eq!(country.nodes_that(|role| *role == Role::Operator).count(), 49);
        assert_eq!(country.prefixes().len(), 500);
        assert_eq!(country.answering().len(), 2000);
    }

    #[test]
    fn nonsense_is_bounded() {
        let size = Size { ases: 0, prefixes: 9_999_999, hosts: 1, table_routes: 0, hold_time_s: 0 };
        let bounded = size.bounded();
        assert_eq!((bounded.ases, bounded.prefixes, bounded.hosts), (1, 5_000, 20));
        assert_eq!((bounded.table_routes, bounded.hold_time_s), (100, 3));
    }
}
