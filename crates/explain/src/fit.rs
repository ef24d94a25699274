//! What was fitted from labelled outages, as `fit.toml` holds it.
//!
//! The file says which command made it; nobody edits it by hand. It carries the temperature and, for
//! each cause, how many labelled outages there were and what is expected of timing and layers.
//! [`Fit::literature`] is the same before any label was counted.

use std::fmt::Write as _;
use std::sync::LazyLock;

use falter_model::Cause;
use serde::{Deserialize, Serialize};

use crate::causes::{self, Base};

/// What was fitted. See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    temperature: f64,
    causes: [CauseFit; 6],
    digest: String,
}

/// What was fitted for one cause.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseFit {
    /// Labelled outages of this cause.
    pub count: u32,
    /// Share that begins on the local hour, beyond what chance brings there.
    pub hour: f64,
    /// Share that begins on the local half hour, beyond what chance brings there.
    pub half_hour: f64,
    /// Share that begins between midnight and six, local time.
    pub night: f64,
    /// Share that recurs at whole days, beyond chance, of those with an outage shortly before.
    pub recurs: f64,
    /// Median duration in hours.
    pub median_hours: f64,
    /// Standard deviation of the duration's natural logarithm.
    pub sigma: f64,
    /// Which of routes, hosts and traffic fell, in the order of [`crate::evidence::PATTERNS`].
    pub layers: [f64; 7],
}

/// Why a text is no fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitError {
    /// Not TOML, or not these fields.
    #[error("the fit cannot be read")]
    Toml(#[from] toml::de::Error),
    /// A number that can be no probability, spread or temperature.
    #[error("expected {expected} for {field} of {part}, found {found}")]
    Value {
        /// A cause, or `fit`.
        part: &'static str,
        /// Which field.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What stood there.
        found: f64,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    temperature: f64,
    overload: CauseFit,
    power: CauseFit,
    link: CauseFit,
    fault: CauseFit,
    shutdown: CauseFit,
    maintenance: CauseFit,
}

const BUILT_IN: &str = include_str!("fit.toml");

static FIT: LazyLock<Fit> = LazyLock::new(|| {
    // That the file parses is a test; should it ever not, literature alone is an honest answer and
    // its digest tells that it was used.
    Fit::parse(BUILT_IN).unwrap_or_else(|_| Fit::literature())
});

impl Fit {
    /// The fit that ships with falter.
    pub fn built_in() -> &'static Self {
        &FIT
    }

    /// The text of the fit that ships with falter.
    pub const fn built_in_text() -> &'static str {
        BUILT_IN
    }

    /// What is expected before any label was counted: literature and judgement.
    pub fn literature() -> Self {
        Self::new(1.0, causes::ALL.map(|spec| CauseFit::literature(&spec.expects().base)))
    }

    /// A fit of these numbers; its digest is that of its text form.
    pub fn new(temperature: f64, causes: [CauseFit; 6]) -> Self {
        let mut fit = Self { temperature: temperature.max(1.0), causes, digest: String::new() };
        fit.digest = digest(&fit.to_toml());
        fit
    }

    /// From the text of a file.
    pub fn parse(text: &str) -> Result<Self, FitError> {
        let file: File = toml::from_str(text)?;
        let causes =
            [file.overload, file.power, file.link, file.fault, file.shutdown, file.maintenance];
        for (cause, fit) in Cause::ALL.into_iter().zip(&causes) {
            fit.check(cause)?;
        }
        if !(1.0..=100.0).contains(&file.temperature) {
            return Err(FitError::Value {
                part: "fit",
                field: "temperature",
                expected: "1 to 100",
                found: file.temperature,
            });
        }
        Ok(Self { temperature: file.temperature, causes, digest: digest(text) })
    }

    /// The text form, with the command that makes it.
    pub fn to_toml(&self) -> String {
        let mut text = String::from(
            "# Fitted from labelled outages; not edited by hand. Made by\n\
             #   cargo run --release -p falter-explain --example fit_labels -- LABELS.csv\n\
             # docs/method.md says how.\n",
        );
        let mut line = |line: std::fmt::Arguments<'_>| {
            // Writing to a string cannot fail.
            writeln!(text, "{line}").unwrap_or_default();
        };
        line(format_args!("temperature = {:.2}", self.temperature));
        for (cause, fit) in Cause::ALL.into_iter().zip(&self.causes) {
            let layers: Vec<String> = fit.layers.iter().map(|p| format!("{p:.4}")).collect();
            line(format_args!("\n[{cause}]"));
            line(format_args!("count = {}", fit.count));
            line(format_args!("hour = {:.4}", fit.hour));
            line(format_args!("half_hour = {:.4}", fit.half_hour));
            line(format_args!("night = {:.4}", fit.night));
            line(format_args!("recurs = {:.4}", fit.recurs));
            line(format_args!("median_hours = {:.3}", fit.median_hours));
            line(format_args!("sigma = {:.3}", fit.sigma));
            line(format_args!("layers = [{}]", layers.join(", ")));
        }
        text
    }

    /// What the evidence is divided by before it is added to the prior, at least 1.
    pub const fn temperature(&self) -> f64 {
        self.temperature
    }

    /// The same fit at another temperature.
    #[must_use]
    pub fn with_temperature(&self, temperature: f64) -> Self {
        Self::new(temperature, self.causes)
    }

    /// What was fitted, in the order of [`Cause::ALL`].
    pub const fn causes(&self) -> &[CauseFit; 6] {
        &self.causes
    }

    /// 16 hexadecimal digits that change with the file's text.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

