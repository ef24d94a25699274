//! What is kept of a run: the truth, the profile, and one thinned recording of all that falter would have
//! read, routes included.
//!
//! Routes of the country are kept whole. Of every three questions of a witness to the same target one is
//! kept, whatever came of it, and of every three signs that a peer lives one; a tick a minute. Times of
//! questions are told to a tenth of a second, round trips with two digits. So shares, losses and the order
//! of failure stay what they were, three times as coarse, and a case has some ten kB.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use falter_model::{Fact, Interned, Observation, Outcome, PeerActivity, Profile, Timestamp};
use falter_sources::archive::{InputArg, Inputs, Interest};
use falter_sources::recording::{RecordingHeader, RecordingWriter};

/// One question of so many is kept.
const EVERY: u32 = 3;
/// Between two ticks, seconds.
const TICK_S: i64 = 60;
/// As small as zstd makes it.
const LEVEL: i32 = 19;

/// Derives the case of a run's folder.
pub fn derive(run: &Path, case: &Path) -> Result<()> {
    fs::create_dir_all(case)?;
    for name in ["truth.toml", "network.toml"] {
        fs::copy(run.join(name), case.join(name)).with_context(|| format!("copying {name}"))?;
    }
    let profile: Profile = toml::from_str(&fs::read_to_string(run.join("network.toml"))?)?;
    let arguments =
        ["collector", "observations.jsonl.zst"].map(|name| InputArg::Path(run.join(name)));
    let mut inputs = Inputs::open(&arguments)?;
    inputs.watch(Interest {
        prefixes: Some(profile.prefixes.clone()),
        asns: profile.asns.clone(),
        paths: true,
    });
    let header = inputs.recording_headers().first().cloned();
    let header = header.context("the run has no recording")?;
    let (mut interned, mut observations) = (Interned::new(), Vec::new());
    while inputs.read(&mut interned, &mut observations) {}
    if inputs.reports().iter().any(|report| !report.bad.is_empty()) {
        bail!("the run's own files can't all be read");
    }
    let octets = write(&header, &thinned(observations), &interned)?;
    fs::write(case.join("observations.jsonl.zst"), octets).context("writing the recording")
}

fn write(
    header: &RecordingHeader,
    observations: &[Observation],
    interned: &Interned,
) -> Result<Vec<u8>> {
    let mut writer = RecordingWriter::new(Vec::new(), header)?;
    for observation in observations {
        writer.write(observation, interned)?;
    }
    let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
    encoder.write_all(&writer.finish()?)?;
    encoder.finish().context("compressing the recording")
}

/// What is kept of observations.
fn thinned(observations: Vec<Observation>) -> Vec<Observation> {
    let mut asked: BTreeMap<String, u32> = BTreeMap::new();
    let keep = |observation: &Observation| match question(&observation.fact) {
        Some(question) => {
            let asked = asked.entry(question).or_default();
            *asked += 1;
            *asked % EVERY == 1
        }
        None => observation.fact != Fact::Tick || observation.at.seconds().rem_euclid(TICK_S) == 0,
    };
    let mut kept = observations;
    kept.retain(keep);
    kept.into_iter().map(coarse).collect()
}

/// What repeats itself: who asked whom what, or whose life was shown; `None` for all else.
fn question(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Probe(probe) => {
            Some(format!("{} {} {:?}", probe.vantage, probe.target, probe.method))
        }
        Fact::Control(control) => Some(format!("{} {} control", control.vantage, control.target)),
        Fact::Name(name) => Some(format!("{} {} {:?}", name.vantage, name.server, name.transport)),
        Fact::Page(page) => Some(format!("{} {}", page.vantage, page.site)),
        Fact::Activity(PeerActivity { peer, announced: 0, withdrawn: 0 }) => {
            Some(format!("{peer:?}"))
        }
        _ => None,
    }
}

/// The same to a tenth of a second, with round trips of two digits.
fn coarse(mut observation: Observation) -> Observation {
    let at = observation.at.micros();
    if question(&observation.fact).is_some() {
        observation.at = Timestamp::from_micros(at - at.rem_euclid(100_000));
    }
    match &mut observation.fact {
        Fact::Probe(probe) => coarse_outcome(&mut probe.outcome),
        Fact::Control(control) => coarse_outcome(&mut control.outcome),
        Fact::Name(name) => {
            if let Ok(answer) = &mut name.answer {
                answer.rtt_us = two_digits(answer.rtt_us);
            }
        }
        Fact::Page(page) => {
            for (_, took) in &mut page.times_us {
                *took -= *took % 1000;
            }
        }
        _ => {}
    }
    observation
}

fn coarse_outcome(outcome: &mut Outcome) {
    if let Outcome::Reply { rtt_us, .. } | Outcome::Reset { rtt_us } = outcome {
        *rtt_us = two_digits(*rtt_us);
    }
}

/// A number cut off to its first two digits.
fn two_digits(number: u32) -> u32 {
    let mut unit = 1;
    while number / unit >= 100 {
        unit *= 10;
    }
    number - number % unit
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use falter_model::{Method, Probe, Span};

    use super::*;

    fn probe(second: i64, last: u8, rtt_us: Option<u32>) -> Observation {
        let outcome = match rtt_us {
            Some(rtt_us) => Outcome::Reply { rtt_us, ttl: None },
            None => Outcome::Timeout { after: Span::from_seconds(2) },
        };
        let target = IpAddr::from([175, 45, 176, last]);
        let probe = Probe { vantage: "v".into(), target, method: Method::Icmp, outcome };
        Observation { at: Timestamp::from_seconds(second), fact: Fact::Probe(Box::new(probe)) }
    }

    #[test]
    fn every_third_question_is_kept_whatever_came_of_it() {
        let all: Vec<Observation> = (0..90)
            .flat_map(|n| [probe(n, 1, (n % 2 == 0).then_some(61_234)), probe(n, 2, None)])
            .collect();
        let kept = thinned(all);
        let of = |last: u8, answered: bool| {
            let is_meant = |o: &&Observation| {
                matches!(&o.fact, Fact::Probe(p) if p.target == IpAddr::from([175, 45, 176, last])
                    && p.outcome.answered() == answered)
            };
            kept.iter().filter(is_meant).count()
        };
        assert_eq!((of(1, true), of(1, false), of(2, true), of(2, false)), (15, 15, 0, 30));
    }

    #[test]
    fn a_tick_a_minute_is_kept() {
        let ticks = (0..300).map(|n| Observation::tick(Timestamp::from_seconds(n))).collect();
        assert_eq!(thinned(ticks).len(), 5);
    }

    #[test]
    fn two_digits_are_left() {
        for (number, left) in
            [(0, 0), (99, 99), (1234, 1200), (61_234, 61_000), (u32::MAX, 4_200_000_000)]
        {
            assert_eq!(two_digits(number), left);
        }
    }
}
