//! What is asked of a run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use falter_model::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::country::Country;
use crate::faults::{self, Dice};
use crate::story::{Step, Story};

/// What is to be played, and how it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunPlan {
    /// Faults that begin together; at least one.
    pub faults: Vec<Wanted>,
    /// Parameters by name; drawn where not said. Only where there is one fault.
    pub parameters: BTreeMap<String, f64>,
    /// Draws everything that is not said.
    pub seed: u64,
    /// Seconds of the recording for a second of the machine, 1 to 1,000.
    pub slower: u32,
    /// When the recording begins; drawn from the year 2025 where not said.
    pub start: Option<Timestamp>,
    /// The program `falter` that watches the run too, where one shall. Then more is recorded before and
    /// after, for it has to learn what is usual and to see that all is well again.
    #[serde(default)]
    pub live: Option<PathBuf>,
    /// It records only, and concludes nothing.
    #[serde(default)]
    pub records_only: bool,
}

/// A fault, and how it is to come about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its name.
    pub fault: String,
    /// Which of its implementations; drawn where not said.
    pub implementation: Option<String>,
}

/// Hold times that are drawn, seconds: from the least that BGP allows (RFC 4271) to 9.
pub(crate) const HOLD_TIMES: [u32; 3] = [3, 6, 9];

/// How long is recorded before and after what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Margins {
    /// From the beginning of the recording to the first action.
    pub before: Duration,
    /// From the end of the stories, when everything is put back, to the end of the recording.
    pub after: Duration,
}

/// What a run takes of the machine's time at most.
const LONGEST: Duration = Duration::from_mins(1);
/// Recorded before: hold times and rounds of probes have to be told from chance.
const BEFORE_MS: (u64, u64) = (8_000, 12_000);
/// Recorded after: longer than the longest hold time, so that sessions are back.
const AFTER_MS: (u64, u64) = (10_000, 12_000);
/// Recorded more before and after while falter watches: a minute before is what falter needs to know a table
/// and its hosts, and half a minute after to see that all is well again.
const LIVE: (Duration, Duration) = (Duration::from_secs(45), Duration::from_secs(20));
/// The most that time is stretched: a run becomes 16 hours.
const MOST_SLOWER: u32 = 1_000;
/// The year of which a beginning is drawn.
const YEAR: (Timestamp, Span) = (Timestamp::from_seconds(1_735_689_600), Span::from_days(365));
/// TOML holds no greater number.
const GREATEST_SEED: u64 = i64::MAX.unsigned_abs();

impl RunPlan {
    /// Hold time of the country's routers, seconds, where none is said.
    pub fn hold_time_s(&self) -> u32 {
        // Another sequence than that of the stories.
        Dice::new(!self.seed).pick(&HOLD_TIMES).copied().unwrap_or(9)
    }

    /// The stories, the same for the same plan and country.
    pub fn stories(&self, country: &Country) -> Result<Vec<Story>> {
        if self.faults.is_empty() {
            bail!("a fault is needed (falter-lab faults)");
        }
        if self.faults.len() > 1 && !self.parameters.is_empty() {
            bail!("parameters can be set where there is one fault, found {}", self.faults.len());
        }
        if !(1..=MOST_SLOWER).contains(&self.slower) {
            bail!("a run is 1 to {MOST_SLOWER} times slower than the machine, not {}", self.slower);
        }
        if self.live.is_some() && (self.slower != 1 || self.start.is_some()) {
            bail!(
                "falter watches as time passes: --live goes with --slower 1, and without --start"
            );
        }
        if self.seed > GREATEST_SEED {
            bail!("a seed is at most {GREATEST_SEED}");
        }
        let story = |wanted: &Wanted| {
            let implementation = wanted.implementation.as_deref();
            faults::story(country, &wanted.fault, implementation, &self.parameters, self.seed)
        };
        self.faults.iter().map(story).collect()
    }

    /// How long is recorded around these stories; an error where they take too long.
    pub fn margins(&self, stories: &[Story]) -> Result<Margins> {
        // A stream of its own: a story must not change with what is drawn here.
        let mut dice = Dice::new(self.seed ^ 0x6D61_7267_696E_7321);
        let mut between = |(least, most): (u64, u64)| {
            let share = dice.share();
            Duration::from_millis(least) + Duration::from_millis(most - least).mul_f64(share)
        };
        let margins = Margins { before: between(BEFORE_MS), after: between(AFTER_MS) };
        let takes = margins.before + lasts(stories) + margins.after;
        if takes > LONGEST {
            let most = LONGEST.saturating_sub(margins.before + margins.after);
            bail!(
                "a fault lasts at most {:.0} s in a run, this one {:.0} s",
                most.as_secs_f64(),
                lasts(stories).as_secs_f64()
            );
        }
        let (before, after) = self.live.as_ref().map(|_| LIVE).unwrap_or_default();
        Ok(Margins { before: margins.before + before, after: margins.after + after })
    }

