//! Databases small enough to be written here, octet by octet, after the MaxMind DB File Format
//! Specification 2.0.

use super::*;
use crate::AddressTable;

/// What a data section holds, as far as is needed here.
#[derive(Debug)]
enum Data {
    Text(&'static str),
    U16(u16),
    U32(u32),
    /// A control octet of an extended type with no content.
    Empty(Extended),
    Map(Vec<(&'static str, Self)>),
}

/// Types beyond seven: the second octet is the type less seven.
#[derive(Debug, Clone, Copy)]
enum Extended {
    /// The number 0.
    U64 = 9 - 7,
    Array = 11 - 7,
}

fn encode(data: &Data, out: &mut Vec<u8>) {
    match data {
        Data::Text(text) => {
            out.push(2 << 5 | u8::try_from(text.len()).unwrap());
            out.extend(text.bytes());
        }
        Data::U16(number) => {
            out.push(5 << 5 | 2);
            out.extend(number.to_be_bytes());
        }
        Data::U32(number) => {
            out.push(6 << 5 | 4);
            out.extend(number.to_be_bytes());
        }
        Data::Empty(extended) => out.extend([0, *extended as u8]),
        Data::Map(entries) => {
            out.push(7 << 5 | u8::try_from(entries.len()).unwrap());
            for (key, value) in entries {
                encode(&Data::Text(key), out);
                encode(value, out);
            }
        }
    }
}

/// A database with one record for the given IPv4 prefix, an all-IPv4 tree of 24-bit pointers.
fn database(prefix: &str, record: &Data) -> Vec<u8> {
    let prefix: Prefix = prefix.parse().unwrap();
    let (high, _) = prefix.words();
    let n_nodes = u32::from(prefix.length());
    let mut out = Vec::new();
    for depth in 0..n_nodes {
        // To the next node, or from the last one to the data, which lie 16 octets behind the tree.
        let onward = if depth + 1 < n_nodes { depth + 1 } else { n_nodes + 16 };
        let goes_right = high >> (63 - depth) & 1 == 1;
        let (left, right) = if goes_right { (n_nodes, onward) } else { (onward, n_nodes) };
        out.extend(&left.to_be_bytes()[1..]);
        out.extend(&right.to_be_bytes()[1..]);
    }
    out.extend([0; 16]);
    encode(record, &mut out);
    out.extend(MARKER);
    let metadata = Data::Map(vec![
        ("binary_format_major_version", Data::U16(2)),
        ("binary_format_minor_version", Data::U16(0)),
        ("build_epoch", Data::Empty(Extended::U64)),
        ("database_type", Data::Text("small")),
        ("description", Data::Map(Vec::new())),
        ("ip_version", Data::U16(4)),
        ("languages", Data::Empty(Extended::Array)),
        ("node_count", Data::U32(n_nodes)),
        ("record_size", Data::U16(24)),
    ]);
    encode(&metadata, &mut out);
    out
}

fn check(record: &Data) {
    let octets = database("175.45.176.0/22", record);
    let (table, bad) = AddressTable::read(&octets).unwrap();
    assert_eq!((table.len(), bad.len()), (1, 0));
    let country = |text: &str| table.country(text.parse().unwrap()).map(|code| code.to_string());
    assert_eq!(country("175.45.177.0/24").as_deref(), Some("KP"));
    assert_eq!(country("175.45.180.0/24"), None);
}

#[test]
fn a_country_stands_in_a_record_in_one_of_three_forms() {
    check(&Data::Map(vec![("country_code", Data::Text("KP"))]));
    check(&Data::Map(vec![("country", Data::Text("KP"))]));
    check(&Data::Map(vec![("country", Data::Map(vec![("iso_code", Data::Text("KP"))]))]));
    check(&Data::Map(vec![
        ("asn", Data::Text("AS131279")),
        ("country", Data::Map(vec![("geoname_id", Data::U32(1)), ("iso_code", Data::Text("KP"))])),
    ]));
}

#[test]
fn a_database_without_countries_is_told_by_its_type() {
    let octets = database("10.0.0.0/8", &Data::Map(vec![("asn", Data::Text("AS1"))]));
    let error = AddressTable::read(&octets).unwrap_err();
    assert!(matches!(error, AddressTableError::NoCountries { ref kind } if &**kind == "small"));
}

#[test]
fn no_truncation_and_no_flipped_bit_panics() {
    let octets = database("175.45.176.0/22", &Data::Map(vec![("country_code", Data::Text("KP"))]));
    // What comes of it is either a table or an error; a wrong one is not looked for.
    for length in 0..octets.len() {
        drop(AddressTable::read(&octets[..length]));
    }
    for bit in 0..8 * octets.len() {
        let mut flipped = octets.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        drop(AddressTable::read(&flipped));
    }
}
