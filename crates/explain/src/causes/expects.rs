//! What a cause leads us to expect of each thing that can be observed.
//!
//! Every number is a probability *given the cause*. Those of one field over its choices add up to 1;
//! a single number is the probability of a yes. Only ratios between causes matter. Numbers that no
//! source states are judgement, which is why the evidence made from them is capped (see
//! [`crate::evidence`]).

/// What is expected under one cause.
#[derive(Debug, Clone, Copy)]
pub struct Expects {
    /// Timing and layers before labels were counted; [`crate::Fit`] holds them after.
    pub base: Base,
    /// How long the losses of prefixes took, where there are several operators: within 3 minutes,
    /// within 30, longer.
    pub spread: [f64; 3],
    /// Of several operators: one was hit, several with a remainder, all.
    pub operators: [f64; 3],
    /// Routes came back and went again: hardly, in a rhythm of its own, near hold times.
    pub flapping: [f64; 3],
    /// Updates in the hour before: usual, two to ten times as many, more.
    pub churn: [f64; 3],
    /// Of several transits: none was lost, some, all.
    pub transits: [f64; 3],
    /// Origins appeared that were not seen before.
    pub new_origin: f64,
    /// Prefixes were announced with the BLACKHOLE community.
    pub blackholed: f64,
    /// Loss or round trip rose before hosts were lost.
    pub degraded: f64,
    /// Most of the lost hosts went within one round.
    pub one_round: f64,
    /// Hosts against routes: hosts first by up to two hold times, hosts first by more, together,
    /// routes first.
    pub order: [f64; 4],
    /// Near controls failed too.
    pub near_controls: f64,
    /// Hosts came back in stairs.
    pub stairs: f64,
    /// Backscatter of an attack was seen.
    pub backscatter: f64,
    /// Name servers failed while hosts or routes were up.
    pub names_alone: f64,
    /// Sites failed while hosts or routes were up.
    pub sites_alone: f64,
    /// Up when asked from inside.
    pub inside_up: f64,
    /// How many times likelier it is at a time that the calendar marks.
    pub announced: Announced,
}

/// What literature and judgement expect of timing and layers, before labels are counted.
#[derive(Debug, Clone, Copy)]
pub struct Base {
    /// Share that begins on the local hour, in bins of 5 to 10 minutes.
    pub on_hour: f64,
    /// Share that begins on the local half hour.
    pub on_half_hour: f64,
    /// Share that begins between midnight and six, local time.
    pub at_night: f64,
    /// Share that began one to four whole days after an earlier one, of those that had one in the
    /// four and a half days before.
    pub recurs: f64,
    /// Median duration in hours.
    pub median_hours: f64,
    /// Standard deviation of the duration's natural logarithm.
    pub sigma: f64,
    /// Which of routes, hosts and traffic fell, in the order of [`crate::evidence::PATTERNS`].
    pub layers: [f64; 7],
}

/// How many times likelier a cause is while an entry of the calendar runs than at other times.
#[derive(Debug, Clone, Copy)]
pub struct Announced {
    /// An election.
    pub election: f64,
    /// Exams.
    pub exam: f64,
    /// Protests.
    pub protest: f64,
    /// A holiday.
    pub holiday: f64,
    /// Announced work.
    pub maintenance: f64,
    /// Trouble of the electricity grid.
    pub grid: f64,
    /// A cable fault.
    pub cable: f64,
    /// Weather.
    pub weather: f64,
}

impl Announced {
    /// No entry makes it likelier.
    pub const NOTHING: Self = Self {
        election: 1.0,
        exam: 1.0,
        protest: 1.0,
        holiday: 1.0,
        maintenance: 1.0,
        grid: 1.0,
        cable: 1.0,
        weather: 1.0,
    };
}

#[cfg(test)]
impl Expects {
    /// Fails the test where a number is no probability or choices do not add up to 1.
    pub(super) fn check(&self, id: &str) {
        let sums: [(&str, &[f64]); 6] = [
            ("layers", &self.base.layers),
            ("spread", &self.spread),
            ("operators", &self.operators),
            ("flapping", &self.flapping),
            ("churn", &self.churn),
            ("transits", &self.transits),
        ];
        for (field, choices) in sums {
            let sum: f64 = choices.iter().sum();
            assert!((sum - 1.0).abs() < 1e-9, "{id}.{field} adds up to {sum}");
            assert!(choices.iter().all(|p| *p > 0.0), "{id}.{field} rules something out");
        }
        let order: f64 = self.order.iter().sum();
        assert!((order - 1.0).abs() < 1e-9, "{id}.order adds up to {order}");
        for p in [
            self.base.on_hour + self.base.on_half_hour,
            self.base.at_night,
            self.base.recurs,
            self.new_origin,
            self.blackholed,
            self.degraded,
            self.one_round,
            self.near_controls,
            self.stairs,
            self.backscatter,
            self.names_alone,
            self.sites_alone,
            self.inside_up,
        ] {
            assert!(p > 0.0 && p < 1.0, "{id}: {p} is certain");
        }
    }
}
