//! Captures as inputs of a replay: every form, damaged, cut, merged.

use std::fs;
use std::path::{Path, PathBuf};

use falter_model::{Attack, Interned, Timestamp};
use falter_sources::archive::{Bad, InputArg, InputKind, Inputs, Interest, Place};
use proptest::prelude::*;

use crate::packets::{Form, INSIDE, PLAIN, START, answer, at, attacks, every, pcapng};

/// What files show through the inputs of a replay, and what is told of each.
pub(crate) fn replay(paths: &[PathBuf], interest: Interest) -> (Vec<Attack>, Vec<(u64, Vec<Bad>)>) {
    let arguments: Vec<InputArg> = paths.iter().cloned().map(InputArg::from).collect();
    let mut inputs = Inputs::open(&arguments).unwrap();
    inputs.watch(interest);
    let (mut interned, mut found) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut found) {}
    let told = inputs.reports().iter().map(|report| {
        assert_eq!(report.kind, Some(InputKind::Pcap));
        (report.observations, report.bad.clone())
    });
    let told = told.collect();
    (attacks(found), told)
}

pub(crate) fn inside() -> Interest {
    Interest { prefixes: Some(vec![INSIDE.parse().unwrap()]), ..Interest::default() }
}

/// The attacks that one file shows, the packets in it, and what can't be read of it.
fn one(file: &[u8]) -> (Vec<Attack>, u64, Vec<Bad>) {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "no-telling-name", file);
    let (attacks, mut told) = replay(&[path], inside());
    let (packets, bad) = told.pop().unwrap();
    (attacks, packets, bad)
}

fn write(folder: &Path, name: &str, octets: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, octets).unwrap();
    path
}

/// Two and a half minutes at two packets a second.
fn flood() -> Vec<(Timestamp, Vec<u8>)> {
    (0..).zip(every(0, 500, 300)).map(|(n, ms)| (at(ms), answer(n))).collect()
}

fn said(bad: &[Bad]) -> Vec<String> {
    bad.iter().map(ToString::to_string).collect()
}

#[test]
fn every_form_of_capture_shows_the_same() {
    let flood = flood();
    let (expected, packets, bad) = one(&PLAIN.pcap(&[], &flood));
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!((packets, expected.iter().map(|attack| attack.packets).sum::<u64>()), (300, 300));
    assert_eq!(&*expected[0].vantage, "darknet");
    let ethernet = [&[0; 12][..], &[8, 0]].concat();
    let tagged = [&[0; 12][..], &[0x81, 0, 0, 7, 8, 0]].concat();
    let cooked = [&[0; 14][..], &[8, 0]].concat();
    let cooked_2 = [&[8, 0][..], &[0; 18]].concat();
    for (what, file) in [
        ("big-endian", Form { is_big: true, ..PLAIN }.pcap(&[], &flood)),
        ("nanoseconds", Form { has_nanoseconds: true, ..PLAIN }.pcap(&[], &flood)),
        ("Ethernet", Form { link: 1, ..PLAIN }.pcap(&ethernet, &flood)),
        ("a tag", Form { link: 1, is_big: true, has_nanoseconds: true }.pcap(&tagged, &flood)),
        ("cooked", Form { link: 113, ..PLAIN }.pcap(&cooked, &flood)),
        ("cooked, second form", Form { link: 276, ..PLAIN }.pcap(&cooked_2, &flood)),
        ("pcapng, milliseconds", pcapng(3, &flood)),
        ("pcapng, nanoseconds", pcapng(9, &flood)),
        ("compressed", zstd::encode_all(&pcapng(6, &flood)[..], 1).unwrap()),
    ] {
        let (attacks, packets, bad) = one(&file);
        assert_eq!((attacks, packets, said(&bad)), (expected.clone(), 300, vec![]), "{what}");
    }
}

#[test]
fn only_victims_in_watched_prefixes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "x", &PLAIN.pcap(&[], &flood()));
    let of = |prefix: &str| Interest {
        prefixes: Some(vec![prefix.parse().unwrap()]),
        ..Interest::default()
    };
    assert_eq!(replay(std::slice::from_ref(&path), of("192.0.2.0/24")).0, []);
    let all = replay(std::slice::from_ref(&path), Interest::default()).0;
    assert_eq!(replay(&[path], inside()).0, all);
}

