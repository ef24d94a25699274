//! Tables in the forms that registries ship, made by hand.

use super::*;
use proptest::prelude::*;

const TEXT: &str =
    "1.0.0.0,1.0.0.255,AU\n175.45.168.0,175.45.175.255,JP\n175.45.176.0,175.45.179.255,KP\n";
const NUMBERS: &str = "16777216,16777471,AU\n2939004928,2939006975,JP\n2939006976,2939007999,KP\n";
const V6: &str = "2001:200::,2001:200:ffff:ffff:ffff:ffff:ffff:ffff,JP\n";
const V6_NUMBERS: &str =
    "42540528726795050063891204319802818560,42540528806023212578155541913346768895,JP\n";

fn table(text: &str) -> AddressTable {
    let (table, bad) = AddressTable::read(text.as_bytes()).unwrap();
    assert_eq!(bad, []);
    table
}

fn check(table: &AddressTable, prefix: &str, expected: Option<&str>) {
    let found = table.country(prefix.parse().unwrap());
    assert_eq!(found.map(|code| code.to_string()).as_deref(), expected, "{prefix}");
}

#[test]
fn addresses_may_be_texts_or_numbers() {
    for text in [TEXT, NUMBERS, &TEXT.replace('\n', "\r\n"), &TEXT.replace(",KP", ",\"KP\"")] {
        let table = table(text);
        check(&table, "175.45.176.0/24", Some("KP"));
        check(&table, "175.45.176.0/22", Some("KP"));
        check(&table, "175.45.175.255/32", Some("JP"));
        check(&table, "175.45.180.0/24", None);
        check(&table, "::/0", None);
    }
    for text in [V6, V6_NUMBERS] {
        check(&table(text), "2001:200:1::/48", Some("JP"));
        check(&table(text), "2001:201::/32", None);
    }
}

#[test]
fn the_country_of_a_prefix_is_that_of_most_of_its_addresses() {
    let table = table(TEXT);
    check(&table, "175.45.160.0/19", Some("JP"));
    let prefix = "175.45.160.0/19".parse().unwrap();
    assert_eq!(table.addresses_in(prefix, "KP".parse().unwrap()), 1024);
    assert_eq!(table.addresses_in(prefix, "AU".parse().unwrap()), 0);
}

#[test]
fn two_tables_join_and_the_first_decides() {
    let joined = table(TEXT).join(table(V6)).join(table("175.45.176.0/21,CN\n"));
    check(&joined, "175.45.176.0/22", Some("KP"));
    check(&joined, "175.45.180.0/22", Some("CN"));
    check(&joined, "2001:200::/32", Some("JP"));
    assert_eq!(joined.len(), 5);
}

#[test]
fn bad_lines_are_told_and_left_out() {
    let text = format!("first,last,country\n{TEXT}1.0.1.0,1.0.0.0,CN\n1.0.1.0,::1,CN\nx\n");
    let (table, bad) = AddressTable::read(text.as_bytes()).unwrap();
    assert_eq!(table.len(), 3);
    assert_eq!(bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [5, 6, 7]);
    assert!(bad[0].to_string().contains("1.0.1.0,1.0.0.0,CN"));
}

#[test]
fn what_is_no_table_is_refused() {
    for octets in [b"" as &[u8], b"hello\n", b"\x1f\x8b\x08\x00", &[0xff; 300]] {
        let error = AddressTable::read(octets).unwrap_err();
        assert!(matches!(error, AddressTableError::Unknown { .. }), "{error}");
    }
    let error = AddressTable::read(b"zzz\xab\xcd\xefMaxMind.com").unwrap_err();
    assert!(matches!(error, AddressTableError::Mmdb(_)), "{error}");
}

#[test]
fn the_whole_of_a_family_can_be_one_range() {
    check(&table("0.0.0.0/0,KP\n"), "0.0.0.0/0", Some("KP"));
    check(&table("::/0,KP\n"), "::/0", Some("KP"));
}

fn arbitrary_ranges() -> impl Strategy<Value = Vec<(u8, u8, bool)>> {
    proptest::collection::vec(any::<(u8, u8, bool)>(), 1..12)
}

fn csv(ranges: &[(u8, u8, bool)]) -> String {
    let line = |(a, b, in_kp): &(u8, u8, bool)| {
        let country = if *in_kp { "KP" } else { "CN" };
        format!("10.0.0.{},10.0.0.{},{country}\n", a.min(b), a.max(b))
    };
    ranges.iter().map(line).collect()
}

proptest! {
    #[test]
    fn every_address_has_one_country_at_most(ranges in arbitrary_ranges(), length in 24_u8..=32) {
        let table = table(&csv(&ranges));
        let count = |prefix: Prefix| {
            ["KP", "CN"].map(|code| table.addresses_in(prefix, code.parse().unwrap()))
        };
        let known = (0..=255).filter(|x| ranges.iter().any(|(a, b, _)| (a.min(b)..=a.max(b)).contains(&x)));
        let whole = "10.0.0.0/24".parse().unwrap();
        prop_assert_eq!(count(whole).iter().sum::<u128>(), known.count() as u128);
        // Parts sum up to the whole.
        let mut sum = [0, 0];
        for n in 0..1_u32 << (length - 24) {
            let part = Prefix::v4(0x0a00_0000 + (n << (32 - length)), length).unwrap();
            let counts = count(part);
            sum = [sum[0] + counts[0], sum[1] + counts[1]];
        }
        prop_assert_eq!(sum, count(whole));
    }

    #[test]
    fn joining_keeps_what_the_first_knows(a in arbitrary_ranges(), b in arbitrary_ranges()) {
        let (first, second) = (table(&csv(&a)), table(&csv(&b)));
        let joined = first.clone().join(second.clone());
        for last in 0..=255_u32 {
            let host = Prefix::v4(0x0a00_0000 + last, 32).unwrap();
            prop_assert_eq!(joined.country(host), first.country(host).or(second.country(host)));
        }
    }
}
