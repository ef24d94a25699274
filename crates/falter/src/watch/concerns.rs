//! What is wrong at present, so that each change is told once.

use std::collections::BTreeMap;

use super::status::SourceState;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Concerns {
    troubles: BTreeMap<&'static str, String>,
    sources: BTreeMap<usize, SourceState>,
}

impl Concerns {
    /// Takes note of trouble, or that there is none; true where it begins or ends. What it says may
    /// change meanwhile, like the room that is left.
    pub(crate) fn note(&mut self, concern: &'static str, trouble: Option<&str>) -> bool {
        match trouble {
            None => self.troubles.remove(concern).is_some(),
            Some(says) => self.troubles.insert(concern, says.to_owned()).is_none(),
        }
    }

    /// Whether there is trouble now.
    pub(crate) fn is_trouble(&self, concern: &str) -> bool {
        self.troubles.contains_key(concern)
    }

    /// Takes note of a source; true where it changed.
    pub(crate) fn source_changed(&mut self, place: usize, state: &SourceState) -> bool {
        self.sources.insert(place, state.clone()).as_ref() != Some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_told_once() {
        let mut concerns = Concerns::default();
        assert!(!concerns.note("disk", None));
        assert!(concerns.note("disk", Some("full")));
        assert!(!concerns.note("disk", Some("fuller")));
        assert!(concerns.is_trouble("disk"));
        assert!(concerns.note("disk", None));
        assert!(!concerns.note("disk", None));
    }
}
