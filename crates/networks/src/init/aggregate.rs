//! Joins prefixes: the fewest that hold the same addresses.

use falter_model::Prefix;

/// The fewest prefixes with exactly the addresses of the given ones, sorted.
pub(super) fn aggregate(prefixes: &[Prefix]) -> Vec<Prefix> {
    let mut sorted = prefixes.to_vec();
    sorted.sort_unstable();
    let mut joined: Vec<Prefix> = Vec::new();
    for prefix in sorted {
        // A covering prefix sorts first, so that one is the last that was kept, or holds it.
        if joined.last().is_some_and(|last| last.covers(prefix)) {
            continue;
        }
        joined.push(prefix);
        while let [.., left, right] = joined.as_slice()
            && let Some(parent) = parent_of(*left, *right)
        {
            joined.truncate(joined.len() - 2);
            joined.push(parent);
        }
    }
    joined
}

/// What two prefixes are the halves of.
fn parent_of(left: Prefix, right: Prefix) -> Option<Prefix> {
    let length = left.length().checked_sub(1)?;
    let parent = left.truncated(length);
    let halves = left != right && left.length() == right.length() && parent.covers(right);
    halves.then_some(parent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(prefixes: &[&str], expected: &[&str]) {
        let prefixes: Vec<Prefix> = prefixes.iter().map(|text| text.parse().unwrap()).collect();
        let found: Vec<_> = aggregate(&prefixes).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn four_blocks_are_one_prefix() {
        let blocks = ["175.45.179.0/24", "175.45.176.0/24", "175.45.178.0/24", "175.45.177.0/24"];
        check(&blocks, &["175.45.176.0/22"]);
        check(&blocks[..3], &["175.45.176.0/24", "175.45.178.0/23"]);
    }

    #[test]
    fn a_part_goes_into_its_whole() {
        check(&["10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8"], &["10.0.0.0/8"]);
        check(&["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"], &["0.0.0.0/0", "::/0"]);
    }

    proptest! {
        #[test]
        fn the_addresses_stay_the_same(given in proptest::collection::vec((any::<u8>(), 24_u8..=32), 0..20)) {
            let given: Vec<_> =
                given.iter().map(|(last, length)| Prefix::v4(u32::from(*last), *length).unwrap()).collect();
            let joined = aggregate(&given);
            for last in 0..=255_u32 {
                let host = Prefix::v4(last, 32).unwrap();
                let holds = |all: &[Prefix]| all.iter().filter(|prefix| prefix.covers(host)).count();
                prop_assert_eq!(holds(&joined), holds(&given).min(1));
            }
            prop_assert!(joined.is_sorted());
            prop_assert_eq!(aggregate(&joined), joined);
        }
    }
}
