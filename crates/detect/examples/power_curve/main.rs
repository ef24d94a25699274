//! Prints docs/power-curve.md: how surely a drop of a given depth and length is found in real quiet
//! months. `cargo run --release -p falter-detect --example power_curve > docs/power-curve.md`
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a program for developers: it stops where the data is missing or broken"
)]

mod month;

use month::{Form, Month};

const LOSSES: [u32; 12] = [5, 6, 8, 10, 12, 15, 20, 25, 40, 60, 80, 100];
const SAMPLES: [usize; 9] = [1, 2, 3, 4, 6, 8, 12, 16, 20];
const TRIALS: u32 = 100;

fn main() {
    println!("{HEAD}");
    for (title, file) in [
        ("Ten British ASes, August 2020", "GB-2020-08-control.csv"),
        ("Twelve Texan ASes, January 2021", "US-TX-2021-01-baseline.csv"),
    ] {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/visibility");
        let month = Month::parse(&std::fs::read_to_string(format!("{folder}/{file}")).unwrap());
        for (words, forms) in [
            ("prefixes and table entries", &[Form::Prefixes, Form::Entries][..]),
            ("table entries alone", &[Form::Entries]),
        ] {
            println!("## {title}, {words}\n");
            print_table(&month, forms);
        }
        println!("## {title}, a quarter lost for three samples, by the form of the series\n");
        print_forms(&month);
    }
}

fn print_table(month: &Month, forms: &[Form]) {
    let head: Vec<String> = SAMPLES.iter().map(|samples| format!(" {samples} |")).collect();
    println!("| lost \\ samples |{}", head.concat());
    println!("|---|{}", "---|".repeat(SAMPLES.len()));
    let mut others = 0;
    for lost in LOSSES {
        let cells: Vec<String> = SAMPLES
            .iter()
            .map(|samples| {
                let power = month.power(f64::from(lost) / 100.0, *samples, forms, TRIALS);
                others += power.others;
                format!(" {} |", power.found)
            })
            .collect();
        println!("| {lost} % |{}", cells.concat());
    }
    println!("\nOther national outages in these runs: {others}.\n");
}

fn print_forms(month: &Month) {
    println!("| form | mean | found of {TRIALS} | other national outages |\n|---|---|---|---|");
    for form in Form::ALL {
        let readings = month.readings(&[form]);
        let values = readings.iter().filter(|reading| reading.entity.is_top());
        let mean = values.filter_map(|reading| reading.value).sum::<f64>() / month.len() as f64;
        let power = month.power(0.25, 3, &[form], TRIALS);
        println!("| {form:?} | {mean:.4} | {} | {} |", power.found, power.others);
    }
    println!();
}

const HEAD: &str = "\
# Power curve: how surely a drop is found

Each number is how many of 100 drops were found. A drop takes the given share of every AS's prefixes
and table entries away for the given number of samples (snapshots four times a day, so 1 sample is
about six hours and 20 are five days). It is injected into a real month without a national outage, at
a place drawn with a fixed seed from all times after the first half day; one drop a run. It is
found if a national outage overlaps it.

Losses under 5 % make no outage by definition (docs/method.md); 5 % itself lies on the edge. Table
entries are prefixes times peers, and fall when a collector loses peers: by themselves they must fall
by 15 %.

Made by `cargo run --release -p falter-detect --example power_curve` from RouteViews counts that are
not part of this repository (`../shared/data/visibility`).
";
