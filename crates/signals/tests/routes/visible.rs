//! What counts as visible.

use crate::scene::{KP, Scene, bins, changes, profile, readings};

const FOUR: [&str; 4] =
    ["175.45.176.0/24", "175.45.177.0/24", "175.45.178.0/24", "175.45.179.0/24"];
const BLOCKS: &str = "bgp.visible-blocks";

#[test]
fn a_withdrawal_by_most_peers_is_a_loss_at_its_second() {
    let mut scene = Scene::default();
    let peers = scene.peers(4);
    scene.dump(0, &peers, &FOUR, 100);
    scene.withdraw(430, &peers[..3], FOUR[0]);
    let (out, _) = scene.run(Some(&profile(&["175.45.176.0/22"])), 900);
    assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, Some(4.0)), (5, Some(3.0)), (10, Some(3.0))]);
    assert_eq!(changes(&out, "network/kp", BLOCKS), [(430, Some(3.0))]);
    assert_eq!(changes(&out, "prefix/175.45.176.0/24", BLOCKS), [(430, Some(0.0))]);
    assert_eq!(changes(&out, "asn/AS131279", BLOCKS), [(430, Some(3.0))]);
    assert_eq!(bins(&out, "prefix/175.45.176.0/24", BLOCKS), [(0, Some(1.0)), (5, Some(0.0))]);
}

#[test]
fn half_of_the_peers_is_not_enough_and_a_zombie_is_no_route() {
    for (withdrawing, visible) in [(1, 4.0), (2, 3.0), (3, 3.0)] {
        let mut scene = Scene::default();
        let peers = scene.peers(4);
        scene.dump(0, &peers, &FOUR, 100);
        scene.withdraw(30, &peers[..withdrawing], FOUR[0]);
        let (out, _) = scene.run(Some(&profile(&["175.45.176.0/22"])), 300);
        assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, Some(visible))]);
    }
}

#[test]
fn deaggregation_and_a_covering_announcement_are_no_loss() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &["175.45.176.0/22"], 100);
    for four in FOUR {
        scene.announce(400, &peers, four);
    }
    scene.withdraw(410, &peers, "175.45.176.0/22");
    scene.announce(700, &peers, "175.45.0.0/16");
    for four in FOUR {
        scene.withdraw(710, &peers, four);
    }
    scene.withdraw(1000, &peers, "175.45.0.0/16");
    let (out, _) = scene.run(Some(&profile(&["175.45.176.0/22"])), 1200);
    assert_eq!(
        bins(&out, "network/kp", BLOCKS),
        [(0, Some(4.0)), (5, Some(4.0)), (10, Some(4.0)), (15, Some(0.0))]
    );
    assert_eq!(changes(&out, "network/kp", BLOCKS), [(1000, Some(0.0))]);
    let prefixes = bins(&out, "network/kp", "bgp.visible-prefixes");
    assert_eq!(prefixes[1..], [(5, Some(5.0)), (10, Some(5.0)), (15, Some(0.0))]);
}

#[test]
fn a_default_route_covers_nothing() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &FOUR[..1], 100);
    scene.announce(10, &peers, "0.0.0.0/0");
    scene.withdraw(20, &peers, FOUR[0]);
    let (out, _) = scene.run(Some(&profile(&[FOUR[0]])), 300);
    assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, Some(0.0))]);
}

#[test]
fn without_a_dump_two_peers_measure_nothing_and_three_do() {
    for (n, expected) in [(2, None), (3, Some(1.0))] {
        let mut scene = Scene::default();
        let peers = scene.peers(n);
        scene.announce(10, &peers, FOUR[0]);
        let (out, _) = scene.run(Some(&profile(&["175.45.176.0/22"])), 300);
        assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, expected)]);
        let n = readings(&out, "network/kp", BLOCKS).next().unwrap().n;
        assert_eq!(n, expected, "only what was seen is known");
    }
}

#[test]
fn with_a_dump_one_peer_is_enough() {
    let mut scene = Scene::default();
    let peers = scene.peers(1);
    scene.dump(0, &peers, &FOUR[..3], 100);
    let (out, _) = scene.run(Some(&profile(&["175.45.176.0/22"])), 300);
    assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, Some(3.0))]);
    assert_eq!(readings(&out, "network/kp", BLOCKS).next().unwrap().n, Some(4.0));
}

#[test]
fn peers_without_a_full_feed_do_not_count() {
    let mut scene = Scene::default();
    let peers = scene.peers(5);
    scene.dump(0, &peers[..2], &FOUR, 100);
    scene.announce(1, &peers[2..], FOUR[0]);
    let few: Vec<_> = peers[2..].iter().map(|peer| (*peer, 74, 0)).collect();
    let full = [(peers[0], 100, 0), (peers[1], 100, 0)];
    scene.end_dump(0, 2, &[full.as_slice(), &few].concat());
    scene.withdraw(30, &peers[..2], FOUR[0]);
    let (out, _) = scene.run(Some(&profile(&["175.45.176.0/22"])), 300);
    assert_eq!(bins(&out, "network/kp", BLOCKS).last(), Some(&(0, Some(3.0))));
}

#[test]
fn a_dump_shows_what_was_missed_and_updates_since_it_began_are_newer() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &FOUR, 100);
    scene.withdraw(600, &peers, FOUR[1]);
    // The dump was begun at 600 and still has what was withdrawn since; it lacks the first prefix.
    scene.dump(600, &peers, &FOUR[1..], 100);
    let (out, _) = scene.run(Some(&profile(&["175.45.176.0/22"])), 900);
    assert_eq!(bins(&out, "network/kp", BLOCKS).last(), Some(&(10, Some(2.0))));
    let withdrawals = bins(&out, "network/kp", "bgp.withdrawals");
    assert_eq!(withdrawals.last(), Some(&(10, Some(3.0))), "silently gone is not withdrawn");
}

#[test]
fn a_network_of_ases_learns_its_prefixes_and_keeps_them() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &FOUR, 100);
    for peer in &peers {
        scene.announce_by(400, *peer, FOUR[3], &[64_500, 9999]);
    }
    scene.withdraw(700, &peers, FOUR[0]);
    let (out, _) = scene.run(Some(&profile(&[])), 900);
    assert_eq!(bins(&out, "network/kp", BLOCKS), [(0, Some(4.0)), (5, Some(4.0)), (10, Some(3.0))]);
    let n: Vec<_> = readings(&out, "network/kp", BLOCKS).map(|reading| reading.n).collect();
    assert!(n.iter().all(|n| *n == Some(4.0)), "{n:?}");
    let origins = bins(&out, "network/kp", "bgp.origins");
    assert_eq!(origins, [(0, Some(0.0)), (5, Some(1.0)), (10, Some(1.0))]);
}

#[test]
fn a_transit_that_goes_leaves_its_share_to_the_other() {
    let mut scene = Scene::default();
    let peers = scene.peers(4);
    scene.dump(0, &peers, &FOUR[..1], 100);
    scene.announce_by(30, peers[0], FOUR[0], &[64_501, 20485, KP, KP]);
    scene.announce_by(400, peers[0], FOUR[0], &[64_501, 4837, KP]);
    scene.withdraw(700, &peers, FOUR[0]);
    let (out, _) = scene.run(Some(&profile(&["175.45.176.0/22"])), 900);
    let share = |asn: u32| bins(&out, "network/kp", &format!("bgp.transit-share/AS{asn}"));
    assert_eq!(share(4837), [(0, Some(0.75)), (5, Some(1.0)), (10, None)]);
    assert_eq!(share(20485), [(0, Some(0.25)), (5, Some(0.0)), (10, None)]);
}
