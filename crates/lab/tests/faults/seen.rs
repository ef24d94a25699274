//! What the tools showed, and what it means for each layer.

use std::fmt::Write;
use std::time::Duration;

use falter_lab::country::Country;
use falter_lab::faults::{Fall, Layers};
use falter_lab::story::Story;

/// A layer of the country that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    Routes,
    Hosts,
    Names,
    Sites,
    Inside,
}

/// One look.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) at: Duration,
    pub(crate) layer: Layer,
    pub(crate) seat: &'static str,
    pub(crate) up: usize,
    pub(crate) all: usize,
    /// The median of those that answered.
    pub(crate) rtt_ms: Option<f64>,
}

/// A fault as it was seen.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) story: Story,
    /// When it began.
    pub(crate) begins: Duration,
    pub(crate) samples: Vec<Sample>,
}

impl Layer {
    /// What is looked at from where.
    pub(crate) const SEATS: [(Self, &'static str); 8] = [
        (Self::Routes, "collector"),
        (Self::Hosts, "observer1"),
        (Self::Hosts, "observer2"),
        (Self::Names, "observer1"),
        (Self::Names, "observer2"),
        (Self::Sites, "observer1"),
        (Self::Sites, "observer2"),
        (Self::Inside, "inside"),
    ];

    /// How often it is looked at.
    pub(crate) fn every(self) -> Duration {
        Duration::from_millis(if self == Self::Routes { 100 } else { 400 })
    }

    /// The tool that looks.
    pub(crate) fn command(self, country: &Country) -> Vec<String> {
        match self {
            Self::Routes => words(
                "birdc -s /run/lab/collector/bird.ctl show route where net ~ [ 175.45.176.0/22+ ] primary count",
            ),
            Self::Hosts => {
                let mut command = words("fping -C 1 -q -r 0 -t 1800 -i 1");
                command.extend(country.answering().iter().map(|address| address.ip.to_string()));
                command
            }
            Self::Names => {
                let mut command = words("dig +norec +tries=1 +time=1 +noall +answer");
                for server in ["175.45.176.15", "175.45.176.16"] {
                    command.extend(words(&format!("@{server} kp SOA @{server} com.kp SOA")));
                }
                command
            }
            Self::Sites => {
                let mut command = words(
                    "curl --parallel --parallel-immediate --parallel-max 40 -s --max-time 1.8 -w %{http_code}\\n",
                );
                for (_, site) in country.sites() {
                    let (name, address) = (&site.name, site.address);
                    command.extend(words(&format!(
                        "--resolve {name}:80:{address} -o /dev/null http://{name}/"
                    )));
                }
                command
            }
            Self::Inside => words(
                "curl -s --max-time 1.5 -o /dev/null -w %{http_code}\\n --resolve portal.intra:80:10.66.0.10 http://portal.intra/",
            ),
        }
    }

    /// How many of how many are up, and how fast.
    pub(crate) fn read(self, country: &Country, printed: &str) -> (usize, usize, Option<f64>) {
        let lines = || printed.lines();
        match self {
            Self::Routes => {
                let line = lines().find(|line| line.contains(" routes for ")).unwrap_or_default();
                let first = line.split_whitespace().next().and_then(|n| n.parse().ok());
                (first.unwrap_or(0), country.prefixes().len(), None)
            }
            Self::Hosts => {
                let mut answered: Vec<f64> = lines()
                    .filter_map(|line| line.split_once(" : ")?.1.trim().parse().ok())
                    .collect();
                answered.sort_by(f64::total_cmp);
                let median = answered.get(answered.len() / 2).copied();
                (answered.len(), country.answering().len(), median)
            }
            // An answer with an older serial counts for half of one.
            Self::Names => (
                lines()
                    .map(|line| {
                        if line.contains(" 2013083001 ") {
                            2
                        } else {
                            usize::from(line.contains(" SOA ") || line.contains("\tSOA\t"))
                        }
                    })
                    .sum(),
                8,
                None,
            ),
            Self::Sites => {
                (lines().filter(|line| *line == "200").count(), country.sites().len(), None)
            }
            Self::Inside => (lines().filter(|line| *line == "200").count(), 1, None),
        }
    }
}

impl Seen {
    /// What fell less or further than it should, in words.
    pub(crate) fn wrong(&self, expected: Layers) -> Vec<String> {
        let layers = [
            (Layer::Routes, expected.routes),
            (Layer::Hosts, expected.hosts),
            (Layer::Names, expected.names),
            (Layer::Sites, expected.sites),
            (Layer::Inside, expected.inside),
        ];
        layers
            .into_iter()
            .filter_map(|(layer, expected)| {
                let fell = self.fell(layer);
                (fell != expected).then(|| {
                    format!(
                        "{}, {}: {layer:?} fell {fell:?}, expected {expected:?}",
                        self.story.fault, self.story.implementation
                    )
                })
            })
            .collect()
    }

    /// How far a layer fell at its worst, as the seat sees it that sees most of it.
    fn fell(&self, layer: Layer) -> Fall {
        let seats = Layer::SEATS.iter().filter(|(own, _)| *own == layer);
        seats.map(|(_, seat)| self.fell_at(layer, seat)).min().unwrap_or(Fall::None)
    }

    fn fell_at(&self, layer: Layer, seat: &str) -> Fall {
        let own = || self.samples.iter().filter(|s| s.layer == layer && s.seat == seat);
        let before: Vec<&Sample> = own().filter(|sample| sample.at < self.begins).collect();
        let during = || own().filter(|sample| sample.at >= self.begins);
        let usual = before.iter().map(|sample| sample.up).max().unwrap_or(0);
        let rtt_ms = before.iter().filter_map(|sample| sample.rtt_ms).fold(0.0, f64::max);
        // Two looks in a row: one by itself may be a loss.
        let ups: Vec<usize> = during().map(|sample| sample.up).collect();
        let worst = ups.windows(2).filter_map(|pair| pair.iter().max()).min().copied();
        let worst = worst.unwrap_or(0);
        let slowest = during().filter_map(|sample| sample.rtt_ms).fold(0.0, f64::max);
        if worst * 20 <= usual {
            Fall::Complete
        } else if worst * 100 < usual * 85 {
            Fall::Partial
        } else if slowest > 2.0 * rtt_ms || (layer != Layer::Hosts && worst < usual) {
            Fall::Degraded
        } else {
            Fall::None
        }
    }

    /// The story and what each layer did, a line each: how many were up at each look.
    pub(crate) fn told(&self) -> String {
        let story = &self.story;
        let mut text = format!("\n{}, {} ({})", story.fault, story.implementation, story.extent);
        for (name, value) in &story.parameters {
            _ = write!(text, " {name}={value}");
        }
        for step in &story.steps {
            _ = write!(text, "\n  {:6.2} {}", step.at.as_secs_f64(), step.action);
        }
        for (layer, seat) in Layer::SEATS {
            _ = write!(text, "\n  {layer:?} from {seat}: {:?}:", self.fell_at(layer, seat));
            let mut last = None;
            for sample in self.samples.iter().filter(|s| s.layer == layer && s.seat == seat) {
                let at = sample.at.as_secs_f64() - self.begins.as_secs_f64();
                let slow = sample.rtt_ms.filter(|ms| *ms > 120.0);
                if last != Some((sample.up, slow.is_some())) {
                    _ = write!(text, " {at:.1}s {}/{}", sample.up, sample.all);
                    if let Some(ms) = slow {
                        _ = write!(text, " {ms:.0}ms");
                    }
                }
                last = Some((sample.up, slow.is_some()));
            }
        }
        text
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}
