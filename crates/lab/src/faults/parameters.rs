//! What can be set about a fault.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail};

use super::Dice;

/// Something about an implementation that can be set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Its name; the unit ends it (`rate_pps`, `lasts_s`).
    pub name: &'static str,
    /// What it is, for people.
    pub says: &'static str,
    /// The least that it may be.
    pub least: f64,
    /// The most.
    pub most: f64,
    /// From where to where it is drawn.
    pub usual: (f64, f64),
    /// Values are multiples of this.
    pub grain: f64,
}

impl Parameter {
    /// Seconds, to the tenth.
    pub(super) const fn seconds(
        name: &'static str,
        says: &'static str,
        (least, most): (f64, f64),
        usual: (f64, f64),
    ) -> Self {
        Self { name, says, least, most, usual, grain: 0.1 }
    }

    /// A whole number.
    pub(super) const fn whole(
        name: &'static str,
        says: &'static str,
        (least, most): (f64, f64),
        usual: (f64, f64),
    ) -> Self {
        Self { name, says, least, most, usual, grain: 1.0 }
    }

    /// The nearest multiple of the grain, in decimal: 12.3, not 12.299999999999999.
    fn rounded(&self, value: f64) -> f64 {
        let per_unit = (1.0 / self.grain).round().max(1.0);
        (value * per_unit).round() / per_unit
    }
}

/// The values of an implementation's parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    values: BTreeMap<&'static str, f64>,
}

impl Parameters {
    /// Takes what was asked for and draws the rest. Every parameter is drawn, so that asking for one does
    /// not change the others.
    pub(super) fn draw(
        known: &'static [Parameter],
        asked: &BTreeMap<String, f64>,
        dice: &mut Dice,
    ) -> Result<Self> {
        if let Some(unknown) = asked.keys().find(|name| known.iter().all(|own| own.name != **name))
        {
            let names: Vec<&str> = known.iter().map(|own| own.name).collect();
            bail!("no parameter {unknown:?}; there are: {}", names.join(", "));
        }
        let mut values = BTreeMap::new();
        for parameter in known {
            let (low, high) = parameter.usual;
            let drawn = parameter.rounded(low + (high - low) * dice.share());
            let value = match asked.get(parameter.name) {
                Some(value) if (parameter.least..=parameter.most).contains(value) => *value,
                Some(value) => bail!(
                    "{} is {value}, expected {} to {}",
                    parameter.name,
                    parameter.least,
                    parameter.most
                ),
                None => drawn,
            };
            values.insert(parameter.name, value);
        }
        Ok(Self { values })
    }

    /// A value; zero for a name that the implementation does not have.
    pub fn get(&self, name: &str) -> f64 {
        self.values.get(name).copied().unwrap_or(0.0)
    }

    /// A value as a whole number.
    pub fn whole(&self, name: &str) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded by the parameter's range, and the conversion saturates"
        )]
        let whole = self.get(name).round() as u32;
        whole
    }

    /// A value in seconds.
    pub fn seconds(&self, name: &str) -> Duration {
        Duration::try_from_secs_f64(self.get(name)).unwrap_or_default()
    }

    /// All of them, by name.
    pub(super) fn into_values(self) -> BTreeMap<&'static str, f64> {
        self.values
    }
}
