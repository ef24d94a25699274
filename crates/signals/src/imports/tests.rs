use falter_model::Entity;

use super::*;

fn profile() -> Profile {
    Profile {
        aliases: vec!["country/UG".parse().unwrap()],
        asns: vec![Asn(1), Asn(2)],
        ..Profile::named("ug", "Uganda")
    }
}

/// Rows of (hour, entity, vantage, value, n).
type Rows<'a> = &'a [(i64, &'a str, &'a str, Option<f64>, Option<f64>)];

fn told(network: Option<&Profile>, rows: Rows<'_>, entity: &str) -> Vec<(i64, Option<f64>)> {
    let mut imports = Imports::new(network);
    let mut out = Vec::new();
    for (hour, entity, vantage, value, n) in rows {
        let at = Timestamp::from_seconds(hour * 3600);
        imports.tell(at, &mut out);
        let value = Value {
            vantage: (*vantage).into(),
            entity: entity.parse().unwrap(),
            signal: "rib.entries".into(),
            value: *value,
            n: *n,
            step: None,
            unit: None,
        };
        imports.take(at, &value);
    }
    imports.tell(Timestamp::MAX, &mut out);
    let entity: Entity = entity.parse().unwrap();
    out.iter()
        .filter(|reading| reading.entity == entity)
        .map(|reading| (reading.at.seconds() / 3600, reading.value))
        .collect()
}

#[test]
fn an_alias_is_the_network() {
    let rows = [(0, "country/UG", "a", Some(7.0), None)];
    assert_eq!(told(Some(&profile()), &rows, "network/ug"), [(0, Some(7.0))]);
    assert_eq!(told(None, &rows, "country/UG"), [(0, Some(7.0))]);
}

#[test]
fn a_network_that_nobody_measured_is_the_sum_of_its_parts() {
    let rows = [
        (0, "asn/AS1", "a", Some(3.0), Some(4.0)),
        (0, "asn/AS2", "a", Some(5.0), Some(6.0)),
        (0, "asn/AS3", "a", Some(100.0), Some(100.0)),
    ];
    assert_eq!(told(Some(&profile()), &rows, "network/ug"), [(0, Some(8.0))]);
}

#[test]
fn its_own_series_beats_the_sum() {
    let rows =
        [(0, "asn/AS1", "a", Some(3.0), Some(4.0)), (0, "country/UG", "a", Some(50.0), Some(60.0))];
    assert_eq!(told(Some(&profile()), &rows, "network/ug"), [(0, Some(50.0))]);
}

#[test]
fn a_missing_part_is_a_gap_not_a_loss() {
    let both = |hour| {
        [(hour, "asn/AS1", "a", Some(3.0), Some(4.0)), (hour, "asn/AS2", "a", Some(5.0), Some(6.0))]
    };
    let mut rows: Vec<_> = both(0).to_vec();
    rows.push((1, "asn/AS1", "a", Some(3.0), Some(4.0)));
    rows.push((2, "asn/AS1", "a", Some(3.0), Some(4.0)));
    rows.push((2, "asn/AS2", "a", None, None));
    rows.extend(both(3));
    assert_eq!(
        told(Some(&profile()), &rows, "network/ug"),
        [(0, Some(8.0)), (1, None), (2, None), (3, Some(8.0))]
    );
}

#[test]
fn values_that_count_nothing_are_not_summed() {
    let rows = [(0, "asn/AS1", "a", Some(3.0), None), (0, "asn/AS2", "a", Some(3.0), None)];
    assert!(told(Some(&profile()), &rows, "network/ug").is_empty());
}

#[test]
fn vantage_points_of_one_time_become_their_median() {
    let rows = [
        (0, "asn/AS9", "a", Some(3.0), None),
        (0, "asn/AS9", "b", Some(90.0), None),
        (0, "asn/AS9", "c", Some(5.0), None),
        (0, "asn/AS9", "d", None, None),
        (1, "asn/AS9", "a", Some(3.0), None),
        (1, "asn/AS9", "b", Some(4.0), None),
    ];
    assert_eq!(told(None, &rows, "asn/AS9"), [(0, Some(5.0)), (1, Some(3.5))]);
}
