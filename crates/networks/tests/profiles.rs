//! The profiles that the scenarios use can be read and have no errors.

use falter_networks::{Severity, check_text};

#[test]
fn every_profile_of_the_scenarios_has_no_errors() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/profiles");
    let mut n_profiles = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let findings = check_text(&text, &path.display().to_string()).unwrap();
        let errors: Vec<_> =
            findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
        n_profiles += 1;
    }
    assert!(n_profiles >= 2, "found {n_profiles} in {folder}");
}
