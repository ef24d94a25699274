//! Drawing the runs of a campaign: from its seed and the run's number alone, so that any of them can be
//! made again by itself.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::country::{Country, Size};
use crate::faults::{self, Dice};
use crate::run::{HOLD_TIMES, RunPlan, Wanted};
use crate::story::Story;

/// Paces that are drawn: a run becomes twenty minutes to an hour and a half. Signals of routes are counted in
/// bins of five minutes.
const SLOWER: [u32; 3] = [30, 60, 120];
/// A seed has to fit into TOML.
const SEED_BITS: u32 = 62;
/// The golden ratio's fraction, by which numbers in a row become seeds far apart.
const APART: u64 = 0x9E37_79B9_7F4A_7C15;

/// A run of a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Its number, from zero.
    pub number: u32,
    /// What is played.
    pub plan: RunPlan,
    /// Hold time of the country's routers, seconds.
    pub hold_time_s: u32,
    /// Which fault and implementation.
    pub fault: &'static str,
    /// See `fault`.
    pub implementation: &'static str,
    /// It needs the machine for itself.
    pub floods: bool,
}

/// The run of that number: each fault is as likely as any other, and each of its implementations.
pub fn draw(seed: u64, number: u32) -> Result<Drawn> {
    let mut dice = Dice::new(seed ^ u64::from(number).wrapping_add(1).wrapping_mul(APART));
    let fault = dice.pick(faults::ALL).context("there are no faults")?;
    let implementation =
        dice.pick(fault.implementations).context("a fault without implementations")?;
    let hold_time_s = dice.pick(&HOLD_TIMES).copied().unwrap_or(9);
    let slower = dice.pick(&SLOWER).copied().unwrap_or(10);
    let wanted = Wanted {
        fault: fault.name.to_owned(),
        implementation: Some(implementation.name.to_owned()),
    };
    let plan = RunPlan {
        faults: vec![wanted],
        parameters: BTreeMap::new(),
        seed: dice.roll() >> (u64::BITS - SEED_BITS),
        slower,
        start: None,
        live: None,
        records_only: false,
    };
    let country = Country::new(&Size { hold_time_s, ..Size::default() });
    let stories = plan.stories(&country)?;
    let floods = stories.iter().any(Story::floods);
    Ok(Drawn {
        number,
        plan,
        hold_time_s,
        fault: fault.name,
        implementation: implementation.name,
        floods,
    })
}

impl Drawn {
    /// The name of its folder, such as `00017-power-batteries`.
    pub fn name(&self) -> String {
        format!("{:05}-{}-{}", self.number, self.fault, self.implementation)
    }

    /// The words of the command line that make it, without the folder.
    pub fn arguments(&self) -> Vec<String> {
        let mut words = self.plan.arguments();
        words.extend(["--hold-time".to_owned(), self.hold_time_s.to_string()]);
        words
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_run_depends_on_seed_and_number_alone() {
        let once: Vec<Drawn> = (0..20).map(|number| draw(5, number).unwrap()).collect();
        let again: Vec<Drawn> = (0..20).rev().map(|number| draw(5, number).unwrap()).collect();
        assert!(once.iter().eq(again.iter().rev()));
        assert_ne!(once, (0..20).map(|number| draw(6, number).unwrap()).collect::<Vec<_>>());
    }

    #[test]
    fn all_faults_are_drawn_and_every_run_fits_into_a_minute() {
        let mut seen = BTreeSet::new();
        for number in 0..400 {
            let drawn = draw(1, number).unwrap();
            let size = Size { hold_time_s: drawn.hold_time_s, ..Size::default() };
            let stories = drawn.plan.stories(&Country::new(&size)).unwrap();
            assert!(drawn.plan.margins(&stories).is_ok(), "{drawn:?}");
            seen.insert((drawn.fault, drawn.implementation));
        }
        let all = faults::ALL.iter().map(|fault| fault.implementations.len()).sum::<usize>();
        assert_eq!(seen.len(), all);
    }
}
