//! The profiles of the folder `networks/`, built into the program.

/// Name and TOML of each, sorted by name. A new file in `networks/` needs a line here.
const BUNDLED: &[(&str, &str)] = &[("kp", include_str!("../../../networks/kp.toml"))];

/// Name and TOML of every bundled profile, sorted by name.
pub const fn bundled() -> &'static [(&'static str, &'static str)] {
    BUNDLED
}

/// The TOML of a bundled profile; `None` where there is none of that name.
pub fn find(name: &str) -> Option<&'static str> {
    BUNDLED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Severity, check_text, parse};

    #[test]
    fn each_can_be_read_and_has_no_errors() {
        for (name, text) in bundled() {
            let profile = parse(text, "bundled").unwrap();
            assert_eq!(&*profile.name, *name);
            let findings = check_text(text, "bundled").unwrap();
            let errors: Vec<_> =
                findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
        }
    }

    #[test]
    fn every_file_of_the_folder_is_bundled() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../networks");
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
            .collect();
        names.sort();
        assert_eq!(names, bundled().iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }
}
