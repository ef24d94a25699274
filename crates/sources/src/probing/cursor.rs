//! Every address of some prefixes once, in an order that visits none of them in a burst. Pure.

use std::net::{IpAddr, Ipv4Addr};

use falter_model::Prefix;

/// The addresses of IPv4 prefixes, numbered from 0.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// Number of the first address of each block, and that address; blocks do not overlap.
    blocks: Vec<(usize, u32)>,
    count: usize,
}

impl Addresses {
    /// Of these prefixes; those of IPv6, and those inside of others, are passed over.
    pub(crate) fn new(prefixes: &[Prefix]) -> Self {
        let mut sorted: Vec<Prefix> =
            prefixes.iter().copied().filter(|prefix| prefix.address().is_ipv4()).collect();
        sorted.sort_by_key(|prefix| (prefix.address(), prefix.length()));
        let (mut blocks, mut count) = (Vec::new(), 0usize);
        let mut last: Option<Prefix> = None;
        for prefix in sorted {
            let IpAddr::V4(first) = prefix.address() else { continue };
            if last.is_some_and(|last| last.covers(prefix)) {
                continue;
            }
            last = Some(prefix);
            blocks.push((count, u32::from(first)));
            count += 1usize << 32u8.saturating_sub(prefix.length());
        }
        Self { blocks, count }
    }

    /// How many.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// The address of a number.
    pub(crate) fn address(&self, number: usize) -> Option<Ipv4Addr> {
        let place = self.blocks.partition_point(|(from, _)| *from <= number).checked_sub(1)?;
        let (from, first) = self.blocks.get(place)?;
        let offset = u32::try_from(number - from).ok()?;
        (number < self.count).then(|| Ipv4Addr::from(first.wrapping_add(offset)))
    }

    /// The number of an address.
    pub(crate) fn number(&self, address: Ipv4Addr) -> Option<usize> {
        let address = u32::from(address);
        let place = self.blocks.partition_point(|(_, first)| *first <= address).checked_sub(1)?;
        let (from, first) = self.blocks.get(place)?;
        let next = self.blocks.get(place + 1).map_or(self.count, |(next, _)| *next);
        let number = from + usize::try_from(address - first).ok()?;
        (number < next).then_some(number)
    }
}

/// Numbers below a count, each once, far from one another: steps of about the golden section of the
/// count that share no divisor with it.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    count: usize,
    step: usize,
    place: usize,
    left: usize,
}

impl Order {
    /// Of `0..count`, beginning at a random number.
    pub(crate) fn new(count: usize, random: u64) -> Self {
        // 89/144: two Fibonacci numbers, whose ratio is the golden section to four digits.
        let golden = (count / 144 * 89).max(1);
        let step = (golden..golden + count).find(|step| divisor(*step, count) == 1).unwrap_or(1);
        let place = usize::try_from(random % (count.max(1) as u64)).unwrap_or(0);
        Self { count, step, place, left: count }
    }
}

impl Iterator for Order {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let number = self.place;
        self.place = (self.place + self.step) % self.count;
        Some(number)
    }
}

/// The greatest common divisor.
const fn divisor(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_number_comes_once(count in 0usize..3_000, random: u64) {
            let mut all: Vec<usize> = Order::new(count, random).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..count).collect::<Vec<_>>());
        }

        #[test]
        fn an_address_and_its_number_agree(number in 0usize..1_500) {
            let prefixes: Vec<Prefix> = ["198.51.100.0/24", "192.0.2.0/24", "10.0.0.0/22", "10.0.1.0/24", "2001:db8::/32"]
                .iter().map(|prefix| prefix.parse().unwrap()).collect();
            let addresses = Addresses::new(&prefixes);
            prop_assert_eq!(addresses.count(), 1_536);
            let address = addresses.address(number).unwrap();
            prop_assert!(prefixes.iter().any(|prefix| prefix.contains(address.into())));
            prop_assert_eq!(addresses.number(address), Some(number));
        }
    }

    #[test]
    fn what_is_in_no_prefix_has_no_number() {
        let addresses = Addresses::new(&["192.0.2.0/24".parse().unwrap()]);
        assert_eq!(addresses.address(256), None);
        for address in ["192.0.1.255", "192.0.3.0"] {
            assert_eq!(addresses.number(address.parse().unwrap()), None);
        }
    }

    #[test]
    fn neighbors_are_not_asked_one_after_the_other() {
        let order: Vec<usize> = Order::new(65_536, 7).collect();
        assert!(order.windows(2).all(|pair| pair[0].abs_diff(pair[1]) > 1_000));
    }
}
