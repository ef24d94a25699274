//! Without a profile: origins are entities, told when something changed.

use falter_model::Entity;

use crate::scene::{Scene, bins, readings};

const BLOCKS: &str = "bgp.visible-blocks";

#[test]
fn a_change_is_told_with_the_bin_before_it() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &["175.45.176.0/24", "175.45.177.0/24"], 100);
    scene.withdraw(3000, &peers, "175.45.176.0/24");
    let (out, _) = scene.run(None, 3900);
    assert_eq!(
        bins(&out, "asn/AS131279", BLOCKS),
        [(0, Some(2.0)), (45, Some(2.0)), (50, Some(1.0))]
    );
    assert_eq!(bins(&out, "prefix/175.45.176.0/24", BLOCKS), [(45, Some(1.0)), (50, Some(0.0))]);
    assert_eq!(bins(&out, "asn/AS131279", "bgp.withdrawals"), [(50, Some(3.0))]);
}

#[test]
fn nothing_new_is_told_every_six_hours() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    scene.dump(0, &peers, &["175.45.176.0/24"], 100);
    let (out, _) = scene.run(None, 86_400);
    assert_eq!(
        bins(&out, "asn/AS131279", BLOCKS),
        [0, 360, 720, 1080].map(|minute| (minute, Some(1.0)))
    );
}

#[test]
fn a_prefix_that_moves_belongs_to_both_for_a_week() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    let moved = "175.45.176.0/24";
    scene.dump(0, &peers, &[moved, "175.45.177.0/24"], 100);
    for peer in &peers {
        scene.announce_by(400, *peer, moved, &[64_500, 9999]);
    }
    for hour in 1..24 * 9 {
        scene.chatter(hour * 3600, hour * 3600 + 1, &peers);
    }
    let (out, _) = scene.run(None, 86_400 * 9);
    let before: Vec<_> = bins(&out, "asn/AS131279", BLOCKS);
    assert!(
        before.iter().take_while(|(minute, _)| *minute < 7 * 1440).all(|bin| bin.1 == Some(2.0))
    );
    assert_eq!(before.last().unwrap().1, Some(1.0));
    assert_eq!(bins(&out, "asn/AS9999", BLOCKS).last().unwrap().1, Some(1.0));
}

#[test]
fn entities_come_in_order_whatever_the_numbers_of_peers() {
    let mut scene = Scene::default();
    let peers = scene.peers(3);
    for (n, asn) in [9, 3, 7, 1].into_iter().enumerate() {
        for peer in &peers {
            scene.announce_by(10, *peer, &format!("10.{n}.0.0/16"), &[64_500, asn]);
        }
    }
    let (out, _) = scene.run(None, 300);
    let first: Vec<&Entity> = out
        .readings
        .iter()
        .filter(|reading| reading.signal.as_str() == BLOCKS)
        .map(|reading| &reading.entity)
        .collect();
    assert_eq!(first.len(), 4);
    assert!(first.is_sorted());
    assert_eq!(readings(&out, "asn/AS9", BLOCKS).next().unwrap().n, Some(256.0));
}
