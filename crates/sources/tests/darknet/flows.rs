//! What of the packets at a darknet is an attack, and what is told of it.

use std::net::Ipv4Addr;

use falter_model::{Attack, Span};
use falter_sources::darknet::{Flows, Scope};
use proptest::prelude::*;

use crate::packets::{INSIDE, VICTIM, answer, at, attacks, every, forged, tcp};

fn inside() -> Flows {
    Flows::new("dark".into(), Scope::of_victims(Some(vec![INSIDE.parse().unwrap()])))
}

fn all(flows: &mut Flows) -> Vec<Attack> {
    attacks(std::iter::from_fn(|| flows.pop()))
}

/// What answers of one victim at these milliseconds show.
fn shown(ms: impl IntoIterator<Item = i64>) -> Vec<Attack> {
    let mut flows = inside();
    for (number, ms) in (0..).zip(ms) {
        flows.take(at(ms), &answer(number));
    }
    flows.finish();
    all(&mut flows)
}

fn check(what: &str, ms: impl IntoIterator<Item = i64>, is_attack: bool) {
    assert_eq!(!shown(ms).is_empty(), is_attack, "{what}");
}

/// Thirty packets within some seconds, and one later.
fn burst_and(last: i64) -> impl Iterator<Item = i64> {
    every(0, 100, 30).chain([last])
}

#[test]
fn thresholds_are_met_together_or_not_at_all() {
    check("60 s and 30 a minute", burst_and(60_000), true);
    check("59.999 s", burst_and(59_999), false);
    check("29 in the fullest minute", every(0, 100, 29).chain([70_000]), false);
    check("30 in the fullest minute", every(0, 100, 30).chain([70_000]), true);
    check("many, at 20 a minute", every(0, 3000, 500), false);
    check("30 packets, half of them in each of two minutes", every(0, 4000, 30), false);
    // 25 packets never come at 30 a minute and still are fewer than 30.
    check("24 packets, fast", every(0, 10, 23).chain([60_000]), false);
}

#[test]
fn a_victim_that_was_silent_for_long_begins_anew() {
    let end_of_burst = 2_900;
    check("silent for just under five minutes", burst_and(end_of_burst + 299_999), true);
    check("silent for five minutes", burst_and(end_of_burst + 300_000), false);
}

#[test]
fn every_packet_is_told_once_by_the_minutes_of_the_clock() {
    // Ten minutes at 2 a second, a pause of two minutes, and one minute more at 1 a second.
    let ms: Vec<i64> = every(0, 500, 1200).chain(every(720_000, 1000, 60)).collect();
    let told = shown(ms.clone());
    assert_eq!(told.iter().map(|attack| attack.packets).sum::<u64>(), ms.len() as u64);
    let first = &told[0];
    assert_eq!((first.from, first.until), (at(0), at(60_000)));
    assert_eq!((&*first.protocol, first.sources_16, first.packets), ("tcp", Some(3), 121));
    assert_eq!(first.victim, VICTIM);
    // 21:00:03 to 21:01:03; its last slot of six was not full.
    assert_eq!(first.max_ppm, Some(114));
    // From 21:01:03 to the end of that minute, then whole minutes.
    assert_eq!((told[1].from, told[1].until), (at(60_500), at(116_500)));
    assert_eq!((told[2].from, told[2].until), (at(117_000), at(176_500)));
    assert_eq!((told[2].packets, told[2].max_ppm), (120, Some(120)));
    for pair in told.windows(2) {
        assert!(pair[0].until < pair[1].from, "parts overlap: {pair:?}");
    }
    // 21:12:03 to 21:13:02; the window of the last ends with its slot of ten seconds.
    let rates: Vec<_> = told.iter().rev().take(2).map(|attack| attack.max_ppm).collect();
    assert_eq!(rates, [Some(53), Some(57)]);
}

#[test]
fn what_most_packets_answered_is_the_protocol() {
    let mut flows = inside();
    let mut unreachable = vec![0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0];
    unreachable.extend([192, 0, 2, 1].into_iter().chain(forged(1).octets()));
    unreachable.extend([3, 3, 0, 0, 0, 0, 0, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0]);
    unreachable.extend(forged(1).octets().into_iter().chain(VICTIM.octets()));
    unreachable.extend([0; 8]);
    for (number, ms) in (0..).zip(every(0, 500, 200)) {
        let is_tcp = number % 4 == 0;
        flows.take(at(ms), if is_tcp { answer(number) } else { unreachable.clone() }.as_slice());
    }
    let first = &all(&mut flows)[0];
    // The router that tells of it is not the victim.
    assert_eq!((first.victim, &*first.protocol), (VICTIM.into(), "udp"));
}

#[test]
fn victims_elsewhere_scans_and_the_rest_are_counted() {
    let victims = Scope::of_victims(Some(vec![INSIDE.parse().unwrap()]));
    let scope = victims.arriving_at(vec!["198.18.0.0/15".parse().unwrap()]);
    let mut flows = Flows::new("dark".into(), scope);
    let elsewhere = Ipv4Addr::new(192, 0, 2, 1);
    for second in 0..100 {
        let at = at(second * 1000);
        flows.take(at, &tcp(elsewhere, forged(1), 0x12));
        flows.take(at, &tcp(VICTIM, forged(1), 0x02));
        flows.take(at, &tcp(VICTIM, forged(1), 0x10));
        // An answer to somebody who asked.
        flows.take(at, &tcp(VICTIM, Ipv4Addr::new(203, 0, 113, 9), 0x12));
        flows.take(at, &[0x45; 3]);
    }
    flows.finish();
    assert!(all(&mut flows).is_empty());
    let counts = flows.counts();
    assert_eq!((counts.answers, counts.elsewhere, counts.told), (0, 100, 0));
    assert_eq!((counts.scans, counts.other, counts.unread), (100, 200, 100));
}

