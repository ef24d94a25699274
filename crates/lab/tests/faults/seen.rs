//! What the tools showed, and what it means for each layer.

use std::fmt::Write;
use std::time::Duration;

use falter_lab::country::{Country, Site};
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
    /// The node from which it is looked.
    pub(crate) seat: &'static str,
    pub(crate) up: usize,
    pub(crate) all: usize,
    /// How well those do that are up.
    pub(crate) quality: Quality,
}

/// How well a layer does that is up.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quality {
    /// The median round trip.
    pub(crate) rtt_ms: f64,
    /// Packets lost of those sent to addresses that answer, or answers from an older copy.
    pub(crate) bad_percent: f64,
}

/// A fault as it was seen.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) story: Story,
    /// The time of day at which watching began.
    pub(crate) began: String,
    /// When it began, since then.
    pub(crate) begins: Duration,
    pub(crate) samples: Vec<Sample>,
}

impl Layer {
    /// What is looked at from where.
    pub(crate) const SEATS: [(Self, &'static str); 9] = [
        (Self::Routes, "collector"),
        (Self::Routes, "world2"),
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
    pub(crate) fn command(self, seat: &str, country: &Country) -> Vec<String> {
        match self {
            Self::Routes => words(&format!(
                "birdc -s /run/lab/{seat}/bird.ctl show route where net ~ [ 175.45.176.0/22+ ] primary count"
            )),
            Self::Hosts => {
                let mut command = words("fping -C 3 -p 200 -q -r 0 -t 1500 -i 1");
                command.extend(country.answering().iter().map(|address| address.ip.to_string()));
                command
            }
            // Both at once, and twice: packets are lost now and then.
            Self::Names => {
                let dig = "dig +norec +tries=2 +time=1 +noall +answer kp SOA";
                let both = format!("{dig} @175.45.176.15 & {dig} @175.45.176.16; wait");
                vec!["sh".to_owned(), "-c".to_owned(), both]
            }
            Self::Sites => {
                let mut command = words(
                    "curl --parallel --parallel-immediate --parallel-max 40 -s --max-time 4 -w %{http_code}\\n",
                );
                for site in one_site_an_address(country) {
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

    /// How many of how many are up, and how well they do.
    pub(crate) fn read(self, country: &Country, printed: &str) -> (usize, usize, Quality) {
        let lines_with = |text: &str| printed.lines().filter(|line| line.contains(text)).count();
        let pages = printed.lines().filter(|line| *line == "200").count();
        match self {
            Self::Routes => {
                let line = printed.lines().find(|line| line.contains(" routes for "));
                let first = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
                (first.unwrap_or(0), country.prefixes().len(), Quality::default())
            }
            Self::Hosts => {
                let answers: Vec<Vec<f64>> = printed
                    .lines()
                    .filter_map(|line| line.split_once(" : "))
                    .map(|(_, rtts)| rtts.split(' ').filter_map(|rtt| rtt.parse().ok()).collect())
                    .collect();
                let up: Vec<&Vec<f64>> = answers.iter().filter(|own| !own.is_empty()).collect();
                let mut rtts_ms: Vec<f64> = up.iter().flat_map(|own| own.iter().copied()).collect();
                rtts_ms.sort_by(f64::total_cmp);
                let asked = 3 * up.len().max(1);
                let quality = Quality {
                    rtt_ms: rtts_ms.get(rtts_ms.len() / 2).copied().unwrap_or(0.0),
                    bad_percent: 100.0 - 100.0 * rtts_ms.len() as f64 / asked as f64,
                };
                (up.len(), country.answering().len(), quality)
            }
            Self::Names => {
                let (up, current) = (lines_with("ns1.kptc.kp."), lines_with(" 2013083001 "));
                let older = 100.0 * (up - current) as f64 / up.max(1) as f64;
                (up, 2, Quality { bad_percent: older, ..Quality::default() })
            }
            Self::Sites => (pages, one_site_an_address(country).len(), Quality::default()),
            Self::Inside => (pages, 1, Quality::default()),
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
        let wrong = layers.into_iter().filter_map(|(layer, expected)| {
            let fell = self.fell(layer);
            (!fits(layer, fell, expected)).then(|| {
                let Story { fault, implementation, .. } = &self.story;
                format!("{fault}, {implementation}: {layer:?} fell {fell:?}, expected {expected:?}")
            })
        });
        wrong.collect()
    }

    /// How far a layer fell at its worst. What one seat misses by a fault of the measurement is not
    /// counted.
    fn fell(&self, layer: Layer) -> Fall {
        let seats = Layer::SEATS.iter().filter(|(own, _)| *own == layer);
        let falls: Vec<Fall> = seats.map(|(_, seat)| self.fell_at(layer, seat)).collect();
        let (least, most) = (falls.iter().min().copied(), falls.iter().max().copied());
        match (least.unwrap_or(Fall::None), most.unwrap_or(Fall::None)) {
            // For a part of the world it is gone.
            (Fall::None | Fall::Degraded, Fall::Complete) if self.story.fault != "measurement" => {
                Fall::Partial
            }
            (least, _) => least,
        }
    }

    fn fell_at(&self, layer: Layer, seat: &str) -> Fall {
        let own = || self.samples.iter().filter(|s| s.layer == layer && s.seat == seat);
        let before: Vec<&Sample> = own().filter(|sample| sample.at < self.begins).collect();
        let during: Vec<&Sample> = own().filter(|sample| sample.at >= self.begins).collect();
        let most = |of: &dyn Fn(&Sample) -> f64| before.iter().map(|s| of(s)).fold(0.0, f64::max);
        // Two looks in a row: one by itself may be chance.
        let twice = |is: &dyn Fn(&Sample) -> bool| {
            during.windows(2).any(|pair| pair.iter().all(|sample| is(sample)))
        };
        let usual = most(&|sample| sample.up as f64);
        // With some milliseconds of a busy machine.
        let slow_ms = 2.0 * most(&|sample| sample.quality.rtt_ms) + 50.0;
        let bad = most(&|sample| sample.quality.bad_percent) + 10.0;
        // Of all that are planned: one that is missed before makes no remainder larger.
        let gone = during.iter().filter(|s| s.up as f64 <= 0.05 * s.all as f64).count();
        // Nothing of many is no chance even once; of two it may be.
        let enough = if matches!(layer, Layer::Names | Layer::Inside) { 2 } else { 1 };
        // Two addresses of twenty are a part; machines that boot are gone for one look each.
        let fewer = during.iter().filter(|sample| (sample.up as f64) < 0.93 * usual).count();
        if gone >= enough {
            Fall::Complete
        } else if fewer >= 2 {
            Fall::Partial
        } else if twice(&|sample| sample.quality.rtt_ms > slow_ms)
            || twice(&|sample| sample.quality.bad_percent > bad)
        {
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
                let Quality { rtt_ms, bad_percent } = sample.quality;
                let now = (sample.up, rtt_ms > 120.0, bad_percent > 15.0);
                if last != Some(now) {
                    _ = write!(text, " {at:.1}s {}/{}", sample.up, sample.all);
                    if rtt_ms > 0.0 {
                        _ = write!(text, " ({rtt_ms:.0} ms, {bad_percent:.0} %)");
                    }
                }
                last = Some(now);
            }
        }
        text
    }
}

/// What is asked once fails now and then where packets are lost or late: names and sites that are degraded
/// may look better or worse, and hosts worse.
fn fits(layer: Layer, fell: Fall, expected: Fall) -> bool {
    let asked_once = matches!(layer, Layer::Names | Layer::Sites);
    let may = asked_once || (layer == Layer::Hosts && fell == Fall::Partial);
    fell == expected || (may && expected == Fall::Degraded)
}

/// One site at each address: more would fill the cables that are watched.
fn one_site_an_address(country: &Country) -> Vec<&Site> {
    let mut sites: Vec<&Site> = country.sites().into_iter().map(|(_, site)| site).collect();
    sites.sort_by_key(|site| site.address);
    sites.dedup_by_key(|site| site.address);
    sites
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}