impl CauseFit {
    /// Before any label was counted.
    pub fn literature(base: &Base) -> Self {
        let (hour, half_hour) = beyond_chance(base.on_hour, base.on_half_hour);
        Self {
            count: 0,
            hour,
            half_hour,
            night: base.at_night,
            recurs: base.recurs,
            median_hours: base.median_hours,
            sigma: base.sigma,
            layers: base.layers,
        }
    }

    fn check(&self, cause: Cause) -> Result<(), FitError> {
        let value = |field, expected, found| FitError::Value {
            part: cause.as_str(),
            field,
            expected,
            found,
        };
        let probabilities = [
            ("hour", self.hour),
            ("half_hour", self.half_hour),
            ("night", self.night),
            ("recurs", self.recurs),
        ];
        for (field, found) in
            probabilities.into_iter().chain(self.layers.iter().map(|p| ("layers", *p)))
        {
            if !(0.0..=1.0).contains(&found) {
                return Err(value(field, "a probability", found));
            }
        }
        if self.hour + self.half_hour > 1.0 {
            return Err(value("hour and half_hour", "at most 1", self.hour + self.half_hour));
        }
        let sum: f64 = self.layers.iter().sum();
        if (sum - 1.0).abs() > 0.01 {
            return Err(value("layers", "a sum of 1", sum));
        }
        for (field, found) in [("median_hours", self.median_hours), ("sigma", self.sigma)] {
            if !(1e-3..=1e5).contains(&found) {
                return Err(value(field, "0.001 to 100000", found));
            }
        }
        Ok(())
    }
}

/// The share of outages that begin on the hour or half hour by intent, from shares counted in bins of
/// 5 to 10 minutes: chance alone puts 8.3 to 16.7 % of beginnings on either (field width over an
/// hour), in the middle 12.5 %.
pub(crate) fn beyond_chance(on_hour: f64, on_half_hour: f64) -> (f64, f64) {
    const CHANCE: f64 = 0.125;
    // People round what they read off a chart, whatever the cause: never quite nothing.
    const LEAST: f64 = 0.02;
    // on_hour = hour + rest * CHANCE, on_half_hour likewise, rest = 1 - hour - half_hour.
    let rest = (1.0 - on_hour - on_half_hour) / (1.0 - 2.0 * CHANCE);
    let beyond = |share: f64| (share - rest * CHANCE).clamp(LEAST, 0.95);
    let (hour, half_hour) = (beyond(on_hour), beyond(on_half_hour));
    let scale = (hour + half_hour).max(0.99) / 0.99;
    (hour / scale, half_hour / scale)
}

/// FNV-1a, 64 bits: it tells files apart, it does not protect them.
fn digest(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_file_can_be_read() {
        let fit = Fit::parse(BUILT_IN).unwrap();
        assert_eq!(fit.digest(), Fit::built_in().digest());
        assert_eq!(fit.digest().len(), 16);
    }

    #[test]
    fn a_fit_survives_its_text_form() {
        let fit = Fit::built_in();
        assert_eq!(Fit::parse(&fit.to_toml()).unwrap(), *fit);
    }

    #[test]
    fn a_probability_above_one_is_told_with_its_place() {
        let text = BUILT_IN.replacen("night = 0", "night = 7", 1);
        let error = Fit::parse(&text).unwrap_err();
        assert!(
            matches!(error, FitError::Value { part: "overload", field: "night", .. }),
            "{error}"
        );
    }

    #[test]
    fn published_shares_lose_what_chance_brings() {
        let (hour, half_hour) = beyond_chance(0.706, 0.142);
        assert!((hour + half_hour - 0.797).abs() < 0.01, "{hour} {half_hour}");
        let (hour, half_hour) = beyond_chance(0.125, 0.125);
        assert!(hour < 0.03 && half_hour < 0.03, "chance alone is no intent");
    }
}
