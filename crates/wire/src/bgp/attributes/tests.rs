//! What RFC 7606 asks for each attribute that is wrong.

use super::*;

/// `ORIGIN`, `AS_PATH` 64500, `NEXT_HOP` 192.0.2.1: what every route has.
const GOOD: &[u8] = &[0x40, 1, 1, 0, 0x40, 2, 4, 2, 1, 0xFB, 0xF4, 0x40, 3, 4, 192, 0, 2, 1];

const SESSION: Session = Session { width: AsnWidth::Two, add_path: AddPath::NONE };

fn faults(octets: &[u8]) -> (Vec<(Cost, usize)>, bool) {
    let mut faults = Vec::new();
    let (_, usable) = Attributes::decode(octets, SESSION, |fault| {
        faults.push((fault.cost, fault.what.offset()));
    });
    (faults, usable)
}

/// That an attribute after good ones costs this much.
fn check(attribute: &[u8], cost: Option<Cost>) {
    let (faults, usable) = faults(&[GOOD, attribute].concat());
    assert_eq!(faults.first().map(|(cost, _)| *cost), cost, "{attribute:02x?}");
    assert_eq!(usable, cost.is_none_or(|cost| cost == Cost::Attribute), "{attribute:02x?}");
    assert!(faults.iter().all(|(_, offset)| *offset >= GOOD.len()), "{faults:?}");
}

#[test]
fn good_attributes_have_no_fault() {
    check(&[], None);
    check(&[0x80, 4, 4, 0, 0, 0, 9], None);
    check(&[0x40, 6, 0], None);
    check(&[0xC0, 7, 6, 0xFB, 0xF4, 192, 0, 2, 1], None);
    check(&[0xC0, 8, 4, 0xFF, 0xFF, 2, 0x9A], None);
    check(&[0xD0, 8, 0, 4, 0xFF, 0xFF, 2, 0x9A], None);
    check(&[0xC0, 32, 12, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3], None);
    // Unknown ones are no matter.
    check(&[0xC0, 200, 2, 1, 2], None);
}

#[test]
fn some_cost_themselves_alone() {
    check(&[0x40, 5, 3, 0, 0, 0], Some(Cost::Attribute));
    check(&[0x40, 6, 1, 0], Some(Cost::Attribute));
    check(&[0xC0, 7, 8, 0, 0, 0xFB, 0xF4, 192, 0, 2, 1], Some(Cost::Attribute));
    check(&[0xC0, 17, 3, 2, 1, 0], Some(Cost::Attribute));
    check(&[0xC0, 18, 6, 0xFB, 0xF4, 192, 0, 2, 1], Some(Cost::Attribute));
    // Twice: all but the first are discarded.
    check(&[0x40, 1, 1, 2], Some(Cost::Attribute));
}

#[test]
fn some_cost_the_routes() {
    check(&[0x80, 4, 3, 0, 0, 0], Some(Cost::Routes));
    check(&[0xC0, 8, 0], Some(Cost::Routes));
    check(&[0xC0, 8, 5, 1, 2, 3, 4, 5], Some(Cost::Routes));
    check(&[0xC0, 16, 4, 1, 2, 3, 4], Some(Cost::Routes));
    check(&[0xC0, 32, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], Some(Cost::Routes));
    // Flags that the type can't have.
    check(&[0x40, 4, 4, 0, 0, 0, 9], Some(Cost::Routes));
    // Longer than what is left.
    check(&[0x80, 4, 200, 0], Some(Cost::Routes));
    check(&[0x80], Some(Cost::Routes));
    // Next hop of five octets.
    check(&[0x80, 14, 10, 0, 2, 1, 5, 1, 2, 3, 4, 5, 0], Some(Cost::Routes));
}

#[test]
fn wrong_mandatory_attributes_cost_the_routes_and_say_where() {
    for (octets, offset) in [
        (&[0x40, 1, 1, 3][..], 3),
        (&[0x40, 1, 2, 0, 0], 3),
        (&[0x40, 2, 3, 2, 1, 0], 5),
        (&[0x40, 2, 2, 9, 1], 3),
        (&[0x40, 3, 3, 192, 0, 2], 3),
        (&[0xC0, 1, 1, 0], 3),
    ] {
        assert_eq!(faults(octets), (vec![(Cost::Routes, offset)], false), "{octets:02x?}");
    }
}

fn read(octets: &[u8]) -> Attributes<'_> {
    let (attributes, usable) = Attributes::decode(octets, SESSION, |_| {});
    assert!(usable);
    attributes
}

#[test]
fn an_aggregator_that_is_not_as_trans_makes_as4_path_stale() {
    // AS_PATH 23456, AS4_PATH 131279, AS4_AGGREGATOR 131279.
    let path = [0x40, 2, 4, 2, 1, 0x5B, 0xA0, 0xC0, 17, 6, 2, 1, 0, 2, 0, 0xCF];
    let as4 = [0xC0, 18, 8, 0, 2, 0, 0xCF, 192, 0, 2, 1];
    let aggregator = |high, low| [0xC0, 7, 6, high, low, 192, 0, 2, 9];
    let stale = [&path[..], &as4, &aggregator(0xFB, 0xF4)].concat();
    assert_eq!(read(&stale).origin_asn(), Some(AS_TRANS));
    assert_eq!(read(&stale).aggregator().map(|by| by.asn), Some(Asn(64500)));
    let fresh = [&path[..], &as4, &aggregator(0x5B, 0xA0)].concat();
    assert_eq!(read(&fresh).origin_asn(), Some(Asn(131_279)));
    assert_eq!(read(&fresh).aggregator().map(|by| by.asn), Some(Asn(131_279)));
}

#[test]
fn blackholed_is_the_one_community() {
    let with = |community: [u8; 4]| [GOOD, &[0xC0, 8, 8, 0, 1, 0, 2], &community].concat();
    assert!(read(&with([0xFF, 0xFF, 2, 0x9A])).is_blackholed());
    assert!(!read(&with([0xFF, 0xFF, 2, 0x9B])).is_blackholed());
}
