//! Where an outage comes from: whether it was measured at all, and what its numbers rest on.

use crate::numbers;

/// Where an outage comes from. The default is a measurement of which nothing more is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Provenance<'a> {
    /// Whether it was measured in the world.
    pub nature: Nature,
    /// What its numbers rest on, in the order in which it is listed.
    pub grounds: &'a [Ground],
}

/// Whether an outage was measured in the world.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Nature {
    /// It was.
    #[default]
    Measured,
    /// It was played: in a testbed, or by hand.
    Reenacted {
        /// How many times faster than life; `None` where that is not known.
        time_scale: Option<f64>,
    },
    /// Whoever kept it did not say.
    Unknown,
}

/// Something that an outage's numbers rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// What it is: `profile kp`, `input archive/updates.gz`.
    pub what: String,
    /// Its digest in hexadecimal: SHA-256, but of the fit its own. Empty where it is not known.
    pub digest: String,
}

/// Digits of a digest that are shown where there is no room for all: enough to tell files apart.
const SHORT: usize = 12;

impl Nature {
    /// What a headline says after the state.
    pub(crate) const fn mark(self) -> &'static str {
        match self {
            Self::Measured => "",
            Self::Reenacted { .. } => ", re-enacted",
            Self::Unknown => ", perhaps re-enacted",
        }
    }

    /// What a reader must know before anything else; `None` for a measurement.
    pub(crate) fn warning(self) -> Option<String> {
        match self {
            Self::Measured => None,
            Self::Reenacted { time_scale } => {
                let pace = time_scale.map(numbers::short).filter(|pace| pace != "1");
                let pace = pace.map_or_else(String::new, |pace| {
                    format!(", played at {pace} times the pace of life")
                });
                Some(format!("A re-enactment{pace}: nothing of this was measured in the world."))
            }
            Self::Unknown => Some(
                "Kept by an older version, which did not tell re-enactments from measurements."
                    .to_owned(),
            ),
        }
    }
}

impl Ground {
    /// Its digest, or that there is none.
    pub(crate) fn digest(&self) -> &str {
        if self.digest.is_empty() { "not known" } else { &self.digest }
    }

    /// The first digits of its digest, or that there is none.
    pub(crate) fn short_digest(&self) -> &str {
        self.digest.get(..SHORT).unwrap_or(self.digest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_re_enactment_is_told_before_anything_else() {
        let told = |nature: Nature| nature.warning().unwrap_or_default();
        let played = |time_scale| told(Nature::Reenacted { time_scale });
        assert_eq!(told(Nature::Measured), "");
        assert!(played(None).starts_with("A re-enactment: nothing"));
        assert!(played(Some(1.0)).starts_with("A re-enactment: nothing"));
        assert!(
            played(Some(60.0)).starts_with("A re-enactment, played at 60 times the pace of life:")
        );
        assert!(told(Nature::Unknown).contains("re-enactments"));
    }

    #[test]
    fn a_short_digest_is_its_beginning() {
        let ground = |digest: &str| Ground { what: "fit".to_owned(), digest: digest.to_owned() };
        assert_eq!(ground(&"0123456789abcdef".repeat(4)).short_digest(), "0123456789ab");
        assert_eq!(ground("abc").short_digest(), "abc");
        assert_eq!(ground("").short_digest(), "not known");
    }
}
