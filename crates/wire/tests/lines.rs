//! The seeds of the fuzz corpus against the lines that bgpdump 1.6.2 prints for them: every form that
//! we write, and old ones that nobody writes any more. (In lines of type 5 bgpdump leaves out the bar
//! before `NAG`; here it is put in.)
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test that fails must stop the test"
)]

use falter_wire::mrt::{self, Line, StateLine, Told};

fn check(name: &str, expected: &str) {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/mrt");
    let octets = std::fs::read(format!("{seeds}/{name}")).unwrap();
    let mut lines = String::new();
    mrt::read(&octets, |told| {
        let line = match told {
            Told::Elem(record, elem) => Line::new(record, elem).to_string(),
            Told::State(record, state) => StateLine::new(record, state).to_string(),
            Told::Fault { record, fault } => panic!("record at {record}: {fault}"),
        };
        lines.push_str(&line);
        lines.push('\n');
    });
    similar(&lines, expected);
}

fn similar(found: &str, expected: &str) {
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

#[test]
fn updates_and_states() {
    check("updates", include_str!("lines/updates.txt"));
}

#[test]
fn tables_with_an_index() {
    check("table", include_str!("lines/table.txt"));
}

#[test]
fn old_tables_and_updates_with_two_octets_of_as_number() {
    check("legacy", include_str!("lines/legacy.txt"));
}
