//! Profiles written from a small RIB, compared with what they must be.

#![expect(clippy::unwrap_used, reason = "a helper that fails must stop the test")]

use falter_model::{Asn, Prefix};
use falter_networks::{
    AddressTable, InitError, Severity, Sources, Subject, Tally, check, init, parse,
};

const TABLE: &str = "\
41.210.128.0,41.210.191.255,UG
102.80.0.0,102.81.255.255,UG
102.82.0.0,102.83.255.255,KE
175.45.176.0,175.45.179.255,KP
8.8.8.0,8.8.8.255,US
2c0f:f6d0::,2c0f:f6d0:ffff:ffff:ffff:ffff:ffff:ffff,UG
";

/// Prefix and path, one line an entry.
const RIB: &str = "\
175.45.176.0/24 3333 4837 131279
175.45.177.0/24 3333 4837 131279 131279
175.45.178.0/24 3333 20485 131279
175.45.179.0/24 3333 4837 131279
41.210.128.0/18 3333 6453 20294
41.210.128.0/18 1299 6453 20294
41.210.160.0/19 3333 20294
102.80.0.0/16 3333 6762 20294 37113
102.81.0.0/16 3333 6762 37113
102.82.0.0/15 3333 6762 37122
2c0f:f6d0::/32 3333 6939 327687
8.8.8.0/24 3333 15169
0.0.0.0/0 3333 20294
";

fn tally() -> Tally {
    let mut tally = Tally::new();
    for line in RIB.lines() {
        let (prefix, path) = line.split_once(' ').unwrap();
        let path: Vec<Asn> = path.split(' ').map(|asn| asn.parse().unwrap()).collect();
        tally.add(prefix.parse::<Prefix>().unwrap(), path.last().copied(), &path);
    }
    tally
}

fn table() -> AddressTable {
    AddressTable::read(TABLE.as_bytes()).unwrap().0
}

fn sources() -> Sources {
    Sources {
        routes: "rib.mrt, 2026-01-01T00:00:00Z".to_owned(),
        addresses: Some("asn-country-ipv4.csv".to_owned()),
    }
}

/// What is written can be read again, without errors.
fn written(subject: Subject, table: Option<&AddressTable>) -> String {
    let text = init(subject, &tally(), table, &sources()).unwrap();
    let profile = parse(&text, "init").unwrap();
    let findings = check(&profile);
    assert!(findings.iter().all(|finding| finding.severity != Severity::Error), "{findings:#?}");
    text
}

#[test]
fn a_country_of_one_as() {
    insta::assert_snapshot!(written(Subject::Country("KP".parse().unwrap()), Some(&table())));
}

#[test]
fn a_country_of_several_ases() {
    insta::assert_snapshot!(written(Subject::Country("UG".parse().unwrap()), Some(&table())));
}

#[test]
fn an_as_of_a_country_with_many_time_zones() {
    insta::assert_snapshot!(written(Subject::As(Asn(15_169)), Some(&table())));
}

#[test]
fn an_as_without_a_table() {
    insta::assert_snapshot!(written(Subject::As(Asn(37_113)), None));
}

#[test]
fn what_is_not_there_is_an_error() {
    let country = "FR".parse().unwrap();
    let table = table();
    let error = |subject, table| init(subject, &tally(), table, &sources()).unwrap_err();
    assert_eq!(
        error(Subject::Country(country), Some(&table)),
        InitError::NoAsInCountry { country, origins: 6 }
    );
    assert_eq!(error(Subject::Country(country), None), InitError::NoTable { country });
    assert_eq!(
        error(Subject::As(Asn(1)), None),
        InitError::NotInRoutes { asn: Asn(1), routes: 11 }
    );
}

#[test]
fn a_country_of_very_many_prefixes_is_its_ases() {
    let mut tally = tally();
    for n in 0..600 {
        let prefix = Prefix::v4(0x2900_0000 + (n << 9), 24).unwrap();
        tally.add(prefix, Some(Asn(20_294)), &[Asn(6453), Asn(20_294)]);
    }
    let table = table().join(AddressTable::read(b"41.0.0.0/9,UG\n").unwrap().0);
    let subject = Subject::Country("UG".parse().unwrap());
    let text = init(subject, &tally, Some(&table), &sources()).unwrap();
    assert!(text.contains("too many to list"), "{text}");
    assert!(parse(&text, "init").unwrap().prefixes.is_empty());
}
