//! What must not matter does not.

use falter_model::Reading;
use proptest::prelude::*;

use crate::scene::{Scene, profile};

const FOUR: [&str; 4] =
    ["175.45.176.0/24", "175.45.177.0/24", "175.45.178.0/24", "175.45.179.0/24"];

/// A change of one peer's route to one prefix: second, peer, prefix, announced.
type Step = (i64, usize, usize, bool);

/// Plays the steps with the peers numbered in the order given; `double` gives each AS a second
/// session that says the same.
fn play(order: &[u8], steps: &[Step], with_dump: bool, double: bool) -> Vec<Reading> {
    let mut scene = Scene::default();
    let mut sessions = vec![Vec::new(); order.len()];
    for n in order {
        let asn = 64_500 + u32::from(*n);
        let place = usize::from(*n);
        let first = scene.peer("rrc00", asn, *n + 1);
        sessions[place].push(first);
        if double {
            let second = scene.peer("rrc00", asn, *n + 101);
            sessions[place].push(second);
        }
    }
    if with_dump {
        let all: Vec<_> = sessions.iter().flatten().copied().collect();
        scene.dump(0, &all, &FOUR, 100);
    }
    for (second, peer, prefix, announced) in steps {
        let peers = sessions[*peer].clone();
        if *announced {
            scene.announce(*second, &peers, FOUR[*prefix]);
        } else {
            scene.withdraw(*second, &peers, FOUR[*prefix]);
        }
    }
    let (out, _) = scene.run(Some(&profile(&["175.45.176.0/22"])), 1800);
    // Twice the sessions tell twice as much: counts of updates differ, and should.
    out.readings
        .into_iter()
        .filter(|reading| !matches!(reading.signal.as_str(), "bgp.updates" | "bgp.withdrawals"))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_peers_and_second_sessions_change_nothing(
        order in Just((0_u8..5).collect::<Vec<_>>()).prop_shuffle(),
        mut steps in proptest::collection::vec((1_i64..1500, 0_usize..5, 0_usize..4, any::<bool>()), 0..60),
        with_dump in any::<bool>(),
        double in any::<bool>(),
    ) {
        steps.sort_unstable();
        // Two contradicting changes in one second have no order that could be kept.
        steps.dedup_by_key(|step| (step.0, step.1, step.2));
        let plain = play(&[0, 1, 2, 3, 4], &steps, with_dump, false);
        let other = play(&order, &steps, with_dump, double);
        prop_assert_eq!(plain, other);
    }

    #[test]
    fn blocks_never_exceed_what_there_is(
        mut steps in proptest::collection::vec((1_i64..1500, 0_usize..5, 0_usize..4, any::<bool>()), 0..60),
        with_dump in any::<bool>(),
    ) {
        steps.sort_unstable();
        for reading in play(&[0, 1, 2, 3, 4], &steps, with_dump, false) {
            if let (Some(value), Some(n)) = (reading.value, reading.n)
                && reading.signal.as_str() == "bgp.visible-blocks"
            {
                prop_assert!((0.0..=n).contains(&value) && n <= 4.0);
            }
        }
    }
}
