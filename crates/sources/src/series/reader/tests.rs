use super::*;
use crate::series::SeriesWriter;
use falter_model::{Entity, Span, Step};
use proptest::prelude::*;

fn lines(csv: &str) -> Vec<String> {
    SeriesReader::new(csv.as_bytes())
        .map(|row| match row {
            Ok(Row { line, at, value }) => {
                format!("{line} {at} {} {:?}", value.entity, value.value)
            }
            Err(BadRow { line, source }) => format!("{line} {source}"),
        })
        .collect()
}

#[test]
fn the_header_decides_the_order_and_optional_columns_may_be_missing() {
    let rows = lines(
        "value,time,entity,signal\n1.5,2021-01-13T16:00Z,country/UG,a\n,2021-01-13T22:00Z,country/UG,a\n",
    );
    assert_eq!(
        rows,
        ["2 2021-01-13T16:00:00Z country/UG Some(1.5)", "3 2021-01-13T22:00:00Z country/UG None"]
    );
}

#[test]
fn bad_lines_are_told_with_their_number_and_skipped() {
    let rows = lines(
        "time,entity,signal,value,n,step_s\n\
         yesterday,country/UG,a,1,,\n\
         2021-01-01T00:00Z,planet/UG,a,1,,\n\
         2021-01-01T00:00Z,country/UG,,1,,\n\
         2021-01-01T00:00Z,country/UG,a,NaN,,\n\
         2021-01-01T00:00Z,country/UG,a,inf,,\n\
         2021-01-01T00:00Z,country/UG,a,1,-1,\n\
         2021-01-01T00:00Z,country/UG,a,1,,0\n\
         2021-01-01T00:00Z,country/UG,a,1\n\
         \n\
         2021-01-01T00:00Z,\"country/UG\",a,1,,300\n",
    );
    let said = [
        "2 expected an RFC 3339 time",
        "3 expected network/",
        "4 the field signal is empty",
        "5 expected a finite number or nothing in the field value, found \"NaN\"",
        "6 expected a finite number or nothing in the field value, found \"inf\"",
        "7 expected a count or nothing in the field n, found \"-1\"",
        "8 expected a step of at least one second or nothing in the field step_s, found \"0\"",
        "9 expected 6 fields as in the header, found 4",
        "11 2021-01-01T00:00:00Z country/UG Some(1.0)",
    ];
    assert_eq!(rows.len(), said.len(), "{rows:#?}");
    for (row, said) in rows.iter().zip(said) {
        assert!(row.starts_with(said), "{row:?} {said:?}");
    }
}

#[test]
fn octets_that_are_no_text_are_a_bad_line() {
    let csv = b"time,entity,signal,value\n2021-01-01T00:00Z,country/UG,\xff,1\n2021-01-01T00:00Z,country/UG,a,1\n";
    let rows: Vec<_> = SeriesReader::new(&csv[..]).map(|row| row.is_ok()).collect();
    assert_eq!(rows, [false, true]);
}

#[test]
fn an_open_quotation_and_an_endless_line_cost_one_line_each() {
    let endless = "x".repeat(3 << 20);
    let rows = lines(&format!(
        "time,entity,signal,value\n2021-01-01T00:00Z,\"country/UG,a,1\n{endless}\n2021-01-01T00:00Z,country/UG,a,1"
    ));
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(rows[0].starts_with("2 expected 4 fields"), "{rows:?}");
    assert!(rows[1].starts_with("3 expected a line"), "{rows:?}");
    assert!(rows[2].starts_with("4 2021"), "{rows:?}");
}

fn value() -> impl Strategy<Value = Value> {
    let text = "[a-z][ -~]{0,8}[a-z]";
    let number = || prop::option::of(-1e300..1e300_f64);
    let step = (1_000_000..1_000_000_000_i64).prop_map(Span::from_micros);
    (
        text,
        text,
        text,
        number(),
        prop::option::of(0.0..1e9),
        prop::option::of(step),
        prop::option::of(text),
    )
        .prop_map(|(vantage, region, signal, value, n, step, unit)| Value {
            vantage: vantage.as_str().into(),
            entity: Entity::Region(region.as_str().into()),
            signal: signal.as_str().into(),
            value,
            n,
            step: step.map(|width| Step::new(width).unwrap()),
            unit: unit.map(|unit| unit.as_str().into()),
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read(values in prop::collection::vec((value(), 0..4_000_000_000_000_000_i64), 0..8)) {
        let mut writer = SeriesWriter::new(Vec::new()).unwrap();
        for (value, micros) in &values {
            writer.write(Timestamp::from_micros(*micros), value).unwrap();
        }
        let csv = writer.finish().unwrap();
        let rows: Vec<_> = SeriesReader::new(&csv[..])
            .map(|row| row.map(|row| (row.value, row.at.micros())))
            .collect::<Result<_, _>>()
            .unwrap();
        prop_assert_eq!(rows, values);
    }
}
