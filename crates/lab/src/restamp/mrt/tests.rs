use std::net::{IpAddr, Ipv4Addr};

use falter_model::{Asn, Timestamp};
use falter_wire::mrt::{ElemPeer, IndexedPeer, Route, Told, Writer};
use proptest::prelude::*;

use super::*;

const BEGAN: i64 = 1_700_000_000;
const START: i64 = 1_000_000_000;

fn calendar(slower: u32) -> Calendar {
    Calendar::new(Timestamp::from_seconds(BEGAN), Timestamp::from_seconds(START), slower)
}

fn peer() -> ElemPeer {
    ElemPeer { asn: Asn(64_496), address: IpAddr::from([192, 0, 2, 1]), number: None }
}

/// Whole records: kind, time, body.
fn read(octets: &[u8]) -> Vec<(Kind, Timestamp, Vec<u8>)> {
    let mut found = Vec::new();
    for_each(octets, |record, _| {
        found.push((record.header.kind, record.at, record.body.to_vec()));
        Ok(())
    })
    .unwrap();
    found
}

/// Updates a second and some milliseconds apart, as BIRD writes them (whole seconds), with when each was
/// seen.
fn written(gaps_ms: &[i64]) -> (Vec<u8>, Growth, Vec<Timestamp>) {
    let (mut writer, mut growth, mut times) = (Writer::new(), Growth::default(), Vec::new());
    let mut at = Timestamp::from_seconds(BEGAN);
    for gap in gaps_ms {
        at = Timestamp::from_micros(at.micros() + gap * 1000);
        let route = Route::new(&[Asn(64_496), Asn(4837)], Ipv4Addr::new(192, 0, 2, 1).into());
        let prefix = "175.45.176.0/24".parse().unwrap();
        let (withdrawn, announced) = if gap % 2 == 0 {
            (vec![(prefix, None)], None)
        } else {
            (Vec::new(), Some((&route, &[(prefix, None)][..])))
        };
        writer.update(at.floor_second(), peer(), &withdrawn, announced).unwrap();
        growth.note(at, writer.octets().len() as u64);
        times.push(at);
    }
    (writer.into_octets(), growth, times)
}

proptest! {
    #[test]
    fn updates_keep_their_order_and_bodies_and_get_the_times_at_which_they_were_seen(
        gaps in prop::collection::vec(1_i64..3000, 1..40), slower in 1_u32..200,
    ) {
        let (octets, growth, times) = written(&gaps);
        let all = (Timestamp::EPOCH, Timestamp::MAX);
        let moved = read(&updates(&octets, &growth, all, &calendar(slower)).unwrap());
        let before = read(&octets);
        prop_assert_eq!(moved.len(), before.len());
        for ((moved, before), seen) in moved.iter().zip(&before).zip(&times) {
            prop_assert_eq!(moved.0, Kind::Bgp4mpEt);
            prop_assert_eq!(moved.1, calendar(slower).there(*seen));
            prop_assert_eq!(&moved.2[4..], &before.2[..]);
        }
    }

    #[test]
    fn only_the_window_is_kept(gaps in prop::collection::vec(1_i64..900, 1..40), from in 0_i64..20, lasts in 0_i64..20) {
        let (octets, growth, times) = written(&gaps);
        let from = Timestamp::from_seconds(BEGAN + from);
        let until = Timestamp::from_seconds(from.seconds() + lasts);
        let moved = read(&updates(&octets, &growth, (from, until), &calendar(1)).unwrap());
        let within = times.iter().filter(|at| **at >= from && **at < until).count();
        prop_assert_eq!(moved.len(), within);
    }

    #[test]
    fn a_last_record_that_is_still_being_written_is_left_out(cut in 1_usize..30) {
        let (octets, growth, _) = written(&[10, 11, 12]);
        let all = (Timestamp::EPOCH, Timestamp::MAX);
        let moved = updates(&octets[..octets.len() - cut], &growth, all, &calendar(10)).unwrap();
        prop_assert_eq!(read(&moved).len(), 2);
    }
}

#[test]
fn what_nobody_saw_come_is_left_out() {
    let (octets, _, times) = written(&[10, 11]);
    let mut growth = Growth::default();
    growth.note(times[0], octets.len() as u64 / 2 + 1);
    let all = (Timestamp::EPOCH, Timestamp::MAX);
    assert_eq!(read(&updates(&octets, &growth, all, &calendar(10)).unwrap()).len(), 1);
}

#[test]
fn a_table_stands_at_one_moment_with_all_its_entries() {
    let mut writer = Writer::new();
    let at = Timestamp::from_seconds(BEGAN + 3);
    let indexed =
        IndexedPeer { bgp_id: Ipv4Addr::LOCALHOST, address: peer().address, asn: peer().asn };
    writer.peer_index(at, Ipv4Addr::LOCALHOST, "", &[indexed]).unwrap();
    let route = Route::new(&[Asn(64_496), Asn(131_279)], Ipv4Addr::new(192, 0, 2, 1).into());
    for (number, path_id) in [(0, None), (1, Some(7))] {
        let prefix = "175.45.177.0/24".parse().unwrap();
        writer.rib(at, number, prefix, &[(0, path_id, &route), (0, path_id, &route)]).unwrap();
    }
    let octets = writer.into_octets();
    let moved = table(&octets, Timestamp::from_seconds(BEGAN + 2), &calendar(10)).unwrap();
    assert_eq!(moved.len(), octets.len());
    for (_, at, body) in read(&moved) {
        assert_eq!(at.seconds(), START + 20);
        let old = u32::try_from(BEGAN + 3).unwrap().to_be_bytes();
        assert!(!body.windows(4).any(|four| four == old));
    }
    // Read by the decoder as well, entry by entry.
    let mut elems = 0;
    falter_wire::mrt::read(&moved, |told| {
        assert!(matches!(told, Told::Elem(..)), "{told:?}");
        elems += 1;
    });
    assert_eq!(elems, 4);
}