#[test]
fn what_can_t_be_read_of_a_capture_is_told_and_the_rest_counts() {
    let whole = PLAIN.pcap(&[], &flood());
    let last = whole.len() - 56;
    let (_, packets, bad) = one(&whole[..whole.len() - 7]);
    assert_eq!((packets, bad.len(), bad[0].place), (299, 1, Place::Offset(last as u64)));
    assert!(said(&bad)[0].contains("expected 56 octets, found 49"), "{:?}", said(&bad));

    let (attacks, packets, bad) = one(&Form { link: 147, ..PLAIN }.pcap(&[], &flood()));
    assert_eq!((attacks.len(), packets, bad.len()), (0, 0, 1));
    assert!(said(&bad)[0].contains("found 147"), "{:?}", said(&bad));

    // A record that claims gigabytes, one cut out of the middle, and one whose clock went mad.
    let second = 24 + 56;
    let mut lying = whole.clone();
    lying[second + 8..second + 12].fill(0xFF);
    let (_, packets, bad) = one(&lying);
    assert_eq!((packets, bad.len(), bad[0].place), (299, 1, Place::Offset(second as u64)));

    let torn = [&whole[..second + 20], &whole[second + 56 + 11..]].concat();
    let (attacks, packets, bad) = one(&torn);
    assert!(packets >= 297 && !bad.is_empty() && !attacks.is_empty(), "{packets} {bad:?}");

    let soon = u32::try_from(START + 100).unwrap();
    let third = second + 56;
    for (record, seconds) in [(second, u32::MAX / 2), (second, soon), (third, 1000), (24, soon)] {
        let mut mad = whole.clone();
        mad[record..record + 4].copy_from_slice(&seconds.to_le_bytes());
        let (attacks, packets, bad) = one(&mad);
        assert_eq!((packets, bad.len(), bad[0].place), (299, 1, Place::Offset(record as u64)));
        assert_eq!(attacks.iter().map(|attack| attack.packets).sum::<u64>(), 299);
    }
}

#[test]
fn a_darknet_that_is_silent_for_days_is_believed() {
    let days = 10 * 86_400_000;
    let mut packets = flood();
    packets.extend((0..).zip(every(days, 500, 300)).map(|(n, ms)| (at(ms), answer(n))));
    let (attacks, packets, bad) = one(&PLAIN.pcap(&[], &packets));
    assert_eq!((packets, said(&bad)), (600, vec![]));
    assert_eq!(attacks.iter().map(|attack| attack.packets).sum::<u64>(), 600);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_capture_that_is_cut_in_two_shows_the_same(cut in 0_usize..=300, is_ng: bool) {
        let flood = flood();
        let file = |packets: &[(Timestamp, Vec<u8>)]| {
            if is_ng { pcapng(6, packets) } else { PLAIN.pcap(&[], packets) }
        };
        let whole = one(&file(&flood)).0;
        let folder = tempfile::tempdir().unwrap();
        let (early, late) = flood.split_at(cut);
        // The later one has the earlier name.
        let paths =
            [write(folder.path(), "b", &file(early)), write(folder.path(), "a", &file(late))];
        prop_assert_eq!(replay(&paths, inside()).0, whole);
    }

    #[test]
    fn any_damage_is_survived(
        place in 0_usize..16_000,
        octets in prop::collection::vec(any::<u8>(), 1..40),
        is_ng: bool,
    ) {
        let mut file = if is_ng { pcapng(6, &flood()) } else { PLAIN.pcap(&[], &flood()) };
        // The head says what it is.
        let place = 24 + place % (file.len() - 100);
        file[place..place + octets.len()].copy_from_slice(&octets);
        let (_, packets, bad) = one(&file);
        // Records of 56 or 72 octets, two of which may be hit, and one more that is taken for the start
        // of the next; an interface of pcapng is in front of all.
        prop_assert!(packets >= 297 || (is_ng && place < 100), "{packets}, {} bad", bad.len());
        prop_assert!(bad.len() <= 4 || (is_ng && place < 100), "{} bad", bad.len());
    }
}