    /// When the recording begins, on the calendar.
    pub fn start(&self) -> Timestamp {
        self.start.unwrap_or_else(|| {
            let share = Dice::new(self.seed ^ 0x6361_6C65_6E64_6172).share();
            #[expect(clippy::cast_possible_truncation, reason = "a second of a year")]
            let second = (share * YEAR.1.as_seconds()) as i64;
            YEAR.0 + Span::from_seconds(second)
        })
    }

    /// The same as words of the command line: `run FAULT... --seed S`.
    pub fn arguments(&self) -> Vec<String> {
        let mut words = vec!["run".to_owned()];
        words.extend(self.faults.iter().map(|wanted| match &wanted.implementation {
            Some(implementation) => format!("{}:{implementation}", wanted.fault),
            None => wanted.fault.clone(),
        }));
        words.extend(["--seed".to_owned(), self.seed.to_string()]);
        words.extend(["--slower".to_owned(), self.slower.to_string()]);
        if let Some(start) = self.start {
            words.extend(["--start".to_owned(), start.to_string()]);
        }
        for (name, value) in &self.parameters {
            words.extend(["--set".to_owned(), format!("{name}={value}")]);
        }
        words
    }
}

/// What stories that begin together do, in the order of time.
pub(super) fn steps(stories: &[Story]) -> Vec<Step> {
    let mut steps: Vec<Step> = stories.iter().flat_map(|story| story.steps.clone()).collect();
    steps.sort_by_key(|step| step.at);
    steps
}

/// How long the longest of them takes. One that does nothing lasts as long as it says.
pub(super) fn lasts(stories: &[Story]) -> Duration {
    let lasts = |story: &Story| {
        let said = story.parameters.get("lasts_s").filter(|_| story.steps.is_empty());
        said.map_or(story.lasts(), |seconds| Duration::from_secs_f64(seconds.clamp(0.0, 60.0)))
    };
    stories.iter().map(lasts).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::Size;

    fn plan(seed: u64) -> RunPlan {
        let wanted = Wanted { fault: "nothing".to_owned(), implementation: None };
        RunPlan {
            faults: vec![wanted],
            parameters: BTreeMap::new(),
            seed,
            slower: 10,
            start: None,
            live: None,
            records_only: false,
        }
    }

    #[test]
    fn one_seed_tells_one_story_and_another_another() {
        let country = Country::new(&Size::default());
        let told = |seed| {
            let plan = plan(seed);
            let stories = plan.stories(&country).unwrap();
            (plan.margins(&stories).unwrap(), plan.start(), stories)
        };
        assert_eq!(told(7), told(7));
        assert_ne!(told(7), told(8));
    }

    #[test]
    fn every_fault_in_every_implementation_fits_into_a_run() {
        let country = Country::new(&Size::default());
        for fault in faults::ALL {
            for implementation in fault.implementations {
                for seed in 0..20 {
                    let wanted = Wanted {
                        fault: fault.name.to_owned(),
                        implementation: Some(implementation.name.to_owned()),
                    };
                    let plan = RunPlan { faults: vec![wanted], ..plan(seed) };
                    let stories = plan.stories(&country).unwrap();
                    let margins = plan.margins(&stories);
                    assert!(margins.is_ok(), "{}:{} {margins:?}", fault.name, implementation.name);
                }
            }
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let country = Country::new(&Size::default());
        let refused = |plan: RunPlan| plan.stories(&country).unwrap_err().to_string();
        assert!(refused(RunPlan { faults: Vec::new(), ..plan(1) }).contains("a fault is needed"));
        assert!(refused(RunPlan { slower: 0, ..plan(1) }).contains("slower"));
        assert!(refused(RunPlan { seed: u64::MAX, ..plan(1) }).contains("seed"));
        let two = [plan(1).faults, plan(1).faults].concat();
        let parameters = BTreeMap::from([("lasts_s".to_owned(), 3.0)]);
        assert!(refused(RunPlan { faults: two, parameters, ..plan(1) }).contains("one fault"));
    }
}
