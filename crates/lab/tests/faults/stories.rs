//! Stories: what holds for all of them, whatever the seed.

use std::collections::BTreeMap;
use std::time::Duration;

use falter_lab::country::{Country, Size};
use falter_lab::faults::{self, Fault, Implementation};
use falter_lab::story::Story;
use proptest::prelude::*;

/// From onset to the last action; routes need up to 4 s more to come back.
const LONGEST: Duration = Duration::from_secs(36);

fn everything() -> impl Iterator<Item = (&'static Fault, &'static Implementation)> {
    let faults = faults::ALL.iter().copied();
    faults.flat_map(|fault| fault.implementations.iter().map(move |own| (fault, own)))
}

fn story(
    country: &Country,
    fault: &Fault,
    implementation: &Implementation,
    asked: &BTreeMap<String, f64>,
    seed: u64,
) -> Story {
    faults::story(country, fault.name, Some(implementation.name), asked, seed).unwrap()
}

fn check(story: &Story, implementation: &Implementation) {
    let what = format!("{}, {}", story.fault, story.implementation);
    assert!(story.steps.is_sorted_by_key(|step| step.at), "{what}");
    assert!(story.lasts() <= LONGEST, "{what} lasts {:?}", story.lasts());
    assert!(!story.extent.is_empty(), "{what}");
    for parameter in implementation.parameters {
        let value = story.parameters[parameter.name];
        assert!(
            (parameter.least..=parameter.most).contains(&value),
            "{what}: {parameter:?} {value}"
        );
    }
    for step in &story.steps {
        let words = step.action.to_string();
        assert!(words.split(' ').count() >= 3, "{what}: {words:?}");
        assert!(words.is_ascii() && !words.contains('\n'), "{what}: {words:?}");
    }
}

proptest! {
    #[test]
    fn a_story_is_the_same_for_the_same_seed_and_within_its_bounds(seed: u64) {
        let country = Country::new(&Size::default());
        for (fault, implementation) in everything() {
            let told = story(&country, fault, implementation, &BTreeMap::new(), seed);
            prop_assert_eq!(&told, &story(&country, fault, implementation, &BTreeMap::new(), seed));
            check(&told, implementation);
        }
    }

    #[test]
    fn what_is_drawn_is_what_is_usual(seed: u64) {
        let country = Country::new(&Size::default());
        for (fault, implementation) in everything() {
            let told = story(&country, fault, implementation, &BTreeMap::new(), seed);
            for parameter in implementation.parameters {
                let (low, high) = parameter.usual;
                prop_assert!((low..=high).contains(&told.parameters[parameter.name]));
            }
        }
    }

    #[test]
    fn extremes_are_within_the_bounds_too(seed: u64, choices: u16) {
        let country = Country::new(&Size { ases: 5, prefixes: 20, ..Size::default() });
        for (fault, implementation) in everything() {
            let extreme = |(number, own): (usize, &faults::Parameter)| {
                let value = if choices >> number & 1 == 1 { own.most } else { own.least };
                (own.name.to_owned(), value)
            };
            let asked: BTreeMap<String, f64> =
                implementation.parameters.iter().enumerate().map(extreme).collect();
            check(&story(&country, fault, implementation, &asked, seed), implementation);
        }
    }
}

#[test]
fn the_seed_chooses_among_implementations() {
    let country = Country::new(&Size::default());
    for fault in faults::ALL {
        let mut names: Vec<&str> = (0..200)
            .map(|seed| {
                faults::story(&country, fault.name, None, &BTreeMap::new(), seed)
                    .unwrap()
                    .implementation
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), fault.implementations.len(), "{}", fault.name);
    }
}

#[test]
fn asking_for_one_parameter_does_not_change_the_others() {
    let country = Country::new(&Size::default());
    for (fault, implementation) in everything() {
        let drawn = story(&country, fault, implementation, &BTreeMap::new(), 5).parameters;
        for parameter in implementation.parameters {
            let asked = BTreeMap::from([(parameter.name.to_owned(), parameter.most)]);
            let mut told = story(&country, fault, implementation, &asked, 5).parameters;
            assert_eq!(told.insert(parameter.name, drawn[parameter.name]), Some(parameter.most));
            assert_eq!(told, drawn);
        }
    }
}

#[test]
fn nonsense_is_refused_with_what_there_is() {
    let country = Country::new(&Size::default());
    let asked = |fault: &str, implementation: Option<&str>, name: &str, value: f64| {
        let parameters = BTreeMap::from([(name.to_owned(), value)]);
        faults::story(&country, fault, implementation, &parameters, 1).unwrap_err().to_string()
    };
    assert!(asked("flood", None, "lasts_s", 10.0).contains("overload, power, link"));
    assert!(asked("link", Some("flood"), "lasts_s", 10.0).contains("both-cut"));
    assert!(asked("link", Some("both-cut"), "last_s", 10.0).contains("lasts_s"));
    assert!(asked("link", Some("both-cut"), "lasts_s", 1e9).contains("expected 6 to 30"));
    assert!(asked("link", Some("both-cut"), "lasts_s", f64::NAN).contains("expected 6 to 30"));
}

#[test]
fn names_are_unique_and_parameters_sound() {
    for (fault, implementation) in everything() {
        let same = fault.implementations.iter().filter(|own| own.name == implementation.name);
        assert_eq!(same.count(), 1, "{}", implementation.name);
        for own in implementation.parameters {
            let (low, high) = own.usual;
            assert!(own.least <= low && low <= high && high <= own.most, "{own:?}");
        }
    }
}