#[test]
fn a_flood_of_victims_costs_bounded_memory() {
    let mut flows = Flows::new("dark".into(), Scope::of_victims(None));
    let victim = |number| tcp(Ipv4Addr::from_bits(number), forged(1), 0x04);
    // One that goes on all the time is told all the same.
    for ms in every(0, 1000, 60) {
        flows.take(at(ms), &answer(0));
    }
    for number in 0..60_000 {
        flows.take(at(60_000), &victim(number));
    }
    assert_eq!((flows.counts().answers, flows.counts().passed_over), (60 + 49_999, 10_001));
    for ms in every(60_000, 1000, 60) {
        flows.take(at(ms), &answer(0));
    }
    assert!(all(&mut flows).iter().all(|attack| attack.victim == VICTIM));
    assert_eq!(flows.counts().told, 2);
    // Those that were silent for a minute made room.
    flows.take(at(180_000), &victim(70_000));
    assert_eq!(flows.counts().passed_over, 10_001);
}

#[test]
fn a_clock_that_was_set_back_is_followed() {
    let mut flows = inside();
    every(0, 500, 130).for_each(|ms| flows.take(at(ms), &answer(0)));
    // An hour back, and another attack.
    every(-3_600_000, 500, 130).for_each(|ms| flows.take(at(ms), &answer(0)));
    flows.finish();
    let told = all(&mut flows);
    let of = |is_later: bool| told.iter().filter(move |attack| (attack.from >= at(0)) == is_later);
    for is_later in [false, true] {
        assert_eq!(of(is_later).map(|attack| attack.packets).sum::<u64>(), 130);
    }
}

#[test]
fn time_that_passes_without_packets_ends_a_minute() {
    let mut flows = inside();
    every(0, 500, 200).for_each(|ms| flows.take(at(ms), &answer(0)));
    assert_eq!(all(&mut flows).len(), 1);
    flows.pass(at(116_999));
    assert_eq!(all(&mut flows).len(), 0);
    // 21:02:00.
    flows.pass(at(117_000));
    let told = all(&mut flows);
    assert_eq!((told.len(), told[0].packets), (1, 79));
}

/// Times of some victims' answers, in order.
fn victims() -> impl Strategy<Value = Vec<Vec<i64>>> {
    let gaps = prop::collection::vec(prop_oneof![8 => 0_i64..3_000, 1 => 0_i64..400_000], 0..200);
    let times = gaps.prop_map(|gaps| {
        gaps.into_iter()
            .scan(0, |now, gap| {
                *now += gap;
                Some(*now)
            })
            .collect()
    });
    prop::collection::vec(times, 1..5)
}

fn victim(number: usize) -> Ipv4Addr {
    Ipv4Addr::from_bits(VICTIM.to_bits() + u32::try_from(number).unwrap())
}

/// What all answers show, in the order of time; of the same moment by `order`.
fn merged(times: &[Vec<i64>], order: impl Fn(usize) -> usize) -> Vec<Attack> {
    let numbered = times.iter().enumerate();
    let mut packets: Vec<(i64, usize)> =
        numbered.flat_map(|(n, times)| times.iter().map(move |ms| (*ms, n))).collect();
    packets.sort_by_key(|(ms, n)| (*ms, order(*n)));
    let mut flows = inside();
    for (ms, n) in packets {
        flows.take(at(ms), &tcp(victim(n), forged(1), 0x12));
    }
    flows.finish();
    let mut told = all(&mut flows);
    told.sort_by_key(|attack| (attack.victim, attack.from));
    told
}

proptest! {
    #[test]
    fn what_is_told_of_a_victim_depends_on_its_packets_alone(times in victims()) {
        let together = merged(&times, |n| n);
        prop_assert_eq!(&together, &merged(&times, |n| usize::MAX - n));
        let alone: Vec<Attack> = times
            .iter()
            .enumerate()
            .flat_map(|(n, own)| {
                let mut only = vec![vec![]; times.len()];
                only[n].clone_from(own);
                merged(&only, |n| n)
            })
            .collect();
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn no_attack_is_told_below_the_thresholds(times in victims()) {
        for (n, own) in times.iter().enumerate() {
            let victim = victim(n);
            let told = merged(&times, |n| n);
            let of_it: Vec<&Attack> = told.iter().filter(|one| one.victim == victim).collect();
            let packets: u64 = of_it.iter().map(|attack| attack.packets).sum();
            prop_assert!(packets <= own.len() as u64);
            if let (Some(first), Some(last)) = (of_it.first(), of_it.last()) {
                prop_assert!(packets >= 25);
                prop_assert!(of_it.iter().any(|attack| attack.max_ppm >= Some(30)));
                prop_assert!(last.until - first.from >= Span::from_seconds(60));
            }
        }
    }
}
